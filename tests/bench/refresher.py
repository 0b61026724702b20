"""What the background processes cost: each job alone, and all of them in an hour of 1, 5 and 20 sessions.

    python tests/bench/refresher.py [--rounds 15] [--minutes 60] [--python PATH]

First every job as a tick starts it, as a whole process: CPU of its own and of the programs that it runs (git), time by
the clock, peak memory (VmHWM), and what its read calls returned (rchar: also from the system's cache, with Python's
modules). The median of interleaved rounds; the endpoint is a server on loopback.

Then the hour: ticks every 10 s draw the real line with a clock that is moved by hand, in one process. What they start
runs there at once, by the same clock, without git and requests, and is counted. An hour costs what the ticks and these
starts cost as processes. At work, each session takes a turn between two ticks, changes lines every 30 s and its status
every minute; idle, nothing changes. It has no limits that could fail.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cache.jobs import git  # noqa: E402 - found through the line above
from cache.model.jsonio import mapping  # noqa: E402
from cache.readings.snapshot import plain_name  # noqa: E402
from cache.refresh import runner  # noqa: E402
from cache.sources.git.status import Status  # noqa: E402
from cache.work.request import Request  # noqa: E402
from tests.bench.process_cost import Cost, median_cost, run_script, run_timed  # noqa: E402
from tests.bench.working_sessions import WorkingSession, endpoint_body, machine_with  # noqa: E402
from tests.support.loopback_server import Answer, SeparateLoopback  # noqa: E402
from tests.support.package_layout import lay_out  # noqa: E402
from tests.support.plain_venv import plain_venv  # noqa: E402

EVERY_S = 10  # Claude Code's `refreshInterval`
SESSIONS = (1, 5, 20)
PRESETS = ("default", "full")
STATES = ("at work", "idle")
ASKED, UNASKED, LITTLE_NEW = "usage, asking the endpoint", "usage, not asking", "transcripts, little new"
FURTHER, FURTHER_AT_ONCE = "git, a further checkout", 10
WATCH = {"watch": [{"at": [90], "command": "true"}, {"on": "waiting", "command": "true"}]}


@dataclass
class Job:
    """A job as a tick starts it: its name in the table, its words, its standard input, and what comes before it."""

    name: str
    words: list[str]
    prepare: Callable[[], object] = lambda: None
    given: bytes = b""
    costs: list[Cost] = field(default_factory=list)


def make_due(entry: Path, *parts: str) -> None:
    """Make an entry due, or a part of it, where there is one."""
    if not entry.exists():
        return
    kept = json.loads(entry.read_text())
    found = kept
    for name in parts:
        found = mapping(found).get(name)
    mapping(found)["due_at"] = 0
    entry.write_text(json.dumps(kept))


def jobs_of(session: WorkingSession, config: Path) -> list[Job]:
    """Return all jobs, in an order in which each finds what it needs."""
    world, root, watching = session.world, str(session.work), config.with_name("watching.json")
    watching.write_text(json.dumps(WATCH))
    usage = world.cache / "usage.json"

    def forget() -> None:
        for file in [usage, world.cache / "endpoint.json", *(world.cache / "accounts").glob("*.json")]:
            file.unlink(missing_ok=True)

    def grow() -> None:
        session.take_turn(time.time())
        make_due(world.cache / "transcripts.json")

    def words(job: str, *options: str, by: Path = config) -> list[str]:
        door = str(world.door.parents[1] / "cache" / "__main__.py")
        return [door, job, "--cache", str(world.cache), "--config", str(by), "--oauth", "auto", *options]

    further = [str(checkout_like(session.work, number)) for number in range(FURTHER_AT_ONCE)]

    def be_quiet() -> None:
        make_due(world.cache / "git" / f"{place}.json")
        for each in further:
            wait_quietly(Request("git", world.cache, config, world.env, {"entry": plain_name(each), "root": each}))

    place, name = plain_name(root), plain_name(session.id)
    version = ("--claude-version", "2.1.330", "--proved", "yes")
    asked = ("--entry", place, "--root", root, "--session", session.id, "--lines", "12")
    order = {"command": "echo hello", "directory": root, "environment": {"PATH": world.env["PATH"]}}
    return [
        Job(ASKED, words("usage", *version), forget),
        Job(UNASKED, words("usage", *version), lambda: make_due(usage)),
        Job("git", words("git", *asked), lambda: make_due(world.cache / "git" / f"{place}.json")),
        Job(FURTHER, words("git", *asked), be_quiet),
        Job(LITTLE_NEW, words("transcripts"), grow),
        Job("activity", words("activity", "--entry", name, "--transcript", str(session.log)), grow),
        Job("sessions", words("sessions"), lambda: make_due(usage, "parts", "sessions")),
        Job(
            "command",
            words("command", "--entry", "hello"),
            lambda: make_due(world.cache / "commands" / "hello.json"),
            json.dumps(order).encode(),
        ),
        Job("usage and watch", words("usage", *version, by=watching), lambda: make_due(usage)),
        Job("sessions and watch", words("sessions", by=watching), lambda: make_due(usage, "parts", "sessions")),
    ]


def checkout_like(work: Path, number: int) -> Path:
    """Copy a checkout; return where it is."""
    return Path(shutil.copytree(work, work.with_name(f"{work.name}-further-{number}")))


def wait_quietly(request: Request) -> None:
    """Let nothing have changed in a checkout for 300 s, so that half of the wait for its next look is over."""
    now = int(time.time())
    runner.refresh(replace(request, force=True))
    kept = json.loads(request.entry_file.read_text())
    request.entry_file.write_text(json.dumps(kept | {"fetched_at": now - 300, "due_at": now + 60}))


def of_one(together: Cost, alone: Cost) -> Cost:
    """Return what one further checkout adds to the job; the memory is that of all."""
    spent = [(more - less) / FURTHER_AT_ONCE for more, less in zip(together, alone, strict=True)]
    return Cost(spent[0], spent[1], spent[2], together.peak_kib, int(spent[4]))


def measure(folder: Path, door: Path, python: str, rounds: int, warm: int = 2) -> dict[str, float]:
    """Measure all jobs and a tick, print them, and return the CPU seconds of each by name.

    ``warm`` is the number of rounds before: the first reads all of the transcripts.
    """
    since = time.time()
    with (
        SeparateLoopback(Answer(body=endpoint_body(since))) as server,
        machine_with(folder, door, 1, server.base, since, python=python) as (world, (session, *_)),
    ):
        jobs = jobs_of(session, folder / "config.json")
        for number in range(-warm, rounds):
            for job in jobs:
                job.prepare()
                cost = run_script(python, job.words, world.env, folder, job.given)
                if number >= 0:
                    job.costs.append(cost)
        given = json.dumps(session.payload()).encode()
        ticks = [run_timed(world.command, world.env, session.work, given).cpu_s for _ in range(rounds)]
    print(f"{'':28}{'CPU':>9}{'and git':>9}{'wall':>9}{'memory':>11}{'read':>10}")
    costs = {job.name: median_cost(job.costs) for job in jobs}
    costs[FURTHER] = of_one(costs[FURTHER], costs["git"])
    for name, cost in costs.items():
        spent = f"{cost.cpu_s:8.3f}s{cost.children_s:8.3f}s{cost.wall_s:8.3f}s"
        print(f"{name:28}{spent}{cost.peak_kib / 1024:8.1f}MiB{cost.read_bytes / 1024:7.0f}KiB")
    used = {name: cost.cpu_s + cost.children_s for name, cost in costs.items()}
    return used | {"ticks": statistics.median(ticks)}


def count_starts(folder: Path, sessions: int, state: str, preset: str, minutes: int) -> Counter[str]:
    """Return how often ticks start each job, in so many minutes of so many sessions.

    This process has the environment of the sessions: the tick reads it as it does elsewhere.
    """
    import statusline.attempt  # noqa: PLC0415 - only this process draws lines
    import statusline.tick  # noqa: PLC0415

    since, counts, started = time.time(), Counter[str](), dict[str, float]()
    config = folder / "config.json"
    config.write_text(json.dumps({"preset": preset}))
    asked: list[bool] = []
    other_checkouts = git.other_checkouts

    def fetch(*_: object) -> bytes:
        asked.append(True)
        return endpoint_body(since).encode()

    def start(job: str, stem: str, now: float, spacing_s: float, options: Sequence[str], _: object = None) -> bool:
        if now - started.get(stem, 0) < spacing_s:
            return False
        started[stem] = now
        given = {name.removeprefix("--"): value for name, value in zip(options[::2], options[1::2], strict=True)}
        request = Request(job, world.cache, config, os.environ, given)
        asked.clear()
        outcome = runner.refresh(request, lambda: now)
        runner.follow_up(request, outcome, lambda: now)
        if outcome.state == "failed":
            raise RuntimeError(outcome.sentence)
        counts[{"usage": ASKED if asked else UNASKED, "transcripts": LITTLE_NEW}.get(job, job)] += 1
        return True

    def find_others(request: Request, now: float) -> list[Request]:
        found = other_checkouts(request, now)
        counts[FURTHER] += len(found)
        return found

    payload: dict[str, object] = {}
    with ExitStack() as stack:
        for target, by in (
            ("cache.sources.endpoint.client.fetch_usage", fetch),
            ("cache.jobs.git.read_status", lambda *_, **__: Status()),
            ("cache.jobs.git.other_checkouts", find_others),
            ("cache.refresh.runner.limit", lambda _: None),
            ("statusline.spawn.start_spaced", start),
            ("statusline.tick.read_payload", lambda: payload),
        ):
            stack.enter_context(patch(target, by))
        base = os.environ["STATUSLINE_API_BASE"]
        world, running = stack.enter_context(machine_with(folder, ROOT, sessions, base, since, transcript_kib=100))
        for number in range(minutes * 60 // EVERY_S):
            for place, session in enumerate(running):
                now = since + EVERY_S * (number + place / sessions)
                if state == "at work":
                    work(session, number, now)
                payload = session.payload()
                _, steps = statusline.tick.tick(["--cache", str(world.cache), "--config", str(config)], now)
                for step in steps:
                    step()
                counts["ticks"] += 1
        if statusline.attempt.FAILURES:
            raise statusline.attempt.FAILURES[0]
    return counts


def work(session: WorkingSession, number: int, now: float) -> None:
    """Do what a session at work does between two ticks."""
    session.take_turn(now)
    if number % 3 == 0:
        session.change_lines()
    if number % 6 == 0:
        session.note_status("idle" if number % 12 else "busy")


def count_elsewhere(folder: Path, *words: str) -> Counter[str]:
    """Count in a process with the environment of the sessions."""
    folder.mkdir()
    env = {"HOME": str(folder / "home"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "COLUMNS": "160"}
    env |= {"STATUSLINE_API_BASE": "http://127.0.0.1:9", "CLAUDE_PID": "1"}
    command = [sys.executable, __file__, "--count", str(folder), *words]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return Counter(json.loads(done.stdout))


def print_hours(folder: Path, costs: dict[str, float], minutes: int) -> None:
    """Print what an hour costs with each number of sessions."""
    for preset in PRESETS:
        for state in STATES:
            for sessions in SESSIONS:
                counts = count_elsewhere(
                    folder / f"{preset}-{state}-{sessions}", str(sessions), state, preset, str(minutes)
                )
                hourly = {name: count * 60 / minutes for name, count in counts.items()}
                ticks = hourly.pop("ticks") * costs["ticks"]
                total = sum(costs[name] * count for name, count in hourly.items())
                print(f"\n{preset}, {sessions} {state}: {total / 36:.2f} % of a core, and ticks {ticks / 36:.2f} %")
                for name, count in sorted(hourly.items()):
                    print(f"  {name:26}{count:7.0f} an hour{count * costs[name]:8.1f}s CPU")


def main() -> None:
    """Measure and print, or count in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--minutes", type=int, default=60, help="of the simulated hour")
    parser.add_argument("--python", help="one that has hudline's libraries; by default an environment with only these")
    parser.add_argument("--count", nargs=5, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.count:
        where, sessions, state, preset, minutes = args.count
        print(json.dumps(count_starts(Path(where), int(sessions), state, preset, int(minutes))))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        python = args.python or plain_venv(folder / "venv")
        costs = measure(folder, lay_out(folder / "package", python), python, args.rounds)
        if args.minutes:
            print_hours(folder, costs, args.minutes)


if __name__ == "__main__":
    main()
