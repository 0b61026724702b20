"""Reads Claude Code's login from its file or from the Keychain; never renews or writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cache.model.files import read_file
from cache.model.jsonio import mapping, number, parse_json, words
from cache.sources.claude.paths import home_of
from cache.work.failures import Expired, NoScope, SignedOut
from cache.work.redact import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Origin = Literal["file", "keychain"]

AT_MOST = 1 << 20  # bytes of a credentials file
SCOPE = "user:profile"  # without it the usage endpoint answers 403


@dataclass(frozen=True)
class Login:
    """What a request needs of a login, and what is shown of it; without the refresh token.

    ``expires_at`` is epoch seconds, None if unknown; ``scopes`` is None if unknown; ``plan`` is a label for people;
    ``other_differs`` says that the file and the Keychain hold different tokens, which the doctor tells.
    """

    token: Secret
    expires_at: int | None
    scopes: frozenset[str] | None
    plan: str | None
    from_: Origin
    other_differs: bool = False

    def has_expired(self, now: float) -> bool:
        """Return whether the token is known to have expired at ``now`` (epoch seconds)."""
        return self.expires_at is not None and self.expires_at <= now


def credentials_file(env: Mapping[str, str]) -> Path:
    """Return where Claude Code keeps its login on this system; an empty variable counts as unset."""
    return Path(chosen_directory(env) or home_of(env) / ".claude") / ".credentials.json"


def chosen_directory(env: Mapping[str, str]) -> str | None:
    """Return the variable that moves the login away from ``~/.claude``, if set; the Keychain item is named after it."""
    return env.get("CLAUDE_SECURESTORAGE_CONFIG_DIR") or env.get("CLAUDE_CONFIG_DIR") or None


def credentials_text(env: Mapping[str, str]) -> Secret | None:
    """Return the credentials file's text, None where there is no regular file of up to `AT_MOST` bytes."""
    data = read_file(str(credentials_file(env)), AT_MOST)
    return None if data is None or len(data) > AT_MOST else Secret(data.decode(errors="replace"))


def read_login(
    env: Mapping[str, str], *, now: float, keychain: Callable[[], Login | None] | None = None, both: bool = False
) -> Login:
    """Return the login for the request: the file's if it has not expired, else the Keychain's, which is read only then.

    Where both were read, the later expiry wins. ``both`` asks the Keychain in any case, so that the doctor can tell a
    conflict. Raises SignedOut, Expired (run ``claude``), NoScope (the endpoint would refuse it), and what ``keychain``
    raises.
    """
    text = credentials_text(env)
    filed = parse_login(text.reveal(), origin="file") if text else None
    serves = filed is not None and not filed.has_expired(now)
    kept = keychain() if keychain is not None and (both or not serves) else None
    login = _better(filed, kept)
    if login is None:
        raise SignedOut
    if login.has_expired(now):
        raise Expired
    if login.scopes is not None and SCOPE not in login.scopes:
        raise NoScope
    return login


def _better(filed: Login | None, kept: Login | None) -> Login | None:
    if filed is None or kept is None:
        return filed or kept
    later = filed if _lasts(filed) >= _lasts(kept) else kept
    return later if filed.token == kept.token else replace(later, other_differs=True)


def _lasts(login: Login) -> float:
    """Return when a login expires; infinity where that is unknown, as it is worth an attempt."""
    return float("inf") if login.expires_at is None else login.expires_at


def parse_login(text: str, *, origin: Origin) -> Login | None:
    """Return the login in a credentials text, None where there is none; malformed text is never an error.

    Source: the object with or without its ``claudeAiOauth`` wrapper, in either spelling of its keys, a bare token, or
    the hex of any of these, which ``security -w`` prints when a byte is not printable ASCII.
    """
    found = unwrap(text)
    if isinstance(found, str):
        return Login(Secret(found), None, None, None, origin) if _BARE.fullmatch(found) else None
    for fields in (mapping(found.get("claudeAiOauth")), found):
        token = _token(_either(fields, "accessToken", "access_token"))
        if token and "serverName" not in fields and "serverUrl" not in fields:  # with these it is an MCP server's login
            return _login(token, fields, origin)
    return None


def _login(token: str, fields: dict[str, object], origin: Origin) -> Login:
    return Login(
        token=Secret(token),
        expires_at=epoch_s(_either(fields, "expiresAt", "expires_at")),
        scopes=_scopes(fields.get("scopes")),
        plan=plan_label(
            _either(fields, "subscriptionType", "subscription_type"),
            _either(fields, "rateLimitTier", "rate_limit_tier"),
        ),
        from_=origin,
    )


def unwrap(text: str) -> dict[str, object] | str:
    """Return the object in a credentials text; where there is none, the text without hex encoding and quotes."""
    plain = _from_hex(text).strip("\ufeff\0 \t\r\n")
    start = plain.find("{")
    try:
        value = parse_json(plain[max(start, 0) :])
    except ValueError:
        return "" if start >= 0 else plain
    return value if isinstance(value, (dict, str)) else ""


def _from_hex(text: str) -> str:
    digits = "".join(text.split()).removeprefix("0x")
    if not _HEX.fullmatch(digits):
        return text
    return bytes.fromhex(digits).decode(errors="replace")


_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_PRINTABLE = re.compile(r"[!-~]{1,8192}")  # goes into a header
_BARE = re.compile(r"sk-ant-(?!ort|api|admin|sid)[\w.~+/=-]{1,8192}", re.ASCII)  # not a refresh token, nor a key


def _token(value: object) -> str | None:
    """Return a token that is safe in a header, None for anything else, such as a refresh token."""
    token = value.strip() if isinstance(value, str) else ""
    return token if _PRINTABLE.fullmatch(token) and not token.startswith("sk-ant-ort") else None


def _either(fields: dict[str, object], name: str, other: str) -> object:
    value = fields.get(name)
    return fields.get(other) if value is None else value


def epoch_s(value: object) -> int | None:
    """Return epoch seconds of a number or text in seconds or milliseconds, else None.

    Above 10^11 it is ms: as seconds that would be the year 5138, as milliseconds it is 1973.
    """
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    found = number(value)
    return None if found is None else int(found / 1000 if found > 1e11 else found)


def _scopes(value: object) -> frozenset[str] | None:
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else None


def plan_label(subscription_type: object, rate_limit_tier: object) -> str | None:
    """Return ``Pro``, ``Max 5x``, ``Max 20x``, ``Team``, ``Enterprise``, an unknown plan's own name, or None."""
    kind = (words(subscription_type) or "").strip()
    tier = _MAX_TIER.search(words(rate_limit_tier) or "")
    if kind.lower() in {"", "max"} and tier:
        return f"Max {tier[1]}x"
    if len(kind) > _LONGEST_PLAN or not _PLAN.fullmatch(kind):
        return None
    return " ".join(part.capitalize() for part in re.split(r"[ _-]+", kind))


_LONGEST_PLAN = 24
_PLAN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _-]+[A-Za-z0-9]+){0,3}")
_MAX_TIER = re.compile(r"max_(\d{1,3})x", re.ASCII)
