"""Which of several readings of a window is shown, and when a window ends."""

from __future__ import annotations

import json

import pytest

from cache.model.windows import OAUTH, STDIN, Window
from cache.readings.reading import ENDPOINT, Reading, current_window, reading_from
from cache.readings.writer import reading_row

NOW, RESET = 1795320000, 1795327200


def reading(
    percent: float | None, made_at: float, resets_at: int | None = RESET, by: str = "p1", *, dated: bool = True
) -> Reading:
    limits = {} if percent is None else {"five_hour": (percent, resets_at)}
    source = OAUTH if by == ENDPOINT else STDIN
    return Reading(made_at, made_at, by, {**limits, "seven_day": (1.0, RESET + 90_000)}, source, dated=dated)


def shown(*readings: Reading, now: float = NOW) -> tuple[float, int, bool] | None:
    found = current_window(readings, "five_hour", now)
    return None if found is None else (found.percent, found.observed_at, found.age_known)


def test_a_later_answer_of_the_same_process_counts_at_once() -> None:
    assert shown(reading(29, NOW - 100), reading(3, NOW)) == (3, NOW, True)


def test_a_higher_answer_of_another_process_is_shown_for_five_minutes() -> None:
    """A long answer is reported when it is complete, minutes after it was made."""
    high, low = reading(42, NOW - 200, by="p2"), reading(30, NOW)
    assert shown(high, low) == (42, NOW, True)
    assert shown(high, low, now=NOW + 99) == (42, NOW, True)
    assert shown(high, low, now=NOW + 101) == (30, NOW, True)


def test_a_slightly_higher_answer_of_another_process_counts_as_long_as_the_newest() -> None:
    high, low = reading(32, NOW - 200, by="p2"), reading(30, NOW)
    assert shown(high, low, now=NOW + 1000) == (32, NOW, True)
    assert shown(reading(33.1, NOW - 200, by="p2"), low, now=NOW + 1000) == (30, NOW, True)
    assert shown(reading(32, NOW - 301, by="p2"), low) == (30, NOW, True)


def test_of_two_windows_the_newest_counts_and_resets_a_minute_apart_are_one() -> None:
    assert shown(reading(99, NOW - 10, by="p2"), reading(1, NOW, RESET + 61)) == (1, NOW, True)
    assert shown(reading(99, NOW - 10, by="p2"), reading(1, NOW, RESET + 60)) == (99, NOW, True)


def test_a_whole_answer_of_the_endpoint_ends_a_window_that_it_no_longer_names() -> None:
    before, silent = reading(42, NOW - 50), reading(None, NOW - 20, by=ENDPOINT)
    assert shown(before, silent) is None
    assert shown(before, silent, reading(2, NOW, by="p2")) == (2, NOW, True)


def test_where_the_newest_has_ended_the_older_ones_have_too() -> None:
    older, newest = reading(3, NOW - 9000, NOW + 60, by="p2"), reading(38, NOW - 100, NOW)
    assert shown(older, newest, now=NOW - 1) == (38, NOW - 100, True)
    assert shown(older, newest) is None


def test_without_a_reset_a_window_ends_when_it_cannot_last_longer() -> None:
    assert shown(reading(42, NOW - 5 * 3600 + 1, None)) == (42, NOW - 5 * 3600 + 1, True)
    assert shown(reading(42, NOW - 5 * 3600, None)) is None
    week = Reading(NOW - 7 * 86400, NOW, "p1", {"seven_day": (42, None)}, STDIN, dated=True)
    assert current_window([week], "seven_day", NOW - 1) == Window("seven_day", "7d", 42, None, STDIN, NOW - 7 * 86400)
    assert current_window([week], "seven_day", NOW) is None


def test_readings_of_the_future_are_ignored() -> None:
    assert shown(reading(99, NOW + 61), reading(3, NOW, by="p2")) == (3, NOW, True)


def test_an_unknown_age_is_shown_as_such_where_nothing_else_is_known() -> None:
    assert shown(reading(42, NOW - 50, dated=False)) == (42, NOW - 50, False)
    assert shown(reading(42, NOW - 50, dated=False), reading(40, NOW - 60, by="p2", dated=False)) == (
        42,
        NOW - 50,
        False,
    )


def test_a_dated_answer_replaces_one_of_unknown_age_at_the_latest_after_five_minutes() -> None:
    unknown, dated = reading(42, NOW - 200, dated=False), reading(30, NOW, by="p2")
    assert shown(unknown, dated) == (42, NOW, False)
    assert shown(unknown, dated, now=NOW + 300) == (30, NOW, True)
    assert shown(reading(29, NOW - 200, dated=False), dated) == (30, NOW, True)


def test_a_reading_survives_its_row() -> None:
    one = reading(42.5, NOW - 1.25, by="p7", dated=False)
    found = reading_from(json.loads(json.dumps(reading_row(one))))
    assert found.limits == one.limits
    assert reading_row(found) == reading_row(one)


@pytest.mark.parametrize("percent", ["", "24", None, float("nan"), float("inf"), -1, 1001, 10**30, [24]])
def test_a_row_with_an_odd_percentage_is_refused(percent: object) -> None:
    row = [NOW, NOW, "p1", {"five_hour": [percent, RESET]}, STDIN, True]
    with pytest.raises((TypeError, ValueError)):
        reading_from(row)


@pytest.mark.parametrize("reset", ["", float("nan"), True, 10**30, 10**11, -1, 1.5, [RESET]])
def test_a_row_with_an_odd_reset_is_refused(reset: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        reading_from([NOW, NOW, "p1", {"five_hour": [42.0, reset]}, STDIN, True])


@pytest.mark.parametrize("made_at", ["", None, float("nan"), float("-inf"), 1e30, -1.0, True, [NOW]])
def test_a_row_with_an_odd_time_is_refused(made_at: object) -> None:
    for times in ([made_at, NOW], [NOW, made_at]):
        with pytest.raises((TypeError, ValueError)):
            reading_from([*times, "p1", {"five_hour": [42.0, RESET]}, STDIN, True])
