"""The time of day and the weekday as text, in any zone; loaded only where the line shows one."""

import time

from cache.model.osapi import setting, system
from cache.model.windows import SEVEN_DAY, SPANS_S

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Found = TypeVar("Found")

_DAYS = "MonTueWedThuFriSatSun"
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


def clock_text(at: "float", now: "float", hours: "int" = 24, zone: "str" = "local") -> "str":
    """Return ``16:40`` or ``4:40pm``, with the weekday (``Thu 16:40``) if that is not today's; epoch seconds in.

    More than a week away it has the date instead (``10 Nov 16:40``).
    ``zone`` is ``local``, ``utc`` or a name such as ``Europe/Vienna``. Empty for a moment that has no date.
    """
    try:
        then, today = _there(at, zone), _there(now, zone)
    except (OverflowError, ValueError, OSError):
        return ""
    hour = then[3] if hours == 24 else (then[3] + 11) % 12 + 1
    text = f"{hour:02d}:{then[4]:02d}" if hours == 24 else f"{hour}:{then[4]:02d}{'pm' if then[3] >= 12 else 'am'}"
    if then[:3] == today[:3]:
        return text
    return f"{_day_of(then) if abs(at - now) <= SPANS_S[SEVEN_DAY] else _date_of(then)} {text}"


def day_text(at: "float", zone: "str" = "local") -> "str":
    """Return the weekday of a moment (epoch seconds) as ``Thu``; empty for a moment that has no date."""
    try:
        then = _there(at, zone)
    except (OverflowError, ValueError, OSError):
        return ""
    return _day_of(then)


def date_text(at: "float", zone: "str" = "local") -> "str":
    """Return the date of a moment (epoch seconds) as ``10 Nov``; empty for a moment that has no date."""
    try:
        then = _there(at, zone)
    except (OverflowError, ValueError, OSError):
        return ""
    return _date_of(then)


def _day_of(then: "time.struct_time") -> "str":
    return _DAYS[then[6] * 3 : then[6] * 3 + 3]


def _date_of(then: "time.struct_time") -> "str":
    return f"{then[2]} {_MONTHS[then[1] * 3 - 3 : then[1] * 3]}"


def _there(at: "float", zone: "str") -> "time.struct_time":
    """Return the date and time of a moment in a zone; a zone that the system does not know counts as the local one."""
    return time.gmtime(at) if zone == "utc" else in_zone(zone, time.localtime, at)


def in_zone(zone: "str", read: "Callable[[Any], Found]", value: "object") -> "Found":
    """Return what a function of the C library, such as `time.localtime`, says of a value in a zone, not ``utc``."""
    if zone == "local" or not hasattr(time, "tzset"):
        return read(value)
    before = setting("TZ")  # `zoneinfo` costs as much as an interpreter's start; the C library reads the same files
    system.putenv("TZ", zone)
    time.tzset()
    try:
        known = time.tzname[0] != zone.partition("/")[0]  # how an unknown one is abbreviated
        found = read(value)
    finally:
        system.putenv("TZ", before) if before else system.unsetenv("TZ")
        time.tzset()
    return found if known else read(value)
