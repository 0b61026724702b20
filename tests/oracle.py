"""What ought to be shown: a naive fold over all readings there have been, written apart from the program.

The simulator notes down what happened (`Reported`, `Looked`, `Answered`) and what a tick showed (`Shown`). `judge`
reads these notes from the first to the last and says of every number shown whether the rule gives it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

BETWEEN_S = 60  # within this time of a switch both accounts' numbers may be shown
WEEK_APART_S, HOURS_APART_S = 3600, 900  # resets this close are the same window


@dataclass(frozen=True)
class Reported:
    """A session's tick brought ``rate_limits`` that truly are of ``account``."""

    at: float
    session: str
    account: str
    limits: Mapping[str, Any]


@dataclass(frozen=True)
class Copy:
    """Claude Code's copy of an answer: rows of id, percent, reset; ``stamp`` is the account that it names, if any."""

    fetched_at: int
    account: str
    stamp: str | None
    rows: tuple[tuple[str, float, float | None], ...]


@dataclass(frozen=True)
class Looked:
    """The refresher looked: at whose login it was, None while the two files disagree.

    ``named`` is who the state names, None where it is torn or nobody is; ``copy`` is what it could read of the copy.
    """

    at: float
    account: str | None
    named: str | None
    copy: Copy | None


@dataclass(frozen=True)
class Answered:
    """The endpoint answered for the account whose token it was sent; ``settled``: and whose name stood in the state."""

    at: float
    account: str
    settled: bool
    rows: tuple[tuple[str, float, float | None], ...]


@dataclass(frozen=True)
class Shown:
    """What a tick believed, by window: percent, reset, observed at.

    ``actual`` is whose answers the sessions got then; ``settled`` whether both files said the same.
    """

    at: float
    session: str
    actual: str
    settled: bool
    windows: Mapping[str, tuple[float, int | None, int]]


Note = Reported | Looked | Answered | Shown


@dataclass(frozen=True)
class Rule:
    """The rule of the design; every change of it has to show."""

    agree_s: int = 300
    replays_are_old: bool = True
    by_account: bool = True
    since: bool = True


@dataclass(frozen=True)
class Reading:
    account: str
    percent: float
    resets_at: int | None
    observed_at: int
    counts: bool


