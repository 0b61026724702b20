"""The course of each window over days, with few points however many readings there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.limits import FULL
from cache.model.windows import is_same_reset, reaches, span_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cache.usage.history import Sample

STRETCHES = 360  # of the time that is shown; of each the highest and the last reading are drawn
MARKS_AT_MOST = 200  # resets on a curve; a five-hour window resets at most 145 times in 30 days
APART = 32  # triangles that fit beside each other on a narrow page


@dataclass(frozen=True)
class Curve:
    """The readings of one window from ``start`` until ``end``; times are epoch seconds.

    ``runs`` are the readings between two resets, in order. ``resets`` are the latest ones, ``reset_count`` is how many
    there were; so are ``hits``, when a limit was reached, and ``hit_count``. ``peak`` is the highest reading.
    """

    id: str
    label: str
    start: int
    end: int
    runs: list[list[Sample]]
    resets: list[int]
    hits: list[int]
    reset_count: int
    hit_count: int
    peak: Sample

    @property
    def lines(self) -> list[list[tuple[float, float]]]:
        """Each run as points (epoch seconds, percent up to 100): from empty at its start to its reset."""
        found, length, before = [], span_of(self.id), float(self.start)
        for run in self.runs:
            points = [(float(each.at), min(each.percent, float(FULL))) for each in run]
            reset = run[0].resets_at
            if reset is not None and before <= reset - length < run[0].at:
                points.insert(0, (float(reset - length), 0.0))
            if reset is not None and run[-1].at <= reset <= self.end:
                points += [(float(reset), points[-1][1]), (float(reset), 0.0)]
            before = points[-1][0]
            found.append(points)
        return found

    @property
    def marked(self) -> list[int]:
        """The hits with a mark: one that would cover the mark before it has none."""
        marked: list[int] = []
        for at in self.hits:
            if not marked or at - marked[-1] >= (self.end - self.start) / APART:
                marked.append(at)
        return marked

    @property
    def course(self) -> list[Sample]:
        """What is drawn as one row of readings."""
        return [sample for run in self.runs for sample in run]


def curve_of(id_: str, label: str, samples: Sequence[Sample], start: int, end: int) -> Curve | None:
    """Return the curve of a window's samples, which are in order of time; None without one in that time.

    Samples from before ``start`` tell whether a limit was reached before.
    """
    shown = [each for each in samples if start <= each.at <= end]
    if not shown:
        return None
    runs = split(shown)
    resets = [reset for run in runs if (reset := run[0].resets_at) is not None and run[0].at <= reset <= end]
    hits = [next((each.at for each in run if reaches(each.percent, FULL)), None) for run in split(samples)]
    reached = [at for at in hits if at is not None and start <= at <= end]
    stretch_s = max((end - start) / STRETCHES, 1.0)
    return Curve(
        id=id_,
        label=label,
        start=start,
        end=end,
        runs=split(thin(shown, start, stretch_s)),
        resets=sorted(resets)[-MARKS_AT_MOST:],
        hits=reached[-MARKS_AT_MOST:],
        reset_count=len(resets),
        hit_count=len(reached),
        peak=max(shown, key=lambda each: each.percent),
    )


def split(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Return the samples of each window one after the other: those that have the same reset, or none."""
    runs: list[list[Sample]] = []
    for each in samples:
        known = runs[-1][0].resets_at if runs else None
        if runs and (each.resets_at == known or is_same_reset(each.resets_at, known)):
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def thin(samples: Sequence[Sample], start: int, stretch_s: float) -> list[Sample]:
    """Return the highest and the last sample of each stretch of time, in order."""
    kept: dict[int, tuple[Sample, Sample]] = {}
    for each in samples:
        number = int((each.at - start) / stretch_s)
        highest = kept[number][0] if number in kept else each
        kept[number] = (each if each.percent > highest.percent else highest, each)
    return [each for highest, last in kept.values() for each in dict.fromkeys((highest, last))]
