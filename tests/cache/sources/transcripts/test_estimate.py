"""The estimate without a fresh official number, and when there is none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cache.model.windows import ESTIMATE, OAUTH, Window
from cache.sources.transcripts.calibration import calibration
from cache.sources.transcripts.estimate import SignedInAccount, Spent, estimate, estimates
from cache.sources.transcripts.index import Store, open_index
from cache.sources.transcripts.observations import observe
from cache.sources.transcripts.scan import scan
from tests.support.estimate_index import DAY, HOUR, RESET, damage, estimated, learn, official, work
from tests.support.transcript_writer import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an index for which all transcripts have been read, as far as there are any."""
    with open_index(tmp_path / "i.sqlite3") as found:
        scan(found, [tmp_path / "projects"], now=NOW)
        yield found


@pytest.mark.parametrize("when", ["before", "since"])
def test_an_infinite_cost_in_a_damaged_index_gives_neither_calibration_nor_estimate(store: Store, when: str) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (2, NOW - HOUR), (1, NOW - 90))
    learn(store, (10, NOW - 2 * HOUR), (30, NOW - 1800))
    damage(store, NOW - (HOUR + 1 if when == "before" else 60))
    learned = calibration(store, "a", "five_hour")
    assert learned is not None
    assert (learned.percent_per_dollar, learned.points) == (10.0, 30 if when == "since" else 10)
    found = estimate(store, SignedInAccount("a"), "five_hour", official(30, NOW - 1800), NOW)
    assert (found is None) is (when == "since")


# --- an official number in this window ---------------------------------------------------------------------------


def test_what_was_done_since_is_added_to_the_last_official_number(store: Store) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (2, NOW - HOUR), (3, NOW - 60))
    learn(store, (10, NOW - 2 * HOUR), (30, NOW - 1800))
    found = estimate(store, SignedInAccount("a"), "five_hour", official(30, NOW - 1800), NOW)
    assert found == Window("five_hour", "5h", 60.0, RESET, ESTIMATE, NOW)


@pytest.mark.parametrize("later_s", [0, 1])
def test_the_answer_that_a_number_came_with_is_not_added_to_it(store: Store, later_s: int) -> None:
    """It is in the number already, which Claude Code reports in the same second or the next."""
    work(store, (1, RESET - 5 * HOUR + 60), (2, NOW - HOUR))
    learn(store, (10, NOW - 2 * HOUR), (30, NOW - HOUR + later_s))
    last = official(30, NOW - HOUR + later_s)
    assert estimate(store, SignedInAccount("a"), "five_hour", last, NOW) is None
    work(store, (0.5, NOW - 60))
    assert estimated(store, last).percent == 35.0


@pytest.mark.parametrize(("dollars", "percent"), [(0.0, None), (0.099, None), (0.1, 31.0), (0.5, 35.0)])
def test_an_official_number_stays_while_less_than_a_point_was_added(
    store: Store, dollars: float, percent: float | None
) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (2, NOW - HOUR), (dollars, NOW - 60))
    learn(store, (10, NOW - 2 * HOUR), (30, NOW - 1800))
    found = estimate(store, SignedInAccount("a"), "five_hour", official(30, NOW - 1800), NOW)
    assert found == (None if percent is None else Window("five_hour", "5h", percent, RESET, ESTIMATE, NOW))


def test_a_limit_that_is_reached_stays_reached_until_it_resets(store: Store) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (2, NOW - HOUR), (5, NOW - 60))
    learn(store, (10, NOW - 2 * HOUR), (30, NOW - 1800))
    assert estimate(store, SignedInAccount("a"), "five_hour", official(100, NOW - 900), NOW) is None
    assert estimate(store, SignedInAccount("a"), "five_hour", official(99.9, NOW - 900), NOW) is not None
    assert estimated(store, official(100, NOW - 900), RESET + 1).percent == 0.0


