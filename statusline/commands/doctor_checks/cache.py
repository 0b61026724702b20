"""Checks the cache: location, owner, locks, leftover files and the age of its numbers."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.billing import billing_of
from cache.model.entry import NOTHING_YET, read_entry
from cache.model.files import is_there, owned
from cache.model.jsonio import mapping
from cache.model.layout import (
    DIRECTORIES_FOLDER,
    ENTRY_SUFFIX,
    LOCK_SUFFIX,
    SLOT_FILES,
    START_SUFFIX,
    TEMPORARY_SUFFIX,
    USAGE_FILE,
)
from cache.model.stdin_limits import reported_windows
from cache.model.windows import has_ended, windows_in
from cache.readings.snapshot import ODD, open_readings, plain_name, take_snapshot
from cache.refresh.storage import cache_directory, is_ours, was_left
from cache.work.failures import BY_NAME, Failure, Settled, Unwritable
from statusline.commands.doctor_checks.jobs import odd_files
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning
from statusline.commands.usage_page.format import ago_text
from statusline.render.timefmt import span_text

if TYPE_CHECKING:
    from cache.model.entry import Entry
    from statusline.commands.doctor_checks.context import Context

JOBS_OF_A_PLACE = ("usage", "transcripts")
ROOM = 1 << 20  # bytes; more than hudline writes in a day
FILES = 8  # more than one refresh creates at a time
NO_DATA, NO_REFRESH, REPORTED = "no data yet", "no refresh yet", "the line shows what Claude Code reports"
SETTLED = {each.name for each in BY_NAME.values() if issubclass(each, Settled)}


def cache(context: Context) -> Finding:
    """Check that the cache is writable, and only by this user."""
    folder = context.cache
    if context.is_cache_of_project:
        chosen = context.env["STATUSLINE_CACHE_DIR"]
        text = f"STATUSLINE_CACHE_DIR names {chosen}, which is in this project, so {folder} is used"
        return warning("cache", text, "Unset it, or name a folder outside the project.")
    if not folder.exists():
        return _future_cache(folder)
    facts = folder.stat()
    if not folder.is_dir() or not owned(facts.st_uid):
        return failed("cache", f"{folder} is not a folder that you own", Unwritable.next_step)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return failed("cache", f"{folder} cannot be written", Unwritable.next_step)
    return (
        _full_disk(folder)
        or _odd_file(context)
        or _open_cache(folder)
        or _other_cache(context)
        or ok("cache", str(folder))
    )


def _full_disk(folder: Path) -> Finding | None:
    """Return that the disk takes nothing more, if so."""
    room = os.statvfs(folder)
    if room.f_bavail * room.f_frsize < ROOM:
        return failed("cache", f"the disk of {folder} is full", "Free some space.")
    if room.f_files and room.f_favail < FILES:  # some file systems have no fixed number
        return failed("cache", f"the disk of {folder} takes no more files", "Remove some files from it.")
    return None


def _odd_file(context: Context) -> Finding | None:
    """Return what is in place of a file of ours, if something is, and what that costs."""
    step = "Move it away: hudline makes its own."
    if blocked := _first_blocked(_needed_files(context)):
        return failed("cache", f"{blocked} is not a file of yours, so nothing is refreshed", step)
    if blocked := _first_blocked(_slots(context.cache)):
        return failed("cache", f"{blocked} is not a file of yours, so refreshes are late or do not start", step)
    if blocked := next(odd_files(context), None):
        return warning("cache", f"{blocked} is not a file of yours, so what belongs there is not refreshed", step)
    return None


def _future_cache(folder: Path) -> Finding:
    """Return whether a folder that does not exist yet can be created."""
    above = next((each for each in folder.parents if os.path.lexists(each)), folder)
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        return skipped("cache", f"{folder} does not exist yet; it is created on first use")
    return failed("cache", f"{folder} cannot be created: {above} cannot be written", Unwritable.next_step)


def _open_cache(folder: Path) -> Finding | None:
    """Return what other users may do in the cache; None where they may do nothing."""
    open_ones = [each for each in _our_folders(folder) if stat.S_IMODE(each.stat().st_mode) & 0o077]
    if open_ones:
        step = "Run `statusline doctor --fix` to correct the permissions."
        text = f"{open_ones[0]} is accessible to other users"
        return warning("cache", text, step, fix=lambda: _close(open_ones))
    if not is_ours(folder) and folder.stat().st_mode & 0o022:
        step = f"Run `chmod go-w {folder}`, or set STATUSLINE_CACHE_DIR to a folder of your own."
        return warning("cache", f"{folder} can be written by other users", step)
    return None


def _other_cache(context: Context) -> Finding | None:
    """Return that the commands use another cache than the line, if so."""
    meant = cache_directory(context.env)
    if not context.paths or meant == context.cache:
        return None
    step = "Run `statusline install` in the environment that you want: it writes the folder into the command."
    return warning("cache", f"the line uses {context.cache}, but the commands use {meant}", step)


def _needed_files(context: Context) -> list[Path]:
    """Return the files of the two jobs without which nothing is known, as far as a wrong one can stop them."""
    suffixes = (START_SUFFIX, START_SUFFIX + TEMPORARY_SUFFIX, ENTRY_SUFFIX)
    names = [f"{job}{suffix}" for job in JOBS_OF_A_PLACE for suffix in suffixes]
    return [context.place / name for name in names]


def _slots(folder: Path) -> list[Path]:
    """Return the files that bound how many refreshers run at once, with those that replace them."""
    return [folder / f"{name}{suffix}" for name in SLOT_FILES for suffix in ("", TEMPORARY_SUFFIX)]


def _first_blocked(files: list[Path]) -> Path | None:
    """Return the first path at which there is something else than a file of ours."""
    return next((each for each in files if is_there(str(each)) and not _is_own_file(each)), None)


def _is_own_file(path: Path) -> bool:
    try:
        facts = path.lstat()
    except FileNotFoundError:  # a refresher has just given its slot back
        return True
    return stat.S_ISREG(facts.st_mode) and owned(facts.st_uid)


def _close(folders: list[Path]) -> None:
    for each in folders:
        each.chmod(0o700)


def _our_folders(folder: Path) -> list[Path]:
    """Return the folders that we created: only their permissions may be changed."""
    return [
        each for each in (folder, *sorted(folder.glob(f"{DIRECTORIES_FOLDER}/*"))) if each.is_dir() and is_ours(each)
    ]


def lock(context: Context) -> Finding:
    """Check that the lock of the refresher can be taken."""
    name, path = "lock", (context.place / USAGE_FILE).with_suffix(LOCK_SUFFIX)
    if not context.place.exists():
        return skipped(name, "not checked: the cache directory does not exist yet")
    if not context.place.is_dir() or not os.access(context.place, os.W_OK):
        return skipped(name, f"not checked: {context.place} cannot be written")
    try:
        _take(path)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES) and path.is_file() and os.access(path, os.W_OK):
            return ok(name, "held: a refresh is running")
        step = f"Remove {path}, or set STATUSLINE_CACHE_DIR to a disk with file locks (some network drives have none)."
        return failed(name, f"{path} cannot be locked ({error.strerror}), so no refresh is possible", step)
    return ok(name, "file locks work")


def _take(path: Path) -> None:
    try:
        import fcntl  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(fd)


def leftovers(context: Context) -> Finding:
    """Check for temporary files of killed processes."""
    name, found = "leftovers", stale(context)
    if not found:
        return ok(name, "no stale temporary files")
    step = "Run `statusline doctor --fix` to remove them."
    return warning(name, f"left by a killed process: {found[0]}", step, fix=lambda: _remove(found))


def _remove(files: list[Path]) -> None:
    for each in files:
        each.unlink(missing_ok=True)


def stale(context: Context) -> list[Path]:
    """Return our temporary files that are too old to be in use."""
    found = [each for folder in _our_folders(context.cache) for each in folder.glob(f"*{TEMPORARY_SUFFIX}")]
    found += [each.path.with_name(each.path.name + ".hudline-new") for each in context.scopes if each.trusted]
    return [each for each in found if _is_stale(each, context.now)]


def _is_stale(path: Path, now: float) -> bool:
    with contextlib.suppress(OSError):
        facts = path.lstat()
        return stat.S_ISREG(facts.st_mode) and was_left(facts.st_mtime, now)
    return False


def numbers(context: Context) -> Finding:
    """Check the age of the kept usage and the last refresh."""
    name, entry = "numbers", read_entry(str(context.place / USAGE_FILE))
    kept, shown = _kept_windows(entry), _shown_windows(context, entry)
    if entry is NOTHING_YET:
        if not shown:
            step = "Start `claude`; usage is fetched when the first lines are drawn."
            return skipped(name, "no usage yet", step)
        return ok(name, f"{NO_REFRESH}; {REPORTED}")
    known = _refresh_text(entry, len(kept | shown), context.now)
    reported = f"; {REPORTED}" if shown and not kept else ""
    if reported and not entry.fetched_at:
        known = NO_REFRESH
    if entry.problem is None:
        return ok(name, f"{known}{reported}")
    problem = BY_NAME.get(entry.problem, Failure)
    if entry.problem in SETTLED:  # a state of the login or the settings, which has its own check
        return ok(name, f"{known}: {problem.label}{reported}" if reported else f"{known}; {problem.label}")
    attempts = f"last {entry.failures} attempts" if entry.failures > 1 else "last attempt"
    left_s = entry.due_at - context.now
    again = f"next in {span_text(left_s)}" if left_s > 0 else "next one is due"
    return warning(name, f"{known}; {attempts} failed: {problem.label}, {again}{reported}", problem.next_step)


def _kept_windows(entry: Entry) -> set[str]:
    """Return the ids of the windows in the refresher's entry."""
    return {each.id for each in windows_in(mapping(entry.value).get("windows"))}


def _shown_windows(context: Context, entry: Entry) -> set[str]:
    """Return the ids of the windows on the line, with those that one session alone reports and shows."""

    def variable(name: str) -> str:
        return context.env.get(name, "")

    config_dir, now = variable("CLAUDE_CONFIG_DIR"), context.now
    snapshot = take_snapshot(str(context.cache), "", {}, now, of_plan=not billing_of(variable), read=variable)
    shown = set(snapshot.windows)
    with contextlib.suppress(*ODD):
        _, directory = open_readings(str(context.cache), str(context.place), plain_name(config_dir), entry, now)
        for content, _ in directory.waiting:
            reported = reported_windows(content.limits, now).values()
            shown |= {each.id for each in reported if not has_ended(each, now)}
    return shown


def _refresh_text(entry: Entry, count: int, now: float) -> str:
    """Return how many windows are known, and how old the last refresh is."""
    if not count and not entry.fetched_at:
        return NO_DATA
    windows = "1 window" if count == 1 else f"{count or 'no'} windows"
    return f"{windows}, {f'refreshed {ago_text(now - entry.fetched_at)}' if entry.fetched_at else 'never refreshed'}"
