"""How many percent a dollar takes, learned from official numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cache.model.windows import CLAUDE, ESTIMATE, OAUTH, STDIN, Window
from cache.sources.transcripts.calibration import calibration, windows
from cache.sources.transcripts.index import Store, open_index
from cache.sources.transcripts.observations import observe, readings, rename, rename_account
from cache.sources.transcripts.scan import scan
from tests.support.estimate_index import DAY, HOUR, RESET, learn, official, work
from tests.support.transcript_writer import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an index for which all transcripts have been read, as far as there are any."""
    with open_index(tmp_path / "i.sqlite3") as found:
        scan(found, [tmp_path / "projects"], now=NOW)
        yield found


# --- what is learned ---------------------------------------------------------------------------------------------


def increments(store: Store, plan: str | None = None) -> list[tuple[float, float]]:
    """Return by how many percent the five hours filled while how many dollars were spent here, the oldest first."""
    found = windows(store, "a", "five_hour", plan)
    return [(each.percent, round(each.dollars, 6)) for one in found for each in one]


def rate(store: Store, plan: str | None = None) -> float:
    learned = calibration(store, "a", "five_hour", plan)
    assert learned is not None
    return learned.percent_per_dollar


# --- what an increment is ----------------------------------------------------------------------------------------


def test_small_increments_are_put_together_until_they_measure_something(store: Store) -> None:
    work(store, *[(0.1, RESET - 5 * HOUR + 60 * n) for n in range(100)])
    learn(store, *[(n, RESET - 5 * HOUR + 600 * n - 30) for n in range(1, 10)])
    assert increments(store) == [(1, 1), (3, 3), (3, 3), (2, 2)]
    learned = calibration(store, "a", "five_hour")
    assert learned is not None
    assert learned.percent_per_dollar == pytest.approx(1)
    assert (learned.points, learned.spread) == (9, 0)


@pytest.mark.parametrize("later_s", [0, 1])
def test_an_answer_is_in_the_reading_that_came_with_it(store: Store, later_s: int) -> None:
    """Claude Code reports the limits 0.3 seconds after an answer, so mostly in the same second."""
    start = RESET - 5 * HOUR
    work(store, *[(1, start + 600 * n) for n in range(1, 6)])
    learn(store, *[(3 * n, start + 600 * n + later_s) for n in range(1, 6)])
    assert increments(store) == [(3, 1)] * 5


def test_an_answer_that_started_the_window_is_in_its_first_increment(store: Store) -> None:
    work(store, (1, RESET - 5 * HOUR))
    learn(store, (3, RESET - 5 * HOUR))
    assert increments(store) == [(3, 1)]


def test_a_downward_correction_is_not_an_increment_but_the_next_rise_is(store: Store) -> None:
    work(store, *[(1, NOW - 8950 + 100 * n) for n in range(90)])
    learn(store, (40, NOW - 8000), (20, NOW - 6000), (21, NOW - 5000), (30, NOW - 4000))
    assert increments(store) == [(40, 10), (10, 20)]


def test_a_fall_by_rounding_is_made_up_for_by_the_next_rise(store: Store) -> None:
    """One source says 42.4, another 42: were such falls left out, what was spent meanwhile would be, too."""
    work(store, *[(1, RESET - 5 * HOUR + 600 * n) for n in range(18)])
    for n in range(1, 5):
        learn(store, (10 * n + 0.4, RESET - 5 * HOUR + 6000 * n / 3 - 300))
        learn(store, (10 * n, RESET - 5 * HOUR + 6000 * n / 3 - 299))
    assert sum(percent for percent, _ in increments(store)) == pytest.approx(40)
    assert rate(store) == pytest.approx(40 / 13, rel=0.1)


def test_a_new_window_starts_from_nothing(store: Store) -> None:
    work(store, *[(1, RESET - 5 * HOUR + 60 * n) for n in range(600)])
    learn(store, (80, RESET - HOUR))
    learn(store, (10, RESET + HOUR), (20, RESET + 2 * HOUR), resets_at=RESET + 5 * HOUR)
    assert [percent for percent, _ in increments(store)] == [80, 10, 10]


def test_resets_of_one_window_jitter_and_the_next_window_has_another_one(store: Store) -> None:
    work(store, *[(1, RESET - 5 * HOUR + 60 * n) for n in range(600)])
    for n, seconds in enumerate((0, 1, -1, 59, 60)):
        learn(store, (10 * n + 10, RESET - 3 * HOUR + 600 * n), resets_at=RESET + seconds)
    assert len(windows(store, "a", "five_hour")) == 1
    learn(store, (5, RESET - HOUR), resets_at=RESET + 121)  # the server has started another one
    assert len(windows(store, "a", "five_hour")) == 2


