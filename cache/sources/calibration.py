"""How many percent of a window a dollar of local activity takes, learned from official readings.

Readings are kept, not relations: each is worked out again from the index, so that transcripts read later, or priced
anew, make it right by themselves.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.prices import UNKNOWN, family_of
from cache.sources.tally import FIVE_HOURS, dollars_between
from cache.sources.transcripts import is_complete
from cache.window import ESTIMATE, believable

if TYPE_CHECKING:
    from cache.sources.store import Store
    from cache.window import Window

SEVEN_DAYS = 7 * 86400
SAME_S = {FIVE_HOURS: 900, SEVEN_DAYS: 3600}  # resets no further apart belong to the same window
STEP = 3.0  # percent; a smaller increment is more rounding than measurement
PAIRS = 16  # the most recent ones: a new plan or new weights are learned within a day or two of work
READINGS = 64  # kept of each window of each account
KEPT_S = 35 * 86400
HEAVIEST = 7.0  # percent; beyond it noise grows with the increment, and one shall not outvote all others
APART = 0.25  # of the median; a pair further off saw other machines at work


class Reading(NamedTuple):
    """An official percentage: when it was observed and when its window resets, epoch seconds."""

    observed_at: int
    resets_at: int
    percent: float


class Pair(NamedTuple):
    """By how many percent a window filled while local answers cost so many dollars."""

    percent: float
    dollars: float


class Calibration(NamedTuple):
    """``percent_per_dollar`` from so many ``pairs``; ``spread`` is their median deviation from it, as a fraction."""

    percent_per_dollar: float
    pairs: int
    spread: float


def span_of(window_id: str) -> int | None:
    """Return how long a window lasts, in seconds, None for one that we do not know."""
    if window_id == "five_hour":
        return FIVE_HOURS
    return SEVEN_DAYS if window_id.partition(":")[0] == "seven_day" else None


def family_in(window_id: str) -> str | None:
    """Return the model family that a window counts, `UNKNOWN` for one that we cannot tell, None where it counts all."""
    return family_of(window_id.partition(":")[2]) if ":" in window_id else None


def observe(store: Store, account: str, window: Window) -> None:
    """Keep an official reading, if it is news.

    Of readings less than a step apart only the first and the latest are kept.
    """
    span, kept = span_of(window.id), readings(store, account, window.id)
    new = _reading(window, span)
    if new is None or span is None or (kept and new.observed_at <= kept[-1].observed_at):
        return
    gone = kept[: max(len(kept) + 1 - READINGS, 0)]
    if len(kept) > 1 and _same(kept[-2], kept[-1], span) and abs(kept[-1].percent - kept[-2].percent) < STEP:
        gone.append(kept[-1])
    statement = "DELETE FROM readings WHERE account = ? AND window = ? AND observed_at = ?"
    store.write(statement, *[(account, window.id, each.observed_at) for each in gone])
    statement = "INSERT INTO readings(account, window, observed_at, resets_at, percent) VALUES(?, ?, ?, ?, ?)"
    store.write(statement, (account, window.id, *new))
    store.write("DELETE FROM readings WHERE observed_at < ?", (new.observed_at - KEPT_S,))


def _reading(window: Window, span: int | None) -> Reading | None:
    """Return an official window as a reading, None if it says nothing or by a clock that is wrong."""
    if window.source == ESTIMATE or window.resets_at is None or span is None or believable(window.percent) is None:
        return None
    if not window.resets_at - span - SAME_S[span] <= window.observed_at <= window.resets_at:
        return None
    return Reading(window.observed_at, window.resets_at, window.percent)


def readings(store: Store, account: str, window_id: str) -> list[Reading]:
    """Return what is kept of a window, oldest first."""
    found = store.rows(
        "SELECT observed_at, resets_at, percent FROM readings WHERE account = ? AND window = ? ORDER BY observed_at",
        (account, window_id),
    )
    return [Reading(*row) for row in found]


def pairs(store: Store, account: str, window_id: str) -> list[Pair]:
    """Return the latest increments of a window with what local activity weighed meanwhile, newest first.

    A window starts at nothing, so its first reading is an increment, too. Nothing is told by a fall, which is a
    correction, by a time when another account was seen, nor by what ended at the limit, where percentages are cut off.
    """
    span = span_of(window_id)
    found: list[Pair] = []
    for before, after in reversed(_increments(store, account, window_id, span) if span else []):
        dollars = dollars_between(store, before.observed_at, after.observed_at, family_in(window_id))
        if 0 < dollars < math.inf and not _others_seen(store, account, before.observed_at, after.observed_at):
            found.append(Pair(after.percent - before.percent, dollars))
        if len(found) == PAIRS:
            break
    return found


def _increments(store: Store, account: str, window_id: str, span: int) -> list[tuple[Reading, Reading]]:
    found = []
    before = Reading(0, 0, 0.0)
    for after in readings(store, account, window_id):
        if not _same(before, after, span):
            # While old transcripts are still to be read, the way from the window's start cannot be weighed.
            before = Reading(after.resets_at - span, after.resets_at, 0.0) if is_complete(store) else after
        rise = after.percent - before.percent
        if rise >= STEP and after.percent < 100:
            found.append((before, after))
        if abs(rise) >= STEP:
            before = after
    return found


def _same(one: Reading, other: Reading, span: int) -> bool:
    return abs(one.resets_at - other.resets_at) <= SAME_S[span]


def _others_seen(store: Store, account: str, start: int, end: int) -> bool:
    statement = "SELECT 1 FROM readings WHERE account <> ? AND observed_at BETWEEN ? AND ? LIMIT 1"
    return bool(store.rows(statement, (account, start, end)))


def calibration(store: Store, account: str, window_id: str) -> Calibration | None:
    """Return what has been learned about a window of an account, None if nothing yet.

    The median of the pairs says which of them to believe, and the mean of these is less noisy than it.
    """
    if family_in(window_id) == UNKNOWN:
        return None
    known = [(pair.percent / pair.dollars, min(pair.percent, HEAVIEST)) for pair in pairs(store, account, window_id)]
    if not known:
        return None
    middle = weighted_median(known)
    spread = weighted_median([(abs(ratio / middle - 1), size) for ratio, size in known])
    near = [(ratio, size) for ratio, size in known if abs(ratio / middle - 1) <= max(APART, 3 * spread)]
    mean = sum(ratio * size for ratio, size in near) / sum(size for _, size in near)
    return Calibration(mean, len(known), spread)


def weighted_median(values: list[tuple[float, float]]) -> float:
    """Return the value at which half of the weights is reached, of ``(value, weight)``."""
    half, reached = sum(weight for _, weight in values) / 2, 0.0
    for value, weight in sorted(values):
        reached += weight
        if reached >= half:
            return value
    raise ValueError("no values")
