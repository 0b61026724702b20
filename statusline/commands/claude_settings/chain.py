"""Keeps the user's previous status line as a row in our configuration, and removes it again."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from cache.model.files import read_file
from statusline.commands.claude_settings.atomic_edit import Change, EditRefused, edit
from statusline.commands.claude_settings.json_edit import NotAnObject, put, put_back, replace_value, scan, value_text
from statusline.config import decode_config
from statusline.config_table import COMMAND_AT_MOST, COMMANDS_AT_MOST, ROWS_AT_MOST
from statusline.presets import preset_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from statusline.commands.claude_settings.json_spans import Member

NAME = "former line"
EVERY_S = 10  # as often as Claude Code would run it while idle
CHECK = "run `statusline config check`, fix it, then try again."
ROW = [{"segment": "command", "name": NAME}]


def chain(config: Path, command: str, *, dry_run: bool = False) -> Change:
    """Add the command and a last row that shows it; every other byte of the file stays. Raise EditRefused.

    The command runs in the background like any of `commands`; the row shows the first line of its output.
    """
    if len(command) > COMMAND_AT_MOST:
        raise EditRefused(
            f"the previous line's command is longer than {COMMAND_AT_MOST} characters. Put it in a script"
        )
    return edit_config(
        config, lambda text: _with_row(config, _with_command(config, text or "", command)), dry_run=dry_run
    )


def unchain(config: Path, command: str | None, *, dry_run: bool = False) -> Change:
    """Remove what `chain` added for this command, and the file if nothing else is in it. Raise EditRefused."""
    if command is None or not _may_hold_it(config):
        return Change(config, None, None)

    def new_text(text: str | None) -> str | None:
        if text is None or _chained_command(text) != command:
            return text
        rest = _without_member(text, "commands", NAME)
        return rest if rest is None else _without_row(rest)

    change = edit_config(config, new_text, dry_run=dry_run)
    if change.before is not None and change.after is None and not dry_run:
        with contextlib.suppress(OSError):
            config.parent.rmdir()  # only if it is empty
    return change


def _may_hold_it(config: Path) -> bool:
    """Return whether the file has our name in it; a broken file without it must not block an uninstall."""
    try:
        data = read_file(str(config)) if config.is_file() else b""
    except OSError:
        return True  # `edit` reports the error
    return data is None or NAME.encode() in data


def edit_config(config: Path, new_text: Callable[[str | None], str | None], *, dry_run: bool = False) -> Change:
    """Edit the configuration; raise EditRefused with its path and the next step if that fails."""
    try:
        return edit(config, new_text, dry_run=dry_run)
    except NotAnObject as error:
        raise EditRefused(f"{config} is not a JSON object ({error}). Fix it, then try again.") from error
    except OSError as error:
        raise EditRefused(
            f"{config} cannot be written ({error.strerror}). Fix its permissions, then try again."
        ) from error


def _chained_command(text: str) -> str | None:
    """Return the chained command in a configuration's text, None without one; raise NotAnObject."""
    commands = json.loads((value_text(text, "commands") or "null"), parse_int=str)
    former = commands.get(NAME) if isinstance(commands, dict) else None
    return former.get("command") if isinstance(former, dict) else None


def _with_command(config: Path, text: str, command: str) -> str:
    added = {"command": command, "every": EVERY_S}
    there = value_text(text, "commands")
    if there is None:
        return put(text, "commands", {NAME: added})
    if not there.startswith("{"):
        raise EditRefused(f'"commands" in {config} is not an object: {CHECK}')
    kept = scan(there).members_named(NAME)
    if kept:
        return replace_value(text, "commands", _replace_command(config, there, kept[-1], command))
    if len(scan(there).members) >= COMMANDS_AT_MOST:
        raise EditRefused(f"{config} has {COMMANDS_AT_MOST} commands already. Remove one, then try again.")
    return replace_value(text, "commands", put(there, NAME, added))


def _replace_command(config: Path, commands: str, former: Member, command: str) -> str:
    """Return the text of the commands with a new command in the entry of an earlier `chain`."""
    text = commands[former.value : former.end]
    entry = json.loads(text, parse_int=str)
    if isinstance(entry, dict) and entry.get("command") == command:
        return commands
    if not isinstance(entry, dict) or {**entry, "command": ""} != {"command": "", "every": str(EVERY_S)}:
        raise EditRefused(
            f'{config} already has a command named "{NAME}". Rename it, there and in the rows, then try again.'
        )
    return replace_value(commands, NAME, put(text, "command", command))


def _with_row(config: Path, text: str) -> str:
    """Add our row to those of the file, or to those of its preset if the file has none."""
    there = value_text(text, "rows")
    if there is None:
        shown = preset_rows(decode_config(text.removeprefix("\ufeff").encode()).preset)
        return put(text, "rows", [*shown, ROW])
    rows = json.loads(there)
    if not isinstance(rows, list) or len(rows) >= ROWS_AT_MOST + (ROW in rows):
        step = "run `statusline config check`, or remove one, then try again."
        raise EditRefused(f"there is no room for another row in {config}: {step}")
    if ROW in rows:
        return text
    body = there[: there.rindex("]")].rstrip(" \t\r\n")
    joint = "" if body.endswith("[") else "," + _gap(there)
    return replace_value(text, "rows", body + joint + json.dumps(ROW) + there[len(body) :])


def _gap(rows: str) -> str:
    """Return the whitespace before the first row, to format the last one alike."""
    inside = rows[rows.index("[") + 1 :]
    gap = inside[: len(inside) - len(inside.lstrip(" \t\r\n"))]
    return gap or " "


def _without_row(text: str) -> str | None:
    """Remove our row, and all rows if the rest equals the preset: they were added for ours."""
    there = value_text(text, "rows") or "[]"
    written = json.loads(there)
    if not isinstance(written, list) or ROW not in written:
        return text
    rows = [row for row in written if row != ROW]
    if rows in ([], preset_rows(decode_config(text.removeprefix("\ufeff").encode()).preset)):
        return put_back(text, "rows", None)
    at = there.find(json.dumps(ROW))
    if at < 0:  # the file was reformatted
        return put(text, "rows", rows)
    before = there[:at].rstrip(" \t\r\n")
    before = before.removesuffix(",") if before.endswith(",") else there[:at]
    return replace_value(text, "rows", before + there[at + len(json.dumps(ROW)) :])


def _without_member(text: str, name: str, inner: str) -> str | None:
    rest = put_back(value_text(text, name) or "{}", inner, None)
    return put_back(text, name, None) if rest is None else replace_value(text, name, rest)
