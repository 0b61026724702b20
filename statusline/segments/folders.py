"""Where the session works, as a path, and which other folders it may use."""

from statusline.segments.place import last_name, short_parents
from statusline.segments.segment import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options


def directory(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``~/w/h/project``: the current directory, shortened as fish does, or by the option ``style``."""
    path = session.directory
    if path is None:
        return None
    style, home = options.get("style"), snapshot.home
    if style == "name":
        return Segment([("directory", last_name(path, home))], is_name=True)
    within = bool(home) and (path == home or path.startswith(home + "/"))
    path = ("~" + path[len(home) :] if within else path).rstrip("/") or "/"
    text = path if style == "full" else short_parents(path)
    return Segment([("directory", text)], is_name=True)


def added_dirs(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``+2 dirs``: how many folders were added to the session."""
    found = session.part("workspace", "added_dirs")
    count = sum(isinstance(each, str) and each != "" for each in found) if isinstance(found, list) else 0
    return Segment([("detail", f"+{count} {'dir' if count == 1 else 'dirs'}")]) if count else None
