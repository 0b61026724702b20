"""When the endpoint was asked and may be asked again: on disk, so that no restart forgets it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from cache.disk import write_whole
from cache.errors import RateLimited, Refused
from cache.files import read_file
from cache.merge import AHEAD_S
from cache.sources.parts import MALFORMED

if TYPE_CHECKING:
    from pathlib import Path

    from cache.errors import Failure

SPACING_S = 300  # seconds from one attempt to the next, plus up to a fifth: at most twelve an hour
JITTER = 0.2
FAR_S = 2 * 3600  # no wait is as long


@dataclass
class Ledger:
    """Times are epoch seconds; ``problem`` is the name of the last failure, ``other`` what an answer had besides."""

    attempted_at: int = 0
    next_at: int = 0
    answered_at: int = 0
    problem: str | None = None
    failures: int = 0
    account: str = ""
    other: dict[str, Any] = field(default_factory=dict)

    @property
    def cooling(self) -> bool:
        """Whether the wait is one that the server asked for: not even a person's wish shortens it."""
        return self.problem == RateLimited.name

    def opens(self, now: float) -> bool:
        """Say whether an attempt may be made: it is time, or the last one lies ahead since the clock was set back."""
        return not now < self.next_at <= now + FAR_S or self.attempted_at > now + AHEAD_S

    def count_anew(self, now: float) -> bool:
        """Let a cool-down begin now where the clock was set back since: as long as it was, and no longer.

        Say whether that was so. A clock that was set back by hours was wrong before: what it told is not kept.
        """
        if not self.cooling or not now + AHEAD_S < self.attempted_at < now + FAR_S:
            return False
        self.attempted_at, self.next_at = int(now), int(now) + self.next_at - self.attempted_at
        return True

    def stamp(self, now: float, spacing_s: float = SPACING_S) -> None:
        """Note that an attempt is about to be made; a person can have a longer spacing than ours, never a shorter."""
        self.attempted_at, self.next_at = int(now), next_attempt(now, max(spacing_s, SPACING_S))

    def fail(self, failure: Failure, now: float) -> None:
        """Note how the attempt ended at ``now``, from where the wait counts; a second is added for the one cut off."""
        self.problem, self.failures = failure.name, self.failures + 1
        self.next_at = int(now + failure.wait_s(self.failures)) + 1

    def succeed(self, account: str, other: dict[str, Any]) -> None:
        """Note an answer for an account."""
        self.end_trouble()
        self.answered_at, self.account, self.other = self.attempted_at, account, other

    def end_trouble(self) -> None:
        """Note that the endpoint answers, whosever numbers these are."""
        self.problem, self.failures = None, 0

    def forgive(self) -> bool:
        """End the wait of a login that was refused, because there is another one; the spacing stays.

        Say whether there was something to forgive.
        """
        if self.problem != Refused.name:
            return False
        self.end_trouble()
        self.next_at = min(self.next_at, next_attempt(self.attempted_at))
        return True

    def next_text(self) -> str:
        """Return when the next attempt may be made, as a clock time."""
        return time.strftime("%H:%M:%S", time.localtime(self.next_at))


def read_ledger(path: Path) -> Ledger:
    """Return what the file says, an empty ledger where it is missing or odd."""
    data = read_file(str(path), ours=True)
    if data is None:
        return Ledger()
    try:
        return msgspec.json.decode(data, type=Ledger)
    except MALFORMED:
        return Ledger()


def write_ledger(path: Path, ledger: Ledger) -> None:
    """Replace the file; raises Unwritable, and then no request is made that could not be remembered."""
    write_whole(path, msgspec.json.encode(ledger).decode())


def next_attempt(now: float, spacing_s: float = SPACING_S) -> int:
    """Return when the next attempt after one at ``now`` may be made: never sooner than the spacing."""
    return int(now + spacing_s * (1 + JITTER * random.random())) + 1
