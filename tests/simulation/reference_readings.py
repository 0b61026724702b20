"""The rules of the readings as plain Python: what is kept of each owner's answers, and which of them to believe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tests.simulation.account import FIVE, HOUR, MODEL, SPAN_S, WEEK, Key
from tests.simulation.driver import Shown

ENDPOINT = "endpoint"
SAME_S = 60  # resets this close are one window's: they jitter by a second
AHEAD_S = 60  # a time further ahead is a clock that was set back
STALE_S = 20 * 60
READINGS = 12  # kept of one owner
A_WEEK = SPAN_S[WEEK]

Owner = Key | str | None  # an account, another login's group, or an account without a name
Source = int | str  # a process (or, without that rule, a session id), or the endpoint


class Limit(NamedTuple):
    percent: float
    resets_at: float | None


Windows = dict[str, Limit]


@dataclass(frozen=True)
class Rules:
    """Times are seconds, ``small`` is points; a rule that is False or 0 is removed."""

    tie_s: float = 300
    small: float = 3
    settle_s: float = 20
    gap_s: float = 60
    wait_s: float = 120
    flight_s: float = 600
    keeps_owner: bool = True
    five_hours: bool = True
    peaks: bool = True
    formers: bool = True
    hush: bool = True
    by_process: bool = True
    by_content: bool = True
    unknown_ages: bool = True
    organizations: bool = True
    ended_newest: bool = True
    named_windows: bool = True
    holds: bool = True
    clock: bool = True
    copies: bool = True
    budget: bool = True
    shared_budget: bool = True
    ages: bool = True


@dataclass
class Reading:
    """One answer: when it was made as far as known, when it was seen first; ``dated``: the former is known."""

    made_at: float
    seen_at: float
    source: Source
    dated: bool
    windows: Windows

    def has_ended(self, id_: str, now: float) -> bool:
        resets_at = self.windows[id_].resets_at
        return (self.made_at + SPAN_S[id_] if resets_at is None else resets_at) <= now


@dataclass
class Owners:
    """What is kept of each account, shared by all directories: readings, resets, peaks, requests."""

    readings: dict[Owner, list[Reading]] = field(default_factory=dict)
    resets: dict[Owner, dict[str, float]] = field(default_factory=dict)
    official: set[Owner] = field(default_factory=set)  # whose resets the endpoint has told
    peaks: dict[Owner, dict[str, tuple[float, float]]] = field(default_factory=dict)  # reset, highest percent
    asked: dict[object, list[float]] = field(default_factory=dict)

    def add(self, owner: Owner, new: Reading) -> None:
        """Keep a reading; a later one of the same source supersedes what it names."""
        kept = self.readings.setdefault(owner, [])
        kept[:] = [each for each in kept if not _supersedes(new, each)]
        kept.append(new)
        kept.sort(key=lambda each: each.made_at)
        del kept[:-READINGS]

    def note_resets(self, owner: Owner, windows: Windows) -> None:
        """Keep the resets told last; a window that is said to have none has no reset to compare with."""
        noted = self.resets.setdefault(owner, {})
        for id_, limit in windows.items():
            if limit.resets_at is not None:
                noted[id_] = limit.resets_at
            else:
                noted.pop(id_, None)

    def note_peaks(self, owner: Owner, windows: Windows) -> None:
        peaks = self.peaks.setdefault(owner, {})
        for id_, (percent, resets_at) in windows.items():
            if resets_at is not None:
                before = peaks.get(id_)
                is_same = before is not None and abs(before[0] - resets_at) <= SAME_S
                peaks[id_] = resets_at, max(percent, before[1]) if before and is_same else percent

    def fits(self, windows: Windows, owner: Owner, now: float, *, five: bool = True) -> tuple[bool | None, str]:
        """Say whether resets are this owner's, None where nothing can be compared; and the window that says so."""
        fit, by, known = None, "", self.resets.get(owner, {})
        for id_ in (WEEK, FIVE) if five else (WEEK,):
            told = windows[id_].resets_at if id_ in windows else None
            if told is None or id_ not in known:
                continue
            apart = abs(told - known[id_])
            if known[id_] <= now:
                if id_ == FIVE:
                    continue
                apart = modulo_week(told - known[id_])
            if apart > SAME_S:
                return False, id_
            fit, by = True, id_
        return fit, by

    def requests(self, asker: object, now: float) -> list[float]:
        """Return when the endpoint was asked within the last hour for an account, or whoever asks."""
        times = self.asked.setdefault(asker, [])
        times[:] = [at for at in times if now - HOUR < at <= now + AHEAD_S]
        return times


