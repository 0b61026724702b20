"""Checks that this installation draws the line for a session that starts here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.commands.claude_settings.tick_command import GONE
from statusline.commands.claude_settings.trial import is_fallback, is_the_configurations
from statusline.commands.doctor_checks.program import AGAIN, cure, how_to_cure
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning

if TYPE_CHECKING:
    from statusline.commands.claude_settings.trial import Trial
    from statusline.commands.doctor_checks.context import Context

SLOW_S = 1.0  # ten times what a slow machine needs


def line(context: Context) -> Finding:
    """Check that this installation's command prints a line, run by a shell with a session's JSON."""
    name, tried = "line", context.trial
    if context.paths is None:
        return skipped(name, "not run: Claude Code's status line is not hudline's, or it was edited")
    if context.missing_file is not None:
        return failed(name, f"the status line only says: {GONE}", how_to_cure(context), blank=True, fix=cure(context))
    if tried is None:
        return skipped(name, "not run: the configured command starts a different program")
    if tried.code is None:
        return failed(name, f"the command did not finish: {tried.err}", AGAIN, blank=True)
    if tried.code or not tried.row.strip():
        last = tried.err.strip().rpartition("\n")[2]
        return failed(name, f"the command printed nothing (exit code {tried.code}) {last}".rstrip(), AGAIN, blank=True)
    if is_fallback(tried.row):
        return _fallback(context, tried)
    took = f"drawn in {tried.seconds * 1000:.0f} ms"
    if context.is_wrapped and context.line:
        took += f"; the rest of the command in {context.line.path} was not run"
    if tried.seconds > SLOW_S:
        step = "Check the load of the machine, and whether the program is on a network drive."
        return warning(name, f"{took}, which is slow", step, blank=True)
    return ok(name, took)


def _fallback(context: Context, tried: Trial) -> Finding:
    """Return a finding about a row without a segment, which the configuration can ask for."""
    row = f"the row is only `{tried.row.strip()}`"
    if is_the_configurations(tried, context.cache, context.for_a_try, context.cwd):
        return ok("line", f"{row}: with the configuration in {context.config_path}, no segment has something to show")
    return failed("line", row, AGAIN, blank=True)
