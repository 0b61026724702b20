"""Run a command of yours when a limit is used up so far: once per window, told by the refresher."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import TYPE_CHECKING

from cache.jobs.watch import IN_TOTAL_S, run_command
from cache.model.jsonio import mapping
from cache.model.windows import OAUTH, Window
from cache.refresh.storage import config_file
from cache.usage.watches import (
    COMMAND_AT_MOST,
    LEAST,
    MOST,
    THRESHOLDS_AT_MOST,
    WATCHES_AT_MOST,
    Alert,
    Watch,
    read_watches,
)
from statusline.commands.claude_settings.atomic_edit import EditRefused
from statusline.commands.claude_settings.chain import edit_config
from statusline.commands.claude_settings.json_edit import put, take_out, value_text
from statusline.spawn import HANDED_ON

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "watch"

EXAMPLES = """\
examples:
  statusline watch                       what is watched
  statusline watch --at 80,95 --command 'notify-send "Claude: $HUDLINE_PERCENT% of $HUDLINE_LABEL"'
  statusline watch --at 90 --command 'osascript -e "display notification \\"$HUDLINE_LABEL: $HUDLINE_PERCENT%\\""'
  statusline watch --try                 run each of the commands now, with made-up facts
  statusline watch --remove              watch nothing any more; with --command only not for that one

The command is run by /bin/sh in your home directory, and ended after 5 seconds. Its environment says what has happened:
  HUDLINE_WINDOW     five_hour, seven_day or seven_day:<model>
  HUDLINE_LABEL      its short name, such as 5h
  HUDLINE_PERCENT    how much is used, rounded down
  HUDLINE_AT         which of the percentages has been passed
  HUDLINE_RESETS_AT  when the window ends, epoch seconds
Beyond these it gets PATH, HOME, the locale, XDG folders and little else: no key, no token, nothing of your project's.

Each percentage is told once in each window; of several that are passed at once, the highest. Only official numbers
count. They are looked at while Claude Code, a prompt or `statusline refresh` runs, about every five minutes.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--at", type=percentages, metavar="PERCENT,...", help=f"when: {LEAST}-{MOST}, such as 80,95")
    parser.add_argument("--command", type=command, metavar="CMD", help="what to run")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--remove", action="store_true", help="watch that no more, without --command nothing at all")
    doing.add_argument("--try", action="store_true", dest="trying", help="run the commands now")


def percentages(text: str) -> tuple[float, ...]:
    """Return the percentages in ``80,95``, the lowest first."""
    try:
        found = sorted({float(each.strip().removesuffix("%")) for each in text.split(",")})
    except ValueError:
        found = []
    if not found or len(found) > THRESHOLDS_AT_MOST or not all(LEAST <= each <= MOST for each in found):
        raise argparse.ArgumentTypeError(f"not percentages of {LEAST}-{MOST} such as 80,95: {text}")
    return tuple(found)


def command(text: str) -> str:
    """Return a command that can be kept."""
    if not text.strip() or len(text) > COMMAND_AT_MOST or "\0" in text:
        raise argparse.ArgumentTypeError(f"a command has 1 to {COMMAND_AT_MOST} characters")
    return text


def run(args: argparse.Namespace) -> int:
    """List, add, remove or try; return 0, 1 where the configuration could not be changed, 2 for a mistake."""
    path = config_file()
    if (mistake := _mistake(args)) is not None:
        print(f"statusline watch: {mistake}", file=sys.stderr)
        return 2
    if args.trying:
        return try_watch(read_watches(str(path)))
    if args.at is None and not args.remove:
        print(render_watches(read_watches(str(path)), path))
        return 0
    try:
        new_text = without(args.command) if args.remove else with_one(Watch(args.at, args.command))
        change = edit_config(path, new_text)
    except (EditRefused, TooMany) as refusal:
        print(f"statusline watch: {refusal}", file=sys.stderr)
        return 1
    if change.after == change.before:
        print("Nothing to change.")
    print(render_watches(read_watches(str(path)), path))
    return 0


def _mistake(args: argparse.Namespace) -> str | None:
    """Return what is wrong with the words together, None where nothing is."""
    if args.trying and (args.at, args.command) != (None, None):
        return "--try runs what is watched already; it takes neither --at nor --command"
    if args.remove and args.at is not None:
        return "--remove takes no --at"
    if not args.remove and (args.at is None) != (args.command is None):
        return "--at and --command go together"
    return None


class TooMany(Exception):
    """There are as many watches as there may be."""


def with_one(new: Watch) -> Callable[[str | None], str]:
    """Return the edit that adds a watch, or gives the one of the same command other percentages."""

    def new_text(before: str | None) -> str:
        kept = [each for each in _write(before) if not _has(each, new.command)]
        if len(kept) >= WATCHES_AT_MOST:
            raise TooMany(f"{WATCHES_AT_MOST} commands are watching already. Remove one of them first.")
        return put(before or "", KEY, [*kept, new.as_json()])

    return new_text


def without(command: str | None) -> Callable[[str | None], str | None]:
    """Return the edit that removes the watch of a command, or all of them."""

    def new_text(before: str | None) -> str | None:
        written = _write(before)
        kept = [each for each in written if command is not None and not _has(each, command)]
        if before is None or kept == written:
            return before
        return put(before, KEY, kept) if kept else take_out(before, KEY)

    return new_text


def _write(text: str | None) -> list[object]:
    """Return what stands there, odd or not: what a person has mistyped is theirs to mend."""
    found = None if text is None else value_text(text, KEY)
    value = json.loads(found) if found is not None else None
    return value if isinstance(value, list) else []


def _has(entry: object, command: str) -> bool:
    return mapping(entry).get("command") == command


def render_watches(watches: list[Watch], path: Path) -> str:
    """Return what is watched, one line each, and where that is written."""
    if not watches:
        return f"Nothing is watched. {path}"
    lines = [f"{' and '.join(f'{each:g}%' for each in watch.at)}: {watch.command}" for watch in watches]
    return "\n".join([*lines, f"in {path}", "To see what they do: statusline watch --try"])


def try_watch(watches: list[Watch]) -> int:
    """Run each command as the refresher would; return 1 where one of them failed."""
    env = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    failed = False
    for watch in watches:
        now = int(time.time())
        window = Window("five_hour", "5h", watch.at[-1], now + 3600, OAUTH, now)
        failure = run_command(Alert(watch, "unknown", window, watch.at[-1]), env, IN_TOTAL_S)
        print(f"{'done' if failure is None else f'failed: {failure}'}: {watch.command}")
        failed = failed or failure is not None
    if not watches:
        print("Nothing is watched.")
    return int(failed)
