"""Two days in the life of one config directory, in virtual time: sessions, two accounts, a server, and what goes wrong.

What the simulator moves is the world alone: files with the times that they would have, a server on loopback, payloads.
Every tick and every refresh goes through the program; what happened is noted down for `tests.oracle` to judge.
"""

from __future__ import annotations

import heapq
import json
import os
import random
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from typing import Any

import cache.jobs.usage  # an import within the first refresh would shift its jitter
import cache.sources.endpoint  # noqa: F401 - httpx even draws from `random` while it is loaded
from cache.due import reason_to_refresh
from cache.refresh import Request, refresh
from cache.snapshot import take_snapshot
from cache.sources.ledger import read_ledger
from cache.window import ESTIMATE
from statusline.spawn import CHANGED_SPACING_S, SPACING_S, claim
from tests.loopback import Answer, Loopback
from tests.oracle import Answered, Copy, Looked, Note, Reported, Shown
from tests.simulated_account import HOUR, Account

START = 1795046400.0  # a Thursday in November 2026, midnight UTC
LONG = 12 * HOUR  # how long a login is good for


@dataclass
class Session:
    """``quirk`` is how this client words its limits; ``limits`` are those of its last answer, of ``account``."""

    id: str
    quirk: str = ""
    limits: dict[str, Any] = field(default_factory=dict)
    account: str = ""


@dataclass
class Period:
    """From one hour to another a session is open: a tick every so many seconds, an answer every so many."""

    session: Session
    hours: tuple[float, float]
    tick_s: tuple[float, float]
    answer_s: tuple[float, float] | None = None


