"""The limit that ends work first, and when work can continue."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.model.limits import (
    applying,
    binding_of,
    is_reached,
    model_window,
    only_money_limits,
    projections_in,
    resumes_at,
)
from cache.model.windows import Window
from tests.support.paths import ROOT

NOW = 1_795_320_000
MINUTE, HOUR, DAY = 60, 3600, 86400
NO_SPEND: dict[str, object] = {}
UNCAPPED: dict[str, object] = {"used": 6.42, "limit": None, "currency": None, "percent": None, "uncapped": True}


def known(**of: tuple[float, int | None]) -> dict[str, Window]:
    """Return windows from ``short=(percent, seconds left)`` and so on; other names are models' weeks."""
    ids = {"short": "five_hour", "week": "seven_day"}
    found = {}
    for name, (percent, left) in of.items():
        id_ = ids.get(name, f"seven_day:{name.replace('_', ' ')}")
        found[id_] = Window(id_, name, percent, None if left is None else NOW + left, "oauth", NOW)
    return found


def spending(percent: float | None) -> dict[str, object]:
    return {"used": 1.0, "limit": 4.0, "currency": "EUR", "percent": percent}


@pytest.mark.parametrize(
    ("windows", "spend", "model", "binds"),
    [
        pytest.param({}, NO_SPEND, None, None, id="nothing is known"),
        pytest.param(known(short=(24, HOUR), week=(83, DAY)), NO_SPEND, None, "seven_day", id="the fullest binds"),
        pytest.param(known(short=(90, HOUR), week=(83, DAY)), NO_SPEND, None, "five_hour", id="also if it is short"),
        pytest.param(
            known(short=(95, 3 * MINUTE), week=(94, DAY)), NO_SPEND, None, "seven_day", id="not what ends in minutes"
        ),
        pytest.param(known(short=(95, 3 * MINUTE)), NO_SPEND, None, "five_hour", id="unless there is no other"),
        pytest.param(
            known(short=(99, 9 * MINUTE), week=(69, DAY)), NO_SPEND, None, "five_hour", id="or no other matters"
        ),
        pytest.param(
            known(short=(99, 9 * MINUTE), week=(70, DAY)), NO_SPEND, None, "seven_day", id="as one does that warns"
        ),
        pytest.param(
            known(short=(100, 3 * MINUTE), week=(94, DAY)), NO_SPEND, None, "five_hour", id="or it is reached already"
        ),
        pytest.param(known(short=(100, HOUR), week=(100, DAY)), NO_SPEND, None, "seven_day", id="of reached, the last"),
        pytest.param(
            known(short=(100, HOUR), week=(103, MINUTE)), NO_SPEND, None, "five_hour", id="whatever their percentages"
        ),
        pytest.param(known(short=(50.2, HOUR), week=(50.9, DAY)), NO_SPEND, None, "five_hour", id="equal as shown"),
        pytest.param(known(short=(0, None), week=(0, DAY)), NO_SPEND, None, "seven_day", id="one has not started"),
        pytest.param(known(short=(99.9, -1), week=(3, DAY)), NO_SPEND, None, "seven_day", id="one has ended"),
        pytest.param(
            known(week=(83, DAY), fable=(90, DAY)), NO_SPEND, "Fable 5", "seven_day:fable", id="the week of the model"
        ),
        pytest.param(known(week=(83, DAY), fable=(90, DAY)), NO_SPEND, "Opus 5", "seven_day", id="not another's"),
        pytest.param(known(week=(83, DAY), fable=(90, DAY)), NO_SPEND, None, "seven_day", id="nor of an unknown one"),
        pytest.param(
            known(week=(100, HOUR), fable=(100, DAY)), NO_SPEND, "fable", "seven_day:fable", id="the one that lasts"
        ),
        pytest.param(known(short=(24, HOUR), week=(83, DAY)), spending(100), None, "seven_day", id="money is left"),
        pytest.param(known(short=(100, HOUR)), spending(20), None, "spend", id="work goes on with money"),
        pytest.param(known(short=(100, HOUR)), spending(100), None, "five_hour", id="until that is gone too"),
        pytest.param(known(short=(100, HOUR)), spending(None), None, "five_hour", id="money without a known limit"),
        pytest.param({}, spending(20), None, "spend", id="an enterprise seat"),
        pytest.param({}, spending(None), None, None, id="an enterprise seat without a limit"),
        pytest.param({}, {"percent": "much"}, None, None, id="odd money"),
        pytest.param(known(short=(100, HOUR)), UNCAPPED, None, "spend", id="money without a limit"),
        pytest.param(known(short=(99, HOUR)), UNCAPPED, None, "five_hour", id="only from a full window on"),
        pytest.param({}, UNCAPPED, None, None, id="money without a limit alone limits nothing"),
        pytest.param(known(short=(100, HOUR)), {**UNCAPPED, "uncapped": "yes"}, None, "five_hour", id="odd leave"),
        pytest.param(known(short=(100, -1)), spending(20), None, "spend", id="only an ended window"),
    ],
)  # fmt: skip
def test_what_binds_first(
    windows: dict[str, Window], spend: dict[str, object], model: str | None, binds: str | None
) -> None:
    assert binding_of(windows, spend, model, NOW) == binds


