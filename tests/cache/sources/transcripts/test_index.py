"""The index as a file: private, started over where it is damaged, unchanged where it is not ours."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from cache.model.windows import OAUTH, Window
from cache.sources.transcripts.estimate import SignedInAccount, estimates
from cache.sources.transcripts.index import NAME_AT_MOST, open_index
from cache.sources.transcripts.index_copy import NAMES
from cache.sources.transcripts.observations import observe, readings
from cache.sources.transcripts.prices import Prices
from cache.sources.transcripts.scan import scan
from cache.sources.transcripts.totals import totals_between
from cache.work.failures import Busy, Damaged, Unreadable, Unwritable
from tests.support.examples import examples
from tests.support.paths import ROOT
from tests.support.transcript_writer import NOW, answer_line
from tests.support.unprivileged import DROP


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Return an index of ten answers."""
    folder = tmp_path / "projects/p"
    folder.mkdir(parents=True)
    (folder / "s.jsonl").write_bytes(b"".join(answer_line(f"m{n}", "r", NOW - 60) for n in range(10)))
    answers(tmp_path / "i.sqlite3")
    return tmp_path / "i.sqlite3"


def answers(path: Path) -> int:
    with open_index(path) as store:
        scan(store, [path.parent / "projects"], now=NOW)
        return totals_between(store, 0, 1e12).answers


def test_the_index_is_for_its_owner_alone_whatever_the_umask(index: Path) -> None:
    index.chmod(0o644)
    assert answers(index) == 10
    assert stat.S_IMODE(index.stat().st_mode) == 0o600
    index.unlink()
    before = os.umask(0)
    try:
        assert answers(index) == 10
    finally:
        os.umask(before)
    assert stat.S_IMODE(index.stat().st_mode) == 0o600


def test_the_index_has_no_text_of_the_conversation(tmp_path: Path) -> None:
    folder = tmp_path / "projects/p"
    folder.mkdir(parents=True)
    (folder / "s.jsonl").write_bytes(answer_line("msg_readable", "req_readable", NOW - 60, text="CANARY"))
    assert answers(tmp_path / "i.sqlite3") == 1
    content = (tmp_path / "i.sqlite3").read_bytes()
    assert not any(word in content for word in (b"CANARY", b"readable"))


