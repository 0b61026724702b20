"""Keeps a person's former status line as a row of its own in our configuration, and takes it out again."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from statusline.commands.claude_settings.atomic_edit import Change, EditRefused, edit
from statusline.commands.claude_settings.json_edit import NotAnObject, put, put_back, scan, value_text
from statusline.config import decode_config
from statusline.config_table import COMMAND_AT_MOST, COMMANDS_AT_MOST, ROWS_AT_MOST
from statusline.presets import preset_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from statusline.commands.claude_settings.json_spans import Member

NAME = "former line"
EVERY_S = 10  # as often as Claude Code would run it while nothing happens
CHECK = "run `statusline config check` and mend it, then run this again."
ROW = [{"segment": "command", "name": NAME}]


def chain(config: Path, command: str, *, dry_run: bool = False) -> Change:
    """Add the command and a last row that shows it; every other byte of the file stays. Raise EditRefused.

    It is run in the background as any command of the person's own, and the row shows the first line that it printed.
    """
    if len(command) > COMMAND_AT_MOST:
        raise EditRefused(f"the former line's command is longer than {COMMAND_AT_MOST} characters: put it in a script")
    return edit_config(
        config, lambda text: _with_row(config, _with_command(config, text or "", command)), dry_run=dry_run
    )


def unchain(config: Path, command: str | None, *, dry_run: bool = False) -> Change:
    """Take out what `chain` has added for this command; a file that holds nothing else goes. Raise EditRefused."""
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
    """Say whether the name stands in the file: a broken one without it keeps nobody from uninstalling."""
    try:
        return config.is_file() and NAME.encode() in config.read_bytes()
    except OSError:
        return True  # `edit` says what is wrong


def edit_config(config: Path, new_text: Callable[[str | None], str | None], *, dry_run: bool = False) -> Change:
    """Edit the configuration; raise EditRefused with its path and the next step, whatever stands in the way."""
    try:
        return edit(config, new_text, dry_run=dry_run)
    except NotAnObject as error:
        raise EditRefused(f"{config} is not a JSON object ({error}). Mend it, then run this again.") from error
    except OSError as error:
        raise EditRefused(
            f"{config} cannot be written ({error.strerror}). Mend its rights, then run this again."
        ) from error


def _chained_command(text: str) -> str | None:
    """Return the command that is chained in a configuration's text, None without one; raise NotAnObject."""
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
        return _replace_value(text, "commands", _replace_command(config, there, kept[-1], command))
    if len(scan(there).members) >= COMMANDS_AT_MOST:
        raise EditRefused(f"{config} has {COMMANDS_AT_MOST} commands already: take one out, then run this again.")
    return _replace_value(text, "commands", put(there, NAME, added))


def _replace_command(config: Path, commands: str, former: Member, command: str) -> str:
    """Return the text of the commands with another one in the entry that an earlier `chain` has made."""
    text = commands[former.value : former.end]
    entry = json.loads(text, parse_int=str)
    if isinstance(entry, dict) and entry.get("command") == command:
        return commands
    if not isinstance(entry, dict) or {**entry, "command": ""} != {"command": "", "every": str(EVERY_S)}:
        raise EditRefused(
            f'{config} has a command of your own by the name of "{NAME}". Give it another name, there and in the rows, '
            "then run this again."
        )
    return _replace_value(commands, NAME, put(text, "command", command))


def _with_row(config: Path, text: str) -> str:
    """Add our row to those of the file, or to those of its preset where it has none of its own."""
    there = value_text(text, "rows")
    if there is None:
        shown = preset_rows(decode_config(text.removeprefix("\ufeff").encode()).preset)
        return put(text, "rows", [*(shown if isinstance(shown, list) else []), ROW])
    rows = json.loads(there)
    if not isinstance(rows, list) or len(rows) >= ROWS_AT_MOST + (ROW in rows):
        step = "run `statusline config check`, or take one out, then run this again."
        raise EditRefused(f"the rows in {config} leave no room for one more: {step}")
    if ROW in rows:
        return text
    body = there[: there.rindex("]")].rstrip(" \t\r\n")
    joint = "" if body.endswith("[") else "," + _gap(there)
    return _replace_value(text, "rows", body + joint + json.dumps(ROW) + there[len(body) :])


def _gap(rows: str) -> str:
    """Return what stands before the first row: so the last one looks like it."""
    inside = rows[rows.index("[") + 1 :]
    gap = inside[: len(inside) - len(inside.lstrip(" \t\r\n"))]
    return gap or " "


def _without_row(text: str) -> str | None:
    """Take our row out; where the rest are a preset's very rows, they were put there for it."""
    there = value_text(text, "rows") or "[]"
    written = json.loads(there)
    if not isinstance(written, list) or ROW not in written:
        return text
    rows = [row for row in written if row != ROW]
    if rows in ([], preset_rows(decode_config(text.removeprefix("\ufeff").encode()).preset)):
        return put_back(text, "rows", None)
    at = there.find(json.dumps(ROW))
    if at < 0:  # somebody has formatted the file
        return put(text, "rows", rows)
    before = there[:at].rstrip(" \t\r\n")
    before = before.removesuffix(",") if before.endswith(",") else there[:at]
    return _replace_value(text, "rows", before + there[at + len(json.dumps(ROW)) :])


def _without_member(text: str, name: str, inner: str) -> str | None:
    rest = put_back(value_text(text, name) or "{}", inner, None)
    return put_back(text, name, None) if rest is None else _replace_value(text, name, rest)


def _replace_value(text: str, name: str, value: str) -> str:
    found = scan(text).members_named(name)[-1]
    return text[: found.value] + value + text[found.end :]
