"""Fixed text, and the output of your own commands."""

from cache.model.jsonio import words
from statusline.segments.segment import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options


def text(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``hello``: the text of the option ``text``, unchanged."""
    content = (words(options.get("text")) or "").strip()
    return Segment([("text", content)]) if content else None


def command(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``3 jobs``: the first line of the latest output of the command named by ``name``."""
    printed = words(snapshot.commands.get(words(options.get("name")) or ""))
    for line in (printed or "").splitlines():
        if line.strip():
            return Segment([("text", line.strip())])
    return None
