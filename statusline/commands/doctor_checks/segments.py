"""The parts of the line: one that fails is missing from it, and the others are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.commands.doctor_checks.result import Finding, failed, ok
from statusline.commands.doctor_checks.trace import run_trace

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context

STEP = "Run `statusline doctor --trace` and report what it prints."


def segments(context: Context) -> Finding:
    """Draw the line with the readable files for a made-up session, and count the parts that fail."""
    failures = run_trace(context).failures
    if not failures:
        return ok("segments", "no part of the line fails")
    last = failures[0].strip().rpartition("\n")[2]
    return failed("segments", f"{len(failures)} of the line's parts failed: {last}", STEP)
