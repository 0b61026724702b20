"""Warns of rows that can be empty. The configuration is valid then, but the line is only the name of the program.

Needs no library: `install --dry-run` runs from a checkout.
"""

from __future__ import annotations

from cache.model.entry import NOTHING_YET
from cache.readings.snapshot import Snapshot
from statusline.commands.claude_settings.json_spans import NotJson, parse
from statusline.commands.claude_settings.trial import NO_LINE, session_start
from statusline.commands.config_check.problem import Problem
from statusline.config import Config, decode_config
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows
from statusline.render.theme import Style

WIDE = 1000  # cells: width is no reason to leave something out
CAN_BE_EMPTY = f"no segment in them always shows something, so the line can be only `{NO_LINE}`"
IF_NOT_MEANT = "Add one that does, such as `model`, if you do not want that."


def find_warnings(source: str) -> list[Problem]:
    """Return what may be meant in the text of a configuration, but surprises."""
    if not can_be_empty(decode_config(source.encode())):
        return []
    return [Problem(_line_of_rows(source), "rows", f"warning: {CAN_BE_EMPTY}. {IF_NOT_MEANT}")]


def can_be_empty(config: Config) -> bool:
    """Return whether the rows show nothing at the start of a session in which nothing else is known."""
    session, nothing_known = Session(session_start("/example")), Snapshot(NOTHING_YET, {})
    return not compose_rows(rows_of(session, nothing_known, config, 0), WIDE, Style())


def _line_of_rows(source: str) -> int:
    try:
        return parse(source).lines[("rows",)]
    except (NotJson, KeyError):  # the lenient reader takes more
        return 1
