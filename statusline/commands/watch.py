"""Run a command or show a notification at an event: a threshold is crossed, a limit has reset, a session waits."""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import TYPE_CHECKING

from cache.jobs.watch import IN_TOTAL_S, tell
from cache.model.jsonio import mapping
from cache.model.windows import OAUTH, Window
from cache.refresh.storage import config_file
from cache.sources.claude.sessions import IS_WAITING, RunningSession
from cache.sources.configuration import read_configuration
from cache.sources.process.desktop import MISSING, notifier
from cache.watches.config import (
    COMMAND_AT_MOST,
    DEFAULT_AT,
    EVENTS,
    LEAST,
    MOST,
    NOTIFIERS,
    OF_WINDOWS,
    RESET,
    THRESHOLD,
    THRESHOLDS_AT_MOST,
    WAITING,
    WATCHES_AT_MOST,
    Watch,
    read_watches,
)
from cache.watches.logins import LoginEnded
from cache.watches.resets import Followed, Reset
from cache.watches.thresholds import Alert, clock_in
from cache.watches.waits import Wait
from cache.work.failures import Expired
from cache.work.session_environment import for_own_command, session_of
from statusline.commands.claude_settings.atomic_edit import EditRefused
from statusline.commands.claude_settings.chain import edit_config
from statusline.commands.claude_settings.json_edit import put, take_out, value_text
from statusline.commands.support.output import complain, say
from statusline.spawn import environment_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cache.watches.memory import Event
    from cache.watches.thresholds import Clock

KEY = "watch"

EXAMPLES = """\
examples:
  statusline watch                       list the watches
  statusline watch --at 80,95 --notify desktop
  statusline watch --on waiting --notify desktop
  statusline watch --on reset --at 95 --command 'curl -d "$HUDLINE_TEXT" https://ntfy.example/me'
  statusline watch --try                 do each now, with example values
  statusline watch --remove              remove all; with --on, --command or --notify only those that match

events:
  threshold  usage crosses a threshold (--at); if several are crossed at once, only the highest counts
  reset      a limit that had reached --at (default: 90) has reset
  waiting    a session begins to wait for you; needs Claude Code 2.1.332 or later
  expired    the login has expired or is signed out

Each happens once: for all sessions together, per window, per wait, or until the login works again. Only official
numbers count. They are checked about every five minutes while Claude Code, a prompt or `statusline refresh` runs;
sessions are checked about every ten seconds while a status line runs.

The command runs with /bin/sh in your home directory and is stopped after 5 seconds. Its environment has:
  HUDLINE_EVENT        threshold, reset, waiting or expired
  HUDLINE_TEXT         the sentence that a notification shows
  HUDLINE_WINDOW       threshold, reset: five_hour, seven_day or seven_day:<model>
  HUDLINE_LABEL        threshold, reset: the short name of the window, such as 5h
  HUDLINE_PERCENT      threshold, reset: usage in percent, rounded down; after a reset that of the next window
  HUDLINE_AT           threshold, reset: the threshold that was reached
  HUDLINE_RESETS_AT    threshold, reset: when the window ends, epoch seconds; after a reset the next one
  HUDLINE_SESSION      waiting: the name of the session
  HUDLINE_SESSION_ID   waiting: its id
  HUDLINE_WAITING_FOR  waiting: what it waits for, such as "permission prompt"
  HUDLINE_SINCE        waiting: since when, epoch seconds
  HUDLINE_PROBLEM      expired: expired or signed_out
What is not known is empty. It also has PATH, HOME, the locale, the XDG variables and little else; no keys or tokens.

A notification is shown by /usr/bin/osascript on macOS, else by notify-send.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--on", choices=EVENTS, metavar="EVENT", help=f"{', '.join(EVENTS)} (default: {THRESHOLD})")
    parser.add_argument(
        "--at", type=percentages, metavar="PERCENT,...", help=f"thresholds, {LEAST}-{MOST}, such as 80,95"
    )
    parser.add_argument("--command", type=command, metavar="CMD", help="the command to run")
    parser.add_argument("--notify", choices=NOTIFIERS, help="show a notification")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--remove", action="store_true", help="remove all watches, or only those that match")
    doing.add_argument("--try", action="store_true", dest="trying", help="do each now, with example values")


def percentages(text: str) -> tuple[float, ...]:
    """Return the percentages in ``80,95``, the lowest first."""
    try:
        found = sorted({float(each.strip().removesuffix("%")) for each in text.split(",")})
    except ValueError:
        found = []
    if not found or len(found) > THRESHOLDS_AT_MOST or not all(LEAST <= each <= MOST for each in found):
        raise argparse.ArgumentTypeError(f"expected percentages from {LEAST} to {MOST}, such as 80,95; found {text}")
    return tuple(found)


def command(text: str) -> str:
    """Return a command that can be stored."""
    if not text.strip() or len(text) > COMMAND_AT_MOST or "\0" in text:
        raise argparse.ArgumentTypeError(f"a command has 1 to {COMMAND_AT_MOST} characters")
    return text


def run(args: argparse.Namespace) -> int:
    """List, add, remove or try; return 0, 1 if the configuration could not be changed, 2 for a usage error."""
    path = config_file()
    if (mistake := _mistake(args)) is not None:
        complain("statusline watch", mistake)
        return 2
    if args.trying:
        return try_watch(read_watches(str(path)), clock_in(read_configuration(str(path)).get("time"), time.time()))
    if not (args.remove or _is_adding(args)):
        say(*render_watches(read_watches(str(path)), path))
        return 0
    try:
        new_text = without(args.on, args.command, args.notify) if args.remove else with_one(_watch(args))
        change = edit_config(path, new_text)
    except (EditRefused, TooMany) as refusal:
        complain("statusline watch", str(refusal))
        return 1
    if change.after == change.before:
        is_by_command = args.remove and args.command is not None
        print("No watch runs this command." if is_by_command else "Nothing to change.")
    say(*render_watches(read_watches(str(path)), path))
    if args.notify and not args.remove and not notifier(os.environ):
        print(f"warning: {MISSING}")
    return 0


def _is_adding(args: argparse.Namespace) -> bool:
    return (args.on, args.at, args.command, args.notify) != (None,) * 4


def _watch(args: argparse.Namespace) -> Watch:
    """Return the watch that the options describe."""
    on = args.on or THRESHOLD
    at = (args.at or DEFAULT_AT) if on in OF_WINDOWS else ()
    return Watch(at, args.command or "", on, args.notify or "")


def _mistake(args: argparse.Namespace) -> str | None:
    """Return why the options do not go together, None if they do."""
    if args.trying and _is_adding(args):
        return "--try runs the existing watches; it takes no --on, --at, --command or --notify"
    if args.remove:
        return "--remove takes no --at" if args.at is not None else None
    if not _is_adding(args):
        return None
    if args.at is not None and args.on not in {None, *OF_WINDOWS}:
        return f"--on {args.on} takes no --at"
    if args.on is None and args.at is None:
        return "--at PERCENT or --on EVENT is missing"
    if args.command is None and args.notify is None:
        return f"--command CMD or --notify {NOTIFIERS[0]} is missing"
    return None


class TooMany(Exception):
    """The maximum number of watches is reached."""


def with_one(new: Watch) -> Callable[[str | None], str]:
    """Return the edit that adds a watch, or replaces the thresholds of the one that does the same."""

    def new_text(before: str | None) -> str:
        kept = [each for each in _write(before) if _does(each) != (new.on, new.command, new.notify)]
        if len(kept) >= WATCHES_AT_MOST:
            raise TooMany(f"there are {WATCHES_AT_MOST} watches already. Remove one first.")
        return put(before or "", KEY, [*kept, new.as_json()])

    return new_text


def without(*does: str | None) -> Callable[[str | None], str | None]:
    """Return the edit that removes the watches with this event, command and notifier; None stands for any."""

    def new_text(before: str | None) -> str | None:
        written = _write(before)
        kept = [
            each
            for each in written
            if any(mine not in (None, its) for mine, its in zip(does, _does(each), strict=True))
        ]
        if before is None or kept == written:
            return before
        return put(before, KEY, kept) if kept else take_out(before, KEY)

    return new_text


def _write(text: str | None) -> list[object]:
    """Return the watches in a configuration's text, valid or not: invalid ones stay."""
    found = None if text is None else value_text(text, KEY)
    value = json.loads(found) if found is not None else None
    return value if isinstance(value, list) else []


