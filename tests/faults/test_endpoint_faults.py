"""Whatever the endpoint does, ``refresh --force`` ends, says so, keeps the old numbers and knows when to try again."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_refresher import captured
from tests.support.loopback_server import Answer, Loopback
from tests.support.tick_world import TOKEN, World

FIVE_MINUTES, HALF_AN_HOUR = (300, 302), (1800, 1802)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Loopback]:
    with Loopback(Answer(body=captured())) as server:
        yield server


@pytest.fixture
def world(door: Path, tmp_path: Path) -> Iterator[World]:
    """Give a person whose cache holds the captured numbers; the server is about to misbehave."""
    world = World(tmp_path, door)
    world.sign_in()
    with Loopback(Answer(body=captured())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        assert world.refresh("--force", "--json").returncode == 0
        yield world


def misbehave(world: World, *answers: Answer) -> dict[str, object]:
    """Ask a server that answers so; return the entry, having seen that the old numbers are in it."""
    with Loopback(*answers) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        done = world.refresh("--force", "--json")
        assert done.returncode == 1, done.stdout + done.stderr
        assert TOKEN not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert len(server.requests) == 1
    assert {id_: each["percent"] for id_, each in world.windows().items()} == {
        "five_hour": 24,
        "seven_day": 83,
        "seven_day:fable": 36,
    }
    return world.kept()


def wait_s(entry: dict[str, object]) -> int:
    due_at = entry["due_at"]
    assert isinstance(due_at, int)
    return due_at - int(time.time())


CASES = {
    "drips its head": (Answer(body=captured(), drips="head"), "unreachable", FIVE_MINUTES),
    "drips its body": (Answer(body=captured(), drips="body"), "unreachable", FIVE_MINUTES),
    "never answers": (Answer(silent=True), "unreachable", FIVE_MINUTES),
    "sends gzip unasked": (
        Answer(body=gzip.compress(captured().encode()).decode("latin-1"), headers={"Content-Encoding": "gzip"}),
        "unreadable",
        FIVE_MINUTES,
    ),
    "sends 10 MB": (Answer(body="x" * (10 << 20)), "unreadable", FIVE_MINUTES),
    "sends HTML": (Answer(body="<html><body>Sorry</body></html>"), "unreadable", FIVE_MINUTES),
    "sends a list": (Answer(body="[]"), "unreadable", FIVE_MINUTES),
    "answers 401": (Answer(status=401), "refused", HALF_AN_HOUR),
    "answers 403": (Answer(status=403), "refused", HALF_AN_HOUR),
    "answers 429": (Answer(status=429), "rate_limited", FIVE_MINUTES),
    "answers 429, retry after 0": (Answer(status=429, headers={"Retry-After": "0"}), "rate_limited", FIVE_MINUTES),
    "answers 429, retry after 20 min": (
        Answer(status=429, headers={"Retry-After": "1200"}),
        "rate_limited",
        (1200, 1202),
    ),
    "answers 429, retry after a day": (
        Answer(status=429, headers={"Retry-After": "86400"}),
        "rate_limited",
        (3600, 3602),
    ),
    "answers 500": (Answer(status=500), "server_trouble", FIVE_MINUTES),
    "ends in the middle": (Answer(body=captured(), cut_at=40), "unreachable", FIVE_MINUTES),
}


@pytest.mark.parametrize(("answer", "problem", "between"), CASES.values(), ids=CASES)
def test_a_fault_keeps_the_numbers_and_sets_the_next_attempt(
    world: World, answer: Answer, problem: str, between: tuple[int, int]
) -> None:
    entry = misbehave(world, answer)
    assert entry["problem"] == problem
    assert entry["failures"] == 1
    # The wait counts from the moment before the request, which may take its five seconds.
    assert between[0] - 10 <= wait_s(entry) <= between[1]


def test_a_redirect_is_not_followed(world: World, elsewhere: Loopback) -> None:
    before = len(elsewhere.requests)
    entry = misbehave(world, Answer(status=302, headers={"Location": f"{elsewhere.base}/api/oauth/usage"}))
    assert entry["problem"] == "server_trouble"
    assert len(elsewhere.requests) == before


def test_failures_in_a_row_wait_longer_up_to_half_an_hour(world: World) -> None:
    waits = [wait_s(misbehave(world, Answer(status=503))) for _ in range(5)]
    assert [round(each / 300) for each in waits] == [1, 2, 4, 6, 6]


def test_a_cool_down_is_not_shortened_even_by_force(world: World) -> None:
    misbehave(world, Answer(status=429, headers={"Retry-After": "900"}))
    with Loopback(Answer(body=captured())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        done = world.refresh("--force", "--json")
        assert done.returncode == 1
        assert server.requests == []
    assert world.kept()["problem"] == "rate_limited"
    assert 880 < wait_s(world.kept()) <= 902


def test_a_success_after_failures_forgets_them(world: World) -> None:
    misbehave(world, Answer(status=500))
    with Loopback(Answer(body=captured())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        assert world.refresh("--force").returncode == 0
    entry = world.kept()
    assert (entry["problem"], entry["failures"]) == (None, 0)
    assert 295 <= wait_s(entry) <= 362


def test_without_force_nothing_is_asked_before_it_is_time(world: World) -> None:
    with Loopback(Answer(body=captured())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        done = world.refresh("--json")
        assert done.returncode == 0
        assert server.requests == []
    assert "not due" in json.dumps(json.loads(done.stdout))


def test_nobody_signed_in_is_said_with_the_next_step(world: World) -> None:
    (world.home / ".claude" / ".credentials.json").unlink()
    done = world.refresh("--force")
    assert done.returncode == 1
    assert "/login" in done.stdout + done.stderr
    assert world.windows()["five_hour"]["percent"] == 24