@pytest.mark.parametrize(
    ("windows", "outs", "model", "binds"),
    [
        pytest.param(
            known(short=(88, HOUR), week=(91, DAY)), {"five_hour": 720}, None, "five_hour", id="projected, not fullest"
        ),
        pytest.param(
            known(short=(88, HOUR), week=(60, 6 * DAY)), {"seven_day": 2 * DAY}, None, "seven_day", id="also a week"
        ),
        pytest.param(
            known(short=(88, HOUR), week=(91, 6 * DAY)),
            {"five_hour": 3000, "seven_day": 900},
            None,
            "seven_day",
            id="of two projected the earlier",
        ),
        pytest.param(
            known(short=(88, 5 * MINUTE), week=(91, DAY)),
            {"five_hour": 60},
            None,
            "five_hour",
            id="even in its last minutes",
        ),
        pytest.param(
            known(week=(91, DAY), fable=(40, DAY)),
            {"seven_day:fable": 60},
            "Fable 5",
            "seven_day:fable",
            id="the model's",
        ),
        pytest.param(
            known(week=(9, DAY), fable=(40, DAY)), {"seven_day:fable": 60}, None, "seven_day", id="not another's"
        ),
        pytest.param(
            known(short=(60, HOUR), week=(100, DAY)),
            {"five_hour": 60},
            None,
            "seven_day",
            id="what is reached comes first",
        ),
    ],
)
def test_the_one_that_is_used_up_first_by_its_projection(
    windows: dict[str, Window], outs: dict[str, int], model: str | None, binds: str
) -> None:
    assert binding_of(windows, NO_SPEND, model, NOW, {id_: NOW + s for id_, s in outs.items()}) == binds


@pytest.mark.parametrize(
    ("windows", "spend", "plan", "is_so"),
    [
        (known(short=(0, None), week=(0, None)), spending(96), "Enterprise", True),
        (known(short=(0, None), week=(0, None)), {**spending(0), "used": 0}, "Enterprise", True),
        (known(short=(0, HOUR), week=(0, DAY)), spending(96), "Claude Enterprise", True),
        (known(short=(0, HOUR), week=(0, DAY)), {**spending(0), "used": 0}, "Enterprise", False),
        (known(short=(0.1, HOUR), week=(0, DAY)), spending(96), "Enterprise", False),
        (known(short=(0, None), week=(0, None), fable=(3, DAY)), spending(96), "Enterprise", False),
        (known(short=(0, None), week=(0, None)), spending(96), "Max 20x", False),
        (known(short=(0, None), week=(0, None)), spending(96), None, False),
        (known(short=(0, HOUR), week=(0, DAY)), {**spending(96), "alone": True}, "Max 20x", True),
        (known(short=(1, HOUR), week=(0, DAY)), {**spending(96), "alone": True}, "Max 20x", False),
        (known(short=(0, None), week=(0, None)), NO_SPEND, "Enterprise", False),
        (known(short=(0, HOUR), week=(0, DAY)), {"used": None, "percent": 96}, "Enterprise", True),
        (known(short=(0, HOUR), week=(0, DAY)), {"used": None, "percent": 0}, "Enterprise", False),
        (known(short=(0, None), week=(0, None)), {"used": None, "percent": None}, "Enterprise", False),
        ({}, UNCAPPED, "Enterprise", True),
        ({}, spending(96), "Max 20x", False),
    ],
)
def test_where_windows_say_nothing_money_is_the_only_limit(
    windows: dict[str, Window], spend: dict[str, object], plan: str | None, is_so: bool
) -> None:
    assert only_money_limits(windows, spend, plan) == is_so


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({}, {}),
        ({"runs_out_at": NOW}, {}),
        ({"runs_out_at": NOW, "runs_out_window": "five_hour"}, {"five_hour": {"at": NOW}}),
        (
            {
                "runs_out_at": NOW,
                "runs_out_window": "five_hour",
                "projections": {"five_hour": {"at": NOW, "percent": 5}},
            },
            {"five_hour": {"at": NOW, "percent": 5}},
        ),
        (
            {
                "runs_out_at": NOW + 9,
                "runs_out_window": "five_hour",
                "projections": {"five_hour": {"at": NOW, "percent": 5}},
            },
            {"five_hour": {"at": NOW + 9}},
        ),
        ({"projections": ["five_hour"], "runs_out_at": "soon", "runs_out_window": 5}, {}),
    ],
)
def test_what_others_read_wins_over_a_row_of_another_time(value: dict[str, object], found: dict[str, object]) -> None:
    assert projections_in(value) == found


