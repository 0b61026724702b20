"""What the line shows of the money that was spent on this machine: today, this block, week and month, and by branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.windows import FIVE_HOUR, SPANS_S
from cache.money.periods import Span, month, today, week
from cache.sources.transcripts.prices import KINDS, cost_at
from cache.sources.transcripts.rollup import HOUR_S
from cache.sources.transcripts.totals import totals_between
from cache.work.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

    from cache.sources.transcripts.estimate import RunningWindow
    from cache.sources.transcripts.index import Store

BRANCHES_AT_MOST = 64  # pairs of branch and folder, the latest
MODELS_AT_MOST = 8  # whose prices are kept
NAME_AT_MOST = 300  # characters of a folder or a branch; longer ones are on no line
UNPRICED_AT_MOST, MODEL_AT_MOST = 4, 80  # models of unknown price that are named, and characters of each
USED_S = 7 * 86400  # models that were used within this time


def spans_of(now: float, zone: tzinfo | None, block: Span | None) -> dict[str, Span]:
    """Return the spans that the line has an amount for, by the names of their segments."""
    spans = {"today": today(now, zone), "week": week(now, zone), "month": month(now, zone)}
    return spans if block is None else {**spans, "block": block}


def block_of(window: RunningWindow, signed_in_at: float) -> Span | None:
    """Return the running five-hour window, since the account has signed in; None where none is running."""
    if window.resets_at is None:
        return None
    return Span(max(window.resets_at - SPANS_S[FIVE_HOUR], int(signed_in_at)), window.resets_at)


def amounts(
    store: Store, spans: Mapping[str, Span], now: float, known_from: float, former: Mapping[str, object]
) -> dict[str, object]:
    """Return dollars and tokens by name of a span, ``{"usd", "tokens", "from", "until", "at"}``.

    Where the dollars are an estimate, ``"unpriced"`` has the models whose price is unknown. Of a span that begins
    before ``known_from``, while transcripts are unread, the ``former`` amount stays.
    """
    found: dict[str, object] = {}
    for name, span in spans.items():
        if span.start >= known_from:
            total = totals_between(store, *span)
            found[name] = {
                **unpriced_json(total.unpriced),
                "usd": round(total.dollars, 4),
                "tokens": total.tokens,
                "from": span.start,
                "until": span.end,
                "at": int(now),
            }
        elif name in former:
            found[name] = former[name]
    return found


def unpriced_json(models: Iterable[str]) -> dict[str, object]:
    """Return ``{"unpriced": [...]}`` with the first of these models, nothing without any."""
    names = sorted(scrub(each)[:MODEL_AT_MOST] for each in models)
    return {"unpriced": names[:UNPRICED_AT_MOST]} if names else {}


def cache_prices(store: Store, now: float) -> dict[str, list[float]]:
    """Return what a million tokens written to the cache cost, for five minutes and for an hour, by model in use.

    Models of an unknown price are left out.
    """
    query = (
        "SELECT name FROM models WHERE id IN (SELECT DISTINCT model FROM hours WHERE hour >= ?) ORDER BY name LIMIT ?"
    )
    five, hour = KINDS.index("cache_write_5m"), KINDS.index("cache_write_1h")
    names = [name for (name,) in store.rows(query, (int(now - USED_S) // HOUR_S, MODELS_AT_MOST))]
    prices = {name: store.prices.of(name) for name in names if store.prices.is_known(name)}
    return {name: [price[five], price[hour]] for name, price in prices.items()}


def branch_amounts(store: Store) -> list[list[object]]:
    """Return folder, branch and dollars of the branches that were used last, as far as the index goes back.

    True follows where the dollars are an estimate because a model's price is unknown.
    """
    columns = ", ".join(f"s.{each}" for each in ("dollars", *KINDS))
    rows = store.rows(
        f"SELECT folders.name, branches.name, models.name, long, {columns} FROM branch_spending AS s"  # noqa: S608
        " JOIN folders ON folders.id = folder JOIN branches ON branches.id = branch JOIN models ON models.id = model"
        " ORDER BY slot DESC"
    )
    found: dict[tuple[str, str], float] = {}
    estimated: set[tuple[str, str]] = set()
    for folder, branch, model, is_long, known, *by_kind in rows:
        cost = cost_at(store.prices.of(model, long_prompt=bool(is_long)), tuple(by_kind))
        found[folder, branch] = found.get((folder, branch), 0.0) + known + cost
        if store.prices.unpriced(model, cost):
            estimated.add((folder, branch))
    short = [pair for pair in found if max(map(len, pair)) <= NAME_AT_MOST][:BRANCHES_AT_MOST]
    return [[*pair, round(found[pair], 4), *[True] * (pair in estimated)] for pair in short]
