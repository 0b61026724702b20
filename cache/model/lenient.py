"""Parses numbers and times in all forms that clients have sent: numbers and text."""

from cache.model.jsonio import number
from cache.model.lazy import further_module

TEXT_AT_MOST = 40  # characters; an RFC 3339 time with nanoseconds has 35
SECONDS_BELOW = 10**11  # epoch seconds of the year 5138; a larger number is in milliseconds
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
    """Return the epoch seconds of a time, else None; fractions of a second are cut off.

    Takes epoch seconds, epoch milliseconds, text of either, and RFC 3339 (without an offset: UTC).
    """
    epoch_s = parse_number(value)
    if epoch_s is None:
        is_text = isinstance(value, str) and len(value) <= TEXT_AT_MOST
        epoch_s = further_module("cache.model.rfc3339").rfc3339_s(str(value).strip()) if is_text else None
    elif epoch_s >= SECONDS_BELOW:
        epoch_s //= 1000
    return int(epoch_s) if epoch_s is not None and 1 <= epoch_s < SECONDS_BELOW else None
