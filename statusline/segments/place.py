"""Where the session works: the directory and its branch."""

from statusline.segment import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.snapshot import Snapshot
    from statusline.segment import Options
    from statusline.session import Session


def directory(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``project``: the last part of the directory that the session works in."""
    path = session.directory
    if path is None:
        return None
    trimmed = path.rstrip("/\\") or path
    name = "~" if trimmed == snapshot.home else trimmed.replace("\\", "/").rsplit("/", 1)[-1]
    return Segment([("directory", name or trimmed)])


def branch(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``⎇ main``: the branch that is checked out there, or a short hash."""
    return Segment([("branch", f"⎇ {snapshot.branch}")]) if snapshot.branch else None
