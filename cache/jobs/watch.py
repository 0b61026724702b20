"""The watch job: runs commands and shows notifications at the events that the configuration names, once per event.

It follows the usage job in the same process, and the sessions job where sessions that wait are an event. Only official
numbers count: no estimate is an event.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from cache.model.entry import Entry, read_entry
from cache.model.layout import USAGE_FILE
from cache.refresh.storage import write_whole
from cache.sources.claude.sessions import running_sessions, sessions_folder
from cache.sources.configuration import read_configuration
from cache.sources.process.desktop import notify
from cache.sources.process.environment import without_secrets
from cache.sources.process.run import run
from cache.usage.payer import payer_of
from cache.usage.readings_update import known_windows, read_directory
from cache.watches.config import WAITING, watches_in
from cache.watches.logins import ended_logins, still_ended
from cache.watches.memory import memory_in
from cache.watches.resets import follow, resets
from cache.watches.thresholds import alerts, clock_in
from cache.watches.waits import still_waiting, waits
from cache.work import failures as errors
from cache.work.session_environment import for_own_command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.watches.config import Watch
    from cache.watches.memory import Event, Memory
    from cache.watches.thresholds import Clock
    from cache.work.request import Request

IN_TOTAL_S = 5.0  # for all commands of one run; the next run does the rest
NOTIFIER_S = 2.0
WORTH_A_START_S = 0.2
LIMIT_S = 8.0
OUTPUT_AT_MOST = 64 << 10  # bytes; the output is dropped


def collect(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
    """Send the alerts that are due; return the entry that records them, and the last failure, if any.

    The option ``after`` is the job that this one follows; after the sessions job only sessions are checked.
    """
    memory, failure = memory_in(before.value, now), None
    configuration = read_configuration(str(request.config))
    watches, clock = watches_in(configuration.get("watch")), clock_in(configuration.get("time"), now)
    events: list[Event] = [*_waits(request, watches, memory, now)]
    if request.options.get("after") != "sessions":
        events += _events_of_usage(request, watches, clock, memory, now)
    until, environment = time.monotonic() + IN_TOTAL_S, for_own_command(request.env, *request.session)
    for event in events:
        left_s = until - time.monotonic()
        if left_s < WORTH_A_START_S:
            break
        memory.note(event)
        # Recorded first, so that a command that kills this process is not run again and again.
        write_whole(request.entry_file, _entry(memory, now, None).to_text())
        failure = tell(event, environment, left_s) or failure
    return _entry(memory, now, failure), failure


def _waits(request: Request, watches: list[Watch], memory: Memory, now: float) -> list[Event]:
    """Return the sessions that have begun to wait; a folder that cannot be read says nothing."""
    folder = sessions_folder(request.env)
    if not folder.is_absolute() or not any(watch.on == WAITING for watch in watches):
        return []
    try:
        running = running_sessions(folder, now)
    except OSError:
        return []
    memory.waits = still_waiting(memory.waits, running, now)
    return [*waits(watches, running, memory.waits, now)]


def _events_of_usage(request: Request, watches: list[Watch], clock: Clock, memory: Memory, now: float) -> list[Event]:
    """Return what has happened to the windows and to the login."""
    entry = read_entry(str(request.folder / USAGE_FILE))
    memory.expired = still_ended(memory.expired, entry.problem)
    events: list[Event] = [*ended_logins(watches, entry.problem, memory.expired)]
    if payer_of(request):  # without a plan the windows do not apply
        return events
    account, windows = known_windows(request, entry, now)
    if read_directory(request, entry, now).account not in {None, account}:  # a switch that the job has not seen yet
        return events
    events += alerts(watches, windows.values(), memory.sent, account, clock)
    memory.followed = follow(watches, windows, memory.followed, memory.sent, account, now)
    return [*events, *resets(watches, windows, memory.followed, now)]


def tell(event: Event, environment: Mapping[str, str], seconds: float) -> errors.Failure | None:
    """Do what a watch asks for at an event, within so many seconds; return the failure, if any."""
    until = time.monotonic() + seconds
    failure = notify(event.text, environment, min(seconds, NOTIFIER_S)) if event.watch.notify else None
    if event.watch.command:
        failure = run_command(event, environment, max(until - time.monotonic(), WORTH_A_START_S)) or failure
    return failure


def run_command(event: Event, environment: Mapping[str, str], seconds: float) -> errors.Failure | None:
    """Run a watch's command in the home directory, with the facts in its environment; return the failure, if any."""
    home = environment.get("HOME", "")
    facts = {**event.facts, "HUDLINE_EVENT": event.watch.on, "HUDLINE_TEXT": event.text}
    try:
        ran = run(
            ["/bin/sh", "-c", event.watch.command],
            env=without_secrets({**environment, **facts}),
            cwd=home if os.path.isdir(home) else "/",
            seconds=seconds,
            at_most=OUTPUT_AT_MOST,
        )
    except (OSError, ValueError) as error:  # a ValueError: a NUL or an unpaired surrogate in the command
        return errors.CommandFailed(f"it could not be started: {error}")
    if ran.overdue:
        return errors.Overdue(f"a watch's command took longer than {seconds:.1f} s")
    return errors.CommandFailed(f"a watch's command exited with {ran.code}") if ran.code else None


def _entry(memory: Memory, now: float, failure: errors.Failure | None) -> Entry:
    return Entry(memory.as_json(), int(now), int(now), failure.name if failure else None, 1 if failure else 0)
