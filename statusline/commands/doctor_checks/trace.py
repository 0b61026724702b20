"""Runs a tick with the readable files: checks that no part fails, and shows tracebacks (`doctor --trace`)."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from statusline.commands.doctor_checks.result import Finding, failed, ok, plain
from statusline.commands.support.sample import payload

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context

WITHIN_S = 10  # a tick takes a hundredth of that
PAYLOAD_AT_MOST = 1 << 20  # bytes, as in the tick
STEP = "Run `statusline doctor --trace` and report its output."
PROGRAM = Path(__file__).with_name("traced_tick.py")


@dataclass(frozen=True)
class Trace:
    """The row of a tick and the tracebacks of its failures, both safe to print."""

    row: str
    failures: list[str]


def run(context: Context) -> int:
    """Trace the payload in the file on standard input, else a example session; print it; return 1 if a part failed."""
    trace = run_trace(context, payload_on_stdin())
    print(render(trace))
    return 1 if trace.failures else 0


def segments(context: Context) -> Finding:
    """Check that no part of the line fails for an example session."""
    failures = run_trace(context).failures
    if not failures:
        return ok("segments", "no part of the line fails")
    first = failures[0].strip().rpartition("\n")[2]
    count = "1 part of the line fails" if len(failures) == 1 else f"{len(failures)} parts of the line fail"
    return failed("segments", f"{count} ({first})", STEP)


def run_trace(context: Context, given: bytes | None = None) -> Trace:
    """Run a tick in a child process, with only the paths of cache and configuration from the settings."""
    command = [sys.executable, "-I", "-S", str(PROGRAM)]
    command += ["--cache", str(context.cache), "--config", str(context.config_path)]
    made_up = json.dumps(payload(str(context.cwd), int(context.now))).encode()
    env = {**context.env, "STATUSLINE_START": "off", "NO_COLOR": "1"}
    try:
        ran = subprocess.run(
            command,
            input=given or made_up,
            capture_output=True,
            env=env,
            cwd=context.cwd,
            timeout=WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Trace("", [plain(str(error))])
    try:
        found = json.loads(ran.stdout)
    except ValueError:
        return Trace("", [plain(ran.stderr.decode("utf-8", "replace")) or f"exit code {ran.returncode}"])
    return Trace(plain(found["row"]), [plain(each) for each in found["failures"]])


def payload_on_stdin() -> bytes | None:
    """Return the contents of standard input if it is a regular file, else None: this never waits for input."""
    try:
        if not stat.S_ISREG(os.fstat(0).st_mode):
            return None
        return os.read(0, PAYLOAD_AT_MOST) or None
    except OSError:
        return None


def render(trace: Trace) -> str:
    """Return the result as text."""
    drawn = ["The line:", *(f"  {row}" for row in trace.row.splitlines())] if trace.row else ["There is no line."]
    if not trace.failures:
        return "\n".join(["No part of the line failed.", *drawn])
    count = len(trace.failures)
    return "\n".join([f"{count} part{'' if count == 1 else 's'} of the line failed:", "", *trace.failures, *drawn])
