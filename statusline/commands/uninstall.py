"""Put back the status line from before hudline.

Edits made to Claude Code's settings since then stay; a status line that is not hudline's is left alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cache.redact import scrub
from statusline.commands.edit import Change, EditRefused, read
from statusline.commands.settings import KEY, SCOPES, backup_of, command_of, line_of, put_back_line, settings_file

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
examples:
  statusline uninstall
  statusline uninstall --dry-run
  statusline uninstall --scope local     where `install --scope local` was used

The program itself goes with `./install.sh --uninstall`, `pipx uninstall hudline` or `uv tool uninstall hudline`.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--dry-run", action="store_true", help="change nothing, say what would be changed")
    parser.add_argument("--scope", choices=SCOPES, default="user", help="whose settings; as given to `install`")


def run(args: argparse.Namespace) -> int:
    """Put the old line back; return 0 (also if there is nothing to do), or 1 where that was refused."""
    path = settings_file(args.scope, os.environ, Path.cwd())
    try:
        change = put_back_line(path, dry_run=args.dry_run)
        print("\n".join(told(change, dry_run=args.dry_run)))
    except EditRefused as refusal:
        print(f"statusline uninstall: {refusal}", file=sys.stderr)
        return 1
    return 0


def told(change: Change, *, dry_run: bool) -> list[str]:
    """Say what was done, or would be."""
    if change.after == change.before:
        return [f"Nothing to put back: {KEY} in {change.path} is not hudline's.", *_kept(change)]
    has_been = "would be" if dry_run else "is"
    if change.after is None:
        return [f"{change.path} {has_been} removed: there was none before hudline, and nothing else is in it."]
    if line_of(change.after) is None:
        return [f"{KEY} {has_been} taken out of {change.path}: there was none before hudline."]
    old = scrub(command_of(change.after) or str(line_of(change.after)))
    return [f"The old {KEY} {has_been} back in {change.path}: {old}"]


def _kept(change: Change) -> list[str]:
    """Say where the line from before hudline still is, if it has been replaced by hand since."""
    before = read(backup_of(change.path))
    if before is None:
        return []
    return [f"The settings from before hudline are in {backup_of(change.path)}; remove it when you need it no more."]
