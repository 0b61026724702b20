"""At which hours of the week this account is usually at work, learned from the history: what a week's pace counts."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from cache.model.windows import SEVEN_DAY, SPANS_S, is_same_reset, reaches
from cache.money.periods import DAY_S, hour_of
from cache.usage.projection import smooth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import tzinfo

    from cache.model.windows import Window
    from cache.usage.history import Sample

WEEK_S = SPANS_S[SEVEN_DAY]
HOURS = 7 * 24
SLOT_S = 900  # the clocks of all zones differ by whole quarters of an hour
WEEKS_AT_LEAST, WEEKS_AT_MOST = 2, 4
LOOKED_BACK_S = WEEKS_AT_MOST * WEEK_S + DAY_S  # as old as a reading may be
POINTS_AT_MOST = 20
POINT_AT_LEAST = 0.25  # percent; a smaller corner of the curve is left out

PAUSE_S = 2 * 3600  # work with shorter pauses goes on
STRETCH_S = 3600  # of a rise between two readings only so long before the second is taken as work
UNSEEN_S = 2.5 * 3600  # older readings are an hour or two apart; a longer time without any is unseen
UNSEEN_AT_MOST = 0.2  # the share of all use that was then: more is use on another machine

UNKNOWN_AT_MOST = 1  # hours that too few weeks have: a week in which the clocks change lacks one
QUIET = 0.25  # a week with less than this share of the busiest one's work, such as a holiday, does not count
SWING_AT_LEAST = 5.0  # percent; the line shows no smaller difference from an even pace
ERROR_AT_MOST = 0.6  # of the error of an even pace


class Rise(NamedTuple):
    """An increase of a window's percentage between two readings, epoch seconds."""

    since: int
    until: int
    percent: float


class _Week(NamedTuple):
    """One week by hour, Monday's first being the first: the share of it that was work, and that could have been."""

    worked: list[float]
    open: list[float]


def expected_points(
    windows: Iterable[Window], samples_of: Callable[[str], Sequence[Sample]], now: float, zone: tzinfo | None = None
) -> list[list[float]]:
    """Return what share of the running week's working time will have passed when, to draw straight lines between.

    The result is at most 20 points ``[epoch seconds, percent]`` from the begin of the week of ``windows`` (0) to its
    reset (100); both ascend. It is empty where no week has a reset, or the history shows no working time: less than two
    weeks of use, use around the clock, or weeks that do not resemble each other. ``samples_of`` returns the samples of
    a window id since `LOOKED_BACK_S`, as `cache.usage.history.samples` does.
    """
    ends = (each.resets_at for each in windows if each.id.startswith(SEVEN_DAY))
    resets = [end for end in ends if end is not None and now < end <= now + WEEK_S + DAY_S]
    shares = working_hours(samples_of("five_hour"), samples_of(SEVEN_DAY), now, zone) if resets else None
    return _points(shares, resets[0], zone) if shares else []


