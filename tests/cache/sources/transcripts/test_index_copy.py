"""An index of the first schema is upgraded: nothing that exists nowhere else is lost, and nothing counts twice.

``tests/data/index-1`` was made by the last version with that schema: its index, the transcripts that were still there
(one of the sessions that it knows was deleted), and what it counted.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cache.sources.transcripts.calibration import calibration
from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.observations import readings
from cache.sources.transcripts.rollup import roll_up
from cache.sources.transcripts.scan import Scan, scan
from cache.sources.transcripts.totals import Totals, totals_between
from cache.work.failures import Damaged
from tests.support.paths import DATA, ROOT
from tests.support.transcript_writer import NOW, answer_line, lines_of, naive_totals

OLD = DATA / "index-1"
EXPECTED: dict[str, Any] = json.loads((OLD / "expected.json").read_text())
ALL, DELETED = Totals(**EXPECTED["tally"]), Totals(**EXPECTED["deleted"])
HOUR = 3600
ACCOUNT = "0123456789abcdef"
THEN = (NOW - 51 * HOUR, NOW - 43 * HOUR)  # when the session ran of which there is no transcript any more


class Home:
    """The transcripts, and the index that knows them by their paths and inodes."""

    def __init__(self, folder: Path) -> None:
        self.index, self.projects = folder / "transcripts.sqlite3", folder / "projects"
        shutil.copytree(OLD / "projects", self.projects)
        shutil.copy(OLD / "transcripts.sqlite3", self.index)
        with contextlib.closing(sqlite3.connect(self.index)) as connection, connection:
            old = b"/home/person/.claude/projects"
            for (path,) in connection.execute("SELECT path FROM files").fetchall():
                here = os.fsencode(self.projects) + path.removeprefix(old)
                inode = os.stat(here).st_ino if os.path.exists(here) else 5
                connection.execute("UPDATE files SET path = ?, inode = ? WHERE path = ?", (here, inode, path))

    def totals(self, start: float = 0, end: float = 1e12, family: str | None = None) -> Totals:
        with open_index(self.index) as store:
            return totals_between(store, start, end, family)

    def scan(self, looks: int | None = None) -> Scan:
        ticks = count()
        with open_index(self.index) as store:
            return scan(store, [self.projects], now=NOW, budget_s=looks or 10**9, clock=lambda: next(ticks))

    def copied(self) -> int:
        """Return how many answers are known only by their cost."""
        with open_index(self.index) as store:
            return int(store.rows("SELECT count(*) FROM sightings WHERE dollars IS NOT NULL")[0][0])

    def on_disk(self) -> Totals:
        return naive_totals(lines_of(path) for path in sorted(self.projects.rglob("*.jsonl")))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def same(found: Totals, wanted: Totals) -> bool:
    return found[:2] == wanted[:2] and found.dollars == pytest.approx(wanted.dollars)


def test_an_old_index_has_the_same_totals_after_the_upgrade(home: Home) -> None:
    assert same(home.totals(), ALL)
    for family, dollars in EXPECTED["families"].items():
        assert home.totals(family=family).dollars == pytest.approx(dollars)
    assert not home.index.with_name("transcripts.sqlite3.broken").exists()


def test_readings_and_calibration_are_taken_over(home: Home) -> None:
    with open_index(home.index) as store:
        for window, number in EXPECTED["readings"].items():
            assert len(readings(store, ACCOUNT, window)) == number
        for window, rate in EXPECTED["percent_per_dollar"].items():
            learned = calibration(store, ACCOUNT, window)
            assert learned is not None
            assert learned.percent_per_dollar == pytest.approx(rate, rel=0.01)


def test_transcripts_that_are_there_are_read_again_and_count_once(home: Home) -> None:
    assert home.scan().finished
    assert same(home.totals(), ALL)
    assert same(home.totals(*THEN), DELETED)
    assert home.copied() == DELETED.answers
    assert home.scan().bytes_read == 0
    on_disk = home.on_disk()
    assert same(home.totals(THEN[1]), on_disk)


def test_while_they_are_read_again_nothing_is_missing_and_nothing_counts_twice(home: Home) -> None:
    scans = 1
    while not home.scan(looks=1).finished:
        scans += 1
        assert same(home.totals(), ALL)
    assert scans > 2


def test_a_transcript_that_was_cut_short_meanwhile_counts_as_it_is_now(home: Home) -> None:
    for path in home.projects.rglob("*.jsonl"):
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[: len(lines) // 2]))
    assert home.scan().finished
    on_disk = home.on_disk()
    assert 0 < on_disk.answers < ALL.answers // 2 + 10
    assert same(home.totals(THEN[1]), on_disk)
    assert same(home.totals(*THEN), DELETED)
    assert home.copied() == DELETED.answers


def test_an_answer_that_is_smaller_in_the_transcript_now_counts_as_it_is_there(home: Home) -> None:
    (path,) = home.projects.rglob("44444444.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))  # the whole usage was in the last line, a part of it in the one before
    assert home.scan().finished
    assert same(home.totals(THEN[1]), home.on_disk())


def test_a_transcript_that_was_replaced_meanwhile_counts_as_it_is_now(home: Home) -> None:
    for path in home.projects.rglob("*.jsonl"):
        path.rename(path.with_suffix(".old"))
        path.write_bytes(answer_line(f"m{path.name}", "r", NOW - 60))
    assert home.scan().finished
    assert home.totals(THEN[1]).answers == 5


def test_an_old_index_that_is_damaged_is_set_aside(home: Home) -> None:
    with contextlib.closing(sqlite3.connect(home.index)) as connection:
        connection.executescript("ALTER TABLE sightings RENAME COLUMN weight TO heft")
    assert home.scan().finished
    on_disk = home.on_disk()
    assert same(home.totals(), on_disk)
    assert home.index.with_name("transcripts.sqlite3.broken").exists()


NO_ROOM = """
import os, resource, sys
from pathlib import Path
from cache.work.failures import Unwritable
from cache.sources.transcripts.index import open_index
resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(sys.argv[1]), resource.RLIM_INFINITY))
try:
    with open_index(Path(sys.argv[1])):
        pass
