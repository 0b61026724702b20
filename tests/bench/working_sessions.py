"""A person's machine with any number of Claude Code's sessions at work in it, for measurements."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tests.support.git_checkouts import checkout
from tests.support.paths import PAYLOADS
from tests.support.session_files import processes, session_file
from tests.support.tick_world import World
from tests.support.transcript_writer import session_lines

FIVE_S, WEEK_S = 7200, 300_000  # to the resets


def endpoint_body(since: float) -> str:
    """Return an answer of the usage endpoint: two windows, the limit of a model, and some money.

    The windows' resets count from ``since``, epoch seconds, as those of the sessions do.
    """
    five, week = (datetime.fromtimestamp(int(since) + ahead, timezone.utc).isoformat() for ahead in (FIVE_S, WEEK_S))
    scope = {"model": {"display_name": "Opus 5.5"}}
    return json.dumps(
        {
            "five_hour": {"utilization": 24, "resets_at": five},
            "seven_day": {"utilization": 58, "resets_at": week},
            "limits": [{"kind": "weekly_scoped", "percent": 36, "resets_at": week, "scope": scope}],
            "spend": {"used": {"amount_minor": 1200, "currency": "EUR", "exponent": 2}, "enabled": True},
        }
    )


@dataclass
class WorkingSession:
    """One session: its process, its checkout, its transcript, and how many lines it has changed."""

    world: World
    pid: int
    work: Path
    log: Path
    id: str
    since: float
    lines: int = 0
    turns: int = 0

    def payload(self, *, limits: bool = True) -> dict[str, Any]:
        """Return what Claude Code passes on at a tick; without ``limits`` it has had no answer yet."""
        found: dict[str, Any] = json.loads((PAYLOADS / "oauth-02-after-message-rate-limits.json").read_text())
        found |= {"session_id": self.id, "transcript_path": str(self.log), "cwd": str(self.work)}
        found["workspace"] |= {"current_dir": str(self.work), "project_dir": str(self.work)}
        found["cost"]["total_lines_added"] = self.lines
        windows = {"five_hour": (24, FIVE_S), "seven_day": (58, WEEK_S)}
        found["rate_limits"] = {
            id_: {"used_percentage": percent, "resets_at": int(self.since) + ahead}
            for id_, (percent, ahead) in windows.items()
        }
        if not limits:
            del found["rate_limits"]
        return found

    def take_turn(self, now: float) -> None:
        """Work for one turn: the transcript grows, and sometimes lines of files change."""
        self.turns += 1
        lines = session_lines(
            random.Random(f"{self.id}{self.turns}"), f"{self.id}-{self.turns}", now - 5, now, "x" * 99_999
        )
        with self.log.open("ab") as file:
            for _ in range(3):
                file.write(next(lines))

    def change_lines(self) -> None:
        """Change lines of a file."""
        self.lines += 12
        (self.work / "changed.txt").write_text("changed\n" * self.lines)

    def note_status(self, status: str) -> None:
        """Write the session's file as Claude Code does when its status changes."""
        session_file(
            self.world.home / ".claude" / "sessions", self.pid, str(self.work), sessionId=self.id, status=status
        )


@contextmanager
def machine_with(
    folder: Path,
    door: Path,
    count: int,
    base: str,
    since: float,
    *,
    python: str = sys.executable,
    transcript_kib: int = 2000,
) -> Iterator[tuple[World, list[WorkingSession]]]:
    """Make a home where someone is signed in and so many sessions run, each in a checkout; yield both.

    ``base`` is the address of the endpoint; ``since`` is as in `endpoint_body`. Each transcript has about
    ``transcript_kib``.
    """
    world = World(folder / "home", door, python, {"STATUSLINE_API_BASE": base, "COLUMNS": "160"})
    world.home.mkdir(parents=True)
    world.sign_in()
    with processes(count) as pids:
        found = []
        for number, pid in enumerate(pids):
            work = checkout(folder / f"work-{number}", **{f"file{each}": "text\n" * 40 for each in range(30)})
            id_ = f"{number:08d}-aaaa-4bbb-8ccc-ddddeeeeffff"
            log = world.home / ".claude" / "projects" / f"-work-{number}" / f"{id_}.jsonl"
            log.parent.mkdir(parents=True)
            session = WorkingSession(world, pid, work, log, id_, since)
            fill_transcript(log, id_, transcript_kib << 10, since)
            session.change_lines()
            session.note_status("busy")
            found.append(session)
        yield world, found


def fill_transcript(path: Path, name: str, size: int, now: float) -> None:
    """Write a transcript of about a size in bytes, of the last 20 days."""
    filler = "".join(random.Random(1).choices("abcdefghij klmnop qrstuvwxyz\n{}[]:,", k=200_000))
    lines = session_lines(random.Random(2), name, now - 20 * 86400, now - 60, filler)
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(next(lines))
