"""Make hudline Claude Code's status line.

Writes one key of its settings.json; what was there is kept in a backup beside it, for `statusline uninstall`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cache
import statusline
from cache.disk import cache_directory, config_file, make_ours
from cache.errors import Unwritable
from cache.redact import scrub
from statusline.commands.bytecode import compile_package
from statusline.commands.chain import chain
from statusline.commands.edit import Change, EditRefused, read
from statusline.commands.settings import (
    KEY,
    SCOPES,
    backup_of,
    command_of,
    line_of,
    must_have_home,
    set_line,
    settings_file,
)
from statusline.commands.splice import value_text
from statusline.commands.tick_command import GONE, NotText, is_ours, tick_command

if TYPE_CHECKING:
    import argparse

AT_MOST_S = 20  # for the first line; it takes a fraction of a second even on a cold disk

EXAMPLES = """\
examples:
  statusline install                     for all projects of this person
  statusline install --dry-run           only say what would be changed
  statusline install --chain             and show the line that you have now as a row of its own
  statusline install --scope local       for the project in this folder, not shared with others
  CLAUDE_CONFIG_DIR=~/.claude-work statusline install
"""


class NoLine(Exception):
    """The command was tried and printed no line; the message says what came instead."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--dry-run", action="store_true", help="change nothing, say what would be changed")
    parser.add_argument("--chain", action="store_true", help="keep showing the line that you have now, as the last row")
    parser.add_argument(
        "--scope",
        choices=SCOPES,
        default="user",
        help="whose settings: the person's (default), this project's shared ones, or this project's local ones",
    )


def run(args: argparse.Namespace) -> int:
    """Install; return 0, or 1 where something was refused and nothing was changed."""
    try:
        must_have_home(os.environ)
        path = settings_file(args.scope, os.environ)
        command = tick_command(cache_directory(), config_file())
        change = set_line(path, command, dry_run=True)
        said = chained(change, dry_run=True) if args.chain else []  # what cannot be chained stops here
        if args.dry_run:
            print("\n".join([planned(change), *said]))
            return 0
        make_ours(cache_directory())
        compile_packages()
        line = first_line(command)
        change = set_line(path, command)
        said = chained(change) if args.chain else []
    except (EditRefused, NoLine, NotText) as refusal:
        print(f"statusline install: {refusal}", file=sys.stderr)
        return 1
    except Unwritable as failure:
        print(f"statusline install: {failure}. {failure.next_step} Nothing was changed.", file=sys.stderr)
        return 1
    print("\n".join([line, "", *done(change), *said, f"To undo: statusline uninstall{of_scope(args.scope)}"]))
    return 0


def of_scope(scope: str) -> str:
    """Return the words that mean the same scope to `uninstall`."""
    return "" if scope == "user" else f" --scope {scope}"


def chained(change: Change, *, dry_run: bool = False) -> list[str]:
    """Keep the former line as a row, if there is one; say so. Raise EditRefused."""
    former = former_command(change)
    if former is None:
        return ["There is no former status line to chain."]
    kept = chain(config_file(), former, dry_run=dry_run)
    shown = "would be" if dry_run else "is"
    return [f"The former line {shown} the last row (its first line, run in the background), by {kept.path}."]


def former_command(change: Change) -> str | None:
    """Return the command of the line that was there before hudline's, None without one."""
    if not is_ours(command_of(change.before)):
        return command_of(change.before)
    return command_of(read(backup_of(change.path)))


def compile_packages() -> None:
    """Leave the bytecode of both packages beside the sources."""
    for package in (statusline, cache):
        compile_package(Path(package.__file__ or "").parent)


def first_line(command: str) -> str:
    """Run the very command as Claude Code does and return the row it prints; raise NoLine."""
    home = os.path.expanduser("~")
    env = dict(os.environ)
    if not sys.stdout.isatty():
        env["NO_COLOR"] = "1"
    try:
        ran = subprocess.run(
            ["/bin/sh", "-c", command],
            input=json.dumps(session_start(home)).encode(),
            capture_output=True,
            cwd=home,
            env=env,
            timeout=AT_MOST_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoLine(f"the line could not be tried ({error}). Nothing was changed. Report this, please.") from error
    row = ran.stdout.decode("utf-8", "replace").rstrip("\n")
    if ran.returncode or not row.strip() or GONE in row:
        raise NoLine(
            f"the line was tried and did not come (exit {ran.returncode}, {row.strip() or 'no text'!r}, "
            f"{ran.stderr.decode('utf-8', 'replace').strip()!r}). Nothing was changed. Install hudline again."
        )
    return row


def session_start(home: str) -> dict[str, object]:
    """Return what Claude Code says at the start of a session: real in shape, without numbers that nobody measured."""
    return {
        "cwd": home,
        "session_id": "00000000-0000-4000-8000-000000000000",
        "model": {"id": "claude", "display_name": "Claude"},
        "workspace": {"current_dir": home, "project_dir": home, "added_dirs": []},
        "cost": {"total_cost_usd": 0, "total_duration_ms": 0, "total_lines_added": 0, "total_lines_removed": 0},
        "context_window": {"used_percentage": None, "remaining_percentage": None, "current_usage": None},
        "exceeds_200k_tokens": False,
    }


def planned(change: Change) -> str:
    """Say what would be changed."""
    if change.after == change.before:
        return f"Nothing would be changed: {change.path} has this line already."
    return "\n".join(
        [
            f"Would set {KEY} in {change.path} to this command:",
            f"  {scrub(command_of(change.after) or '')}",
            *_about_the_old_line(change, "would be kept"),
            f"Would make the cache directory {cache_directory()}.",
        ]
    )


def done(change: Change) -> list[str]:
    """Say what was changed, and where."""
    if change.after == change.before:
        lines = [f"This is Claude Code's status line already; nothing was changed in {change.path}."]
    elif is_ours(command_of(change.before)):
        lines = [f"Mended the command in {change.path}, hudline's part of it; all else of {KEY} stays."]
    else:
        lines = [f"This is Claude Code's status line now, from its next message on: {KEY} in {change.path}."]
        lines += _about_the_old_line(change, "is kept")
    if value_text(change.after or "", "disableAllHooks") == "true":
        lines.append("But it has disableAllHooks on, and then Claude Code shows no status line: take that out.")
    return [*lines, f"Cache: {cache_directory()}", f"Configuration: {config_file()} (may be missing)"]


def _about_the_old_line(change: Change, is_kept: str) -> list[str]:
    if line_of(change.before) is None or is_ours(command_of(change.before)):
        return []
    shown = scrub(command_of(change.before) or value_text(change.before or "", KEY) or "")
    return [f"It had another status line, which {is_kept} in {backup_of(change.path)} for `uninstall`:", f"  {shown}"]
