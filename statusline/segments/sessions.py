"""The other sessions of this person."""

from statusline.segments.segment import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

NAMED_AT_MOST = 3


def sessions(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``2 waiting: api, docs``: other sessions that wait for your answer, the longest wait first."""
    names = snapshot.waiting
    if not names:
        return None
    count = ("warn", f"{len(names)} waiting")
    more = f" +{len(names) - NAMED_AT_MOST}" if len(names) > NAMED_AT_MOST else ""
    return Segment([count, ("warn", f": {', '.join(names[:NAMED_AT_MOST])}{more}")], [count])
