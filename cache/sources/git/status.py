"""What `git status` says of a checkout, asked so that nothing runs which the repository could choose.

What it could choose from: fsmonitor, pager, hooks and the like, overridden here; clean filters, silenced by name
(`filters`); transports, with which a partial clone fetches what it lacks, forbidden; all that for the submodules, which
are not looked into. What remains: a filter that is configured between the question for the names and the status.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cache.sources.git.clean_filters import DRIVER_KEYS, drivers_in, silenced, untold
from cache.sources.process.run import run
from cache.work.failures import GitRefused, NoGit, Overdue

if TYPE_CHECKING:
    from collections.abc import Mapping

IN_TOTAL = 5.0  # seconds, for all that git is asked together
AT_MOST = 4 << 20  # bytes of what it says; 40,000 changed files take about that
PATHS_AT_MOST = 1000  # changed files that may be looked at again

# What git may know of its user. Nothing else of the environment can steer it.
_PASSED_ON = ("HOME", "USER", "LOGNAME", "XDG_CONFIG_HOME", "SYSTEMROOT", "USERPROFILE")
_FIXED = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",  # the index is not written, so nobody's commit finds a lock and no hook runs
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "GIT_SSH_COMMAND": "false",
    "GIT_PAGER": "cat",
    "GIT_LITERAL_PATHSPECS": "1",
    # A missing object of a partial clone would be fetched, by programs that the repository names. The first is not
    # known to every git, the second forbids all transports to all of them.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
# These win over the repository's own configuration and over the person's.
_SETTINGS = (
    "core.fsmonitor=false",
    "core.pager=cat",
    f"core.hooksPath={os.devnull}",
    "core.sshCommand=false",
    "core.askPass=false",
    "credential.helper=",
    "diff.external=",
    "safe.bareRepository=explicit",
)


@dataclass
class Status:
    """Counts of files; ``untracked`` is None where they were not counted, ``cut`` says that there are more of all.

    ``ahead`` and ``behind`` are commits, None without an upstream that exists; ``stash`` counts entries.
    """

    staged: int = 0
    modified: int = 0
    untracked: int | None = None
    conflicts: int = 0
    stash: int = 0
    ahead: int | None = None
    behind: int | None = None
    upstream: str | None = None
    cut: bool = False
    changed: list[bytes] = field(default_factory=list, repr=False)  # the first of the modified files


class Git:
    """The person's git, for one checkout, until a time (monotonic seconds) is up."""

    def __init__(self, root: str, env: Mapping[str, str], seconds: float = IN_TOTAL, at_most: int = AT_MOST) -> None:
        folders = [each for each in env.get("PATH", "").split(os.pathsep) if os.path.isabs(each)]
        program = shutil.which("git", path=os.pathsep.join(folders))  # never one of the working directory
        if program is None:
            raise NoGit("no `git` on PATH")
        self._program, self._root = program, root
        self._until, self._at_most = time.monotonic() + seconds, at_most
        self._env = {name: env[name] for name in _PASSED_ON if name in env} | _FIXED
        self._env |= {"PATH": os.pathsep.join(folders), "GIT_CEILING_DIRECTORIES": os.path.dirname(root)}

    def said(
        self, *words: str, settings: tuple[str, ...] = (), given: bytes = b"", none: int = 0
    ) -> tuple[bytes, bool]:
        """Return what git says, and whether that was cut short; raise Overdue or GitRefused.

        ``none`` is the exit code by which a command says that there is nothing, besides 0.
        """
        flags = [word for each in (*_SETTINGS, *settings) for word in ("-c", each)]
        command = [self._program, "--no-pager", *flags, *words]
        left = self._until - time.monotonic()
        try:
            ran = run(command, env=self._env, cwd=self._root, seconds=left, at_most=self._at_most, given=given)
        except OSError as error:
            raise GitRefused(f"{self._root}: {error.strerror}") from error
        if ran.overdue:
            raise Overdue(f"git took longer than {IN_TOTAL:.0f} s in {self._root}")
        if not ran.cut and ran.code not in {0, none}:
            raise GitRefused(f"`git {words[0]}` ended with {ran.code} in {self._root}")
        return ran.output, ran.cut


def read_status(
    root: str, env: Mapping[str, str], *, untracked: bool, seconds: float = IN_TOTAL, at_most: int = AT_MOST
) -> Status:
    """Return the state of the checkout at ``root``; raise NoGit, GitRefused or Overdue.

    ``untracked`` says whether to look for files that git does not know, the dear part of it. Filters are not run: a
    file that only one of them could judge does not count as modified.
    """
    git = Git(root, env, seconds, at_most)
    drivers = drivers_in(git.said("config", "-z", "--name-only", "--get-regexp", DRIVER_KEYS, none=1)[0])
    output, cut = git.said(
        "status",
        "--porcelain=v2",
        "-z",
        "--branch",
        "--show-stash",
        "--ignore-submodules=dirty",  # what is within them would be asked of a git of their own
        "--find-renames=100%",  # without reading what is in the files
        f"--untracked-files={'normal' if untracked else 'no'}",
        settings=silenced(drivers),
    )
    status = parse_status(output, counted=untracked)
    status.cut = cut
    if drivers and status.changed:
        status.modified -= untold(git, drivers, status.changed, root)
    return status


def parse_status(output: bytes, *, counted: bool = True) -> Status:
    """Return what ``--porcelain=v2 -z`` text says; lines of kinds that are not known are passed over."""
    status = Status(untracked=0 if counted else None)
    rows = iter(output.split(b"\0"))
    for row in rows:
        kind = row[:2]
        if kind == b"# ":
            _take_header(status, row.decode("utf-8", "replace"))
        elif kind in {b"1 ", b"2 "}:
            _take_change(status, row)
            if kind == b"2 ":
                next(rows, None)  # where it was before
        elif kind == b"u ":
            status.conflicts += 1
        elif kind == b"? " and status.untracked is not None:
            status.untracked += 1
    return status


def _take_change(status: Status, row: bytes) -> None:
    status.staged += row[2:3] != b"."
    if row[3:4] != b".":
        status.modified += 1
        if row[3:4] == b"M" and row[:1] == b"1" and len(status.changed) < PATHS_AT_MOST:
            status.changed.append(row.split(b" ", 8)[-1])


_AHEAD_BEHIND = re.compile(r"# branch\.ab \+(\d+) -(\d+)")


def _take_header(status: Status, row: str) -> None:
    if row.startswith("# branch.upstream "):
        status.upstream = row[18:]
    elif row.startswith("# stash "):
        status.stash = int(row[8:]) if row[8:].isdecimal() else 0
    elif found := _AHEAD_BEHIND.fullmatch(row):
        status.ahead, status.behind = int(found[1]), int(found[2])
