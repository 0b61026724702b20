"""Numbers and times in the forms that clients have sent them in: as numbers, and as text."""

from cache.wire import number

TEXT_AT_MOST = 40  # characters; an RFC 3339 time with nanoseconds has 35
SECONDS_BELOW = 10**11  # epoch seconds end in the year 5138 here; a larger number counts milliseconds
LARGEST_PERCENT = 1000  # percent; some clients put the reset's epoch there (claude-code #52326, #60263)


def parse_number(value: "object") -> "float | None":
    """Return a finite number, given as a number or as text such as ``"42.1"``, else None."""
    if not isinstance(value, str):
        return number(value)
    if len(value) > TEXT_AT_MOST or "_" in value or not value.isascii():  # `float` takes 1_000 and other scripts
        return None
    try:
        return number(float(value))
    except ValueError:
        return None


def parse_percent(value: "object") -> "float | None":
    """Return a percentage within 0..1000, given as a number or as text, else None."""
    percent = parse_number(value)
    return percent if percent is not None and 0 <= percent <= LARGEST_PERCENT else None


def parse_reset(value: "object") -> "int | None":
    """Return the epoch seconds of a time, else None; fractions of a second are cut.

    Takes epoch seconds, epoch milliseconds, text of either, and RFC 3339 (without an offset: UTC).
    """
    epoch_s = parse_number(value)
    if epoch_s is None:
        epoch_s = rfc3339_s(value.strip()) if isinstance(value, str) and len(value) <= TEXT_AT_MOST else None
    elif epoch_s >= SECONDS_BELOW:
        epoch_s //= 1000
    return int(epoch_s) if epoch_s is not None and 1 <= epoch_s < SECONDS_BELOW else None


def rfc3339_s(text: "str") -> "int | None":
    """Return the epoch seconds of an RFC 3339 time, None if it is none; fractions of a second are cut."""
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
    """Return the seconds that a zone is ahead of UTC: ``Z``, ``+05:30``, ``+0530`` or ``+05``; None if it is none."""
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
