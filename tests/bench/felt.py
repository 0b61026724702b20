"""What a person waits for: how long after the first tick of a session the line is complete, and what takes that time.

    python tests/bench/felt.py [--rounds 20] [--python PATH]

A new session on an empty cache: from the start of its first tick until a tick would show the limits of the account,
those of the model and the changes in the checkout. The endpoint is a server on loopback that answers at once; the
refreshers are those that the tick starts. Then the same session after ``/clear`` (another id, an empty transcript), and
in a terminal of another width: until a tick has drawn the complete line. Each round is one of each. Prints the
distribution, and when each step of the background processes was done (medians). It has no limits that could fail.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.process_cost import percentile  # noqa: E402 - found through the line above
from tests.bench.working_sessions import WorkingSession, endpoint_body, machine_with  # noqa: E402
from tests.support.loopback_server import Answer, SeparateLoopback  # noqa: E402
from tests.support.package_layout import lay_out  # noqa: E402
from tests.support.plain_venv import plain_venv  # noqa: E402
from tests.support.processes import running  # noqa: E402

COMPLETE = ("5h", "7d", "36%", "*1")  # what a complete line has: both limits, that of the model, the changes
POLL_S = 0.002  # between two looks at the cache
AT_MOST_S = 20.0

# Put before the refresher's own code: notes when it begins, locks, connects, starts a program, and replaces a file.
TRACE = """
import os as _os, sys as _sys, time as _time
def _trace(folder={folder!r}, now=_time.time, leave=_os._exit):
    steps = [("begins", now())]
    def note(event, given):
        name = ""
        if event == "open" and str(given[0]).endswith(".lock") and given[2] & _os.O_CREAT:
            name = "has its modules" if not str(given[0]).endswith("merge.lock") else ""
        elif event == "import" and given[0] == "httpx":
            name = "begins to load httpx"
        elif event == "socket.connect":
            name = "requests"
        elif event == "subprocess.Popen":
            name = "starts git"
        elif event == "os.rename":
            name = "has written " + _os.path.basename(_os.path.dirname(given[1])) + "/" + _os.path.basename(given[1])
        if name:
            steps.append((name, now()))
    _sys.addaudithook(note)
    def ended(code):
        steps.append(("ends", now()))
        with open(_os.path.join(folder, _sys.argv[1] + "-" + str(_os.getpid())), "w") as file:
            file.write(repr(steps))
        leave(code)
    _os._exit = ended
_trace()
"""


class Wait(NamedTuple):
    """How long a person waited, in seconds, and in how many ticks the line was complete."""

    seconds: float
    ticks: int


def until_complete(session: WorkingSession, columns: int, *, cold: bool = False) -> Wait:
    """Draw ticks until the line is complete; after the first one on a cold cache only when something was written."""
    world = replace(session.world, extra={**session.world.extra, "COLUMNS": str(columns)})
    given = json.dumps(session.payload(limits=not cold)).encode()
    began, seen, ticks = time.perf_counter(), written(world.cache), 0
    while True:
        row, ticks = world.tick(given, cwd=session.work).stdout.decode(), ticks + 1
        if all(part in row for part in COMPLETE):
            return Wait(time.perf_counter() - began, ticks)
        while (now := written(world.cache)) == seen:
            if time.perf_counter() - began > AT_MOST_S:
                raise SystemExit(f"never complete: {row}")
            time.sleep(POLL_S)
        seen = now


def written(cache: Path) -> list[int]:
    """Return when the entries in the cache that the line reads were written."""
    return [
        file.stat().st_mtime_ns for file in (cache / "usage.json", *(cache / "git").glob("*.json")) if file.exists()
    ]


def settle(folder: Path) -> None:
    """Wait until no refresher runs."""
    end = time.monotonic() + AT_MOST_S
    while running(folder, "cache/__main__.py"):
        if time.monotonic() > end:
            raise SystemExit("a refresher does not end")
        time.sleep(0.02)


def read_steps(traces: Path, began: float) -> Iterator[tuple[str, str, float]]:
    """Yield job, step and seconds after the first tick began, for each refresher; remove the traces."""
    for file in sorted(traces.iterdir()):
        seen = set()
        for name, at in ast.literal_eval(file.read_text()):
            if name not in seen:
                yield file.name.partition("-")[0], name, at - began
            seen.add(name)
        file.unlink()


class Measured(NamedTuple):
    """The waits by name, and when each step of a job was done after the first tick of a new session, in seconds."""

    waits: dict[str, list[Wait]]
    steps: dict[tuple[str, str], list[float]]


def measure(folder: Path, door: Path, python: str, rounds: int, warm: int = 1) -> Measured:
    """Measure so many rounds after some to warm up; the packages of ``door`` are changed."""
    found, since, traces = Measured(defaultdict(list), defaultdict(list)), time.time(), folder / "traces"
    traces.mkdir()
    refresher = door.parents[1] / "cache" / "__main__.py"
    refresher.write_text(TRACE.format(folder=str(traces)) + refresher.read_text())
    with (
        SeparateLoopback(Answer(body=endpoint_body(since))) as server,
        machine_with(folder, door, 1, server.base, since, python=python) as (world, (session, *_)),
    ):
        for number in range(-warm, rounds):
            shutil.rmtree(world.cache, ignore_errors=True)
            began = time.time()
            waits = [until_complete(session, 160, cold=True)]
            settle(folder)
            steps = [*read_steps(traces, began)]
            cleared = replace(session, id=f"{number + warm:08d}-cccc-4bbb-8ccc-ddddeeeeffff", log=folder / "none.jsonl")
            waits += [until_complete(cleared, 160), until_complete(cleared, 120)]
            settle(folder)
            for file in traces.iterdir():
                file.unlink()
            if number >= 0:
                for job, name, at in steps:
                    found.steps[job, name].append(at)
                for name, wait in zip(("new session", "/clear", "resize"), waits, strict=True):
                    found.waits[name].append(wait)
    return found


def report(waits: dict[str, list[Wait]], steps: dict[tuple[str, str], list[float]]) -> None:
    """Print the distribution of the waits, and the steps of each job."""
    print(f"{'until the line is complete':28}{'least':>8}{'median':>8}{'p95':>8}{'most':>8}{'ticks':>7}")
    for name, each in waits.items():
        taken = [wait.seconds for wait in each]
        values = (min(taken), statistics.median(taken), percentile(taken), max(taken))
        print(
            f"{name:28}{''.join(f'{value:7.3f}s' for value in values)}{statistics.median(w.ticks for w in each):7.0f}"
        )
    print("\nafter the first tick of a new session began (medians)")
    for (job, name), at in sorted(steps.items(), key=lambda item: (item[0][0], statistics.median(item[1]))):
        print(f"  {job:14}{name:45}{statistics.median(at):8.3f}s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--python", help="one that has hudline's libraries; by default an environment with only these")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        python = args.python or plain_venv(folder / "venv")
        report(*measure(folder, lay_out(folder / "package", python), python, args.rounds))


if __name__ == "__main__":
    main()
