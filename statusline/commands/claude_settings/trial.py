"""Runs the line with the command that this program writes, as Claude Code does, and checks the row.

Never runs a command from a settings file: a repository could supply it.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from statusline.commands.claude_settings.tick_command import tick_command

if TYPE_CHECKING:
    from collections.abc import Mapping

WITHIN_S = 20  # seconds; a line takes a fraction of one even on a cold disk
# What a tick prints without a line. Not imported from there: the doctor must run even if that file is damaged.
NO_LINE, DAMAGED = "hudline", "hudline is damaged"


@dataclass(frozen=True)
class Trial:
    """A run of a program: exit code (None: timed out, or not started), output, and the fastest time in seconds."""

    code: int | None
    out: str
    err: str
    seconds: float

    @property
    def row(self) -> str:
        """The output without the line break at its end."""
        return self.out.rstrip("\n")


def run(
    argv: list[str], given: str, env: Mapping[str, str], cwd: Path | None = None, *, tries: int, within_s: float
) -> Trial:
    """Run a program ``tries`` times with a text on standard input; ``within_s`` is the limit of each run."""
    fastest = float("inf")
    for _ in range(tries):
        start = time.perf_counter()
        try:
            ran = subprocess.run(
                argv, input=given.encode(), capture_output=True, env=env, cwd=cwd, timeout=within_s, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Trial(None, "", str(error), time.perf_counter() - start)
        fastest = min(fastest, time.perf_counter() - start)
    return Trial(ran.returncode, ran.stdout.decode("utf-8", "replace"), ran.stderr.decode("utf-8", "replace"), fastest)


def try_line(
    cache: Path,
    config: Path,
    env: Mapping[str, str],
    cwd: Path,
    *,
    version: str = "",
    tries: int = 1,
    within_s: float = WITHIN_S,
) -> Trial:
    """Run this installation's command for a session that starts in ``cwd``; raise NotText."""
    given = json.dumps(session_start(str(cwd)) | ({"version": version} if version else {}))
    return run(["/bin/sh", "-c", tick_command(cache, config)], given, env, cwd, tries=tries, within_s=within_s)


def is_fallback(row: str) -> bool:
    """Return whether a row is what a tick prints without a line: its name, or that it is damaged."""
    return row.strip() == NO_LINE or row.startswith(DAMAGED)


def is_the_configurations(tried: Trial, cache: Path, env: Mapping[str, str], cwd: Path) -> bool:
    """Return whether a fallback row is due to the configuration, so that there is a line without one."""
    if not is_fallback(tried.row) or tried.row.startswith(DAMAGED):
        return False
    bare = {name: value for name, value in env.items() if name != "STATUSLINE_CONFIG"}
    row = try_line(cache, Path(os.devnull), {**bare, "STATUSLINE_START": "off"}, cwd).row
    return bool(row.strip()) and not is_fallback(row)


def session_start(cwd: str) -> dict[str, object]:
    """Return Claude Code's JSON at the start of a session, without made-up numbers."""
    return {
        "cwd": cwd,
        "session_id": "00000000-0000-4000-8000-000000000000",
        "model": {"id": "claude", "display_name": "Claude"},
        "workspace": {"current_dir": cwd, "project_dir": cwd, "added_dirs": []},
        "cost": {"total_cost_usd": 0, "total_duration_ms": 0, "total_lines_added": 0, "total_lines_removed": 0},
        "context_window": {"used_percentage": None, "remaining_percentage": None, "current_usage": None},
        "exceeds_200k_tokens": False,
    }
