"""Hints for the model about limits that are nearly used up: each threshold once per session and window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.entry import Entry, read_entry
from cache.model.layout import HINT_FILE, LOCK_SUFFIX
from cache.model.limits import NEVER
from cache.model.windows import STDIN, Window, reaches
from cache.refresh.storage import make_ours, write_whole
from cache.watches.config import Watch
from cache.watches.thresholds import SENT_AT_MOST, Alert, SentAlert, alerts, sent_alerts_in, sent_alerts_value

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LIMITS_AT = (90.0, 97.0)  # percent
CONTEXT = "context"
NO_ACCOUNT = "none"  # of the context
FALL = 10  # points: a context that has fallen by more was compacted, and its thresholds count again
WAIT_S = 1.0  # for the lock, which another prompt may hold


def context_window(percent: float, now: float) -> Window:
    """Return the context as a window, which has no reset."""
    return Window(CONTEXT, CONTEXT, percent, NEVER, STDIN, int(now))


class Hints:
    """The hints for one session; ``limits`` are the windows to check, ``context`` is its own, None if unknown.

    ``context_at`` are the thresholds of the context, ``account`` is whose the limits are. ``fallen_to`` is what the
    context is at now, percent, whatever ``context`` may say; None if unknown.
    """

    def __init__(
        self,
        session_id: str,
        account: str,
        limits: Sequence[Window],
        context: Window | None = None,
        context_at: Sequence[float] = (),
        fallen_to: float | None = None,
    ) -> None:
        # The id of such a watch is a hash of the session's: in the file no name is kept.
        self.of_limits = Watch(LIMITS_AT, session_id)
        self.of_context = Watch(tuple(context_at), session_id)
        self.account = account
        self.limits = limits
        self.contexts = [] if context is None else [context]
        self.fallen_to = fallen_to

    def due(self, sent: list[SentAlert]) -> list[Alert]:
        """Return the hints that the session lacks: of each window the highest threshold that it has reached."""
        of_limits = alerts([self.of_limits], self.limits, sent, self.account)
        return of_limits + alerts([self.of_context], self.contexts, sent, NO_ACCOUNT)

    def still(self, sent: list[SentAlert]) -> list[SentAlert]:
        """Return the records that still hold."""
        return [each for each in sent if not self._is_over(each)]

    def _is_over(self, record: SentAlert) -> bool:
        is_own = (record.watch, record.window) == (self.of_context.id, CONTEXT)
        return is_own and self.fallen_to is not None and not reaches(self.fallen_to, record.at - FALL)


def tell_once(hints: Hints, place: Path, now: float) -> list[Alert]:
    """Return the hints that a session gets now, and record them; raise a `Failure` if they cannot be recorded.

    ``place`` is the folder of a config directory's files. Of two prompts at the same moment each has its turn.
    """
    path = place / HINT_FILE
    sent = sent_alerts_in(read_entry(str(path)).value, now)
    if not hints.due(hints.still(sent)) and hints.still(sent) == sent:
        return []
    from cache.refresh.lock import hold_lock  # noqa: PLC0415 - most prompts do without it, and it takes a start's time

    make_ours(place)
    with hold_lock(path.with_suffix(LOCK_SUFFIX), WAIT_S):
        sent = hints.still(sent_alerts_in(read_entry(str(path)).value, now))
        due = hints.due(sent)
        records = [*sent, *(each.record for each in due)][-SENT_AT_MOST:]
        write_whole(path, Entry(sent_alerts_value(records), int(now), int(now)).to_text())
    return due
