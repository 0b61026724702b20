"""Restore the previous status line.

Keeps later edits to Claude Code's settings. A status line that is not hudline's is left unchanged.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from cache.model.files import read_file
from cache.refresh.storage import cache_directory, config_file
from statusline.commands.claude_settings.atomic_edit import Change, EditRefused, read
from statusline.commands.claude_settings.chain import unchain
from statusline.commands.claude_settings.json_edit import value_text
from statusline.commands.claude_settings.settings import (
    KEY,
    NO_FILE,
    SCOPES,
    backup_of,
    command_of,
    edited_copy_of,
    is_edited,
    line_of,
    must_have_home,
    must_not_be_borrowed,
    put_back_line,
    read_backup,
    settings_file,
    shared_or_local,
)
from statusline.commands.claude_settings.tick_command import BakedPaths, is_ours, own_package, paths_in_command
from statusline.commands.support.output import complain, say
from statusline.commands.support.plain_text import one_line
from statusline.commands.support.purge import purge

EXAMPLES = """\
examples:
  statusline uninstall
  statusline uninstall --dry-run
  statusline uninstall --scope project   after `install --scope project`
  statusline uninstall --purge           also remove hudline's cache and configuration

To remove the program itself, use `install.sh --uninstall`, `pipx uninstall hudline` or `uv tool uninstall hudline`.
"""

STARTUP_FILES = (
    *(".bashrc", ".bash_profile", ".profile", ".zshrc", ".zprofile", ".tmux.conf"),
    *(".config/fish/config.fish", ".config/starship.toml", ".config/tmux/tmux.conf"),
)
COMPLETION_FILES = (
    ".local/share/bash-completion/completions/statusline",
    ".zfunc/_statusline",
    ".config/fish/completions/statusline.fish",
)
MARKS = ("statusline completion ", "statusline init ", "statusline prompt")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--dry-run", action="store_true", help="change nothing, show what would change")
    parser.add_argument("--scope", choices=SCOPES, default="user", help="the same scope as for `install`")
    parser.add_argument("--shared", action="store_true", help="with --scope project: as for `install`")
    parser.add_argument("--purge", action="store_true", help="also remove hudline's cache and configuration")
    parser.add_argument("--no-settings", action="store_true", help="do not change Claude Code's settings")
    # For install.sh: the folder of the installed package, if that is not the one that runs.
    parser.add_argument("--package", type=Path, default=own_package(), help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Restore the previous line; return 0 (also if there is nothing to do), or 1 if that was refused."""
    try:
        must_have_home(os.environ)
        must_not_be_borrowed(os.environ)
        path = settings_file(shared_or_local(args.scope, shared=args.shared), os.environ)
        baked = (
            _paths_in_settings(path) if args.scope == "user" else None
        )  # a repository's file must not decide what is removed
        if baked and is_of_another(baked, args.package):
            say(f"{KEY} in {path} starts another installation of hudline, {baked.main.parent}: it was left unchanged.")
            baked = None
        elif not args.no_settings:
            say(*put_back(path, baked, dry_run=args.dry_run))
            if args.scope == "project" and not args.shared:
                print_shared(settings_file("project", os.environ))
        left = leftovers(Path(os.path.expanduser("~")))
        if left:
            say("You may have added these yourself; remove them if you no longer use hudline:", *left)
        if args.purge:
            say(*purge_all(baked, dry_run=args.dry_run))
    except (EditRefused, OSError) as refusal:
        complain("statusline uninstall", str(refusal))
        return 1
    return 0


def print_shared(path: Path) -> None:
    """Print how to remove our line from a project's shared settings, if it is there."""
    if _is_our_line(path):
        say(f"{KEY} in {path} is hudline's, too. To remove it for everyone: add --shared.")


def leftovers(home: Path) -> list[str]:
    """Return the lines in shells' startup files that name our command, and the completion files, one per line."""
    found = [f"  {home / name}" for name in COMPLETION_FILES if os.path.lexists(home / name)]
    for name in STARTUP_FILES:
        lines = (read_file(str(home / name)) or b"").decode("utf-8", "replace").splitlines()
        named = [number for number, line in enumerate(lines, 1) if any(mark in line for mark in MARKS)]
        found += [f"  {home / name}, line {', '.join(map(str, named[:5]))}"] if named else []
    return found