@pytest.mark.parametrize(
    ("limits", "model", "limit"),
    [
        (["fable"], "Fable 5", "fable"),
        (["fable"], "claude-fable-5-20260901", "fable"),
        (["fable"], "FABLE", "fable"),
        (["fable"], "Fable 5 (1M context)", "fable"),
        (["claude fable"], "Fable 5", "claude fable"),
        (["opus", "opus 5.5"], "Opus 5.5", "opus 5.5"),
        (["opus 5.5", "opus"], "claude-opus-5-5[1m]", "opus 5.5"),
        (["opus", "opus 4"], "Opus 5.5", "opus"),
        (["opus 5"], "Opus 4.5", None),
        (["sonnet 4.5"], "claude-sonnet-4-5-20250929", "sonnet 4.5"),
        (["sonnet"], "claude-3-5-sonnet-20241022", "sonnet"),
        (["fab"], "Fable 5", None),
        (["fable"], "Opus 5", None),
        (["", "claude", "-"], "Claude", None),
        (["fable"], "", None),
        (["fable"], None, None),
    ],
)
def test_a_model_is_known_by_its_name_and_by_its_id(limits: list[str], model: str | None, limit: str | None) -> None:
    windows = {f"seven_day:{name}": Window(f"seven_day:{name}", name, 1, None, "oauth", NOW) for name in limits}
    windows["seven_day"] = Window("seven_day", "7d", 1, None, "oauth", NOW)
    found = model_window(windows, model)
    assert (found.id if found else None) == (f"seven_day:{limit}" if limit else None)


@pytest.mark.parametrize(
    ("windows", "binding", "left"),
    [
        ({}, None, None),
        (known(short=(99.9, HOUR)), "five_hour", None),
        (known(short=(100, HOUR)), "five_hour", HOUR),
        (known(short=(100, HOUR), week=(100, DAY)), "seven_day", DAY),
        (known(short=(100, HOUR), week=(99, DAY)), "five_hour", HOUR),
        (known(short=(100, HOUR), fable=(100, DAY)), "seven_day:fable", DAY),
        (known(short=(100, HOUR), fable=(100, DAY)), "five_hour", HOUR),
        (known(short=(100, None)), "five_hour", None),
        (known(short=(100, HOUR)), "spend", HOUR),
        (known(short=(99.99999999, HOUR)), "five_hour", HOUR),
    ],
)
def test_when_work_goes_on(windows: dict[str, Window], binding: str | None, left: int | None) -> None:
    assert resumes_at(windows, binding) == (None if left is None else NOW + left)


WINDOWS = st.dictionaries(
    st.sampled_from(["five_hour", "seven_day", "seven_day:fable", "seven_day:opus"]),
    st.tuples(st.floats(0, 140), st.none() | st.integers(-HOUR, 7 * DAY)),
).map(
    lambda rows: {
        id_: Window(id_, "", percent, None if left is None else NOW + left, "oauth", NOW)
        for id_, (percent, left) in rows.items()
    }
)


@given(windows=WINDOWS, percent=st.none() | st.floats(0, 120), model=st.sampled_from([None, "Fable 5", "Opus 5.5"]))
def test_what_binds_applies_and_no_reached_limit_outlasts_it(
    windows: dict[str, Window], percent: float | None, model: str | None
) -> None:
    spend = spending(percent) if percent is not None else {}
    binds = binding_of(windows, spend, model, NOW)
    known_ids = [each.id for each in applying(windows, model, NOW)]
    assert binds in ({"spend"} if percent is not None else set()) | set(known_ids) or (binds is None and not known_ids)
    reached = [each for each in applying(windows, model, NOW) if is_reached(each) and each.resets_at is not None]
    if binds in known_ids and reached and all(each.resets_at is not None for each in windows.values()):
        assert is_reached(windows[str(binds)])
        live = {id_: each for id_, each in windows.items() if each.resets_at is None or each.resets_at > NOW}
        assert resumes_at(live, binds) == max(each.resets_at for each in reached if each.resets_at is not None)


def test_the_hot_half_may_use_it() -> None:
    """It imports nothing but what a tick has loaded anyway."""
    script = (
        "import sys, cache.model.windows, cache.model.jsonio; had = {*sys.modules}; "
        "import cache.model.limits; print({*sys.modules} - had)"
    )
    run = subprocess.run([sys.executable, "-S", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "{'cache.model.limits'}\n"
