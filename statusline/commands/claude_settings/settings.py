"""Claude Code's settings files: finds the right one, sets our status line in it and restores the previous one.

The backup beside the file has the state before hudline, also that there was no file; ``put_back_line`` restores from
it. It is written only while the line is not ours, so that a second install does not overwrite it with our own line.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.trust import is_borrowed
from cache.sources.claude.paths import config_directory
from statusline.commands.claude_settings.atomic_edit import Change, EditRefused, edit, read, write_new
from statusline.commands.claude_settings.json_edit import (
    NotAnObject,
    is_blank,
    put,
    put_back,
    put_inner,
    replace_value,
    scan,
    take_out,
    value_text,
)
from statusline.commands.claude_settings.tick_command import is_ours, own_part, update_command

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "statusLine"
SCOPES = ("user", "project", "local")
_WITHOUT_IT = (
    "It is hudline's backup of the earlier settings, which Claude Code does not read. Nothing was changed. If it "
    f"cannot be repaired, move it away and try again: `uninstall` then only removes {KEY}."
)
NO_FILE = '{"hudline": "There was no settings file before hudline."}\n'  # the backup that says so
REFRESH_S = 10  # Claude Code runs the line again at this interval while idle


def settings_file(scope: str, env: Mapping[str, str], cwd: Path | None = None) -> Path:
    """Return the settings file of a scope: the user's, the project's shared one (``project``), or its local one.

    ``cwd`` is the project, by default the current folder. Raise EditRefused if that is needed and was removed.
    """
    if scope == "user":
        return Path(os.path.abspath(config_directory(env))) / "settings.json"
    try:
        project = cwd or Path.cwd()
    except FileNotFoundError as error:
        raise EditRefused("the current folder no longer exists. Go to the project, then try again.") from error
    return project / ".claude" / ("settings.json" if scope == "project" else "settings.local.json")


def must_have_home(env: Mapping[str, str]) -> None:
    """Raise EditRefused if HOME is not an absolute path: programs then disagree on what it means."""
    if not os.path.isabs(env.get("HOME", "/")):
        raise EditRefused(
            "HOME is not an absolute path. Set it to your home directory, then try again. Nothing was changed."
        )


def must_not_be_borrowed(env: Mapping[str, str]) -> None:
    """Raise EditRefused for root in another user's home, as by `sudo`: the files would belong to root."""
    if is_borrowed():
        whose = f"you are root, but {env.get('HOME')} is another user's home"
        raise EditRefused(f"{whose}. Run this without sudo. Nothing was changed.")


def shared_or_local(scope: str, *, shared: bool) -> str:
    """Return the scope of the file: a project's line is written to its local settings unless it is to be shared."""
    if shared and scope != "project":
        raise EditRefused("--shared needs --scope project. Nothing was changed.")
    return "local" if scope == "project" and not shared else scope


def backup_of(path: Path) -> Path:
    """Return the path of the backup from before hudline."""
    return path.with_name(path.name + ".hudline-backup")


def read_backup(path: Path) -> str | None:
    """Return the settings from before hudline, or `NO_FILE`; None without a backup. Raise EditRefused if it is damaged.

    Claude Code never reads it, and nothing but the earlier line depends on it: it may be moved away.
    """
    backup = backup_of(path)
    try:
        text = read(backup)
        _must_have_one_line(backup, text)
    except NotAnObject as error:
        raise EditRefused(f"{backup} is not a JSON object ({error}). {_WITHOUT_IT}") from error
    except EditRefused as error:
        raise EditRefused(f"{error} {_WITHOUT_IT}") from error
    return text


def edited_copy_of(path: Path) -> Path:
    """Return the path of the copy that uninstall keeps if the user had edited our command."""
    return path.with_name(path.name + ".hudline-edited")


def line_of(text: str | None) -> object:
    """Return the statusLine in a settings text, None without one."""
    # Numbers stay text: they are not used here, and Python refuses very long ones.
    return json.loads((text and value_text(text, KEY)) or "null", parse_int=str, parse_float=str)


def command_of(text: str | None) -> str | None:
    """Return the command of the statusLine in a settings text, None without one."""
    line = line_of(text)
    command = line.get("command") if isinstance(line, dict) else None
    return command if isinstance(command, str) else None


def our_line(command: str) -> dict[str, object]:
    """Return the value of statusLine as we write it."""
    return {"type": "command", "command": command, "padding": 0, "refreshInterval": REFRESH_S}


