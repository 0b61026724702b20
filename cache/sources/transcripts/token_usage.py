"""What a line of a transcript says about the tokens that an answer took, and where it was given."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from cache.model.jsonio import mapping, whole, words
from cache.model.rfc3339 import rfc3339_s
from cache.sources.transcripts.line_reader import LONGEST
from cache.sources.transcripts.prices import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDLE = b'"usage":{'  # in text it would be escaped, so only lines that report tokens hold it
MOST_TOKENS = 10**9  # per kind and answer; more is a broken number
_CONTENT = "Tokens(input={}, output={}, write_5m={}, write_1h={}, read={})"  # as indexes of schema 1 have it
FURTHER = ("advisor_message", "compaction")  # iterations that the sums of an answer leave out


class Answer(NamedTuple):
    """One sighting of an answer of the model.

    ``message`` and ``request`` are hashes of its two ids, ``at`` is epoch seconds, ``model`` the model's id; session,
    branch and folder are empty where they are not told. ``side`` says that it stands in a side chain.
    """

    message: int
    request: int
    at: int
    model: str
    tokens: Tokens
    side: bool = False
    session: str = ""
    branch: str = ""
    folder: str = ""


def answers_in(block: bytes, since: float) -> Iterator[Answer]:
    """Yield the answers in a block of whole lines that were given at ``since`` (epoch seconds) or later."""
    end = 0
    while (hit := block.find(NEEDLE, end)) >= 0:
        start = block.rfind(b"\n", end, hit) + 1 or end
        end = block.find(b"\n", hit)
        found = answers_of(block[start:end]) if end - start <= LONGEST else []
        yield from (each for each in found if each.at >= since)


def answers_of(line: bytes) -> list[Answer]:
    """Return what a line reports that counts towards a plan's limits: an answer, and what others did within it.

    Made-up answers (``<synthetic>``, API errors) took no tokens. Fast mode draws on credits alone, never on the plan:
    https://code.claude.com/docs/en/fast-mode.
    """
    try:
        record = mapping(json.loads(line))
    except (ValueError, RecursionError):
        return []
    message = mapping(record.get("message"))
    model, usage, at = (
        words(message.get("model")),
        mapping(message.get("usage")),
        rfc3339_s(words(record.get("timestamp")) or ""),
    )
    if record.get("type") != "assistant" or record.get("isApiErrorMessage") is True or usage.get("speed") == "fast":
        return []
    if model is None or model == "<synthetic>" or at is None:
        return []
    tokens = tokens_in(usage)
    # Without an id a record can only be known again by its time and content.
    name = words(message.get("id")) or f"{record.get('timestamp')} {model} {_CONTENT.format(*tokens)}"
    own = Answer(
        _hash(name),
        _hash(words(record.get("requestId")) or ""),
        at,
        model,
        tokens,
        record.get("isSidechain") is True,
        words(record.get("sessionId")) or "",
        words(record.get("gitBranch")) or "",
        words(record.get("cwd")) or "",
    )
    more = _further(usage.get("iterations"), model)
    return [own, *(own._replace(message=_hash(f"{name} {kind}"), model=by, tokens=took) for kind, by, took in more)]


def _further(iterations: object, model: str) -> Iterator[tuple[str, str, Tokens]]:
    """Yield what is not in the sums of an answer: a name for it within the answer, its model and its tokens.

    An advisor is another model that the answer asked; a compaction is the same model that made the prompt shorter.
    Source: the API's documentation of `usage.iterations`.
    """
    seen = dict.fromkeys(FURTHER, 0)
    for each in iterations if isinstance(iterations, list) else ():
        fields = mapping(each)
        kind = words(fields.get("type"))
        if kind in FURTHER:
            seen[kind] += 1
            yield f"{kind} {seen[kind]}", words(fields.get("model")) or model, tokens_in(fields)


def tokens_in(usage: dict[str, object]) -> Tokens:
    """Return the tokens of each kind; cache writes that are not told apart are taken for five-minute ones."""
    parts = mapping(usage.get("cache_creation"))
    hour, five = _count(parts.get("ephemeral_1h_input_tokens")), _count(parts.get("ephemeral_5m_input_tokens"))
    five = max(five, _count(usage.get("cache_creation_input_tokens")) - hour)
    read = _count(usage.get("cache_read_input_tokens"))
    return Tokens(_count(usage.get("input_tokens")), _count(usage.get("output_tokens")), five, hour, read)


def _count(value: object) -> int:
    return min(max(whole(value) or 0, 0), MOST_TOKENS)


def _hash(name: str) -> int:
    """Return 63 bits that stand for an id: a million answers collide with a chance of one in ten million."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1
