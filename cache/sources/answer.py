"""What a line of a transcript says about the tokens that one answer took."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from cache.sources.lines import LONGEST
from cache.sources.prices import Tokens, family_of, weight_of
from cache.wire import mapping, whole, words

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDLE = b'"usage":{'  # in text it would be escaped, so only lines that report tokens hold it
MOST_TOKENS = 10**9  # per kind and answer; more is a broken number


class Answer(NamedTuple):
    """One sighting of an answer of the model.

    ``message`` and ``request`` are hashes of its two ids, ``at`` is epoch seconds, ``weight`` is in dollars at list
    prices, ``side`` says that it stands in a side chain.
    """

    message: int
    request: int
    at: int
    family: str
    tokens: int
    weight: float
    side: bool


def answers_in(block: bytes, since: float) -> Iterator[Answer]:
    """Yield the answers in a block of whole lines that were given at ``since`` (epoch seconds) or later."""
    end = 0
    while (hit := block.find(NEEDLE, end)) >= 0:
        start = block.rfind(b"\n", end, hit) + 1 or end
        end = block.find(b"\n", hit)
        answer = answer_in(block[start:end]) if end - start <= LONGEST else None
        if answer is not None and answer.at >= since:
            yield answer


def answer_in(line: bytes) -> Answer | None:
    """Return the answer that a line reports, None if it reports none that counts towards a plan's limits.

    Made-up answers (``<synthetic>``, API errors) took no tokens. Fast mode draws on credits alone, never on the plan:
    https://code.claude.com/docs/en/fast-mode.
    """
    try:
        record = mapping(json.loads(line))
    except (ValueError, RecursionError):
        return None
    message = mapping(record.get("message"))
    model, usage, at = words(message.get("model")), mapping(message.get("usage")), _epoch(record.get("timestamp"))
    if record.get("type") != "assistant" or record.get("isApiErrorMessage") is True or usage.get("speed") == "fast":
        return None
    if model is None or model == "<synthetic>" or at is None:
        return None
    tokens = tokens_in(usage)
    # Without an id a record can only be known again by its time and content.
    name = words(message.get("id")) or f"{record.get('timestamp')} {model} {tokens}"
    request, side = words(record.get("requestId")) or "", record.get("isSidechain") is True
    return Answer(_hash(name), _hash(request), at, family_of(model), sum(tokens), weight_of(model, tokens), side)


def tokens_in(usage: dict[str, object]) -> Tokens:
    """Return the tokens of each kind; cache writes that are not told apart are taken for five-minute ones."""
    parts = mapping(usage.get("cache_creation"))
    hour, five = _count(parts.get("ephemeral_1h_input_tokens")), _count(parts.get("ephemeral_5m_input_tokens"))
    five = max(five, _count(usage.get("cache_creation_input_tokens")) - hour)
    read = _count(usage.get("cache_read_input_tokens"))
    return Tokens(_count(usage.get("input_tokens")), _count(usage.get("output_tokens")), five, hour, read)


def _count(value: object) -> int:
    return min(max(whole(value) or 0, 0), MOST_TOKENS)


def _epoch(value: object) -> int | None:
    """Return epoch seconds of an RFC 3339 time, rounded down; one without an offset is UTC."""
    text = words(value)
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None
        if when is None:
            return None
        return int((when if when.tzinfo else when.replace(tzinfo=timezone.utc)).timestamp() // 1)
    except (ValueError, OverflowError):
        return None


def _hash(name: str) -> int:
    """Return 63 bits that stand for an id: a million answers collide with a chance of one in ten million."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1
