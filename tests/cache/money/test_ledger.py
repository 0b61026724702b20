"""Sums by day, project, branch, model and session equal a naive count of the transcripts, whatever happens to them."""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from datetime import datetime
from itertools import count, permutations
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from cache.money.ledger import HOUR, KEYS, project_in, spent_by
from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.prices import Prices
from cache.sources.transcripts.rollup import roll_up
from cache.sources.transcripts.scan import scan
from cache.sources.transcripts.totals import totals_between
from tests.support.transcript_writer import (
    MODELS,
    NOW,
    answer_line,
    line,
    lines_of,
    naive_answers,
    naive_cost,
    naive_totals,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo
    from pathlib import Path

    from tests.support.transcript_writer import Naive

DAY = 86400
BRANCHES = ("main", "feat/login", "fix/ünï", "HEAD", "")
FOLDERS = ("/home/u/p", "/home/u/p/deep er", "/srv/网站", "")
ZONES = ("UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe")
OVERRIDE = {"claude-opus-5": {"input": 7.0, "output": 33.5}}


def write_sessions(projects: Path, rng: random.Random, files: int) -> list[Path]:
    """Write sessions that switch branch, folder and model on the way; every third begins as a copy of another."""
    paths: list[Path] = []
    for number in range(files):
        path = projects / f"p{number % 3}" / f"s{number}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = paths[-1].read_bytes().splitlines(keepends=True)[:6] if number % 3 == 2 else []
        at = NOW - rng.random() * 30 * DAY
        for message in range(rng.randrange(10, 25)):
            at = min(at + rng.random() * 5400, NOW - 5)
            branch, folder, model = rng.choice(BRANCHES), rng.choice(FOLDERS), rng.choice(MODELS)
            for part in range(1, rng.randrange(2, 4)):  # an answer in several lines, which may cross a quarter
                ids = f"m{number}-{message}", f"r{number}-{message}"
                line = answer_line(
                    *ids, at + part, output=part * 997, session=f"s{number}", model=model, branch=branch, folder=folder
                )
                lines.append(line)
        path.write_bytes(b"".join(lines))
        paths.append(path)
    return paths


def naive_key(answer: Naive, key: str, zone: tzinfo) -> tuple[str, ...]:
    return {
        "day": (datetime.fromtimestamp(answer.at, zone).date().isoformat(),),
        HOUR: (
            str(datetime.fromtimestamp(answer.at, zone).weekday()),
            str(datetime.fromtimestamp(answer.at, zone).hour),
        ),
        "project": (answer.folder,),
        "branch": (answer.folder, answer.branch),
        "model": (answer.model,),
        "session": (answer.session,),
    }[key]


def naive_spent(
    projects: Path, key: str, zone: tzinfo, start: float, end: float, cost: Callable[[Naive], float] = naive_cost
) -> dict[tuple[str, ...], tuple[int, int, float]]:
    """Return answers, tokens and dollars by key."""
    found: dict[tuple[str, ...], list[Naive]] = defaultdict(list)
    for answer in naive_answers(lines_of(path) for path in sorted(projects.rglob("*.jsonl"))):
        if start <= answer.at < end:
            found[naive_key(answer, key, zone)].append(answer)
    return {
        name: (len(group), sum(sum(each.tokens) for each in group), sum(map(cost, group)))
        for name, group in found.items()
    }


def ours(
    index: Path, key: str, zone: tzinfo, start: float, end: float, prices: Prices | None = None
) -> dict[tuple[str, ...], tuple[int, int, float]]:
    with open_index(index, prices) as store:
        rows = spent_by(store, key, start, end, zone, project_of=lambda folder: folder)
    short = 1 if key == "session" else None
    assert len({each.key[:short] for each in rows}) == len(rows)
    return {each.key[:short]: (each.answers, each.all_tokens, each.dollars) for each in rows}


def read_all(index: Path, projects: Path) -> None:
    with open_index(index) as store:
        assert scan(store, [projects], now=NOW).finished
        assert roll_up(store, NOW, float("inf"))


def agree(
    mine: dict[tuple[str, ...], tuple[int, int, float]], naive: dict[tuple[str, ...], tuple[int, int, float]]
) -> bool:
    counts = {name: row[:2] for name, row in mine.items()} == {name: row[:2] for name, row in naive.items()}
    return counts and all(mine[name][2] == pytest.approx(naive[name][2], abs=1e-9) for name in naive)


@pytest.mark.parametrize("zone", ZONES)
def test_each_key_equals_a_naive_count_also_after_changes(zone: str, tmp_path: Path) -> None:
    rng, index, projects, there = random.Random(zone), tmp_path / "i.sqlite3", tmp_path / "projects", ZoneInfo(zone)
    paths = write_sessions(projects, rng, 9)
    for step in range(4):
        read_all(index, projects)
        begin = datetime.fromtimestamp(NOW - 20 * DAY, there).replace(hour=0, minute=0, second=0, microsecond=0)
        for start in (0, begin.timestamp(), NOW - 11 * 3600 - 7):  # all, from a midnight on, and from any second on
            for key in (*KEYS, HOUR):
                assert agree(
                    ours(index, key, there, start, NOW + DAY), naive_spent(projects, key, there, start, NOW + DAY)
                ), (step, start, key)
        path = rng.choice(paths)
        lines = path.read_bytes().splitlines(keepends=True)
        if step == 0:  # an answer grows, in its own quarter or in another
            path.write_bytes(b"".join([*lines, lines[-1].replace(b'"output_tokens":', b'"output_tokens":9')]))
        elif step == 1:  # cut short
            path.write_bytes(b"".join(lines[: len(lines) // 2]))
        else:  # replaced by another session on another branch
            path.unlink()
            path.write_bytes(answer_line("other", "r", NOW - 40 * 60, branch="new", folder="/new", session="new"))


def test_a_price_of_the_configuration_holds_for_all_that_was_spent(tmp_path: Path) -> None:
    index, projects, there = tmp_path / "i.sqlite3", tmp_path / "projects", ZoneInfo("UTC")
    write_sessions(projects, random.Random(1), 4)
    read_all(index, projects)

    def cost(answer: Naive) -> float:
        read, output, five, hour, cached = answer.tokens
        own = read * 7 + output * 33.5 + five * 5 + hour * 8 + cached * 0.20
        return own / 1e6 if answer.model.startswith("claude-opus-5") else naive_cost(answer)

    for key in (*KEYS, HOUR):
        naive = naive_spent(projects, key, there, 0, NOW + DAY, cost)
        assert agree(ours(index, key, there, 0, NOW + DAY, Prices(OVERRIDE)), naive), key


def test_what_was_spent_stays_when_claude_code_has_deleted_the_transcript(tmp_path: Path) -> None:
    """Answers are kept for 35 days, their sums for 400; the names stay as long as either."""
    index, projects, there = tmp_path / "i.sqlite3", tmp_path / "projects", ZoneInfo("UTC")
    for path in write_sessions(projects, random.Random(2), 3):
        read_all(index, projects)
        path.touch()
    before = ours(index, "branch", there, 0, NOW + DAY)
    for path in projects.rglob("*.jsonl"):
        path.unlink()
    for days, left in ((60, before), (500, {})):
        with open_index(index) as store:
            scan(store, [projects], now=NOW + days * DAY)
            assert roll_up(store, NOW + days * DAY, float("inf"))
            assert store.rows("SELECT count(*) FROM sightings") == [(0,)]
            assert (store.rows("SELECT count(*) FROM hours") != [(0,)]) == bool(left)
            assert (store.rows("SELECT count(*) FROM branch_spending") != [(0,)]) == bool(left)
        assert ours(index, "branch", there, 0, NOW + days * DAY) == left


@pytest.mark.parametrize("order", [*permutations(("origin", "fork", "again"))], ids="-".join)
def test_what_forks_have_copied_counts_for_the_same_session_in_whatever_order_it_is_read(
    order: tuple[str, ...], tmp_path: Path
) -> None:
    """A copy has the session, branch and folder of the fork."""
    index, projects, there = tmp_path / "i.sqlite3", tmp_path / "projects", ZoneInfo("UTC")
    texts, own = {}, b""
    for number, name in enumerate(("origin", "fork", "again")):
        place = {"session": name, "branch": f"{name}-branch", "folder": f"/{name}"}
        own += b"".join(answer_line(f"m{number}-{n}", f"r{number}-{n}", NOW - 60) for n in range(number, 3))
        lines = [json.loads(line) for line in own.splitlines()]
        told = {"sessionId": name, "gitBranch": place["branch"], "cwd": place["folder"]}
        texts[name] = "".join(json.dumps(each | told, separators=(",", ":")) + "\n" for each in lines)
    for name in order:
        (projects / "p").mkdir(parents=True, exist_ok=True)
        (projects / "p" / f"{name}.jsonl").write_text(texts[name])
        read_all(index, projects)
    rebuilt = tmp_path / "rebuilt.sqlite3"
    for at, name in enumerate(order):
        os.utime(projects / "p" / f"{name}.jsonl", (NOW + at, NOW + at))
    read_all(rebuilt, projects)
    for key in KEYS:
        naive = naive_spent(projects, key, there, 0, NOW + DAY)
        assert agree(ours(index, key, there, 0, NOW + DAY), naive), key
        assert agree(ours(rebuilt, key, there, 0, NOW + DAY), naive), key
    assert [*ours(index, "session", there, 0, NOW + DAY)] == [("again",)]


@pytest.mark.parametrize("origin_first", [True, False])
def test_what_a_fork_has_copied_counts_for_the_session_that_the_copy_names(
    tmp_path: Path, *, origin_first: bool
) -> None:
    index, projects, there = tmp_path / "i.sqlite3", tmp_path / "projects", ZoneInfo("UTC")
    original = answer_line("m1", "r1", NOW - 60, session="s9")
    copy = json.loads(answer_line("m1", "r1", NOW - 60, session="s1"))
    copy |= {"forkedFrom": {"sessionId": "s9", "messageUuid": "u"}}
    fork = line(copy) + answer_line("m2", "r2", NOW - 50, session="s1") + line(copy | {"forkedFrom": "odd"})
    for name, text in [("s9", original), ("s1", fork)] if origin_first else [("s1", fork), ("s9", original)]:
        (projects / "p").mkdir(parents=True, exist_ok=True)
        (projects / "p" / f"{name}.jsonl").write_bytes(text)
        read_all(index, projects)
        found = {session: row[0] for (session,), row in ours(index, "session", there, 0, NOW + DAY).items()}
    assert found == {"s9": 1, "s1": 1}


def test_sums_are_right_while_only_some_are_up_to_date(tmp_path: Path) -> None:
    index, projects, there = tmp_path / "i.sqlite3", tmp_path / "projects", ZoneInfo("UTC")
    write_sessions(projects, random.Random(3), 10)
    naive = naive_totals(lines_of(path) for path in sorted(projects.rglob("*.jsonl")))
    with open_index(index) as store:
        scan(store, [projects], now=NOW)
    ticks, rounds, done = count(), 0, False
    while not done:
        rounds += 1
        with open_index(index) as store:  # each time as another process, of which the time is up at once
            done = roll_up(store, NOW, 0, clock=lambda: next(ticks))
            found = totals_between(store, 0, NOW + DAY)
        assert found[:2] == naive[:2]
        assert found.dollars == pytest.approx(naive.dollars)
    assert rounds > 1, "one portion must not be enough"
    assert agree(ours(index, "day", there, 0, NOW + DAY), naive_spent(projects, "day", there, 0, NOW + DAY))


def test_a_project_is_the_folder_of_its_checkout(tmp_path: Path) -> None:
    checkout = tmp_path / "webshop"
    (checkout / ".git").mkdir(parents=True)
    (checkout / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (checkout / "src").mkdir()
    assert project_in(str(checkout / "src")) == str(checkout)
    assert project_in("/gone/since/long") == "/gone/since/long"
