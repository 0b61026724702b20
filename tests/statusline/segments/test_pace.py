"""The pace: how far the use of a window is ahead of its time or behind, by the clock or by a working week."""

from __future__ import annotations

import calendar
import itertools
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.model.windows import ESTIMATE, OAUTH, Window
from cache.usage.history import Sample
from cache.usage.projection import runs_out_at
from statusline.segments.pace import elapsed_of, expected_share, points_of
from statusline.segments.segment import ALERT, CALM, PACE, WARN, Options
from statusline.segments.working_week import hours_of, spans_between, worked_share
from tests.support.examples import examples
from tests.support.segment_scene import NOW, segment, snapshot, text_of

HOUR, DAY = 3600, 86400
SPAN = {"five_hour": 5 * HOUR, "seven_day": 7 * DAY}


def at(id_: str, percent: float, elapsed: float, **changes: object) -> Window:
    """Return a window of which such a share has passed."""
    resets_at = NOW + round(SPAN[id_] * (1 - elapsed))
    made = Window(id_, {"five_hour": "5h"}.get(id_, "7d"), percent, resets_at, OAUTH, NOW)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("used", "elapsed", "text", "level"),
    [
        (42, 0.6067, "5h 42% ▼18", CALM),
        (61, 0.5476, "5h 61% ▲6", PACE),
        (78, 0.6067, "5h 78% ▲17", WARN),
        (93, 0.5, "5h 93% ▲43", ALERT),
        (55.9, 0.5, "5h 55%", CALM),  # 5.9 is 5 points, and 5 are not shown
        (56, 0.5, "5h 56% ▲6", PACE),
        (44.1, 0.5, "5h 44%", CALM),
        (44, 0.5, "5h 44% ▼6", CALM),
        (0, 0.5, "5h 0% ▼50", CALM),
        (4, 0.049, "5h 4%", CALM),  # just begun
        (40, 0.049, "5h 40%", CALM),
        (40, 0.05, "5h 40% ▲35", PACE),
        (100, 0.5, "5h 100%", ALERT),  # reached
        (130, 0.5, "5h 130%", ALERT),
        (30, 0.999, "5h 30% ▼69", CALM),
    ],
)
def test_the_points_are_those_between_use_and_time(used: float, elapsed: float, text: str, level: str) -> None:
    found = segment("five_hour", known=snapshot(at("five_hour", used, elapsed)))
    assert found is not None
    assert str(text_of(found)).partition(" ↻")[0] == text
    assert found.level == level


@pytest.mark.parametrize(
    "changes",
    [{"resets_at": None}, {"source": ESTIMATE}, {"observed_at": NOW - 1201}, {"resets_at": NOW}, {"id": "spend"}],
    ids=str,
)
def test_without_a_reset_a_fresh_number_or_a_length_there_is_no_pace(changes: dict[str, object]) -> None:
    assert elapsed_of(at("five_hour", 99, 0.5, **changes), NOW, Options()) is None


@examples(200)
@given(st.floats(0, 99), st.floats(0, 99), st.floats(0.05, 0.999))
def test_more_use_is_never_a_slower_pace(one: float, other: float, elapsed: float) -> None:
    less, more = sorted((one, other))
    assert points_of(less, elapsed) <= points_of(more, elapsed)
    found = [segment("five_hour", known=snapshot(at("five_hour", used, elapsed))) for used in (less, more)]
    order = [CALM, PACE, WARN, ALERT]
    levels = [order.index(each.level) for each in found if each is not None and each.level is not None]
    assert levels == sorted(levels)
    assert len(levels) == 2


@examples(200)
@given(st.floats(0, 100), st.floats(0, 1))
def test_points_are_rounded_towards_zero(used: float, elapsed: float) -> None:
    points, exact = points_of(used, elapsed), used - elapsed * 100
    assert abs(points) <= abs(exact) + 1e-6
    assert abs(points - exact) < 1 + 1e-6


def test_a_pace_alone_never_says_that_a_limit_runs_out() -> None:
    """However far ahead: it takes readings over some time to tell that it goes on so."""
    for id_ in ("five_hour", "seven_day"):
        known = snapshot(at(id_, 99, 0.06))
        assert "out" not in str(text_of(segment(id_, known=known)))
        assert segment("runs_out", known=known) is None
        window = known.windows[id_]
        assert runs_out_at([Sample(NOW - HOUR, 99, window.resets_at)] * 2, window, NOW) is None


# --- the working week ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("mon-fri 9-18", ([0, 1, 2, 3, 4], 540, 1080)),
        ("Mon-Fri 9-18", ([0, 1, 2, 3, 4], 540, 1080)),
        ("sun-thu 8:30-17", ([6, 0, 1, 2, 3], 510, 1020)),
        ("sat 10-24", ([5], 600, 1440)),
        ("fri-mon 0-24", ([4, 5, 6, 0], 0, 1440)),
        ("mon-fri", None),
        ("mon-fri 18-9", None),
        ("mon-fri 9", None),
        ("mon-fri 9-25", None),
        ("mon-fri 9-17:60", None),
        ("mon-fri 9-17:5", None),
        ("monday 9-17", None),
        ("9-17", None),
        ("mon-fri ٩-١٨", None),
        ("", None),
    ],
)
def test_a_working_week_is_days_and_hours(text: str, hours: object) -> None:
    assert hours_of(text) == hours


