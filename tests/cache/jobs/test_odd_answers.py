"""An answer that cannot be read, or not all of it: the former values stay, with their age."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.loopback_server import Loopback
from tests.support.usage_desk import ADA, BOB, Desk, body


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give the desk of Ada, whose numbers were asked for just over ten minutes ago."""
    with Loopback() as server:
        desk = Desk(tmp_path, server)
        desk.answers(body(five=24, week=83, model=36, spent=4001))
        desk.sign_in(ADA)
        desk.now += 60
        assert desk.refresh().state == "refreshed"
        desk.now += 700
        yield desk


def model_of(desk: Desk) -> tuple[float, float]:
    """Return percentage and age of the model's week."""
    window = desk.tick("")["seven_day:fable"]
    return window.percent, desk.now - window.observed_at


@pytest.mark.parametrize(
    "odd",
    [
        {"five_hour": "24%"},
        {"five_hour": {"utilization": []}},
        {"seven_day": [83]},
        {"five_hour": None, "seven_day": None, "limits": "none", "spend": 5},
    ],
)
def test_an_odd_answer_leaves_the_old_numbers_and_backs_off(desk: Desk, odd: dict[str, Any]) -> None:
    desk.answers({**body(five=99, week=99, model=99, spent=9900), **odd})
    for wait_s in (300, 600, 1200):
        assert desk.refresh().problem == "unreadable"
        assert desk.shown() == {"five_hour": 24, "seven_day": 83, "seven_day:fable": 36}
        assert desk.value["spend"]["used"] == 40.01
        assert wait_s < desk.rate_limit.next_at - desk.now <= wait_s + 1
        desk.now = desk.entry.due_at
    desk.answers(body(five=25, week=84, model=37))
    assert desk.refresh().state == "refreshed"
    assert desk.shown() == {"five_hour": 25, "seven_day": 84, "seven_day:fable": 37}


@pytest.mark.parametrize("rows", ["none", {"a": 1}, [5], [{"kind": "weekly_scoped", "percent": "36%"}]])
def test_rows_that_cannot_be_read_take_no_models_limit_away(desk: Desk, rows: object) -> None:
    desk.answers({**body(five=25, week=84), "limits": rows})
    assert desk.refresh().state == "refreshed"
    assert desk.shown() == {"five_hour": 25, "seven_day": 84, "seven_day:fable": 36}
    assert model_of(desk) == (36, 700)
    desk.now += 700
    assert desk.refresh().state == "refreshed"
    assert model_of(desk) == (36, 1400)


def test_of_rows_that_can_be_read_in_part_these_count(desk: Desk) -> None:
    answer = body(five=25, model=40)
    desk.answers({**answer, "limits": [*answer["limits"], "odd"]})
    desk.refresh()
    assert model_of(desk) == (40, 0)


@pytest.mark.parametrize("key", ["spend", "extra_usage"])
def test_money_that_cannot_be_read_stays_as_old_as_it_is(desk: Desk, key: str) -> None:
    before = desk.value["spend"]
    desk.answers({**body(five=25), "spend": None, key: "much"})
    assert desk.refresh().state == "refreshed"
    assert desk.value["spend"] == before
    desk.now += 700
    desk.answers(body(five=26))
    desk.refresh()
    assert desk.value["spend"] is None


def test_what_cannot_be_read_is_never_another_accounts(desk: Desk) -> None:
    desk.sign_in(BOB)
    desk.now += 60
    desk.answers({**body(five=25, shift_s=3600), "limits": "none", "spend": "much"})
    desk.refresh()
    assert desk.shown() == {"five_hour": 25, "seven_day": 83}
    assert desk.value["spend"] is None


def test_money_is_as_old_as_its_answer(desk: Desk) -> None:
    asked_at = desk.now
    desk.answers(body(spent=5000))
    desk.refresh()
    assert desk.value["spend"]["observed_at"] == int(asked_at)
    desk.now += 700
    desk.copied(body(spent=6000), age_s=100, stamp=ADA)
    desk.refresh()
    assert (desk.value["spend"]["used"], desk.value["spend"]["observed_at"]) == (60, int(desk.now) - 100)


def test_a_key_in_claude_codes_state_changes_nothing(desk: Desk) -> None:
    """``primaryApiKey`` beside a login: the login's plan pays."""
    desk.name(ADA, primaryApiKey="sk-ant-api03-CANARY")
    desk.answers(body(five=25))
    account = desk.value["account"]
    assert desk.refresh().state == "refreshed"
    assert desk.value["account"] == account
    assert desk.shown()["five_hour"] == 25
    files = [path for path in desk.cache.rglob("*") if path.is_file()]
    assert not [path for path in files if b"CANARY" in path.read_bytes()]
