"""Bars and sparklines: percentages as characters that fill cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.windows import round_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cache.usage.history import Sample


@dataclass(frozen=True)
class BarStyle:
    """The characters: full and empty cell of a bar, heights of a sparkline, mark of the limit that binds."""

    full: str
    empty: str
    heights: str
    mark: str

    def bar(self, percent: float, width: int) -> tuple[str, str]:
        """Return the full and the empty part: all full only when the limit is reached, at 1% at least one cell."""
        filled = round_down(min(max(percent, 0), 100) / 100 * width)
        if percent >= 1:
            filled = max(filled, 1)
        return self.full * filled, self.empty * (width - filled)

    def sparkline(self, samples: Sequence[Sample], since: float, until: float, width: int) -> str:
        """Return a percentage over time: each cell shows the last sample before its end, blank before the first.

        ``samples`` are in order of time; without one in range the text is empty.
        """
        line, top = "", len(self.heights) - 1
        for cell in range(1, width + 1):
            end = since + (until - since) * cell / width
            known = [sample.percent for sample in samples if sample.at <= end]
            line += self.heights[min(int(known[-1] / 100 * (top + 1)), top)] if known else " "
        return line if line.strip() else ""


BLOCKS = BarStyle("█", "░", "▁▂▃▄▅▆▇█", "▸")
ASCII = BarStyle("#", "-", "_.-=*#", ">")
