"""Money is marked as the only limit where it was spent while all windows stayed at 0 %."""

from __future__ import annotations

from typing import Any

import pytest

from cache.model.windows import Window
from cache.usage.money_limits import is_only_limit

NOW = 1_795_320_000
SPEND = {"used": 5.0, "limit": 10.0, "currency": "EUR", "percent": 50.0, "observed_at": NOW}


def windows(*percents: float) -> dict[str, Window]:
    ids = ("five_hour", "seven_day", "seven_day:fable")
    return {id_: Window(id_, id_, percent, NOW + 60, "oauth", NOW) for id_, percent in zip(ids, percents, strict=False)}


def before(used: float, *percents: float, **more: Any) -> dict[str, Any]:
    rows = [each.as_json() for each in windows(*percents).values()]
    return {"windows": rows, "spend": {**SPEND, "used": used, **more}}


@pytest.mark.parametrize(
    ("now", "former", "alone"),
    [
        (windows(0, 0), before(4.0, 0, 0), True),
        (windows(0, 0), before(5.0, 0, 0), False),
        (windows(0, 0), before(6.0, 0, 0), False),
        (windows(0, 0, 1), before(4.0, 0, 0, 1), False),
        (windows(0, 0), before(4.0, 0, 80), False),
        (windows(0, 1), before(4.0, 0, 0), False),
        ({}, before(4.0), False),
        (windows(0, 0), {}, False),
        (windows(0, 0), before(5.0, 0, 0, alone=True), True),
        ({}, before(5.0, alone=True), True),
        (windows(0, 2), before(5.0, 0, 0, alone=True), False),
    ],
)
def test_it_alone_limits_where_it_was_spent_while_all_windows_stayed_at_nothing(
    now: dict[str, Window], former: dict[str, Any], alone: bool
) -> None:
    assert is_only_limit(SPEND, now, former) == alone