def working_hours(
    five_hours: Sequence[Sample], weeks: Sequence[Sample], now: float, zone: tzinfo | None = None
) -> list[float] | None:
    """Return how usual work is in each of the 168 hours of the week in a zone, 0 to 1; None where nothing shows it.

    The five hours show best when that is, as they rise fastest. Working time is when either window rises, with
    the shorter pauses. How much it rises does not matter, so a busy Monday is ahead of the pace.
    """
    end = int(now) // SLOT_S * SLOT_S
    count = min((end - weeks[0].at) // WEEK_S, WEEKS_AT_MOST) if weeks else 0
    if count < WEEKS_AT_LEAST:
        return None
    of_week = rises_in(weeks, WEEK_S)
    if _unseen(of_week) > UNSEEN_AT_MOST * sum(rise.percent for rise in of_week):
        return None
    work = _stretches([*rises_in(five_hours, SPANS_S["five_hour"]), *of_week])
    full = [
        (each.at, min(each.resets_at, each.at + WEEK_S))
        for each in weeks
        if reaches(each.percent, 100) and each.resets_at is not None
    ]
    cells = {slot: _cell(slot * SLOT_S, zone) for slot in range((end - count * WEEK_S) // SLOT_S, end // SLOT_S)}
    work_by_slot, full_by_slot = _by_slot(work), _by_slot(full)
    return _habit([_week(cells, end - number * WEEK_S, work_by_slot, full_by_slot) for number in range(count)])


def rises_in(samples: Sequence[Sample], span_s: int) -> list[Rise]:
    """Return the increases within windows that are so long.

    A window begins empty; but of the first one it is not known when it came to where it was.
    """
    found: list[Rise] = []
    for number, window in enumerate(_windows(samples)):
        begin = min((window[0].resets_at or 0) - span_s, window[0].at)
        empty = [window[0]._replace(at=begin, percent=0.0)] if number else []
        for one, two in pairwise([*empty, *smooth(window)]):
            if two.percent > one.percent:
                found.append(Rise(one.at, two.at, two.percent - one.percent))
    return found


def _windows(samples: Iterable[Sample]) -> list[list[Sample]]:
    """Return the samples of each window together; a late reading may be of the one before."""
    found: list[list[Sample]] = []
    for sample in samples:
        same = [window for window in found[-2:] if is_same_reset(window[-1].resets_at, sample.resets_at)]
        if same:
            same[-1].append(sample)
        elif sample.resets_at is not None:
            found.append([sample])
    return found


def _unseen(rises: Iterable[Rise]) -> float:
    """Return how much of the rises was in a time without readings, and is more than the first hour after it."""
    hours: list[float] = [0.0]
    others: list[float] = []
    for rise in rises:
        (hours if rise.until - rise.since <= UNSEEN_S else others).append(rise.percent)
    return sum(max(0.0, percent - max(hours)) for percent in others)


def _stretches(rises: Iterable[Rise]) -> list[tuple[int, int]]:
    """Return from when until when was work, in order."""
    found: list[tuple[int, int]] = []
    for since, until in sorted((_begin_of_work(rise), rise.until) for rise in rises):
        if found and since - found[-1][1] <= PAUSE_S:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def _begin_of_work(rise: Rise) -> int:
    """Return since when a rise is work: after a time without readings, since the hour of the second one began.

    Of older readings the last of each hour is kept.
    """
    is_unseen = rise.until - rise.since > UNSEEN_S
    return rise.until // STRETCH_S * STRETCH_S if is_unseen else max(rise.since, rise.until - STRETCH_S)


def _by_slot(stretches: Iterable[tuple[int, int]]) -> dict[int, float]:
    """Return the share of each slot that is in a stretch of time."""
    found: dict[int, float] = {}
    for since, until in stretches:
        for slot in range(since // SLOT_S, -(-until // SLOT_S)):
            covered = min(until, (slot + 1) * SLOT_S) - max(since, slot * SLOT_S)
            found[slot] = min(found.get(slot, 0) + covered / SLOT_S, 1)
    return found


def _week(cells: dict[int, int], end: int, work: dict[int, float], full: dict[int, float]) -> _Week:
    """Return the week that ends then."""
    week = _Week([0.0] * HOURS, [0.0] * HOURS)
    for slot in range((end - WEEK_S) // SLOT_S, end // SLOT_S):
        is_open = 1 - full.get(slot, 0)
        week.open[cells[slot]] += is_open
        week.worked[cells[slot]] += min(work.get(slot, 0), is_open)
    return week


def _cell(at: int, zone: tzinfo | None) -> int:
    day, hour = hour_of(at, zone)
    return int(day) * 24 + int(hour)


def _habit(weeks: list[_Week]) -> list[float] | None:
    """Return how usual work is by hour, None where the weeks do not show it.

    Each week is compared with what the others say of it: that must be clearly better than an even pace.
    """
    busiest = max(sum(week.worked) for week in weeks)
    weeks = [week for week in weeks if sum(week.worked) > QUIET * busiest]
    unknown = sum(sum(map(bool, hour)) < WEEKS_AT_LEAST for hour in _hours(weeks))
    if len(weeks) < WEEKS_AT_LEAST or unknown > UNKNOWN_AT_MOST:
        return None
    usual = _mean(weeks)
    if _distance(usual, [1.0] * HOURS) < SWING_AT_LEAST:
        return None
    error = even = 0.0
    for number, week in enumerate(weeks):
        others = _mean(weeks[:number] + weeks[number + 1 :])
        error += _distance(week.worked, [share * is_open for share, is_open in zip(others, week.open, strict=True)])
        even += _distance(week.worked, week.open)
    return usual if error <= ERROR_AT_MOST * even else None


def _hours(weeks: list[_Week]) -> Iterable[tuple[float, ...]]:
    """Yield for each hour how much of it could have been work, by week."""
    return zip(*(week.open for week in weeks), strict=True)


def _mean(weeks: list[_Week]) -> list[float]:
    """Return the share of each hour that is usually work; a week of much work says more than one of little."""
    worked, could = [0.0] * HOURS, [0.0] * HOURS
    for week in weeks:
        weight = sum(week.worked)
        for hour in range(HOURS):
            worked[hour] += weight * week.worked[hour]
            could[hour] += weight * week.open[hour]
    return [one / all_ if all_ else 0.0 for one, all_ in zip(worked, could, strict=True)]


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Return by how many points two courses of a week come apart at most, from whichever moment on."""
    totals = sum(one), sum(other)
    if not all(totals):
        return 100.0
    apart = [0.0, *accumulate(100 * (a / totals[0] - b / totals[1]) for a, b in zip(one, other, strict=True))]
    return max(apart) - min(apart)


def _points(shares: Sequence[float], resets_at: int, zone: tzinfo | None) -> list[list[float]]:
    """Return the course of the week that ends then, as `expected_points` does."""
    start = resets_at - WEEK_S
    edges = [start, *range((start // SLOT_S + 1) * SLOT_S, resets_at, SLOT_S), resets_at]
    hours = [shares[_cell(one, zone)] * (two - one) for one, two in pairwise(edges)]
    total = sum(hours)
    if not total:
        return []
    course = [100 * each / total for each in accumulate(hours, initial=0.0)]
    return [[edges[at], round(course[at], 1)] for at in _corners(edges, course)]


def _corners(times: Sequence[int], course: Sequence[float]) -> list[int]:
    """Return which points of a curve to keep, so that straight lines between them are as near to it as possible."""

    def widest(first: int, last: int) -> tuple[float, int, int, int]:
        slope = (course[last] - course[first]) / (times[last] - times[first])
        gaps = [abs(course[first] + slope * (times[at] - times[first]) - course[at]) for at in range(first, last + 1)]
        gap = max(gaps)
        return gap, first + gaps.index(gap), first, last

    parts = [widest(0, len(times) - 1)]
    while len(parts) < POINTS_AT_MOST - 1:
        gap, middle, first, last = part = max(parts)
        if gap < POINT_AT_LEAST:
            break
        parts.remove(part)
        parts += [widest(first, middle), widest(middle, last)]
    return [0, *sorted(last for *_, last in parts)]
