"""When an account was asked for and may be asked for again, and its last answer: kept on disk."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from cache.model.files import read_file
from cache.model.layout import ACCOUNTS_FOLDER, ENDPOINT_FILE, ENTRY_SUFFIX
from cache.model.windows import AHEAD_S
from cache.readings.directory import UNKNOWN
from cache.refresh.storage import write_whole
from cache.sources.endpoint.decode import MALFORMED
from cache.work.failures import RateLimited, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from cache.work.failures import Failure
    from cache.work.request import Request

SPACING_S = 300  # seconds from one attempt to the next, plus up to a fifth
JITTER = 0.2
HOUR_S, IN_AN_HOUR = 3600, 12  # attempts in any hour, whatever asks for them
FAR_S = 2 * 3600  # no wait is as long
AGAIN_S = 60  # after an answer that may be another account's


@dataclass
class Ledger:
    """Of one account, whatever config directory it is used from.

    Times are epoch seconds; ``attempts`` are those of the last hour; ``problem`` is the name of the last failure;
    ``answer`` is the last answer as `cache.readings.endpoint_answer` keeps it, with the spend and what else it held.
    """

    attempted_at: int = 0
    next_at: int = 0
    problem: str | None = None
    failures: int = 0
    attempts: list[int] = field(default_factory=list)
    plan: str | None = None
    answer: dict[str, Any] | None = None
    account: str = UNKNOWN

    @property
    def cooling(self) -> bool:
        """Whether the wait is one that the server asked for: not even a person's wish shortens it."""
        return self.problem == RateLimited.name

    def opens(self, now: float) -> bool:
        """Return whether an attempt may be made: it is time, or the last one is ahead since the clock was set back."""
        is_time = not now < self.next_at <= now + FAR_S or self.attempted_at > now + AHEAD_S
        return is_time and self.has_budget(now)

    def has_budget(self, now: float) -> bool:
        """Return whether there were fewer attempts within the last hour than the endpoint may be asked."""
        return len([at for at in self.attempts if now - HOUR_S < at <= now + AHEAD_S]) < IN_AN_HOUR

    def restart_wait(self, now: float) -> bool:
        """Let a cool-down begin now where the clock was set back since: as long as it was, and no longer.

        Return whether that was so. A clock that was set back by hours was wrong before: what it told is not kept.
        """
        if not self.cooling or not now + AHEAD_S < self.attempted_at < now + FAR_S:
            return False
        self.attempted_at, self.next_at = int(now), int(now) + self.next_at - self.attempted_at
        return True

    def stamp(self, now: float, spacing_s: float = SPACING_S) -> None:
        """Note that an attempt is about to be made; a person can have a longer spacing than ours, never a shorter."""
        self.attempted_at, self.next_at = int(now), next_attempt(now, max(spacing_s, SPACING_S))
        self.attempts = [at for at in self.attempts if now - HOUR_S < at <= now + AHEAD_S][1 - IN_AN_HOUR :]
        self.attempts.append(int(now))

    def fail(self, failure: Failure, now: float) -> None:
        """Note how the attempt ended at ``now``, from where the wait counts; a second is added for the one cut off."""
        self.problem, self.failures = failure.name, self.failures + 1
        self.next_at = int(now + failure.wait_s(self.failures)) + 1

    def end_trouble(self) -> None:
        """Note that the endpoint answers, whosever numbers these are."""
        self.problem, self.failures = None, 0

    def ask_again(self, now: float) -> None:
        """Allow an attempt soon: whose the last answer is will be known by then."""
        self.next_at = int(now) + AGAIN_S + 1

    def forgive(self) -> bool:
        """End the wait of a login that was refused, because there is another one; the spacing stays.

        Return whether there was something to forgive.
        """
        if self.problem != Refused.name:
            return False
        self.end_trouble()
        self.next_at = min(self.next_at, next_attempt(self.attempted_at))
        return True

    def next_text(self) -> str:
        """Return when the next attempt may be made, as a clock time."""
        return time.strftime("%H:%M:%S", time.localtime(self.next_at))


def ledger_file(cache: Path, place: Path, account: str) -> Path:
    """Return the file of an account's ledger; one without a name belongs to the config directory."""
    return place / ENDPOINT_FILE if account == UNKNOWN else cache / ACCOUNTS_FOLDER / (account + ENTRY_SUFFIX)


def read_ledger(path: Path) -> Ledger:
    """Return what the file says, an empty ledger where it is missing or odd."""
    data = read_file(str(path), ours=True)
    if data is None:
        return Ledger()
    try:
        return msgspec.json.decode(data, type=Ledger)
    except MALFORMED:
        return Ledger()


def write_ledger(request: Request, ledger: Ledger) -> None:
    """Replace the file; raises Unwritable, and then no request is made that could not be remembered."""
    path = ledger_file(request.cache, request.place, ledger.account)
    write_whole(path, msgspec.json.encode(ledger).decode())


def next_attempt(now: float, spacing_s: float = SPACING_S) -> int:
    """Return when the next attempt after one at ``now`` may be made: never sooner than the spacing."""
    return int(now + spacing_s * (1 + JITTER * random.random())) + 1
