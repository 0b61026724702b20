"""Limits that change under a running window: no number on the line is wrong."""

from __future__ import annotations

import pytest

from tests.simulation.judging import assert_right
from tests.simulation.scenarios.corrections import topic


@pytest.mark.parametrize("name", topic.scenarios)
def test_no_number_is_wrong(name: str) -> None:
    assert_right(name)
