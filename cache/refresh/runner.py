"""One refresh: take the lock, check again whether it is due, run the job, replace the entry."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import signal
import stat
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cache.model.entry import NOTHING_YET, Entry, has_changed, is_due
from cache.model.files import owned
from cache.model.jsonio import mapping
from cache.model.layout import (
    CONTEXT_FILE,
    JOB_FOLDERS,
    LOCK_SUFFIX,
    READINGS_FILE,
    SLOT_FILES,
    START_SUFFIX,
    TEMPORARY_SUFFIX,
)
from cache.model.staleness import reason_to_refresh
from cache.model.windows import AHEAD_S
from cache.readings.snapshot import wanted
from cache.refresh import log
from cache.refresh.kept_entry import read_kept, write_kept
from cache.refresh.lock import hold_lock
from cache.refresh.storage import make_ours, was_left
from cache.refresh.sweep import sweep
from cache.usage.payer import payer_of
from cache.usage.readings_update import read_directory
from cache.work import failures as errors
from cache.work.redact import scrub
from cache.work.request import Outcome, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.work.request import Job

WATCHED_JOBS = ("usage", "sessions")
UNKNOWN_TIME = 0  # as ``fetched_at``: the value is too old to be shown as the present one
OTHERS_S = 3  # for other checkouts; this and the time limit of the last one are shorter than a slot lasts


def refresh(request: Request, clock: Callable[[], float] = time.time) -> Outcome:
    """Do one refresh in this process; never raises a `Failure`."""
    try:
        kept = request.entry_file
    except errors.Failure as stopped:
        return _outcome(request, stopped, NOTHING_YET)
    try:
        _prepare(request, kept)
        with hold_lock(kept.with_suffix(LOCK_SUFFIX)):
            before = read_kept(request)
            if not request.force and not _is_to_do(request, before, clock()):
                return _not_due(before)
            now = clock()
            after, failure = _run_job(request, before, now)
            if after.fetched_at > now + AHEAD_S:  # the clock was set back, and the job failed: it waits all the same
                after.fetched_at = UNKNOWN_TIME
            write_kept(request, after)
        if request.job in JOB_FOLDERS:
            sweep(kept.parent, time.time())  # the clock of the files
    except errors.Failure as stopped:
        return _outcome(request, stopped, read_kept(request))
    return _outcome(request, failure, after)


def follow_up(request: Request, outcome: Outcome, clock: Callable[[], float] = time.time) -> None:
    """Do what belongs to the end of a job, each with its own time limit.

    After the transcripts job, share what was spent; after the git job, check other checkouts; after others, check the
    watches.
    """
    if outcome.state == "busy":
        return
    if request.job == "git" and outcome.state == "refreshed":
        _refresh_others(request, clock)
    if request.job == "transcripts":
        _share_money(request, outcome.entry)
    if request.job not in WATCHED_JOBS:
        return
    if importlib.import_module("cache.watches.config").is_watching(request):
        limit(limit_of("watch"))
        watching = replace(request, job="watch", force=True, options={**request.options, "after": request.job})
        refresh(watching, clock)


def _refresh_others(request: Request, clock: Callable[[], float]) -> None:
    """Check other checkouts in this process until `OTHERS_S` is over."""
    until = request.monotonic() + OTHERS_S
    for further in importlib.import_module("cache.jobs.git").other_checkouts(request, clock()):
        if request.monotonic() < until:
            limit(limit_of("git"))
            refresh(further, clock)


def _share_money(request: Request, entry: Entry) -> None:
    """Merge what was spent into the usage entry; a later tick starts the job again where that fails."""
    spent = replace(request, job="money")
    money = Entry(mapping(mapping(entry.value).get("money")), entry.fetched_at, entry.due_at, entry.problem)
    if money.value and read_kept(spent).as_json() != money.as_json():
        with contextlib.suppress(errors.Failure):
            write_kept(spent, money)


def _run_job(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
    """Run the job; where it raises, return the former entry with a later ``due_at``, and the failure."""
    try:
        return _job(request.job).collect(request, before, now)
    except errors.Failure as failure:
        caught = failure
    except Exception as error:  # noqa: BLE001 - a bug, which would otherwise recur at every tick
        import traceback  # noqa: PLC0415 - for bugs alone

        at = traceback.extract_tb(error.__traceback__)[-1]  # the message is left out: it may quote secrets
        caught = errors.Broken(f"{type(error).__name__} in {os.path.basename(at.filename)}, line {at.lineno}")
    after = read_kept(request)  # read again: a job may have written its progress
    if after is NOTHING_YET:
        after = Entry()
    after.problem, after.failures = caught.name, before.failures + 1
    after.due_at = int(now + caught.wait_s(after.failures))
    return after, caught


def _is_to_do(request: Request, before: Entry, now: float) -> bool:
    """Return, under the lock, whether the job is still to be done."""
    if request.job == "usage":
        seen = wanted(read_directory(request, before, now), before)
        version = request.options.get("claude-version", "")
        return bool(reason_to_refresh(before, now, request.oauth, payer_of(request), seen, version))
    has_changed_for_tick = request.options.get("changed") == "yes"  # in the payload, which only the tick has
    if request.job == "transcripts" and before.problem is not None:
        has_changed_for_tick = False  # they grow all the time: that is no reason to fail again
    return has_changed_for_tick or is_due(before, now) or has_changed(before)


def _outcome(request: Request, failure: errors.Failure | None, entry: Entry) -> Outcome:
    if failure is None:
        outcome = Outcome("refreshed", f"refreshed; due again at {_clock_text(entry.due_at)}", entry)
    else:
        text = f"{failure.label}: {failure}" if str(failure) else failure.label
        state = "busy" if isinstance(failure, errors.Busy) else "failed"
        outcome = Outcome(state, scrub(text), entry, failure.name, failure.next_step)
    log.note(request.env, f"{request.job} {outcome.state}: {outcome.sentence}")
    return outcome


def _not_due(before: Entry) -> Outcome:
    """Return that it is too early, with the problem of the last refresh and its next step."""
    text = f"not due before {_clock_text(before.due_at)}"
    if before.problem is None:
        return Outcome("not due", text, before)
    failure = errors.BY_NAME.get(before.problem, errors.Failure)
    return Outcome("not due", f"{text} (last attempt: {failure.label})", before, before.problem, failure.next_step)


def _clock_text(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


def _job(name: str) -> Job:
    return cast("Job", importlib.import_module(f"cache.jobs.{name}"))


def _prepare(request: Request, kept: Path) -> None:
    make_ours(request.cache)
    if kept.parent != request.cache:
        make_ours(kept.parent)
    of_ticks = [request.folder / CONTEXT_FILE, *(request.cache / name for name in (READINGS_FILE, *SLOT_FILES))]
    _sweep_temporary(kept.with_suffix(START_SUFFIX), *of_ticks)


def _sweep_temporary(*files: Path) -> None:
    """Remove the temp files of killed ticks, by their fixed names; also in a folder that the user made."""
    for left in [each.with_name(each.name + TEMPORARY_SUFFIX) for each in files]:
        with contextlib.suppress(OSError):
            facts = left.lstat()
            is_our_file = stat.S_ISREG(facts.st_mode) and owned(facts.st_uid)
            if is_our_file and was_left(facts.st_mtime, time.time()):
                left.unlink()


def limit(seconds: float) -> None:
    """End this process after so many seconds, whatever it hangs in: a watchdog thread in C does it, else an alarm."""
    try:
        faulthandler.dump_traceback_later(seconds, exit=True, file=open(os.devnull, "w"))  # noqa: SIM115 - stays open
    except RuntimeError:  # no more threads can be started
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def limit_of(job: str) -> float:
    """Return the time limit of a job, in seconds."""
    return _job(job).LIMIT_S
