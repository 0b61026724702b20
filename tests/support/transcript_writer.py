"""Transcripts as Claude Code writes them, made up; and a naive full reading of them to compare with."""

from __future__ import annotations

import json
import random
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from cache.sources.transcripts.line_reader import LONGEST
from cache.sources.transcripts.prices import price_of
from cache.sources.transcripts.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

NOW = 1767952800  # 2026-01-09T10:00:00Z
MODELS = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5-20251001", "claude-fable-5-1"]


def stamp(at: float) -> str:
    """Return a time as transcripts write it."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def line(record: object) -> bytes:
    """Return one line of a transcript."""
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def answer_line(
    message: str | None,
    request: str | None,
    at: float,
    *,
    output: int = 50,
    model: str = "claude-opus-5-5",
    side: bool = False,
    session: str = "s1",
    text: str = "I see.",
    error: bool = False,
    usage: dict[str, object] | None = None,
    branch: str = "main",
    folder: str = "/home/u/p",
) -> bytes:
    """Return the line of one answer, or of one part of it."""
    counts: dict[str, object] = {
        "input_tokens": 100,
        "cache_creation_input_tokens": 25,
        "cache_read_input_tokens": 1000,
        "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 20},
        "output_tokens": output,
        "service_tier": "standard",
    }
    content: list[dict[str, object]] = [{"type": "text", "text": text}]
    inner: dict[str, object] = {"model": model, "id": message, "type": "message", "role": "assistant"}
    inner |= {"content": content, "stop_reason": None, "usage": usage if usage is not None else counts}
    record: dict[str, object] = {"parentUuid": None, "isSidechain": side, "userType": "external", "cwd": folder}
    record |= {"sessionId": session, "version": "2.1.330", "gitBranch": branch, "type": "assistant", "message": inner}
    record |= {"requestId": request} if request is not None else {}
    record |= {"isApiErrorMessage": True} if error else {}
    return line(record | {"uuid": f"{session}-{message}-{output}", "timestamp": stamp(at)})


def user_line(at: float, text: str, session: str = "s1") -> bytes:
    """Return a line of what a person or a tool said; usage is spoken of in it, as text and as a tool's result."""
    result = {"usage": {"input_tokens": 7, "output_tokens": 9}, "content": text}
    said = {"role": "user", "content": text + ' "usage":{"output_tokens":5}'}
    record = {"isSidechain": False, "sessionId": session, "type": "user", "message": said, "toolUseResult": result}
    return line(record | {"timestamp": stamp(at)})


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file."""
    with path.open("rb") as file:
        yield from file


class Naive(NamedTuple):
    """What one line says of an answer: when, of which model, the five kinds of tokens, if a side chain's, and where."""

    at: int
    model: str
    tokens: tuple[int, int, int, int, int]
    side: bool
    session: str = ""
    branch: str = ""
    folder: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        """The first one counts: the largest, and of equal ones the first by the alphabet."""
        _, output, write_5m, write_1h, _ = self.tokens
        sizes = sum(self.tokens), output, write_1h, write_5m
        return *(-each for each in sizes), self.side, self.at, self.session, self.folder, self.branch


def naive_answers(contents: Iterable[Iterable[bytes]]) -> list[Naive]:
    """Return what counts in whole transcripts, given as their lines, by the rules as they are told, all in memory."""
    largest: dict[tuple[str, str], Naive] = {}
    for lines in contents:
        for each in lines:
            if not each.endswith(b"\n") or len(each) > LONGEST:
                continue
            for name, answer in naive_line(each):
                largest[name] = min(largest.get(name, answer), answer, key=lambda one: one.order)
    messages: dict[str, list[Naive]] = {}
    for (message, _), answer in largest.items():
        messages.setdefault(message, []).append(answer)
    counted: list[Naive] = []
    for message, group in messages.items():
        unnamed = largest.get((message, ""))
        alike = [each for each in group if unnamed and each is not unnamed and each.side == unnamed.side]
        if unnamed and alike:
            group = [each for each in group if each is not unnamed]  # noqa: PLW2901
            first = min(alike, key=lambda one: one.order)
            group[[each is first for each in group].index(True)] = min(first, unnamed, key=lambda one: one.order)
        parents = [answer for answer in group if not answer.side]
        counted += parents or [min(group, key=lambda one: one.order)]
    return counted


