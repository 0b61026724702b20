"""Parses the ``rate_limits`` that Claude Code reports on stdin."""

from cache.model.jsonio import mapping
from cache.model.lenient import parse_percent, parse_reset
from cache.model.windows import LABELS, PLAN_WIDE, STDIN, Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.reading import Limits


def reported_limits(rate_limits: "object", now: "float") -> "Limits":
    """Return the plan-wide limits in a ``rate_limits`` object, without malformed ones and those that have ended.

    Source: the statusline contract of Claude Code.
    """
    limits: "Limits" = {}
    for id_ in PLAN_WIDE:
        fields = mapping(mapping(rate_limits).get(id_))
        percent = parse_percent(fields.get("used_percentage"))
        reset = parse_reset(fields.get("resets_at"))
        if percent is not None and (reset is None or reset > now):
            limits[id_] = (percent, reset)
    return limits


def reported_windows(limits: "Limits", seen_at: "float", *, age_known: "bool" = True) -> "dict[str, Window]":
    """Return reported limits as windows by id; ``seen_at`` is epoch seconds."""
    return {
        id_: Window(id_, LABELS[id_], percent, reset, STDIN, int(seen_at), age_known)
        for id_, (percent, reset) in limits.items()
    }
