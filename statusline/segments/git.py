"""The checkout by git and its host: changes by kind, commits to push and pull, stashes and worktree."""

from statusline.segments.segment import WARN, Segment, count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

CHANGES = (("staged", "added"), ("modified", "pace"), ("untracked", "detail"), ("conflicts", "conflict"))
TRACKED, UNTRACKED = ("staged", "modified", "conflicts"), ("untracked",)


def git_changes(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``+2 ~3 ?1 ×1``: files that are staged, modified, untracked, in conflict; the last as a warning.

    ``?20000+`` where only the first of them were counted; untracked files come last in git's list.
    """
    pieces: "list[tuple[str, str]]" = []
    low = () if snapshot.git.get("cut") is not True else UNTRACKED if snapshot.git.get("untracked") else TRACKED
    for name, role in CHANGES:
        count = count_of(snapshot.git.get(name))
        if count:
            text = f"{count}+" if name in low else str(count)
            pieces += [("sign" if pieces else "glyph", name.removesuffix("s")), (role, text)]
    level = WARN if count_of(snapshot.git.get("conflicts")) else None
    return Segment(pieces, level=level) if pieces else None


def git_sync(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``↑2 ↓1``: commits to push, and commits to pull, as of the last fetch."""
    pieces: "list[tuple[str, str]]" = []
    for name in ("ahead", "behind"):
        count = count_of(snapshot.git.get(name))
        if count:
            pieces += [("sign" if pieces else "glyph", name), ("detail", str(count))]
    return Segment(pieces) if pieces else None


def stash(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``≡2``: the number of stashes."""
    count = count_of(snapshot.git.get("stash"))
    return Segment([("glyph", "stash"), ("detail", str(count))]) if count else None


def worktree(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``wt feat-x``: the linked worktree that the session is in."""
    name = session.name("worktree", "name") or session.words("workspace", "git_worktree")
    return Segment([("glyph", "worktree"), ("branch", name)]) if name else None
