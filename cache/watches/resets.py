"""Windows that were nearly used up, and have reset since: once per window.

Such a window is followed: it is recorded until a later job sees that its reset has passed. The clock alone is not
enough, as resets move. Where the numbers contradict it (another window before the reset, another account), there is
no alert.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping, number, whole, words
from cache.model.windows import FIVE_HOUR, Window, reaches, round_down
from cache.watches.config import RESET
from cache.watches.thresholds import SentAlert, is_same_window, limit_name, window_facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cache.watches.config import Watch

FOLLOWED_AT_MOST = 128


@dataclass(frozen=True)
class Followed:
    """A window to follow: ``watch`` is the watch's id, ``at`` the threshold that the window had reached."""

    watch: str
    account: str
    window: str
    label: str
    resets_at: int
    at: float


@dataclass(frozen=True)
class Reset:
    """A window has reset; ``window`` is the next one, None if there is none yet."""

    watch: Watch
    record: Followed
    window: Window | None

    @property
    def sent(self) -> SentAlert:
        """What is kept, so that it happens once even where the reset moves once more."""
        one = self.record
        return SentAlert(one.watch, one.account, one.window, one.resets_at, one.at)

    @property
    def text(self) -> str:
        """``5h limit has reset``."""
        return f"{limit_name(self.record.label)} has reset"

    @property
    def facts(self) -> dict[str, str]:
        """The variables for the command's environment: of the next window, as far as it is known."""
        window = self.window
        percent = str(round_down(window.percent)) if window else "0" if self.record.window == FIVE_HOUR else ""
        return {
            **window_facts(self.record.window, self.record.label),
            "HUDLINE_PERCENT": percent,
            "HUDLINE_AT": f"{self.record.at:g}",
            "HUDLINE_RESETS_AT": str(window.resets_at or "") if window else "",
        }


def follow(
    watches: Iterable[Watch],
    windows: dict[str, Window],
    followed: list[Followed],
    sent: list[SentAlert],
    account: str,
    now: float,
) -> list[Followed]:
    """Return the windows to follow from now on: those of before that still count, and those that are nearly used up.

    Those of another account no longer count: after a switch back they are found again, unless they are over.
    """
    found = []
    for watch in (each for each in watches if each.on == RESET):
        for one in followed:
            if (one.watch, one.account) == (watch.id, account):
                found += _still_followed(one, watch, windows.get(one.window), now)
        known: list[Followed | SentAlert] = [*found, *(each for each in sent if each.account == account)]
        for window in windows.values():
            is_known = any(one.watch == watch.id and is_same_window(one.window, one.resets_at, window) for one in known)
            if window.resets_at is not None and now < window.resets_at and not is_known:
                passed = [at for at in watch.at if reaches(window.percent, at)]
                row = (watch.id, account, window.id, window.label, window.resets_at)
                found += [Followed(*row, max(passed))] if passed else []
    return list(dict.fromkeys(found))[-FOLLOWED_AT_MOST:]  # earlier versions may have left some many times


def _still_followed(one: Followed, watch: Watch, window: Window | None, now: float) -> list[Followed]:
    """Return a record with its latest reset and the highest threshold; nothing where a window contradicts it."""
    if window is None or window.resets_at is None:
        return [one]
    if is_same_window(one.window, one.resets_at, window):
        passed = [at for at in watch.at if reaches(window.percent, at)]
        return [replace(one, resets_at=window.resets_at, at=max([one.at, *passed]))]
    is_wrong = now < one.resets_at or reaches(window.percent, one.at)
    return [] if is_wrong else [one]


def resets(watches: Iterable[Watch], windows: dict[str, Window], followed: list[Followed], now: float) -> list[Reset]:
    """Return the windows of `follow` that have reset."""
    by_id = {each.id: each for each in watches}
    return [
        Reset(by_id[one.watch], one, windows.get(one.window))
        for one in followed
        if one.resets_at <= now and one.watch in by_id
    ]


def followed_in(value: object) -> list[Followed]:
    """Return the followed windows in the value of an entry."""
    rows = mapping(value).get("followed")
    found = [_followed(row) for row in rows] if isinstance(rows, list) else []
    return [each for each in found if each is not None]


def _followed(row: object) -> Followed | None:
    if not isinstance(row, list) or len(row) != 6:
        return None
    watch, account, window, label = (words(each) for each in row[:4])
    resets_at, at = whole(row[4]), number(row[5])
    if watch is None or account is None or window is None or resets_at is None or at is None:
        return None
    return Followed(watch, account, window, label or window, resets_at, at)


def followed_rows(followed: Iterable[Followed]) -> list[object]:
    """Return the rows that keep these windows."""
    return [list(astuple(each)) for each in followed]
