"""Ticks killed at random moments: every file is whole, and the next refresh removes what they left."""

from __future__ import annotations

import json
import random
import signal
from pathlib import Path
from typing import Any

from tests.faults.conftest import RowOf
from tests.support.faults.busy_home import BusyHome, plain
from tests.support.faults.kept_files import grow_old, leftovers, troubles_of
from tests.support.fork_server import CHANGES, READ_OPEN, FileFaults, Ran

ENDS = (0, -signal.SIGKILL)
REFRESH_EVERY = 20  # ticks


def message(busy: BusyHome, number: int) -> bytes:
    """Return a message with news in it: of another session, with numbers that grow."""
    limits: dict[str, Any] = busy.payload()["rate_limits"]
    limits["five_hour"]["used_percentage"] = 20 + (number % 3000) / 1000
    return json.dumps(busy.payload(session_id=f"session-{number % 7}", rate_limits=limits)).encode()


def killed(busy: BusyHome, number: int, chance: random.Random, calls: int, whole_s: float) -> tuple[str, Ran]:
    """Kill a tick after some time, or at one of its calls that concern files; return when, and how it ended."""
    if chance.random() < 0.5:
        after_s = chance.uniform(0.0005, 1.1 * whole_s)
        return f"after {after_s:.4f} s", busy.tick(message(busy, number), kill_after_s=after_s)
    faults = FileFaults(str(busy.world.cache), CHANGES | READ_OPEN, nth=chance.randint(1, calls))
    return f"at call {faults.nth}", busy.tick(message(busy, number), faults=faults)


def sessions_in(readings: Path) -> int:
    """Return how many processes the ticks' own file knows; 0 where it is torn."""
    try:
        return len(json.loads(readings.read_bytes())["directories"][""]["processes"])
    except ValueError:
        return 0


def test_ticks_killed_at_random_moments(row: RowOf, busy: BusyHome) -> None:
    chance, cache = random.Random(20261129), busy.world.cache
    usual = busy.tick(message(busy, -1), faults=FileFaults(str(cache), CHANGES | READ_OPEN))
    assert usual.seen > 4
    took_s = usual.took_s
    readings = cache / "readings.json"
    with row("ticks killed") as figures:
        deaths = left = 0
        for number in range(figures.count):
            before = readings.read_bytes()
            when, ran = killed(busy, number, chance, usual.seen, took_s)
            deaths += ran.code < 0
            if ran.code == 0:  # the machine may be less busy now than at first
                took_s = min(took_s, ran.took_s)
            troubles = [] if ran.code in ENDS and not ran.err else [f"ended with {ran}"]
            if readings.read_bytes() != before and not sessions_in(readings):
                troubles.append("the readings are lost")
            left += bool(leftovers(cache))
            if leftovers(cache) or number % REFRESH_EVERY == 0:
                grow_old(cache)
                following = busy.refresh("usage")
                troubles += troubles_of(cache) + leftovers(cache)
                if following.code or following.err:
                    troubles.append(f"the next refresh: {following}")
            drawn = busy.tick(message(busy, number))
            if drawn.code or drawn.err or "5h 2" not in plain(drawn):
                troubles.append(f"the next tick: {drawn}")
            figures.judge(when, troubles)
        assert deaths > figures.tried / 2, "most were really killed"
        assert left or figures.tried < 200, "some were killed while they wrote"
