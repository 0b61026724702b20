"""Where a command prints to: how wide it is, and whether it takes colours and block signs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Mapping

PIPED = 80  # cells, where nobody says how wide a page should be
NARROWEST, WIDEST = 20, 200


def console_for(stream: TextIO, env: Mapping[str, str] = os.environ) -> Console:
    """Return a console that prints to a stream in its width, with the terminal's own 16 colours or none."""
    coloured = is_coloured(stream, env)
    return Console(
        file=stream,
        width=width_of(stream, env),
        color_system="standard" if coloured else None,
        force_terminal=coloured,
        no_color=not coloured,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def is_coloured(stream: TextIO, env: Mapping[str, str]) -> bool:
    """Say whether to colour: on a terminal that is not dumb, or where FORCE_COLOR asks for it; NO_COLOR has its way."""
    if env.get("NO_COLOR"):
        return False
    forced = env.get("FORCE_COLOR", "")
    if forced:
        return forced.lower() not in {"0", "false"}
    return stream.isatty() and env.get("TERM") != "dumb"


def width_of(stream: TextIO, env: Mapping[str, str]) -> int:
    """Return the width in cells: COLUMNS, else the terminal's, else `PIPED`."""
    said = env.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and 0 < len(said) < 7 and int(said):
        width = int(said)
    else:
        width = _terminal_width(stream)
    return min(max(width, NARROWEST), WIDEST)


def _terminal_width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or PIPED
    except (OSError, ValueError):
        return PIPED


def can_show(stream: TextIO, signs: str) -> bool:
    """Say whether the stream's encoding has these signs."""
    try:
        signs.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
