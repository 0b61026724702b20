"""Whose numbers are kept: each account's stay its own, and come back when it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from cache.disk import write_whole
from cache.files import read_file
from cache.sources.claude_json import UNKNOWN
from cache.wire import mapping, whole, words

if TYPE_CHECKING:
    from pathlib import Path

    from cache.entry import Entry

REMEMBERED = 8  # accounts


@dataclass(frozen=True)
class Account:
    """``id`` is the short hash of the account or ``unknown``; ``since`` epoch seconds, 0 for the first one ever seen.

    ``value`` is what is known of it, as in ``usage.json``.
    """

    id: str
    since: int
    value: dict[str, Any]
    switched: bool = False


def settle_account(seen: str, before: Entry, place: Path, now: float, *, login_changed: bool) -> Account:
    """Return the account whose numbers count from now on, given the one that Claude Code's state names.

    After a switch the former account's value is put aside, and that of the new one taken up again where we had it.
    ``login_changed`` says whether the login is certainly another (its file and its plan differ): the only way to tell
    where no account is named.
    """
    value = dict(mapping(before.value))
    former, since = words(value.get("account")) or UNKNOWN, whole(value.get("account_since")) or 0
    if before.value is None:
        return Account(seen, 0, {})
    if seen == former:
        return (
            Account(seen, int(now), {}, switched=True)
            if seen == UNKNOWN and login_changed
            else _as_was(seen, since, value)
        )
    if not login_changed and UNKNOWN in {seen, former}:  # one file was read before the other was written
        return _as_was(former if seen == UNKNOWN else seen, since, value)
    kept = _read(place)
    kept.pop(former, None)
    kept[former] = value
    restored = kept.get(seen, {}) if seen != UNKNOWN else {}
    _write(place, dict(list(kept.items())[-REMEMBERED:]))
    return Account(seen, int(now), restored, switched=True)


def _as_was(account: str, since: int, value: dict[str, Any]) -> Account:
    return Account(account, since, value)


def _read(place: Path) -> dict[str, dict[str, Any]]:
    data = read_file(str(place / "accounts.json"), ours=True)
    try:
        return msgspec.json.decode(data or b"{}", type=dict[str, dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _write(place: Path, kept: dict[str, dict[str, Any]]) -> None:
    write_whole(place / "accounts.json", msgspec.json.encode(kept).decode())
