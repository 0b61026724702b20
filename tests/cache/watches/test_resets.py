"""A reset alerts once per window that was nearly used up, whatever the numbers do in between."""

from __future__ import annotations

import pytest

from cache.model.windows import Window
from cache.watches.config import Watch
from cache.watches.memory import Memory, memory_in
from cache.watches.resets import follow, resets

NOW = 1_795_320_000
ENDS = NOW + 7200
WATCH = Watch((90,), "", "reset", "desktop")
FULL = ("five_hour", 95.0, ENDS)


class Desk:
    """Follows what a usage job sees; every look goes through the file."""

    def __init__(self, *watches: Watch) -> None:
        self.watches = watches or (WATCH,)
        self.memory = Memory([], [], [], [])

    def look(self, at: int, *rows: tuple[str, float, int | None], account: str = "ours") -> list[str]:
        windows = {id_: Window(id_, id_[:2], percent, ends, "oauth", at) for id_, percent, ends in rows}
        memory = memory_in(self.memory.as_json(), at)
        memory.followed = follow(self.watches, windows, memory.followed, memory.sent, account, at)
        told = resets(self.watches, windows, memory.followed, at)
        for each in told:
            memory.note(each)
        self.memory = memory
        return [each.text for each in told]


@pytest.mark.parametrize("after", [(), (("five_hour", 2.0, ENDS + 18000),), (("five_hour", 0.0, None),)])
def test_a_reset_is_told_once_when_a_later_job_sees_it(after: tuple[tuple[str, float, int | None], ...]) -> None:
    desk = Desk()
    assert desk.look(NOW, FULL) == []
    assert desk.look(ENDS - 1, FULL) == []
    assert desk.look(ENDS + 100_000, *after) == ["fi limit has reset"]
    assert desk.look(ENDS + 100_001, *after) == []


def test_a_window_below_the_threshold_is_not_told() -> None:
    desk = Desk()
    desk.look(NOW, ("five_hour", 89.9, ENDS))
    assert desk.look(ENDS + 1) == []


def test_a_window_that_has_reached_it_once_is_told_though_its_number_falls() -> None:
    desk = Desk()
    desk.look(NOW, FULL)
    desk.look(NOW + 60, ("five_hour", 80.0, ENDS))
    assert desk.look(ENDS + 1) == ["fi limit has reset"]


def test_a_reset_that_moves_is_awaited_at_its_latest_time() -> None:
    desk = Desk()
    desk.look(NOW, FULL)
    assert desk.look(ENDS - 10, ("five_hour", 95.0, ENDS + 600)) == []
    assert desk.look(ENDS + 10, ("five_hour", 95.0, ENDS + 600)) == []
    assert desk.look(ENDS + 20) == []
    assert desk.look(ENDS + 601) == ["fi limit has reset"]


def test_a_reset_that_moves_once_more_after_it_was_told_is_not_told_again() -> None:
    desk = Desk()
    desk.look(NOW, FULL)
    assert desk.look(ENDS) == ["fi limit has reset"]
    desk.look(ENDS + 5, ("five_hour", 95.0, ENDS + 300))
    assert desk.look(ENDS + 301) == []


@pytest.mark.parametrize("early", [3.0, 95.0])
def test_another_window_before_the_reset_is_wrong_or_early_and_not_told(early: float) -> None:
    desk = Desk()
    desk.look(NOW, FULL)
    assert desk.look(NOW + 600, ("five_hour", early, ENDS + 9000)) == []
    assert desk.look(ENDS + 1, ("five_hour", early, ENDS + 9000)) == []
    assert desk.look(ENDS + 9001) == (["fi limit has reset"] if early == 95 else [])


def test_a_wrong_reading_in_between_changes_nothing() -> None:
    desk = Desk()
    desk.look(NOW, FULL)
    desk.look(NOW + 60, ("five_hour", 3.0, ENDS + 9000))
    desk.look(NOW + 120, FULL)
    assert desk.look(ENDS + 1) == ["fi limit has reset"]


def test_a_next_window_that_is_full_as_well_is_awaited_instead() -> None:
    desk = Desk()
    desk.look(NOW, FULL)
    assert desk.look(ENDS + 9000, ("five_hour", 99.0, ENDS + 18000)) == []
    assert desk.look(ENDS + 18001) == ["fi limit has reset"]


def test_an_account_switch_tells_nothing_and_loses_nothing() -> None:
    desk = Desk()
    desk.look(NOW, FULL)
    assert desk.look(NOW + 60, ("five_hour", 3.0, ENDS + 60), account="theirs") == []
    assert desk.look(NOW + 120, FULL) == []
    assert desk.look(ENDS + 1) == ["fi limit has reset"]
    desk.look(ENDS + 2, ("five_hour", 95.0, ENDS + 18000))
    assert desk.look(ENDS + 3, account="theirs") == []
    assert desk.look(ENDS + 20000, account="theirs") == []
    assert desk.look(ENDS + 30000) == []


def test_each_window_and_each_watch_are_told_separately() -> None:
    desk = Desk(WATCH, Watch((50,), "x", "reset"), Watch((10,), "y"))
    desk.look(NOW, FULL, ("seven_day", 60.0, NOW + 400_000))
    assert desk.look(ENDS) == ["fi limit has reset"] * 2
    assert desk.look(NOW + 400_000) == ["se limit has reset"]


def test_a_removed_watch_is_forgotten() -> None:
    desk = Desk()
    desk.look(NOW, FULL)
    desk.watches = (Watch((90,), "another", "reset"),)
    assert desk.look(ENDS) == []
    assert desk.memory.followed == []


def test_the_facts_are_those_of_the_next_window() -> None:
    windows = {"five_hour": Window("five_hour", "5h", 95, ENDS, "oauth", NOW)}
    followed = follow([WATCH], windows, [], [], "ours", NOW)
    (told,) = resets([WATCH], {}, followed, ENDS)
    fixed = {"HUDLINE_WINDOW": "five_hour", "HUDLINE_LABEL": "5h", "HUDLINE_AT": "90"}
    assert told.facts == fixed | {"HUDLINE_PERCENT": "0", "HUDLINE_RESETS_AT": ""}
    (told,) = resets([WATCH], {"five_hour": Window("five_hour", "5h", 2.9, ENDS + 9, "oauth", ENDS)}, followed, ENDS)
    assert told.facts == fixed | {"HUDLINE_PERCENT": "2", "HUDLINE_RESETS_AT": str(ENDS + 9)}


@pytest.mark.parametrize("rows", [3, [3], [[]], [["a", "b", "c", "d", "e", 1]], [["a", "b", "c", "d", 1, None]], None])
def test_a_broken_memory_is_an_empty_one(rows: object) -> None:
    assert memory_in({"followed": rows, "waits": rows, "expired": rows}, NOW) == Memory([], [], [], [])


def test_the_threshold_is_the_highest_that_was_reached() -> None:
    desk = Desk(Watch((50, 90), "true", "reset"))
    for percent in 55.0, 95.0, 60.0:
        desk.look(NOW, ("five_hour", percent, ENDS))
    assert [each.at for each in desk.memory.followed] == [90]


def test_what_an_earlier_version_recorded_many_times_happens_once() -> None:
    desk = Desk()
    desk.look(NOW, FULL)
    desk.memory.followed *= 64
    assert desk.look(ENDS + 1) == ["fi limit has reset"]
