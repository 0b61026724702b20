"""The file with the last requests to the endpoint: a malformed one counts as none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cache.model.entry import LATEST
from cache.sources.endpoint.rate_limit_state import RateLimitState, read_rate_limit


def state(folder: Path, fields: dict[str, Any]) -> RateLimitState:
    file = folder / "endpoint.json"
    file.write_text(json.dumps(fields))
    file.chmod(0o600)
    return read_rate_limit(file)


def test_a_state_comes_back_as_it_was_written(tmp_path: Path) -> None:
    found = state(tmp_path, {"attempted_at": 1795320000, "next_at": LATEST, "answer": {"at": 1795320001}})
    assert (found.attempted_at, found.next_at, found.answered_at) == (1795320000, LATEST, 1795320001)


@pytest.mark.parametrize(
    "fields",
    [
        {"attempted_at": 1795320000, "next_at": 2**62},
        {"attempted_at": 1795320000, "next_at": -(2**62)},
        {"attempted_at": 2**62, "next_at": 1795320000},
        {"attempted_at": 1795320000, "answer": {"at": 1e300}},
        {"attempted_at": "now"},
    ],
)
def test_a_state_with_times_that_have_no_date_is_none(tmp_path: Path, fields: dict[str, Any]) -> None:
    found = state(tmp_path, fields)
    assert found == RateLimitState()
    assert len(found.next_text()) == 8