def _supersedes(new: Reading, old: Reading) -> bool:
    is_later = new.source == old.source and old.made_at <= new.made_at
    return is_later and (new.dated or not old.dated) and old.windows.keys() <= new.windows.keys()


def modulo_week(seconds: float) -> float:
    return min(seconds % A_WEEK, -seconds % A_WEEK)


def same(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= SAME_S


def line_of(readings: list[Reading], now: float, rules: Rules) -> dict[str, Shown]:
    """Return what to show of an owner's readings, by window."""
    line = {id_: believe(readings, id_, now, rules) for id_ in SPAN_S}
    return {id_: shown for id_, shown in line.items() if shown is not None}


def believe(readings: list[Reading], id_: str, now: float, rules: Rules) -> Shown | None:
    """Return what to show of one window, None where nothing is known."""
    named = _named(readings, id_, now, rules)
    alive = [each for each in named if not each.has_ended(id_, now)]
    if rules.ended_newest and named:
        last = max(named, key=lambda each: (each.dated, each.made_at))
        if last.has_ended(id_, now):
            resets_at = last.windows[id_].resets_at
            alive = [each for each in alive if not each.dated and not same(each.windows[id_].resets_at, resets_at)]
    dated, undated = [each for each in alive if each.dated], [each for each in alive if not each.dated]
    if dated:
        newest = max(dated, key=lambda each: (each.made_at, each.windows[id_].percent))
        best = _highest(newest, dated, undated, id_, now, rules)
        age_s = now - newest.made_at
    elif undated:
        newest = best = max(undated, key=lambda each: each.seen_at)
        age_s = now - best.seen_at
    else:
        return None
    shown_age = age_s if age_s > STALE_S and rules.ages else None
    return Shown(best.windows[id_].percent, shown_age, best.dated, newest.windows[id_].resets_at)


def _named(readings: list[Reading], id_: str, now: float, rules: Rules) -> list[Reading]:
    """Return the readings that name a window: those before an endpoint's answer that does not are void."""
    named = [each for each in readings if id_ in each.windows and each.made_at <= now + AHEAD_S]
    silent_at = [each.made_at for each in readings if each.source == ENDPOINT and id_ not in each.windows]
    since = max(silent_at, default=None) if rules.named_windows else None
    return named if since is None else [each for each in named if each.made_at > since]


def _highest(
    newest: Reading, dated: list[Reading], undated: list[Reading], id_: str, now: float, rules: Rules
) -> Reading:
    """Return the highest answer of any source that may count beside the newest one: a long answer comes late."""
    latest: dict[Source, Reading] = {}
    for each in dated:
        if each.source not in latest or each.made_at >= latest[each.source].made_at:
            latest[each.source] = each
    best, (percent, resets_at) = newest, newest.windows[id_]
    for each in latest.values():
        above = each.windows[id_].percent - percent
        counts = now - each.made_at < rules.tie_s or 0 < above <= rules.small
        is_near = each.made_at >= newest.made_at - rules.tie_s and same(each.windows[id_].resets_at, resets_at)
        if counts and is_near and each.windows[id_].percent > best.windows[id_].percent:
            best = each
    for each in undated:
        is_young = each.seen_at >= newest.made_at - rules.tie_s and now - newest.made_at < rules.tie_s
        counts = (is_young or each.seen_at >= newest.made_at) and same(each.windows[id_].resets_at, resets_at)
        if counts and each.windows[id_].percent > best.windows[id_].percent:
            best = each
    return best


# -- reading what the program would read


def windows_of_limits(limits: Mapping[str, Any]) -> Windows:
    """Return the windows of ``rate_limits``; a percentage that cannot be is left out."""
    return {
        id_: Limit(row["used_percentage"], moment(row["resets_at"]))
        for id_, row in limits.items()
        if 0 <= row["used_percentage"] <= 1000
    }


def windows_of_body(body: Mapping[str, Any]) -> Windows:
    """Return the windows of an endpoint's answer."""
    found = {id_: body[id_] for id_ in (FIVE, WEEK) if body.get(id_)}
    windows = {id_: Limit(row["utilization"], moment(row["resets_at"])) for id_, row in found.items()}
    for row in body["limits"]:
        if row["kind"] == "weekly_scoped":
            windows[MODEL] = Limit(row["percent"], moment(row["resets_at"]))
    return windows


def moment(value: Any) -> float | None:
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else value
