"""The rows of ``tests/faults``: how often each is tried in the short form and in the long one, and a run's figures."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

FORM = {"quick": "quick", "": "short", "long": "long"}[os.environ.get("HUDLINE_EXAMPLES", "")]
# For a slow machine: the share of the long counts that `tests/run --long` tries. The figures show what was tried.
SHARE_OF_LONG = float(os.environ.get("HUDLINE_SHARE_OF_LONG", "1"))
SHARE_OF_QUICK = 0.1
Case = TypeVar("Case")
SHOWN_AT_MOST = 60


class Counts(NamedTuple):
    """How often to try: in CI, and with ``tests/run --long``."""

    short: int
    long: int


class Every(NamedTuple):
    """Which of the cases to try: every one, every second, and so on."""

    short: int
    long: int = 1


ROWS: dict[str, Counts | Every] = {
    "refreshers killed": Counts(50, 5_000),
    "ticks killed": Counts(100, 10_000),
    "ticks at once, in rounds": Counts(10, 200),  # rounds; each has 50 or 200 ticks
    "input mutated": Counts(500, 200_000),
    "files mutated": Counts(150, 50_000),
    "server faults over TLS": Counts(1, 20),  # times all cases
    "failing system calls": Every(20),
    "full and odd disks": Every(2),
    "odd files": Every(5),
    "clocks": Every(2),
    "lines of 20 sessions": Counts(40, 1_800),  # seconds; each draws a line every 10 s
    "secrets": Every(1),
}


def count(row: str) -> int:
    """Return how often this run tries a row that is counted."""
    counts = ROWS[row]
    if FORM == "long":
        return max(1, round(counts.long * SHARE_OF_LONG))
    return counts.short if FORM == "short" else max(1, round(counts.short * SHARE_OF_QUICK))


def some(row: str, cases: Iterable[Case]) -> list[Case]:
    """Return the cases of a row that this run tries."""
    steps = ROWS[row]
    every = {"quick": round(steps.short / SHARE_OF_QUICK), "short": steps.short, "long": steps.long}[FORM]
    return list(cases)[::every]


@dataclass
class Figures:
    """What one test contributes to a row: how much it tried, and what did not hold."""

    row: str
    tried: int = 0
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """How often to try."""
        return count(self.row)

    def judge(self, what: object, troubles: Iterable[str]) -> None:
        """Count one try, which held if there are no troubles."""
        self.tried += 1
        found = list(troubles)
        if found:
            self.broken.append(f"{what}: {'; '.join(found)}")

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "tried": self.tried, "broken": len(self.broken), "seconds": self.seconds}


@contextmanager
def recorded(row: str, record: Callable[[str, object], None]) -> Iterator[Figures]:
    """Yield the figures of a test; at the end fail if something did not hold, and record them in any case."""
    figures, began = Figures(row), time.monotonic()
    assert row in ROWS
    try:
        yield figures
    finally:
        figures.seconds = time.monotonic() - began
        record("fault row", figures.as_json())
    shown = "\n".join(figures.broken[:SHOWN_AT_MOST])
    assert not figures.broken, f"{len(figures.broken)} of {figures.tried} did not hold:\n{shown}"
    assert figures.tried, "nothing was tried"


def table(properties: Iterable[tuple[str, Any]]) -> list[str]:
    """Return the figures of a run as the lines of a Markdown table, none where no row was run."""
    totals: dict[str, Figures] = {}
    for name, each in properties:
        if name == "fault row":
            total = totals.setdefault(each["row"], Figures(each["row"]))
            total.tried += each["tried"]
            total.broken += [""] * each["broken"]
            total.seconds += each["seconds"]
    if not totals:
        return []
    rows = [_line(totals[row]) for row in ROWS if row in totals]
    return [f"| row ({FORM} form) | tried | held | time |", "|---|---:|---:|---:|", *rows]


def _line(total: Figures) -> str:
    held = total.tried - len(total.broken)
    return f"| {total.row} | {total.tried:,} | {held:,} | {total.seconds:,.0f} s |"
