"""Choose in the terminal what the line shows and how, with the line before your eyes; then write it down.

Only what you choose is changed in config.json; the rest of it stays as it is, and a copy of it is kept beside it.
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
from statusline.commands.support.sample import sample
from statusline.commands.support.terminal import is_coloured
from statusline.commands.wizard.state import Guide
from statusline.config import Config, decode_config
from statusline.render.colors import depth_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from statusline.commands.claude_settings.atomic_edit import Change

EXAMPLES = """\
examples:
  statusline configure                   preset, colours, signs, segments
  statusline config check                whether a file that you edit by hand is right
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes: nothing."""


def run(_args: argparse.Namespace) -> int:
    """Ask and write; return 0, or 1 where that cannot be done."""
    path = config_file()
    ask = importlib.import_module("statusline.commands.wizard.screen").ask  # its library is loaded only here
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _refuse(f"this asks questions, so it needs a terminal. Or edit {path} by hand.")
    try:
        chosen = Guide(settings_in(path, read(path)))
        wants = ask(chosen, _draw(), depth_of(lambda name: os.environ.get(name, "")))
        changes = chosen.changes() if wants else {}
        print(_render_change(save(path, changes)) if changes else "Nothing was changed.")
    except EditRefused as refusal:
        return _refuse(str(refusal))
    return 0


def settings_in(path: Path, source: str | None) -> dict[str, object]:
    """Return the object in a configuration, an empty one where there is none; raise EditRefused for anything else."""
    if source is None or is_blank(source):
        return {}
    try:
        scan(source)
    except NotAnObject as error:
        raise EditRefused(
            f"{path} is not a JSON object ({error}). `statusline config check` says more; mend it or move it away, "
            "then run this again."
        ) from error
    return decode_config(source.encode()).given


def save(path: Path, changes: dict[str, object]) -> Change:
    """Put these keys into the file, each in the manner it is written in; None takes one out. Raise EditRefused.

    The file as it was is kept beside it.
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
            f"{path} cannot be written ({error.strerror}); nothing was changed. Mend its rights."
        ) from error


def with_rows_in_lines(text: str, rows: list[object]) -> str:
    """Return the text with each of the rows on one line, where they are spread over many: to be read and edited."""
    found = scan(text).members_named("rows")[-1]
    first, *others = text[found.value : found.end].splitlines()
    if not others:
        return text
    indent, end = (each[: len(each) - len(each.lstrip())] for each in (others[0], others[-1]))
    newline = "\r\n" if "\r\n" in text[found.value : found.end] else "\n"
    said = f",{newline}".join(indent + json.dumps(row, ensure_ascii=False) for row in rows)
    return f"{text[: found.value]}{first}{newline}{said}{newline}{end}]{text[found.end :]}"


def _draw() -> Callable[[dict[str, object], int], str]:
    """Return what draws a configuration for a number of columns, with this person's numbers of now."""
    drawn, coloured = sample(os.environ, str(folder_or_home()), time.time()), is_coloured(sys.stdout, os.environ)
    return lambda given, columns: drawn.rows(Config(given), columns, os.environ, coloured=coloured)


def _render_change(change: Change) -> str:
    kept = "" if change.before is None else f" What it was is kept in {backup_of(change.path)}."
    return f"Written to {change.path}: the line shows it when it is drawn next.{kept}"


def _refuse(reason: str) -> int:
    print(f"statusline configure: {reason}", file=sys.stderr)
    return 1
