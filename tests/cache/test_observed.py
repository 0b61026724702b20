"""Sessions hand in what they saw; replays stay old, and overlapping ticks do each other no harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cache.observed import SESSIONS, Observed, hand_in, read_observed, write_observed
from cache.reported import epoch_of, reported_windows
from cache.snapshot import take_snapshot

NOW = 1795320000


def limits(five: float = 42.4, week: float = 61.5, jitter: int = 0) -> dict[str, Any]:
    return {
        "five_hour": {"used_percentage": five, "resets_at": NOW + 7200 + jitter},
        "seven_day": {"used_percentage": week, "resets_at": NOW + 300000 + jitter},
    }


def known(observed: Observed | None) -> dict[str, tuple[float, int]]:
    assert observed is not None
    return {each.id: (each.percent, each.observed_at) for each in observed.readings}


def test_a_replay_is_no_news() -> None:
    first = hand_in(Observed(), "a", limits(), NOW)
    assert first is not None
    assert hand_in(first, "a", limits(), NOW + 3600) is None
    assert known(first) == {"five_hour": (42.4, NOW), "seven_day": (61.5, NOW)}


def test_after_the_clock_was_set_back_a_replay_is_seen_anew() -> None:
    first = hand_in(Observed(), "a", limits(), NOW + 3600)
    assert first is not None
    assert hand_in(first, "a", limits(), NOW + 3590) is None
    back = hand_in(first, "a", limits(), NOW)
    assert known(back) == {"five_hour": (42.4, NOW), "seven_day": (61.5, NOW)}
    assert back is not None
    assert hand_in(back, "a", limits(), NOW + 60) is None


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), 10**20, -(10**30), True, None, "x" * 50, [1], {}])
def test_a_replay_of_odd_values_is_no_news_either(tmp_path: Path, odd: object) -> None:
    report = {"five_hour": {"used_percentage": odd, "resets_at": odd}}
    first = hand_in(Observed(), "a", report, NOW)
    assert first is not None
    assert write_observed(str(tmp_path / "observed.json"), first)
    assert hand_in(read_observed(str(tmp_path / "observed.json")), "a", report, NOW + 60) is None


def test_a_new_answer_with_the_same_percentages_is_news() -> None:
    first = hand_in(Observed(), "a", limits(), NOW)
    assert first is not None
    second = hand_in(first, "a", limits(jitter=2), NOW + 600)
    assert known(second)["five_hour"] == (42.4, NOW + 600)


def test_a_window_that_left_is_no_news_nor_is_one_that_comes_back_as_it_was() -> None:
    first = hand_in(Observed(), "a", limits(), NOW)
    assert first is not None
    assert hand_in(first, "a", {"seven_day": limits()["seven_day"]}, NOW + 7300) is None
    assert hand_in(first, "a", {}, NOW + 7400) is None
    answered = hand_in(first, "a", {"seven_day": limits(week=62)["seven_day"]}, NOW + 8200)
    assert known(answered) == {"seven_day": (62, NOW + 8200)}
    assert answered is not None
    assert hand_in(answered, "a", {"five_hour": limits()["five_hour"]}, NOW + 8300) is None


def test_what_was_seen_under_one_login_never_pushes_out_what_was_seen_under_another() -> None:
    first = hand_in(Observed(), "a", limits(five=20), NOW, "1-1")
    assert first is not None
    second = hand_in(first, "b", limits(five=50), NOW + 400, "2-2")
    assert second is not None
    assert {login: each[0].percent for login, each in second.by_login.items()} == {"1-1": 20, "2-2": 50}
    for number in range(3, 9):
        later = hand_in(second, "c", limits(five=number), NOW + 400 * number, f"{number}-{number}")
        assert later is not None
        second = later
    assert list(second.by_login) == ["6-6", "7-7", "8-8"]


def test_a_session_that_was_forgotten_and_comes_back_replays_what_is_old() -> None:
    observed = Observed()
    for number in range(SESSIONS + 1):
        observed = hand_in(observed, f"session-{number}", limits(five=50, jitter=number), NOW + number) or observed
    assert "session-0" not in observed.sessions
    back = hand_in(observed, "session-0", limits(five=99), NOW + 3600)
    assert back is not None
    assert max(each.observed_at for each in back.readings) <= NOW + SESSIONS
    assert back.sessions["session-0"][0] == NOW


def test_the_first_answer_of_a_session_that_was_seen_starting_is_news() -> None:
    observed = Observed()
    for number in range(SESSIONS):
        observed = hand_in(observed, f"session-{number}", limits(jitter=number), NOW + number) or observed
    started = hand_in(observed, "new", None, NOW + 3600)
    assert started is not None
    assert hand_in(started, "new", None, NOW + 3610) is None
    answered = hand_in(started, "new", limits(five=60), NOW + 3700)
    assert known(answered)["five_hour"] == (60, NOW + 3700)


def test_only_the_last_sessions_with_news_are_remembered() -> None:
    observed = Observed()
    for number in range(500):
        found = hand_in(observed, f"session-{number}", limits(jitter=number % 50), NOW + number)
        assert found is not None
        observed = found
    assert len(observed.sessions) == SESSIONS
    assert "session-499" in observed.sessions
    assert len(observed.readings) <= 16


def test_the_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    observed = hand_in(Observed(), "a", limits(), NOW)
    assert observed is not None
    path = str(tmp_path / "observed.json")
    assert write_observed(path, observed)
    found = read_observed(path)
    assert known(found) == known(observed)
    assert hand_in(found, "a", limits(), NOW + 60) is None
    assert [each.name for each in tmp_path.iterdir()] == ["observed.json"]
    assert (tmp_path / "observed.json").stat().st_mode & 0o777 == 0o600


def test_the_second_of_two_overlapping_ticks_leaves_the_file_alone(tmp_path: Path) -> None:
    observed = hand_in(Observed(), "a", limits(), NOW)
    assert observed is not None
    (tmp_path / "observed.json.tmp").write_text("half wr")
    assert not write_observed(str(tmp_path / "observed.json"), observed)
    assert (tmp_path / "observed.json.tmp").read_text() == "half wr"
    assert not (tmp_path / "observed.json").exists()


def test_a_folder_that_is_not_there_costs_nothing(tmp_path: Path) -> None:
    snapshot = take_snapshot(str(tmp_path / "missing"), "a", limits(), NOW)
    assert snapshot.windows["five_hour"].percent == 42.4
    assert not (tmp_path / "missing").exists()


def test_two_sessions_show_the_same_number(tmp_path: Path) -> None:
    place = str(tmp_path)
    take_snapshot(place, "idle", limits(five=20), NOW - 4000)
    take_snapshot(place, "busy", limits(five=55), NOW)
    shown = {
        name: take_snapshot(place, name, limits(five=five), NOW + 5).windows["five_hour"].percent
        for name, five in (("idle", 20), ("busy", 55), ("new", 55))
    }
    assert shown == {"idle": 55, "busy": 55, "new": 55}


def test_odd_limits_are_left_out() -> None:
    odd = {
        "five_hour": {"used_percentage": 1795327200, "resets_at": 1795327200},
        "seven_day": {"used_percentage": 14.000000000000002, "resets_at": "2026-11-25T12:00:29.5+01:00"},
        "spend_limit": {"used_percentage": 3},
    }
    assert [each.as_json() for each in reported_windows(odd, NOW)] == [
        {
            "id": "seven_day",
            "label": "7d",
            "percent": 14.000000000000002,
            "resets_at": 1795604400,
            "source": "stdin",
            "observed_at": NOW,
        }
    ]
    nothings: tuple[object, ...] = (None, [], "x", {"five_hour": None}, {"five_hour": {"used_percentage": True}})
    for nothing in nothings:
        assert reported_windows(nothing, NOW) == []


def test_times_are_read_in_their_zone() -> None:
    assert epoch_of("1970-01-01T00:00:00Z") == 0
    assert epoch_of("2026-09-03T22:30:00.134085+00:00") == 1788474600
    for zone in ("+05:30", "+0530"):
        assert epoch_of(f"2026-09-04T04:00:00{zone}") == 1788474600
    assert epoch_of("2026-09-03T17:30:00-05") == 1788474600
    assert epoch_of("2024-02-29T00:00:00Z") == 1709164800
    assert epoch_of("2026-12-31T23:59:60Z") == epoch_of("2027-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2026-13-45T99:99:99Z",
        "2026-00-10T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-12-32T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+05:60",
        "2026-01-01T00:00:00x05:30",
    ],
)
def test_a_time_that_never_is_is_none(text: str) -> None:
    assert epoch_of(text) is None
