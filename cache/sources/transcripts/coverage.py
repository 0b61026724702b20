"""From when on the index is complete: Claude Code deletes transcripts after some time, perhaps before we read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.jsonio import whole
from cache.sources.transcripts.rollup import KEPT_S, SUMS_KEPT_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.sources.transcripts.index import Store

BEFORE_GAP = "before_gap_"  # facts ``complete_from`` and ``read_at`` as they were when two scans were too far apart
NOTED_EVERY_S = 3600  # what is noted at every scan would be a write at every scan


def note_complete(store: Store, now: float, cleanup_s: Callable[[], float]) -> None:
    """Note that all transcripts are read at ``now``.

    ``cleanup_s`` returns how long Claude Code keeps a transcript that is not written to any more, in seconds. If the
    last complete scan is longer ago, some may have come and gone unread.
    """
    since, read_at = whole(store.fact("complete_from")), whole(store.fact("read_at"))
    is_ahead = since is not None and since > now  # a clock that was ahead has seen a gap that was none
    if not is_ahead and read_at is not None and read_at <= now < read_at + NOTED_EVERY_S:
        return
    kept_s = min(cleanup_s(), KEPT_S)
    if is_ahead:
        since, read_at = _before_the_gap(store, now, kept_s)
    if read_at is None or now - read_at > kept_s:
        store.note(f"{BEFORE_GAP}complete_from", since)
        store.note(f"{BEFORE_GAP}read_at", read_at)
        since = int(now - kept_s)
    store.note("complete_from", since)
    store.note("read_at", int(now))


def _before_the_gap(store: Store, now: float, kept_s: float) -> tuple[int | None, int | None]:
    """Return what was noted before the last gap, None for each where nothing was.

    The clock that was ahead has deleted sums as too old; answers that are on the disk have been read again.
    """
    since, read_at = (whole(store.fact(BEFORE_GAP + name)) for name in ("complete_from", "read_at"))
    if since is None or read_at is None or not since <= read_at <= now:
        return None, None
    deleted_until = (whole(store.fact("read_at")) or 0) + NOTED_EVERY_S - SUMS_KEPT_S
    return max(since, min(deleted_until, int(now - kept_s))), read_at


def complete_from(store: Store, now: float) -> int | None:
    """Return from when on nothing is missing, epoch seconds; None before the first complete scan.

    Also None before the first one after the clock was set back so far that what was noted is in the future.
    """
    since = whole(store.fact("complete_from"))
    return None if since is None or since > now else max(since, int(now - SUMS_KEPT_S))
