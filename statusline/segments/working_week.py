"""The working week of a person, such as ``mon-fri 9-18``: how much of a window's working time has passed."""

import time

from cache.model.lazy import further_module

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_S = 86400


def hours_of(text: "str") -> "tuple[list[int], int, int] | None":
    """Return the days (0 is Monday), and when work begins and ends, in minutes of the day; None for anything else.

    ``mon-fri 9-18``, ``sun-thu 8:30-17`` and ``sat 10-24`` are such texts.
    """
    days, _, hours = text.strip().lower().partition(" ")
    first, _, last = days.partition("-")
    begin, dash, end = hours.strip().partition("-")
    minutes = [minutes_of(begin), minutes_of(end)]
    if first not in DAYS or (last or first) not in DAYS or not dash or None in minutes:
        return None
    from_minute, to_minute = minutes[0] or 0, minutes[1] or 0
    if from_minute >= to_minute:
        return None
    start = DAYS.index(first)
    length = (DAYS.index(last or first) - start) % 7 + 1
    return [(start + number) % 7 for number in range(length)], from_minute, to_minute


def minutes_of(text: "str") -> "int | None":
    """Return the minutes of the day of ``9``, ``8:30`` or ``24``, None for anything else."""
    hour, colon, minute = text.strip().partition(":")
    digits = (hour + minute).isascii() and (hour + minute).isdigit()
    if not digits or not 0 < len(hour) <= 2 or len(minute) != (2 if colon else 0):
        return None
    found = int(hour) * 60 + int(minute or 0)
    return found if found <= 24 * 60 and int(minute or 0) < 60 else None


def worked_share(week: "str", start: "float", end: "float", now: "float", zone: "str") -> "float":
    """Return the share of the working time between two moments that has passed, 0 to 1; all are epoch seconds.

    ``zone`` is ``local``, ``utc`` or ``Area/City``. Without working time in between it is the share of all time.
    """
    spans = spans_between(week, start, end, zone)
    total = sum([until - since for since, until in spans])
    passed = sum([min(until, now) - since for since, until in spans if since < now])
    return passed / total if total > 0 else (now - start) / (end - start)


def spans_between(week: "str", start: "float", end: "float", zone: "str") -> "list[tuple[float, float]]":
    """Return the begin and end of each stretch of work between two moments, epoch seconds."""
    found = hours_of(week)
    if found is None:
        return []
    days, from_minute, to_minute = found
    spans = []
    for number in range(int((end - start) // DAY_S) + 2):
        weekday, moments = day_in(zone, start, number, (from_minute, to_minute))
        since, until = max(moments[0], start), min(moments[1], end)
        if weekday in days and since < until:
            spans.append((since, until))
    return spans


def day_in(zone: "str", start: "float", number: "int", minutes: "tuple[int, int]") -> "tuple[int, list[float]]":
    """Return the weekday of the day ``number`` days after that of a moment, and the moments of its minutes."""
    if zone == "utc":
        midnight = (start // DAY_S + number) * DAY_S
        return int(midnight // DAY_S + 3) % 7, [midnight + 60 * minute for minute in minutes]
    return further_module("cache.model.clock").in_zone(zone, _local_day, (start, number, minutes))  # type: ignore[no-any-return]


def _local_day(given: "tuple[float, int, tuple[int, int]]") -> "tuple[int, list[float]]":
    """Do as `day_in` in the local zone: the C library knows on which days an hour is missing or comes twice."""
    start, number, minutes = given
    there = time.localtime(start)
    date = (there.tm_year, there.tm_mon, there.tm_mday + number)
    moments = [time.mktime((*date, minute // 60, minute % 60, 0, 0, 0, -1)) for minute in minutes]
    return (there.tm_wday + number) % 7, moments
