"""Refreshers killed at random moments: every file is whole, no lock is left, and the next refresh works."""

from __future__ import annotations

import random
import signal

from tests.faults.conftest import RowOf
from tests.support.faults.busy_home import JOBS, BusyHome
from tests.support.faults.kept_files import grow_old, leftovers, make_due, troubles_of
from tests.support.fork_server import CHANGES, LOCK, READ_OPEN, FileFaults, Ran

NUMBERS = {"five_hour": 24, "seven_day": 83, "seven_day:fable": 36}
ENDS = (0, -signal.SIGKILL)


def killed(busy: BusyHome, job: str, chance: random.Random, calls: int, whole_s: float) -> tuple[str, Ran]:
    """Kill a job after some time, or at one of its calls that concern files; return when, and how it ended."""
    if chance.random() < 0.5:
        after_s = chance.uniform(0.0005, 1.1 * whole_s)
        return f"{job} after {after_s:.4f} s", busy.refresh(job, kill_after_s=after_s)
    faults = FileFaults(str(busy.world.cache), CHANGES | LOCK | READ_OPEN, nth=chance.randint(1, calls))
    return f"{job} at call {faults.nth}", busy.refresh(job, faults=faults)


def test_refreshers_killed_at_random_moments(row: RowOf, busy: BusyHome) -> None:
    chance, cache = random.Random(20261129), busy.world.cache
    counted = FileFaults(str(cache), CHANGES | LOCK | READ_OPEN)
    calls, took_s = {}, {}
    for job in JOBS:
        usual = []
        for _ in range(3):
            make_due(cache)
            usual.append(busy.refresh(job, faults=counted))
        calls[job], took_s[job] = usual[0].seen, min(each.took_s for each in usual)
        assert calls[job] > 4
    with row("refreshers killed") as figures:
        deaths = 0
        for _ in range(figures.count):
            make_due(cache)
            job = chance.choices(JOBS, [5, 3, 1, 1, 1])[0]
            when, ran = killed(busy, job, chance, calls[job], took_s[job])
            deaths += ran.code < 0
            if ran.code == 0:  # the machine may be less busy now than at first
                took_s[job] = min(took_s[job], ran.took_s)
            troubles = troubles_of(cache) + ([] if ran.code in ENDS and not ran.err else [f"ended with {ran}"])
            if busy.percents() != NUMBERS:
                troubles.append(f"numbers {busy.percents()}")
            grow_old(cache)
            following = busy.refresh(job)
            if following.code or following.err or busy.world.kept()["problem"]:
                troubles.append(f"the next refresh: {following}, {busy.log[-200:]}")
            figures.judge(when, troubles + troubles_of(cache) + leftovers(cache))
        assert deaths > figures.tried / 2, "most were really killed"
