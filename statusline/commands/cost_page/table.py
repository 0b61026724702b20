"""The table of `statusline cost`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.commands.support.terminal import BOLD, DIM, align, render_line
from statusline.commands.support.unpriced import mark_of
from statusline.render.sanitize import sanitize
from statusline.render.width import cells, cut_middle
from statusline.segments.segment import token_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cache.money.ledger import Spent

GAP = "  "
NAME_AT_LEAST = 12  # cells of a name; the rest of the line is for the amounts
UNKNOWN, TOTAL = "(unknown)", "total"


def render_table(rows: Sequence[Spent], total: Spent, home: str, width: int, *, colored: bool) -> list[str]:
    """Return a line for each row and one for the total, none wider than ``width`` cells.

    An amount that has no room is left out, answers first, then tokens.
    """
    keys = [[sanitize(short(name, home) if name else UNKNOWN) for name in each.key] for each in rows]
    amounts = [_amounts(each) for each in (*rows, total)]
    widest = [max(map(len, column)) for column in zip(*amounts, strict=True)]
    wanted = min(max(cells(GAP.join(each)) for each in [*keys, [TOTAL]]), NAME_AT_LEAST)
    while len(widest) > 1 and wanted + sum(widest) + len(GAP) * len(widest) > width:
        widest.pop()
    amounts = [texts[: len(widest)] for texts in amounts]
    room = max(width - sum(widest) - len(GAP) * len(widest), NAME_AT_LEAST)
    names = [*(GAP.join(each).rstrip() for each in align(_fitted(keys, room))), TOTAL]
    lines = []
    for number, ((name,), texts) in enumerate(zip(align([[name] for name in names]), amounts, strict=True)):
        usd, *rest = [text.rjust(cells_) for text, cells_ in zip(texts, widest, strict=True)]
        is_total = number == len(rows)
        parts = [(name + GAP, BOLD if is_total else ""), (usd + GAP, BOLD), (GAP.join(rest), DIM)]
        lines.append(render_line(parts, width, colored=colored))
    return lines


def _fitted(keys: list[list[str]], room: int) -> list[list[str]]:
    """Return the names of all rows with what is too long cut in the middle, first in the widest column."""
    widths = [max(map(cells, column)) for column in zip(*keys, strict=True)]
    too_much = sum(widths) + len(GAP) * (len(widths) - 1) - room
    for _ in range(too_much):
        widths[widths.index(max(widths))] -= 1
    return [[cut_middle(name, max(width, 1)) for name, width in zip(each, widths, strict=True)] for each in keys]


def short(name: str, home: str) -> str:
    """Return a path below the home as ``~/...``."""
    return "~" + name[len(home) :] if home and f"{name}/".startswith(home.rstrip("/") + "/") else name


def _amounts(spent: Spent) -> list[str]:
    usd = f"{mark_of(spent.unpriced)}${spent.dollars:,.2f}"
    return [usd, f"{token_text(spent.all_tokens)} tokens", f"{spent.answers:,} answers"]