def moment(zone: str, year: int, month: int, day: int, hour: int = 0) -> float:
    return datetime(year, month, day, hour, tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize("zone", ["utc", "Europe/Vienna", "America/New_York", "Asia/Kolkata"])
def test_in_a_week_only_working_time_counts(zone: str) -> None:
    named = "UTC" if zone == "utc" else zone
    start, end = moment(named, 2026, 11, 16, 9), moment(named, 2026, 11, 23, 9)  # Monday to Monday

    def share(day: int, hour: int) -> float:
        return round(worked_share("mon-fri 9-18", start, end, moment(named, 2026, 11, day, hour), zone), 4)

    assert [share(16, 9), share(16, 18), share(17, 3), share(17, 9), share(18, 13)] == [0, 0.2, 0.2, 0.2, 0.4889]
    assert [share(20, 18), share(21, 12), share(22, 23), share(23, 8)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("month", "day", "hours"),
    [
        (3, 23, 7 * 24 - 1),  # in the night to the 29th an hour is missing
        (10, 19, 7 * 24 + 1),  # in the night to the 25th one comes twice
        (11, 16, 7 * 24),
    ],
)
def test_a_week_in_which_the_clock_changes_has_the_hours_that_it_has(month: int, day: int, hours: int) -> None:
    zone = "Europe/Vienna"
    begin = moment(zone, 2026, month, day)
    end = begin + hours * HOUR  # midnight again
    spans = spans_between("mon-sun 0-24", begin, end, zone)
    assert sum(until - since for since, until in spans) == hours * HOUR
    assert all(one[1] == other[0] for one, other in itertools.pairwise(spans))
    work = spans_between("mon-fri 9-18", begin, end, zone)
    assert [time.strftime("%a", time.gmtime(since)) for since, _ in work] == ["Mon", "Tue", "Wed", "Thu", "Fri"]
    assert {until - since for since, until in work} == {9 * HOUR}
    night = spans_between("sun 0-6", begin, end, zone)
    assert sum(until - since for since, until in night) == (6 + hours - 7 * 24) * HOUR


@examples(200)
@given(
    st.integers(0, 7 * DAY), st.integers(1, 7 * DAY), st.sampled_from(["mon-fri 9-18", "sat 10-24", "fri-mon 22-24"])
)
def test_working_time_never_runs_backwards(after_s: int, more_s: int, week: str) -> None:
    start = NOW - DAY
    passed = (0, min(after_s, 7 * DAY), min(after_s + more_s, 7 * DAY), 7 * DAY)
    shares = [worked_share(week, start, start + 7 * DAY, start + each, "Europe/Vienna") for each in passed]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)


def test_the_week_of_a_person_changes_the_pace_of_weeks_and_nothing_else() -> None:
    start = calendar.timegm((2026, 11, 16, 9, 0, 0))  # Monday
    friday, thursday = start + 4 * DAY + 9 * HOUR, start + 3 * DAY + 9 * HOUR  # 18:00
    plain, working = Options(zone="utc"), Options(zone="utc", week="mon-fri 9-18")

    def week(now: int) -> Window:
        return Window("seven_day", "7d", 80, start + 7 * DAY, OAUTH, now)

    assert elapsed_of(week(friday), friday, plain) == pytest.approx((4 * 24 + 9) / 168)
    assert elapsed_of(week(friday), friday, working) == 1
    assert elapsed_of(week(thursday), thursday, working) == pytest.approx(0.8)
    assert elapsed_of(week(start + HOUR), start + HOUR, working) is None, "it has just begun"
    five = Window("five_hour", "5h", 50, friday + 2 * HOUR, OAUTH, friday)
    assert elapsed_of(five, friday, working) == elapsed_of(five, friday, plain) == pytest.approx(0.6)


# --- what was learned ------------------------------------------------------------------------------------------------

START = calendar.timegm((2026, 11, 16, 9, 0, 0))  # Monday
END = START + 7 * DAY
LEARNED: list[Any] = [
    [START, 0.0],
    [START + 9 * HOUR, 20.0],
    [START + DAY, 20.0],
    [START + 5 * DAY, 100.0],
    [END, 100.0],
]


def week_at(now: int, resets_at: int = END, id_: str = "seven_day") -> Window:
    return Window(id_, "7d", 80, resets_at, OAUTH, now)


