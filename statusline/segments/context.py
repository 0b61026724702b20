"""How full the model's context window is."""

from statusline.segments.segment import Segment, percent_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options


def context(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``ctx 42%``: how full the model's window is, as reported by Claude Code."""
    percent = session.context_percent
    if percent is None:
        return None
    pieces = [("label", "ctx "), ("value", percent_text(percent))]
    return Segment(pieces, level=options.level(percent), bar=percent)