class Simulator:
    """``happened`` counts what went on; ``notes`` are for the oracle; ``attempts`` are the times of all requests."""

    def __init__(self, home: Path, server: Loopback, seed: int = 7) -> None:
        self.home, self.server, self.rng = home, server, random.Random(seed)
        self.now = START
        self.notes: list[Note] = []
        self.attempts: list[float] = []
        self.happened: Counter[str] = Counter()
        self.wrong_tokens: list[str] = []
        self.trouble: Callable[[random.Random], Answer] | None = None
        self.copy: Copy | None = None
        self.is_offline = False
        self.state: dict[str, Any] = {"numStartups": 1}
        self.named: Account | None = None  # in .claude.json
        self.signed_in: Account | None = None  # in the credentials file
        self.actual: Account  # whose answers the sessions get
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.cache = home / ".cache" / "hudline"
        self.env = {"HOME": str(home), "STATUSLINE_API_BASE": server.base}

    # -- time

    def at(self, hour: float, do: Callable[[], None]) -> None:
        """Let something happen at an hour of the two days."""
        heapq.heappush(self._queue, (START + hour * HOUR, next(self._number), do))

    def in_(self, seconds: float, do: Callable[[], None]) -> None:
        self.at((self.now + seconds - START) / HOUR, do)

    def run(self, hours: float) -> None:
        while self._queue and self._queue[0][0] <= START + hours * HOUR:
            self.now, _, do = heapq.heappop(self._queue)
            do()

    # -- Claude Code

    def write(self, path: Path, text: str | None) -> None:
        """Write a file with the time that it would have, or take it away."""
        if text is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (self.now, self.now))

    def write_state(self, **changes: Any) -> None:
        self.state = {**self.state, **changes, "numStartups": self.state["numStartups"] + 1}
        self.write(self.home / ".claude.json", json.dumps(self.state))

    def name(self, account: Account | None) -> None:
        self.named = account
        self.write_state(oauthAccount=None if account is None else {"accountUuid": account.uuid})

    def write_login(self, account: Account | None, good_for_s: float = LONG) -> None:
        """Write the credentials file; from then on the sessions ask in this account's name."""
        self.signed_in = account
        text = None if account is None else account.login(account.new_token(), self.now + good_for_s)
        self.write(self.home / ".claude" / ".credentials.json", text)
        if account is not None:
            self.actual = account

    def fetch_copy(self) -> None:
        """Keep a copy of the endpoint's answer, as Claude Code does now and then; older clients do not stamp it."""
        if self.is_offline or self.trouble is not None:
            return
        body, rows = self.actual.answer(self.now)
        stamp = self.actual.uuid if self.rng.random() < 0.7 else None
        self.copy = Copy(int(self.now), self.actual.name, self.actual.name if stamp else None, rows)
        stamped = {"accountUuid": stamp} if stamp else {}
        self.write_state(cachedUsageUtilization={"fetchedAtMs": int(self.now * 1000), "utilization": body, **stamped})
        self.happened["copies"] += 1

    # -- sessions

    def open(self, period: Period) -> None:
        self.at(period.hours[0], lambda: self._tick_on(period))
        if period.answer_s is not None:
            self.at(period.hours[0] + 0.01, lambda: self._answer_on(period))

    def _tick_on(self, period: Period) -> None:
        self.tick(period.session)
        if self.now < START + period.hours[1] * HOUR:
            self.in_(self.rng.uniform(*period.tick_s), lambda: self._tick_on(period))

    def _answer_on(self, period: Period) -> None:
        self.answer(period.session)
        if period.answer_s is not None and self.now < START + period.hours[1] * HOUR:
            self.in_(self.rng.uniform(*period.answer_s), lambda: self._answer_on(period))

    def answer(self, session: Session) -> None:
        """Let a session get an answer: it uses the account, hears its limits, and draws its line."""
        if self.is_offline or self.signed_in is None:
            return
        self.actual.use(self.now, self.rng.uniform(0.05, 0.9))
        session.limits, session.account = worded(self.actual.limits(self.now), session, self.rng), self.actual.name
        self.happened["answers"] += 1
        self.tick(session, at_once=True)

    def tick(self, session: Session, *, at_once: bool = False) -> None:
        """Draw a session's line and see what is on it; ``at_once`` after an answer, which is told in full."""
        for id_, each in list(session.limits.items()):
            reset = each["resets_at"]
            if isinstance(reset, int) and reset <= self.now:
                session.limits = {other: row for other, row in session.limits.items() if other != id_}
        shown = session.limits
        if session.quirk == "flickers" and not at_once and self.rng.random() < 0.2:
            shown = dict(self.rng.sample(sorted(shown.items()), k=self.rng.randint(0, len(shown))))
        self.notes.append(Reported(self.now, session.id, session.account, shown))
        snapshot = take_snapshot(str(self.cache), session.id, shown or None, self.now)
        official = {
            id_: (each.percent, each.resets_at, each.observed_at)
            for id_, each in snapshot.windows.items()
            if each.source != ESTIMATE
        }
        self.notes.append(
            Shown(self.now, session.id, self.actual.name, self.signed_in is self.named is not None, official)
        )
        self.happened["ticks"] += 1
        reason = reason_to_refresh(snapshot.entry, self.now, "auto", "")
        spacing_s = CHANGED_SPACING_S if reason == "changed" else SPACING_S["usage"]
        stamp = self.cache / "usage.start"
        if reason and claim(str(stamp), self.now, spacing_s):
            os.utime(stamp, (self.now, self.now))
            self.in_(self.rng.uniform(0.15, 0.6), self.refresh)

    # -- the refresher and its server

    def refresh(self) -> None:
        torn = self.rng.random() < 0.03
        if torn:  # Claude Code is rewriting it just now
            state = self.home / ".claude.json"
            state.write_text(state.read_text()[:-20])
            self.happened["torn"] += 1
        agreed = self.signed_in if self.signed_in is self.named else None
        named = self.named.name if self.named and not torn else None
        look = Looked(self.now, agreed.name if agreed and not torn else None, named, None if torn else self.copy)
        rows, before = self._prepare_answer(), len(self.server.requests)
        options = {"claude-version": "2.1.330"}
        request = Request("usage", self.cache, self.home / "none", self.env, options, monotonic=lambda: self.now)
        random.seed(self.now)  # the program's own jitter; nothing that is loaded only now may draw from it
        outcome = refresh(request, lambda: self.now)
        if torn:
            self.write(self.home / ".claude.json", json.dumps(self.state))
        if outcome.state == "not due":
            self.happened["refresh: not due"] += 1
            return
        self.happened[f"refresh: {outcome.problem or outcome.state}"] += 1
        self.notes.append(look)
        if read_ledger(self.cache / "endpoint.json").attempted_at == int(self.now):
            self.attempts.append(self.now)
        for each in self.server.requests[before:]:
            self._asked(each.headers["authorization"], rows)

    def _prepare_answer(self) -> tuple[Any, ...]:
        """Have the server answer for whoever is signed in now."""
        if self.signed_in is None:
            return ()
        body, rows = self.signed_in.answer(self.now)
        trouble = self.trouble(self.rng) if self.trouble is not None else None
        self.server.answers[:] = [trouble or Answer(body=json.dumps(body))]
        return () if trouble else rows

    def _asked(self, bearer: str, rows: tuple[Any, ...]) -> None:
        signed_in = self.signed_in
        if signed_in is None or bearer != f"Bearer {signed_in.tokens[-1]}":
            self.wrong_tokens.append(bearer)
        elif rows:
            self.notes.append(Answered(self.now, signed_in.name, signed_in is self.named, rows))
            self.happened["answered"] += 1
        else:
            self.happened["refused"] += 1

    def has_trouble(self, trouble: Callable[[random.Random], Answer] | None) -> None:
        self.trouble = trouble

    def goes_offline(self, is_: bool) -> None:
        self.is_offline = is_
        self.env["STATUSLINE_API_BASE"] = self._nowhere if is_ else self.server.base


def worded(limits: dict[str, Any], session: Session, rng: random.Random) -> dict[str, Any]:
    """Return an answer's limits in the words of one of the clients that are about."""
    found = {id_: dict(each) for id_, each in limits.items()}
    five = found.get("five_hour")
    if session.quirk == "noisy":
        for each in found.values():
            each["used_percentage"] = int(each["used_percentage"]) * 1.0000000000000002
    elif session.quirk == "texts":
        for each in found.values():
            each["resets_at"] = _as_text(each["resets_at"])
    elif session.quirk == "epochs" and five and rng.random() < 0.1:  # claude-code #52326
        five["used_percentage"] = five["resets_at"]
    elif session.quirk == "five hours only":
        found.pop("seven_day")
    return found


def _as_text(epoch_s: int) -> str:
    return datetime.fromtimestamp(epoch_s, timezone.utc).isoformat()