def test_increments_during_which_another_account_was_seen_tell_nothing(store: Store) -> None:
    work(store, *[(1, NOW - 8950 + 100 * n) for n in range(90)])
    learn(store, (10, NOW - 8000))
    learn(store, (50, NOW - 7000), account="b")
    learn(store, (20, NOW - 6000), (30, NOW - 5000))
    assert increments(store) == [(10, 10), (10, 10)]
    assert calibration(store, "nobody", "five_hour") is None


def test_an_increment_that_ends_at_the_limit_is_left_out(store: Store) -> None:
    """Percentages are cut off at 100: what was spent to get there is not known."""
    work(store, (1, NOW - 4500), (2, NOW - 3000), (9, NOW - 1500))
    learn(store, (50, NOW - 4000), (90, NOW - 2000), (100, NOW - 1000))
    assert increments(store) == [(50, 1), (40, 2)]
    assert rate(store) == pytest.approx(30)


def test_transcripts_that_are_read_later_correct_what_was_learned(store: Store) -> None:
    work(store, (1, NOW - 3 * HOUR + 60))
    learn(store, (40, NOW - HOUR))
    assert rate(store) == 40
    work(store, (3, NOW - 2 * HOUR))
    assert rate(store) == 10


def test_before_the_first_scan_has_finished_a_window_s_whole_way_teaches_nothing(store: Store) -> None:
    work(store, (1, NOW - 3 * HOUR + 60), (1, NOW - 1800))
    learn(store, (40, NOW - HOUR), (50, NOW - 60))
    store.write("DELETE FROM facts WHERE name = 'complete'", ())
    assert increments(store) == [(10, 1)]


# --- what is learned ---------------------------------------------------------------------------------------------


def test_windows_that_other_machines_filled_now_and_then_do_not_spoil_what_was_learned(store: Store) -> None:
    for n in range(8):
        reset = NOW - n * 5 * HOUR
        work(store, (1, reset - 3 * HOUR))
        values = ("a", "five_hour", reset - HOUR, reset, 60 if n in {2, 5} else 10)
        store.write("INSERT INTO readings VALUES(?, ?, ?, ?, ?, NULL)", values)
    assert rate(store) == pytest.approx(10)


def test_use_elsewhere_that_is_a_habit_is_learned_with_the_rest(store: Store) -> None:
    for n in range(8, 0, -1):
        reset = NOW - n * 5 * HOUR
        work(store, (1, reset - 4 * HOUR), (1, reset - 2 * HOUR))
        learn(store, (10, reset - 3.5 * HOUR), (20, reset - 3 * HOUR), (30, reset - HOUR), resets_at=reset)
    assert rate(store) == pytest.approx(15)


def test_limits_that_change_without_a_word_are_learned_from_the_latest_windows(store: Store) -> None:
    for n in range(40, 0, -1):
        reset = NOW - n * 5 * HOUR
        work(store, (1, reset - 3 * HOUR))
        learn(store, (40 if n > 12 else 10, reset - HOUR), resets_at=reset)
    assert rate(store) == pytest.approx(10)


def test_a_rise_of_less_than_a_step_teaches_nothing_yet(store: Store) -> None:
    work(store, (0.1, RESET - 4 * HOUR))
    learn(store, (2.9, RESET - 3 * HOUR))
    assert calibration(store, "a", "five_hour") is None
    learn(store, (3, RESET - 2 * HOUR))
    assert rate(store) == pytest.approx(30)


# --- another plan ------------------------------------------------------------------------------------------------


def learn_with(store: Store, plan: str | None, percent: float = 20, windows_ago: int = 2) -> None:
    """Let a window have been filled by one dollar under a plan."""
    reset = NOW - windows_ago * 5 * HOUR
    work(store, (1, reset - 3 * HOUR))
    learn(store, (percent, reset - HOUR), resets_at=reset, plan=plan)


@pytest.mark.parametrize(
    ("before", "now", "percent_per_dollar"),
    [
        ("Max 5x", "Max 20x", 5.0),
        ("Max 20x", "Max 5x", 80.0),
        ("Pro", "Max 5x", 4.0),
        ("Max 20x", "Pro", 400.0),
        ("Pro", "Pro", 20.0),
        ("Team", "Team", 20.0),
        ("Pro", "Team", None),
        ("Team", "Max 5x", None),
        ("Max", "Max 5x", None),
        ("Pro", None, 20.0),  # it is not known to be another one
        (None, "Pro", 20.0),
        (None, None, 20.0),
    ],
)
def test_another_plan_rescales_what_was_learned_where_both_shares_are_known(
    store: Store, before: str | None, now: str | None, percent_per_dollar: float | None
) -> None:
    learn_with(store, before)
    learned = calibration(store, "a", "five_hour", now)
    assert (learned and learned.percent_per_dollar) == (percent_per_dollar and pytest.approx(percent_per_dollar))


