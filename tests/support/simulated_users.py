"""People who work with Claude Code, made up: what they do here and elsewhere, and what the server says of it.

The server counts what each answer costs at list prices, times a factor per model that nobody is told, times so many
percent per dollar. A five-hour window starts with the first message after the last one has ended, wherever that was.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cache.model.windows import OAUTH, STDIN, Window
from cache.sources.transcripts.dedup import add, file_number
from cache.sources.transcripts.observations import observe
from cache.sources.transcripts.prices import Prices, Tokens
from cache.sources.transcripts.token_usage import Answer

if TYPE_CHECKING:
    from cache.sources.transcripts.index import Store

MINUTE, HOUR, DAY = 60, 3600, 86400
START = 1_767_916_800  # a midnight
MIXES = [
    {"claude-opus-5-5": 0.9, "claude-haiku-5-5": 0.1},
    {"claude-sonnet-5-5": 0.7, "claude-opus-5-5": 0.1, "claude-haiku-4-5": 0.2},
    {"claude-fable-5-2": 0.5, "claude-opus-5": 0.3, "claude-3-5-haiku-20241022": 0.2},
    {"claude-sonnet-5-5": 1.0},
    {"claude-fable-5-1": 0.6, "claude-sonnet-5": 0.4},
]
PRICES = Prices()


class Habits(NamedTuple):
    """What kind of person it is: with pauses of one to two hours or without, how much of the use is elsewhere.

    With ``sessions`` another machine is used for a quarter of an hour to an hour at a time, without at the same time
    as this one. ``resumes`` is how long after a reset work goes on, in seconds.
    """

    pauses: bool = False
    elsewhere: float = 0.0
    sessions: bool = False
    resumes: float | None = None


class Message(NamedTuple):
    """One answer: when, of which model, its tokens, and whether it was on this machine."""

    at: int
    model: str
    tokens: Tokens
    here: bool


@dataclass
class Server:
    """What the server knows: ``course`` holds for each answer its time, the percentage after it, and the reset."""

    percent_per_dollar: float
    factors: dict[str, float]
    percent: float = 0.0
    resets_at: int = 0
    course: list[tuple[int, float, int]] = field(default_factory=list)

    def take(self, message: Message) -> bool:
        """Count an answer; return whether there was one: at the limit there is none."""
        if message.at >= self.resets_at:
            self.percent, self.resets_at = 0.0, message.at + 5 * HOUR
        if self.percent >= 100:
            return False
        dollars = PRICES.cost(message.model, message.tokens) * self.factors[message.model]
        self.percent = min(self.percent + dollars * self.percent_per_dollar, 100.0)
        self.course.append((message.at, self.percent, self.resets_at))
        return True

    def at(self, when: float) -> tuple[float, int | None]:
        """Return the percentage at a time, and when its window resets; nothing where none is running."""
        known = bisect_left(self.course, (when, -1.0, 0)) - 1
        if known < 0 or self.course[known][2] <= when:
            return 0.0, None
        return self.course[known][1:]


class User:
    """One person, over ``days`` of work; official numbers are seen until ``blind_at``."""

    def __init__(self, seed: str, habits: Habits, days: int | None = None) -> None:
        self.rng, self.habits = random.Random(seed), habits
        self.mix = self.rng.choice(MIXES)
        self.days = days or self.rng.randrange(2, 6)
        self.keeps_open = self.rng.random() < 0.7  # a session here stays open, and looks, while nothing is done in it
        self.digits = self.rng.choice([0, 1, 1])  # of official numbers
        self.source = STDIN if self.digits else OAUTH
        self.pace_s = self.rng.uniform(25, 90)
        self.cache_s = self.rng.choice([5 * MINUTE, HOUR, HOUR, HOUR])
        self.conversations: dict[bool, tuple[float, int]] = {}  # here and elsewhere: its tokens, and its last answer
        messages = self._messages()
        factors = {model: self.rng.lognormvariate(0, 0.05) for model in self.mix}
        self.server = Server(self._rate(messages), factors)
        self.messages = [each for each in messages if self.server.take(each)]
        self.blind_at = self._blind_at()
        if habits.resumes is not None:
            self._resume()
        self.here = [each for each in self.messages if each.here]

    def _messages(self) -> list[Message]:
        found: list[Message] = []
        for day in range(self.days + 1):
            at = START + day * DAY + 8 * HOUR + self.rng.random() * 2 * HOUR
            end = at + self.rng.uniform(9, 12) * HOUR
            while at < end:
                spell, pause = ((0.7, 2.0), (60, 120)) if self.habits.pauses else ((1.5, 4), (2, 15))
                spell_end = at + self.rng.uniform(*spell) * HOUR
                found += self._spell(at, min(spell_end, end))
                at = spell_end + self.rng.uniform(*pause) * MINUTE
        return found

    def _spell(self, at: float, end: float) -> list[Message]:
        """Work without a long pause: answers in a conversation that grows, here and elsewhere, and short breaks."""
        found: list[Message] = []
        here, until = True, at
        while at < end:
            if at >= until:
                here = self.rng.random() >= self.habits.elsewhere
                until = at + (self.rng.uniform(15, 60) * MINUTE if self.habits.sessions else 0)
            found.append(self._message(int(at), here=here))
            at += self.rng.expovariate(1 / self.pace_s) + 3
            if self.rng.random() < 0.04:
                at += self.rng.uniform(3, 15) * MINUTE
        return found

    def _message(self, at: int, *, here: bool) -> Message:
        """Return the next answer of a conversation: the cache is read, unless the last answer was too long ago."""
        context, last = self.conversations.get(here, (20_000.0, 0))
        if context > 160_000:  # it is compacted
            context, last = 20_000.0, 0
        new, output = self.rng.expovariate(1 / 3000), min(self.rng.lognormvariate(6, 1), 16_000)
        written = int(new if at - last < self.cache_s else context + new)
        for_an_hour = written if self.cache_s == HOUR else 0
        read = int(context + new) - written
        tokens = Tokens(self.rng.randrange(2, 200), int(output), written - for_an_hour, for_an_hour, read)
        self.conversations[here] = context + new + output, at
        return Message(at, self.rng.choices(list(self.mix), list(self.mix.values()))[0], tokens, here)

    def _rate(self, messages: list[Message]) -> float:
        """Return so many percent per dollar that five hours of work come to a usual percentage."""
        dollars = sum(PRICES.cost(each.model, each.tokens) for each in messages)
        hours = len({each.at // (10 * MINUTE) for each in messages}) / 6
        return self.rng.uniform(30, 85) / (5 * dollars / hours)

    def _blind_at(self) -> int:
        """Return a time on the last day from which on there is work for six hours, within a window."""
        today = [each.at for each in self.messages if each.at >= START + self.days * DAY]
        first = [at for at in today if at <= today[0] + 2.5 * HOUR]
        return self.rng.choice(first) + 30

    def _resume(self) -> None:
        """Do nothing from the last official number until so long after the reset, then work for six hours."""
        _, resets_at = self.server.at(self.blind_at)
        resumed_at = (resets_at or self.blind_at) + (self.habits.resumes or 0)
        self.server.course = [each for each in self.server.course if each[0] < self.blind_at]
        self.server.percent, self.server.resets_at = 0.0, 0
        later = [each for each in self._spell(resumed_at, resumed_at + 6 * HOUR) if self.server.take(each)]
        self.messages = [each for each in self.messages if each.at < self.blind_at] + later

    def official(self, when: float) -> Window | None:
        """Return the official number at a time, to as many digits as this person's client has."""
        percent, resets_at = self.server.at(when)
        if resets_at is None:
            return None
        jitter = self.rng.randint(-1, 1)
        return Window("five_hour", "5h", round(percent, self.digits), resets_at + jitter, self.source, int(when))

    def live(self, store: Store, plan: str | None = None) -> Window | None:
        """Put into the index what was done here, and let the job see official numbers; return the last one."""
        file = file_number(store, "here", START)
        answers = [Answer(n, 0, each.at, each.model, each.tokens) for n, each in enumerate(self.here)]
        add(store, file, answers)
        last = None
        for when in self._looks():
            window = self.official(when)
            if window is not None:
                last = window
                observe(store, "a", window)
        return last

    def _looks(self) -> list[float]:
        """Return when the job has looked: every few minutes while there is work here, or a session open."""
        found, at = [], float(START)
        times = [each.at for each in self.here]
        while at < self.blind_at:
            known = bisect_left(times, at) - 1
            idle_s = at - times[known] if known >= 0 else DAY
            if idle_s < (HOUR if self.keeps_open else 2 * MINUTE):
                found.append(at)
                at += self.rng.uniform(60, 400)
            else:
                upcoming = times[known + 1] if known + 1 < len(times) else self.blind_at
                at = max(at + 60, upcoming + self.rng.uniform(2, 60)) if not self.keeps_open else at + 600
        return [*found, float(self.blind_at)]
