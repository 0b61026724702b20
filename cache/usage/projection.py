"""When a window will be full at its recent pace, if that is before its reset."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cache.model.windows import ESTIMATE, FIVE_HOUR, Window, is_same_reset
from cache.usage.history import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SAMPLES_AT_LEAST = 3
RISE_AT_LEAST = 1.0  # percent; less may be rounding: one source reports 42.4, another 42


class Pace(NamedTuple):
    """The length of a window, and the half-life of usage in its pace; seconds.

    ``span_at_least_s`` is how far back the readings must reach: over less, one burst would decide.
    """

    length_s: int
    half_life_s: int
    span_at_least_s: int


# Five hours are used in bursts of minutes: half an hour smooths them and still follows a pause. A week has nights: its
# pace needs a day or more to hold for the coming days, and one day is not a habit yet.
FIVE_HOURS = Pace(5 * 3600, 1800, 600)
WEEK = Pace(7 * 86400, 86400, 2 * 86400)


def pace_of(window_id: str) -> Pace:
    """Return the pace of a window: all but the five-hour one are weekly."""
    return FIVE_HOURS if window_id == FIVE_HOUR else WEEK


def runs_out_at(samples: Iterable[Sample], window: Window, now: float) -> int | None:
    """Return when ``window`` reaches 100 % at the pace of its ``samples``, epoch seconds; None where it lasts.

    Also None for a window without a reset, an estimate, a reading of unknown age or older than the half-life, and for
    too few readings or too short a time. The result is after ``now`` and before the reset.
    """
    pace = pace_of(window.id)
    is_recent = 0 <= now - window.observed_at <= pace.half_life_s
    if window.resets_at is None or window.source == ESTIMATE or not window.age_known or not is_recent:
        return None
    points = _points(samples, window)
    first, last = points[0], points[-1]
    if not _are_enough(points, pace):
        return None
    if last.percent - first.percent < RISE_AT_LEAST:
        return None
    rate = _rate(_extend_back(points, window.resets_at - pace.length_s, pace), pace)
    if rate <= 0:
        return None
    out = last.at + (100 - last.percent) / rate
    return int(out) if now + 1 <= out < window.resets_at else None


def has_history(samples: Iterable[Sample], window: Window) -> bool:
    """Return whether there are enough readings, over enough time, to tell whether a window lasts."""
    return _are_enough(_points(samples, window), pace_of(window.id))


def _points(samples: Iterable[Sample], window: Window) -> list[Sample]:
    """Return the course of a window up to the reading of it that is shown."""
    return smooth([*_before(window, samples_of_window(samples, window)), _as_sample(window)])


def _are_enough(points: list[Sample], pace: Pace) -> bool:
    return len(points) >= SAMPLES_AT_LEAST and points[-1].at - points[0].at >= pace.span_at_least_s


def projections_of(
    windows: Iterable[Window], samples_of: Callable[[str], Iterable[Sample]], now: float
) -> dict[str, object]:
    """Return when each window runs out, by id, as `limits.projections_in` reads it; windows that last are left out.

    ``samples_of`` returns the samples of a window id, as `cache.usage.history.samples` does.
    """
    found = {each.id: (each, runs_out_at(samples_of(each.id), each, now)) for each in windows}
    return {id_: _projection(window, at) for id_, (window, at) in found.items() if at is not None}


def _projection(window: Window, at: int) -> dict[str, object]:
    made_from = {"percent": window.percent, "resets_at": window.resets_at, "observed_at": window.observed_at}
    return {"at": at, **made_from}


def samples_of_window(samples: Iterable[Sample], window: Window) -> list[Sample]:
    """Return the samples of the current window, in order: those of former windows had other resets."""
    return [each for each in samples if is_same_reset(each.resets_at, window.resets_at)]


def _before(window: Window, samples: list[Sample]) -> list[Sample]:
    return sorted(each for each in samples if each.at < window.observed_at)


def _as_sample(window: Window) -> Sample:
    return Sample(window.observed_at, window.percent, window.resets_at)


def smooth(samples: list[Sample]) -> list[Sample]:
    """Return the samples without falls and single outliers.

    Usage cannot fall within a window. Where the percentage does, the later reading is right and higher ones before it
    were wrong: a correction, or a source that rounds up. But one low reading between two high ones (a glitch of the
    endpoint) must not lower all before it, so first each is replaced by the median of itself and its neighbours, which
    changes nothing in a rising series.
    """
    percents = [each.percent for each in samples]
    medians = [sorted(percents[i - 1 : i + 2])[1] for i in range(1, len(percents) - 1)]
    calm = [*percents[:1], *medians, *percents[-1:]] if len(percents) > 1 else percents
    lowest = float("inf")
    found = []
    for sample, percent in zip(reversed(samples), reversed(calm), strict=True):
        lowest = min(lowest, percent)
        found.append(sample._replace(percent=lowest))
    return found[::-1]


def _extend_back(points: list[Sample], started_at: int, pace: Pace) -> list[Sample]:
    """Put a point in front where the window reaches back one half-life, but the samples do not.

    The window was empty when it started, so the average until the first sample is known. Without that point the first
    minutes after a gap would decide.
    """
    first, at = points[0], max(started_at, points[-1].at - pace.half_life_s)
    if not started_at <= at < first.at:
        return points
    return [Sample(at, first.percent * (at - started_at) / (first.at - started_at), first.resets_at), *points]


def _rate(points: list[Sample], pace: Pace) -> float:
    """Return the recent rate in percent a second: a mean over time, weighted by age with the half-life.

    It is over time, not over readings: an idle hour lowers it although it has no samples, and many readings of one
    burst weigh as much as two. A window younger than a half-life is treated as idle before its start (the sum of the
    weights is at least that of one half-life): a burst at the start of a session is not the pace of five hours.
    """
    last, total, weights = points[-1].at, 0.0, 0.0
    for one, two in pairwise(points):
        if two.at > one.at:
            weight = _decay((last - two.at) / pace.half_life_s) - _decay((last - one.at) / pace.half_life_s)
            total += (two.percent - one.percent) / (two.at - one.at) * weight
            weights += weight
    return total / max(weights, 0.5)


def _decay(half_lives: float) -> float:
    return float(0.5**half_lives)