def test_without_a_calibration_an_official_number_stays_as_it_is(store: Store) -> None:
    work(store, (5, NOW - 60))
    assert estimate(store, SignedInAccount("a"), "five_hour", official(30, NOW - 1800), NOW) is None
    assert (
        estimate(store, SignedInAccount("a"), "seven_day", official(30, NOW - 1800, NOW + DAY, "seven_day"), NOW)
        is None
    )


def test_without_any_official_number_at_hand_the_last_reading_is_the_anchor(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, NOW - 60))
    learn(store, (20, NOW - HOUR))
    assert estimated(store, None) == Window("five_hour", "5h", 30.0, RESET, ESTIMATE, NOW)


def test_an_estimate_stays_within_bounds(store: Store) -> None:
    work(store, (1, RESET - 5 * HOUR + 60), (10_000, NOW - 60))
    learn(store, (90, NOW - HOUR))
    assert estimated(store, official(90, NOW - HOUR)).percent == 1000
    ahead = estimate(store, SignedInAccount("a"), "five_hour", official(90, NOW + HOUR), NOW)  # the clock was set back
    assert ahead is None


def test_activity_of_the_account_before_does_not_count(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (5, NOW - HOUR), (1, NOW - 60))
    learn(store, (20, NOW - 2 * HOUR))
    found = estimate(store, SignedInAccount("a", NOW - 1800), "five_hour", official(20, NOW - 2 * HOUR), NOW)
    assert isinstance(found, Window)
    assert found.percent == 30


def test_a_model_week_counts_only_that_model(store: Store) -> None:
    reset = NOW + 3 * DAY
    work(store, (5, NOW - DAY), (9, NOW - 60))
    work(store, (2, NOW - DAY), (1, NOW - 60), model="claude-fable-5-2")
    window = official(20, NOW - HOUR, reset, "seven_day:fable")
    observe(store, "a", window)
    found = estimated(store, window, id_="seven_day:fable")
    assert found == Window("seven_day:fable", "Fable", 30.0, reset, ESTIMATE, NOW)
    unknown = Window("seven_day:surprise", "Surprise", 20.0, reset, OAUTH, NOW - HOUR)
    observe(store, "a", unknown)
    assert estimate(store, SignedInAccount("a"), "seven_day:surprise", unknown, NOW) is None


# --- after a reset -----------------------------------------------------------------------------------------------


def test_the_next_window_starts_with_the_first_answer_after_the_reset(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, RESET + 2 * HOUR), (2, RESET + 6 * HOUR))
    learn(store, (40, RESET - HOUR))
    last = official(40, RESET - HOUR)
    for at in (RESET, RESET + HOUR, RESET + 2 * HOUR):
        assert estimated(store, last, at) == Window("five_hour", "5h", 0.0, None, ESTIMATE, at)
    for at, percent in ((RESET + 2 * HOUR + 1, 20.0), (RESET + 6 * HOUR + 1, 60.0), (RESET + 7 * HOUR - 1, 60.0)):
        assert estimated(store, last, at) == Window("five_hour", "5h", percent, RESET + 7 * HOUR, ESTIMATE, at)
    assert estimated(store, last, RESET + 7 * HOUR).resets_at is None


def test_each_window_after_it_starts_with_the_first_answer_after_the_one_before(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, RESET), (1, RESET + 5 * HOUR), (1, RESET + 11 * HOUR))
    learn(store, (40, RESET - HOUR))
    last = official(40, RESET - HOUR)
    first = estimated(store, last, RESET + HOUR)
    assert (first.percent, first.resets_at) == (20.0, RESET + 5 * HOUR)
    second = estimated(store, last, RESET + 6 * HOUR)
    assert (second.percent, second.resets_at) == (20.0, RESET + 10 * HOUR)
    third = estimated(store, last, RESET + 12 * HOUR)
    assert (third.percent, third.resets_at) == (20.0, RESET + 16 * HOUR)