@dataclass
class Verdict:
    """How often a window was shown ``right``, ``silent`` though known, ``unknown``, or in a switch (``between``)."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    shown_of: Counter[str] = field(default_factory=Counter)
    between_s: list[float] = field(default_factory=list)


def judge(notes: Iterable[Note], rule: Rule | None = None) -> Verdict:
    """Return the verdict on everything that was shown."""
    fold = Fold(rule or Rule())
    for note in notes:
        if isinstance(note, Shown):
            fold.check(note)
        elif isinstance(note, Reported):
            fold.reported(note)
        elif isinstance(note, Looked):
            fold.looked(note)
        else:
            if note.settled:  # whoever asks knows whom, even if one of the files was just torn
                fold.notice(note.account, note.at)
            fold.take(note.rows, note.account, int(note.at), counts=True)
    return fold.verdict


class Fold:
    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.verdict = Verdict()
        self.readings: dict[str, list[Reading]] = {}
        self.last: dict[str, dict[str, Any]] = {}  # by session, what each window was reported as last
        self.noticed: str | None = None  # the account that the refresher knows of
        self.since = 0
        self.left_at: float | None = None  # when it was no longer the one that is signed in

    def reported(self, note: Reported) -> None:
        """Take in a report: it is as old as its content is with this session."""
        news = {id_: (each.get("used_percentage"), each.get("resets_at")) for id_, each in note.limits.items()}
        before = self.last.setdefault(note.session, {})
        if self.rule.replays_are_old and all(before.get(id_) == content for id_, content in news.items()):
            return
        before.update(news)
        counts = self.noticed is None or (self.noticed == note.account and int(note.at) >= self.since)
        counts = counts or not self.rule.since
        rows = [(id_, percent, moment(reset)) for id_, (percent, reset) in news.items()]
        self.take(rows, note.account, int(note.at), counts=counts)

    def notice(self, account: str | None, at: float) -> None:
        """Notice a switch: what was first seen before, or in this very second, does not count for the new account."""
        if account is not None and account != self.noticed:
            self.since = 0 if self.noticed is None else int(at) + 1
            self.noticed = account

    def looked(self, note: Looked) -> None:
        """Take in what the refresher finds in the files."""
        self.notice(note.account, note.at)
        copy = note.copy
        if copy is None:
            return
        is_ours = copy.stamp == note.named if copy.stamp else copy.fetched_at >= self.since
        # Of somebody who is just about to be the one, it may be shown between the two, and does not count before.
        counts = is_ours and note.named in {None, self.noticed}
        self.take(copy.rows, copy.account, copy.fetched_at, counts=counts)

    def take(
        self, rows: Iterable[tuple[str, float, float | None]], account: str, observed_at: int, *, counts: bool
    ) -> None:
        for id_, percent, reset in rows:
            if 0 <= percent <= 1000:
                resets_at = None if reset is None else int((reset + 30) // 60) * 60
                reading = Reading(account, percent, resets_at, observed_at, counts)
                known = self.readings.setdefault(id_, [])
                if reading not in known[-8:]:  # the same copy is looked at again and again
                    known.append(reading)

    def check(self, shown: Shown) -> None:
        between = self.noticed is not None and (shown.actual != self.noticed or not shown.settled)
        if between and self.left_at is None:
            self.left_at = shown.at
        if not between and self.left_at is not None:
            self.verdict.between_s.append(shown.at - self.left_at)
            self.left_at = None
        for id_ in {*shown.windows, *self.readings}:
            self.verdict.counts[self._outcome(shown, id_, between=between)] += 1

    def _outcome(self, shown: Shown, id_: str, *, between: bool) -> str:
        is_, ought = shown.windows.get(id_), self.expected(id_, shown.at, self.noticed)
        if is_ is None:
            return "between" if between else "silent" if ought else "unknown"
        if ought is not None and _equal(is_, ought):
            self.verdict.shown_of[f"{self.noticed} {id_}"] += 1
            return "right"
        if between and shown.at - (self.left_at or 0) <= BETWEEN_S and self._is_of_one_of_them(is_, id_, shown.at):
            return "between"
        self.verdict.violations.append(f"{shown.at:.1f} {shown.session} {id_}: shown {is_}, ought to be {ought}")
        return "wrong"

    def _is_of_one_of_them(self, is_: tuple[float, int | None, int], id_: str, now: float) -> bool:
        """Say whether the rule gives this for one account or for what has been seen of all, or one report says so."""
        if any((each.percent, each.observed_at) == (is_[0], is_[2]) for each in self.readings[id_]):
            return True
        whose = {each.account for each in self.readings[id_]}
        found = [self.expected(id_, now, who, every=every) for who in (*whose, None) for every in (False, True)]
        return any(each is not None and _equal(is_, each) for each in found)

    def expected(
        self, id_: str, now: float, account: str | None, *, every: bool = False
    ) -> tuple[float, int | None, int] | None:
        """Return percent, reset and time of what the rule gives over the full list; None for silence.

        ``account`` None takes in everybody's readings, ``every`` also those that do not count.
        """
        known = self.readings.get(id_, [])
        known[:] = [each for each in known if each.resets_at is None or each.resets_at > now - WEEK_APART_S]  # for good
        if account is not None and self.rule.by_account:
            known = [each for each in known if each.account == account and (every or each.counts)]
        ended: dict[int, int] = {}  # resets behind us, and when each was last read
        for each in known:
            if each.resets_at is not None and each.resets_at <= now:
                ended[each.resets_at] = max(each.observed_at, ended.get(each.resets_at, each.observed_at))
        for reset, read_at in ended.items():  # a window has ended when the newest reading of it says so
            known = [each for each in known if each.observed_at > read_at or not _same(id_, each.resets_at, reset)]
        if not known:
            return None
        newest = max(known, key=lambda each: (each.observed_at, each.percent))
        from_ = newest.observed_at - self.rule.agree_s
        percents = [
            each.percent for each in known if each.observed_at >= from_ and _same(id_, each.resets_at, newest.resets_at)
        ]
        return max(percents), newest.resets_at, newest.observed_at


def _same(id_: str, one: int | None, other: int | None) -> bool:
    """Say whether two resets are of one window."""
    if one is None or other is None:
        return one is None and other is None
    return abs(one - other) <= (HOURS_APART_S if id_ == "five_hour" else WEEK_APART_S)


def _equal(is_: tuple[float, int | None, int], ought: tuple[float, int | None, int]) -> bool:
    """Say whether percent and age are the same; of two equal readings the resets may be a rounded minute apart."""
    apart = 0 if is_[1] is None or ought[1] is None else abs(is_[1] - ought[1])
    return is_[0] == ought[0] and is_[2] == ought[2] and (is_[1] is None) == (ought[1] is None) and apart <= 60


def moment(value: Any) -> float | None:
    """Return epoch seconds of a reset, whether it came as a number or as a text."""
    if isinstance(value, str):
        return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    return None if value is None else float(value)
