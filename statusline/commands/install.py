"""Set hudline as Claude Code's status line.

Changes one key of settings.json and keeps a backup next to it, for `statusline uninstall`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import cache
import statusline
from cache.model.files import read_file
from cache.refresh.storage import cache_directory, config_file, make_ours
from cache.work.failures import Unwritable
from statusline.commands.claude_settings.atomic_edit import Change, EditRefused
from statusline.commands.claude_settings.chain import chain
from statusline.commands.claude_settings.json_edit import value_text
from statusline.commands.claude_settings.settings import (
    KEY,
    SCOPES,
    backup_of,
    command_of,
    line_of,
    must_have_home,
    must_not_be_borrowed,
    read_backup,
    set_line,
    settings_file,
    shared_or_local,
)
from statusline.commands.claude_settings.tick_command import GONE, NotText, command_in, is_ours, tick_command
from statusline.commands.claude_settings.trial import NO_LINE, is_fallback, is_the_configurations, try_line
from statusline.commands.config_check.empty_rows import find_warnings
from statusline.commands.doctor_checks.settings_values import how_to_correct, is_skipped, refused_values, values_in
from statusline.commands.support.bytecode import compile_package
from statusline.commands.support.folder import folder_or_home
from statusline.commands.support.output import complain, say
from statusline.commands.support.plain_text import one_line
from statusline.commands.support.terminal import is_colored, width_of
from statusline.config import read_config

EXAMPLES = """\
examples:
  statusline install                     for all your projects
  statusline install --dry-run           only show what would change
  statusline install --chain             keep your previous status line as an extra row
  statusline install --scope project     only for the project in this folder, not shared with others
  CLAUDE_CONFIG_DIR=~/.claude-work statusline install
