"""How many percent of a window a dollar of local activity takes, learned from official readings.

What is done elsewhere counts towards the same limits. As far as that is a habit, it is learned with the rest: a dollar
that is spent here goes with so many percent, whoever took them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.transcripts.dedup import dollars_between
from cache.sources.transcripts.observations import (
    STEP,
    Reading,
    are_others_seen,
    family_in,
    is_same,
    length_of,
    plan_of,
    readings,
)
from cache.sources.transcripts.prices import UNKNOWN
from cache.sources.transcripts.scan import is_complete

if TYPE_CHECKING:
    from cache.sources.transcripts.index import Store

ENOUGH = 400.0  # percent; what windows rose before that is not looked at
SOME = 100.0  # percent; before that only windows are looked at that agree: limits change without a word
OTHER = 1.5  # times as many percent per dollar, or as few: that is another limit
HEAVIEST = 20.0  # percent; a window that rose by more is no better a measure, and must not outvote all others
APART = 0.25  # of the median; what was learned from a window further off than that, and than is usual, is left out
SHARES = {"Pro": 1, "Max 5x": 5, "Max 20x": 20}  # what a plan allows, in comparison


class Increment(NamedTuple):
    """By how many percent a window filled, as of the present plan, while local answers cost so many dollars."""

    percent: float
    dollars: float

    @property
    def rate(self) -> float:
        """How many percent a dollar took."""
        return self.percent / self.dollars


class Calibration(NamedTuple):
    """``percent_per_dollar`` was learned from so many ``points`` by which windows rose (percent).

    ``spread`` is the median deviation of a window from it, as a fraction; ``increments`` are what it was learned from.
    """

    percent_per_dollar: float
    points: float
    spread: float
    increments: tuple[Increment, ...] = ()


def calibration(store: Store, account: str, window_id: str, plan: str | None = None) -> Calibration | None:
    """Return what has been learned about a window of an account, None if nothing yet.

    ``plan`` is the label of its present plan, None for the one that was last known. The median of the windows says
    which of them to believe; of these all that rose counts against all that was spent, so that rounding cancels out.
    """
    if family_in(window_id) == UNKNOWN:
        return None
    latest = _latest(windows(store, account, window_id, plan))
    sums = [_sum(one) for one in latest if _sum(one).dollars > 0]
    if not sums:
        return None
    middle, spread = _middle(sums), _spread(sums)
    near = _sum([each for each in sums if abs(each.rate / middle - 1) <= max(APART, 3 * spread)])
    return Calibration(near.rate, near.percent, spread, tuple(each for one in latest for each in one))


def _latest(found: list[list[Increment]]) -> list[list[Increment]]:
    """Return the latest windows that measure something, the newest first, until that is enough."""
    latest: list[list[Increment]] = []
    sums: list[Increment] = []
    for one in reversed(found):
        whole = _sum(one)
        if whole.percent < STEP:
            continue
        learned = _sum(sums).percent
        is_other = whole.dollars > 0 and learned >= SOME and not 1 / OTHER < whole.rate / _middle(sums) < OTHER
        if learned >= ENOUGH or is_other:
            break
        latest.append(one)
        sums += [whole] if whole.dollars > 0 else []
    return latest


def _sum(increments: list[Increment]) -> Increment:
    return Increment(sum(each.percent for each in increments), sum(each.dollars for each in increments))


def _middle(sums: list[Increment]) -> float:
    return weighted_median([(each.rate, min(each.percent, HEAVIEST)) for each in sums])


def _spread(sums: list[Increment]) -> float:
    middle = _middle(sums)
    return weighted_median([(abs(each.rate / middle - 1), min(each.percent, HEAVIEST)) for each in sums])


def windows(store: Store, account: str, window_id: str, plan: str | None = None) -> list[list[Increment]]:
    """Return the increments of each window that was observed, the oldest first.

    A window starts at nothing, so its first reading is an increment, too. Nothing is told by a fall of `STEP` or more,
    which is a correction, by a time when another account was seen or the plan changed, nor by what ended at the limit,
    where percentages are cut off.
    """
    length, family = length_of(window_id), family_in(window_id)
    plan = plan or plan_of(store, account)
    found: list[list[Increment]] = []
    before = None
    for after in readings(store, account, window_id) if length else []:
        if before is None or not is_same(before, after):
            found.append([])
            # While old transcripts are still to be read, what was done since the window's start is not known.
            before = _start(after, length or 0) if is_complete(store) else after
        factor = _factor(before, after, plan)
        if factor is not None and _tells(before, after) and not _is_shared(store, account, before, after):
            dollars = dollars_between(store, before.observed_at, after.observed_at, family)
            if dollars != math.inf:  # a damaged index
                found[-1].append(Increment((after.percent - before.percent) * factor, dollars))
        before = after
    return found


def _start(reading: Reading, length: int) -> Reading:
    """Return the start of a reading's window, where nothing was used."""
    start = reading.resets_at - length
    return reading._replace(observed_at=min(start, reading.observed_at), percent=0.0)


def _tells(before: Reading, after: Reading) -> bool:
    return after is not before and after.percent < 100 and after.percent - before.percent > -STEP


def _is_shared(store: Store, account: str, before: Reading, after: Reading) -> bool:
    return are_others_seen(store, account, before.observed_at, after.observed_at)


def _factor(before: Reading, after: Reading, plan: str | None) -> float | None:
    """Return how many percent of the present plan one of these readings' plan is, None where that is not known."""
    if before.plan != after.plan:
        return None
    if after.plan == plan or after.plan is None or plan is None:
        return 1.0
    share, present = SHARES.get(after.plan), SHARES.get(plan)
    return share / present if share and present else None


def weighted_median(values: list[tuple[float, float]]) -> float:
    """Return the value at which half of the weights is reached, of ``(value, weight)``."""
    half, reached = sum(weight for _, weight in values) / 2, 0.0
    for value, weight in sorted(values):
        reached += weight
        if reached >= half:
            return value
    raise ValueError("no values")
