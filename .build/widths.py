"""Writes ``statusline/render/width_table.py`` from the tables of wcwidth: ``python .build/widths.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import wcwidth
from wcwidth.table_grapheme import EXTENDED_PICTOGRAPHIC, ISC_INVISIBLE_STACKER, ISC_VIRAMA
from wcwidth.table_mc import CATEGORY_MC
from wcwidth.table_wide import WIDE_EASTASIAN
from wcwidth.table_zero import ZERO_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable

TARGET = Path(__file__).resolve().parents[1] / "statusline" / "render" / "width_table.py"
PER_LINE = 108  # characters of a literal in one line
REGIONAL = (0x1F1E6, 0x1F1FF)


def module_source() -> str:
    """Return the source of the module."""
    unicode = wcwidth.list_versions()[-1]
    head = f'"""Which characters are wide, or none: made by ``.build/widths.py`` from wcwidth {wcwidth.__version__}'
    first_line = f"{head} (Unicode {unicode})."
    tables = {
        "WIDE": ("two cells", WIDE_EASTASIAN[unicode]),
        "ZERO": ("no cell", ZERO_WIDTH[unicode]),
        "WIDENING": ("no cell, but they widen the character before them to two", CATEGORY_MC[unicode]),
        "VIRAMAS": ("they join the next letter: two cells together", (*ISC_VIRAMA, *ISC_INVISIBLE_STACKER)),
        "PICTOGRAPHS": ("what takes a skin tone", (*EXTENDED_PICTOGRAPHIC, REGIONAL)),
    }
    body = "\n\n".join(f"# {why}\n{table(name, ranges)}" for name, (why, ranges) in tables.items())
    note = "First and last character of each range, in one text: it loads faster than tuples."
    return f'{first_line}\n\n{note}\n"""\n\n{body}\n'


def table(name: str, ranges: Iterable[tuple[int, int]]) -> str:
    """Return the assignment of one table, its ranges in order and merged."""
    lines = [""]
    for low, high in merge_ranges(ranges):
        pair = escape(low) + escape(high)
        if len(lines[-1]) + len(pair) > PER_LINE:
            lines.append("")
        lines[-1] += pair
    return "\n".join([f"{name} = (", *(f'    "{line}"' for line in lines), ")"])


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges in order; ranges that touch are joined."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def escape(point: int) -> str:
    r"""Return a character as ``\xNN``, ``\uNNNN`` or ``\UNNNNNNNN``."""
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


if __name__ == "__main__":
    TARGET.write_text(module_source(), encoding="utf-8")
