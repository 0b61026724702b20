"""Sums of answers that are kept in the index, so that a month or a branch is read in milliseconds.

The sums outlive the answers. `cache.sources.transcripts.tables` describes their tables.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cache.sources.transcripts.prices import KINDS, LONG_PROMPT
from cache.sources.transcripts.tables import KEYS, SLOT_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.sources.transcripts.index import Store

KEPT_S = 35 * 86400  # answers: the 30 days that Claude Code keeps transcripts, and some more
SUMS_KEPT_S = 400 * 86400
HOUR_S = 3600
AT_ONCE = 100  # quarters between two looks at the clock


def kept_from(now: float) -> int:
    """Return since when answers are kept, epoch seconds: whole quarters, so that their sums stay right."""
    return int(now - KEPT_S) // SLOT_S * SLOT_S


def is_rolled_up(store: Store, first_hour: int, end_hour: int) -> bool:
    """Return whether the sums of these hours (since the epoch) are up to date."""
    slots = (first_hour * 4, end_hour * 4)
    return not store.rows("SELECT 1 FROM outdated WHERE slot >= ? AND slot < ? LIMIT 1", slots)


_KEYED = ", ".join(f"coalesce({each}, 0)" for each in KEYS)
# What one answer adds; `?` is `LONG_PROMPT`.
COLUMNS = (
    f"model, input + cache_write_5m + cache_write_1h + cache_read > ?, {_KEYED}, "
    f"count(*), {', '.join(f'sum({each})' for each in (*KINDS, 'tokens'))}, total(dollars)"
)
_ROLL_UP = (
    f"INSERT INTO spending SELECT ?, {COLUMNS} FROM sightings WHERE counts AND at >= ? AND at < ?"  # noqa: S608
    " GROUP BY 2, 3, 4, 5, 6"
)


def roll_up(store: Store, now: float, until: float, clock: Callable[[], float] = time.monotonic) -> bool:
    """Bring the sums up to date, the latest first, until about ``until`` by ``clock``; return whether all of them are.

    Every call makes progress. The sums of answers that are no longer kept stay as they are.
    """
    while slots := store.rows("SELECT slot FROM outdated ORDER BY slot DESC LIMIT ?", (AT_ONCE,)):
        oldest = kept_from(now) // SLOT_S
        kept = [slot for (slot,) in slots if slot >= oldest]
        store.write("DELETE FROM spending WHERE slot = ?", *[(slot,) for slot in kept])
        spans = [(slot, LONG_PROMPT, slot * SLOT_S, (slot + 1) * SLOT_S) for slot in kept]
        store.write(_ROLL_UP, *spans)
        store.write("DELETE FROM outdated WHERE slot = ?", *slots)
        store.commit()
        if clock() >= until:
            return is_rolled_up(store, 0, 1 << 40)
    return True


def forget_sums(store: Store, now: float) -> None:
    """Delete the sums that are older than `SUMS_KEPT_S`."""
    store.write("DELETE FROM spending WHERE slot < ?", (int(now - SUMS_KEPT_S) // SLOT_S,))
