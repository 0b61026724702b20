"""Twenty sessions for a while, with everything on the line: processes, files and requests stay bounded."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from tests.faults.conftest import RowOf
from tests.support.faults.busy_home import BusyHome
from tests.support.faults.kept_files import leftovers, troubles_of
from tests.support.processes import running
from tests.support.tick_world import until

SESSIONS = 20
EACH_S = 10.0  # between two lines of a session
PROCESSES_AT_MOST = 16  # four refreshers, those that are just starting or ending, what they run, and a line
REFRESHERS_AT_MOST = 6  # four, and those that are just starting or ending
FILES_AT_MOST = 7 * SESSIONS + 40
BYTES_AT_MOST = 16 << 20
REQUEST_EVERY_S = 300


def prepare(busy: BusyHome) -> list[bytes]:
    """Give each session a transcript, and the configuration a slow command; return a message of each.

    Without a bound, eight of the commands would run at once.
    """
    config = json.loads(busy.config.read_text())
    config["commands"]["date"] = {"command": "sleep 4; date +%s", "every": 5}
    busy.config.write_text(json.dumps(config))
    for path in busy.world.cache.rglob("*"):
        if path.is_file() and path.name != ".hudline":
            path.unlink()
    messages = []
    for number in range(SESSIONS):
        transcript = busy.transcript.with_name(f"session-{number}.jsonl")
        transcript.write_bytes(busy.transcript.read_bytes())
        model = {"id": "claude-opus-5-5", "display_name": f"Opus {number}"}
        given = busy.payload(session_id=f"session-{number}", transcript_path=str(transcript), model=model)
        messages.append(json.dumps(given).encode())
    return messages


def draw(busy: BusyHome, message: bytes, number: int) -> list[str]:
    """Draw a line as Claude Code does, by a cold process; return what is wrong with it."""
    env = {name: value for name, value in busy.world.env.items() if name != "STATUSLINE_START"}
    drawn = subprocess.run(
        busy.world.command, input=message, capture_output=True, env=env, cwd=busy.world.home, check=False
    )
    is_right = (drawn.returncode, drawn.stderr) == (0, b"") and f"Opus {number} ".encode() in drawn.stdout
    return [] if is_right else [str(drawn)]


def excess(busy: BusyHome, seconds: float) -> list[str]:
    """Return what has grown too much after so many seconds."""
    files = [each for each in busy.world.cache.rglob("*") if each.is_file()]
    size = sum(_size(each) for each in files)
    requests = len(busy.server.requests)
    holds = {
        f"{len(files)} files": len(files) <= FILES_AT_MOST,
        f"{size} bytes": size <= BYTES_AT_MOST,
        f"{requests} requests": requests <= 2 + seconds / REQUEST_EVERY_S,
    }
    return [text for text, is_so in holds.items() if not is_so]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def test_twenty_sessions_for_a_while(row: RowOf, busy: BusyHome) -> None:
    messages = prepare(busy)
    busy.server.requests.clear()
    with row("lines of 20 sessions") as figures:
        began, most, refreshers, number = time.monotonic(), 0, 0, 0
        while (passed := time.monotonic() - began) < max(figures.count, EACH_S):  # each session once
            figures.judge(f"line {number}", draw(busy, messages[number % SESSIONS], number % SESSIONS))
            if number % 4 == 0:
                most = max(most, len(running(busy.world.home)))
                refreshers = max(refreshers, len(running(busy.world.cache, "cache/__main__.py")))
            number += 1
            time.sleep(max(0.0, number * EACH_S / SESSIONS - (time.monotonic() - began)))
        until(lambda: not running(busy.world.cache))
        figures.judge("processes", [f"{most} at once"] if most > PROCESSES_AT_MOST else [])
        figures.judge("refreshers", [f"{refreshers} at once"] if refreshers > REFRESHERS_AT_MOST else [])
        figures.judge("files and requests", excess(busy, passed) + troubles_of(busy.world.cache))
        figures.judge("leftovers", leftovers(busy.world.cache))