def _does(entry: object) -> tuple[object, object, object]:
    """Return event, command and notifier of a watch in a configuration, valid or not."""
    fields = mapping(entry)
    return fields.get("on", THRESHOLD), fields.get("command", ""), fields.get("notify", "")


def render_watches(watches: list[Watch], path: Path) -> list[str]:
    """Return the watches, one per line, and the file that has them."""
    if not watches:
        return [f"No watches in {path}."]
    lines = [f"{event_text(watch)}: {action_text(watch)}" for watch in watches]
    return [*lines, f"in {path}", "To run them now: statusline watch --try"]


def event_text(watch: Watch) -> str:
    """Return ``80% and 95%``, ``reset after 90%`` or the name of another event."""
    at = " and ".join(f"{each:g}%" for each in watch.at)
    return {THRESHOLD: at, RESET: f"reset after {at}"}.get(watch.on, watch.on)


def action_text(watch: Watch) -> str:
    """Return what a watch does."""
    return ", and ".join(filter(None, [watch.command, "a notification" if watch.notify else ""]))


def try_watch(watches: list[Watch], clock: Clock) -> int:
    """Do what each watch asks for, as the refresher would; return 1 if one failed."""
    env = for_own_command(environment_for("usage"), *session_of(os.environ))
    failed = False
    for watch in watches:
        failure = tell(example_of(watch, int(time.time()), clock), env, IN_TOTAL_S)
        say(f"{'done' if failure is None else f'failed: {failure}'}: {action_text(watch)}")
        failed = failed or failure is not None
    if not watches:
        print("No watches.")
    return int(failed)


def example_of(watch: Watch, now: int, clock: Clock) -> Event:
    """Return an example of the event that a watch is for."""
    if watch.on == WAITING:
        session = RunningSession(0, "example", "api", "api", "", IS_WAITING, "permission prompt", now, now, "", "", [])
        return Wait(watch, session, now)
    if watch.on == RESET:
        return Reset(watch, Followed(watch.id, "unknown", "five_hour", "5h", now, watch.at[-1]), None)
    if watch.on == THRESHOLD:
        window = Window("five_hour", "5h", watch.at[-1], now + 3600, OAUTH, now)
        return Alert(watch, "unknown", window, watch.at[-1], clock)
    return LoginEnded(watch, Expired.name)
