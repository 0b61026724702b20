"""Sessions that begin to wait for an answer: once per wait."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping, whole, words
from cache.sources.claude.sessions import IS_WAITING
from cache.watches.config import WAITING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cache.sources.claude.sessions import RunningSession
    from cache.watches.config import Watch

KEPT_S = 86400  # seconds; a session whose file cannot be read for a moment still waits
SENT_AT_MOST = 256


@dataclass(frozen=True)
class SentWait:
    """The record of a wait: the ids of watch and session, when it began, and when that was last seen, epoch seconds."""

    watch: str
    session: str
    since: int
    seen_at: int


@dataclass(frozen=True)
class Wait:
    """A session has begun to wait; ``now`` is epoch seconds."""

    watch: Watch
    session: RunningSession
    now: float

    @property
    def record(self) -> SentWait:
        """What is kept, so that it happens once."""
        return SentWait(self.watch.id, self.session.id, int(self.session.since), int(self.now))

    @property
    def text(self) -> str:
        """``docs is waiting: permission prompt``."""
        reason = f": {self.session.waiting_for}" if self.session.waiting_for else " for you"
        return f"{self.session.name} is waiting{reason}"

    @property
    def facts(self) -> dict[str, str]:
        """The variables for the command's environment."""
        return {
            "HUDLINE_SESSION": self.session.name,
            "HUDLINE_SESSION_ID": self.session.id,
            "HUDLINE_WAITING_FOR": self.session.waiting_for,
            "HUDLINE_SINCE": str(int(self.session.since) or ""),
        }


def waits(watches: Iterable[Watch], running: list[RunningSession], sent: list[SentWait], now: float) -> list[Wait]:
    """Return the waits that have begun, the first of them first."""
    told = {(each.watch, each.session, each.since) for each in sent}
    waiting = sorted((each for each in running if each.status == IS_WAITING), key=lambda each: each.since)
    found = [Wait(watch, session, now) for watch in watches if watch.on == WAITING for session in waiting]
    return [each for each in found if (each.record.watch, each.record.session, each.record.since) not in told]


def still_waiting(sent: list[SentWait], running: list[RunningSession], now: float) -> list[SentWait]:
    """Return the records of waits that may go on, without those of sessions that go on working."""
    waits_by_id = {each.id: each.status == IS_WAITING for each in running}
    seen = [replace(each, seen_at=int(now)) if waits_by_id.get(each.session) else each for each in sent]
    kept = [each for each in seen if waits_by_id.get(each.session, True) and -KEPT_S < now - each.seen_at < KEPT_S]
    return kept[-SENT_AT_MOST:]


def sent_waits_in(value: object) -> list[SentWait]:
    """Return the waits in the value of an entry."""
    rows = mapping(value).get("waits")
    found = [_sent_wait(row) for row in rows] if isinstance(rows, list) else []
    return [each for each in found if each is not None]


def _sent_wait(row: object) -> SentWait | None:
    if not isinstance(row, list) or len(row) != 4:
        return None
    watch, session, since, seen_at = words(row[0]), words(row[1]), whole(row[2]), whole(row[3])
    if watch is None or session is None or since is None or seen_at is None:
        return None
    return SentWait(watch, session, since, seen_at)


def sent_wait_rows(sent: Iterable[SentWait]) -> list[object]:
    """Return the rows that keep these waits."""
    return [list(astuple(each)) for each in sent]
