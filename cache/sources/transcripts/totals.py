"""What the answers of a time took, in tokens and in dollars at today's prices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.transcripts.prices import KINDS, LONG_PROMPT, cost_at, family_of
from cache.sources.transcripts.rollup import HOUR_S, is_rolled_up
from cache.sources.transcripts.tables import SLOT_S, SUMS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from cache.sources.transcripts.index import Store


class Totals(NamedTuple):
    """The number of answers, their tokens of all kinds, and their cost in dollars.

    ``unpriced`` are the models in them whose price is unknown, so that the cost is an estimate.
    """

    answers: int
    tokens: int
    dollars: float
    unpriced: frozenset[str] = frozenset()


# Each returns model and whether the prompt is long, then the columns of `SUMS`.
_SINGLE = (
    "SELECT model, input + cache_write_5m + cache_write_1h + cache_read > ?, count(*), "  # noqa: S608
    + ", ".join(f"total({kind})" for kind in KINDS)
    + ", sum(tokens), total(dollars) FROM sightings WHERE counts AND at >= ? AND at < ?{} GROUP BY 1, 2"
)
_OUTDATED_HOURS = f"IN (SELECT slot * {SLOT_S} / {HOUR_S} FROM outdated)"  # noqa: S608
_BY_HOUR = (
    f"SELECT model, long, {', '.join(f'sum({each})' for each in SUMS)} FROM hours"  # noqa: S608
    f" WHERE hour >= ? AND hour < ? AND hour NOT {_OUTDATED_HOURS} GROUP BY 1, 2"
)


def totals_between(store: Store, start: float, end: float, family: str | None = None) -> Totals:
    """Add up the answers given from ``start`` until before ``end`` (epoch seconds), of one model family or of all.

    Whole hours are taken from their sums, where those are up to date: a month is read in milliseconds.
    """
    first, last = math.ceil(start / HOUR_S), int(end // HOUR_S)
    if first >= last:
        return total_of(store, _single(store, start, end), family)
    rows = [*_single(store, start, first * HOUR_S), *store.rows(_BY_HOUR, (first, last))]
    if not is_rolled_up(store, first, last):
        rows += _single(store, first * HOUR_S, last * HOUR_S, f" AND at / {HOUR_S} {_OUTDATED_HOURS}")
    return total_of(store, [*rows, *_single(store, last * HOUR_S, end)], family)


def _single(store: Store, start: float, end: float, condition: str = "") -> list[tuple[Any, ...]]:
    """Return the rows of a time from its answers."""
    return store.rows(_SINGLE.format(condition), (LONG_PROMPT, start, end)) if start < end else []


def total_of(store: Store, rows: Iterable[tuple[Any, ...]], family: str | None = None) -> Totals:
    """Add up rows of a model's id, whether the prompts were long, and `SUMS`; of one model family or of all."""
    models = store.models()
    answers, tokens, dollars, unpriced = 0, 0, 0.0, set[str]()
    for model, is_long, count, *by_kind, sum_, known in rows:
        name = models.get(model, "")
        if family is None or family_of(name) == family:
            answers, tokens = answers + count, tokens + sum_
            cost = cost_at(store.prices.of(name, long_prompt=bool(is_long)), tuple(by_kind))
            dollars += known + cost  # `known` is the part that an older index had calculated
            unpriced |= store.prices.unpriced(name, cost)
    return Totals(answers, tokens, dollars, frozenset(unpriced))


def dollars_between(store: Store, start: float, end: float, family: str | None = None) -> float:
    """Return what the answers given from ``start`` until before ``end`` cost, in dollars."""
    return totals_between(store, start, end, family).dollars


def first_after(store: Store, start: float) -> int | None:
    """Return when the first answer at ``start`` or later was given, epoch seconds."""
    found = store.rows("SELECT at FROM sightings WHERE counts AND at >= ? ORDER BY at LIMIT 1", (start,))
    return found[0][0] if found else None
