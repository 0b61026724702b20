"""Reads the state of a checkout from `git status`, without running any program that the repository could choose.

What counts as a change is the user's choice, as in the shell. Clean filters are turned off by name, those of submodules
too. One gap remains: a filter configured between reading the names and the status.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cache.sources.git.clean_filters import count_unjudged, disable_settings, read_drivers
from cache.sources.git.command import AT_MOST, IN_TOTAL, Git
from cache.sources.git.refs import upstream_file
from cache.sources.git.submodules import drivers_in_submodules
from cache.work.failures import GitRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.model.git_head import Repository

COMMAND = ("status", "--porcelain=v2", "-z", "--branch", "--show-stash")
PATHS_AT_MOST = 1000  # modified files that are checked again


@dataclass
class Status:
    """Counts of files; ``untracked`` is None where they were not counted, ``cut`` means there are more of all kinds.

    ``twice`` are those that are both staged and modified. ``ahead`` and ``behind`` are commits, None without an
    upstream that exists; ``stash`` counts entries.
    """

    staged: int = 0
    modified: int = 0
    twice: int = 0
    untracked: int | None = None
    conflicts: int = 0
    stash: int = 0
    ahead: int | None = None
    behind: int | None = None
    upstream: str | None = None
    upstream_file: str | None = None  # it changes with a push or a fetch
    branch: str | None = None  # "(detached)" where there is none
    commit: str = ""  # empty before the first one
    cut: bool = False
    changed: list[bytes] = field(default_factory=list, repr=False)  # the first of the modified files


def read_status(
    repository: Repository,
    env: Mapping[str, str],
    *,
    untracked: bool,
    seconds: float = IN_TOTAL,
    at_most: int = AT_MOST,
    place: Mapping[str, str] | None = None,
) -> Status:
    """Return the state of a checkout; raise NoGit, GitRefused or Overdue.

    ``untracked`` says whether to look for untracked files, which is what takes longest; ``place`` is as in `Git`.
    Filters are not run: a file that only its filter could judge does not count as modified.
    """
    git = Git(repository.root, env, seconds, at_most, place)
    git.enter_work_tree(repository.git_dir)
    drivers = read_drivers(git)
    within, flags = _look_within(git, repository)
    flags += [] if untracked else ["--untracked-files=no"]
    settings = disable_settings(sorted({*drivers, *within}))
    try:
        output, cut = git.output_of(*COMMAND, *flags, settings=settings)
    except GitRefused:  # to compare contents, it may need an object that a partial clone has not fetched
        output, cut = git.output_of(*COMMAND, *flags, "--find-renames=100%", settings=settings)
    status = parse_status(output, counted=untracked)
    status.cut = cut
    if status.upstream:
        status.upstream_file = upstream_file(git, repository, status.upstream)
    if drivers and status.changed:
        status.modified -= count_unjudged(git, drivers, status.changed, git.root)
        status.twice = min(status.twice, status.modified)
    return status


def _look_within(git: Git, repository: Repository) -> tuple[list[str], list[str]]:
    """Return the filters of submodules, and the flags that keep git out of submodules whose filters are not known."""
    try:
        drivers = drivers_in_submodules(git, repository.git_dir)
    except GitRefused:
        drivers = None
    return (drivers, []) if drivers is not None else ([], ["--ignore-submodules=dirty"])


def parse_status(output: bytes, *, counted: bool = True) -> Status:
    """Parse the output of ``git status --porcelain=v2 -z``; rows of unknown kinds are ignored."""
    status = Status(untracked=0 if counted else None)
    rows = iter(output.split(b"\0"))
    for row in rows:
        kind = row[:2]
        if kind == b"# ":
            _add_header(status, row.decode("utf-8", "replace"))
        elif kind in {b"1 ", b"2 "}:
            _add_change(status, row)
            if kind == b"2 ":
                next(rows, None)  # the path before the rename
        elif kind == b"u ":
            status.conflicts += 1
        elif kind == b"? " and status.untracked is not None:
            status.untracked += 1
    return status


def _add_change(status: Status, row: bytes) -> None:
    status.staged += row[2:3] != b"."
    if row[3:4] != b".":
        status.modified += 1
        status.twice += row[2:3] != b"."
        is_file = row[5:6] == b"N"  # not a submodule
        if row[3:4] == b"M" and row[:1] == b"1" and is_file and len(status.changed) < PATHS_AT_MOST:
            status.changed.append(row.split(b" ", 8)[-1])


_AHEAD_BEHIND = re.compile(r"# branch\.ab \+(\d+) -(\d+)")


def _add_header(status: Status, row: str) -> None:
    if row.startswith("# branch.head "):
        status.branch = row[14:]
    elif row.startswith("# branch.oid "):
        status.commit = row[13:] if row[13:] != "(initial)" else ""
    elif row.startswith("# branch.upstream "):
        status.upstream = row[18:]
    elif row.startswith("# stash "):
        status.stash = int(row[8:]) if row[8:].isdecimal() else 0
    elif match := _AHEAD_BEHIND.fullmatch(row):
        status.ahead, status.behind = int(match[1]), int(match[2])
