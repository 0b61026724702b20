"""How much of a window's time has passed, and how far its use is ahead of that or behind."""

from cache.model.lazy import further_module
from cache.model.windows import ESTIMATE, FIVE_HOUR, NOISE, SAME_RESET_S, SPANS_S, span_of
from cache.readings.snapshot import STALE_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from cache.model.windows import Window
    from statusline.segments.segment import Options

AHEAD = 5  # points: a smaller difference to an even pace is not shown
JUST_BEGUN = 0.05  # the share of a window in which a pace would say nothing


def elapsed_of(window: "Window", now: "float", options: "Options", expected: "object" = None) -> "float | None":
    """Return the share of a window's time that has passed, 0 to 1; of a week's working time where that is known.

    That is what the option ``week`` names, else what ``expected`` has learned, as in a `Snapshot`. None where there
    is no pace: without a reset, of an estimate or an old number, and in the first twentieth.
    """
    resets_at, id_ = window.resets_at, window.id
    if resets_at is None or resets_at <= now or window.source == ESTIMATE or now - window.observed_at > STALE_S:
        return None
    if id_ not in SPANS_S and not id_.startswith("seven_day:"):
        return None  # the length of a gateway's limit is not known
    share = passed_share(id_, resets_at, now, options, expected)
    return share if share >= JUST_BEGUN else None


def passed_share(id_: "str", resets_at: "float", now: "float", options: "Options", expected: "object") -> "float":
    """Return the share of the time of a window with this reset that has passed, as `elapsed_of` counts it."""
    span_s = span_of(id_)
    share = 1 - (resets_at - now) / span_s
    if options.week and id_ != FIVE_HOUR and share >= 0:
        week = further_module("statusline.segments.working_week")
        return week.worked_share(options.week, resets_at - span_s, resets_at, now, options.zone)  # type: ignore[no-any-return]
    if expected and id_ != FIVE_HOUR and share >= 0:
        return expected_share(expected, resets_at - span_s, resets_at, now, share)
    return share


def points_of(percent: "float", elapsed: "float") -> "int":
    """Return by how many points use is ahead of an even pace, negative if behind; rounded towards zero."""
    points = percent - elapsed * 100
    return int(points + NOISE) if points > 0 else int(points - NOISE)


def expected_share(points: "Any", start: "float", end: "float", now: "float", even: "float") -> "float":
    """Return the share of a week's working time that has passed, 0 to 1, by the points that the refresher wrote.

    They may be those of the week before. For points that no refresher writes, or of a week that begins at another
    time, it is ``even``.
    """
    try:
        since, low = first, begin = points[0]
        at, share = first + now - start, even
        for until, high in points:
            if not (since <= until and low <= high):
                return even
            if since <= at < until:
                share = (low + (high - low) * (at - since) / (until - since)) / 100
            since, low = until, high
        span = since - first
        is_of_week = span == end - start and (start - first + SAME_RESET_S) % span <= 2 * SAME_RESET_S
        return share if is_of_week and begin == 0 and low == 100 and len(points) <= 20 else even
    except (TypeError, ValueError, LookupError, ArithmeticError):
        return even
