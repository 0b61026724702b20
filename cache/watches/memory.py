"""What ``watch.json`` keeps: the alerts that were sent, and the windows whose reset is awaited."""

from __future__ import annotations

from dataclasses import dataclass

from cache.watches.logins import LoginEnded, ended_logins_in
from cache.watches.resets import Followed, Reset, followed_in, followed_rows
from cache.watches.thresholds import Alert, SentAlert, sent_alerts_in, sent_alerts_value
from cache.watches.waits import SentWait, Wait, sent_wait_rows, sent_waits_in

Event = Alert | Reset | Wait | LoginEnded


@dataclass
class Memory:
    """The records of every kind of event."""

    sent: list[SentAlert]
    followed: list[Followed]
    waits: list[SentWait]
    expired: list[str]

    def note(self, event: Event) -> None:
        """Record an event, so that it does not alert again."""
        if isinstance(event, Alert):
            self.sent.append(event.record)
        elif isinstance(event, Reset):
            self.followed.remove(event.record)
            self.sent.append(event.sent)
        elif isinstance(event, Wait):
            self.waits.append(event.record)
        else:
            self.expired.append(event.record)

    def as_json(self) -> dict[str, object]:
        """Return the value of the entry."""
        return {
            **sent_alerts_value(self.sent),
            "followed": followed_rows(self.followed),
            "waits": sent_wait_rows(self.waits),
            "expired": self.expired,
        }


def memory_in(value: object, now: float) -> Memory:
    """Return what the value of an entry keeps; odd rows are left out."""
    return Memory(sent_alerts_in(value, now), followed_in(value), sent_waits_in(value), ended_logins_in(value))
