"""Times of day as text, with the weekday or the date where they are not today."""

from __future__ import annotations

import calendar

import pytest

from cache.model.clock import clock_text

NOW = calendar.timegm((2026, 11, 30, 16, 0, 0))  # a Monday
DAY_S = 86400


@pytest.mark.parametrize(
    ("ahead_s", "hours", "text"),
    [
        (0, 24, "16:00"),
        (7 * 3600, 12, "11:00pm"),
        (8 * 3600, 24, "Tue 00:00"),
        (8 * 3600, 12, "Tue 12:00am"),
        (7 * DAY_S, 24, "Mon 16:00"),
        (7 * DAY_S + 60, 24, "7 Dec 16:01"),
        (400 * DAY_S, 12, "4 Jan 4:00pm"),
        (-8 * DAY_S, 24, "22 Nov 16:00"),
    ],
)
def test_more_than_a_week_away_a_weekday_would_be_misread(ahead_s: int, hours: int, text: str) -> None:
    assert clock_text(NOW + ahead_s, NOW, hours, "utc") == text


def test_a_moment_without_a_date_has_no_text() -> None:
    assert clock_text(1e30, NOW) == ""
