"""Claude Code's own list of running sessions: one ``sessions/<pid>.json`` per process in its config directory.

Claude Code 2.1.332 writes a file in place whenever its session changes, so only the file's own time tells of it; the
time of the folder changes when a session starts or ends. Sessions that were killed leave their files behind.
"""

from __future__ import annotations

import heapq
import os
import re
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cache.model.files import read_file, times_of
from cache.model.jsonio import mapping, number, parse_json, words
from cache.model.osapi import is_absolute
from cache.sources.claude.paths import config_directory
from cache.sources.process.liveness import Origin, is_same_process

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "sessions"
IS_WAITING = "waiting"  # the status of a session that waits for an answer
READ_AT_MOST = 64  # files, the newest
LISTED_AT_MOST = 20_000  # names
FILE_AT_MOST = 64 << 10  # bytes; they have 0.7 KB
NAME_AT_MOST = 24  # characters
PATH_AT_MOST = 4096

# Beside them are `.key` files, which are never opened. Former clients wrote `pid-N.json`.
_SESSION_FILE = re.compile(r"(?:pid-)?([0-9]{1,10})\.json")
_SESSION_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_PANE = re.compile(r"[^:]*:@[0-9]+\.(%[0-9]{1,9})")


class RunningSession(NamedTuple):
    """One running session.

    ``status`` is ``idle``, ``busy`` or ``waiting``, empty for sessions of the SDK; ``waiting_for`` is Claude Code's own
    word for it. ``name`` is what to call the session: the name that the user chose, else the folder's, or, where
    another session has that one, ``full_name``, which Claude Code derived from the folder. ``since`` is when the status
    began and ``started_at`` when the session did, epoch seconds or 0. ``pane`` is its tmux pane such as ``%3``, or
    empty. ``times`` are those of its ``file``, as an entry watches them, from before it was read. Texts are cleaned,
    but not the folder's path.
    """

    pid: int
    id: str
    name: str
    full_name: str
    folder: str
    status: str
    waiting_for: str
    since: float
    started_at: float
    pane: str
    file: str
    times: list[int]


def sessions_folder(env: Mapping[str, str]) -> Path:
    """Return the folder with the files of the running sessions."""
    return config_directory(env) / FOLDER


def running_sessions(folder: Path, now: float | None = None) -> list[RunningSession]:
    """Return the sessions that are running, those first whose file changed last; at most `READ_AT_MOST` are read.

    Raises OSError where the folder cannot be read; one that does not exist has no sessions.
    """
    at = time.time() if now is None else now
    found = [read_session(path, pid, times, at) for times, path, pid in newest_files(folder)]
    return _with_short_names([session for session in found if session is not None])


def newest_files(folder: Path) -> list[tuple[list[int], str, int]]:
    """Return ``[mtime_ns, size]``, path and pid of the newest files."""
    found: list[tuple[list[int], str, int]] = []
    try:
        with os.scandir(folder) as each:
            for file in islice(each, LISTED_AT_MOST):
                named = _SESSION_FILE.fullmatch(file.name)
                if named is not None:
                    found.append((times_of(file.path), file.path, int(named[1])))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return heapq.nlargest(READ_AT_MOST, found)


def read_session(path: str, pid: int, times: list[int], now: float) -> RunningSession | None:
    """Return the session of a file; None where it does not run, or the file is of another kind or cannot be read."""
    data = read_file(path, FILE_AT_MOST, ours=True)
    try:
        fields = mapping(parse_json((data or b"").decode("utf-8", "replace")))
    except ValueError:
        return None
    id_, folder = words(fields.get("sessionId")) or "", words(fields.get("cwd")) or ""
    origin = Origin(pid, words(fields.get("procStart")) or "", words(fields.get("pidDomain")) or "", times[0] / 1e9)
    if fields.get("pid") != pid or not _SESSION_ID.fullmatch(id_) or not is_same_process(origin, now):
        return None
    folder = folder if is_absolute(folder) and len(folder) <= PATH_AT_MOST else ""
    full_name = clean(fields.get("name")) or clean(os.path.basename(folder)) or str(pid)
    is_chosen = fields.get("nameSource") != "derived"
    pane = _PANE.fullmatch(words(fields.get("tmux")) or "")
    return RunningSession(
        pid,
        id_,
        full_name if is_chosen else clean(os.path.basename(folder)) or full_name,
        full_name,
        folder,
        clean(fields.get("status")),
        clean(fields.get("waitingFor")),
        _seconds(fields.get("statusUpdatedAt")),
        _seconds(fields.get("startedAt")),
        pane[1] if pane else "",
        path,
        times,
    )


def clean(value: object, at_most: int = NAME_AT_MOST) -> str:
    """Return a text on one line without control, bidi and invisible characters, cut to ``at_most`` characters."""
    text = (words(value) or "")[: 8 * at_most]
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:at_most].rstrip()


def _seconds(value: object) -> float:
    """Return epoch seconds of a time in milliseconds, 0 where it is none."""
    found = number(value) or 0
    return found / 1000 if 0 < found < 1e14 else 0


def _with_short_names(running: list[RunningSession]) -> list[RunningSession]:
    """Give sessions that would have the same name their full ones."""
    names = [session.name for session in running]
    return [
        session if names.count(session.name) == 1 else session._replace(name=session.full_name) for session in running
    ]
