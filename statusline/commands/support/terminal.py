"""The terminal that a command prints to: its width, its colors and block characters, aligned and painted text."""

from __future__ import annotations

import contextlib
import os
import sys
import textwrap
from typing import TYPE_CHECKING, TextIO

from statusline.render.width import cells, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Part = tuple[str, str]  # text, and the numbers of its SGR sequence, such as "1;31"

BOLD, DIM = "1", "2"
PIPED = 80  # cells: the width of a page in a pipe
NARROWEST, WIDEST = 20, 200
ROOM = 3  # cells at the end of a line that is replaced later: a ^C there must not start another row


def is_colored(stream: TextIO, env: Mapping[str, str]) -> bool:
    """Return whether to use colors: on a terminal that is not dumb, or with FORCE_COLOR; NO_COLOR wins."""
    if env.get("NO_COLOR"):
        return False
    forced = env.get("FORCE_COLOR", "")
    if forced:
        return forced.lower() not in {"0", "false"}
    return stream.isatty() and env.get("TERM") != "dumb"


def width_of(stream: TextIO, env: Mapping[str, str]) -> int:
    """Return the width in cells: COLUMNS, else the terminal's, else `PIPED`."""
    return min(max(_chosen_width(env) or _terminal_width(stream) or PIPED, NARROWEST), WIDEST)


def columns_for_a_line(stream: TextIO, env: Mapping[str, str]) -> dict[str, str]:
    """Return COLUMNS for the environment of a line that a person sees here; nothing where it is set, or in a pipe.

    Claude Code sets it; interactive shells do not export theirs.
    """
    width = 0 if _chosen_width(env) else _terminal_width(stream)
    return {"COLUMNS": str(width)} if width else {}


def _chosen_width(env: Mapping[str, str]) -> int:
    """Return what COLUMNS says, 0 for nothing."""
    columns = env.get("COLUMNS", "")
    return int(columns) if columns.isascii() and columns.isdigit() and len(columns) < 7 else 0


def _terminal_width(stream: TextIO) -> int:
    """Return the width of a terminal, 0 where there is none or it does not know."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return 0


def can_show(stream: TextIO, text: str) -> bool:
    """Return whether the stream's encoding has these characters."""
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def paint(text: str, codes: str, *, colored: bool) -> str:
    """Return a text in a style; ``codes`` are the numbers of an SGR sequence."""
    return f"\x1b[{codes}m{text}\x1b[0m" if colored and codes and text else text


def wrap_words(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """Return a sentence as lines that end between words; ``hanging`` is the indent from the second line on.

    A word that does not fit, such as a long path, goes on its own line and is not broken.
    """
    further = indent if hanging is None else hanging
    wrapper = textwrap.TextWrapper(width, indent, further, break_on_hyphens=False, break_long_words=False)
    return wrapper.wrap(text)


def sentence_text(text: str, stream: TextIO, env: Mapping[str, str], hanging: str = "") -> str:
    """Return a sentence to print: broken between words on a terminal, one line in a pipe."""
    return "\n".join(wrap_words(text, width_of(stream, env), hanging=hanging)) if stream.isatty() else text


def render_line(parts: Sequence[Part], width: int, *, colored: bool) -> str:
    """Return a line of styled parts, cut to ``width`` cells."""
    rest, line = cut("".join(text for text, _ in parts).rstrip(), width), ""
    for text, codes in parts:
        line += paint(rest[: len(text)], codes, colored=colored)
        rest = rest[len(text) :]
    return line


def align(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the rows with every text padded to the width of its column."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return [[text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True)] for row in rows]


@contextlib.contextmanager
def status_line(*, shown: bool) -> Iterator[Callable[[str], None]]:
    """Return what shows one line after another in the same place on standard error; nothing stays at the end."""

    def say(text: str) -> None:
        if shown:
            print(f"\r\x1b[K{cut(text, width_of(sys.stderr, os.environ) - ROOM)}", end="", file=sys.stderr, flush=True)

    try:
        yield say
    finally:
        say("")


@contextlib.contextmanager
def progress(activity: str) -> Iterator[None]:
    """Show a line such as ``refreshing usage ...`` meanwhile on standard error, if that is a terminal."""
    with status_line(shown=sys.stderr.isatty()) as say:
        say(f"{activity} ...")
        yield
