"""Run a command when usage crosses a threshold, once per window."""

from __future__ import annotations

import argparse
import json
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
from statusline.spawn import environment_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "watch"

EXAMPLES = """\
examples:
  statusline watch                       list the watches
  statusline watch --at 80,95 --command 'notify-send "Claude: $HUDLINE_PERCENT% of $HUDLINE_LABEL"'
  statusline watch --at 90 --command 'osascript -e "display notification \\"$HUDLINE_LABEL: $HUDLINE_PERCENT%\\""'
  statusline watch --try                 run each command now, with example values
  statusline watch --remove              remove all watches; with --command only that one

The command runs with /bin/sh in your home directory and is stopped after 5 seconds. Its environment has:
  HUDLINE_WINDOW     five_hour, seven_day or seven_day:<model>
  HUDLINE_LABEL      the short name of the window, such as 5h
  HUDLINE_PERCENT    usage in percent, rounded down
  HUDLINE_AT         the threshold that was crossed
  HUDLINE_RESETS_AT  when the window ends, epoch seconds
It also has PATH, HOME, the locale, the XDG variables and little else; no keys or tokens.

Each threshold triggers once per window; if several are crossed at once, only the highest. Only official numbers count.
They are checked about every five minutes while Claude Code, a prompt or `statusline refresh` runs.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--at", type=percentages, metavar="PERCENT,...", help=f"thresholds, {LEAST}-{MOST}, such as 80,95"
    )
    parser.add_argument("--command", type=command, metavar="CMD", help="the command to run")
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--remove", action="store_true", help="remove all watches, or with --command only that one")
    doing.add_argument("--try", action="store_true", dest="trying", help="run the commands now, with example values")


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
        is_by_command = args.remove and args.command is not None
        print("No watch runs this command." if is_by_command else "Nothing to change.")
    print(render_watches(read_watches(str(path)), path))
    return 0


def _mistake(args: argparse.Namespace) -> str | None:
    """Return why the options do not go together, None if they do."""
    if args.trying and (args.at, args.command) != (None, None):
        return "--try runs the existing watches; it takes neither --at nor --command"
    if args.remove and args.at is not None:
        return "--remove takes no --at"
    if not args.remove and (args.at is None) != (args.command is None):
        return "--at and --command must be given together"
    return None


class TooMany(Exception):
    """The maximum number of watches is reached."""


def with_one(new: Watch) -> Callable[[str | None], str]:
    """Return the edit that adds a watch, or replaces the thresholds of the one with the same command."""

    def new_text(before: str | None) -> str:
        kept = [each for each in _write(before) if not _has(each, new.command)]
        if len(kept) >= WATCHES_AT_MOST:
            raise TooMany(f"there are {WATCHES_AT_MOST} watches already. Remove one first.")
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
    """Return the watches in a configuration's text, valid or not: invalid ones stay."""
    found = None if text is None else value_text(text, KEY)
    value = json.loads(found) if found is not None else None
    return value if isinstance(value, list) else []


def _has(entry: object, command: str) -> bool:
    return mapping(entry).get("command") == command


def render_watches(watches: list[Watch], path: Path) -> str:
    """Return the watches, one per line, and the file that has them."""
    if not watches:
        return f"No watches in {path}."
    lines = [f"{' and '.join(f'{each:g}%' for each in watch.at)}: {watch.command}" for watch in watches]
    return "\n".join([*lines, f"in {path}", "To run them now: statusline watch --try"])


def try_watch(watches: list[Watch]) -> int:
    """Run each command as the refresher would; return 1 if one failed."""
    env = environment_for("usage")
    failed = False
    for watch in watches:
        now = int(time.time())
        window = Window("five_hour", "5h", watch.at[-1], now + 3600, OAUTH, now)
        failure = run_command(Alert(watch, "unknown", window, watch.at[-1]), env, IN_TOTAL_S)
        print(f"{'done' if failure is None else f'failed: {failure}'}: {watch.command}")
        failed = failed or failure is not None
    if not watches:
        print("No watches.")
    return int(failed)
