"""Which alerts are due: each threshold once per window, however the numbers change in between."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cache.model.windows import Window
from cache.watches.config import Watch, read_watches, watches_in
from cache.watches.thresholds import SentAlert, alerts, clock_in, sent_alerts_in, sent_alerts_value

NOW = 1_795_320_000
SHORT_RESET, WEEK_RESET = NOW + 7200, NOW + 400_000
BOTH = Watch((80, 95), "true")


def short(percent: float, resets_at: int | None = SHORT_RESET) -> Window:
    return Window("five_hour", "5h", percent, resets_at, "oauth", NOW)


def week(percent: float) -> Window:
    return Window("seven_day", "7d", percent, WEEK_RESET, "oauth", NOW)


def told_of(*percents: float, resets_at: int | None = SHORT_RESET, watch: Watch = BOTH) -> list[str]:
    """Process readings of one window; return the alerts of each, such as ``80``."""
    told: list[SentAlert] = []
    said = []
    for percent in percents:
        due = alerts([watch], [short(percent, resets_at)], told, "ours")
        told += [each.record for each in due]
        said.append(" ".join(f"{each.at:g}" for each in due))
    return said


@pytest.mark.parametrize(
    ("percents", "said"),
    [
        ([79, 80, 81, 94], ["", "80", "", ""]),
        ([80, 95, 100], ["80", "95", ""]),
        ([97, 99], ["95", ""]),
        ([79.999999999, 79.9], ["80", ""]),
        ([85, 70, 85], ["80", "", ""]),
        ([96, 85, 96], ["95", "", ""]),
        ([0, 10, 50], ["", "", ""]),
        ([140], ["95"]),
    ],
)
def test_each_threshold_alerts_once_and_of_several_the_highest(percents: list[float], said: list[str]) -> None:
    assert told_of(*percents) == said


def test_a_reset_that_jitters_is_the_same_window_and_another_is_the_next() -> None:
    (alert,) = alerts([BOTH], [short(85)], [], "ours")
    told = [alert.record]
    assert not alerts([BOTH], [short(85, SHORT_RESET + 60)], told, "ours")
    assert alerts([BOTH], [short(85, SHORT_RESET + 5 * 3600)], told, "ours")


def test_each_window_each_watch_and_each_account_alerts_separately() -> None:
    other = Watch((50,), "false")
    due = alerts([BOTH, other], [short(85), week(60)], [], "ours")
    assert [(each.watch, each.window.id, each.at) for each in due] == [
        (BOTH, "five_hour", 80),
        (other, "five_hour", 50),
        (other, "seven_day", 50),
    ]
    told = [each.record for each in due]
    assert not alerts([BOTH, other], [short(85), week(60)], told, "ours")
    assert len(alerts([BOTH, other], [short(85), week(60)], told, "theirs")) == 3


def test_a_window_that_has_not_started_does_not_alert() -> None:
    assert told_of(85, resets_at=None) == [""]


def test_other_thresholds_of_the_same_command_do_not_repeat_an_alert() -> None:
    (alert,) = alerts([BOTH], [short(96)], [], "ours")
    assert not alerts([Watch((90,), "true")], [short(96)], [alert.record], "ours")
    assert alerts([Watch((96,), "true")], [short(96)], [alert.record], "ours")


def test_alerts_are_kept_in_the_file_until_their_window_is_over() -> None:
    told = [each.record for each in alerts([BOTH], [short(85), week(85)], [], "ours")]
    assert sent_alerts_in(sent_alerts_value(told), NOW) == told
    assert [each.window for each in sent_alerts_in(sent_alerts_value(told), SHORT_RESET + 900)] == ["seven_day"]


def test_a_reset_that_moves_while_it_is_near_does_not_repeat_an_alert() -> None:
    told = [each.record for each in alerts([BOTH], [short(85)], [], "ours")]
    kept = sent_alerts_in(sent_alerts_value(told), SHORT_RESET + 5)
    assert not alerts([BOTH], [short(85, SHORT_RESET + 600)], kept, "ours")


@pytest.mark.parametrize(
    "value", [None, 3, {}, {"told": 3}, {"told": [3, [], [1, 2, 3, 4, 5], ["a", "b", "c", "d", 5]]}]
)
def test_a_broken_memory_is_an_empty_one(value: object) -> None:
    assert sent_alerts_in(value, NOW) == []


def test_what_is_remembered_is_not_the_command() -> None:
    (alert,) = alerts([Watch((80,), "curl -H 'token: CANARY'")], [short(85)], [], "ours")
    assert "CANARY" not in str(sent_alerts_value([alert.record]))


def test_the_facts_are_numbers_and_names() -> None:
    (alert,) = alerts([Watch((80.5,), "true")], [short(85.9)], [], "ours")
    assert alert.facts == {
        "HUDLINE_WINDOW": "five_hour",
        "HUDLINE_LABEL": "5h",
        "HUDLINE_PERCENT": "85",
        "HUDLINE_AT": "80.5",
        "HUDLINE_RESETS_AT": str(SHORT_RESET),
    }


@pytest.mark.parametrize(
    ("value", "watches"),
    [
        ([{"at": [95, 80, 80], "command": "x"}], [Watch((80, 95), "x")]),
        ([{"at": [0, 101, "80", None, True, 50.5], "command": "x"}], [Watch((50.5,), "x")]),
        ([{"at": [80]}, {"command": "x"}, {"at": [], "command": "x"}, {"at": 80, "command": "x"}, 3, None], []),
        ([{"at": [80], "command": ""}, {"at": [80], "command": "x" * 4097}], []),
        ([{"at": [80], "command": str(each)} for each in range(9)], [Watch((80,), str(each)) for each in range(8)]),
        ({"at": [80], "command": "x"}, []),
        (None, []),
    ],
)
def test_one_bad_watch_is_left_out_alone(value: object, watches: list[Watch]) -> None:
    assert watches_in(value) == watches


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\xff", b'{"watch": 3}'])
def test_a_broken_configuration_watches_nothing(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "config.json"
    if content is not None:
        file.write_bytes(content)
    assert read_watches(str(file)) == []


@pytest.mark.parametrize(
    ("setting", "window", "resets"),
    [
        ({"zone": "Asia/Tokyo", "hours": 12}, short(85, 1_795_359_600), "Mon 12:00am"),
        ({"zone": "Asia/Tokyo", "hours": 12}, short(85, 1_795_359_575), "Mon 12:00am"),
        ({"zone": "Asia/Tokyo", "hours": 12}, short(85, 1_795_359_600 - 43_140), "12:01pm"),
        ({"zone": "utc"}, short(85, 1_795_359_600), "15:00"),
        ({"zone": "utc"}, short(85, NOW + 8 * 86400), "30 Nov 04:00"),
        ({"zone": "utc", "hours": 12}, week(85), "Thu 7:07pm"),
        ({"zone": "No/Where", "hours": "x"}, short(85, 1_795_359_600), "15:00"),
        (None, short(85, 1_795_359_600), "15:00"),
    ],
)
def test_the_reset_is_told_as_the_setting_time_says(
    setting: object, window: Window, resets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    (alert,) = alerts([BOTH], [window], [], "ours", clock_in(setting, NOW))
    assert alert.text == f"{window.label} limit at 85%, resets at {resets}"


def test_a_reset_without_a_date_is_left_out() -> None:
    (alert,) = alerts([BOTH], [short(85, 10**20)], [], "ours", clock_in({"zone": "utc"}, NOW))
    assert alert.text == "5h limit at 85%"
