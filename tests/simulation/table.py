"""The table of a simulation: for every event how many numbers were judged, and how many of them were wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context

from tests.simulation.scenarios import SCENARIOS
from tests.simulation.subjects import SUBJECTS

SILENT = "silent"


@dataclass(frozen=True)
class Job:
    """One scenario with one seed."""

    scenario: str
    seed: int
    subject: str
    removed: str = ""
    quick: bool = False


@dataclass
class Row:
    """The sum over the seeds of a scenario; ``seconds`` are those of a processor."""

    scenario: str
    seeds: int = 0
    judged: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    gaps: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    most_requests: int = 0
    ticks: int = 0
    seconds: float = 0.0

    def add(self, other: Row) -> None:
        self.seeds, self.judged = self.seeds + other.seeds, self.judged + other.judged
        self.ticks, self.seconds = self.ticks + other.ticks, self.seconds + other.seconds
        self.most_requests = max(self.most_requests, other.most_requests)
        for into, more in ((self.violations, other.violations), (self.gaps, other.gaps), (self.notes, other.notes)):
            into.update(more)
        self.examples = other.examples | self.examples

    def cells(self) -> list[str]:
        name = self.scenario + (f" ({self.seeds})" if self.seeds else "")
        silent = 100 * self.notes[SILENT] / max(1, self.judged)
        return [
            name,
            f"{self.judged:,}",
            _listed(self.violations),
            _listed(self.gaps),
            f"{silent:.1f} %",
            str(self.most_requests),
        ]


HEAD = ("event (seeds)", "values judged", "violations", "in gaps", "silent", "requests/h")


def run(job: Job) -> Row:
    """Run one scenario once."""
    scenario, began = SCENARIOS[job.scenario], time.process_time()
    with SUBJECTS[job.subject](scenario, job.removed) as driver:
        world = scenario.run(driver, job.seed, quick=job.quick)
    verdict = world.oracle.verdict
    return Row(
        job.scenario,
        1,
        verdict.judged,
        verdict.violations,
        verdict.gaps,
        verdict.notes,
        {kind: f"seed {job.seed}, {text}" for kind, text in verdict.examples.items()},
        verdict.most_requests,
        world.happened["ticks"],
        time.process_time() - began,
    )


def run_all(jobs: Iterable[Job], processes: int) -> dict[str, Row]:
    """Run scenarios side by side; return a row for each, in the order of their first job."""
    jobs = list(jobs)
    rows = {job.scenario: Row(job.scenario) for job in jobs}
    with get_context("spawn").Pool(processes) as pool:
        for row in pool.imap_unordered(run, jobs):
            rows[row.scenario].add(row)
    return rows


def lines(rows: Iterable[Row], *, with_examples: bool) -> Iterator[str]:
    """Give the table as Markdown, with a row for the sum."""
    total, examples = Row("all"), []
    yield _line(HEAD)
    yield _line("---" for _ in HEAD)
    for row in rows:
        yield _line(row.cells())
        examples += [f"{row.scenario}: {kind}: {row.examples[kind]}" for kind in row.violations]
        total.add(row)
    total.seeds = 0
    yield _line(total.cells())
    if with_examples:
        yield from examples
    yield f"{total.ticks:,} ticks, {total.seconds:.0f} s of a processor"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{kind} {count:,}" for kind, count in sorted(counts.items())) or "0"
