"""What a test asks of a scenario: one seed, six hours, and nothing wrong."""

from __future__ import annotations

from tests.simulation.scenarios import SCENARIOS
from tests.simulation.table import SILENT, Job, run

SEED = 1
SILENCE = 0.03  # of all numbers: not to show any is no way out
# Each new login hides the numbers for up to 20 s, and there is one every few minutes.
SILENCE_OF = {"many_logins": 0.1, "restless_day": 0.1}
MORE = 5  # numbers in a gap, beyond those of the reference: ticks come when they come


def assert_right(name: str) -> None:
    """Run the program through a scenario; numbers may be wrong in its gaps alone, and no more than the reference's."""
    row, scenario = run(Job(name, SEED, "program", quick=True)), SCENARIOS[name]
    assert not row.violations, "\n".join(row.examples[kind] for kind in row.violations)
    assert row.gaps.keys() <= set(scenario.gaps), row.examples
    assert row.notes[SILENT] <= SILENCE_OF.get(name, SILENCE) * row.judged, row.examples[SILENT]
    assert row.judged > 0
    if row.gaps:
        reference = run(Job(name, SEED, "reference", quick=True))
        for kind, count in row.gaps.items():
            assert count <= 1.5 * reference.gaps[kind] + MORE, row.examples[kind]
