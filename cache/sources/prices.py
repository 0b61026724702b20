"""What a token costs, by model family and kind: the weights of the estimate.

Source: Anthropic's price list, https://platform.claude.com/docs/en/about-claude/pricing, in dollars per million tokens.
Plan limits are weighted by model in much the same proportions; what differs is learned by calibration.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

PRICED_ON = "2026-11-10"  # when the table was last compared; an index made with other prices is made anew

LONG_PROMPT = 100_000  # tokens; above it, Haiku 5.5 costs five times as much, every token of the request


class Price(NamedTuple):
    """Dollars per million tokens of each kind; ``long_prompt`` multiplies all of them above `LONG_PROMPT`."""

    input: float
    output: float
    write_5m: float
    write_1h: float
    read: float
    long_prompt: float = 1.0


class Tokens(NamedTuple):
    """How many tokens of each kind one answer took, cache writes told apart by how long they live."""

    input: int
    output: int
    write_5m: int
    write_1h: int
    read: int


_FABLE = [
    ((5, 2), Price(8, 40, 10, 16, 0.20)),
    ((5, 1), Price(10, 50, 12.5, 20, 0.25)),
    ((0, 0), Price(10, 50, 12.5, 20, 1.0)),
]
# For each family the first version that a price holds for, newest first: a version not yet known costs what the newest
# one does, and so does a family's name alone.
TABLE: dict[str, list[tuple[tuple[int, int], Price]]] = {
    "fable": _FABLE,
    "mythos": _FABLE,  # the same model for other customers
    "opus": [
        ((5, 5), Price(4, 20, 5, 8, 0.20)),
        ((4, 5), Price(5, 25, 6.25, 10, 0.50)),
        ((0, 0), Price(15, 75, 18.75, 30, 1.50)),
    ],
    "sonnet": [
        ((5, 5), Price(2, 10, 2.5, 4, 0.10)),
        ((5, 0), Price(2, 10, 2.5, 4, 0.20)),
        ((0, 0), Price(3, 15, 3.75, 6, 0.30)),
    ],
    "haiku": [
        ((5, 5), Price(0.10, 0.50, 0.125, 0.20, 0.01, long_prompt=5.0)),
        ((4, 5), Price(1, 5, 1.25, 2, 0.10)),
        ((3, 5), Price(0.80, 4, 1, 1.6, 0.08)),
        ((0, 0), Price(0.25, 1.25, 0.30, 0.50, 0.03)),
    ],
}
UNKNOWN = "other"  # a family that we have never heard of is priced like the one in the middle
_IN_THE_MIDDLE = "sonnet"

_NAMES = "|".join(TABLE)
_VERSION = r"(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)"
_AFTER = re.compile(rf"(?:{_NAMES})[-. ]{_VERSION}")  # claude-opus-5-5, claude-sonnet-4-20250514
_BEFORE = re.compile(rf"(?<!\d){_VERSION}-(?:{_NAMES})")  # claude-3-5-sonnet-20241022


@functools.lru_cache(maxsize=256)
def family_of(model: str) -> str:
    """Return the family that a model's id or display name speaks of, `UNKNOWN` for none that we know."""
    return next((family for family in TABLE if family in model.lower()), UNKNOWN)


@functools.lru_cache(maxsize=256)
def price_of(model: str) -> Price:
    """Return what a model costs; an unknown version costs what its family's newest does."""
    family = family_of(model)
    rows = TABLE[_IN_THE_MIDDLE if family == UNKNOWN else family]
    version = _version_of(model.lower())
    if version is None:
        return rows[0][1]
    return next(price for first, price in rows if version >= first)


def _version_of(model: str) -> tuple[int, int] | None:
    found = _AFTER.search(model) or _BEFORE.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else None


def weight_of(model: str, tokens: Tokens) -> float:
    """Return what an answer weighs: the dollars that it would have cost at list prices."""
    price = price_of(model)
    prompt = tokens.input + tokens.write_5m + tokens.write_1h + tokens.read
    factor = price.long_prompt if prompt > LONG_PROMPT else 1.0
    return factor * sum(count * each for count, each in zip(tokens, price[:5], strict=True)) / 1e6
