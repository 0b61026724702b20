"""Twenty sessions at once have few refreshers together."""

from __future__ import annotations

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


def refreshers(world: World) -> list[int]:
    """Return the processes that are refreshers of this world."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if str(world.cache) in words and "/cache/__main__.py" in "\0".join(words[2:3]):
            found.append(int(entry.parent.name))
    return found


def counting(name: str, marks: Path, counts: Path) -> str:
    """Return shell code that writes down which programs with this code run, itself among them.

    A process list cannot tell that: a refresher that has given its slot back may take a while to end.
    """
    return (
        f": >'{marks}'/{name}.$$; found=; for mark in '{marks}'/*; do kill -0 ${{mark##*.}} 2>/dev/null && "
        f"found=\"$found ${{mark##*/}}\"; done; echo $found >>'{counts}'; sleep 0.2"
    )


def test_they_never_have_more_than_two_of_a_kind_and_four_in_total(world: World) -> None:
    marks, counts, programs = world.home / "marks", world.home / "counts", world.home / "programs"
    marks.mkdir()
    programs.mkdir()
    (programs / "git").write_text(f'#!/bin/sh\n{counting("git", marks, counts)}\nexec {shutil.which("git")} "$@"\n')
    (programs / "git").chmod(0o755)
    world.extra["PATH"] = f"{programs}:/usr/bin:/bin"
    settings = {"rows": [ROW], "commands": {"mine": {"command": counting("mine", marks, counts), "every": 5}}}
    (world.home / ".config" / "hudline" / "config.json").write_text(json.dumps(settings))
    files, looks = sessions(world), list[Counter[str]]()
    for number in range(10 * ROUNDS):
        # The command waits for a slot too: where it came last in each round so far, there is one more.
        if number >= ROUNDS and {"git", "mine"} <= {name for look in looks for name in look}:
            break
        ticks = start_ticks(world, files)
        assert all(tick.communicate()[0].startswith(b"Haiku") for tick in ticks)
        if counts.exists():
            looks = [
                Counter(mark.partition(".")[0] for mark in line.split()) for line in counts.read_text().splitlines()
            ]
    until(lambda: not refreshers(world))
    assert {name for look in looks for name in look} == {"git", "mine"}, "both were seen"
    assert max(look["git"] for look in looks) <= 2
    assert max(look["mine"] for look in looks) <= 2
    assert max(look.total() for look in looks) <= 4
    assert not list(world.cache.glob("slot-*"))
