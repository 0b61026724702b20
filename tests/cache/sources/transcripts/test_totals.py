"""The index has the same totals as a naive count of the transcripts, for every model and kind of token."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.prices import KINDS
from cache.sources.transcripts.scan import scan
from cache.sources.transcripts.totals import Totals, totals_between
from tests.support.examples import examples
from tests.support.transcript_writer import MODELS, NOW, answer_line, lines_of, naive_answers, naive_totals, user_line

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86400


class Person:
    """Works in sessions, and does to their transcripts what Claude Code does: one method for each event."""

    def __init__(self, projects: Path, rng: random.Random) -> None:
        self.projects, self.rng, self.number = projects, rng, 0
        self.sessions: list[Path] = []
        self.start()

    def start(self) -> None:
        """Begin a session."""
        self.number += 1
        path = self.projects / f"p{self.number % 3}" / f"s{self.number}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self.sessions.append(path)

    def answer(self) -> None:
        """Write an answer in several lines; its usage grows, and is sometimes repeated."""
        self.write(self.session(), self.parts())

    def advised(self) -> None:
        """Let an answer ask other models, in its first lines fewer of them."""
        asked = [self.advisor() for _ in range(self.rng.randrange(1, 4))]
        self.write(self.session(), self.parts(asked))

    def sub_agent(self) -> None:
        """Write an answer of a sub-agent to its own file."""
        path = self.session().with_suffix("") / "subagents" / f"agent-{self.number % 4}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.write(path, self.parts([self.advisor()] if self.rng.random() < 0.3 else [], side=True))

    def fork(self) -> None:
        """Go on from a session in another file, which begins with its lines; they may name the new session."""
        lines, name = self.session().read_bytes(), self.session().stem
        self.start()
        renamed = lines.replace(f'"sessionId":"{name}"'.encode(), f'"sessionId":"{self.sessions[-1].stem}"'.encode())
        self.sessions[-1].write_bytes(self.rng.choice([lines, renamed]))
        self.answer()

    def resume(self) -> None:
        """Continue an old session in its file; the last answer is repeated."""
        path = self.session()
        lines = path.read_bytes().splitlines(keepends=True)
        self.write(path, lines[-self.rng.randrange(1, 4) :] if lines else [])
        self.answer()

    def side_chain(self) -> None:
        """Repeat answers of a session in a side chain, under other requests."""
        path, replayed = self.session(), []
        for each in path.read_bytes().splitlines(keepends=True)[-4:]:
            record = json.loads(each) if each.startswith(b"{") else {}
            if record.get("requestId"):
                record |= {"isSidechain": True, "requestId": f"again-{record['requestId']}"}
                replayed.append(json.dumps(record, separators=(",", ":")).encode() + b"\n")
        self.write(self.rng.choice(self.sessions), replayed)

    def nothing(self) -> None:
        """Write what took no tokens of the plan: made-up answers, errors, fast mode, what people and tools say."""
        self.number += 1
        ids, at = (f"m{self.number}", f"r{self.number}"), self.at()
        fast = self.usage() | {"speed": "fast", "iterations": [self.advisor()]}
        lines = [
            answer_line(*ids, at, model="<synthetic>", usage=self.usage() | {"iterations": [self.advisor()]}),
            answer_line(*ids, at, error=True, usage=self.usage() | {"iterations": [self.advisor()]}),
            answer_line(*ids, at, usage=fast),
            user_line(at, 'of "advisor_message" and "usage":{"input_tokens":5}'),
            b"\xff\xfe\n",
        ]
        self.write(self.session(), [self.rng.choice(lines)])

    def session(self) -> Path:
        return self.rng.choice(self.sessions[-3:])

    def at(self) -> float:
        return NOW - self.rng.randrange(1, 30 * DAY)

    def parts(self, asked: list[dict[str, object]] | None = None, *, side: bool = False) -> list[bytes]:
        """Return the lines of one answer: its last usage, before it smaller ones, in an order of their own."""
        self.number += 1
        whole, at, model = self.usage(), self.at(), self.rng.choice([*MODELS, "claude-haiku-5-5", "claude-new-9"])
        ids = f"m{self.number}", f"r{self.number}"
        lines, of = [], self.rng.randrange(1, 4)
        for part in range(1, of + 1):
            usage = whole | {"output_tokens": int(str(whole["output_tokens"])) * part // of}
            if asked:
                message: dict[str, object] = {"type": "message", "model": None, **usage}
                usage["iterations"] = [message, *asked[: len(asked) * part // of], message]
            line = answer_line(*ids, at + part, model=model, usage=usage, side=side, session=self.session().stem)
            lines += [line] * self.rng.choice([1, 1, 2])
        self.rng.shuffle(lines)
        return lines

    def advisor(self) -> dict[str, object]:
        model = self.rng.choice([*MODELS, "claude-opus-4-1", None])
        return {"type": "advisor_message", "model": model, **self.usage()}

    def usage(self) -> dict[str, object]:
        five, hour = self.rng.choice([0, 0, 700, 60_000]), self.rng.choice([0, 900, 50_000])
        split = {"cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour}}
        return {
            "input_tokens": self.rng.randrange(5000),
            "output_tokens": self.rng.randrange(1, 9000),
            "cache_read_input_tokens": int(self.rng.expovariate(1 / 60_000)),
            "cache_creation_input_tokens": five + hour,
            **(split if self.rng.random() < 0.8 else {}),
        }

    def write(self, path: Path, lines: list[bytes]) -> None:
        with path.open("ab") as file:
            file.writelines(lines)


EVENTS = ["start", "answer", "advised", "sub_agent", "fork", "resume", "side_chain", "nothing"]


def tokens_by_model(index: Path) -> Counter[tuple[str, str]]:
    """Return what the index has of each model and kind."""
    found: Counter[tuple[str, str]] = Counter()
    with open_index(index) as store:
        columns = ", ".join(f"sum({kind})" for kind in KINDS)
        query = f"SELECT name, {columns} FROM sightings JOIN models ON id = model WHERE counts GROUP BY name"  # noqa: S608
        for name, *sums in store.rows(query):
            found.update({(name, kind): each for kind, each in zip(KINDS, sums, strict=True)})
    return found


def naive_by_model(contents: list[list[bytes]]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for answer in naive_answers(contents):
        found.update({(answer.model, kind): each for kind, each in zip(KINDS, answer.tokens, strict=True)})
    return found


@given(
    events=st.lists(st.sampled_from(EVENTS), max_size=40),
    looks=st.lists(st.sampled_from([1, 2, 5, 10**9]), min_size=1, max_size=4),
    rng=st.randoms(use_true_random=False),
)
@examples(300)
def test_the_index_adds_up_to_a_naive_count(events: list[str], looks: list[int], rng: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index, projects = Path(folder) / "i.sqlite3", Path(folder) / "projects"
        person = Person(projects, random.Random(rng.random()))
        for number, event in enumerate(events):
            act: Callable[[], None] = getattr(person, event)
            act()
            if number % 7 == 0:
                scan_once(index, projects, looks[number % len(looks)])
        while not scan_once(index, projects, looks[0]):
            pass
        contents = [list(lines_of(path)) for path in sorted(projects.rglob("*.jsonl"))]
        with open_index(index) as store:
            ours = totals_between(store, 0, 1e12)
        naive = naive_totals(contents)
        assert ours[:2] == naive[:2]
        assert ours.dollars == pytest.approx(naive.dollars, rel=1e-9)
        assert +tokens_by_model(index) == +naive_by_model(contents)


def scan_once(index: Path, projects: Path, looks: int) -> bool:
    ticks = count()
    with open_index(index) as store:
        return scan(store, [projects], now=NOW, budget_s=looks, clock=lambda: next(ticks)).finished


def test_an_advisor_counts_as_an_answer_of_its_own_model(tmp_path: Path) -> None:
    (tmp_path / "projects/p").mkdir(parents=True)
    advisor: dict[str, object] = {"type": "advisor_message", "model": "claude-fable-5-2", "input_tokens": 1_000_000}
    usage: dict[str, object] = {"input_tokens": 7, "output_tokens": 9, "iterations": [{"type": "message"}, advisor]}
    nameless = {**usage, "iterations": [{**advisor, "model": None}, {"type": "else", "input_tokens": 5}, None, 7]}
    lines = [answer_line("m1", "r1", NOW - 60, usage=usage), answer_line("m2", "r2", NOW - 50, usage=nameless)]
    lines.append(answer_line("m3", "r3", NOW - 40, usage={**usage, "iterations": "none"}))
    (tmp_path / "projects/p/s.jsonl").write_bytes(b"".join(lines))
    assert scan_once(tmp_path / "i.sqlite3", tmp_path / "projects", 10**9)
    with open_index(tmp_path / "i.sqlite3") as store:
        assert totals_between(store, 0, 1e12, "fable") == Totals(1, 1_000_000, 8.0)
        assert totals_between(store, 0, 1e12, "opus")[:2] == (4, 1_000_000 + 3 * 16)


def test_a_compaction_counts_for_the_model_that_did_it(tmp_path: Path) -> None:
    (tmp_path / "projects/p").mkdir(parents=True)
    compaction = {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3500}
    usage: dict[str, object] = {"input_tokens": 23_000, "output_tokens": 1000, "iterations": [compaction]}
    (tmp_path / "projects/p/s.jsonl").write_bytes(answer_line("m1", "r1", NOW - 60, usage=usage) * 2)
    assert scan_once(tmp_path / "i.sqlite3", tmp_path / "projects", 10**9)
    with open_index(tmp_path / "i.sqlite3") as store:
        assert totals_between(store, 0, 1e12, "opus")[:2] == (2, 180_000 + 3500 + 23_000 + 1000)
