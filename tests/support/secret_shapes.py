"""A secret in every shape that is known, as a stranger could put one into a name."""

from __future__ import annotations

import base64
import codecs
import functools
import math
import os
from collections.abc import Collection, Iterator
from pathlib import Path

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
FILE_AT_MOST = 16 << 20  # bytes; none of ours is as large
PIECES = (CORE[:8], CORE[:8].lower(), HEX[:40], BASE64[:20], BASE64[:20].lower())


def leaks(text: str) -> list[str]:
    """Return which pieces of a secret a text holds, also between characters that cannot be seen."""
    seen = "".join(each for each in text if each.isprintable())
    return [each for each in PIECES if each in seen]


def leaked(data: bytes, *secrets: str) -> list[str]:
    """Return the forms of secrets that are in these bytes: plain, in hex, in base64, backwards, and so on."""
    lower = data.lower()
    return [form.decode("latin-1") for form in _all_forms(secrets) if form in lower]


def leaked_below(folder: Path, *secrets: str, besides: Collection[Path] = ()) -> dict[str, list[str]]:
    """Return the files below a folder that have a secret in any form, except those files where it belongs."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path not in besides and path.stat().st_size < FILE_AT_MOST:
            forms = leaked(path.read_bytes() + os.fsencode(path), *secrets)
            if forms:
                found[str(path)] = forms
    return found


@functools.cache
def _all_forms(secrets: tuple[str, ...]) -> list[bytes]:
    return sorted({form.lower() for secret in secrets for form in _forms(secret)})


def _forms(secret: str) -> Iterator[bytes]:
    data = secret.encode()
    for each in (data, data[::-1]):
        yield each
        yield each.hex().encode()
        yield each.hex(" ").encode()
        yield each.decode().encode("utf-16-le")
        yield each.decode().encode("utf-16-be")
        yield codecs.encode(each.decode(), "rot13").encode()
        for sign in ("%{:02x}", "\\x{:02x}", "\\u{:04x}", "&#{};", "&#x{:x};", "\\{:03o}"):
            yield "".join(map(sign.format, each)).encode()
        yield " ".join(map(str, each)).encode()
        yield ",".join(map(str, each)).encode()
        yield ", ".join(map(str, each)).encode()
        for shift in range(5):  # what comes before shifts the bits
            yield _core(base64.b64encode(bytes(shift) + each), shift, 4 / 3)
            yield _core(base64.urlsafe_b64encode(bytes(shift) + each), shift, 4 / 3)
            yield _core(base64.b32encode(bytes(shift) + each), shift, 8 / 5)
        for shift in range(4):
            yield _core(base64.b85encode(bytes(shift) + each), shift, 5 / 4)
            yield _core(base64.a85encode(bytes(shift) + each), shift, 5 / 4)


def _core(coded: bytes, shift: int, ratio: float) -> bytes:
    """Return the part of an encoded text that does not depend on its neighbours."""
    plain = coded.rstrip(b"=")
    return plain[math.ceil(shift * ratio) + 4 : -5]
