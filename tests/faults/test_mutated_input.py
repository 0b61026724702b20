"""Damaged messages on stdin and damaged files: exit 0, a row, and only our own files are written."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from random import Random

import pytest

from tests.faults.conftest import RowOf
from tests.support.faults.busy_home import JOBS, BusyHome
from tests.support.faults.kept_files import make_due
from tests.support.faults.mutations import mutate
from tests.support.fork_server import FileFaults, Ran
from tests.support.hypothesis_values import RECORDED
from tests.support.row_rules import HARMFUL

RESTORE_EVERY = 25
MEMORY_KIB = 80 << 10


def troubles_with_row(ran: Ran) -> list[str]:
    """Return what is wrong with a tick."""
    if (ran.code, ran.err) != (0, b"") or ran.overdue or not ran.out.endswith(b"\n"):
        return [f"{ran}"]
    rows = ran.out.decode("utf-8", "surrogateescape")[:-1].split("\n")
    harmful = {unicodedata.category(char) for row in rows for char in row} & HARMFUL
    return [f"the row {ran.out!r}"] if harmful or not all(row.strip() for row in rows) else []


def troubles_with_files(ran: Ran) -> list[str]:
    """Return what was changed outside the cache, and how much memory was needed."""
    found = [f"{ran.outside} changes elsewhere: {ran.other}"] if ran.outside else []
    return found + ([f"{ran.peak_kib >> 10} MB"] if ran.peak_kib > MEMORY_KIB else [])


@pytest.mark.unmeasured  # the file of a measurement is a change elsewhere
def test_mutated_messages(row: RowOf, busy: BusyHome) -> None:
    chance, watched = Random(20261129), FileFaults(str(busy.world.cache))
    messages = [json.dumps(each).encode() for each in (*RECORDED, busy.payload())]
    with row("input mutated") as figures:
        for number in range(figures.count):
            data = mutate(chance.choice(messages), chance)
            drawn = busy.tick(data, faults=watched)
            figures.judge(f"{number}: {data[:200]!r}", troubles_with_row(drawn) + troubles_with_files(drawn))


def kinds_of_files(busy: BusyHome) -> dict[str, Path]:
    """Return a file of each kind that ticks and refreshers read."""
    cache, home = busy.world.cache, busy.world.home
    own = [each for each in sorted(cache.rglob("*")) if each.suffix in {".json", ".state", ".sqlite3"}]
    claude = [home / ".claude.json", home / ".claude" / "settings.json", home / ".claude" / ".credentials.json"]
    git = [busy.work / ".git" / name for name in ("HEAD", "config", "index")]
    found = [*own, busy.config, *claude, *git, busy.transcript]
    return {f"{each.parent.name if each.parent != cache else ''}/{each.name}": each for each in found}


@pytest.mark.unmeasured
def test_mutated_files(row: RowOf, busy: BusyHome) -> None:
    chance, cache = Random(20261129), busy.world.cache
    watched = FileFaults(str(cache))
    files = kinds_of_files(busy)
    whole = {name: path.read_bytes() for name, path in files.items()}
    assert len(files) >= 15
    with row("files mutated") as figures:
        for number in range(figures.count):
            if number % RESTORE_EVERY == 0:
                busy.restore()
            make_due(cache)  # else most jobs would do nothing
            turn, at = divmod(number, len(files))
            name = [*files][at]
            files[name].parent.mkdir(exist_ok=True)
            files[name].write_bytes(mutate(whole[name], chance))
            drawn = busy.tick(faults=watched)
            troubles = troubles_with_row(drawn) + troubles_with_files(drawn)
            job = JOBS[(at + turn) % 4]  # each time another one for the same file
            ran = busy.refresh(job, faults=watched)
            if ran.code not in {0, 1, 3} or ran.err or "hudline error" in busy.log:
                troubles.append(f"{job}: {ran}, {busy.log[-200:]}")
            troubles += troubles_with_files(ran)
            figures.judge(f"{number}, {name}: {files[name].read_bytes()[:200]!r}", troubles)
            files[name].write_bytes(whole[name])