def set_line(path: Path, command: str, *, dry_run: bool = False) -> Change:
    """Set the command as the statusLine of this file; if it is ours, update only our part. Raise EditRefused."""

    def new_text(text: str | None) -> str:
        _must_be_settings(path, text)
        there = command_of(text)
        if text is None or there is None or not is_ours(there):
            _must_be_replaceable(backup_of(path))
            return _carried_over(text or "", put(text or "", KEY, our_line(command)))
        new = update_command(there, command)
        if new is None:
            raise EditRefused(
                f"hudline's part of the command of {KEY} in {path} was edited, so it was left unchanged. "
                f"Remove {KEY} from that file, but keep a copy of your edits, then try again."
            )
        return text if new == there else put_inner(text, KEY, "command", new)

    def keep(text: str | None) -> None:
        if is_ours(command_of(text)):
            return
        backup_of(path).unlink(missing_ok=True)
        write_new(backup_of(path), NO_FILE if text is None else text, like=path, mode=0o600)

    try:
        return edit(path, new_text, keep, dry_run=dry_run)
    except OSError as error:
        by_hand = _carried_over(read(path) or "", put("", KEY, our_line(command))).rstrip()
        raise EditRefused(
            f"{path} cannot be written ({error.strerror}); nothing was changed. Make it writable and try again, "
            f"or, if another tool generates this file, give it this setting:\n{by_hand}"
        ) from error


def _carried_over(old: str, new: str) -> str:
    """Return the settings text ``new``, which has our line, with what the line in ``old`` says beside what is ours.

    Such as ``hideVimModeIndicator``, which does not depend on the command. Values stay as they are written.
    """
    ours, previous = our_line(""), value_text(old, KEY) or ""
    members = scan(previous).members if previous.startswith("{") else ()
    others = {each.name: previous[each.value : each.end] for each in members if each.name not in ours}
    for name, value in others.items():
        line = put(value_text(new, KEY) or "", name, None)
        new = replace_value(new, KEY, replace_value(line, name, value))
    return new


def put_back_line(path: Path, *, dry_run: bool = False) -> Change:
    """Restore the line from before hudline and keep later edits; leave a line that is not ours. Raise EditRefused.

    The file is removed only if the backup says that there was none: without a backup, another home may share it, or
    the backup was deleted. If the user has edited our command, a copy of the file is kept beside it.
    """

    def new_text(text: str | None) -> str | None:
        _must_be_settings(path, text)
        if text is None or not is_ours(command_of(text)):
            return text
        before = read_backup(path)
        return take_out(text, KEY) if before is None else put_back(text, KEY, None if before == NO_FILE else before)

    def keep(text: str | None) -> None:
        if text is not None and is_edited(text):
            edited_copy_of(path).unlink(missing_ok=True)
            write_new(edited_copy_of(path), text, like=path, mode=0o600)

    try:
        change = edit(path, new_text, keep, dry_run=dry_run)
        if not dry_run and change.after != change.before:
            _forget(path, created=change.after is None)
    except OSError as error:
        raise EditRefused(
            f"{path} cannot be written ({error.strerror}); nothing was changed. Make it writable and try again, "
            f'or remove "{KEY}" from it by hand.'
        ) from error
    return change


def is_edited(text: str | None) -> bool:
    """Return whether the user has edited our command in a settings text."""
    command = command_of(text) or ""
    return is_ours(command) and own_part(command) != slice(0, len(command))


def _forget(path: Path, *, created: bool) -> None:
    backup_of(path).unlink(missing_ok=True)
    if created:
        with contextlib.suppress(OSError):
            path.parent.rmdir()  # only if it is empty


def _must_be_replaceable(backup: Path) -> None:
    if backup.is_dir() and not backup.is_symlink():
        raise EditRefused(
            f"{backup}, where the backup of the settings would be saved, is a folder. Move it away, then try again."
        )


def _must_be_settings(path: Path, text: str | None) -> None:
    try:
        _must_have_one_line(path, text)
    except NotAnObject as error:
        raise EditRefused(
            f"{path} is not a JSON object ({error}). Claude Code cannot read it either. Fix it, then try again."
        ) from error


def _must_have_one_line(path: Path, text: str | None) -> None:
    """Raise EditRefused if a settings text has our key more than once, NotAnObject if it cannot be parsed."""
    count = 0 if text is None or is_blank(text) else len(scan(text).members_named(KEY))
    if count > 1:
        raise EditRefused(f'{path} has "{KEY}" {count} times. Remove all but one, then try again.')
