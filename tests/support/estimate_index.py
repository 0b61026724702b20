"""An index to estimate from: what was done here, and what official numbers said, in few words."""

from __future__ import annotations

from cache.model.windows import OAUTH, Window
from cache.sources.transcripts.dedup import add, file_number, known_files
from cache.sources.transcripts.estimate import SignedInAccount, estimate
from cache.sources.transcripts.index import Store
from cache.sources.transcripts.observations import observe
from cache.sources.transcripts.prices import Tokens
from cache.sources.transcripts.token_usage import Answer
from tests.support.transcript_writer import NOW

HOUR, DAY = 3600, 86400
RESET = NOW + 2 * HOUR  # of the window that is on
LABELS = {"five_hour": "5h", "seven_day": "7d", "seven_day:fable": "Fable"}


DOLLAR = {"claude-opus-5-5": 50_000, "claude-fable-5-2": 25_000}  # tokens of output


def work(store: Store, *dollars_at: tuple[float, float], model: str = "claude-opus-5-5") -> None:
    """Let answers have been given: of so many dollars, at these times."""
    file = file_number(store, f"f{len(known_files(store))}", NOW)
    for n, (dollars, at) in enumerate(dollars_at, start=file * 1000):
        add(store, file, [Answer(n, 1, int(at), model, Tokens(0, round(dollars * DOLLAR[model]), 0, 0, 0))])


def damage(store: Store, at: float) -> None:
    """Let an old answer at this time have cost more than any number."""
    work(store, (1, at))
    store.write("UPDATE sightings SET dollars = ? WHERE at = ?", (float("inf"), int(at)))


def estimated(store: Store, last: Window | None, now: float = NOW, id_: str = "five_hour") -> Window:
    """Return an estimate that there is."""
    found = estimate(store, SignedInAccount("a"), id_, last, now)
    assert isinstance(found, Window)
    return found


def official(
    percent: float, at: float, resets_at: int | None = RESET, id_: str = "five_hour", source: str = OAUTH
) -> Window:
    """Return an official number."""
    return Window(id_, LABELS[id_], percent, resets_at, source, int(at))


def learn(
    store: Store,
    *percents_at: tuple[float, float],
    resets_at: int = RESET,
    account: str = "a",
    plan: str | None = None,
) -> None:
    """Let official numbers of the five hours have been seen: so many percent, at these times."""
    for percent, at in percents_at:
        observe(store, account, official(percent, at, resets_at), plan)
