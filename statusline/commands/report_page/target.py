"""Where the report is written: a file of ours that only its owner can read, never through a link."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from cache.model.files import owned, read_file
from cache.model.git_head import repository_of
from cache.refresh.storage import make_ours
from cache.work.failures import Unwritable
from statusline.commands.report_page.page import BEGIN
from statusline.commands.support.output import ANOTHER_FILE

AT_MOST = 64 << 20  # bytes of a file that may be an old report


class TargetRefused(Exception):
    """The report must not be written there; the message ends with the next step."""


def write_default(target: Path, page: str) -> None:
    """Write the page to its place in the cache; raise TargetRefused, or OSError where it cannot be written.

    Only an older report is replaced, and nothing is written within a git repository.
    """
    folder = target.parent
    repository = repository_of(os.path.realpath(folder))
    if repository is not None:
        raise TargetRefused(f"{folder} is in the git repository {repository.root}. {ANOTHER_FILE}")
    try:
        make_ours(folder)
    except Unwritable as failure:
        raise TargetRefused(f"{failure}. {ANOTHER_FILE}") from failure
    facts = _facts_of(target)
    if facts is not None and not (owned(facts.st_uid) and _is_report(target)):
        raise TargetRefused(f"{target} is not a report; it was left unchanged. {ANOTHER_FILE}")
    _replace(target, page)


def write_named(target: Path, page: str) -> None:
    """Write the page to a file that the user named, which may exist; raise as `write_default` does."""
    _facts_of(target)
    _replace(target, page)


def _facts_of(target: Path) -> os.stat_result | None:
    """Return the facts of a regular file, None where there is nothing; raise TargetRefused for anything else."""
    try:
        facts = target.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(facts.st_mode):
        raise TargetRefused(f"{target} is a link to {os.readlink(target)}. {ANOTHER_FILE}")
    if not stat.S_ISREG(facts.st_mode):
        raise TargetRefused(f"{target} is not a regular file. {ANOTHER_FILE}")
    return facts


def _is_report(path: Path) -> bool:
    data = read_file(str(path), AT_MOST, ours=True)
    return data is not None and data.startswith(BEGIN.encode())


def _replace(target: Path, page: str) -> None:
    """Replace the file in one step, 0600: a link that takes its place meanwhile is replaced, never followed."""
    fd, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(page.encode())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
