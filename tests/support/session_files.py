"""Claude Code's list of running sessions, as 2.1.332 writes it, with real processes behind it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cache.sources.process.liveness import started_at

# As recorded; the process, its start and the folders are put in.
RECORDED: dict[str, Any] = {
    "sessionId": "56388dc7-d88d-4c00-be5b-22872a083a00",
    "startedAt": 1795320000000,
    "version": "2.1.332",
    "peerProtocol": 1,
    "peerFeatures": ["notify_idle", "reply_across_default_dirs", "artifact_yield"],
    "kind": "interactive",
    "entrypoint": "cli",
    "asksForConvertedSkills": None,
    "tmux": "two:@1.%1",
    "nameSource": "derived",
    "nameSince": 1795320000000,
    "status": "idle",
    "updatedAt": 1795320600000,
    "statusUpdatedAt": 1795320600000,
}
WAITING = {"status": "waiting", "waitingFor": "permission prompt"}


def session_file(folder: Path, pid: int, cwd: str = "/home/user/work/api", /, **changes: Any) -> Path:
    """Write the file of a session, in place as Claude Code does; ``changes`` of None remove a field."""
    folder.mkdir(parents=True, exist_ok=True)
    fields = {"pid": pid, "cwd": cwd, "procStart": str(started_at(pid) or ""), "name": f"{Path(cwd).name}-e7"}
    fields |= RECORDED | {"sessionId": f"{pid:08d}-d88d-4c00-be5b-22872a083a00"} | changes
    file = folder / f"{pid}.json"
    file.write_text(json.dumps({name: value for name, value in fields.items() if value is not None}))
    return file


def stale_files(folder: Path, count: int) -> None:
    """Write the files of sessions that were killed while they waited, and a key as it lies beside each."""
    for number in range(count):
        session_file(folder, 4_200_000 + number, procStart="1", **WAITING)
    (folder / f"4200000.{'ab' * 32}.key").write_text("secret")


@contextmanager
def processes(count: int) -> Iterator[list[int]]:
    """Start processes that do nothing, in place of Claude Code; yield their ids."""
    started = [
        subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE) for _ in range(count)
    ]
    try:
        yield [each.pid for each in started]
    finally:
        for each in started:
            each.communicate(b"\n")
