"""Checks the parts of the line: one that fails is missing from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.commands.doctor_checks.result import Finding, failed, ok
from statusline.commands.doctor_checks.trace import run_trace

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context

STEP = "Run `statusline doctor --trace` and report its output."


def segments(context: Context) -> Finding:
    """Check that no part of the line fails for an example session."""
    failures = run_trace(context).failures
    if not failures:
        return ok("segments", "no part of the line fails")
    first = failures[0].strip().rpartition("\n")[2]
    count = "1 part of the line fails" if len(failures) == 1 else f"{len(failures)} parts of the line fail"
    return failed("segments", f"{count} ({first})", STEP)
