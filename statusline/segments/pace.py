"""How much of a window's time has passed, and how far its use is ahead of that or behind."""

from cache.model.lazy import further_module
from cache.model.windows import ESTIMATE, FIVE_HOUR, NOISE, SPANS_S, span_of
from cache.readings.snapshot import STALE_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.model.windows import Window
    from statusline.segments.segment import Options

AHEAD = 5  # points: a smaller difference to an even pace is not shown
JUST_BEGUN = 0.05  # the share of a window in which a pace would say nothing


def elapsed_of(window: "Window", now: "float", options: "Options") -> "float | None":
    """Return the share of a window's time that has passed, 0 to 1, of its working time where ``week`` names one.

    None where no pace can be told: without a reset, of an estimate or an old number, and in the first twentieth.
    """
    resets_at, id_ = window.resets_at, window.id
    if resets_at is None or resets_at <= now or window.source == ESTIMATE or now - window.observed_at > STALE_S:
        return None
    if id_ not in SPANS_S and not id_.startswith("seven_day:"):
        return None  # the length of a gateway's limit is not known
    span_s = span_of(id_)
    share = 1 - (resets_at - now) / span_s
    if options.week and id_ != FIVE_HOUR and share >= 0:
        week = further_module("statusline.segments.working_week")
        share = week.worked_share(options.week, resets_at - span_s, resets_at, now, options.zone)
    return share if share >= JUST_BEGUN else None


def points_of(percent: "float", elapsed: "float") -> "int":
    """Return by how many points use is ahead of an even pace, negative if behind; rounded towards zero."""
    points = percent - elapsed * 100
    return int(points + NOISE) if points > 0 else int(points - NOISE)
