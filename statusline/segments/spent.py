"""The session's cost per hour, its time, and its lines of code."""

from statusline.render.timefmt import span_text
from statusline.segments.segment import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

LONGEST_MS = 366 * 86_400_000
A_RATE_FROM_S = 300  # over a shorter time one answer would be the whole rate


def cost_per_hour(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``$1.20/h``: cost per hour of wall-clock time at list prices, after the first five minutes."""
    usd, seconds = session.number("cost", "total_cost_usd"), seconds_of(session, "total_duration_ms")
    if usd is None or seconds is None or seconds < A_RATE_FROM_S:
        return None
    rate = usd / seconds * 3600
    return Segment([("cost", f"${rate:.2f}"), ("detail", "/h")]) if 0.005 <= rate < 1e6 else None


def api_time(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``api 3m``: how long the session has waited for answers."""
    seconds = seconds_of(session, "total_api_duration_ms")
    if seconds is None or seconds < 1:
        return None
    return Segment([("label", "api "), ("detail", f"{int(seconds)}s" if seconds < 60 else span_text(seconds))])


def duration(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``1h12m``: how long the session has been open."""
    seconds = seconds_of(session, "total_duration_ms")
    return None if seconds is None or seconds < 60 else Segment([("detail", span_text(seconds))])


def lines(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``+156 -23``: lines of code that the session added and removed."""
    added, removed = session.count("cost", "total_lines_added"), session.count("cost", "total_lines_removed")
    if not added and not removed:
        return None
    return Segment([("added", f"+{added}"), ("detail", " "), ("removed", f"-{removed}")])


def seconds_of(session: "Session", name: "str") -> "float | None":
    """Return one of the session's durations in seconds, None where it is missing or longer than any session."""
    found = session.number("cost", name)
    return found / 1000 if found is not None and 0 <= found < LONGEST_MS else None