def naive_totals(contents: Iterable[Iterable[bytes]], start: float = 0, end: float = float("inf")) -> Totals:
    """Add up whole transcripts, answer by answer."""
    counted = [answer for answer in naive_answers(contents) if start <= answer.at < end]
    dollars = sum(naive_cost(answer) for answer in counted)
    return Totals(len(counted), sum(sum(answer.tokens) for answer in counted), dollars)


def naive_cost(answer: Naive) -> float:
    """Return what one answer costs by the table of prices."""
    price, (read, output, write_5m, write_1h, cached) = price_of(answer.model), answer.tokens
    dollars = read * price.input + output * price.output + write_5m * price.cache_write_5m
    dollars += write_1h * price.cache_write_1h + cached * price.cache_read
    return dollars / 1e6 * (price.long_prompt if read + write_5m + write_1h + cached > 100_000 else 1)


def naive_line(text: bytes) -> list[tuple[tuple[str, str], Naive]]:
    """Return the ids and the content of an answer's line, and of the advisors it asked, without any shortcut."""
    try:
        record = json.loads(text.decode())
    except ValueError:
        return []
    if not isinstance(record, dict) or record.get("type") != "assistant" or record.get("isApiErrorMessage"):
        return []
    message = record.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("usage"), dict):
        return []
    model, usage = message["model"], message["usage"]
    if model == "<synthetic>" or usage.get("speed") == "fast":
        return []
    at = int(datetime.strptime(record["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp())
    side, request = bool(record.get("isSidechain")), record.get("requestId") or ""
    name = message.get("id") or f"{record['timestamp']} {model} {naive_tokens(usage)}"
    place = record.get("sessionId") or "", record.get("gitBranch") or "", record.get("cwd") or ""
    found = [((name, request), Naive(at, model, naive_tokens(usage), side, *place))]
    advisors = [each for each in usage.get("iterations") or [] if each.get("type") == "advisor_message"]
    for number, each in enumerate(advisors):
        asked = Naive(at, each.get("model") or model, naive_tokens(each), side, *place)
        found.append(((f"{name} advisor {number}", request), asked))
    return found


def naive_tokens(usage: dict[str, Any]) -> tuple[int, int, int, int, int]:
    """Return input, output, cache writes for five minutes and for an hour, and cache reads."""
    parts = usage.get("cache_creation") or {}
    hour, written = parts.get("ephemeral_1h_input_tokens", 0), usage.get("cache_creation_input_tokens", 0)
    five = max(parts.get("ephemeral_5m_input_tokens", 0), written - hour)
    return usage.get("input_tokens", 0), usage["output_tokens"], five, hour, usage.get("cache_read_input_tokens", 0)


def session_lines(rng: random.Random, name: str, start: float, end: float, filler: str) -> Iterator[bytes]:
    """Yield a session's lines without end: questions, tools' results of all sizes, answers of one to three lines."""
    number = 0
    while True:
        number += 1
        at = start + (end - start) * rng.random()
        size = int(rng.paretovariate(1.1) * 300) % 60_000
        offset = rng.randrange(len(filler) - size)
        yield user_line(at, filler[offset : offset + size], name)
        model, side, output = rng.choice(MODELS), rng.random() < 0.1, rng.randrange(20, 900)
        for part in range(1, rng.randrange(2, 5)):
            text = filler[offset : offset + 300 * part]
            ids = f"msg_{name}_{number}", f"req_{name}_{number}"
            yield answer_line(*ids, at + part, output=output * part, model=model, side=side, session=name, text=text)


def write_transcripts(projects: Path, files: int, size: int, seed: int = 1) -> list[Path]:
    """Write so many files of together about ``size`` bytes: some sub-agents', some forks that repeat a session."""
    rng = random.Random(seed)
    filler = "".join(rng.choices('abcdefghij klmnop qrstuvwxyz\näö€"{}[]:,', k=200_000))
    paths: list[Path] = []
    for number in range(files):
        name = f"{number:08d}-aaaa-bbbb"
        folder = projects / f"-home-u-p{number % 12}"
        path = folder / f"{name}.jsonl"
        if number % 6 == 5:
            path = paths[-1].with_suffix("") / "subagents" / f"agent-{number:06d}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            if number % 10 == 9:  # a fork begins as a copy of the session that it goes on from
                file.writelines(paths[-3].read_bytes().splitlines(keepends=True)[:200])
            lines = session_lines(rng, name, NOW - 20 * 86400, NOW - 60, filler)
            while file.tell() < size / files:
                file.write(next(lines))
        paths.append(path)
    return paths
