"""Something odd in place of each file that we open: there is a row, in bounded time and memory; the doctor says why."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import COMMAND_LINE, RowOf
from tests.support.faults.busy_home import JOBS, BusyHome
from tests.support.faults.kept_files import grow_old, make_due
from tests.support.faults.rows import FORM, some
from tests.support.fork_server import ForkServer, Ran

MEMORY_KIB = 80 << 10
DOCTOR_MEMORY_KIB = 120 << 10
BOUND_S = 45.0  # a job ends itself after 12 s; the rest is a busy machine
ANOTHER_USER = 65534


def link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def sparse(path: Path) -> None:
    path.touch(0o600)
    os.truncate(path, 5 << 30)


def owned_by_another(path: Path) -> None:
    path.write_text("{}")
    os.chown(path, ANOTHER_USER, ANOTHER_USER)


KINDS: dict[str, Callable[[Path], None]] = {
    "a folder": Path.mkdir,
    "a FIFO": os.mkfifo,
    "a device": link_to("/dev/zero"),
    "a link to another file": link_to("victim"),
    "a link to nothing": link_to("nothing/there"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "5 GB": sparse,
}
if os.geteuid() == 0:
    KINDS["a file of another user"] = owned_by_another


def opened_paths(busy: BusyHome, log: Path) -> dict[Path, list[str]]:
    """Return the files in the home that ticks and jobs open, each with the jobs that do."""
    busy.restore()
    found: dict[Path, list[str]] = {}
    for job in ("", *JOBS):
        log.unlink(missing_ok=True)
        ran = busy.refresh(job, opened=log) if job else busy.tick(opened=log)
        assert ran.code == 0, ran
        for line in set(log.read_text().splitlines()):
            path = Path(line)
            if busy.world.home in path.parents and not path.is_dir():
                found.setdefault(path, []).append(job)
    return found


def place(path: Path, kind: str) -> Path:
    """Put something in place of a file; return a file beside it that must not change."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    victim = path.parent / "victim"
    victim.write_text('{"mine": 1}')
    KINDS[kind](path)
    return victim


def complaints(busy: BusyHome, commands: ForkServer) -> tuple[Ran, set[tuple[str, str]]]:
    """Return how the doctor ended and what it does not find in order."""
    ran = commands.run(COMMAND_LINE, ["doctor", "--json"], busy.world.env, cwd=busy.world.home)
    checks = json.loads(ran.out)["checks"] if ran.out else []
    return ran, {(each["name"], each["said"]) for each in checks if each["verdict"] != "ok"}


def troubles(busy: BusyHome, jobs: list[str], commands: ForkServer, usual: set[tuple[str, str]]) -> list[str]:
    """Return what does not hold while something odd is in place of a file."""
    found = []
    drawn = busy.tick()
    if (drawn.code, drawn.err) != (0, b"") or not drawn.out.strip() or drawn.peak_kib > MEMORY_KIB:
        found.append(f"tick: {drawn}")
    for job in jobs:
        ran = busy.refresh(job)
        if ran.code:  # again, as the first may have put it right
            grow_old(busy.world.cache)
            make_due(busy.world.cache)
            ran = busy.refresh(job)
        if ran.code not in {0, 1, 3} or ran.err or ran.took_s > BOUND_S or ran.peak_kib > MEMORY_KIB:
            found.append(f"{job}: {ran}")
        if "hudline error" in busy.log:
            found.append(f"{job}: {busy.log[-300:]}")
        if ran.code:
            ran, said = complaints(busy, commands)
            if ran.took_s > BOUND_S or ran.err or ran.peak_kib > DOCTOR_MEMORY_KIB:
                found.append(f"doctor: {ran}")
            if not said - usual:
                found.append(f"the doctor says nothing; {busy.log.splitlines()[-1:]}")
            break
    return found


def in_turn(jobs: list[str], number: int) -> list[str]:
    """Return the jobs to try with one file and kind: all in the long form, else one; they take turns with the kinds."""
    named = [job for job in jobs if job]
    return named if FORM == "long" else turned(named, number)[:1]


def turned(items: list[str], number: int) -> list[str]:
    """Return the items, beginning with another one for each number, so that every tenth case has every kind."""
    start = number % max(len(items), 1)
    return [*items[start:], *items[:start]]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_something_odd_in_place_of_each_file(row: RowOf, busy: BusyHome, commands: ForkServer, tmp_path: Path) -> None:
    paths = opened_paths(busy, tmp_path / "opened")
    assert len(paths) > 30
    busy.restore()
    _, usual = complaints(busy, commands)
    with row("odd files") as figures:
        cases = [(*each, kind) for number, each in enumerate(paths.items()) for kind in turned([*KINDS], number)]
        for number, (path, jobs, kind) in enumerate(some(figures.row, cases)):
            busy.restore()
            victim = place(path, kind)
            found = troubles(busy, in_turn(jobs, number), commands, usual)
            if victim.read_text() != '{"mine": 1}':
                found.append("another file was changed")
            figures.judge(f"{path.relative_to(busy.world.home)} is {kind}", found)