except Unwritable:
    print("no room")
"""


def test_an_upgrade_that_no_room_is_left_for_is_done_later(home: Home) -> None:
    before = home.index.read_bytes()
    command = [sys.executable, "-c", NO_ROOM, str(home.index)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "no room\n"
    assert home.index.read_bytes() == before
    assert same(home.totals(), ALL)


# --- an earlier version that still runs --------------------------------------------------------------------------


def set_aside_by_an_earlier_version(home: Home) -> None:
    """Leave what an earlier version leaves: it knows no schema 2, sets the index aside and starts its own."""
    home.index.rename(home.index.with_name("transcripts.sqlite3.broken"))
    shutil.copy(OLD / "transcripts.sqlite3", home.index)
    with contextlib.closing(sqlite3.connect(home.index)) as connection, connection:
        query = "SELECT message, request, 1, at, family, tokens - 1, weight, side, 1 FROM sightings WHERE counts"
        known = connection.execute(f"{query} AND at > ?", (THEN[1],)).fetchone()  # it is in a transcript, too
        connection.execute("DELETE FROM sightings")
        connection.execute("DELETE FROM files")
        connection.execute("DELETE FROM readings")
        connection.execute("INSERT INTO files VALUES(1, x'2f78', ?, 7, 0, 0, x'00', -1, -1)", (NOW,))
        connection.execute("INSERT INTO sightings VALUES(7, 7, 1, ?, 'opus', 10, 2.5, 0, 1)", (NOW - 40,))
        connection.execute("INSERT INTO sightings VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", known)
        values = (ACCOUNT, "five_hour", NOW - 30, NOW + 7200, 61.0)
        connection.execute("INSERT INTO readings VALUES(?, ?, ?, ?, ?)", values)


def test_an_index_that_an_earlier_version_set_aside_is_taken_back(home: Home) -> None:
    assert home.scan().finished
    assert same(home.totals(), ALL)
    set_aside_by_an_earlier_version(home)
    assert home.scan().bytes_read == 0
    assert same(home.totals(), Totals(ALL.answers + 1, ALL.tokens + 10, ALL.dollars + 2.5))
    assert home.copied() == DELETED.answers + 2  # one of them does not count
    with open_index(home.index) as store:
        assert len(readings(store, ACCOUNT, "five_hour")) == EXPECTED["readings"]["five_hour"] + 1
    assert not home.index.with_name("transcripts.sqlite3.broken").exists()
    (home.index.with_name("transcripts.sqlite3.broken")).write_bytes(b"later")
    assert home.totals().answers == ALL.answers + 1
    assert home.index.with_name("transcripts.sqlite3.broken").read_bytes() == b"later"


@pytest.mark.parametrize("damage", [b"", b"no database" * 1000, None])
def test_what_was_set_aside_for_its_damage_stays_aside(home: Home, damage: bytes | None) -> None:
    assert home.scan().finished
    set_aside_by_an_earlier_version(home)
    aside = home.index.with_name("transcripts.sqlite3.broken")
    content = aside.read_bytes()
    aside.write_bytes(content[: len(content) // 2] if damage is None else damage)
    kept = aside.read_bytes()
    with contextlib.suppress(Damaged):
        assert home.scan().finished
    on_disk = home.on_disk()
    assert home.totals().answers == on_disk.answers + 1
    assert aside.read_bytes() == kept


def as_schema_2(index: Path) -> None:
    """Make an index what the version before the sums has left: its tables are the same but for these."""
    with contextlib.closing(sqlite3.connect(index, isolation_level=None)) as connection:
        made = connection.execute("SELECT type, name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        sums = [("table", name) for name in ("outdated", "spending", "hours", "branch_spending")]
        for kind, name in [*made, *sums]:
            connection.execute(f"DROP {kind} {name}")
        connection.execute("PRAGMA user_version = 2")


def test_an_index_without_sums_gets_them_in_place_and_no_transcript_is_read_again(home: Home) -> None:
    assert home.scan().finished
    before = home.totals()
    as_schema_2(home.index)
    inode = home.index.stat().st_ino
    assert home.scan() == Scan(0, True, 0, 0, 0)
    assert same(home.totals(), before), "from the answers, as long as their sums are outdated"
    with open_index(home.index) as store:
        assert roll_up(store, NOW, float("inf"))
        assert store.rows("SELECT count(*) FROM outdated") == [(0,)]
        assert store.rows("SELECT sum(answers), sum(tokens) FROM hours") == [before[:2]]
    assert same(home.totals(), before)
    assert home.index.stat().st_ino == inode


def test_what_an_older_version_has_set_aside_comes_back_with_its_sums(home: Home) -> None:
    """It knows no sums: it sets our index aside and begins its own, while answers of ours may be gone for good."""
    assert home.scan().finished
    with open_index(home.index) as store:
        assert roll_up(store, NOW, float("inf"))
        store.write("DELETE FROM sightings WHERE at < ?", (THEN[1],))  # as after 35 days
        store.write("DELETE FROM outdated", ())
    before = home.totals()
    aside = home.index.with_name("transcripts.sqlite3.broken")
    home.index.rename(aside)
    lost = home.projects / "-home-person-site" / "lost.jsonl"
    lost.write_bytes(answer_line("lost", "r", NOW - 60, model="claude-new-5", branch="new"))
    home.scan()
    as_schema_2(home.index)
    lost.unlink()
    after = home.totals()
    assert (after.answers, after.tokens) == (before.answers + 1, before.tokens + 1175)
    with open_index(home.index) as store:
        query = "SELECT m.name, b.name FROM sightings JOIN models m ON m.id = model JOIN branches b ON b.id = branch"
        assert ("claude-new-5", "new") in store.rows(query)
    assert not aside.exists()