"""


class NoLine(Exception):
    """The command printed no line; the message says what it printed instead."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--dry-run", action="store_true", help="change nothing, show what would change")
    parser.add_argument(
        "--chain", action="store_true", help="keep the status line of your user settings as the last row"
    )
    parser.add_argument(
        "--scope",
        choices=SCOPES,
        default="user",
        help="user: all your projects (default); project or local: this folder only, in .claude/settings.local.json",
    )
    parser.add_argument(
        "--shared", action="store_true", help="with --scope project: its settings.json, which others may share"
    )
    # For install.sh, which knows how it is undone, where the command is, and for a dry run where the program will be.
    parser.add_argument("--environment", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--undo", help=argparse.SUPPRESS)
    parser.add_argument("--program", default="statusline", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Install; return 0, or 1 if it was refused and nothing was changed."""
    try:
        must_have_home(os.environ)
        must_be_chainable(args)
        must_not_be_borrowed(os.environ)
        path = settings_file(shared_or_local(args.scope, shared=args.shared), os.environ)
        command = command_of_program(args.environment)
        change = set_line(path, command, dry_run=True)
        chain_lines = chain_former_line(change, dry_run=True) if args.chain else []  # raises if it cannot be chained
        if args.dry_run:
            say(*render_plan(change), *chain_lines, *about_the_configuration(config_file()))
            return 0
        make_ours(cache_directory())
        compile_packages()
        try_first_line(cache_directory(), config_file())
        change = set_line(path, command)
        chain_lines = chain_former_line(change) if args.chain else []
    except (EditRefused, NoLine, NotText) as refusal:
        complain("statusline install", str(refusal))
        return 1
    except Unwritable as failure:
        complain("statusline install", f"{failure}. {failure.next_step} Nothing was changed.")
        return 1
    undo = args.undo or f"{args.program} uninstall{of_scope(args)}"
    steps = [f"To undo: {undo}", f"Next: {args.program} preview"]
    say(*render_result(change), *chain_lines, *about_the_configuration(config_file()))
    print("\n".join(["", *example_line(), "", *steps]))
    return 0


def command_of_program(environment: Path | None) -> str:
    """Return the command of this program, or of the one that will be in an environment; raise NotText."""
    if environment is None:
        return tick_command(cache_directory(), config_file())
    return command_in(environment, cache_directory(), config_file())


def of_scope(args: argparse.Namespace) -> str:
    """Return the options that select the same settings in `uninstall`."""
    return ("" if args.scope == "user" else f" --scope {args.scope}") + (" --shared" if args.shared else "")


def example_line() -> list[str]:
    """Return the line as it looks in an example session, with the user's limits if they are known, and what it is."""
    from statusline.commands.support.sample import sample  # noqa: PLC0415 - it needs libraries, a dry run does not

    drawn = sample(os.environ, str(folder_or_home()), time.time())
    columns, colored = width_of(sys.stdout, os.environ), is_colored(sys.stdout, os.environ)
    row = drawn.rows(read_config(str(config_file())), columns, os.environ, colored=colored) or NO_LINE
    numbers = "with your limits" if drawn.is_own else "with example numbers"
    return [f"This is your line, {numbers}:", "", row]


def about_the_configuration(config: Path) -> list[str]:
    """Return what `config check` warns of, none if the file cannot be read."""
    data = read_file(str(config)) or b""
    return [f"{config}:{each}" for each in find_warnings(data.decode("utf-8", "replace"))]


def must_be_chainable(args: argparse.Namespace) -> None:
    """Raise EditRefused for a project's line: a chained one runs in every session."""
    if args.chain and args.scope != "user":
        raise EditRefused(
            "--chain works only with your user settings, not with a project's. Run this without --chain, or add the "
            "command to your configuration yourself. Nothing was changed."
        )


def chain_former_line(change: Change, *, dry_run: bool = False) -> list[str]:
    """Keep the previous line as a row, if there is one; return lines that say so. Raise EditRefused."""
    former = former_command(change)
    if former is None:
        return ["There is no previous status line to chain."]
    kept = chain(config_file(), former, dry_run=dry_run)
    shown = "would be" if dry_run and kept.after != kept.before else "is"
    return [
        f"The previous status line {shown} kept as the last row (its first line, run in the background): {kept.path}."
    ]


def former_command(change: Change) -> str | None:
    """Return the command of the status line before hudline's, None without one."""
    if not is_ours(command_of(change.before)):
        return command_of(change.before)
    return command_of(read_backup(change.path))


def compile_packages() -> None:
    """Compile both packages."""
    for package in (statusline, cache):
        compile_package(Path(package.__file__ or "").parent)


def try_first_line(cache: Path, config: Path) -> None:
    """Run the installed command as Claude Code does; raise NoLine if it prints no row.

    With a configuration that leaves nothing to show, the row of a tick without a line is what was asked for.
    """
    env, home = dict(os.environ), Path(os.path.expanduser("~"))
    if not sys.stdout.isatty():
        env["NO_COLOR"] = "1"
    tried = try_line(cache, config, env, home)
    row = tried.row
    if tried.code is None:
        raise NoLine(f"the line could not be run ({tried.err}). Nothing was changed. Please report this.")
    if is_the_configurations(tried, cache, env, home):
        return
    if tried.code or not row.strip() or GONE in row or is_fallback(row):
        raise NoLine(
            f"the command printed no line (exit code {tried.code}, {row.strip() or 'no text'!r}, "
            f"{tried.err.strip()!r}). Nothing was changed. Install hudline again."
        )


def render_plan(change: Change) -> list[str]:
    """Return what would change, line by line."""
    command = f"  {one_line(command_of(change.after) or '')}"
    if change.after == change.before:
        lines = [f"Nothing would change: {change.path} already has this line."]
    elif is_ours(command_of(change.before)):
        lines = [f"Would update hudline's part of the command in {change.path}, and nothing else of {KEY}:", command]
    else:
        lines = [f"Would set {KEY} in {change.path} to this command:", command]
        lines += _about_the_old_line(change, "would be kept")
    made = [] if cache_directory().is_dir() else [f"Would create the cache directory {cache_directory()}."]
    return [*lines, *what_hides_it(change), *made]


def render_result(change: Change) -> list[str]:
    """Return what was changed, line by line."""
    if change.after == change.before:
        lines = [f"hudline is already the status line; nothing was changed in {change.path}."]
    elif is_ours(command_of(change.before)):
        lines = [f"Updated hudline's part of the command in {change.path}; the rest of {KEY} is unchanged."]
    else:
        when = "" if what_hides_it(change) else ", from Claude Code's next message on"
        lines = [f"hudline is now the status line{when}: {KEY} in {change.path}."]
        lines += _about_the_old_line(change, "is kept")
    return [*lines, *what_hides_it(change), f"Cache: {cache_directory()}", f"Configuration: {config_file()} (optional)"]


def what_hides_it(change: Change) -> list[str]:
    """Return why Claude Code does not show the line of this file, and what to do; empty where nothing is known."""
    values = values_in(change.after or "{}")
    why = next(iter(refused_values(values).values()), None)
    if why is not None:
        return [f"But {is_skipped(change.path, why)}. {how_to_correct(change.path)}"]
    if values.get("disableAllHooks") is True:
        return ["But that file also has disableAllHooks, with which Claude Code shows no status line: remove it."]
    return []


def _about_the_old_line(change: Change, is_kept: str) -> list[str]:
    if line_of(change.before) is None or is_ours(command_of(change.before)):
        return []
    shown = one_line(command_of(change.before) or value_text(change.before or "", KEY) or "")
    return [f"The previous status line {is_kept} in {backup_of(change.path)} for `uninstall`:", f"  {shown}"]
