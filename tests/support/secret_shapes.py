"""A secret in every shape that is known, as a stranger could put one into a name."""

from __future__ import annotations

import base64

CORE = "CANARYq7Zt9xLm3Vb8"
TOKEN = f"sk-ant-oat01-{CORE}_-abc"
HEX, BASE64 = TOKEN.encode().hex(), base64.b64encode(TOKEN.encode()).decode()
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJ{CORE}.{CORE}"

SHAPES = {
    **{kind: f"sk-ant-{kind}-{CORE}" for kind in ("oat01", "ort01", "api03", "admin01", "sid01")},
    "bearer": f"Bearer {CORE}",
    **{f"{name} header": f"{name}: {CORE}" for name in ("authorization", "x-api-key", "cookie", "set-cookie")},
    "basic": f"Authorization: Basic {CORE}",
    **{
        f"{name} key": f'"{name}":"{CORE}"'
        for name in (
            *("accessToken", "refreshToken", "access_token", "refresh_token"),
            *("sessionKey", "apiKey", "clientSecret", "client_secret"),
        )
    },
    "json": f'{{"tokens":5,"accessToken": "{CORE}"}}',
    "jwt": JWT,
    "proxy": f"http://user:{CORE}@proxy.example:3128/",
    "mail": f"{CORE}@mail.example",
    "hex": HEX,
    "base64": BASE64,
}
PIECES = (CORE[:8], CORE[:8].lower(), HEX[:40], BASE64[:20], BASE64[:20].lower())


def leaks(text: str) -> list[str]:
    """Return which pieces of a secret a text holds, also between characters that cannot be seen."""
    seen = "".join(each for each in text if each.isprintable())
    return [each for each in PIECES if each in seen]
