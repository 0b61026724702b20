"""When windows are used up at the recent pace, and which limit comes first; for the line, JSON and export."""

from cache.model.jsonio import mapping, whole
from cache.model.lenient import parse_percent
from cache.model.limits import binding_of, is_reached
from cache.model.windows import ESTIMATE, PLAN_WIDE, is_same_reset
from cache.readings.snapshot import is_stale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.model.windows import Window

PROJECTED_S = 1800  # how long a projection is valid after the reading it was made from
FALL_AT_MOST = 3.0  # percent; a larger fall is a correction, and projections made before it are wrong


def outs_of(windows: "Mapping[str, Window]", projections: "Mapping[str, object]", now: "float") -> "dict[str, int]":
    """Return when each window is used up, epoch seconds, by id; windows that last until their reset are left out.

    A projection counts only if the shown window is still the one it was made for: an official number, fresh and of
    known age, not full yet, and not corrected downwards since.
    """
    found = {}
    for id_, row in projections.items():
        window, fields = windows.get(id_), mapping(row)
        at = whole(fields.get("at"))
        if window is None or at is None or window.resets_at is None or not now < at < window.resets_at:
            continue
        if _can_be_projected(window, now) and _is_made_for(window, fields, now):
            found[id_] = at
    return found


def _can_be_projected(window: "Window", now: "float") -> "bool":
    return window.age_known and window.source != ESTIMATE and not is_stale(window, now) and not is_reached(window)


def _is_made_for(window: "Window", fields: "dict[str, object]", now: "float") -> "bool":
    percent, resets_at = parse_percent(fields.get("percent")), whole(fields.get("resets_at"))
    seen_at = whole(fields.get("observed_at"))
    return (
        (percent is None or window.percent + FALL_AT_MOST >= percent)
        and (resets_at is None or is_same_reset(resets_at, window.resets_at))
        and (seen_at is None or now - seen_at <= PROJECTED_S)
    )


def out_of(
    windows: "Mapping[str, Window]", projections: "Mapping[str, object]", now: "float"
) -> "tuple[int, str] | None":
    """Return when the first of the plan-wide windows is used up, epoch seconds, and its id; None where all last.

    Also None where it is unknown, and once one of them is used up. A model's week does not count, as the reader may not
    use that model.
    """
    if any(is_reached(windows[id_]) for id_ in PLAN_WIDE if id_ in windows):
        return None
    outs = outs_of(windows, projections, now)
    found = [(outs[id_], id_) for id_ in PLAN_WIDE if id_ in outs]
    return min(found) if found else None


def first_limit(
    windows: "Mapping[str, Window]",
    spend: "Mapping[str, object]",
    projections: "Mapping[str, object]",
    model: "str | None",
    now: "float",
) -> "str | None":
    """Return the limit that is used up first with this model, as `cache.model.limits.binding_of` does."""
    return binding_of(windows, spend, model, now, outs_of(windows, projections, now))