@pytest.mark.parametrize("content", [b"", b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_not_an_index_is_started_over(index: Path, content: bytes) -> None:
    index.write_bytes(content)
    assert answers(index) == 10
    if content:
        assert index.with_name("i.sqlite3.broken").read_bytes() == content


def test_an_index_of_another_schema_is_started_over(index: Path) -> None:
    connection = sqlite3.connect(index)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert answers(index) == 10


def damage_page(index: Path, name: str) -> None:
    """Overwrite the first page of a table or an index of the database."""
    with open_index(index) as store:
        query = "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = ?"
        ((root, size),) = store.rows(query, (name,))
    content = bytearray(index.read_bytes())
    content[(root - 1) * size : root * size] = b"\xaa" * size
    index.write_bytes(content)


def test_an_index_damaged_in_its_middle_is_complete_at_the_next_refresh(index: Path) -> None:
    damage_page(index, "sightings_that_count")
    with pytest.raises(Unreadable, match="damaged"):
        answers(index)
    assert answers(index) == 10


def test_a_damaged_index_loses_no_readings_and_no_answers_of_deleted_transcripts(index: Path) -> None:
    """Both exist nowhere else."""
    (index.parent / "projects/p/other.jsonl").write_bytes(answer_line("other", "r", NOW - 30))
    with open_index(index) as store:
        observe(store, "a", Window("five_hour", "5h", 40.0, NOW + 3600, OAUTH, NOW))
    assert answers(index) == 11
    with open_index(index) as store:
        before = totals_between(store, 0, 1e12)
    (index.parent / "projects/p/s.jsonl").unlink()
    damage_page(index, "sightings_that_count")
    with pytest.raises(Damaged):
        answers(index)
    assert answers(index) == 11
    with open_index(index) as store:
        assert totals_between(store, 0, 1e12) == before
        assert [each.percent for each in readings(store, "a", "five_hour")] == [40.0]
    assert index.with_name("i.sqlite3.broken").exists()


def test_readings_outlive_damage_to_all_answers_and_the_other_way_round(index: Path) -> None:
    with open_index(index) as store:
        observe(store, "a", Window("five_hour", "5h", 40.0, NOW + 3600, OAUTH, NOW))
    damage_page(index, "sightings")
    with pytest.raises(Damaged), open_index(index) as store:
        store.rows("SELECT * FROM sightings")
    with open_index(index) as store:
        assert len(readings(store, "a", "five_hour")) == 1
    assert answers(index) == 10
    (index.parent / "projects/p/s.jsonl").unlink()
    damage_page(index, "readings")
    with pytest.raises(Damaged), open_index(index) as store:
        readings(store, "a", "five_hour")
    assert answers(index) == 10


def test_an_index_whose_damage_is_called_readonly_is_started_over(index: Path) -> None:
    content = bytearray(index.read_bytes())
    content[18] = 200  # the version that a writer must know
    index.write_bytes(content)
    with pytest.raises(Damaged, match="readonly"), open_index(index) as store:
        store.note("name", "value")
    assert answers(index) == 10


def test_an_index_with_an_undecodable_error_of_sqlite_is_started_over(index: Path) -> None:
    content = index.read_bytes()
    index.write_bytes(content.replace(b"CREATE TABLE sightings(", b"CREATE \xff\xfe\xfd\xfc\xfb sightings("))
    with (
        contextlib.closing(sqlite3.connect(index)) as connection,
        pytest.raises((UnicodeDecodeError, sqlite3.DatabaseError)),
    ):
        connection.execute("SELECT 1 FROM files")
    assert answers(index) == 10


def test_an_index_with_undecodable_text_is_started_over(index: Path) -> None:
    with open_index(index) as store:
        store.write("UPDATE facts SET value = CAST(x'ff' AS TEXT) WHERE name = 'pruned_at'", ())
    with pytest.raises(Damaged):
        answers(index)
    assert answers(index) == 10


BYTES_AT_MOST = 40  # that are damaged at once

OTHER_TYPES = """
PRAGMA writable_schema = ON;
CREATE TABLE kept AS SELECT sql FROM sqlite_master WHERE name = 'files';
UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'files';
PRAGMA writable_schema = RESET;
UPDATE files SET {};
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = (SELECT sql FROM kept) WHERE name = 'files';
PRAGMA writable_schema = RESET;
DROP TABLE kept;
"""


@pytest.mark.parametrize("damage", ["path = 7", "path = NULL", "offset = 'x'", "size = x'00'"])
def test_an_index_with_values_of_other_types_is_started_over(index: Path, damage: str) -> None:
    """Well formed for SQLite, as one flipped bit can leave it; found where something stumbles over it."""
    with contextlib.closing(sqlite3.connect(index)) as connection:
        connection.executescript(OTHER_TYPES.format(damage))
    with (index.parent / "projects/p/s.jsonl").open("ab") as file:
        file.write(answer_line("new", "r", NOW - 5))
    with contextlib.suppress(Damaged):
        answers(index)
    assert answers(index) == 11


def job(index: Path, now: float, percent: float) -> int:
    """Do what the transcripts job does with the index; return how many answers it has."""
    official = [Window(id_, id_, percent, NOW + 7200, OAUTH, int(now)) for id_ in ("five_hour", "seven_day")]
    with open_index(index) as store:
        for each in official:
            observe(store, "a", each)
        assert scan(store, [index.parent / "projects"], now=now).finished
        assert all(0 <= each.percent <= 1000 for each in estimates(store, SignedInAccount("a"), official, now).windows)
        return totals_between(store, 0, 1e12).answers


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with five transcripts of forty answers, and their index with a history of readings."""
    folder = tmp_path_factory.mktemp("worked")
    (folder / "projects/p").mkdir(parents=True)
    for number in range(5):
        lines = [answer_line(f"m{number}.{n}", "r", NOW - 3600 * number - 60 * n) for n in range(40)]
        (folder / f"projects/p/s{number}.jsonl").write_bytes(b"".join(lines))
    assert [job(folder / "i.sqlite3", NOW - 3000 + 200 * i, 5.0 + 6 * i) for i in range(12)][-1] == 200
    return folder


def refreshed_often(folder: Path, content: bytes) -> None:
    """Replace the index by this content and refresh three times, with a new answer after each."""
    index, done = folder / "i.sqlite3", []
    index.write_bytes(content)
    for turn in range(3):
        with contextlib.suppress(Damaged):
            done.append((turn, job(index, NOW + 300 * turn, 80.0 + 4 * turn)))
        with (folder / "projects/p/s0.jsonl").open("ab") as file:
            file.write(answer_line(f"new{turn}", "r", NOW - 5))
    assert len(done) >= 2
    if index.with_name("i.sqlite3.broken").exists():
        turn, count = done[-1]
        # Where the path of a transcript was damaged, its answers are copied as those of a deleted one; of these, one
        # whose id was damaged counts once more.
        assert turn == 2
        assert 202 <= count <= 202 + BYTES_AT_MOST


@given(data=st.data())
@examples(60, without=[HealthCheck.function_scoped_fixture])
def test_damage_anywhere_ends_one_refresh_at_most_and_then_all_is_there(
    worked: Path, tmp_path: Path, data: st.DataObject
) -> None:
    shutil.rmtree(tmp_path)
    shutil.copytree(worked, tmp_path)
    content = bytearray((worked / "i.sqlite3").read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    for _ in range(data.draw(st.integers(1, BYTES_AT_MOST))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    refreshed_often(tmp_path, bytes(content))


@pytest.mark.thorough
@pytest.mark.parametrize("byte", range(16, 72))
def test_damage_in_any_byte_of_the_header_ends_one_refresh_at_most(worked: Path, tmp_path: Path, byte: int) -> None:
    shutil.copytree(worked, tmp_path, dirs_exist_ok=True)
    content = bytearray((worked / "i.sqlite3").read_bytes())
    content[byte] ^= 0x83
    refreshed_often(tmp_path, bytes(content))


def test_other_prices_hold_at_once_for_what_was_read_before(index: Path) -> None:
    """Without a transcript: Claude Code deletes them after 30 days."""
    (index.parent / "projects/p/s.jsonl").unlink()
    with open_index(index) as store:
        before = totals_between(store, 0, 1e12)
    with open_index(index, Prices({"claude-opus-5": {"output": 1000.0}})) as store:
        after = totals_between(store, 0, 1e12)
    assert (before.answers, before.tokens) == (after.answers, after.tokens)
    assert after.dollars - before.dollars == pytest.approx(10 * 50 * (1000 - 20) / 1e6)


def test_each_answer_keeps_its_model_session_branch_and_folder(tmp_path: Path) -> None:
    folder = tmp_path / "projects/p"
    folder.mkdir(parents=True)
    lines = [
        answer_line("m1", "r", NOW - 60, session="s1", branch="main", folder="/home/u/p"),
        answer_line("m2", "r", NOW - 50, session="s1", branch="topic/x", folder="/home/u/p", model="claude-haiku-5-5"),
        answer_line("m3", "r", NOW - 40, session="s2", branch="", folder="/home/u/" + "y" * 5000),
        answer_line("m4", "r", NOW - 30, session="s2", branch="half HALF a character").replace(b"HALF", b"\\ud800"),
    ]
    (folder / "s.jsonl").write_bytes(b"".join(lines))
    assert answers(tmp_path / "i.sqlite3") == 4
    with open_index(tmp_path / "i.sqlite3") as store:
        found = store.rows(
            "SELECT models.name, sessions.name, branches.name, folders.name, input, output, cache_write_5m,"
            " cache_write_1h, cache_read FROM sightings JOIN models ON models.id = model"
            " JOIN sessions ON sessions.id = session LEFT JOIN branches ON branches.id = branch"
            " JOIN folders ON folders.id = folder ORDER BY at"
        )
    kinds = (100, 50, 5, 20, 1000)
    assert found == [
        ("claude-opus-5-5", "s1", "main", "/home/u/p", *kinds),
        ("claude-haiku-5-5", "s1", "topic/x", "/home/u/p", *kinds),
        ("claude-opus-5-5", "s2", None, "/home/u/" + "y" * (NAME_AT_MOST - 8), *kinds),
        ("claude-opus-5-5", "s2", "half ? a character", "/home/u/p", *kinds),
    ]


def test_names_that_no_answer_has_any_more_are_forgotten(index: Path) -> None:
    with open_index(index) as store:
        assert [len(store.rows(f"SELECT * FROM {table}")) for table in NAMES] == [1, 1, 1, 1]  # noqa: S608
        scan(store, [], now=NOW + 40 * 86400)
        assert [len(store.rows(f"SELECT * FROM {table}")) for table in NAMES] == [0, 0, 0, 0]  # noqa: S608


def test_a_locked_index_is_busy_and_stays(index: Path) -> None:
    other = sqlite3.connect(index, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Busy):
        answers(index)
    other.execute("ROLLBACK")
    other.close()
    assert answers(index) == 10


def test_a_link_or_a_folder_in_its_place_is_refused_and_untouched(index: Path) -> None:
    precious = index.with_name("precious")
    precious.write_text("mine")
    index.unlink()
    index.symlink_to(precious)
    with pytest.raises(Unwritable):
        answers(index)
    assert precious.read_text() == "mine"
    index.unlink()
    index.mkdir()
    with pytest.raises(Unwritable):
        answers(index)


def test_changes_before_an_exception_are_rolled_back(index: Path) -> None:
    with contextlib.suppress(KeyError), open_index(index) as store:
        store.write("DELETE FROM sightings", ())
        raise KeyError
    assert answers(index) == 10


def test_an_exception_with_another_cause_leaves_the_index_as_it_is(index: Path) -> None:
    with open_index(index) as store:
        observe(store, "a", Window("five_hour", "5h", 40.0, NOW + 3600, OAUTH, NOW))
    with contextlib.suppress(UnicodeDecodeError), open_index(index) as store:
        store.write("DELETE FROM readings", ())
        b"\xff".decode()
    with open_index(index) as store:
        assert len(readings(store, "a", "five_hour")) == 1
    assert not index.with_name("i.sqlite3.broken").exists()


USE_IT = (
    """
import os, resource, sys
from pathlib import Path
from cache.work.failures import Failure
from cache.sources.transcripts.index import open_index
"""
    + DROP
    + """
if sys.argv[2] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
try:
    with open_index(Path(sys.argv[1])) as store:
        store.note("name", "value")
        print("kept")
except Failure as failure:
    print(failure.name)
"""
)


def used(code: str, *arguments: str, room: str = "") -> str:
    command = [sys.executable, "-c", code, *arguments, room]
    done = subprocess.run(command, cwd=Path(arguments[0]).parents[1], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def place(open_directory: Path) -> Path:
    """Return a folder that an unprivileged user may write, beside the package: root may write everywhere."""
    shutil.copytree(ROOT / "cache", open_directory / "cache")
    (open_directory / "place").mkdir()
    (open_directory / "place").chmod(0o777)
    return open_directory / "place"


def test_a_folder_that_may_not_be_written_is_unwritable(place: Path) -> None:
    place.chmod(0o555)
    assert used(USE_IT, str(place / "i.sqlite3")) == "unwritable\n"
    place.chmod(0o777)
    assert used(USE_IT, str(place / "i.sqlite3")) == "kept\n"
    place.chmod(0o555)
    assert used(USE_IT, str(place / "i.sqlite3")) == "unwritable\n"
    assert os.listdir(place) == ["i.sqlite3"]


def test_an_index_that_no_room_is_left_for_is_unwritable_and_stays(place: Path) -> None:
    index = str(place / "i.sqlite3")
    assert used(USE_IT, index) == "kept\n"
    assert used(USE_IT, index, room="full") == "unwritable\n"
    assert used(USE_IT, index) == "kept\n"
    assert os.listdir(place) == ["i.sqlite3"]


def test_a_damaged_index_that_cannot_be_set_aside_is_unwritable(place: Path) -> None:
    index = place / "i.sqlite3"
    assert used(USE_IT, str(index)) == "kept\n"
    index.write_bytes(b"no database" * 1000)
    place.chmod(0o555)
    assert used(USE_IT, str(index)) == "unwritable\n"
    assert index.stat().st_size == 11_000
