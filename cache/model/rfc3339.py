"""Parses RFC 3339 times to epoch seconds, without importing ``datetime``."""


def rfc3339_s(text: "str") -> "int | None":
    """Return the epoch seconds of an RFC 3339 time, None for any other text; fractions of a second are cut off."""
    digits = text[:4] + text[5:7] + text[8:10] + text[11:13] + text[14:16] + text[17:19]
    signs = text[4:5] + text[7:8] + text[10:11].upper() + text[13:14] + text[16:17]
    offset_s = zone_s(text[20:].lstrip("0123456789") if text[19:20] == "." else text[19:])
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()) or offset_s is None:
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    hour, minute, second = int(digits[8:10]), int(digits[10:12]), int(digits[12:])
    if signs not in {"--T::", "-- ::"} or not 1 <= month <= 12 or hour > 23 or minute > 59 or second > 60:
        return None  # second 60 is a leap second
    if not 1 <= day <= days_before(year, month + 1) - days_before(year, month):
        return None
    return (days_before(year, month) + day - 1) * 86400 + hour * 3600 + minute * 60 + second - offset_s


def zone_s(zone: "str") -> "int | None":
    """Return how many seconds a zone is ahead of UTC: ``Z``, ``+05:30``, ``+0530`` or ``+05``; None for other text."""
    if zone in {"", "Z", "z"}:
        return 0
    digits = zone[1:3] + zone[-2:] if zone[3:4] == ":" and len(zone) == 6 else zone[1:]
    if zone[0] not in "+-" or len(digits) not in {2, 4} or not (digits.isascii() and digits.isdigit()):
        return None
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        return None
    return (hours * 3600 + minutes * 60) * (1 if zone[0] == "+" else -1)


def days_before(year: "int", month: "int") -> "int":
    """Return the days from 1970-01-01 to the first of a month of the Gregorian calendar (Howard Hinnant's algorithm).

    The month after December is the next January.
    """
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
