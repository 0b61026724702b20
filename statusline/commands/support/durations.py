"""Spans of time that a person types, such as ``6h`` or ``1h30m``."""

from __future__ import annotations

import argparse
import re

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
