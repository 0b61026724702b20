"""The price of a token, by model and kind: for the cost of answers, and as weights of the estimate.

Source: Anthropic's price list, https://platform.claude.com/docs/en/about-claude/pricing, in dollars per million tokens.
Plan limits are weighted by model in much the same proportions; what differs is learned by calibration.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from cache.model.jsonio import mapping, number
from cache.sources.configuration import read_configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

PRICED_ON = "2026-11-10"  # when the table below was last compared with the official price list

LONG_PROMPT = 100_000  # tokens; above it, every token of a request to Haiku 5.5 costs five times as much

DOLLARS_AT_MOST = 10_000  # per million tokens, in a configuration
OVERRIDES_AT_MOST, PREFIX_AT_MOST = 64, 100  # entries, and characters of a prefix of a model id


class Tokens(NamedTuple):
    """The tokens of one answer by kind; cache writes by their lifetime."""

    input: int
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int

    @property
    def prompt(self) -> int:
        """All but the output."""
        return sum(self) - self.output


KINDS = Tokens._fields


class Price(NamedTuple):
    """Dollars per million tokens of each kind; ``long_prompt`` multiplies all of them above `LONG_PROMPT`."""

    input: float
    output: float
    cache_write_5m: float
    cache_write_1h: float
    cache_read: float
    long_prompt: float = 1.0


_FABLE = [
    ((5, 2), Price(8, 40, 10, 16, 0.20)),
    ((5, 1), Price(10, 50, 12.5, 20, 0.25)),
    ((0, 0), Price(10, 50, 12.5, 20, 1.0)),
]
# For each family the first version with a price, newest first. An unknown newer version costs what the newest known one
# does, and so does a family's name alone.
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
UNKNOWN = "other"  # an unknown family is priced like the one in the middle, and its amounts are marked as estimates
_IN_THE_MIDDLE = "sonnet"

_NAMES = "|".join(TABLE)
_VERSION = r"(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)"
_AFTER = re.compile(rf"(?:{_NAMES})[-. ]{_VERSION}")  # claude-opus-5-5, claude-sonnet-4-20250514
_BEFORE = re.compile(rf"(?<!\d){_VERSION}-(?:{_NAMES})")  # claude-3-5-sonnet-20241022


@functools.lru_cache(maxsize=256)
def family_of(model: str) -> str:
    """Return the family in a model's id or display name, `UNKNOWN` for an unknown one."""
    return next((family for family in TABLE if family in model.lower()), UNKNOWN)


@functools.lru_cache(maxsize=256)
def price_of(model: str) -> Price:
    """Return the price of a model in the table; an unknown version costs what its family's newest does."""
    family = family_of(model)
    rows = TABLE[_IN_THE_MIDDLE if family == UNKNOWN else family]
    version = _version_of(model.lower())
    if version is None:
        return rows[0][1]
    return next(price for first, price in rows if version >= first)


def _version_of(model: str) -> tuple[int, int] | None:
    found = _AFTER.search(model) or _BEFORE.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else None


class Prices:
    """The table of prices, overridden by configured ones: by prefix of model ids, and by kind."""

    def __init__(self, overrides: Mapping[str, Mapping[str, float]] | None = None) -> None:
        longest_first = sorted((overrides or {}).items(), key=lambda item: -len(item[0]))
        self._overrides = [(prefix.lower(), by_kind) for prefix, by_kind in longest_first]
        self._known: dict[tuple[str, bool], tuple[float, ...]] = {}

    def of(self, model: str, *, long_prompt: bool = False) -> tuple[float, ...]:
        """Return dollars per million tokens of each kind, in the order of `KINDS`."""
        key = model, long_prompt
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def is_known(self, model: str) -> bool:
        """Return whether a model has a price: its family is in the table, or a configured prefix fits."""
        return family_of(model) != UNKNOWN or any(model.lower().startswith(prefix) for prefix, _ in self._overrides)

    def unpriced(self, model: str, cost: float) -> frozenset[str]:
        """Return the model if the ``cost`` of its tokens, in dollars, is an estimate because its price is unknown."""
        return frozenset() if not cost or self.is_known(model) else frozenset((model,))

    def _find(self, model: str, long_prompt: bool) -> tuple[float, ...]:  # noqa: FBT001 - a key, unpacked
        price = price_of(model)
        factor = price.long_prompt if long_prompt else 1.0
        own = next((each for prefix, each in self._overrides if model.lower().startswith(prefix)), {})
        return tuple(own.get(kind, factor * getattr(price, kind)) for kind in KINDS)

    def cost(self, model: str, tokens: Tokens) -> float:
        """Return what one answer would have cost, in dollars."""
        return cost_at(self.of(model, long_prompt=tokens.prompt > LONG_PROMPT), tokens)


def cost_at(price: tuple[float, ...], tokens: tuple[float, ...]) -> float:
    """Return the cost of tokens, in dollars, at a price of `Prices.of`; both by kind."""
    return sum(count * each for count, each in zip(tokens, price, strict=True)) / 1e6


def overrides_in(value: object) -> dict[str, dict[str, float]]:
    """Return the configured ``prices`` by prefix and kind, without malformed ones."""
    found = {}
    for prefix, by_kind in list(mapping(value).items())[:OVERRIDES_AT_MOST]:
        sound = {kind: each for kind in KINDS if (each := _sound(mapping(by_kind).get(kind))) is not None}
        if sound and 0 < len(prefix) <= PREFIX_AT_MOST:
            found[prefix] = sound
    return found


def _sound(value: object) -> float | None:
    dollars = number(value)
    return dollars if dollars is not None and 0 <= dollars <= DOLLARS_AT_MOST else None


def read_prices(path: str) -> Prices:
    """Return the prices with those of a configuration file; the table alone where that cannot be read."""
    return Prices(overrides_in(read_configuration(path).get("prices")))
