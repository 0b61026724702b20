"""The percentage of a window without a fresh official number: the last one plus local activity since.

It is a lower bound, as other machines and the web use the same limits; so estimates are marked wherever they are shown.
Without an official number and without a calibration there is no percentage, only the amount spent here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cache.model.windows import ESTIMATE, FIVE_HOUR, LABELS, PLAN_WIDE, SPANS_S, Window
from cache.sources.transcripts.calibration import calibration
from cache.sources.transcripts.observations import INCLUDED_S, family_in, length_of, readings
from cache.sources.transcripts.prices import UNKNOWN
from cache.sources.transcripts.totals import first_after, totals_between
from cache.sources.transcripts.trust import trust

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cache.sources.transcripts.index import Store
    from cache.sources.transcripts.trust import Trust

MOST = 1000.0  # percent; a percentage is within 0..1000
ADDED_AT_LEAST = 1.0  # percent; below this the official number stays, with its age
LOOK_BACK_S = 30 * 86400


class Spent(NamedTuple):
    """What answers have cost here since a time (epoch seconds), in dollars at list prices, and the window's reset.

    ``estimated``: a model in them has no known price.
    """

    dollars: float
    since: int
    resets_at: int | None
    estimated: bool = False

    def as_json(self) -> dict[str, object]:
        """Return it in the shape of the entry."""
        amount: dict[str, object] = {"usd": round(self.dollars, 4), "since": self.since, "resets_at": self.resets_at}
        return amount | {"estimated": True} if self.estimated else amount


class Estimates(NamedTuple):
    """``windows`` are the estimates; ``spent`` has, by id, the amounts of windows without one.

    ``trust`` rates the estimates of the five-hour window, None without a calibration.
    """

    windows: list[Window]
    spent: dict[str, Spent]
    trust: Trust | None


class SignedInAccount(NamedTuple):
    """An account, when it was signed in (epoch seconds, 0 for always), and the label of its plan, if known."""

    account: str
    since: float = 0
    plan: str | None = None


class RunningWindow(NamedTuple):
    """The window that is running: its last percentage, the time from which answers are added, and its reset.

    Without an ``official`` number ``percent`` is 0, and the window runs only if there was an answer.
    """

    percent: float
    counted_from: float
    resets_at: int | None
    official: bool = False


def estimates(store: Store, signed_in: SignedInAccount, officials: Iterable[Window], now: float) -> Estimates:
    """Return the estimates for the windows in ``officials`` (the last known ones) and for the plan-wide ones.

    Activity before the account was signed in was another account's.
    """
    last = {window.id: window for window in officials}
    windows, spent = [], {}
    for id_ in dict.fromkeys([*PLAN_WIDE, *last]):
        found = estimate(store, signed_in, id_, last.get(id_), now)
        if isinstance(found, Window):
            windows.append(found)
        elif found is not None:
            spent[id_] = found
    learned = calibration(store, signed_in.account, FIVE_HOUR, signed_in.plan)
    return Estimates(windows, spent, trust(learned) if learned else None)


def estimate(
    store: Store, signed_in: SignedInAccount, id_: str, official: Window | None, now: float
) -> Window | Spent | None:
    """Return a window's estimate at ``now``, or else the amount spent here while it runs.

    ``official`` is its newest official number, perhaps of a former window; without one the last reading kept for the
    calibration is used. None where the official number needs no estimate, or where the window is unknown.
    """
    length, family = length_of(id_), family_in(id_)
    if length is None or family == UNKNOWN:
        return None
    window = running_window(store, signed_in, id_, official, now)
    since = max(window.counted_from, signed_in.since)
    total = totals_between(store, since, now, family)
    dollars = total.dollars
    if dollars == math.inf:  # a damaged index
        return None
    resets_at = window.resets_at if window.official or dollars > 0 else None
    learned = calibration(store, signed_in.account, id_, signed_in.plan)
    if learned is None:
        return None if window.official else Spent(dollars, int(since), resets_at, bool(total.unpriced))
    added = dollars * learned.percent_per_dollar
    if window.official and (added < ADDED_AT_LEAST or window.percent >= 100):
        return None
    percent = round(min(max(window.percent + added, 0.0), MOST), 1)
    label = official.label if official else LABELS.get(id_, id_.partition(":")[2])
    return Window(id_, label, percent, resets_at, ESTIMATE, int(now))


def _last_reading(store: Store, account: str, id_: str) -> Window | None:
    known = readings(store, account, id_)
    return Window(id_, id_, known[-1].percent, known[-1].resets_at, "", known[-1].observed_at) if known else None


def running_window(
    store: Store, signed_in: SignedInAccount, id_: str, official: Window | None, now: float
) -> RunningWindow:
    """Return the running window: that of the last official number, or a later one; the id is of a known length."""
    length, since = length_of(id_) or 0, signed_in.since
    official = official or _last_reading(store, signed_in.account, id_)
    is_short = length == SPANS_S[FIVE_HOUR]
    if official is None:
        return (
            _after(store, now - LOOK_BACK_S, now, since, length) if is_short else RunningWindow(0.0, now - length, None)
        )
    if official.resets_at is None:  # it had not started then
        return _after(store, official.observed_at, now, since, length)
    if official.resets_at > now:
        counted_from = max(official.observed_at + INCLUDED_S, official.resets_at - length)
        return RunningWindow(official.percent, counted_from, official.resets_at, official=True)
    if is_short:
        return _after(store, official.resets_at, now, since, length)
    end = official.resets_at + int((now - official.resets_at) // length + 1) * length  # a week follows at once
    return RunningWindow(0.0, end - length, end)


def _after(store: Store, start: float, now: float, since: float, length: int) -> RunningWindow:
    """Return the running window where none was running at ``start``: each starts with the first answer after the last.

    Before that answer there is no window: it is at 0 and has no reset.
    """
    start = max(start, since)
    while (first := first_after(store, start)) is not None and first < now:
        if first + length > now:
            return RunningWindow(0.0, first, first + length)
        start = first + length
    return RunningWindow(0.0, now, None)
