"""What the session, its transcript and the person's own commands tell."""

from __future__ import annotations

import pytest

from statusline.segments.segment import WARN
from tests.support.segment_scene import forms, said, segment, snapshot


def test_a_model_without_a_name_is_told_by_its_id() -> None:
    assert said("model", {"model": {"id": "claude-x", "display_name": ""}}) == "claude-x"
    assert said("model", {"model": {"id": "claude-x", "display_name": "  "}}) == "claude-x"


@pytest.mark.parametrize(("usd", "text"), [(0, None), (0.004, None), (0.005, "$0.01"), (12, "$12.00"), (1e9, None)])
def test_a_cost_that_would_be_nothing_is_silent(usd: float, text: str | None) -> None:
    assert said("cost", {"cost": {"total_cost_usd": usd}}) == text


def test_a_rate_needs_five_minutes() -> None:
    for minutes, text in ((4.9, None), (5, "$6.00/h"), (60, "$0.50/h")):
        cost = {"total_cost_usd": 0.5, "total_duration_ms": minutes * 60_000}
        assert said("cost_per_hour", {"cost": cost}) == text


@pytest.mark.parametrize("value", [None, -1, "five", True, 1e300, [1]])
@pytest.mark.parametrize("name", ["duration", "api_time", "cost_per_hour", "lines", "cost"])
def test_an_odd_number_is_silent(name: str, value: object) -> None:
    fields = ("total_cost_usd", "total_duration_ms", "total_api_duration_ms", "total_lines_added")
    assert said(name, {"cost": dict.fromkeys(fields, value)}) is None


def test_times_are_told_once_they_mean_something() -> None:
    for ms, duration, api in ((900, None, None), (12_900, None, "api 12s"), (61_000, "1m", "api 1m")):
        cost = {"total_duration_ms": ms, "total_api_duration_ms": ms}
        assert (said("duration", {"cost": cost}), said("api_time", {"cost": cost})) == (duration, api)


def test_lines_are_told_where_any_changed() -> None:
    assert said("lines", {"cost": {"total_lines_added": 3}}) == "+3 -0"
    assert said("lines", {"cost": {"total_lines_added": 0, "total_lines_removed": 0}}) is None


@pytest.mark.parametrize(("value", "shown"), [(True, True), (False, False), (1, False), ("true", False), (None, False)])
def test_a_mode_is_on_only_where_it_says_true(value: object, shown: bool) -> None:
    assert (said("fast_mode", {"fast_mode": value}) is not None) == shown
    assert (said("thinking", {"thinking": {"enabled": value}}) is not None) == shown


def test_fast_mode_is_a_warning_with_a_mark() -> None:
    found = segment("fast_mode", {"fast_mode": True})
    assert found is not None
    assert found.level == WARN
    assert forms(found, marked=True) == ["fast mode"]


def test_the_default_output_style_is_not_worth_a_word() -> None:
    for name in ("default", "Default", None, ""):
        assert said("output_style", {"output_style": {"name": name}}) is None


def test_an_agent_is_told_by_either_field() -> None:
    assert said("agent", {"agent_type": "reviewer"}) == "reviewer"


@pytest.mark.parametrize(("hours", "text"), [(24, "04:14"), (12, "4:14am")])
def test_the_clock_has_a_persons_hours(hours: int, text: str) -> None:
    assert said("clock", hours=hours) == text


def test_noon_and_midnight_are_twelve() -> None:
    assert [said("clock", hours=12, zone=zone) for zone in ("Asia/Seoul", "Etc/GMT+4", "Etc/GMT-8")] == [
        "1:14pm",
        "12:14am",
        "12:14pm",
    ]


@pytest.mark.parametrize(
    ("todos", "text"),
    [
        ({"done": 0, "total": 3, "current": "Plan"}, "todo 0/3 Plan"),
        ({"done": 3, "total": 3, "current": "Plan"}, "todo 3/3"),
        ({"done": 1, "total": 3}, "todo 1/3"),
        ({"done": 4, "total": 3}, None),
        ({"done": 0, "total": 0}, None),
        ([1, 3], None),
    ],
)
def test_tasks_are_counted(todos: object, text: str | None) -> None:
    assert said("todos", known=snapshot(activity={"todos": todos})) == text


def test_one_is_not_many() -> None:
    known = snapshot(activity={"running_agents": 1, "turns": 1})
    assert said("running_agents", known=known) == "1 agent"
    assert said("turns", known=known) == "1 turn"


def test_logins_of_servers_are_told_only_where_they_fail() -> None:
    assert said("mcp", known=snapshot(mcp={"expired": 0, "missing": 0})) is None
    assert forms(segment("mcp", known=snapshot(mcp={"missing": 2}))) == ["mcp 2 missing"]


def test_a_command_shows_its_first_line_that_has_anything() -> None:
    known = snapshot(commands={"jobs": "\n\n  \n  3 running  \n4 waiting"})
    assert said("command", known=known, options={"name": "jobs"}) == "3 running"
    for options in ({"name": "other"}, {"name": 5}, {}):
        assert said("command", known=known, options=options) is None
    assert said("command", known=snapshot(commands={"jobs": " \n"}), options={"name": "jobs"}) is None


@pytest.mark.parametrize("text", [None, "", "  ", 5, ["hello"]])
def test_a_text_that_is_none_is_silent(text: object) -> None:
    assert said("text", options={"text": text}) is None
