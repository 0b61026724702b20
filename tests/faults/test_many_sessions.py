"""Twenty sessions at once have few refreshers together."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.git_checkouts import checkout
from tests.support.tick_world import World, payload, until

SESSIONS, ROUNDS = 20, 3
ROW = ["model", "branch", "git_changes", "last_tool", "five_hour", {"segment": "command", "name": "mine"}]


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    made = World(tmp_path, door, extra={"STATUSLINE_OAUTH": "off"})
    (made.home / ".config" / "hudline").mkdir(parents=True)
    return made


def sessions(world: World) -> list[Path]:
    """Return the messages of the sessions, each in its own checkout and with its own transcript."""
    first = checkout(world.home / "work" / "0", one="1\n")
    files = [world.home / f"{number}.json" for number in range(SESSIONS)]
    for number, file in enumerate(files):
        if number:
            shutil.copytree(first, first.with_name(str(number)))
        transcript = file.with_suffix(".jsonl")
        transcript.write_text('{"type":"user","message":{"content":"hello"}}\n')
        given: dict[str, Any] = payload("apikey-01-startup", session_id=f"s{number}", transcript_path=str(transcript))
        given["workspace"]["current_dir"] = given["cwd"] = str(first.with_name(str(number)))
        file.write_text(json.dumps(given))
    return files


def start_ticks(world: World, files: list[Path]) -> list[subprocess.Popen[bytes]]:
    """Start a tick of each session."""
    ticks = []
    for file in files:
        with file.open("rb") as stdin:
            ticks.append(subprocess.Popen(world.command, env=world.env, stdin=stdin, stdout=subprocess.PIPE))
    return ticks


def refreshers(world: World) -> dict[int, tuple[str, str]]:
    """Return the job of each refresher of this world, and the slot that it was started with, by process."""
    found, parents = {}, {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode("utf-8", "replace").split("\0")
            parent = int(entry.with_name("stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if str(world.cache) in words and "/cache/__main__.py" in "\0".join(words[2:3]):
            pid = int(entry.parent.name)
            found[pid], parents[pid] = (words[3], words[words.index("--slot") + 1]), parent
    # A child such as git has the words of its refresher until it becomes another program.
    return {pid: each for pid, each in found.items() if parents[pid] not in found}


def held_slots(world: World) -> dict[str, str]:
    """Return what each taken slot holds, such as ``git-4711-1795320000``."""
    found = {}
    for path in world.cache.glob("slot-*[0-9]"):
        with contextlib.suppress(OSError):  # given back just now
            found[path.name] = path.read_text()
    return found


def test_they_never_have_more_than_two_of_a_kind_and_four_in_total(world: World) -> None:
    marks, counts = world.home / "marks", world.home / "counts"
    marks.mkdir()
    counting = f"m=$(mktemp '{marks}/XXXXXX'); ls '{marks}' | wc -l >>'{counts}'; sleep 0.3; rm $m"
    settings = {"rows": [ROW], "commands": {"mine": {"command": counting, "every": 5}}}
    (world.home / ".config" / "hudline" / "config.json").write_text(json.dumps(settings))
    files, most = sessions(world), Counter[str]()
    before: dict[int, tuple[str, str]] = {}
    for number in range(10 * ROUNDS):
        # One more round where the command came last in each so far, as it waits for a slot too, or nothing was seen.
        if number >= ROUNDS and counts.exists() and most:
            break
        ticks = start_ticks(world, files)
        while any(tick.poll() is None for tick in ticks):
            now, held = refreshers(world), held_slots(world)
            # Those that were there at the last look and have their slot yet were at work side by side: one that ends
            # gives it back a moment before.
            slots = {f"{file}:{holder}" for file, holder in held.items()}
            at_work = [job for pid, (job, slot) in now.items() if pid in before and slot in slots]
            before = now
            for jobs in at_work, [holder.partition("-")[0] for holder in held.values() if holder]:
                most |= Counter([*jobs, *("total" for _ in jobs)])
        assert all(tick.communicate()[0].startswith(b"Haiku") for tick in ticks)
    until(lambda: not refreshers(world))
    assert most.pop("total") <= 4
    assert most, "some were seen"
    assert max(most.values()) <= 2
    assert max(map(int, counts.read_text().split())) <= 2, "each command has counted those that run"
    assert not list(world.cache.glob("slot-*"))
