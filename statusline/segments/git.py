"""The checkout by git and its host: changes, commits to push and pull, operations in progress, the pull request."""

from statusline.render.sanitize import safe_link
from statusline.segments.segment import WARN, Segment, count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

CHANGES = (("staged", "added"), ("modified", "warn"), ("untracked", "detail"), ("conflicts", "conflict"))


def git_changes(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``+2 ~3 ?1 ×1``: files that are staged, modified, untracked, in conflict; the last as a warning."""
    form: "list[tuple[str, str]]" = []
    total = 0
    for name, role in CHANGES:
        count = count_of(snapshot.git.get(name))
        if count:
            form += [("detail", " ")] if form else []
            form += [("glyph", name.removesuffix("s")), (role, str(count))]
            total += count
    if not form:
        return None
    level = WARN if count_of(snapshot.git.get("conflicts")) else None
    return Segment(form, [("glyph", "dirty"), ("detail", str(total))], level=level)


def git_sync(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``⇡2 ⇣1``: commits to push, and commits to pull, as of the last fetch."""
    form: "list[tuple[str, str]]" = []
    for role in ("ahead", "behind"):
        count = count_of(snapshot.git.get(role))
        if count:
            form += [("detail", " ")] if form else []
            form += [("glyph", role), ("detail", str(count))]
    return Segment(form) if form else None


def stash(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``⚑2``: the number of stashes."""
    count = count_of(snapshot.git.get("stash"))
    return Segment([("glyph", "stash"), ("detail", str(count))]) if count else None


def git_operation(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``⟳ rebase 2/5``: the git operation in progress."""
    return Segment([("glyph", "operation"), ("value", snapshot.operation)], level=WARN) if snapshot.operation else None


def worktree(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``⊞ feat-x``: the linked worktree that the session is in."""
    name = session.name("worktree", "name") or session.words("workspace", "git_worktree")
    return Segment([("glyph", "worktree"), ("branch", name)]) if name else None


def repo(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``owner/name``: where the repository's origin is, linked to it."""
    host, owner, name = (session.words("workspace", "repo", key) for key in ("host", "owner", "name"))
    if owner is None or name is None:
        return None
    is_host = host is not None and host.replace("-", "").replace(".", "").isalnum()
    link = safe_link(f"https://{host}/{owner}/{name}") if is_host else ""
    return Segment([("detail", f"{owner}/{name}")], [("detail", name)], link=link)


def pr(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``#123 approved``: the open pull request of the branch with its review, or ``!45`` at GitLab; linked to it."""
    number = session.count("pr", "number")
    if not number:
        return None
    sign = ("detail", "!") if session.part("pr", "kind") == "mr" else ("glyph", "pr")
    state = (session.words("pr", "review_state") or "").replace("_", " ")[:24]
    form = [sign, ("value", str(number))]
    level = WARN if state == "changes requested" else None
    forms = [[*form, ("detail", f" {state}")], form] if state else [form]
    return Segment(*forms, level=level, link=safe_link(session.words("pr", "url")))
