"""Whose numbers are kept: each account's stay its own, and come back when it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from cache.disk import write_whole
from cache.files import read_file
from cache.sources.claude_json import UNKNOWN
from cache.sources.parts import MALFORMED
from cache.window import Window, windows_in
from cache.wire import mapping, whole, words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cache.entry import Entry

REMEMBERED = 8  # accounts
SETTLING_S = 10  # seconds between the writes of the login and of the account's name, at most
FILE_NAME = "accounts.json"  # written at the first switch: where it is, there has been more than one account


@dataclass(frozen=True)
class Account:
    """``id`` is the short hash of the account or ``unknown``; ``since`` epoch seconds, 0 for the first one ever seen.

    ``value`` is what is known of it, as in ``usage.json``, and ``readings`` what its windows have been. ``switched``
    says that this is news.
    """

    id: str
    since: int
    value: dict[str, Any]
    readings: list[Window] = field(default_factory=list)
    switched: bool = False


@dataclass(frozen=True)
class Sign:
    """What tells whose login it is: the account that Claude Code's state names, and what its login's file tells.

    ``changed``: the file is another than at the last refresh; ``other_plan``: it is of another plan, too.
    """

    account: str
    changed: bool = False
    other_plan: bool = False


def settle_account(sign: Sign, before: Entry, place: Path, now: float, own: Iterable[Window] = ()) -> Account:
    """Return the account whose numbers count from now on.

    After a switch the former account's value is put aside, with what sessions are known to have seen under its login
    (``own``), and that of the new one taken up again where we had it.
    """
    value = dict(mapping(before.value))
    former, since = words(value.get("account")) or UNKNOWN, whole(value.get("account_since")) or 0
    if before.value is None:
        return _from_nothing(sign.account, place, now)
    if not _is_another(sign, former):
        # Its name was written first, then its login: only now has everything changed.
        completed = sign.changed and abs(now - since) < SETTLING_S
        readings = windows_in(value.get("windows")) + windows_in(before.readings)
        account = former if sign.account == UNKNOWN else sign.account
        return Account(account, int(now) + 1 if completed else since, value, readings, switched=completed)
    kept = _read(place)
    kept.pop(former, None)
    kept[former] = {
        "value": value,
        "readings": before.readings + [each.as_json() for each in own if each.observed_at >= since],
    }
    _write(place, dict(list(kept.items())[-REMEMBERED:]))
    return _taken_up(sign.account, kept, now)


def _is_another(sign: Sign, former: str) -> bool:
    """Say whether this is not the former account.

    Where no account is named, only another plan in another file tells. Where none was named before, this is the same
    one unless the file has changed: its name was written after the login.
    """
    if sign.account == UNKNOWN:
        return sign.changed and sign.other_plan
    return sign.account != former and (former != UNKNOWN or sign.changed)


def _from_nothing(account: str, place: Path, now: float) -> Account:
    """Return an account when nothing is kept: where there have been several, what was observed may be another's."""
    kept = _read(place)
    return _taken_up(account, kept, now) if kept else Account(account, 0, {})


def _taken_up(account: str, kept: dict[str, dict[str, Any]], now: float) -> Account:
    """Return an account that has just signed in; what was seen in this very second may have been before."""
    restored = kept.get(account, {}) if account != UNKNOWN else {}
    value = dict(mapping(restored.get("value")))
    readings = windows_in(value.get("windows")) + windows_in(restored.get("readings"))
    return Account(account, int(now) + 1, value, readings, switched=True)


def _read(place: Path) -> dict[str, dict[str, Any]]:
    data = read_file(str(place / FILE_NAME), ours=True)
    try:
        return msgspec.json.decode(data or b"{}", type=dict[str, dict[str, Any]])
    except MALFORMED:
        return {}


def _write(place: Path, kept: dict[str, dict[str, Any]]) -> None:
    write_whole(place / FILE_NAME, msgspec.json.encode(kept).decode())
