"""What the session says about itself, the model and its cost, and which other sessions wait."""

from statusline.segments.segment import WARN, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

USD_AT_MOST = 1e6  # more than a session can cost is odd
NAMES_AT_MOST = 3  # of sessions that wait
MILLION = 1_000_000  # tokens
NAMED_SO = " (1M context)"  # how some models are called


def model(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``Opus 5.5``: the model in use, and ``1M`` where its context has a million tokens."""
    name = session.model
    if not name:
        return None
    size = session.number("context_window", "context_window_size")
    short = name.removesuffix(NAMED_SO) or name
    is_large = short != name or (size is not None and size >= MILLION and "1M" not in name)
    return Segment([("model", short)], {"million": [("detail", " 1M")]} if is_large else None, is_name=True)


def effort(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``medium``: how hard the model thinks, for models that let one choose."""
    level = session.name("effort", "level")
    return Segment([("detail", level)]) if level else None


def fast_mode(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``fast mode``: a warning, because it is paid in credits beyond the plan."""
    if session.part("fast_mode") is not True:
        return None
    return Segment([("glyph", "fast_mode"), ("word", "fast mode")], level=WARN)


def cost(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``$0.15``: what the session would have cost at list prices, in US dollars."""
    usd = session.number("cost", "total_cost_usd")
    return Segment([("cost", f"${usd:.2f}")]) if usd is not None and 0.005 <= usd < USD_AT_MOST else None


def sessions(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``2 waiting: api, docs``: other sessions that wait for your answer, the longest wait first."""
    names = snapshot.waiting
    if not names:
        return None
    more = f" +{len(names) - NAMES_AT_MOST}" if len(names) > NAMES_AT_MOST else ""
    details = {"names": [("word", f": {', '.join(names[:NAMES_AT_MOST])}{more}")]}
    return Segment([("word", f"{len(names)} waiting")], details, level=WARN)
