"""Working time is learned from weeks of readings that show it; without them, the pace of a week stays an even one."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.model.windows import OAUTH, Window
from cache.usage.history import Sample, record, samples
from cache.usage.working_time import LOOKED_BACK_S, WEEK_S, expected_points
from statusline.segments.pace import expected_share
from statusline.segments.working_week import worked_share
from tests.support.examples import examples
from tests.support.habits import DAY, HOUR, office, readings

if TYPE_CHECKING:
    from tests.support.habits import IsWork

NOW = 1_795_320_860  # Sunday, 2026-11-22 04:14 UTC
RESET = NOW + 3 * DAY
VIENNA = ZoneInfo("Europe/Vienna")
SLOT = 900


def points(found: list[Window], now: int = NOW, reset: int | None = RESET) -> list[list[float]]:
    """Return what is learned from readings, as they are when they are read."""
    kept = {id_: [_sample(each) for each in found if each.id == id_] for id_ in ("five_hour", "seven_day")}
    return expected_points([Window("seven_day", "7d", 40, reset, OAUTH, now)], lambda id_: kept[id_], now, VIENNA)


def _sample(reading: Window) -> Sample:
    return Sample(reading.observed_at, reading.percent, reading.resets_at)


def from_history(path: Path, found: list[Window], now: int = NOW) -> list[list[float]]:
    """Return what is learned from the same readings once they were recorded day by day, and thinned."""
    for _, day in groupby(sorted(found, key=lambda each: each.observed_at), key=lambda each: each.observed_at // DAY):
        news = list(day)
        record(path, "a", news, news[-1].observed_at)
    kept = {id_: samples(path, "a", id_, now - LOOKED_BACK_S) for id_ in ("five_hour", "seven_day")}
    return expected_points([Window("seven_day", "7d", 40, RESET, OAUTH, now)], lambda id_: kept[id_], now, VIENNA)


def share(learned: list[list[float]], at: float, reset: int = RESET) -> float:
    """Return what the line makes of it; out of the question where it ignores the points."""
    return expected_share(learned, reset - WEEK_S, reset, at, -9.0)


def furthest(learned: list[list[float]], is_work: IsWork, zone: ZoneInfo = VIENNA, reset: int = RESET) -> float:
    """Return by how many points the line is off at most, compared with the hours themselves."""
    slots = range(reset - WEEK_S, reset, SLOT)
    working = [is_work(datetime.fromtimestamp(at, zone)) for at in slots]
    passed, worst = 0, 0.0
    for at, is_working in zip(slots, working, strict=True):
        worst = max(worst, abs(100 * share(learned, at, reset) - 100 * passed / sum(working)))
        passed += is_working
    return worst


def night(there: datetime) -> bool:
    """Return whether it is the shift from 22 to 6 that begins on Monday to Friday."""
    day, hour = there.weekday(), there.hour
    return (day < 5 and hour >= 22) or (0 < day < 6 and hour < 6)


def every_day(there: datetime) -> bool:
    return 9 <= there.hour < 23


def evenings(there: datetime) -> bool:
    return 20 <= there.hour < 23 if there.weekday() < 5 else 11 <= there.hour < 17


def always(there: datetime) -> bool:
    return True


def erratic(seed: int, zone: ZoneInfo = VIENNA) -> IsWork:
    """Return the hours of a person who works whenever it happens to be, every day or not."""

    def is_work(there: datetime) -> bool:
        chance = random.Random(f"{seed} {there.date()}")
        begin = chance.uniform(0, 20)
        return chance.random() < 0.7 and begin <= there.hour < begin + 4

    return is_work


# --- what is learned -------------------------------------------------------------------------------------------------

HABITS = {"office": office, "night": night, "every day": every_day, "evenings and weekends": evenings}


@pytest.mark.parametrize("name", HABITS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_hours_of_a_person_are_learned(name: str, seed: int, tmp_path: Path) -> None:
    """To within 5 points: the line shows no smaller difference. An even pace is off by up to 24."""
    found = readings(HABITS[name], NOW, 4.1, seed=seed, reset=RESET, zone=VIENNA)
    assert furthest(points(found), HABITS[name]) < 5
    assert furthest(from_history(tmp_path / "history.sqlite3", found), HABITS[name]) < 5


@pytest.mark.parametrize("percent", [15, 60])
@pytest.mark.parametrize("step", [0.1, 1])
@pytest.mark.parametrize("always_on", [True, False])
def test_the_hours_are_the_same_for_much_and_for_little_use(percent: float, step: float, always_on: bool) -> None:
    found = readings(office, NOW, 2.6, percent=percent, step=step, always_on=always_on, reset=RESET, zone=VIENNA)
    assert furthest(points(found), office) < 5


def test_what_is_learned_is_about_what_the_setting_says(tmp_path: Path) -> None:
    found = readings(office, NOW, 4.1, reset=RESET, zone=VIENNA)
    learned, start = from_history(tmp_path / "history.sqlite3", found), RESET - WEEK_S
    for at in range(start, RESET, SLOT):
        said = worked_share("mon-fri 9-18", start, RESET, at, "Europe/Vienna")
        assert share(learned, at) == pytest.approx(said, abs=0.03)


@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25"])
def test_in_the_week_in_which_the_clock_changes_work_begins_at_nine_by_the_clock(change: str) -> None:
    """The weeks before had the other time."""
    sunday = datetime.fromisoformat(change).replace(tzinfo=VIENNA)
    now = int(sunday.timestamp()) - DAY
    reset = now + 5 * DAY
    learned = points(readings(office, now, 4.1, reset=reset, zone=VIENNA), now, reset=reset)
    assert furthest(learned, office, reset=reset) < 5
    monday = (sunday + timedelta(days=1)).replace(hour=9).timestamp()
    assert share(learned, monday + HOUR, reset) - share(learned, monday, reset) == pytest.approx(1 / 45, abs=0.01)
    assert share(learned, monday, reset) - share(learned, monday - HOUR, reset) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("change", ["2026-03-29T01:00+00:00", "2026-10-25T01:00+00:00"])
@pytest.mark.parametrize("days", [2, 9])
def test_two_weeks_are_enough_when_the_clock_changed_in_one_of_them(change: str, days: int) -> None:
    """A week in which it changes lacks an hour of the 168."""
    now = int(datetime.fromisoformat(change).timestamp()) + days * DAY
    reset = now + 3 * DAY
    learned = points(readings(office, now, 2.2, always_on=True, reset=reset, zone=VIENNA), now, reset=reset)
    assert furthest(learned, office, reset=reset) < 5


def test_a_holiday_does_not_change_what_is_usual() -> None:
    def is_work(there: datetime) -> bool:
        return office(there) and not 2 * WEEK_S < NOW - there.timestamp() < 3 * WEEK_S

    found = readings(is_work, NOW, 4.1, reset=RESET, zone=VIENNA)
    assert furthest(points(found), office) < 5


@examples(40)
@given(st.integers(0, 10**6), st.sampled_from(list(HABITS)), st.integers(-3 * DAY + 1, 4 * DAY))
def test_the_points_are_few_and_ascend_and_the_line_takes_them(seed: int, name: str, moved_s: int) -> None:
    reset = RESET + moved_s
    learned = points(readings(HABITS[name], NOW, 3.2, seed=seed, reset=reset, zone=VIENNA), reset=reset)
    assert 2 <= len(learned) <= 20
    assert (learned[0], learned[-1]) == ([reset - WEEK_S, 0], [reset, 100])
    assert all(one[0] < other[0] and one[1] <= other[1] for one, other in pairwise(learned))
    shares = [share(learned, at, reset) for at in range(reset - WEEK_S, reset, HOUR)]
    assert shares == sorted(shares)
    assert (shares[0], 0 <= shares[-1] <= 1) == (0, True)


# --- what is not learned ---------------------------------------------------------------------------------------------


@examples(60)
@given(st.integers(0, 10**6), st.floats(5, 60), st.sampled_from([0.1, 1]), st.floats(2, 4.2), st.booleans())
def test_with_even_use_the_pace_stays_an_even_one(
    seed: int, percent: float, step: float, weeks: float, is_around_the_clock: bool
) -> None:
    """Around the clock, or a few hours whenever it happens to be: then no pace is better than an even one."""
    is_work = always if is_around_the_clock else erratic(seed)
    found = readings(is_work, NOW, weeks, seed=seed, percent=percent, step=step, reset=RESET, zone=VIENNA)
    assert points(found) == []


def test_two_weeks_must_have_been_seen() -> None:
    found = readings(office, NOW, 4, always_on=True, reset=RESET, zone=VIENNA)
    assert points([each for each in found if each.observed_at > NOW - 2 * WEEK_S + HOUR]) == []
    assert points([each for each in found if each.observed_at > NOW - 2 * WEEK_S - HOUR])


def test_a_week_and_a_holiday_are_no_two_weeks() -> None:
    def is_work(there: datetime) -> bool:
        return office(there) and NOW - there.timestamp() < WEEK_S

    assert points(readings(is_work, NOW, 3, always_on=True, reset=RESET, zone=VIENNA)) == []


def test_hours_in_which_the_week_was_always_full_say_nothing() -> None:
    """Who is at the limit from Thursday on may want to work on Friday."""
    assert points(readings(office, NOW, 4.1, percent=150, reset=RESET, zone=VIENNA)) == []


def test_one_full_week_of_several_takes_nothing_away() -> None:
    found = readings(office, NOW, 4.1, reset=RESET, zone=VIENNA)
    end = RESET - 2 * WEEK_S  # a Wednesday morning
    monday = end - 38 * HOUR
    for each in found:
        if each.id == "seven_day" and each.resets_at == end and each.observed_at > monday:
            each.percent = 100.0
    blocked = [each for each in found if each.id == "five_hour" and monday < each.observed_at < end]
    assert furthest(points([each for each in found if each not in blocked]), office) < 5


def test_use_that_is_not_seen_from_here_is_not_taken_for_rest() -> None:
    """In the afternoon and at the weekend the account is used on another machine."""

    def is_here(reading: Window) -> bool:
        there = datetime.fromtimestamp(reading.observed_at, VIENNA)
        return there.weekday() < 5 and there.hour < 16

    found = readings(every_day, NOW, 4.1, reset=RESET, zone=VIENNA)
    assert points(found)
    assert points(list(filter(is_here, found))) == []


odd = st.builds(
    Sample, st.integers(-(2**63), 2**63 - 1), st.floats(0, 1000), st.none() | st.integers(-(10**19), 10**19)
)


@examples(100)
@given(st.lists(odd, max_size=30), st.lists(odd, max_size=30), st.integers(-(10**19), 10**19))
def test_a_damaged_history_does_no_harm(five_hours: list[Sample], weeks: list[Sample], reset: int) -> None:
    """Whatever numbers a file can hold, among readings that are sound."""
    sound = [_sample(each) for each in readings(office, NOW, 2.5, reset=RESET, zone=VIENNA) if each.id == "seven_day"]
    kept = {
        "five_hour": sorted(five_hours, key=lambda each: each.at),
        "seven_day": sorted([*weeks, *sound], key=lambda each: each.at),
    }
    for end in (reset, RESET):
        learned = expected_points([Window("seven_day", "7d", 40, end, OAUTH, NOW)], lambda id_: kept[id_], NOW, VIENNA)
        assert learned == [] or learned[-1] == [RESET, 100]


def test_without_readings_or_without_a_reset_nothing_is_learned() -> None:
    found = readings(office, NOW, 4.1, reset=RESET, zone=VIENNA)
    assert points([]) == []
    assert points(found, reset=None) == []
    assert points([each for each in found if each.id == "five_hour"]) == []
