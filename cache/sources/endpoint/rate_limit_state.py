"""When the usage of an account was requested and may be requested again, and its last answer: kept on disk."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from cache.model.entry import LATEST
from cache.model.files import read_file
from cache.model.layout import ACCOUNTS_FOLDER, ENDPOINT_FILE, ENTRY_SUFFIX
from cache.model.windows import AHEAD_S
from cache.readings.directory import UNKNOWN
from cache.readings.endpoint_answer import answered_at
from cache.refresh.storage import write_whole
from cache.sources.endpoint.decode import MALFORMED
from cache.work.failures import RateLimited, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from cache.work.failures import Failure
    from cache.work.request import Request

SPACING_S = 300  # seconds from one attempt to the next, plus up to a fifth
JITTER = 0.2
HOUR_S, IN_AN_HOUR = 3600, 12  # attempts in any hour, whatever the reason
FAR_S = 2 * 3600  # longer than any wait
NOT_KEPT = -1  # a time that the file lacks
AGAIN_S = 60  # after an answer that may be another account's


@dataclass
class RateLimitState:
    """The state of one account, which all config directories share that are signed in to it.

    Times are epoch seconds; ``attempts`` are those of the last hour; ``problem`` is the name of the last failure;
    ``answer`` is the last answer as in `cache.readings.endpoint_answer`, with the spend and the rest of it;
    ``answered_at`` is when it was requested, 0 where there is none.
    ``is_wanted``: a request is to be made as soon as one is allowed, even where the last answer is recent.
    """

    attempted_at: int = 0
    next_at: int = 0
    problem: str | None = None
    failures: int = 0
    attempts: list[int] = field(default_factory=list)
    plan: str | None = None
    answer: dict[str, Any] | None = None
    account: str = UNKNOWN
    is_wanted: bool = False
    answered_at: int = NOT_KEPT

    def __post_init__(self) -> None:
        """Read the time in the answer where the file is of an earlier version."""
        if self.answered_at == NOT_KEPT or self.answer is None:
            self.answered_at = int(answered_at(self.answer) or 0)

    def keep_answer(self, answer: dict[str, Any] | None) -> None:
        """Keep an answer; if it is the very object that was kept, its time stays as the file has it."""
        if answer is not self.answer:
            self.answer, self.answered_at = answer, int(answered_at(answer) or 0)

    @property
    def is_cooling_down(self) -> bool:
        """Whether the server asked for the current wait: not even ``--force`` shortens it."""
        return self.problem == RateLimited.name

    def allows(self, now: float) -> bool:
        """Return whether an attempt may be made now; one in the future was made before the clock was set back."""
        is_time = not now < self.next_at <= now + FAR_S or self.attempted_at > now + AHEAD_S
        return is_time and self.has_budget(now)

    def has_budget(self, now: float) -> bool:
        """Return whether fewer than `IN_AN_HOUR` attempts were made within the last hour."""
        return len(self._lately(now)) < IN_AN_HOUR

    def _lately(self, now: float) -> list[int]:
        """Return the attempts within the last hour, and the second that rounding cuts off each."""
        return [at for at in self.attempts if now - HOUR_S - 1 < at <= now + AHEAD_S]

    def restart_cool_down(self, now: float) -> bool:
        """Where the clock was set back, let a cool-down start now, with the same length; return whether that was so.

        A clock that was set back by hours was wrong before: such a cool-down is dropped.
        """
        if not self.is_cooling_down or not now + AHEAD_S < self.attempted_at < now + FAR_S:
            return False
        self.attempted_at, self.next_at = int(now), int(now) + self.next_at - self.attempted_at
        return True

    def record_attempt(self, now: float, spacing_s: float = SPACING_S) -> None:
        """Record an attempt that is about to be made; the spacing can be longer than ours, never shorter."""
        self.attempted_at, self.next_at = int(now), next_attempt(now, max(spacing_s, SPACING_S))
        self.attempts = [*self._lately(now)[1 - IN_AN_HOUR :], int(now)]

    def record_failure(self, failure: Failure, now: float) -> None:
        """Record how the attempt ended; the wait counts from ``now``, plus the second that rounding cuts off."""
        self.problem, self.failures = failure.name, self.failures + 1
        self.next_at = int(now + failure.wait_s(self.failures)) + 1

    def record_answer(self) -> None:
        """Record that the endpoint answered, for whichever account."""
        self.problem, self.failures = None, 0

    def allow_soon(self, now: float, *, is_wanted: bool) -> None:
        """Allow another request soon, when it is known which account the last answer belongs to."""
        self.next_at, self.is_wanted = int(now) + AGAIN_S + 1, is_wanted

    def end_refusal(self) -> bool:
        """End the wait after a refused login, because there is a new one; return whether there was such a wait.

        The spacing stays.
        """
        if self.problem != Refused.name:
            return False
        self.record_answer()
        self.next_at = min(self.next_at, next_attempt(self.attempted_at))
        return True

    def next_text(self) -> str:
        """Return when the next attempt may be made, as a clock time."""
        return time.strftime("%H:%M:%S", time.localtime(self.next_at))


def rate_limit_file(cache: Path, place: Path, account: str) -> Path:
    """Return the file of an account's state; that of a login without an account belongs to the config directory."""
    return place / ENDPOINT_FILE if account == UNKNOWN else cache / ACCOUNTS_FOLDER / (account + ENTRY_SUFFIX)


def read_rate_limit(path: Path) -> RateLimitState:
    """Return the state in a file, an empty one where it is missing or malformed, or has impossible times."""
    data = read_file(str(path), ours=True)
    if data is None:
        return RateLimitState()
    try:
        found = msgspec.json.decode(data, type=RateLimitState)
    except MALFORMED:
        return RateLimitState()
    latest = max(map(abs, (found.attempted_at, found.next_at, found.answered_at)))
    return found if latest <= LATEST else RateLimitState()


def write_rate_limit(request: Request, rate_limit: RateLimitState) -> None:
    """Replace the file; raises Unwritable, and then no request is made, as it could not be recorded."""
    path = rate_limit_file(request.cache, request.folder, rate_limit.account)
    write_whole(path, msgspec.json.encode(rate_limit).decode())


def next_attempt(now: float, spacing_s: float = SPACING_S) -> int:
    """Return when the next attempt after one at ``now`` may be made: at least the spacing later."""
    return int(now + spacing_s * (1 + JITTER * random.random())) + 1
