"""An account as it truly is in virtual time, and its answers in the words of stdin and of the usage endpoint.

Every percentage carries a mark in its third and fourth decimal: the account's number and the window's generation. So a
number on the line always says whose it is, though the rules under test cannot tell from it anything that they should
not know: within one window of one account the mark never changes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, NamedTuple

HOUR, DAY = 3600.0, 86400.0
FIVE, WEEK, MODEL = "five_hour", "seven_day", "seven_day:fable"
SPAN_S = {FIVE: 5 * HOUR, WEEK: 7 * DAY, MODEL: 7 * DAY}
REMEMBERED = 60  # states that a lagging endpoint can still tell

Key = tuple[str, "str | None"]


class Told(NamedTuple):
    """What an answer says of one window; ``generation`` counts the account's windows of this id, also early ends."""

    percent: float
    resets_at: float | None
    generation: int


@dataclass(frozen=True, eq=False)
class Answer:
    """One answer of the server: whose it is, when it was made (epoch seconds, true time), what it says by window.

    A ``whole`` one is the endpoint's: a window that it does not name does not exist.
    """

    account: Account
    made_at: float
    told: dict[str, Told]
    whole: bool = False


@dataclass
class Quota:
    """How full one window truly is; no reset: it has not started."""

    percent: float = 0.0
    resets_at: float | None = None
    generation: int = 0


@dataclass(eq=False)
class Account:
    """One set of limits: an account's id with an organization. ``number`` (1-9) is its mark in every percentage.

    ``whole`` lets stdin tell whole percents, too; the endpoint always does. ``has_model`` adds a week of one model,
    which only the endpoint tells.
    """

    name: str
    number: int
    rng: random.Random
    endpoint_rng: random.Random  # another one, so that a request does not change what stdin says
    uuid: str
    organization: str | None = None
    plan: tuple[str, str] = ("max", "default_claude_max_20x")
    has_week: bool = True
    has_model: bool = False
    whole: bool = False
    windows: dict[str, Quota] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    past: list[tuple[float, dict[str, Quota]]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return self.uuid, self.organization

    def new_token(self) -> str:
        self.tokens.append(f"sk-ant-oat01-CANARY-{self.name}-{len(self.tokens)}")
        return self.tokens[-1]

    # -- what happens to it

    def roll(self, now: float) -> None:
        """End the windows whose reset has passed: the next five hours start with a use, the next week at once."""
        for id_, quota in self.windows.items():
            while quota.resets_at is not None and quota.resets_at <= now:
                resets_at = None if id_ == FIVE else quota.resets_at + 7 * DAY
                quota.percent, quota.resets_at, quota.generation = 0.0, resets_at, quota.generation + 1

    def use(self, now: float, points: float) -> None:
        """Use up so many points of the five hours, a seventh of that of the week, a tenth of the model's week."""
        self.roll(now)
        five = self.windows[FIVE]
        if five.resets_at is None:
            five.resets_at = now + 5 * HOUR
        for id_, share in ((FIVE, 1.0), (WEEK, 1 / 7), (MODEL, 1 / 10)):
            self.windows[id_].percent += points * share
        self.past.append((now, {id_: Quota(**vars(quota)) for id_, quota in self.windows.items()}))
        del self.past[:-REMEMBERED]

    def correct(self, now: float, five: float, week: float) -> None:
        """Take something back in the middle of a window: what is left of each, as a factor."""
        self.roll(now)
        for id_, factor in ((FIVE, five), (WEEK, week), (MODEL, week)):
            self.windows[id_].percent *= factor

    def move(self, now: float, id_: str, seconds: float) -> None:
        """Let a reset come later, or with a negative number earlier."""
        self.roll(now)
        quota = self.windows[id_]
        if quota.resets_at is not None:
            quota.resets_at += seconds

    def end_early(self, now: float) -> None:
        """End every window before its reset, as the service does for all now and then; a new week starts."""
        for id_, quota in self.windows.items():
            quota.percent, quota.generation = 0.0, quota.generation + 1
            quota.resets_at = None if id_ == FIVE else now + 7 * DAY

    def change_plan(self, now: float, plan: tuple[str, str], factor: float, *, has_week: bool = True) -> None:
        """Give it another plan, on which the same use is another percentage; not every plan has a week."""
        self.correct(now, factor, factor)
        self.plan, self.has_week = plan, has_week

    # -- what it says

    @property
    def is_used_up(self) -> bool:
        return self.windows[FIVE].percent >= 100 or self.windows[WEEK].percent >= 100

    def limits(self, now: float) -> tuple[dict[str, Any], Answer]:
        """Return ``rate_limits`` as stdin brings them: one decimal, at most 100, resets that jitter by a second."""
        self.roll(now)
        told: dict[str, Told] = {}
        for id_ in (FIVE, WEEK) if self.has_week else (FIVE,):
            quota = self.windows[id_]
            if quota.resets_at is not None:
                percent = min(round(quota.percent, 0 if self.whole else 1), 100)
                resets_at = int(quota.resets_at) + self.rng.choice((-1, 0, 0, 1))
                told[id_] = Told(self._marked(percent, quota), resets_at, quota.generation)
        raw = {id_: {"used_percentage": each.percent, "resets_at": each.resets_at} for id_, each in told.items()}
        return raw, Answer(self, now, told)

    def body(self, now: float, *, lag_s: float = 0.0) -> tuple[dict[str, Any], Answer]:
        """Return the endpoint's body: whole percents, resets as text; with a lag what was true so long ago."""
        self.roll(now)
        windows, made_at = self.windows, now
        for at, state in self.past:
            if at <= now - lag_s < now and all(
                quota.resets_at is None or quota.resets_at > now for quota in state.values()
            ):
                windows, made_at = state, now - lag_s
        told = {id_: self._whole(windows[id_]) for id_ in self._named()}
        return body_of(told), Answer(self, made_at, told, whole=True)

    def _named(self) -> list[str]:
        return [FIVE, *([WEEK] if self.has_week else []), *([MODEL] if self.has_model else [])]

    def _whole(self, quota: Quota) -> Told:
        resets_at = None if quota.resets_at is None else quota.resets_at + self.endpoint_rng.uniform(-0.6, 0.6)
        return Told(self._marked(float(round(quota.percent)), quota), resets_at, quota.generation)

    def _marked(self, percent: float, quota: Quota) -> float:
        return round(percent + self.number / 1000 + quota.generation % 10 / 10000, 4)


def body_of(told: dict[str, Told]) -> dict[str, Any]:
    """Return what the endpoint says in its own shape."""
    buckets = {
        id_: {"utilization": told[id_].percent, "resets_at": text_of(told[id_].resets_at)} if id_ in told else None
        for id_ in (FIVE, WEEK)
    }
    scope = {"model": {"id": None, "display_name": "Fable"}, "surface": None}
    rows = [
        {"kind": kind, "percent": told[id_].percent, "resets_at": text_of(told[id_].resets_at), "scope": of}
        for id_, kind, of in ((FIVE, "session", None), (WEEK, "weekly_all", None), (MODEL, "weekly_scoped", scope))
        if id_ in told
    ]
    return {**buckets, "seven_day_opus": None, "limits": rows}


def text_of(epoch_s: float | None) -> str | None:
    """Return a moment as the endpoint tells it."""
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, timezone.utc).isoformat()
