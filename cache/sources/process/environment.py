"""The environment for a configured command: the user's, without variables whose name or value looks secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cache.work.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Mapping

# Words in names, between underscores. In doubt a variable is removed, also a count of tokens.
_SECRET_WORDS = {
    *("AUTH", "AUTHORIZATION", "BEARER", "CREDS", "DSN", "JWT", "KEY", "KEYS", "PASS", "PAT", "PIN", "PWD", "SID"),
    *("SIGNATURE", "WEBHOOK"),
}
_SECRET_PARTS = ("APIKEY", "COOKIE", "CREDENTIAL", "PASSPHRASE", "PASSWD", "PASSWORD", "PRIVATE", "SECRET", "TOKEN")
_NOT_SECRET = {"PWD", "OLDPWD", "SSH_AUTH_SOCK"}  # folders, and a socket that does not hand out keys
_NEEDED = {"HOME", "PATH", "PWD", "OLDPWD", "SHELL", "TMPDIR"}  # always kept: without them nothing works

# Tokens of services, by their prefix; besides those that `scrub` knows.
_SERVICE_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(?:gh[opsur]_\w{10}|github_pat_\w{10}|glpat-[\w-]{10}|xox[abeoprs]-[\w-]{10}|A[KS]IA[A-Z0-9]{12}"
    r"|AIza[\w-]{20}|ya29\.[\w-]{10}|hf_[A-Za-z0-9]{20}|npm_[A-Za-z0-9]{20}|pypi-AgE|dop_v1_[a-f0-9]{20}"
    r"|[rs]k_(?:live|test)_\w{8}|sk-[\w-]{16}|SG\.[\w-]{10}|shpat_\w{10})|-----BEGIN "
)
# Of the addresses that `scrub` finds, ``python@3.11`` and ``me@example.org`` are not secret; ``user:word@host`` is.
_BEFORE_AT = re.compile(r"""(?<![^\s"'<>/=,;(){}\[\]|&?\#])(?<!//)[^\s"'<>/=,;(){}\[\]|&?\#:@]+@""")


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that may be passed on."""
    return {
        name: value
        for name, value in environment.items()
        if name in _NEEDED or not (has_secret_name(name) or is_secret_value(value))
    }


def has_secret_name(name: str) -> bool:
    """Return whether the name of a variable means that its value is secret."""
    upper = name.upper()
    if upper in _NOT_SECRET:
        return False
    return bool(_SECRET_WORDS & set(re.split(r"[^A-Z0-9]+", upper))) or any(part in upper for part in _SECRET_PARTS)


def is_secret_value(value: str) -> bool:
    """Return whether a value is or contains a token, a key, or an address with a password."""
    if _SERVICE_TOKEN.search(value):
        return True
    without_addresses = _BEFORE_AT.sub("", value)
    return scrub(without_addresses) != without_addresses