def test_another_plan_that_is_not_known_in_comparison_starts_over(store: Store) -> None:
    learn_with(store, "Pro", windows_ago=3)
    learn_with(store, "Enterprise", percent=7, windows_ago=2)
    assert rate(store, "Enterprise") == 7
    assert rate(store, "Pro") == 20
    assert rate(store) == 7  # the one that was last known


def test_an_increment_from_one_plan_to_another_is_left_out(store: Store) -> None:
    work(store, (1, RESET - 4 * HOUR), (1, RESET - 3 * HOUR), (1, RESET - 2 * HOUR))
    learn(store, (40, RESET - 3.5 * HOUR), plan="Pro")
    learn(store, (60, RESET - 2.5 * HOUR), (68, RESET - HOUR), plan="Max 5x")
    assert increments(store, "Max 5x") == [(8, 1), (8, 1)]


def test_what_was_read_before_a_plan_was_known_belongs_to_the_first_one(store: Store) -> None:
    learn_with(store, None, windows_ago=4)
    learn_with(store, "Max 5x", windows_ago=3)
    learn_with(store, None, windows_ago=2)
    learn_with(store, "Max 20x", percent=5, windows_ago=1)
    assert [each.plan for each in readings(store, "a", "five_hour")] == ["Max 5x"] * 3 + ["Max 20x"]
    assert rate(store) == pytest.approx(5)


# --- what is kept ------------------------------------------------------------------------------------------------


def test_only_new_official_readings_are_recorded(store: Store) -> None:
    observe(store, "a", official(30, NOW, source=CLAUDE))
    for window in (
        official(50, NOW + 60, source=ESTIMATE),
        official(50, NOW + 60, None),
        official(float("nan"), NOW + 60),
        official(1e9, NOW + 60),
        official(50, RESET + 1),  # observed after its end, by a clock that is wrong
        official(50, RESET - 6 * HOUR),
        Window("five_hour", "5h", 50, RESET, STDIN, NOW + 60, age_known=False),
        official(29, NOW, source=STDIN),
        official(29, NOW - 60, source=STDIN),
        Window("spend", "", 5, RESET, OAUTH, NOW + 60),
    ):
        observe(store, "a", window)
    assert readings(store, "a", "five_hour") == [(NOW, RESET, 30.0, None)]
    assert store.rows("SELECT count(*) FROM readings") == [(1,)]


def test_what_is_kept_is_bounded(store: Store) -> None:
    for n in range(300):
        reset = NOW + n * 5 * HOUR
        learn(store, (4, reset - 4 * HOUR), (8, reset - 3 * HOUR), resets_at=reset)
    assert len(readings(store, "a", "five_hour")) == 192
    learn(store, (4, NOW + 120 * DAY), resets_at=NOW + 120 * DAY + HOUR, account="b")
    assert readings(store, "a", "five_hour") == []


# --- another id of an account ------------------------------------------------------------------------------------


def test_an_account_can_be_renamed_once_and_keeps_what_was_learned(store: Store, tmp_path: Path) -> None:
    learn_with(store, "Pro")
    learn(store, (10, NOW - 60), account="c")
    store.commit()
    index = tmp_path / "i.sqlite3"
    for _ in range(2):
        rename_account(index, "a", "b")
        rename_account(index, "a", "c")
        rename_account(index, "b", "b")
    learned = calibration(store, "b", "five_hour")
    assert learned is not None
    assert learned.percent_per_dollar == 20
    assert readings(store, "a", "five_hour") == []
    assert len(readings(store, "c", "five_hour")) == 1


def test_renaming_merges_with_what_the_new_id_has(store: Store) -> None:
    learn(store, (10, NOW - 900), (20, NOW - 600), account="old")
    learn(store, (21, NOW - 600), (30, NOW - 300), account="new")
    rename(store, "old", "new")
    assert [(each.observed_at, each.percent) for each in readings(store, "new", "five_hour")] == [
        (NOW - 900, 10), (NOW - 600, 21), (NOW - 300, 30),
    ]  # fmt: skip
    assert readings(store, "old", "five_hour") == []


def test_renaming_in_an_index_that_is_not_there_makes_none(tmp_path: Path) -> None:
    rename_account(tmp_path / "i.sqlite3", "a", "b")
    assert list(tmp_path.iterdir()) == []
