"""A machine in virtual time: config directories, sessions with their answers, the endpoint, and a clock that can jump.

The world moves a `Driver` and tells the `Oracle` what truly happens. All randomness comes from one seed.
"""

from __future__ import annotations

import heapq
import json
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.simulation.account import FIVE, HOUR, MODEL, WEEK, Account, Answer, Quota
from tests.simulation.driver import Copy, Directory, Login, Reply
from tests.simulation.oracle import ALLOWANCE_S, Look, Oracle
from tests.simulation.session import Limits, Session, Trouble

if TYPE_CHECKING:
    from tests.simulation.driver import Driver

START = 1795413600.0  # a Monday in November 2026
NOISE_S = (30, 240)  # Claude Code rewrites its state file this often, whatever happens
START_S = (0.15, 1.2)  # from a tick to the refresher that it started
LONG = 12 * HOUR  # how long a login is good for
FLIGHT_S = 600  # how long an answer of the former account may be under way
PAUSE_S = 20  # after a login file changed: for so long it is enough to tell that another account may be named
DOUBT_S = 60  # an endpoint answer this soon after a switch may be the former account's


class World:
    """``home`` is the default config directory; ``happened`` counts what went on, ``attempts`` are those to ask.

    ``pace`` stretches the pauses between the ticks of a session.
    """

    def __init__(self, driver: Driver, seed: int, *, keychain: bool = False, pace: float = 1.0) -> None:
        self.driver, self.rng, self.keychain, self.pace = driver, random.Random(seed), keychain, pace
        # What depends on the driver must not change what happens, nor which ticks find a file torn.
        self._chance, self._chance_of_ticks = random.Random(seed + 1), random.Random(seed + 2)
        self.now, self.skew_s = START, 0.0
        self.oracle, self.trouble = Oracle(START), Trouble()
        self.happened: Counter[str] = Counter()
        self.attempts: list[float] = []  # when the endpoint was asked
        self._queue: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers, self._accounts, self._processes = count(), count(1), count(1000)
        self.directories: list[Directory] = []
        self._switched_at: dict[Directory, float] = {}
        self._signed_in_at: dict[Directory, float] = {}
        self._named_at: dict[Directory, float] = {}
        self._first_at: dict[Directory, float] = {}  # when the machine first read it
        self._noticed_at: dict[Directory, float] = {}  # when the machine could see its last switch
        self._formers: dict[Directory, Account] = {}
        self._copied: dict[Directory, Answer] = {}
        self._refreshing: set[Directory] = set()
        self.home = self.new_directory()

    # -- time

    @property
    def clock(self) -> float:
        """What the machine's clock says; ``now`` is the true time."""
        return self.now + self.skew_s

    @property
    def clock_is_right(self) -> bool:
        return abs(self.skew_s) < 1

    def set_clock(self, by_s: float) -> None:
        """Set the machine's clock forward or back; numbers are judged while it is right."""
        self.skew_s += by_s
        self.oracle.clock_is_set()

    def at(self, hour: float, do: Callable[..., object], *args: Any) -> None:
        """Let something happen at an hour after the start."""
        self._push(START + hour * HOUR, partial(do, *args))

    def after(self, seconds: float, do: Callable[..., object], *args: Any) -> None:
        self._push(self.now + seconds, partial(do, *args))

    def _push(self, at: float, do: Callable[[], object]) -> None:
        heapq.heappush(self._queue, (at, next(self._numbers), do))

    def run(self, hours: float) -> None:
        while self._queue and self._queue[0][0] <= START + hours * HOUR:
            at, _, do = heapq.heappop(self._queue)
            self.now = max(self.now, at)
            do()

    # -- who there is

    def new_account(
        self, name: str, week_ends_in_h: float, week: float = 0.0, five: tuple[float, float] | None = None, **more: Any
    ) -> Account:
        """Return an account: ``five`` is a percentage and the hours to its reset; ``more`` are fields of `Account`."""
        ends = START + week_ends_in_h * HOUR
        fives = Quota() if five is None else Quota(five[0], START + five[1] * HOUR)
        windows = {FIVE: fives, WEEK: Quota(week, ends), MODEL: Quota(week / 2, ends)}
        rng, other = (random.Random(self.rng.randrange(10**9)) for _ in range(2))
        uuid = more.pop("uuid", f"uuid-of-{name}")
        return Account(name, next(self._accounts), rng, other, uuid, windows=windows, **more)

    def new_directory(self, path: str = "") -> Directory:
        made = Directory(path, in_keychain=self.keychain)
        self.directories.append(made)
        self.after(5, self._rewrite, made)
        return made

    def new_session(self, directory: Directory | None = None, **more: Any) -> Session:
        """Return a process that is started now; ``more`` are fields of `Session`."""
        pid = next(self._processes)
        return Session(self._new_id(), pid, directory or self.home, **more)

    def _new_id(self) -> str:
        return f"session-{next(self._numbers)}"

    # -- what Claude Code writes

    def _rewrite(self, directory: Directory) -> None:
        """Rewrite the state file, as Claude Code does all the time; nothing that matters changes."""
        self._write_state(directory)
        self.after(self.rng.uniform(*NOISE_S), self._rewrite, directory)

    def _write_state(self, directory: Directory) -> None:
        directory.state_writes, directory.state_at = directory.state_writes + 1, self.clock

    def name(self, account: Account | None, directory: Directory | None = None) -> None:
        """Name an account in the state file."""
        into = directory or self.home
        into.named = account
        self._switched_at[into] = self._named_at[into] = self.now
        self._write_state(into)

    def write_login(
        self, account: Account | None, directory: Directory | None = None, good_for_s: float = LONG, *, new: bool = True
    ) -> None:
        """Write a login where it is kept; not ``new`` is one that Claude Code has renewed."""
        into = directory or self.home
        if new:
            self._switched_at[into] = self._signed_in_at[into] = self.now
        if into.login is not None and into.login.account is not account:
            self._formers[into] = into.login.account
        into.login = None
        if account is not None:
            into.login = Login(account, account.new_token(), account.plan, self.clock + good_for_s)
        if not into.in_keychain:
            into.login_writes, into.login_at = into.login_writes + 1, self.clock

    def renew(self, directory: Directory | None = None) -> None:
        login = (directory or self.home).login
        if login is not None and not self.trouble.offline:
            self.write_login(login.account, directory, new=False)

    def sign_in(self, account: Account, directory: Directory | None = None, good_for_s: float = LONG) -> None:
        """Write a login and its name at one moment."""
        self.write_login(account, directory, good_for_s)
        self.name(account, directory)

    @property
    def signed_in(self) -> Account:
        """The account of the default directory."""
        assert self.home.login is not None
        return self.home.login.account

    def sign_out(self, directory: Directory | None = None) -> None:
        self.write_login(None, directory)
        self.name(None, directory)

    def fetch_copy(self, directory: Directory | None = None, *, stamped: bool = True) -> None:
        """Let Claude Code fetch the usage and keep a copy of it in its state file."""
        into = directory or self.home
        if into.login is None or self.trouble.offline or self.trouble.answers:
            return
        account = into.login.account
        body, answer = account.body(self.now)
        into.copy = Copy(self.clock, account.uuid if stamped else None, body)
        self._copied[into] = answer
        self.oracle.exists(answer, in_unnamed_copy=not stamped)
        self._write_state(into)
        self.happened["copies"] += 1

    def has_trouble(self, answers: Callable[[random.Random], Reply] | None) -> None:
        self.trouble.answers = answers

    def goes_offline(self, is_offline: bool) -> None:
        self.trouble.offline = is_offline

    # -- sessions

    def answer(self, session: Session, points: float, account: Account | None = None) -> None:
        """Let a session get an answer: it uses the account up, tells the limits, and the line is drawn."""
        account = account or session.account
        if account is None or self.trouble.offline:
            return
        if not session.has_ticked:  # the first tick of a process comes before its first answer
            self.tick(session)
        account.use(self.now, 0 if account.is_used_up else points)
        self.give(session, *self.worded(session, account))

    def worded(self, session: Session, account: Account) -> tuple[Limits, Answer]:
        limits, answer = account.limits(self.now)
        return (limits, answer) if session.wording is None else session.wording(limits, answer, self.rng)

    def give(self, session: Session, limits: Limits, answer: Answer) -> None:
        """Hand limits over to a session, which draws its line at once."""
        session.takes(limits, answer)
        self.happened["answers"] += 1
        self.tick(session, at_once=True)

    def clear(self, session: Session) -> None:
        """``/clear``: a new id with the same limits, at once and without a request."""
        session.id = self._new_id()
        self.tick(session)

    def restart(self, session: Session) -> None:
        """Start the process again with the same conversation: it has no limits until its first answer."""
        session.limits, session.answer, session.pid = None, None, next(self._processes)
        self.tick(session)

    def tick(self, session: Session, *, at_once: bool = False) -> None:
        """Draw a session's line and judge it; ``at_once`` right after an answer."""
        session.has_ticked = True
        session.drop_ended(self.clock)
        limits = session.limits
        if session.flickers and limits and not at_once and self.rng.random() < 0.2:
            limits = {id_: row for id_, row in limits.items() if self.rng.random() < 0.5}
        if session.answer is not None and limits:
            self._hand_in(session, session.answer, at_once=at_once)
        directory = session.directory
        with_tear = self._tear(directory, self._chance_of_ticks)
        drawn = self.driver.tick(session.id, session.pid, limits or None, directory, self.clock)
        self._notice(directory)
        self._heal(directory, torn=with_tear)
        self.happened["ticks"] += 1
        self._look(session, drawn.windows, at_once=at_once)
        if drawn.starts_refresher and directory not in self._refreshing:
            self._refreshing.add(directory)
            self.after(self._chance.uniform(*START_S), self._refresh, directory)

    def _hand_in(self, session: Session, answer: Answer, *, at_once: bool) -> None:
        """Tell the oracle what the machine hears; while its clock is wrong it cannot date anything."""
        if self.clock_is_right:
            between = session.is_between or self._is_unsettled(session.directory)
            self.oracle.hears(answer, self.now, dated=at_once, between=between)
        else:
            self.oracle.exists(answer, wrong_clock_at=self.clock if at_once else None)

    def _is_unsettled(self, directory: Directory) -> bool:
        """Say whether a login changed in the Keychain so lately that its numbers may still be taken for the former's.

        Of such a switch no file tells before the name does, and what was heard until then makes the two hard to tell.
        """
        since_s = self.now - self._switched_at.get(directory, -3600.0)
        return directory.in_keychain and since_s <= 3 * DOUBT_S + ALLOWANCE_S

    def _notice(self, directory: Directory) -> None:
        """Record that the machine has read a directory, and so has seen a switch that is complete by now."""
        self._first_at.setdefault(directory, self.now)
        if not directory.torn and self._noticed_at.get(directory, START) < self._switched_at.get(directory, START):
            self._noticed_at[directory] = self.now

    def _look(self, session: Session, windows: Any, *, at_once: bool) -> None:
        account, directory = session.account, session.directory
        if account is None or not self.clock_is_right:
            return
        switched_at = self._switched_at.get(directory, START)
        self.oracle.sees(
            Look(
                self.now,
                session.id,
                account,
                session.answer,
                at_once=at_once,
                pinned=session.pinned is not None,
                was_login=self._was_login(session),
                between=session.is_between,
                untold=self._is_untold(directory),
                since_switch_s=self.now - switched_at,
                former=self._formers.get(directory),
                first_at=self._first_at[directory],
            ),
            windows,
        )

    def _was_login(self, session: Session) -> bool:
        """Say whether a pinned account was the directory's login, and may still be taken for a session of that time.

        An answer soon after the switch was seen may have been under way; it says more only for as long. One that
        repeats what the session said before the switch says nothing.
        """
        if session.account is not self._formers.get(session.directory):
            return False
        noticed_at = self._noticed_at.get(session.directory, START)
        since_s = -1.0 if session.answer is None else session.unchanged_since - noticed_at
        return since_s < 0 or (since_s < FLIGHT_S <= self.now - noticed_at)

    def _is_untold(self, directory: Directory) -> bool:
        """Say whether no file tells that the login is another than the one that is named."""
        login_is_last = self._named_at.get(directory, START) <= self._signed_in_at.get(directory, START)
        since_s = self.now - self._signed_in_at.get(directory, START)
        return directory.in_keychain or not login_is_last or since_s > PAUSE_S

    def _tear(self, directory: Directory, chance: random.Random) -> bool:
        """Let a look at the state file find it half written, now and then."""
        if not self.trouble.torn or chance.random() >= self.trouble.torn:
            return False
        directory.torn = True
        self._write_state(directory)
        self.happened["torn"] += 1
        return True

    def _heal(self, directory: Directory, *, torn: bool) -> None:
        if torn:
            directory.torn = False
            self._write_state(directory)

    # -- the refresher and the endpoint

    def _refresh(self, directory: Directory) -> None:
        self._refreshing.discard(directory)
        torn = self._tear(directory, self._chance)
        self._notice(directory)
        copied = None if torn else self._certain_copy(directory)
        if self.driver.refresh(directory, self.clock, partial(self._reply, directory, copied)):
            self._hear_copy(copied)
        self._heal(directory, torn=torn)
        self.happened["refreshes"] += 1

    def _certain_copy(self, directory: Directory) -> Answer | None:
        """Return the answer in Claude Code's copy, where it is beyond doubt whose it is."""
        answer, login = self._copied.get(directory), directory.login
        if answer is None or login is None or not self.clock_is_right:
            return None
        is_ours = answer.account is login.account is directory.named
        is_later = answer.made_at > self._switched_at[directory] + 2 * DOUBT_S
        return answer if is_ours and is_later and self.oracle.fits(answer, self.now) else None

    def _hear_copy(self, answer: Answer | None) -> None:
        """Let the machine learn a copy: a refresher reads it before it asks the endpoint."""
        if answer is not None:
            self.oracle.hears(answer, self.now)

    def _reply(self, directory: Directory, copied: Answer | None, token: str) -> Reply:
        """Answer a request to the endpoint."""
        self._hear_copy(copied)
        login = directory.login
        self.happened["requests"] += 1
        self.attempts.append(self.now)
        if login is None or token != login.token or login.expires_at <= self.now:
            self.oracle.is_asked_with(token, self.now)
            return Reply(401)
        self.oracle.is_asked(login.account, self.now)
        if self.trouble.offline:
            return Reply(0)
        if self.trouble.answers is not None:
            return self.trouble.answers(self._chance)
        body, answer = login.account.body(self.now, lag_s=self.trouble.lag_s)
        self.happened["answered"] += 1
        self._hear_reply(directory, answer)
        return Reply(200, json.dumps(body))

    def _hear_reply(self, directory: Directory, answer: Answer) -> None:
        between = answer.account is not directory.named
        in_doubt = self.now - self._switched_at[directory] <= DOUBT_S
        if self.clock_is_right:
            self.oracle.hears_endpoint(answer, self.now, in_doubt=in_doubt, between=between)
        else:
            self.oracle.exists(answer, wrong_clock_at=self.clock)

    def purge(self) -> None:
        """Remove all that was kept, as a new installation on the same machine finds it."""
        self.driver.purge()
        self.oracle.forget()
        self._first_at.clear()
