"""A cache file is a valid entry, or counts as nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.model.entry import NOTHING_YET, Entry, entry_from, has_changed, is_due, read_entry
from cache.model.files import AT_MOST, read_file, times_of
from tests.support.paths import ROOT
from tests.support.unprivileged import DROP

GOOD = {
    "schema": 1,
    "fetched_at": 1795320000,
    "due_at": 1795320300,
    "problem": None,
    "failures": 0,
    "watch": {"/a": [1, 2]},
    "value": {"plan": "Max 20x"},
}


def test_of_the_files_to_watch_five_valid_ones_are_kept() -> None:
    valid = {"/a": [1, 2], "/c": [5, 6], "/d": [7, 8], "/e": [9, 10]}
    watch = {"/torn": [1], "/odd": "x", "/b": ["x", 4], **valid, "/f": [11, 12]}
    assert entry_from({**GOOD, "watch": watch}).watch == {"/b": [0, 4], **valid}


def test_an_entry_comes_back_as_it_was_written(tmp_path: Path) -> None:
    kept = Entry({"plan": "Max 20x"}, 1795320000, 1795320300, "rate_limited", 2, {"/a": [1, 2]})
    (tmp_path / "usage.json").write_text(kept.to_text())
    assert read_entry(str(tmp_path / "usage.json")).to_text() == kept.to_text()
    assert json.loads(kept.to_text()) == {**GOOD, "problem": "rate_limited", "failures": 2}


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"schema": None},
        {"fetched_at": "now"},
        {"due_at": None},
        {"due_at": True},
        {"fetched_at": 1e308},
        {"due_at": -1e308},
        {"due_at": 10**11 + 1},
        {"value": [1]},
        {"value": "x"},
    ],
)
def test_another_schema_or_a_wrong_type_is_nothing_yet(change: dict[str, object]) -> None:
    assert entry_from({**GOOD, **change}) is NOTHING_YET


@given(st.binary(max_size=300))
def test_any_bytes_are_an_entry_or_nothing_yet(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "torn.json"
    path.write_bytes(data)
    assert read_entry(str(path)) is NOTHING_YET


def test_a_torn_file_is_nothing_yet(tmp_path: Path) -> None:
    text = json.dumps(GOOD)
    path = tmp_path / "usage.json"
    for end in range(len(text)):
        path.write_text(text[:end])
        assert read_entry(str(path)) is NOTHING_YET, text[:end]


def test_only_regular_files_are_read_and_reading_never_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "real").write_text(json.dumps(GOOD))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "large").write_bytes(b" " * (AT_MOST + 1))
    for name in ("fifo", "folder", "large", "missing", "zero\0byte"):
        assert read_file(str(tmp_path / name)) is None
    assert read_file(str(tmp_path / "link")) is not None
    assert read_file(str(tmp_path / "link"), ours=True) is None
    assert read_entry(str(tmp_path / "link")) is NOTHING_YET


READ_UNPRIVILEGED = (
    """
import os, sys
sys.path.insert(0, sys.argv[1])
from cache.model.files import read_file
"""
    + DROP
    + """
print(read_file("/etc/passwd", ours=True), read_file("/etc/passwd") is not None, read_file(sys.argv[2]))
"""
)


def test_what_another_user_wrote_is_not_ours(open_directory: Path) -> None:
    secret = open_directory / "secret.json"
    secret.write_text("{}")
    secret.chmod(0)
    done = subprocess.run(
        [sys.executable, "-I", "-c", READ_UNPRIVILEGED, str(ROOT), str(secret)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["None", "True", "None"]


def test_an_entry_is_due_when_its_time_has_come_or_the_clock_was_set_back() -> None:
    entry = Entry(due_at=1000)
    assert not is_due(entry, 999)
    assert is_due(entry, 1000)
    assert is_due(Entry(due_at=100_000), 1000), "no appointment of ours lies a day ahead"
    assert is_due(NOTHING_YET, 1000)
    ahead = Entry(fetched_at=4600, due_at=4660)
    assert is_due(ahead, 1000), "it was read in the future"
    assert not is_due(Entry(fetched_at=1060, due_at=1120), 1000), "a clock that is corrected by seconds is no reason"
    assert not is_due(Entry(fetched_at=1000, due_at=1100), 1219, 120)
    assert is_due(Entry(fetched_at=1000, due_at=1100), 1220, 120)
    assert is_due(ahead, 1000, 120)


def test_a_watched_file_that_changes_appears_or_goes_is_a_change(tmp_path: Path) -> None:
    path = tmp_path / ".credentials.json"
    entry = Entry(watch={str(path): times_of(str(path))})
    assert not has_changed(entry)
    path.write_text("{}")
    assert has_changed(entry)
    entry.watch = {str(path): times_of(str(path))}
    assert not has_changed(entry)
    path.unlink()
    assert has_changed(entry)


def test_no_more_room_is_made_than_a_file_takes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 500)
    tracemalloc.start()
    try:
        assert read_file(str(tmp_path / "file")) == b"x" * 500
        assert tracemalloc.get_traced_memory()[1] < 10_000
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no other file is longer than it says")
def test_a_file_that_has_grown_is_read_to_its_end_or_not_at_all() -> None:
    found = read_file("/proc/self/status") or b""
    assert len(found.splitlines()) > 10
    assert read_file("/proc/self/status", 100) is None
