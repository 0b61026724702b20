"""What sessions handed in earlier, as their ticks left it in the cache."""

from __future__ import annotations

from pathlib import Path

from cache.snapshot import take_snapshot
from cache.window import Window


def hear_limits(
    cache: Path, limits: Limits, at: float, *, process: str = "p1", home: str = "/none"
) -> dict[str, Window]:
    """Run two ticks of a process: one when it starts, ten seconds before ``at``, and one with its first answer."""
    variables = {"HOME": home}
    read = variables.get
    take_snapshot(str(cache), process, {}, at - 10, read=lambda name: read(name, ""))
    return take_snapshot(str(cache), process, dict(limits), at, read=lambda name: read(name, "")).windows
