"""Days, weeks and months are those of the user's zone, over every change of its clock."""

from __future__ import annotations

import os
import time
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from cache.money.periods import date_of, month, start_of, today, week, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = 3600


@pytest.fixture
def in_zone() -> Iterator[None]:
    """Set the zone of this process back afterwards."""
    former = os.environ.get("TZ")
    yield
    if former is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = former
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Vienna", date(2026, 3, 29), 23),
        ("Europe/Vienna", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Africa/Cairo", date(2024, 4, 26), 23),  # clocks go forward at midnight: the day begins at 01:00
        ("Asia/Kathmandu", date(2026, 6, 1), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),  # was skipped
        ("utc", date(2026, 3, 29), 24),
    ],
)
def test_a_day_lasts_as_long_as_the_clock_of_its_zone_says(zone: str, day: date, hours: float) -> None:
    known = zone_of(zone)
    start, end = start_of(day, known), start_of(day + timedelta(days=1), known)
    assert end - start == hours * HOUR
    if hours:
        assert [date_of(at, known) for at in (start - 1, start, end - 1, end)] == [
            day - timedelta(days=1),
            day,
            day,
            day + timedelta(days=1),
        ]


def test_the_local_zone_is_that_of_the_process_and_may_change(in_zone: None) -> None:
    now = datetime(2026, 11, 29, 22, 30, tzinfo=timezone.utc).timestamp()
    starts = []
    for name in ("UTC", "Asia/Kathmandu", "America/New_York"):
        os.environ["TZ"] = name
        time.tzset()
        starts.append(today(now))
        assert today(now) == today(now, ZoneInfo(name))
    assert len(set(starts)) == 3


def test_a_week_begins_on_monday_and_a_month_on_its_first_day() -> None:
    vienna = ZoneInfo("Europe/Vienna")
    now = datetime(2026, 10, 25, 12, tzinfo=vienna).timestamp()  # a Sunday of 25 hours
    seven = week(now, vienna)
    assert [datetime.fromtimestamp(at, vienna).strftime("%a %d %H:%M") for at in seven] == [
        "Mon 19 00:00",
        "Mon 26 00:00",
    ]
    assert seven.end - seven.start == 7 * 24 * HOUR + HOUR
    assert [datetime.fromtimestamp(at, vienna).strftime("%d.%m.") for at in month(now, vienna)] == ["01.10.", "01.11."]


@pytest.mark.parametrize("odd", ["local", "No/Where", "../../etc/passwd", "", None, 3, "Europe"])
def test_an_unknown_zone_is_the_local_one(odd: object) -> None:
    assert zone_of(odd) is None
