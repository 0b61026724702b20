"""What git says of the checkout: the operation in progress, and what the job last found."""

from cache.model.entry import FAR, has_changed, is_due, read_entry
from cache.model.git_head import is_reftable
from cache.model.jsonio import mapping, number, words
from cache.model.layout import JOB_FOLDERS
from cache.model.lazy import further_module
from cache.model.osapi import system
from cache.readings.snapshot import plain_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.model.entry import Entry
    from cache.model.git_head import Repository
    from statusline.payload import Session

GIT_SPACING_S = 10  # between two starts, however often something changes
GIT_SHARE = 20  # a slow checkout is asked again after 20 times as long as git took
# What is in git's folder while an operation is in progress; to ask only for these takes less than a file's kind.
MARKS = ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "sequencer", "BISECT_LOG")
SHOWN_S = 300  # how long a value may be shown after it was due again


class DueJob:
    """A job to start: ``stem`` is the path of its entry without the suffix, ``given`` makes its standard input."""

    __slots__ = ("given", "job", "options", "spacing_s", "stem")

    def __init__(
        self,
        job: "str",
        stem: "str",
        spacing_s: "float",
        options: "list[str]",
        given: "Callable[[], bytes] | None" = None,
    ) -> "None":
        self.job = job
        self.stem = stem
        self.spacing_s = spacing_s
        self.options = options
        self.given = given


def read_operation(repository: "Repository") -> "dict[str, object]":
    """Return what git is in the middle of in a checkout, and the branch that it is done to."""
    git_dir = repository.git_dir
    if not any([system.access(f"{git_dir}/{mark}", 0) for mark in MARKS]):  # noqa: C419 - a list takes less time
        return {}
    under_way = further_module("cache.model.git_operation").operation_of(git_dir)
    if under_way is None:
        return {}
    operation, branch = under_way
    return {"operation": operation, "branch": branch} if branch else {"operation": operation}


def read_git(
    repository: "Repository", session: "Session", every_s: "int", cache: "str", now: "float"
) -> "tuple[dict[str, object], list[DueJob]]":
    """Return what `git status` said of a checkout; due when HEAD, the index or the session's lines have changed."""
    chosen = chosen_place(repository, session)
    name = plain_name("\n".join([repository.root, *chosen[1:2]]))
    stem, session_id = f"{cache}/{JOB_FOLDERS['git']}/{name}", (session.words("session_id") or "")[:80]
    entry = read_entry(stem + ".json")
    value = mapping(entry.value)
    took_s = number(value.get("took_s")) or 0
    is_current = is_fit(entry, 2 * max(every_s, GIT_SPACING_S + 60 * took_s), now)
    values: "dict[str, object]" = {"git": value} if is_current else {}
    if is_current and is_reftable(repository):
        values["branch"] = words(value.get("branch"))
    lines = 0
    for kind in ("total_lines_added", "total_lines_removed"):
        lines += max(int(session.number("cost", kind) or 0), 0)
    has_written = mapping(value.get("lines")).get(session_id, 0) != lines
    if not (has_written or is_due(entry, now) or has_changed(entry)):
        return values, []
    options = ["--entry", name, "--root", repository.root, *chosen, "--session", session_id, "--lines", str(lines)]
    options += ["--changed", "yes"] if has_written else []
    spacing_s = max(GIT_SPACING_S, GIT_SHARE * took_s)
    return values, [DueJob("git", stem, spacing_s, [*options, "--every", str(every_s), "--cache", cache])]


def chosen_place(repository: "Repository", session: "Session") -> "list[str]":
    """Return the options for the job where the session's environment has chosen the repository."""
    if not session.setting("GIT_DIR"):
        return []
    options = ["--git-dir", repository.git_dir]
    return [*options, "--work-tree", repository.root] if session.setting("GIT_WORK_TREE") else options


def is_fit(entry: "Entry", within_s: "float", now: "float") -> "bool":
    """Return whether an entry may still be shown: an old value that could not be refreshed is silent."""
    if entry.problem is None:
        within_s = max(within_s, min(entry.due_at - entry.fetched_at, FAR))
    return entry.value is not None and -SHOWN_S < now - entry.fetched_at <= within_s + SHOWN_S
