"""The index as a file: private, rebuilt when it is broken, left alone when it is not ours."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from cache.errors import Busy, Unreadable, Unwritable
from cache.sources.calibration import observe, readings
from cache.sources.store import opened
from cache.sources.tally import tally_between
from cache.sources.transcripts import scan
from cache.window import OAUTH, Window
from tests.transcripts_made import NOW, answer_line


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Return an index of ten answers."""
    folder = tmp_path / "projects/p"
    folder.mkdir(parents=True)
    (folder / "s.jsonl").write_bytes(b"".join(answer_line(f"m{n}", "r", NOW - 60) for n in range(10)))
    answers(tmp_path / "i.sqlite3")
    return tmp_path / "i.sqlite3"


def answers(path: Path) -> int:
    with opened(path) as store:
        scan(store, [path.parent / "projects"], now=NOW)
        return tally_between(store, 0, 1e12).answers


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


def test_the_index_holds_nothing_of_what_was_said(tmp_path: Path) -> None:
    folder = tmp_path / "projects/p"
    folder.mkdir(parents=True)
    (folder / "s.jsonl").write_bytes(answer_line("msg_readable", "req_readable", NOW - 60, text="CANARY"))
    assert answers(tmp_path / "i.sqlite3") == 1
    content = (tmp_path / "i.sqlite3").read_bytes()
    assert not any(word in content for word in (b"CANARY", b"readable"))


@pytest.mark.parametrize("content", [b"", b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_index_is_made_anew(index: Path, content: bytes) -> None:
    index.write_bytes(content)
    assert answers(index) == 10


def test_an_index_of_another_schema_is_made_anew(index: Path) -> None:
    connection = sqlite3.connect(index)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert answers(index) == 10


def test_an_index_damaged_in_its_middle_is_made_anew_at_the_next_refresh(index: Path) -> None:
    with opened(index) as store:
        ((root, size),) = store.rows(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'sightings_that_count'"
        )
    content = bytearray(index.read_bytes())
    content[(root - 1) * size : root * size] = b"\xaa" * size
    index.write_bytes(content)
    with pytest.raises(Unreadable, match="damaged"):
        answers(index)
    assert answers(index) == 10


def test_other_prices_make_the_sums_anew_but_keep_the_readings(index: Path) -> None:
    with opened(index) as store:
        observe(store, "a", Window("five_hour", "5h", 40.0, NOW + 3600, OAUTH, NOW))
        store.note("prices", "2020-01-01")
        store.write("UPDATE sightings SET weight = 99", ())
        store.commit()
    with opened(index) as store:
        assert tally_between(store, 0, 1e12).answers == 0
        assert len(readings(store, "a", "five_hour")) == 1
    assert answers(index) == 10
    with opened(index) as store:
        assert tally_between(store, 0, 1e12).weight < 1


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


def test_what_was_written_before_an_exception_is_gone(index: Path) -> None:
    with contextlib.suppress(KeyError), opened(index) as store:
        store.write("DELETE FROM sightings", ())
        raise KeyError
    assert answers(index) == 10
