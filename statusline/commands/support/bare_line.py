"""What ``statusline`` without a command prints where the configured rows have nothing to show: the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.attempt import FAILURES
from statusline.config import Config
from statusline.tick import row_of

if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session

# What a person sees before any number is known.
NOTHING_YET = "hudline knows no numbers yet: start Claude Code, or run `statusline usage --refresh`"
ROW = ["five_hour", "seven_day", "model_week", "spend", "provider", "today"]


def limits_row(session: Session, snapshot: Snapshot, config: Config, now: float) -> str:
    """Return a row of the limits in the user's style; without one and without a session, that nothing is known.

    Rows of one's own can be empty although numbers are known: most segments need a session, and an item with ``when``
    waits for its level. Empty where a part of the line has failed: then a sentence about numbers could be wrong.
    """
    if FAILURES:
        return ""
    style = {key: value for key, value in config.given.items() if key != "preset"}
    row = row_of(session, snapshot, Config({**style, "rows": [ROW]}), now)
    return row or ("" if session.payload else NOTHING_YET)
