"""What the session says about itself: the model and what it has cost."""

from statusline.segments.segment import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

USD_AT_MOST = 1e6  # more than a session can cost is odd


def model(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``Opus 5.5``: the model in use."""
    name = session.model
    return Segment([("model", name)]) if name else None


def effort(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``medium``: how hard the model thinks, for models that let one choose."""
    level = session.name("effort", "level")
    return Segment([("detail", level)]) if level else None


def cost(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``$0.15``: what the session would have cost at list prices, in US dollars."""
    usd = session.number("cost", "total_cost_usd")
    return Segment([("cost", f"${usd:.2f}")]) if usd is not None and 0.005 <= usd < USD_AT_MOST else None