def is_of_another(baked: BakedPaths, package: Path) -> bool:
    """Return whether a command starts a program that is there and is not this one."""
    return baked.main.exists() and os.path.realpath(baked.main) != os.path.realpath(package / "__main__.py")


def put_back(path: Path, baked: BakedPaths | None, *, dry_run: bool) -> list[str]:
    """Restore the previous line and remove its row from our configuration; return what was done. Raise EditRefused.

    Both steps are tried dry before either is done. The row goes first: if the second step fails, another run can finish
    it.
    """
    change = put_back_line(path, dry_run=True)
    has_backup = os.path.lexists(backup_of(path))
    row = take_out_row(baked, change, dry_run=True)
    if not dry_run:
        row = take_out_row(baked, change, dry_run=False)
        change = put_back_line(path)
    return [*render(change, has_backup=has_backup, dry_run=dry_run), *row]


def take_out_row(baked: BakedPaths | None, change: Change, *, dry_run: bool) -> list[str]:
    """Remove the row of the restored line from our configuration; return what was done. Raise EditRefused."""
    if change.after == change.before:
        return []
    config = baked.config if baked else config_file()
    taken = unchain(config, command_of(change.after), dry_run=dry_run)
    if taken.after == taken.before:
        return []
    return [f"Its row {'would be' if dry_run else 'was'} removed from {config}."]


def _is_our_line(path: Path) -> bool:
    """Return whether a file has our line; one that cannot be read has none that could be named."""
    try:
        return is_ours(command_of(read(path)))
    except (EditRefused, ValueError):
        return False


def _paths_in_settings(path: Path) -> BakedPaths | None:
    """Return the paths in our command, None without one or if the settings cannot be read."""
    try:
        return paths_in_command(command_of(read(path)) or "")
    except (EditRefused, ValueError):
        return None


def purge_all(baked: BakedPaths | None, *, dry_run: bool) -> list[str]:
    """Remove the caches and configurations of the commands and of the line; return what was done."""
    caches, configs = [cache_directory()], [config_file()]
    if baked is not None:
        caches, configs = [*caches, baked.cache], [*configs, baked.config]
    return purge(caches, configs, dry_run=dry_run) or ["There is no cache and no configuration."]


def render(change: Change, *, has_backup: bool, dry_run: bool) -> list[str]:
    """Return what was done, or would be."""
    if change.after == change.before:
        there = (
            f"{change.path} has no {KEY}"
            if line_of(change.before) is None
            else f"{KEY} in {change.path} is not hudline's"
        )
        return [f"Nothing to restore: {there}.", *_backup_note(change)]
    has_been = "would be" if dry_run else "was"
    mine = [f"You had edited the command: a copy of the file {has_been} kept in {edited_copy_of(change.path)}."]
    return [_render_change(change, has_been, has_backup=has_backup), *(mine if is_edited(change.before) else [])]


def _render_change(change: Change, has_been: str, *, has_backup: bool) -> str:
    if change.after is None:
        return f"{change.path} {has_been} removed: hudline had created it, and it has no other keys."
    if line_of(change.after) is None and not has_backup:
        missing = f"without {backup_of(change.path)}, no earlier one can be restored"
        return f"{KEY} {has_been} removed from {change.path}: {missing}."
    if line_of(change.after) is None:
        return f"{KEY} {has_been} removed from {change.path}: there was none before hudline."
    previous = one_line(command_of(change.after) or value_text(change.after, KEY) or "")
    return f"The previous {KEY} {has_been} restored in {change.path}: {previous}"


def _backup_note(change: Change) -> list[str]:
    """Return where the settings from before hudline are, if the line has been replaced by hand since."""
    backup = backup_of(change.path)
    try:
        before = read_backup(change.path)
    except EditRefused:
        return [f"{backup}, the backup of the settings from before hudline, is damaged; you can delete it."]
    if before is None:
        return []
    if before == NO_FILE:
        return [f"{backup} only says that there was no such file before hudline; you can delete it."]
    return [f"The settings from before hudline are in {backup}; delete the file when you no longer need it."]
