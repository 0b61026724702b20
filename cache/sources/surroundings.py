"""The environment that a person's own command gets: theirs, less what is secret by its name or by its looks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cache.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Mapping

# Parts of names, between underscores. A count of tokens goes with them: rather too much than too little.
_SECRET_WORDS = {
    *("AUTH", "AUTHORIZATION", "BEARER", "CREDS", "DSN", "JWT", "KEY", "KEYS", "PASS", "PAT", "PIN", "PWD", "SID"),
    *("SIGNATURE", "WEBHOOK"),
}
_SECRET_PARTS = ("APIKEY", "COOKIE", "CREDENTIAL", "PASSPHRASE", "PASSWD", "PASSWORD", "PRIVATE", "SECRET", "TOKEN")
_NOT_SECRET = {"PWD", "OLDPWD", "SSH_AUTH_SOCK"}  # folders, and a socket that hands no key out

# Tokens of services, by how they begin; what `scrub` knows comes on top.
_SERVICE_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|AKIA|ASIA|AIza|ya29\.|hf_|npm_|pypi-|dop_v1_|sq0"
    r"|[rs]k_(?:live|test)_|sk-|SG\.|shpat_|-----BEGIN )"
)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what may be handed on."""
    return {name: value for name, value in environment.items() if not (named_secret(name) or looks_secret(value))}


def named_secret(name: str) -> bool:
    """Say whether a variable's name says that its value is secret."""
    upper = name.upper()
    if upper in _NOT_SECRET:
        return False
    return bool(_SECRET_WORDS & set(re.split(r"[^A-Z0-9]+", upper))) or any(part in upper for part in _SECRET_PARTS)


def looks_secret(value: str) -> bool:
    """Say whether a value looks like a token, a key, an address with a password, or contains one."""
    return _SERVICE_TOKEN.search(value) is not None or scrub(value) != value
