"""Checks the age of the built-in prices."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from cache.sources.transcripts.prices import PRICED_ON
from statusline.commands.doctor_checks.result import Finding, ok, warning

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context

OLD_DAYS = 180  # by then there are new models


def prices(context: Context) -> Finding:
    """Check the age of the prices, on which costs and estimates depend."""
    today = datetime.fromtimestamp(context.now, timezone.utc).date()
    days = (today - date.fromisoformat(PRICED_ON)).days
    if days > OLD_DAYS:
        text = f"the built-in prices are from {PRICED_ON}, {days} days old: costs and estimates may be wrong"
        return warning("prices", text, "Update hudline: a newer version has newer prices.")
    return ok("prices", f"from {PRICED_ON}")
