"""Days, weeks and months as the user lives them: spans of time in a zone, over changes of its clock."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import tzinfo

DAY_S = 86400
_WITHIN_S = 26 * 3600  # of midnight in UTC a day begins, wherever one is


class Span(NamedTuple):
    """A time from ``start`` until before ``end``, epoch seconds."""

    start: int
    end: int


def zone_of(name: object) -> tzinfo | None:
    """Return the zone of a configuration, ``utc`` or ``Area/City``; None is the local one, also for an unknown name."""
    if name == "utc":
        return timezone.utc
    if not isinstance(name, str) or name == "local":
        return None
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most need no other zone than their own

    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        return None


def date_of(at: float, zone: tzinfo | None = None) -> date:
    """Return the date of a moment (epoch seconds) in a zone, None being the local one."""
    return date(*time.localtime(at)[:3]) if zone is None else datetime.fromtimestamp(at, zone).date()


def hour_of(at: float, zone: tzinfo | None = None) -> tuple[str, str]:
    """Return the weekday, ``0`` being Monday, and the hour of a moment (epoch seconds) in a zone."""
    then = datetime.fromtimestamp(at, timezone.utc).astimezone(zone)
    return str(then.weekday()), str(then.hour)


def start_of(day: date, zone: tzinfo | None = None) -> int:
    """Return the first moment of a day there, epoch seconds: not always midnight, where clocks change then."""
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp())
    before, after = midnight - _WITHIN_S, midnight + _WITHIN_S
    while after - before > 1:
        middle = (before + after) // 2
        if date_of(middle, zone) < day:
            before = middle
        else:
            after = middle
    return after


def today(now: float, zone: tzinfo | None = None) -> Span:
    """Return the day of a moment."""
    return _span(date_of(now, zone), 1, zone)


def week(now: float, zone: tzinfo | None = None) -> Span:
    """Return the week of a moment, which begins on Monday."""
    day = date_of(now, zone)
    return _span(day - timedelta(days=day.weekday()), 7, zone)


def month(now: float, zone: tzinfo | None = None) -> Span:
    """Return the month of a moment."""
    first = date_of(now, zone).replace(day=1)
    next_first = (first + timedelta(days=31)).replace(day=1)
    return _span(first, (next_first - first).days, zone)


def _span(first: date, days: int, zone: tzinfo | None) -> Span:
    return Span(start_of(first, zone), start_of(first + timedelta(days=days), zone))
