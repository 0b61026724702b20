"""The table of a simulation: for every event how many numbers were judged, and how many of them were wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context

from tests.simulation.scenarios import SCENARIOS
from tests.simulation.subjects import SUBJECTS

SILENT = "silent"

Key = tuple[str, str, str]  # scenario, subject, removed rule


@dataclass(frozen=True)
class Job:
    """One scenario with one seed."""

    scenario: str
    seed: int
    subject: str
    removed: str = ""
    quick: bool = False

    @property
    def key(self) -> Key:
        return self.scenario, self.subject, self.removed


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
        silent = f"{100 * self.notes[SILENT] / max(1, self.judged):.1f} %"
        return [name, f"{self.judged:,}", _listed(self.violations), _listed(self.gaps), silent, str(self.most_requests)]


HEAD = ("event (seeds)", "values judged", "violations", "looks in gaps", "silent", "requests/h")


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


def run_all(jobs: Iterable[Job], processes: int) -> dict[Key, Row]:
    """Run scenarios side by side; return a row for each of them, subject and removed rule."""
    jobs = list(jobs)
    rows = {job.key: Row(job.scenario) for job in jobs}
    with get_context("spawn").Pool(processes) as pool:
        for job, row in pool.imap_unordered(_run_named, jobs):
            rows[job.key].add(row)
    return rows


def _run_named(job: Job) -> tuple[Job, Row]:
    return job, run(job)


def lines(rows: Iterable[Row], references: Mapping[str, Row]) -> Iterator[str]:
    """Give the table as Markdown, with a row for the sum; ``references`` by scenario add what those show in gaps."""
    total, other, examples = Row("all"), Row("all"), []
    head = [*HEAD, *(["the reference's looks in gaps"] if references else [])]
    yield _line(head)
    yield _line("---" for _ in head)
    for row in rows:
        reference = references.get(row.scenario)
        yield _line([*row.cells(), *([_listed(reference.gaps)] if reference else [])])
        examples += [f"{row.scenario}: {kind}: {row.examples[kind]}" for kind in row.violations]
        total.add(row)
        other.add(reference or Row(row.scenario))
    total.seeds = 0
    yield _line([*total.cells(), *([_listed(other.gaps)] if references else [])])
    yield from examples
    yield f"{total.ticks:,} ticks, {total.seconds:.0f} s of a processor"


def lines_without(rows: Mapping[str, Row]) -> Iterator[str]:
    """Give a table of what is wrong without each rule."""
    head = ("without the rule", "event (seeds)", "values judged", "violations")
    yield _line(head)
    yield _line("---" for _ in head)
    for rule, row in rows.items():
        yield _line([rule, *row.cells()[:3]])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{kind} {count:,}" for kind, count in sorted(counts.items())) or "0"