def test_what_was_learned_changes_the_pace_of_weeks_and_nothing_else() -> None:
    evening, wednesday, saturday = START + 9 * HOUR, START + 3 * DAY, START + 6 * DAY

    def learned(now: int, window: Window | None = None) -> float | None:
        return elapsed_of(window or week_at(now), now, Options(zone="utc"), LEARNED)

    assert [learned(at) for at in (evening, evening + 3 * HOUR, saturday)] == [0.2, 0.2, 1]
    assert learned(wednesday) == pytest.approx(0.6)
    assert learned(wednesday, week_at(wednesday, id_="seven_day:fable")) == pytest.approx(0.6)
    assert learned(START + 2 * HOUR) is None, "it has just begun"
    five = Window("five_hour", "5h", 50, evening + 2 * HOUR, OAUTH, evening)
    assert learned(evening, five) == pytest.approx(0.6)
    assert elapsed_of(week_at(evening), evening, Options()) == pytest.approx(9 / 168)


def test_the_week_that_a_person_names_counts_for_more_than_what_was_learned() -> None:
    thursday = START + 3 * DAY + 9 * HOUR
    said = Options(zone="utc", week="mon-fri 9-18")
    assert elapsed_of(week_at(thursday), thursday, said, LEARNED) == pytest.approx(0.8)


@pytest.mark.parametrize("moved_s", [7 * DAY, -7 * DAY, 21 * DAY + 1, 2, -60])
def test_the_points_are_also_for_other_weeks_that_begin_at_the_same_time(moved_s: int) -> None:
    """Until the refresher has seen the new week; resets vary by a second."""
    now = START + 3 * DAY + moved_s
    assert elapsed_of(week_at(now, END + moved_s), now, Options(), LEARNED) == pytest.approx(0.6)


@pytest.mark.parametrize("moved_s", [DAY, -3600, 90])
def test_of_a_week_that_begins_at_another_time_they_say_nothing(moved_s: int) -> None:
    now = START + 3 * DAY + moved_s
    assert elapsed_of(week_at(now, END + moved_s), now, Options(), LEARNED) == pytest.approx(3 / 7)


def changed(number: int, at: object, percent: object) -> list[Any]:
    return [*LEARNED[:number], [at, percent], *LEARNED[number + 1 :]]


@pytest.mark.parametrize(
    "points",
    [
        [],
        [[]],
        {},
        {"a": 1},
        "points",
        7,
        True,
        LEARNED[:1],
        LEARNED[:4],
        LEARNED[1:],
        LEARNED[::-1],
        [*LEARNED, *[[END, 100.0]] * 16],
        changed(1, START - 1, 20),
        changed(1, START + 9 * HOUR, 21),
        changed(1, START + 9 * HOUR, -1),
        changed(1, START + 9 * HOUR, float("nan")),
        changed(1, float("nan"), 20),
        changed(1, float("inf"), 20),
        changed(1, None, 20),
        changed(1, START + 9 * HOUR, "20"),
        changed(1, START + 9 * HOUR, [20]),
        changed(0, float("nan"), 0),
        changed(0, START, 5),
        changed(0, START, True),
        changed(4, END, 101),
        changed(4, END + 1, 100),
        changed(4, float("inf"), 100),
        [[0, 0], [0, 100]],
        [*LEARNED[:1], [START + 1], *LEARNED[1:]],
    ],
    ids=str,
)
def test_points_that_no_refresher_writes_are_ignored(points: Any) -> None:
    now = START + 3 * DAY
    assert elapsed_of(week_at(now), now, Options(), points) == pytest.approx(3 / 7)


@examples(200)
@given(st.lists(st.tuples(st.integers(1, 7 * DAY - 1), st.floats(0, 100)), max_size=18), st.data())
def test_any_points_that_ascend_make_a_pace_that_never_runs_backwards(
    found: list[tuple[int, float]], data: st.DataObject
) -> None:
    times, percents = sorted({at for at, _ in found}), sorted(percent for _, percent in found)
    inner = [[START + at, percent] for at, percent in zip(times, percents, strict=False)]
    points = [[START, 0.0], *inner, [END, 100.0]]
    moments = sorted(data.draw(st.lists(st.integers(START, END - 1), min_size=2, max_size=8)))
    shares = [expected_share(points, START, END, at, -1) for at in moments]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


def test_the_line_shows_the_pace_of_what_was_learned() -> None:
    now = NOW
    end = now + DAY
    points = [[end - 7 * DAY, 0.0], [now - DAY, 80.0], [end, 100.0]]
    week = Window("seven_day", "7d", 95, end, OAUTH, now)
    assert "▲9" in str(text_of(segment("seven_day", known=snapshot(week))))
    assert "▲5" not in str(text_of(segment("seven_day", known=snapshot(week, expected=points))))
    for name in ("seven_day", "binding"):
        low = Window("seven_day", "7d", 82, end, OAUTH, now)
        assert "▼8" in str(text_of(segment(name, known=snapshot(low, expected=points))))
    model = Window("seven_day:fable", "Fable", 82, end, OAUTH, now)
    payload = {"model": {"display_name": "Fable 5"}}
    for name in ("model_week", "scoped_weeks"):
        assert "▲" not in str(text_of(segment(name, payload, snapshot(model, expected=points))))
