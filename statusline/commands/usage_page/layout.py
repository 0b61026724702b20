"""One row per limit, laid out for a terminal's width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from statusline.commands.support.terminal import BOLD, DIM, align, render_line
from statusline.render.width import cells
from statusline.segments.segment import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statusline.commands.support.terminal import Part
    from statusline.commands.usage_page.bars import BarStyle

BAR_AT_LEAST, BAR_AT_MOST, BAR_IN_A_LINE = 8, 40, 14  # cells; the last if all of a limit fits into one line
SPARKLINE = 14  # cells
MARK, GAP = 2, "  "  # cells of the mark at the beginning, and what goes between two columns
STYLES = {"calm": "32", "warn": "33", "alert": "1;31"}  # green, yellow, bold red


@dataclass(frozen=True)
class Row:
    """The texts of one limit; ``percent`` is for the bar, None: there is no bar."""

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
        """The SGR numbers of its level."""
        return STYLES[Options().level(self.percent or 0)]


def render_limits(rows: Sequence[Row], width: int, bars: BarStyle, *, colored: bool) -> list[str]:
    """Return one line per limit if all of it fits, else two: percentage and reset; source and outlook.

    If not even that fits, there are no bars.
    """
    if not rows:
        return []
    table = align([(row.label, row.shown, row.until, row.source, row.outlook) for row in rows])
    label, shown, until, source, outlook = map(cells, table[0])
    first = MARK + label + shown + until + 2 * len(GAP)
    bar = width - first - source - SPARKLINE - outlook - 4 * len(GAP)
    in_one_line = bar >= BAR_IN_A_LINE
    if not in_one_line:
        bar = width - first - len(GAP)
        bar = bar if bar >= BAR_AT_LEAST else 0  # the percentage repeats it, while the reset is shown nowhere else
    lines: list[list[Part]] = []
    for row, texts in zip(rows, table, strict=True):
        head = _head(row, texts, min(bar, BAR_AT_MOST), bars)
        if in_one_line:
            lines.append([*head, (GAP, ""), *_details(texts[3], row.course.ljust(SPARKLINE), row)])
            continue
        lines.append(head)
        if row.source or row.outlook:
            lines.append([(" " * (MARK + label + len(GAP)), ""), *_details(row.source, row.course, row)])
    return [render_line(parts, width, colored=colored) for parts in lines]


def legend(rows: Sequence[Row], bars: BarStyle) -> str:
    """Return what the marks that are shown mean."""
    texts = [f"{bars.mark} reached first"] if any(row.binds for row in rows) else []
    texts += ["out: full at the recent pace"] if any(row.outlook.startswith("out ") for row in rows) else []
    return GAP.join(texts)


def _head(row: Row, texts: Sequence[str], bar: int, bars: BarStyle) -> list[Part]:
    """Return mark, label, bar, percentage and reset."""
    label, shown, until, *_ = texts
    full, empty = bars.bar(row.percent, bar) if bar and row.percent is not None else ("", " " * bar)
    return [
        (f"{bars.mark if row.binds else ' '} ", ""),
        (label + GAP, BOLD),
        (full, row.style),
        (empty + (GAP if bar else ""), DIM),
        (row.shown.rjust(len(shown)) + GAP, row.style),
        (until, ""),
    ]


def _details(source: str, course: str, row: Row) -> list[Part]:
    """Return source, course and outlook."""
    parts = [(source, DIM), (course, DIM), (row.outlook, row.style)]
    return [(text + GAP, codes) for text, codes in parts if text]
