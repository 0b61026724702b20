"""What a person may expect of the numbers on the line, judged with knowledge of every account's true state.

The rules are those of somebody who looks at the line, not those of the program:

- never another account's number, nor one that no answer told;
- never older than what this machine already knew: neither lower than a later answer, nor more than 3 points above one
  for longer than 300 s; a session's own new answer shows at once;
- nothing after the end of its window;
- an age beside everything that is older than 20 minutes, and not a younger one than the truth;
- at most 12 requests of one account in any sliding hour, and none with a token that is no longer valid.

What nothing on the machine can tell is counted apart, by name (`Verdict.gaps`), once a look; what is allowed but worth
knowing, such as silence, too (`Verdict.notes`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.simulation.account import DAY, FIVE, HOUR, MODEL, WEEK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.simulation.account import Account, Answer, Told
    from tests.simulation.driver import Shown

STALE_S = 20 * 60
FALL, FALL_S = 3, 300  # points, and seconds in which a larger fall must be visible
ROUNDED = 1  # points: the endpoint tells whole percents
REQUESTS_AT_MOST = 12  # of an account in an hour
DOUBT_S = 180  # an answer whose account is in doubt is to be believed after so many seconds
FIVE_DOUBT_S = (
    500  # where only its five hours moved, and the endpoint must be asked: 300 s, then 60 s of doubt, and ticks
)
JITTER_S = 3  # between two answers' resets of one window
AHEAD_S = 60  # a time further ahead shows that the clock was set back
GAP_S = 60  # an answer that fits no account waits for so long; one of the account in between settles it
ALLOWANCE_S = 75  # whole seconds, and ticks and refreshes that come a little later

OTHER, INVENTED = "another account's", "never told"
OLDER, FALL_LATE, OWN_LATE = "older", "fall late", "own answer late"
ENDED, WRONG_RESET = "ended", "wrong reset"
NO_AGE, TOO_YOUNG = "no age", "age too young"
REQUESTS, WRONG_TOKEN = "too many requests", "wrong token"

# Where nothing on the machine can tell.
BETWEEN = "between the two writes of a switch"
TAKEN_BETWEEN = "taken in between the two writes"  # kept for the account that was named, and shown when it is back
MOVED = "a reset that moved, before anything confirms it"
LATE = "an older answer that arrives after the fall"  # of an endpoint that lags, or a long answer
UNNAMED_COPY = "a copy without a name, from before the first look"
WRONG_CLOCK = "a time by a clock that was wrong, and is not in the future"
# Its week may have moved.
AFTER_SILENCE = "another login's answer, without one of the account for an hour or since the switch"
PIN_IS_NEW, PIN_WAS_LOGIN = "a pinned token, before its first answer", "a pinned token that was the login until now"


@dataclass
class Verdict:
    """``judged`` numbers were shown, of whom and which window; ``examples`` has the first one of each kind."""

    judged: int = 0
    shown: Counter[tuple[str, str]] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    gaps: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    most_requests: int = 0


@dataclass(frozen=True)
class Look:
    """One look at the line: when (true time), at which session, and whose answers that session gets now.

    ``answer`` is the session's own last one, and ``at_once`` says that it has just come. ``between``: the login is
    another account's than the state file names, and ``untold``: nothing but that name can tell. ``pinned``: the session
    has a token of its own; ``was_login``: which was the directory's login, too, when this session heard of it last.
    ``former`` was the directory's account before the switch. ``first_at``: when this machine first read the session's
    directory.
    """

    at: float
    session: str
    account: Account
    answer: Answer | None
    at_once: bool
    pinned: bool
    was_login: bool
    between: bool
    untold: bool
    since_switch_s: float
    former: Account | None
    first_at: float


@dataclass
class Sighting:
    """A number that some answer told: when such an answer was last made and last heard, and with which reset."""

    account: Account
    told: Told
    made_at: float
    heard_at: float = 0.0
    between: bool = False  # whether it was heard between the two writes of a switch
    in_unnamed_copy: bool = False  # whether Claude Code kept it without an account
    wrong_clock_at: float | None = None  # what a clock that was wrong said when it was heard


@dataclass(frozen=True)
class Heard:
    """A number that this machine learned at ``heard_at``, from an answer made at ``made_at``."""

    told: Told
    made_at: float
    heard_at: float
    answer: Answer

    @property
    def dated_at(self) -> float:
        """When the machine dates it: a long answer is reported when it is complete, a copy has its own time."""
        return self.heard_at if self.heard_at - self.made_at < FALL_S else self.made_at


@dataclass
class Known:
    """What this machine knows of one generation of a window: all dated answers, and when a number last held.

    ``newest`` was made last, ``latest`` was heard last. ``repeated`` says what stdin said before: the machine takes it
    for new if it has forgotten that.
    """

    newest: Heard | None = None
    latest: Heard | None = None
    repeated: Heard | None = None
    heard: list[Heard] = field(default_factory=list)
    held_at: dict[int, float] = field(default_factory=dict)  # by the whole percent

    def add(self, heard: Heard) -> None:
        percent, at = int(heard.told.percent), heard.dated_at
        self.held_at[percent] = max(at, self.held_at.get(percent, at))
        self.heard.append(heard)
        self.latest = heard
        if self.newest is None or heard.made_at > self.newest.made_at:
            self.newest = heard

    def first_below(self, percent: float, made_at: float) -> float:
        """Return when a later answer was first heard that is lower by more than `FALL` points."""
        return min(
            each.heard_at for each in self.heard if each.made_at > made_at + 1 and percent - each.told.percent > FALL
        )


class Oracle:
    """Hears what the machine hears, sees what is shown, and keeps the verdict."""

    def __init__(self, start: float) -> None:
        self.verdict = Verdict()
        self._start = start
        self._right_at: float | None = start  # the first look since the clock was set right, None before it
        self._gaps_seen: set[str] = set()  # in this look
        self._requests: dict[Account, deque[float]] = defaultdict(deque)
        self.forget()

    def forget(self) -> None:
        """Forget what the machine knew: everything that it kept was removed."""
        self._sightings: dict[tuple[str, float], Sighting] = {}
        self._known: dict[tuple[Account, str, int], Known] = defaultdict(Known)
        self._resets: dict[tuple[Account, str], float] = {}
        self._heard_at: dict[Account, list[float]] = defaultdict(list)  # when any answer of an account was heard
        self._taken_in: dict[Account, bool] = {}  # whether another login was first taken for it after a silence
        self._minutes: set[tuple[Account, str, int]] = set()  # of all resets that were told
        self._in_doubt_until: dict[Account, float] = {}  # since resets were heard that are not those known before
        self._unnamed: dict[tuple[Account, str], float] = {}  # when an endpoint answer without the window was made
        self._learned: set[Answer] = set()
        self._contents: set[frozenset[tuple[object, ...]]] = set()
        self._doubtful: list[tuple[float, Answer]] = []

    # -- what happens

    def exists(self, answer: Answer, *, in_unnamed_copy: bool = False, wrong_clock_at: float | None = None) -> None:
        """Take in an answer that is somewhere on this machine: its numbers may be shown."""
        for id_, told in answer.told.items():
            if told.resets_at is not None:
                self._minutes.add((answer.account, id_, int(told.resets_at // 60)))
            known = self._sightings.get((id_, told.percent))
            if known is None or answer.made_at >= known.made_at:
                made = self._sightings[id_, told.percent] = Sighting(answer.account, told, answer.made_at)
                if known is not None:
                    made.heard_at, made.between = known.heard_at, known.between
                    made.in_unnamed_copy, made.wrong_clock_at = known.in_unnamed_copy, known.wrong_clock_at
            self._sightings[id_, told.percent].in_unnamed_copy |= in_unnamed_copy
            if wrong_clock_at is not None:
                self._sightings[id_, told.percent].wrong_clock_at = wrong_clock_at

    def hears(self, answer: Answer, at: float, *, dated: bool = True, between: bool = False) -> None:
        """Let the machine learn an answer; ``dated`` says whether it can know that it is new."""
        if answer in self._learned:
            return
        self._learned.add(answer)
        self.exists(answer)
        self._heard_at[answer.account].append(at)
        is_repeated = dated and self._is_repeated(answer)
        dated = dated and not is_repeated
        moved = self._moved(answer, at)
        if moved:
            self._in_doubt_until[answer.account] = at + (FIVE_DOUBT_S if moved == {FIVE} else DOUBT_S)
        for id_, told in answer.told.items():
            sighting = self._sightings[id_, told.percent]
            sighting.heard_at, sighting.between = at, between or sighting.between
        if answer.whole:
            for id_ in {FIVE, WEEK, MODEL} - answer.told.keys():
                self._unnamed[answer.account, id_] = answer.made_at
        for id_, told in answer.told.items():
            heard = Heard(told, answer.made_at, at, answer)
            if dated:
                self._known[answer.account, id_, told.generation].add(heard)
            elif is_repeated:
                self._known[answer.account, id_, told.generation].repeated = heard
            if told.resets_at is not None:
                self._resets[answer.account, id_] = told.resets_at

    def _is_repeated(self, answer: Answer) -> bool:
        """Say whether stdin told the very same before: then nothing can tell that this answer is another one."""
        rows = frozenset((answer.account, id_, *told) for id_, told in answer.told.items())
        is_repeated = not answer.whole and rows in self._contents
        self._contents.add(rows)
        self._contents.update(frozenset([row]) for row in rows)  # what is left when the other window ends
        return is_repeated

    def hears_endpoint(self, answer: Answer, at: float, *, in_doubt: bool, between: bool) -> None:
        """Let the machine learn the endpoint's answer: later where it may be another account's, or not at all."""
        self.exists(answer)
        if between:
            for id_, told in answer.told.items():
                self._sightings[id_, told.percent].between = True
        elif in_doubt or self.fits(answer, at) is False:
            self._doubtful.append((at + DOUBT_S, answer))
        else:
            self.hears(answer, at)

    def fits(self, answer: Answer, at: float) -> bool | None:
        """Say whether an answer's resets are those that this machine knows of the account, None for nothing known."""
        same = [self._is_same_reset(answer, id_, at) for id_ in (WEEK, FIVE)]
        return None if same == [None, None] else False not in same

    def _moved(self, answer: Answer, at: float) -> set[str]:
        return {id_ for id_ in (WEEK, FIVE) if self._is_same_reset(answer, id_, at) is False}

    def _is_same_reset(self, answer: Answer, id_: str, at: float) -> bool | None:
        told, known = answer.told.get(id_), self._resets.get((answer.account, id_))
        if told is None or told.resets_at is None or known is None:
            return None
        apart = abs(told.resets_at - known)
        if known <= at:
            if id_ == FIVE:
                return None
            apart = min(apart % (7 * DAY), -apart % (7 * DAY))
        return apart <= 60

    def is_asked(self, account: Account, at: float) -> None:
        """Count a request to the endpoint."""
        times = self._requests[account]
        times.append(at)
        while times[0] <= at - HOUR:
            times.popleft()
        self.verdict.most_requests = max(self.verdict.most_requests, len(times))
        if len(times) > REQUESTS_AT_MOST:
            self._note(self.verdict.violations, REQUESTS, at, f"{len(times)} within an hour for {account.name}")

    def is_asked_with(self, token: str, at: float) -> None:
        """Count a request with a token that is not valid."""
        self._note(self.verdict.violations, WRONG_TOKEN, at, token)

    def clock_is_set(self) -> None:
        """Note that the machine's clock was changed; it is right again at the next look."""
        self._right_at = None

    # -- what is seen

    def sees(self, look: Look, windows: Mapping[str, Shown]) -> None:
        """Judge every number of a line, and every number that is missing from it."""
        if self._right_at is None:
            self._right_at = look.at
        while self._doubtful and self._doubtful[0][0] <= look.at:
            at, answer = self._doubtful.pop(0)
            self.hears(answer, at)
        look.account.roll(look.at)
        self._gaps_seen.clear()
        for id_ in (FIVE, WEEK, MODEL):
            shown = windows.get(id_)
            if shown is None:
                self._sees_nothing(look, id_)
            else:
                self.verdict.judged += 1
                self.verdict.shown[look.account.name, id_] += 1
                self._sees_number(look, id_, shown)

    def _sees_nothing(self, look: Look, id_: str) -> None:
        quota = look.account.windows[id_]
        newest = self._newest(look.account, id_)
        if newest is None or newest.told.resets_at is None or look.between or look.pinned:
            return
        if id_ == WEEK and not look.account.has_week:
            return
        is_alive = quota.resets_at is not None and newest.told.resets_at > look.at + 2
        if is_alive and look.at - newest.heard_at > 2:
            kind = "silent after a switch" if look.since_switch_s <= 130 else "silent"
            self._note(self.verdict.notes, kind, look.at, f"{look.session} {id_}, known {newest.told.percent}")

    def _newest(self, account: Account, id_: str) -> Heard | None:
        """Return the latest answer that the machine knows of the account's window of now."""
        known = self._known.get((account, id_, account.windows[id_].generation))
        return known.newest if known else None

    def _sees_number(self, look: Look, id_: str, shown: Shown) -> None:
        sighting = self._sightings.get((id_, shown.percent))
        what = f"{look.session} {id_} {shown.percent}"
        if sighting is None:
            self._note(self.verdict.violations, INVENTED, look.at, what)
        elif sighting.account is not look.account:
            self._sees_other(look, sighting, f"{what} is {sighting.account.name}'s, not {look.account.name}'s")
        else:
            self._judge_window(look, id_, shown, sighting)

    def _sees_other(self, look: Look, sighting: Sighting, what: str) -> None:
        gaps = (
            (PIN_IS_NEW, look.pinned and look.answer is None),
            (PIN_WAS_LOGIN, look.pinned and look.was_login),
            (BETWEEN, look.between and look.untold),
            (TAKEN_BETWEEN, sighting.between),
            (UNNAMED_COPY, sighting.in_unnamed_copy and sighting.made_at < look.first_at),
        )
        gap = next((name for name, holds in gaps if holds), None)
        if gap is None and self._is_taken_in(look, sighting):
            gap = AFTER_SILENCE
        self._fault(look, OTHER, gap, f"{what}, {look.since_switch_s:.0f} s after the switch")

    def _is_taken_in(self, look: Look, sighting: Sighting) -> bool:
        """Say whether the two got mixed up, by an answer heard after an hour, or a switch, without one of the account.

        Such an answer waits `GAP_S` first; an answer of the account in that time prevents the mix-up. From then on the
        other login's processes are taken for the account's.
        """
        switched_at = look.at - look.since_switch_s
        own = sorted((switched_at, *(at for at in self._heard_at[look.account] if at > switched_at), math.inf))
        pauses = [(last + HOUR, back - GAP_S) for last, back in pairwise(own)]
        if sighting.account is not look.former:  # whose resets are known
            pauses.append((switched_at, own[1] - GAP_S))
        was_silent = any(begin < at <= end for at in self._heard_at[sighting.account] for begin, end in pauses)
        taken_in = [self._taken_in.setdefault(each, was_silent) for each in (sighting.account, look.account)]
        return True in taken_in

    def _fault(self, look: Look, kind: str, gap: str | None, what: str) -> None:
        """Note a violation; or a gap where there is one, once a look, however many numbers are in it."""
        if gap is None:
            self._note(self.verdict.violations, kind, look.at, what)
        elif gap not in self._gaps_seen:
            self._gaps_seen.add(gap)
            self._note(self.verdict.gaps, gap, look.at, what)

    def _moved_gap(self, look: Look) -> str | None:
        """Return the gap of an account whose resets have just moved."""
        return MOVED if look.at < self._in_doubt_until.get(look.account, 0) else None

    def _judge_window(self, look: Look, id_: str, shown: Shown, sighting: Sighting) -> None:
        told, newest = sighting.told, self._newest(look.account, id_)
        what = f"{look.session} {id_} {shown.percent} made {look.at - sighting.made_at:.0f} s ago"
        is_over = told.resets_at is not None and told.resets_at <= look.at - JITTER_S
        is_over = is_over or sighting.made_at < self._unnamed.get((look.account, id_), 0.0)
        is_over = is_over or self._was_told_to_end(look, id_, sighting)
        if is_over or (newest is not None and told.generation < newest.told.generation):
            self._fault(look, ENDED, self._moved_gap(look), what)
            return
        if shown.resets_at is not None and not self._was_told(look.account, id_, shown.resets_at):
            self._note(self.verdict.violations, WRONG_RESET, look.at, f"{what}, resets at {shown.resets_at}")
        if newest is not None:
            what += f", known {newest.told.percent} for {look.at - newest.heard_at:.0f} s"
            self._judge_value(look, id_, shown, sighting, newest, what)
        self._judge_age(look, id_, shown, sighting, what)

    def _was_told_to_end(self, look: Look, id_: str, sighting: Sighting) -> bool:
        """Say whether a later answer told an earlier reset of this window, which has passed."""
        known = self._known.get((look.account, id_, sighting.told.generation))
        if known is None or known.newest is None or known.newest.made_at < sighting.made_at:
            return False
        resets_at = known.newest.told.resets_at
        return resets_at is not None and resets_at <= look.at - JITTER_S

    def _was_told(self, account: Account, id_: str, resets_at: float) -> bool:
        """Say whether the account was told to reset then, give or take the minute."""
        minute = int(resets_at // 60)
        return any((account, id_, each) in self._minutes for each in (minute - 1, minute, minute + 1))

    def _judge_value(self, look: Look, id_: str, shown: Shown, sighting: Sighting, newest: Heard, what: str) -> None:
        percent, known = shown.percent, newest.told.percent
        if newest.told.resets_at is not None and newest.told.resets_at <= look.at:
            return  # it is over; resets of one window jitter by a second
        if sighting.made_at < newest.made_at - 1 and int(percent) != int(known):
            if round(known - percent, 6) > ROUNDED:  # of two floats: 64.001 - 63.001 is a little more than 1
                self._fault(look, OLDER, self._moved_gap(look), what)
            elif percent - known > FALL and known < 100:
                first = self._known[look.account, id_, newest.told.generation].first_below(percent, sighting.made_at)
                if look.at - first > FALL_S + 1:
                    self._fault(look, FALL_LATE, LATE if sighting.heard_at > first else None, what)
        if look.at_once and newest.answer is look.answer and round(known - percent, 6) > ROUNDED:
            self._note(self.verdict.violations, OWN_LATE, look.at, what)

    def _judge_age(self, look: Look, id_: str, shown: Shown, sighting: Sighting, what: str) -> None:
        age_s = look.at - self._held_at(look.account, id_, shown.percent, sighting)
        kind = ""
        if shown.age_s is None:
            if age_s > STALE_S + ALLOWANCE_S:
                kind = NO_AGE
        elif shown.age_s < age_s - 180:
            kind, what = TOO_YOUNG, f"{what}, said to be {shown.age_s:.0f} s old"
        elif age_s < 900:
            self._note(self.verdict.notes, "age too old", look.at, what)
        if kind and shown.age_known:
            self._fault(look, kind, self._clock_gap(sighting), what)
        elif kind:
            self._note(self.verdict.notes, kind, look.at, what)

    def _clock_gap(self, sighting: Sighting) -> str | None:
        """Return the gap of a number whose time the clock got wrong, though not so far ahead that it shows."""
        at = sighting.wrong_clock_at
        return WRONG_CLOCK if at is not None and at <= (self._right_at or math.inf) + AHEAD_S else None

    def _held_at(self, account: Account, id_: str, percent: float, sighting: Sighting) -> float:
        """Return when a number last held: when it was told, or an answer soon after it was lower by `FALL` at most.

        An answer counts from when it was heard: what comes minutes after it was made, nothing can date.
        """
        known = self._known.get((account, id_, sighting.told.generation))
        if known is None or known.newest is None or known.latest is None:
            return sighting.made_at
        heard_at = sighting.heard_at if sighting.heard_at - sighting.made_at < FALL_S else 0.0
        held_at = max(sighting.made_at, heard_at, known.held_at.get(int(percent), 0.0))
        # They differ where a copy is read minutes after it was made, or a long answer is complete after others.
        later = [(known.newest, known.newest.dated_at), (known.latest, known.latest.heard_at)]
        later += [(known.repeated, known.repeated.heard_at)] if known.repeated else []
        soon_after = [at for each, at in later if at - held_at <= FALL_S and 0 <= percent - each.told.percent <= FALL]
        return max([held_at, *soon_after])

    def _note(self, into: Counter[str], kind: str, at: float, what: str) -> None:
        into[kind] += 1
        self.verdict.examples.setdefault(kind, f"+{(at - self._start) / HOUR:.3f} h: {what}")
