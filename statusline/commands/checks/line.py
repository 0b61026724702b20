"""The configured command, run as Claude Code runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.commands.checks.finding import Finding, failed, ok, skipped, warning
from statusline.commands.checks.program import AGAIN, WRITE_ANEW, write_anew
from statusline.commands.tick_command import GONE

if TYPE_CHECKING:
    from statusline.commands.checks.scene import Scene

SLOW_S = 1.0  # ten times what a slow machine needs; Claude Code runs the line again before long


def line(scene: Scene) -> Finding:
    """Run the command through a shell with a session's payload on its standard input."""
    name, tried = "line", scene.tried
    if tried is None:
        return skipped(name, "Claude Code's status line is not hudline's")
    row = tried.out.rstrip("\n")
    if GONE in row:
        said = f"the command says: {row}"
        return failed(name, said, WRITE_ANEW, blank=True, mend=lambda: write_anew(scene))
    if tried.code is None:
        return failed(name, f"the command did not end: {tried.err}", AGAIN, blank=True)
    if tried.code or not row.strip():
        last = tried.err.strip().rpartition("\n")[2]
        return failed(name, f"the command drew nothing (exit {tried.code}) {last}".rstrip(), AGAIN, blank=True)
    took = f"drawn in {tried.seconds * 1000:.0f} ms"
    if tried.seconds > SLOW_S:
        step = "Look what else the machine is doing, and whether the program lies on a network drive."
        return warning(name, f"{took}, which is slow", step, blank=True)
    return ok(name, took)
