"""One row per limit, laid out for a terminal's width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from statusline.segments.segment import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statusline.commands.usage_page.bars import Signs

BAR_AT_LEAST, BAR_AT_MOST, BAR_IN_A_LINE = 8, 40, 14  # cells; the last where all of a limit stands in one line
SPARKLINE = 14  # cells
GAP = "  "
STYLES = {"calm": "green", "warn": "yellow", "alert": "bold red"}


@dataclass(frozen=True)
class Row:
    """One limit in words; ``percent`` is for the bar, None where there is none to draw."""

    label: str
    percent: float | None
    shown: str
    until: str
    source: str = ""
    course: str = ""
    outlook: str = ""
    binds: bool = False

    @property
    def style(self) -> str:
        """The colour of how urgent it is."""
        return STYLES[Options().level(self.percent or 0)]


def limits(rows: Sequence[Row], width: int, signs: Signs) -> list[Text]:
    """Return one line per limit where all of it fits, else two: how full and until when; whence and where to.

    Where not even that fits there are no bars.
    """
    if not rows:
        return []
    label, shown, until, source, outlook = widths = _widths(rows)
    rest = label + 2 + shown + until + 2 * len(GAP)
    bar = width - rest - source - SPARKLINE - outlook - 4 * len(GAP)
    if bar >= BAR_IN_A_LINE:
        return [_first(row, min(bar, BAR_AT_MOST), widths, signs) + GAP + _second(row, source) for row in rows]
    bar = min(width - rest - len(GAP), BAR_AT_MOST)
    bar = bar if bar >= BAR_AT_LEAST else 0  # the percentage says the same, nothing else says when it resets
    lines = []
    for row in rows:
        lines.append(_first(row, bar, widths, signs))
        if row.source or row.outlook:
            lines.append(Text(" " * (2 + label + len(GAP))) + _second(row))
    return lines


def key(rows: Sequence[Row], signs: Signs) -> list[Text]:
    """Return what the signs mean that are there."""
    said = [f"{signs.mark} ends work first"] if any(row.binds for row in rows) else []
    said += ["out: full at the recent pace"] if any(row.outlook.startswith("out ") for row in rows) else []
    return [Text(GAP.join(said), style="dim")] if said else []


def _widths(rows: Sequence[Row]) -> list[int]:
    """Return how many cells label, percentage, reset, source and outlook take at most."""
    texts = [(row.label, row.shown, row.until, row.source, row.outlook) for row in rows]
    return [max(map(cell_len, column)) for column in zip(*texts, strict=True)]


def _first(row: Row, bar: int, widths: Sequence[int], signs: Signs) -> Text:
    full, empty = signs.bar(row.percent, bar) if bar and row.percent is not None else ("", " " * bar)
    label, shown, until, *_ = widths
    return Text.assemble(
        (signs.mark if row.binds else " ") + " ",
        (_padded(row.label, label) + GAP, "bold"),
        (full, row.style),
        (f"{empty}{GAP if bar else ''}", "dim"),
        (row.shown.rjust(shown) + GAP, row.style),
        _padded(row.until, until),
    )


def _second(row: Row, source: int = 0) -> Text:
    """Return source, course and outlook; in columns where the width of the first is given."""
    course = row.course.ljust(SPARKLINE) if source else row.course
    parts = [(_padded(row.source, source), "dim"), (course, "dim"), (row.outlook, row.style)]
    return Text(GAP).join(Text(text, style=style) for text, style in parts if text or source)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
