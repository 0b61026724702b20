"""Runs a tick with the readable files: checks that no part fails, and shows tracebacks (`doctor --trace`)."""

from __future__ import annotations

import json
import os
import select
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.jsonio import parse_json
from statusline.commands.doctor_checks.result import Finding, failed, ok, plain
from statusline.commands.support.grounds import without_escapes
from statusline.commands.support.sample import payload

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context

WITHIN_S = 10  # a tick takes a hundredth of that
STDIN_S = 1.0  # how long a pipe may be silent
PAYLOAD_AT_MOST = 1 << 20  # bytes, as in the tick, from which nothing is imported: it may be damaged
NO_PAYLOAD = (
    "standard input is not a JSON object. Give it what Claude Code passes to the line, or nothing to trace an example."
)
TOO_LARGE = "standard input has more than 1 MiB, which the line ignores. Give it what Claude Code passes to the line."
STEP = "Run `statusline doctor --trace` and report its output."
PROGRAM = Path(__file__).with_name("traced_tick.py")


@dataclass(frozen=True)
class Trace:
    """The row of a tick and the tracebacks of its failures, both safe to print."""

    row: str
    failures: list[str]


def run(context: Context) -> int:
    """Trace the payload on standard input, else an example session; print it; return 1 if a part failed."""
    given = payload_on_stdin()
    if given is not None and (len(given) > PAYLOAD_AT_MOST or not _is_object(given)):
        print(f"statusline doctor: {TOO_LARGE if len(given) > PAYLOAD_AT_MOST else NO_PAYLOAD}", file=sys.stderr)
        return 1
    trace = run_trace(context, given)
    print(render(trace, "The line:" if given else "The line of an example session:"))
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
    return Trace(plain(without_escapes(found["row"])), [plain(each) for each in found["failures"]])


def payload_on_stdin() -> bytes | None:
    """Return what a file or a pipe on standard input has, None without anything: a pipe may stay open and silent."""
    data = b""
    try:
        kind = os.fstat(0).st_mode
        is_file = stat.S_ISREG(kind)
        while is_file or stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
            is_silent = not is_file and not select.select([0], [], [], STDIN_S)[0]
            chunk = b"" if is_silent else os.read(0, PAYLOAD_AT_MOST)
            data += chunk
            if not chunk or len(data) > PAYLOAD_AT_MOST:
                break
    except (OSError, ValueError):  # closed; on Windows `select` takes sockets alone
        pass
    return data or None


def _is_object(data: bytes) -> bool:
    """Return whether the line gets an object from this."""
    try:
        return isinstance(parse_json(data.decode("utf-8", "replace")), dict)
    except ValueError:
        return False


def render(trace: Trace, heading: str) -> str:
    """Return the result as text, with the line below the heading."""
    drawn = [heading, *(f"  {row}" for row in trace.row.splitlines())] if trace.row else ["There is no line."]
    if not trace.failures:
        return "\n".join(["No part of the line failed.", *drawn])
    count = len(trace.failures)
    return "\n".join([f"{count} part{'' if count == 1 else 's'} of the line failed:", "", *trace.failures, *drawn])
