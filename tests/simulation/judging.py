"""What a test asks of a scenario: one seed, six hours, and nothing wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation.scenario import STDIN_ONLY
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.table import SILENT, Job, run

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

    from tests.simulation.scenario import Topic

SEED = 1
SILENCE = 0.03  # of all numbers: not to show any is no way out
MORE = 2  # looks in a gap, beyond those of the reference: ticks come when they come
AS_MUCH = 1.5  # times the reference's looks in a gap, or its silence


# How names of scenarios end that are another one with other delays, or much longer to run; and without the endpoint.
VARIANTS = (STDIN_ONLY, *(f"{end}{more}" for end in ("_8s", "_40s", "_100_sessions") for more in ("", STDIN_ONLY)))


def cases(topic: Topic) -> list[ParameterSet]:
    """Return the scenarios of a topic as parameters of a test; the variants of another one are lengthy."""
    lengthy = [pytest.mark.lengthy]
    return [pytest.param(name, marks=lengthy if name.endswith(VARIANTS) else []) for name in topic.scenarios]


def assert_right(name: str) -> None:
    """Run the program through a scenario; numbers may be wrong in its gaps alone, and no more than the reference's."""
    row, scenario = run(Job(name, SEED, "program", quick=True)), SCENARIOS[name]
    assert not row.violations, "\n".join(row.examples[kind] for kind in row.violations)
    assert row.gaps.keys() <= set(scenario.gaps), row.examples
    assert row.judged > 0
    is_silent = row.notes[SILENT] > SILENCE * row.judged
    if not row.gaps and not is_silent:
        return
    reference = run(Job(name, SEED, "reference", quick=True))
    if is_silent:
        assert row.notes[SILENT] <= AS_MUCH * reference.notes[SILENT], row.examples[SILENT]
    for kind, count in row.gaps.items():
        assert count <= AS_MUCH * reference.gaps[kind] + MORE, row.examples[kind]
