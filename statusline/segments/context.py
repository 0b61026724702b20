"""How full the model's context window is."""

from statusline.segments.segment import Segment, bar, percent_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options


def context(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``ctx 42%``: how full the model's window is, as reported by Claude Code; option ``bar`` adds a bar."""
    percent = session.context_percent
    if percent is None:
        return None
    form = [("label", "ctx "), *bar(percent, options), ("value", percent_text(percent))]
    return Segment(form, level=options.level(percent))
