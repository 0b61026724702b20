"""What whole processes cost: time by the clock, CPU, peak memory, and bytes read."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

# Runs a script as Python does, and at its end records what only the process itself can read.
WITHIN = """
import os, sys, time
def told(code, leave=os._exit, note={note!r}):
    cpu, lines = time.process_time(), []
    for name in ("status", "io"):
        try:
            with open("/proc/self/" + name) as file:
                lines += file.read().splitlines()
        except OSError:  # not Linux
            pass
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    numbers = [int(found.get(name, "0").split()[0]) for name in ("VmHWM", "rchar")]
    with open(note, "w") as file:
        file.write(repr([cpu, *numbers]))
    leave(code)
os._exit = told
sys.argv[:] = {argv!r}
__file__ = sys.argv[0]
with open(__file__) as source:
    code = compile(source.read(), __file__, "exec")
exec(code)
"""


class Cost(NamedTuple):
    """What one run took.

    ``cpu_s`` is that of the process, ``children_s`` that of the programs it has run and waited for. ``read_bytes`` is
    what its own read calls returned, from the disk or from the system's cache: with its modules, without what is
    mapped. ``peak_kib`` and ``read_bytes`` are 0 where the system has no /proc.
    """

    wall_s: float
    cpu_s: float
    children_s: float
    peak_kib: int
    read_bytes: int


class Times(NamedTuple):
    """The time that a process took, by the clock and of all its CPU, and its exit code."""

    wall_s: float
    cpu_s: float
    code: int


def run_timed(
    words: list[str], environment: Mapping[str, str], cwd: Path, given: bytes = b"", output: int | None = None
) -> Times:
    """Run a command as Claude Code does: what it reads, and its end, are there before it starts.

    ``output`` is the descriptor for its standard output, the null device where there is none.
    """
    reading, writing = os.pipe()
    os.write(writing, given)
    os.close(writing)
    null = os.open(os.devnull, os.O_WRONLY)
    out = null if output is None else output
    actions = [(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    os.chdir(cwd)
    began = time.perf_counter()
    try:
        pid = os.posix_spawn(words[0], words, environment, file_actions=actions)
        _, status, used = os.wait4(pid, 0)
        took = time.perf_counter() - began
    finally:
        os.close(reading)
        os.close(null)
    return Times(took, used.ru_utime + used.ru_stime, os.waitstatus_to_exitcode(status))


def run_script(
    python: str, words: Sequence[str], environment: Mapping[str, str], scratch: Path, given: bytes = b""
) -> Cost:
    """Run a script that leaves by ``os._exit`` with ``python -I``, as ticks start the refresher; return its cost."""
    note = scratch / "cost"
    text = WITHIN.format(note=str(note), argv=list(words))
    times = run_timed([python, "-I", "-c", text], environment, scratch, given)
    cpu_s, peak_kib, read_bytes = json.loads(note.read_text())
    note.unlink()
    return Cost(times.wall_s, cpu_s, max(times.cpu_s - cpu_s, 0.0), peak_kib, read_bytes)


def percentile(values: Sequence[float], share: float = 0.95) -> float:
    """Return the value that a share of the runs did not exceed."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def median_cost(costs: Sequence[Cost]) -> Cost:
    """Return the median of each number."""
    wall_s, cpu_s, children_s, peak_kib, read_bytes = (statistics.median(column) for column in zip(*costs, strict=True))
    return Cost(wall_s, cpu_s, children_s, int(peak_kib), int(read_bytes))


def machine_class() -> str:
    """Return the date and what kind of machine this is, without its name."""
    cpu = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), cpu)
    python = f"Python {platform.python_version()}"
    return f"{time.strftime('%Y-%m-%d')}, {platform.system()}, {os.cpu_count()} cores of {model}, {python}"
