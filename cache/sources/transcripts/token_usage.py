"""Parses the lines of a transcript: the tokens of each answer, and its session, branch and folder."""

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

NEEDLE = b'"usage":{'  # in a text the quotes would be escaped, so only lines that report tokens contain it
MOST_TOKENS = 10**9  # per kind and answer; more cannot be right
_CONTENT = "Tokens(input={}, output={}, write_5m={}, write_1h={}, read={})"  # as in indexes of schema 1
FURTHER = ("advisor_message", "compaction")  # iterations that are not in the sums of an answer


class Answer(NamedTuple):
    """One sighting of an answer of the model.

    ``message`` and ``request`` are hashes of its two ids, ``at`` is epoch seconds, ``model`` the model's id; session,
    branch and folder are empty where unknown. ``side`` means that it is in a side chain.
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
    """Return the answers in a line that count towards a plan's limits: its own, and those of other models within it.

    Synthetic answers (``<synthetic>``, API errors) took no tokens. Fast mode uses credits only, never the plan:
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
    # A record without an id is identified by its time and content.
    name = words(message.get("id")) or f"{record.get('timestamp')} {model} {_CONTENT.format(*tokens)}"
    own = Answer(
        _hash(name),
        _hash(words(record.get("requestId")) or ""),
        at,
        model,
        tokens,
        record.get("isSidechain") is True,
        _session_in(record),
        words(record.get("gitBranch")) or "",
        words(record.get("cwd")) or "",
    )
    more = _further(usage.get("iterations"), model)
    return [own, *(own._replace(message=_hash(f"{name} {kind}"), model=by, tokens=took) for kind, by, took in more)]


def _session_in(record: dict[str, object]) -> str:
    """Return the session that asked for an answer: a line that a fork has copied names the one it is from."""
    copied_from = words(mapping(record.get("forkedFrom")).get("sessionId"))
    return copied_from or words(record.get("sessionId")) or ""


def _further(iterations: object, model: str) -> Iterator[tuple[str, str, Tokens]]:
    """Yield iterations that are not in the sums of an answer: a name within the answer, the model and the tokens.

    An advisor is another model that was consulted; a compaction is the same model that shortened the prompt.
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
    """Return the tokens by kind; cache writes of unknown lifetime count as five-minute ones."""
    parts = mapping(usage.get("cache_creation"))
    hour, five = _count(parts.get("ephemeral_1h_input_tokens")), _count(parts.get("ephemeral_5m_input_tokens"))
    five = max(five, _count(usage.get("cache_creation_input_tokens")) - hour)
    read = _count(usage.get("cache_read_input_tokens"))
    return Tokens(_count(usage.get("input_tokens")), _count(usage.get("output_tokens")), five, hour, read)


def _count(value: object) -> int:
    return min(max(whole(value) or 0, 0), MOST_TOKENS)


def _hash(name: str) -> int:
    """Return a 63-bit hash of an id; for a million answers the chance of a collision is one in ten million."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1


NO_REQUEST = _hash("")  # of an answer whose line names none
