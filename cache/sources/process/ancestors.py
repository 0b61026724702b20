"""The processes above a process."""

from __future__ import annotations

from cache.sources.process.liveness import stat_fields
from cache.sources.process.run import run

GENERATIONS = 64
PS_S = 2.0


def ancestors_of(pid: int) -> list[int]:
    """Return a process and those above it, the nearest first; no more than are known where one cannot be read."""
    found: list[int] = []
    while pid > 1 and pid not in found and len(found) < GENERATIONS:
        found.append(pid)
        pid = _parent_of(pid)
    return found


def _parent_of(pid: int) -> int:
    """Return the parent of a process, 0 where it is unknown."""
    fields = stat_fields(pid)
    if len(fields) > 1:
        return int(fields[1])
    try:  # macOS has no /proc
        ran = run(["/bin/ps", "-o", "ppid=", "-p", str(pid)], env={}, cwd="/", seconds=PS_S, at_most=64)
    except OSError:
        return 0
    return int(ran.output) if ran.output.strip().isdigit() else 0
