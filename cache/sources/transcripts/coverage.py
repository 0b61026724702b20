"""From when on the index is complete: Claude Code deletes transcripts after some time, perhaps before we read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.jsonio import whole
from cache.sources.transcripts.rollup import KEPT_S, SUMS_KEPT_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.sources.transcripts.index import Store

NOTED_EVERY_S = 3600  # what is noted at every scan would be a write at every scan


def note_complete(store: Store, now: float, cleanup_s: Callable[[], float]) -> None:
    """Note that all transcripts are read at ``now``.

    ``cleanup_s`` returns how long Claude Code keeps a transcript that is not written to any more, in seconds. If the
    last complete scan is longer ago, some may have come and gone unread.
    """
    read_at = whole(store.fact("read_at"))
    if read_at is not None and read_at <= now < read_at + NOTED_EVERY_S:
        return
    kept_s = min(cleanup_s(), KEPT_S)
    if read_at is None or now - read_at > kept_s:
        store.note("complete_from", int(now - kept_s))
    store.note("read_at", int(now))


def complete_from(store: Store, now: float) -> int | None:
    """Return from when on nothing is missing, epoch seconds; None before the first complete scan."""
    since = whole(store.fact("complete_from"))
    return None if since is None else max(since, int(now - SUMS_KEPT_S))
