"""Where the session works: the project and its branch."""

from cache.model.osapi import slashed
from statusline.segments.segment import Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

LONG_NAME = 24  # characters; of a longer branch the two ends can stand for it


def project(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``project`` or ``project/s/parts``: the project's folder, and where in it the session works.

    Where the session has left the project, the name of the folder that it works in.
    """
    if session.directory is None:
        return None
    path = slashed(session.directory)
    start = slashed(session.words("workspace", "project_dir") or "").rstrip("/")
    name = [("directory", last_name(path, snapshot.home))]
    if not start or start == slashed(snapshot.home) or not path.startswith(start + "/") or path.rstrip("/") == start:
        return Segment(name)
    below = short_parents(path[len(start) :].rstrip("/"))
    return Segment([("directory", last_name(start, snapshot.home) + below)], name)


def branch(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``⎇ main``: the branch that is checked out there, or a short hash."""
    name = snapshot.branch
    if not name:
        return None
    sign = ("glyph", "branch")
    if len(name) <= LONG_NAME:
        return Segment([sign, ("branch", name)])
    return Segment([sign, ("branch", name)], [sign, ("branch", name[:12]), ("glyph", "more"), ("branch", name[-11:])])


def last_name(path: "str", home: "str") -> "str":
    """Return the last part of a path, ``~`` for the person's home."""
    trimmed = slashed(path).rstrip("/") or path
    return "~" if trimmed == slashed(home) else trimmed.rsplit("/", 1)[-1] or trimmed


def short_parents(path: "str") -> "str":
    """Return a path with every part but the last cut to its first character, as fish does; a dot is kept with it."""
    *parents, name = slashed(path).split("/")
    return "/".join([*[part[: 2 if part.startswith(".") else 1] for part in parents], name])
