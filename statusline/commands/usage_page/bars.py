"""Bars and sparklines: percentages as signs that fill cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cache.usage.history import Sample


@dataclass(frozen=True)
class Signs:
    """What to draw with: full and empty cell of a bar, the heights of a sparkline, the mark of the limit that binds."""

    full: str
    empty: str
    heights: str
    mark: str

    def bar(self, percent: float, width: int) -> tuple[str, str]:
        """Return the full and the empty part: full to the end only when the limit is reached, never quite empty."""
        filled = int(min(max(percent, 0), 100) / 100 * width + 1e-6)
        if percent >= 1:
            filled = max(filled, 1)
        return self.full * filled, self.empty * (width - filled)

    def sparkline(self, samples: Sequence[Sample], since: float, until: float, width: int) -> str:
        """Return the course of a percentage between two times: in each cell the last one known by its end.

        Blank where nothing was known yet; empty where nothing ever was. Samples are in their order.
        """
        cells = ""
        for i in range(1, width + 1):
            end = since + (until - since) * i / width
            known = [each.percent for each in samples if each.at <= end]
            cells += (
                self.heights[min(int(known[-1] / 100 * len(self.heights)), len(self.heights) - 1)] if known else " "
            )
        return cells if cells.strip() else ""


BLOCKS = Signs("█", "░", "▁▂▃▄▅▆▇█", "▸")
ASCII = Signs("#", "-", "_.-=*#", ">")
