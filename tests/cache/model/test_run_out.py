"""A projection counts only while the number that it was made from is still shown."""

from __future__ import annotations

from typing import Any

import pytest

from cache.model.run_out import first_limit, out_of, outs_of
from cache.model.windows import ESTIMATE, Window

NOW = 1_795_320_000
MINUTE, HOUR, DAY = 60, 3600, 86400


def window(id_: str = "five_hour", percent: float = 60, **changes: Any) -> Window:
    found = Window(id_, "5h", percent, NOW + 2 * HOUR, "oauth", NOW - MINUTE)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def row(**changes: Any) -> dict[str, Any]:
    made_from = {"percent": 60.0, "resets_at": NOW + 2 * HOUR, "observed_at": NOW - MINUTE}
    return {"at": NOW + HOUR, **made_from, **changes}


@pytest.mark.parametrize(
    ("shown", "projection"),
    [
        pytest.param(window(), row(), id="the same reading"),
        pytest.param(window(percent=70), row(), id="a later one"),
        pytest.param(window(percent=57), row(), id="one source rounds"),
        pytest.param(window(resets_at=NOW + 2 * HOUR + 60), row(), id="a reset that jitters"),
        pytest.param(window(), {"at": NOW + HOUR}, id="what others read says no more"),
        pytest.param(window(observed_at=NOW - 20 * MINUTE), row(), id="20 minutes old"),
    ],
)
def test_it_counts(shown: Window, projection: dict[str, Any]) -> None:
    assert outs_of({"five_hour": shown}, {"five_hour": projection}, NOW) == {"five_hour": NOW + HOUR}


@pytest.mark.parametrize(
    ("shown", "projection"),
    [
        pytest.param(window(percent=56.9), row(), id="corrected downwards"),
        pytest.param(window(percent=100), row(), id="full"),
        pytest.param(window(source=ESTIMATE), row(), id="an estimate"),
        pytest.param(window(observed_at=NOW - 20 * MINUTE - 1), row(), id="old"),
        pytest.param(window(age_known=False), row(), id="of unknown age"),
        pytest.param(window(resets_at=None), row(), id="without a reset"),
        pytest.param(window(resets_at=NOW + 3 * HOUR), row(), id="another window"),
        pytest.param(window(resets_at=NOW + HOUR), row(resets_at=NOW + HOUR), id="it resets before"),
        pytest.param(window(), row(at=NOW), id="now"),
        pytest.param(window(), row(at="soon"), id="no time"),
        pytest.param(window(), row(observed_at=NOW - 1801), id="made long ago"),
        pytest.param(window(), None, id="no row"),
    ],
)
def test_it_does_not_count(shown: Window, projection: object) -> None:
    assert outs_of({"five_hour": shown}, {"five_hour": projection}, NOW) == {}


def test_a_window_that_is_not_shown_has_no_projection() -> None:
    assert outs_of({}, {"five_hour": row()}, NOW) == {}


def test_the_earliest_of_the_plan_wide_windows_is_named() -> None:
    both = {"five_hour": window(), "seven_day": window("seven_day"), "seven_day:fable": window("seven_day:fable")}
    rows = {"five_hour": row(), "seven_day": row(at=NOW + MINUTE), "seven_day:fable": row(at=NOW + 5)}
    assert out_of(both, rows, NOW) == (NOW + MINUTE, "seven_day")
    assert first_limit(both, {}, rows, None, NOW) == "seven_day"
    assert first_limit(both, {}, rows, "Fable 5", NOW) == "seven_day:fable"
    assert out_of(both, {"seven_day:fable": row()}, NOW) is None


def test_once_a_plan_wide_window_is_used_up_nothing_runs_out() -> None:
    full = {"five_hour": window(), "seven_day": window("seven_day", 100)}
    assert out_of(full, {"five_hour": row()}, NOW) is None
