"""What Claude Code itself reports on stdin as ``rate_limits``, as windows."""

from cache.window import STDIN, Window, believable, to_minute
from cache.wire import mapping, number, words

KNOWN = (("five_hour", "5h"), ("seven_day", "7d"))


def reported_windows(rate_limits: "object", observed_at: "float") -> "list[Window]":
    """Return the windows in a ``rate_limits`` object; odd ones are left out.

    Source: the statusline contract of Claude Code; ``resets_at`` is epoch seconds, ISO texts have been seen.
    """
    found = []
    for id_, label in KNOWN:
        fields = mapping(mapping(rate_limits).get(id_))
        percent = believable(fields.get("used_percentage"))
        if percent is not None:
            found.append(Window(id_, label, percent, reset_of(fields.get("resets_at")), STDIN, int(observed_at)))
    return found


def reset_of(value: "object") -> "int | None":
    """Return the whole minute, in epoch seconds, of a ``resets_at``; None where there is none that can be."""
    text = words(value)
    epoch_s = number(value) if text is None else epoch_of(text)
    return None if epoch_s is None or not 0 < epoch_s < 10**11 else to_minute(epoch_s)


def epoch_of(text: "str") -> "float | None":
    """Return the epoch seconds of an RFC 3339 time, None if it is none; fractions are cut."""
    try:
        year, month, day = int(text[0:4]), int(text[5:7]), int(text[8:10])
        hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
        offset_s = _offset_s(text[19:].lstrip(".0123456789"))
    except ValueError:
        return None
    if not (1 <= month <= 12 and 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second <= 60):  # 60: a leap second
        return None
    if not 1 <= day <= days_from_civil(year, month + 1, 1) - days_from_civil(year, month, 1):
        return None
    return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset_s


def _offset_s(zone: "str") -> "int":
    """Return the seconds that a zone is ahead of UTC: ``Z``, ``+05:30`` or ``+0530``; raise ValueError for no zone."""
    if zone in {"", "Z", "z"}:
        return 0
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
    if zone[0] not in "+-" or not (0 <= hours < 24 and 0 <= minutes < 60):
        raise ValueError("no offset")
    return (1 if zone[0] == "+" else -1) * (hours * 3600 + minutes * 60)


def days_from_civil(year: "int", month: "int", day: "int") -> "int":
    """Return the days from 1970-01-01 to a date of the Gregorian calendar (Howard Hinnant's algorithm).

    The month behind December is the next January.
    """
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
