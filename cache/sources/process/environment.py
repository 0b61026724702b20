"""The environment that a person's own command gets: theirs, less what is secret by its name or by its looks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cache.work.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Mapping

# Parts of names, between underscores. A count of tokens goes with them: rather too much than too little.
_SECRET_WORDS = {
    *("AUTH", "AUTHORIZATION", "BEARER", "CREDS", "DSN", "JWT", "KEY", "KEYS", "PASS", "PAT", "PIN", "PWD", "SID"),
    *("SIGNATURE", "WEBHOOK"),
}
_SECRET_PARTS = ("APIKEY", "COOKIE", "CREDENTIAL", "PASSPHRASE", "PASSWD", "PASSWORD", "PRIVATE", "SECRET", "TOKEN")
_NOT_SECRET = {"PWD", "OLDPWD", "SSH_AUTH_SOCK"}  # folders, and a socket that hands no key out
_NEEDED = {"HOME", "PATH", "PWD", "OLDPWD", "SHELL", "TMPDIR"}  # whatever they look like: without them nothing works

# Tokens of services, by how they begin; what `scrub` knows comes on top.
_SERVICE_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:gh[opsur]_\w{10}|github_pat_\w{10}|glpat-[\w-]{10}|xox[abeoprs]-[\w-]{10}|A[KS]IA[A-Z0-9]{12}"
    r"|AIza[\w-]{20}|ya29\.[\w-]{10}|hf_[A-Za-z0-9]{20}|npm_[A-Za-z0-9]{20}|pypi-AgE|dop_v1_[a-f0-9]{20}"
    r"|[rs]k_(?:live|test)_\w{8}|sk-[\w-]{16}|SG\.[\w-]{10}|shpat_\w{10})|-----BEGIN "
)
# Of what `scrub` takes for addresses, ``python@3.11`` and ``me@example.org`` are no secret; ``user:word@host`` is one.
_BEFORE_AT = re.compile(r"""(?<![^\s"'<>/=,;(){}\[\]|&?\#])(?<!//)[^\s"'<>/=,;(){}\[\]|&?\#:@]+@""")


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what may be handed on."""
    return {
        name: value
        for name, value in environment.items()
        if name in _NEEDED or not (has_secret_name(name) or is_secret_value(value))
    }


def has_secret_name(name: str) -> bool:
    """Return whether a variable's name says that its value is secret."""
    upper = name.upper()
    if upper in _NOT_SECRET:
        return False
    return bool(_SECRET_WORDS & set(re.split(r"[^A-Z0-9]+", upper))) or any(part in upper for part in _SECRET_PARTS)


def is_secret_value(value: str) -> bool:
    """Return whether a value looks like a token, a key, an address with a password, or contains one."""
    if _SERVICE_TOKEN.search(value):
        return True
    without_addresses = _BEFORE_AT.sub("", value)
    return scrub(without_addresses) != without_addresses
