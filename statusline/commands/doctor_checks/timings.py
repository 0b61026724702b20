"""What a tick costs, measured in real runs: `statusline doctor --timings`."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from statusline.commands.claude_settings.tick_command import NotText, bake
from statusline.commands.claude_settings.trial import run as run_program
from statusline.commands.doctor_checks.result import plain
from statusline.commands.support.sample import payload
from statusline.commands.support.terminal import align

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context

RUNS = 20  # of each program
WITHIN_S = 10.0  # for one run; a tick takes a hundredth of that
TIMED_TICK = Path(__file__).with_name("timed_tick.py")
INTERPRETER, TICK = "bare interpreter", "tick"  # names in the JSON
LABELS = {INTERPRETER: INTERPRETER, TICK: "the line"}


class TimingFailed(Exception):
    """A program could not be run; the message says why."""


def run(context: Context, *, as_json: bool) -> int:
    """Measure and print; return 0, or 1 if a program could not be run."""
    try:
        medians = measure(context)
    except (TimingFailed, NotText) as error:
        print(f"statusline doctor: {plain(str(error))}", file=sys.stderr)
        return 1
    print(json.dumps({"runs": RUNS, "median_ms": medians}, indent=2) if as_json else render(medians))
    return 0


def measure(context: Context, runs: int = RUNS) -> dict[str, float]:
    """Return medians in milliseconds: of a bare interpreter, of a tick, and of each part of it.

    The programs take turns, so that whatever else the machine does meets all of them.
    """
    here = bake(context.cache, context.config_path)
    python, options = [str(here.python), "-I", "-S"], ["--cache", str(here.cache), "--config", str(here.config)]
    commands = {
        INTERPRETER: [*python, "-c", "pass"],
        TICK: [*python, str(here.main), *options],
        "parts": [*python, str(TIMED_TICK), str(here.main), *options],
    }
    found: dict[str, list[float]] = {}
    for round_ in range(runs + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            output = _output_of(command, context)
            seconds = {name: time.perf_counter() - start} if name != "parts" else json.loads(output)
            for part, took in seconds.items() if round_ else ():  # the first round warms up
                found.setdefault(part, []).append(took * 1000)
    return {name: round(statistics.median(times), 3) for name, times in found.items()}


def _output_of(command: list[str], context: Context) -> str:
    """Return what a program prints for the session of a preview; raise TimingFailed."""
    given = json.dumps(payload(str(context.cwd), int(context.now)))
    ran = run_program(command, given, context.for_a_try, context.cwd, tries=1, within_s=WITHIN_S)
    if ran.code != 0:
        raise TimingFailed(ran.err.strip() or f"exit code {ran.code}")
    return ran.out


def render(medians: dict[str, float]) -> str:
    """Return the result as text."""
    names = {name: LABELS.get(name, f"  {name}") for name in medians}
    rows = align([(names[name], f"{milliseconds:7.2f} ms") for name, milliseconds in medians.items()])
    ratio = medians[TICK] / medians[INTERPRETER]
    summary = f"Medians of {RUNS} runs. Drawing the line takes {ratio:.2f} times as long as starting Python."
    return "\n".join([*("  ".join(row) for row in rows), "", summary])
