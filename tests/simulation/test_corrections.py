"""Limits that change under a running window: no number on the line is wrong."""

from __future__ import annotations

import pytest

from tests.simulation.judging import assert_right, cases
from tests.simulation.scenarios.corrections import topic


@pytest.mark.parametrize("name", cases(topic))
def test_no_number_is_wrong(name: str) -> None:
    assert_right(name)