def test_the_week_follows_its_last_known_reset_at_once(store: Store) -> None:
    reset = NOW + DAY
    work(store, (5, NOW - DAY), (3, reset + DAY))
    observe(store, "a", official(50, NOW, reset, "seven_day"))
    found = estimated(store, official(50, NOW, reset, "seven_day"), reset + 2 * DAY, "seven_day")
    assert found == Window("seven_day", "7d", 30.0, reset + 7 * DAY, ESTIMATE, reset + 2 * DAY)
    assert estimated(store, None, reset + HOUR, "seven_day").resets_at is None


def test_a_window_that_had_not_started_starts_with_the_first_answer(store: Store) -> None:
    work(store, (2, NOW - 20 * HOUR), (1, NOW - 90))
    learn(store, (40, NOW - 19 * HOUR), resets_at=NOW - 16 * HOUR)
    found = estimated(store, official(0, NOW - HOUR, None))
    assert found == Window("five_hour", "5h", 20.0, NOW - 90 + 5 * HOUR, ESTIMATE, NOW)
    still = estimated(store, official(0, NOW - 60, None))
    assert still == Window("five_hour", "5h", 0.0, None, ESTIMATE, NOW)


# --- never calibrated --------------------------------------------------------------------------------------------


def test_without_any_official_number_there_is_only_an_amount(store: Store) -> None:
    work(store, (6, NOW - 20 * HOUR), (3, NOW - 12 * HOUR), (0.16, NOW - HOUR), (0.04, NOW - 60))
    found = estimates(store, SignedInAccount("a"), [], NOW)
    assert found.windows == []
    assert {id_: each.since for id_, each in found.spent.items()} == {
        "five_hour": NOW - HOUR,
        "seven_day": NOW - 7 * DAY,
    }
    assert [each.dollars for each in found.spent.values()] == pytest.approx([0.2, 9.2])
    assert found.spent["five_hour"].as_json() == {
        "usd": 0.2, "since": NOW - HOUR, "resets_at": NOW + 4 * HOUR,
    }  # fmt: skip
    assert estimate(store, SignedInAccount("a"), "spend", None, NOW) is None


def test_spent_in_five_hours_is_counted_from_the_first_answer_after_the_five_hours_before(store: Store) -> None:
    work(store, (1, NOW - 11 * HOUR), (2, NOW - 6 * HOUR - 1), (4, NOW - 5 * HOUR + 1), (8, NOW - HOUR))
    assert estimate(store, SignedInAccount("a"), "five_hour", None, NOW) == Spent(12.0, NOW - 5 * HOUR + 1, NOW + 1)
    assert estimate(store, SignedInAccount("a"), "five_hour", None, NOW + 1) == Spent(0.0, NOW + 1, None)


def test_after_an_official_number_that_taught_nothing_there_is_only_what_was_spent(store: Store) -> None:
    learn(store, (40, RESET - HOUR))
    work(store, (0.5, RESET + HOUR))
    assert estimate(store, SignedInAccount("a"), "five_hour", None, RESET + 2 * HOUR) == Spent(
        0.5, RESET + HOUR, RESET + 6 * HOUR
    )
    assert estimate(store, SignedInAccount("a"), "five_hour", None, RESET + HOUR) == Spent(0.0, RESET + HOUR, None)


def test_another_account_is_another_calibration(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, NOW - 60))
    learn(store, (20, NOW - HOUR))
    assert isinstance(estimate(store, SignedInAccount("b"), "five_hour", None, NOW), Spent)
    assert estimate(store, SignedInAccount("b", NOW - HOUR), "five_hour", None, NOW) == Spent(
        1.0, NOW - 60, NOW - 60 + 5 * HOUR
    )


def test_all_that_can_be_estimated_is(store: Store) -> None:
    work(store, (2, RESET - 5 * HOUR + 60), (1, NOW - 60))
    week = official(5, NOW - HOUR, NOW + DAY, "seven_day")
    for window in (official(20, NOW - HOUR), week):
        observe(store, "a", window)
    found = estimates(store, SignedInAccount("a"), [week], NOW)
    assert [(each.id, each.percent, each.source) for each in found.windows] == [
        ("five_hour", 30.0, ESTIMATE), ("seven_day", 7.5, ESTIMATE),
    ]  # fmt: skip
    assert found.spent == {}
