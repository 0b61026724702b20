"""Checks the parts of the line: one that fails is missing from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.commands.doctor_checks.result import Finding, failed, ok
from statusline.commands.doctor_checks.trace import run_trace

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context

STEP = "Run `statusline doctor --trace` and report its output."


def segments(context: Context) -> Finding:
    """Check that no part of the line fails for a made-up session."""
    failures = run_trace(context).failures
    if not failures:
        return ok("segments", "no failing parts")
    last = failures[0].strip().rpartition("\n")[2]
    return failed("segments", f"failing parts of the line: {len(failures)} ({last})", STEP)
