"""The sessions job: which of Claude Code's running sessions wait for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.entry import WATCHED_OF_PART, Entry
from cache.model.files import times_of
from cache.sources.claude.sessions import IS_WAITING, newest_files, running_sessions, sessions_folder
from cache.watches.config import WAITING, read_watches
from cache.work import failures as errors

if TYPE_CHECKING:
    from cache.sources.claude.sessions import RunningSession
    from cache.work.request import Request

LIMIT_S = 4
EVERY_S = 30  # while a session waits: one that was killed leaves its file as it is
UNWATCHED_S = 8  # where more sessions run than a tick looks at; less than the 10 s between two ticks
SOON_S = 120  # where none waits: one that begins to changes its file, which is watched
QUIET_S = 600  # where nothing has changed since the last look, after waits that double; or no other session runs
NEW_S = 60  # a session may not have written all of its file yet


def collect(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
    """Return the entry to keep, and the failure, if any."""
    folder = sessions_folder(request.env)
    if not folder.is_absolute():  # a tick in another directory would look elsewhere
        return _failed_entry(before, errors.NoSessions("CLAUDE_CONFIG_DIR is not an absolute path"), now)
    watch = {str(folder): times_of(str(folder))}  # before it is read, so that a later change is seen as one
    try:
        running = running_sessions(folder, now)
        files = newest_files(folder)
    except OSError as error:
        return _failed_entry(before, errors.NoSessions(f"{folder}: {error.strerror}"), now)
    waiting = _waiting(running)
    read = {session.file for session in running}
    written_at = [watch[str(folder)], *(times for times, path, _ in files if path not in read)]
    is_new = any(now - mtime_ns / 1e9 < NEW_S for mtime_ns, _ in written_at)
    wait_s: float = QUIET_S
    if len(running) > 1 or (running and _is_telling(request)):
        watch |= {session.file: session.times for session in running[: WATCHED_OF_PART - 1]}
        is_quiet = before.watch == watch
        wait_s = min(max(SOON_S, 2 * (before.due_at - before.fetched_at)), QUIET_S) if is_quiet else SOON_S
        wait_s = wait_s if len(running) < WATCHED_OF_PART else UNWATCHED_S
    wait_s = min(wait_s, EVERY_S) if waiting or is_new else wait_s
    return Entry({"waiting": waiting}, int(now), int(now + wait_s), None, 0, watch), None


def _is_telling(request: Request) -> bool:
    """Return whether a watch tells of sessions that wait: then also the only one counts."""
    return any(watch.on == WAITING for watch in read_watches(str(request.config)))


def _failed_entry(before: Entry, failure: errors.Failure, now: float) -> tuple[Entry, errors.Failure]:
    """Return an entry without a value, and the failure: who waited before is no longer known to."""
    failures = before.failures + 1
    return Entry(None, before.fetched_at, int(now + failure.wait_s(failures)), failure.name, failures), failure


def _waiting(running: list[RunningSession]) -> list[dict[str, object]]:
    """Return the sessions that wait, in the shape that `statusline.gather` reads: the longest wait first."""
    waiting = sorted((each for each in running if each.status == IS_WAITING), key=lambda each: each.since)
    return [{"pid": each.pid, "session": each.id, "name": each.name} for each in waiting]
