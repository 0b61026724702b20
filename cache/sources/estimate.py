"""A window's percentage where no official number is fresh: the last official one and what was done here since.

A floor, as other machines and the web draw on the same limits unseen; so it is marked as an estimate wherever it goes.
Without an official number and without a calibration there is no percentage, only what was spent here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.calibration import calibration, family_in, readings, span_of
from cache.sources.prices import UNKNOWN
from cache.sources.tally import FIVE_HOURS, dollars_between, first_after
from cache.window import ESTIMATE, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cache.sources.store import Store

MOST = 1000.0  # percent; what is shown as a percentage lies within 0..1000
ADDED_AT_LEAST = 1.0  # percent; while less was added here, the official number stays, with its age
LOOK_BACK_S = 30 * 86400
LABELS = {"five_hour": "5h", "seven_day": "7d"}


class Spent(NamedTuple):
    """What answers cost here since a time (epoch seconds), in dollars at list prices."""

    dollars: float
    since: int

    def as_json(self) -> dict[str, object]:
        """Return it in the shape of the entry."""
        return {"dollars": round(self.dollars, 4), "since": self.since}


class Estimates(NamedTuple):
    """``windows`` are estimated percentages; ``spent`` by window id is there where no percentage may be said."""

    windows: list[Window]
    spent: dict[str, Spent]


class Stretch(NamedTuple):
    """The window that is running: what it was at, from when on answers are to be added, when it resets.

    ``official`` if an official number says so, else ``percent`` is 0 and it runs only if there was an answer.
    """

    percent: float
    counted_from: float
    resets_at: int | None
    official: bool = False


def estimates(
    store: Store, account: str, officials: Iterable[Window], now: float, account_since: float = 0
) -> Estimates:
    """Return what can be said of the windows in ``officials`` (the last known ones), and of both plan-wide windows.

    Activity before ``account_since`` (epoch seconds) was another account's.
    """
    last = {window.id: window for window in officials}
    windows, spent = [], {}
    for id_ in dict.fromkeys([*LABELS, *last]):
        found = estimate(store, account, id_, last.get(id_), now, account_since)
        if isinstance(found, Window):
            windows.append(found)
        elif found is not None:
            spent[id_] = found
    return Estimates(windows, spent)


def estimate(
    store: Store, account: str, id_: str, official: Window | None, now: float, account_since: float = 0
) -> Window | Spent | None:
    """Return a window's estimated percentage at ``now``, or else what was spent here while it runs.

    ``official`` is the newest official number of it, in whatever window; without one the readings kept for calibration
    take its place. None where an official number of the running window says as much, or where the window is not known.
    """
    span, family = span_of(id_), family_in(id_)
    if span is None or family == UNKNOWN:
        return None
    stretch = _stretch(store, official or _kept(store, account, id_), now, span, account_since)
    dollars = dollars_between(store, max(stretch.counted_from, account_since), now, family)
    if dollars == math.inf:  # a damaged index
        return None
    learned = calibration(store, account, id_)
    if learned is None:
        return None if stretch.official else Spent(dollars, int(max(stretch.counted_from, account_since)))
    added = dollars * learned.percent_per_dollar
    if stretch.official and (added < ADDED_AT_LEAST or stretch.percent >= 100):
        return None
    percent = round(min(max(stretch.percent + added, 0.0), MOST), 1)
    label = official.label if official else LABELS.get(id_, id_.partition(":")[2])
    is_running = stretch.official or dollars > 0
    return Window(id_, label, percent, stretch.resets_at if is_running else None, ESTIMATE, int(now))


def _kept(store: Store, account: str, id_: str) -> Window | None:
    known = readings(store, account, id_)
    return Window(id_, id_, known[-1].percent, known[-1].resets_at, "", known[-1].observed_at) if known else None


def _stretch(store: Store, official: Window | None, now: float, span: int, account_since: float) -> Stretch:
    """Return the window that is running: that of the last official number, or the one after it."""
    if official is None and span == FIVE_HOURS:
        return _after(store, now - LOOK_BACK_S, now, account_since)
    if official is None:
        return Stretch(0.0, now - span, None)
    if official.resets_at is None:  # it had not started then
        return _after(store, official.observed_at, now, account_since, span)
    if official.resets_at > now:
        counted_from = max(official.observed_at, official.resets_at - span)
        return Stretch(official.percent, counted_from, official.resets_at, official=True)
    if span == FIVE_HOURS:
        return _after(store, official.resets_at, now, account_since)
    end = official.resets_at + int((now - official.resets_at) // span + 1) * span  # a week follows at once
    return Stretch(0.0, end - span, end)


def _after(store: Store, start: float, now: float, account_since: float, span: int = FIVE_HOURS) -> Stretch:
    """Return the window that is running where none did at ``start``: each starts with the first answer after the last.

    Before that answer there is no window: nothing is used, and there is no reset.
    """
    start = max(start, account_since)
    while (first := first_after(store, start)) is not None and first < now:
        if first + span > now:
            return Stretch(0.0, first, first + span)
        start = first + span
    return Stretch(0.0, now, None)
