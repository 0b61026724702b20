"""Types of arguments: spans of time, such as ``6h`` or ``1h30m``, and whole numbers within bounds."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_UNITS_S = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_SPAN = re.compile(r"(?:\d{1,6}[dhms])+", re.ASCII)


def duration(text: str) -> int:
    """Return a span in seconds, at least 1; the type of an argument."""
    given = text.strip().lower()
    total = 0
    if _SPAN.fullmatch(given):
        total = sum(int(count) * _UNITS_S[unit] for count, unit in re.findall(r"(\d+)([dhms])", given))
    if not total:
        raise argparse.ArgumentTypeError(f"expected a duration such as 6h, 90m or 1h30m, found {text}")
    return total


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return the type of an argument that is a whole number from ``least`` (not negative) to ``most``."""

    def number(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
            return int(text)
        raise argparse.ArgumentTypeError(f"expected a number from {least} to {most}, found {text}")

    return number
