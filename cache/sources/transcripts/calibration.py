"""How many percent of a window a dollar of local activity takes, learned from official readings.

Usage elsewhere counts towards the same limits. As far as that is regular, it is learned with the rest: so many percent
go with a dollar that is spent here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.transcripts.observations import (
    INCLUDED_S,
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
from cache.sources.transcripts.totals import dollars_between

if TYPE_CHECKING:
    from cache.sources.transcripts.index import Store

ENOUGH = 400.0  # percent; older increments than these are ignored
SOME = 100.0  # percent; older windows count only if they agree: limits change without notice
OTHER = 1.5  # a rate that differs by this factor means another limit
HEAVIEST = 20.0  # percent; the largest weight of one window, so that it does not outvote all others
APART = 0.25  # of the median; windows further off than this, and than is usual, are left out
SHARES = {"Pro": 1, "Max 5x": 5, "Max 20x": 20}  # the limits of plans, in proportion


class Increment(NamedTuple):
    """How much a window rose, in percent of the present plan, and what local answers cost meanwhile, in dollars."""

    percent: float
    dollars: float

    @property
    def rate(self) -> float:
        """Percent per dollar."""
        return self.percent / self.dollars


class Calibration(NamedTuple):
    """``percent_per_dollar``, and the ``points`` (percent of windows) from which it was learned.

    ``spread`` is the median deviation of a window from it, as a fraction; ``increments`` are what it was learned from.
    """

    percent_per_dollar: float
    points: float
    spread: float
    increments: tuple[Increment, ...] = ()


def calibration(store: Store, account: str, window_id: str, plan: str | None = None) -> Calibration | None:
    """Return what was learned about a window of an account, None if nothing yet.

    ``plan`` is the label of its present plan, None for the last known one. Windows near the median count; the sum of
    their increments is divided by the sum of what was spent, so that rounding cancels out.
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
    """Return the latest windows with a measurable increment, the newest first, until they are `ENOUGH`."""
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

    A window starts at 0, so its first reading is an increment too. Left out are falls of `STEP` or more, which are
    corrections, times when another account was seen or the plan changed, and increments that ended at the limit, where
    percentages are cut off.
    """
    length, family = length_of(window_id), family_in(window_id)
    plan = plan or plan_of(store, account)
    found: list[list[Increment]] = []
    before = None
    for after in readings(store, account, window_id) if length else []:
        if before is None or not is_same(before, after):
            found.append([])
            # Until all transcripts are read, the activity since the start of the window is unknown.
            before = _start(after, length or 0) if is_complete(store) else after
        factor = _factor(before, after, plan)
        if factor is not None and _tells(before, after) and not _is_shared(store, account, before, after):
            since, until = before.observed_at + INCLUDED_S, after.observed_at + INCLUDED_S
            dollars = dollars_between(store, since, until, family)
            if dollars != math.inf:  # a damaged index
                found[-1].append(Increment((after.percent - before.percent) * factor, dollars))
        before = after
    return found


def _start(reading: Reading, length: int) -> Reading:
    """Return the start of a reading's window, at 0 percent."""
    start = reading.resets_at - length
    return reading._replace(observed_at=min(start, reading.observed_at) - INCLUDED_S, percent=0.0)


def _tells(before: Reading, after: Reading) -> bool:
    return after is not before and after.percent < 100 and after.percent - before.percent > -STEP


def _is_shared(store: Store, account: str, before: Reading, after: Reading) -> bool:
    return are_others_seen(store, account, before.observed_at, after.observed_at)


def _factor(before: Reading, after: Reading, plan: str | None) -> float | None:
    """Return the size of these readings' plan in proportion to the present one, None where that is unknown."""
    if before.plan != after.plan:
        return None
    if after.plan == plan or after.plan is None or plan is None:
        return 1.0
    share, present = SHARES.get(after.plan), SHARES.get(plan)
    return share / present if share and present else None


def weighted_median(values: list[tuple[float, float]]) -> float:
    """Return the weighted median of pairs of value and weight; raise ValueError without any."""
    half, reached = sum(weight for _, weight in values) / 2, 0.0
    for value, weight in sorted(values):
        reached += weight
        if reached >= half:
            return value
    raise ValueError("no values")
