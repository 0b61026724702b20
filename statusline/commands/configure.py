"""Choose interactively what the line shows, with a live preview, and save it.

Changes only the keys that you choose in config.json, and keeps a backup next to it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import TYPE_CHECKING

from cache.refresh.storage import config_file
from statusline.commands.claude_settings.atomic_edit import EditRefused, edit, read, write_new
from statusline.commands.claude_settings.json_edit import NotAnObject, is_blank, put, scan, take_out
from statusline.commands.claude_settings.settings import backup_of
from statusline.commands.support.folder import folder_or_home
from statusline.commands.support.output import complain, say
from statusline.commands.support.sample import sample
from statusline.commands.support.terminal import is_colored
from statusline.commands.wizard.state import Guide
from statusline.config import Config, decode_config
from statusline.render.colors import depth_of

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from statusline.commands.claude_settings.atomic_edit import Change

EXAMPLES = """\
examples:
  statusline configure                   preset, theme, glyph set, segments and their order
  statusline config check                check a file that you edited by hand
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no arguments."""


def run(_args: argparse.Namespace) -> int:
    """Ask and write; return 0, or 1 if that is not possible."""
    path = config_file()
    screen = importlib.import_module("statusline.commands.wizard.screen")  # its library is loaded only here
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _refuse(f"this command is interactive and needs a terminal. You can also edit {path} by hand.")
    try:
        chosen = Guide(settings_in(path, read(path)))
        drawn, colored = sample(os.environ, str(folder_or_home()), time.time()), is_colored(sys.stdout, os.environ)
        drawing = screen.Drawing(
            lambda given, columns: drawn.rows(Config(given), columns, os.environ, colored=colored),
            lambda given, columns: drawn.visible(Config(given), columns),
        )
        wants = screen.ask(chosen, drawing, depth_of(lambda name: os.environ.get(name, "")))
        changes = chosen.changes() if wants else {}
        say(_render_change(save(path, changes)) if changes else "Nothing was changed.")
    except EditRefused as refusal:
        return _refuse(str(refusal))
    return 0


def settings_in(path: Path, source: str | None) -> dict[str, object]:
    """Return the object in a configuration, empty without a file; raise EditRefused for anything else."""
    if source is None or is_blank(source):
        return {}
    try:
        scan(source)
    except NotAnObject as error:
        raise EditRefused(
            f"{path} is not a JSON object ({error}). See `statusline config check`; fix the file or move it away, "
            "then try again."
        ) from error
    return decode_config(source.encode()).given


def save(path: Path, changes: dict[str, object]) -> Change:
    """Set these keys in the file and keep its formatting; None removes a key. Raise EditRefused.

    A backup of the file is kept beside it.
    """

    def new_text(text: str | None) -> str:
        settings_in(path, text)
        for key, value in sorted(changes.items(), key=lambda change: change[1] is None):
            text = take_out(text or "", key) if value is None else put(text or "", key, value)
            text = with_rows_in_lines(text, value) if key == "rows" and isinstance(value, list) else text
        return text or ""

    def keep(text: str | None) -> None:
        if text is not None:
            backup_of(path).unlink(missing_ok=True)
            write_new(backup_of(path), text, like=path, mode=0o600)

    try:
        return edit(path, new_text, keep)
    except OSError as error:
        raise EditRefused(
            f"{path} cannot be written ({error.strerror}); nothing was changed. Fix its permissions."
        ) from error


def with_rows_in_lines(text: str, rows: list[object]) -> str:
    """Return the text with each row on one line, if the rows are spread over several lines."""
    found = scan(text).members_named("rows")[-1]
    first, *others = text[found.value : found.end].splitlines()
    if not others:
        return text
    indent, end = (each[: len(each) - len(each.lstrip())] for each in (others[0], others[-1]))
    newline = "\r\n" if "\r\n" in text[found.value : found.end] else "\n"
    lines = f",{newline}".join(indent + json.dumps(row, ensure_ascii=False) for row in rows)
    return f"{text[: found.value]}{first}{newline}{lines}{newline}{end}]{text[found.end :]}"


def _render_change(change: Change) -> str:
    kept = "" if change.before is None else f" Backup: {backup_of(change.path)}."
    return f"Written to {change.path}. The line shows it at its next update.{kept}"


def _refuse(reason: str) -> int:
    complain("statusline configure", reason)
    return 1
