"""Checks the background jobs beside usage: their last failures, and files that keep them from working."""

from __future__ import annotations

import contextlib
import os
import stat
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cache.model.entry import read_entry
from cache.model.files import is_there, owned
from cache.model.layout import (
    ACCOUNTS_FOLDER,
    ENTRY_SUFFIX,
    JOB_FOLDERS,
    LOCK_SUFFIX,
    START_SUFFIX,
    STATE_SUFFIX,
    TEMPORARY_SUFFIX,
    TRANSCRIPTS_FILE,
)
from cache.work.failures import BY_NAME, Failure, NoTranscript
from statusline.commands.doctor_checks.result import Finding, ok, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cache.model.entry import Entry
    from statusline.commands.doctor_checks.context import Context

RECENT_S = 3600  # a failure before that may be of a checkout or a session that is gone
FILES_AT_MOST = 2000  # looked at in one folder

_SUFFIXES = (ENTRY_SUFFIX, LOCK_SUFFIX, START_SUFFIX, STATE_SUFFIX, TEMPORARY_SUFFIX, ".sqlite3")


def jobs(context: Context) -> Finding:
    """Check that the last run of each job went well."""
    name = "jobs"
    if not context.cache.is_dir():
        return skipped(name, "not checked: the cache directory does not exist yet")
    failing = [(text, problem) for text, problem in _failures(context) if problem is not None]
    if not failing:
        return ok(name, "no job failed within the last hour")
    text, problem = failing[0]
    more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
    return warning(name, f"{text}: {problem.label}{more}", problem.next_step)


def odd_files(context: Context) -> Iterator[Path]:
    """Yield what has the name of a file of ours but is none: a folder, a link, a FIFO, another user's file."""
    folders = dict.fromkeys([context.cache, context.place])
    for folder in (*folders, *(context.cache / each for each in (ACCOUNTS_FOLDER, *JOB_FOLDERS.values()))):
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in islice(entries, FILES_AT_MOST):
                facts = entry.stat(follow_symlinks=False)
                is_file = stat.S_ISREG(facts.st_mode) and owned(facts.st_uid)
                if entry.name.endswith(_SUFFIXES) and not is_file:
                    yield Path(entry.path)


def _failures(context: Context) -> Iterator[tuple[str, type[Failure] | None]]:
    """Yield what was refreshed lately, as text, and the failure that it ended with, if any."""
    yield "transcripts", _problem(context.place / TRANSCRIPTS_FILE, context.now)
    for job, folder in JOB_FOLDERS.items():
        for path in sorted((context.cache / folder).glob(f"*{ENTRY_SUFFIX}"))[:FILES_AT_MOST]:
            yield f"{job} ({unquote(path.stem)})", _problem(path, context.now)


def _problem(path: Path, now: float) -> type[Failure] | None:
    """Return the failure in an entry, None without one, and where it is of no interest."""
    try:
        is_recent = now - path.lstat().st_mtime < RECENT_S
    except OSError:
        return None
    entry = read_entry(str(path)) if is_recent else None
    if entry is None or entry.problem is None or _is_usual(entry):
        return None
    return BY_NAME.get(entry.problem, Failure)


def _is_usual(entry: Entry) -> bool:
    """Return whether a problem is that of a session which has not written its transcript yet."""
    return entry.problem == NoTranscript.name and not any(is_there(path) for path in entry.watch)
