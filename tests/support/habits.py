"""People who are at work at certain hours: the readings that weeks of it leave in a history."""

from __future__ import annotations

import random
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from cache.model.windows import OAUTH, Window

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    IsWork = Callable[[datetime], bool]

MINUTE, HOUR, DAY = 60, 3600, 86400
WEEK = 7 * DAY
PER_HOUR = 9.0  # how much faster the five hours rise than the week


def office(there: datetime) -> bool:
    """Return whether it is Monday to Friday, 9 to 18."""
    return there.weekday() < 5 and 9 <= there.hour < 18


def readings(
    is_work: IsWork,
    now: int,
    weeks: float,
    *,
    seed: int = 1,
    percent: float = 60,
    reset: int = 0,
    zone: tzinfo = timezone.utc,
    step: float = 0.1,
    always_on: bool = False,
) -> list[Window]:
    """Return the readings of the last weeks of a person who works when ``is_work`` says so of the local time.

    A week of it takes about ``percent``. Both windows are read after every answer, in steps of ``step`` percent, and
    every ten minutes: at work, or day and night. Weeks end at ``reset``, epoch seconds, and whole weeks from there.
    """
    chance = random.Random(seed)
    start = int(now - weeks * WEEK) // HOUR * HOUR
    minutes = [at for at in range(start, now, 5 * MINUTE) if is_work(datetime.fromtimestamp(at, zone))]
    each = percent / max(len([at for at in minutes if at >= now - WEEK]), 1)
    is_busy = dict.fromkeys(minutes, 1)
    found = []
    week = five = 0.0
    five_end, week_end = 0, reset + -(-(start - reset) // WEEK) * WEEK
    for at in range(start, now, 5 * MINUTE):
        if at >= week_end:
            week, week_end = 0.0, week_end + WEEK
        if at in is_busy and chance.random() < 0.6 and week < 100:
            if at >= five_end:
                five, five_end = 0.0, at // HOUR * HOUR + 5 * HOUR
            if five < 100:
                took = each / 0.6 * chance.uniform(0.2, 1.8)
                week, five = min(week + took, 100), min(five + took * PER_HOUR, 100)
        elif at % (10 * MINUTE) or not (always_on or at in is_busy):
            continue
        moment = at + chance.randrange(MINUTE)
        found.append(Window("seven_day", "7d", _cut(week, step), week_end, OAUTH, moment))
        if moment < five_end:
            found.append(Window("five_hour", "5h", _cut(five, step), five_end, OAUTH, moment))
    return found


def _cut(percent: float, step: float) -> float:
    return round(int(percent / step + 1e-6) * step, 3)
