"""Where the session works: the project, its branch, and what is going on there."""

from cache.model.osapi import slashed
from statusline.segments.segment import WARN, Segment, count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options


def project(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``project`` or ``project/s/parts``: the project's folder, and where in it the session works.

    Where the session has left the project, the name of the folder that it works in.
    """
    if session.directory is None:
        return None
    path = slashed(session.directory)
    start = slashed(session.words("workspace", "project_dir") or "").rstrip("/")
    name = last_name(path, snapshot.home)
    if start and start != slashed(snapshot.home) and path.startswith(start + "/") and path.rstrip("/") != start:
        name = last_name(start, snapshot.home) + short_parents(path[len(start) :].rstrip("/"))
    return Segment([("directory", name)], is_name=True)


def branch(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``main``: the branch that is checked out there, or a short hash."""
    return Segment([("branch", snapshot.branch)], is_name=True) if snapshot.branch else None


def changed_files(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``*2``: how many files have changed since the last commit; ``*20000+`` if git listed only the first of them."""
    git = snapshot.git
    kinds = ("staged", "modified", "untracked", "conflicts") if git else ()
    count = sum([count_of(git.get(name)) for name in kinds]) - count_of(git.get("twice"))
    text = f"{count}+" if git.get("cut") is True else str(count)
    return Segment([("glyph", "dirty"), ("detail", text)]) if count > 0 else None


def git_operation(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``rebase 2/5``: the git operation in progress."""
    return Segment([("glyph", "operation"), ("word", snapshot.operation)], level=WARN) if snapshot.operation else None


def last_name(path: "str", home: "str") -> "str":
    """Return the last part of a path, ``~`` for the person's home."""
    trimmed = slashed(path).rstrip("/") or path
    return "~" if trimmed == slashed(home) else trimmed.rsplit("/", 1)[-1] or trimmed


def short_parents(path: "str") -> "str":
    """Return a path with every part but the last cut to its first character, as fish does; a dot is kept with it."""
    *parents, name = slashed(path).split("/")
    return "/".join([*[part[: 2 if part.startswith(".") else 1] for part in parents], name])
