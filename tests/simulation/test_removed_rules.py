"""A rule that is removed does not go unnoticed; the whole list: ``python -m tests.simulation --each-removed``."""

from __future__ import annotations

import pytest

from tests.simulation.removed import REMOVED
from tests.simulation.scenarios import SCENARIOS
from tests.simulation.table import Job, run

TRIED = (
    "the five hours are part of the fingerprint",
    "the age of a first sighting is unknown",
    "an account is asked for 12 times an hour",
)


@pytest.mark.parametrize("rule", TRIED)
def test_without_a_rule_numbers_are_wrong(rule: str) -> None:
    removed = REMOVED[rule]
    assert run(Job(removed.scenario, 1, "program", rule, quick=True)).violations[removed.kind] > 0


@pytest.mark.parametrize("rule", REMOVED)
def test_every_rule_names_a_scenario_and_can_be_removed(rule: str) -> None:
    removed = REMOVED[rule]
    assert removed.scenario in SCENARIOS
    assert removed.program
    assert removed.reference
