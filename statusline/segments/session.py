"""What the session says about itself, the model and its cost, and which other sessions wait."""

from statusline.segments.segment import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

USD_AT_MOST = 1e6  # more than a session can cost is odd
NAMES_AT_MOST = 3  # of sessions that wait


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


def sessions(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``2 waiting: api, docs``: other sessions that wait for your answer, the longest wait first."""
    names = snapshot.waiting
    if not names:
        return None
    count = ("warn", f"{len(names)} waiting")
    more = f" +{len(names) - NAMES_AT_MOST}" if len(names) > NAMES_AT_MOST else ""
    return Segment([count, ("warn", f": {', '.join(names[:NAMES_AT_MOST])}{more}")], [count])
