"""Old entries are removed; new ones, those in use and files of others stay."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cache.refresh.storage import make_ours
from cache.refresh.sweep import ENTRIES_AT_MOST, sweep
from cache.work.request import is_entry_name

NOW = 1_800_000_000.0
DAY = 86400


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "git"
    make_ours(made)
    return made


def put(folder: Path, name: str, age_s: float) -> Path:
    file = folder / name
    file.write_text("{}")
    os.utime(file, (NOW - age_s, NOW - age_s))
    return file


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_an_entry_of_last_month_goes_with_all_its_files(folder: Path) -> None:
    for suffix in ("json", "state", "start", "lock", "json.tmp", "start.tmp"):
        put(folder, f"old.{suffix}", 31 * DAY)
        put(folder, f"new.{suffix}", 29 * DAY)
    sweep(folder, NOW)
    suffixes = {"json", "state", "start", "lock", "json.tmp", "start.tmp"}
    assert names(folder) == {".hudline", *(f"new.{suffix}" for suffix in suffixes)}


def test_an_entry_is_as_new_as_its_newest_file(folder: Path) -> None:
    put(folder, "used.json", 100 * DAY)
    put(folder, "used.lock", 100 * DAY)
    put(folder, "used.start", 5)
    sweep(folder, NOW)
    assert names(folder) == {".hudline", "used.json", "used.lock", "used.start"}


def test_of_too_many_the_oldest_go(folder: Path) -> None:
    for number in range(ENTRIES_AT_MOST + 50):
        put(folder, f"n{number}.json", DAY + number)
    sweep(folder, NOW)
    assert names(folder) == {".hudline", *(f"n{number}.json" for number in range(ENTRIES_AT_MOST))}


def test_what_may_be_in_use_stays_however_many_there_are(folder: Path) -> None:
    for number in range(ENTRIES_AT_MOST + 50):
        put(folder, f"n{number}.json", 60)
    sweep(folder, NOW)
    assert len(names(folder)) == ENTRIES_AT_MOST + 51


def test_files_with_other_names_stay(folder: Path) -> None:
    others = [
        "notes.txt",
        "old.json.bak",
        ".json",
        "a b.json",
        "ünï.json",
        "old",
        "old.json.tmp.tmp",
        f"{'x' * 230}.json",
    ]
    for name in others:
        put(folder, name, 100 * DAY)
    (folder / "old.json").mkdir()
    (folder / "link.json").symlink_to(put(folder.parent, "precious.json", 100 * DAY))
    sweep(folder, NOW)
    assert names(folder) == {".hudline", "old.json", "link.json", *others}


def test_a_folder_that_we_did_not_make_is_left_unchanged(tmp_path: Path) -> None:
    put(tmp_path, "old.json", 100 * DAY)
    sweep(tmp_path, NOW)
    assert names(tmp_path) == {"old.json"}
    (tmp_path / "ours").mkdir()
    make_ours(tmp_path / "real")
    put(tmp_path / "real", "old.json", 100 * DAY)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    sweep(tmp_path / "link", NOW)
    assert names(tmp_path / "real") == {".hudline", "old.json"}
    sweep(tmp_path / "not there", NOW)


@pytest.mark.parametrize("name", ["a", "%2Fhome%2Fme", "x-0123456789abcdef", "9" * 220])
def test_names_that_ticks_make_are_names(name: str) -> None:
    assert is_entry_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a.json", "a/b", "a\\b", "a\0", "a\n", "ü", "9" * 221])
def test_names_that_lead_elsewhere_are_none(name: str) -> None:
    assert not is_entry_name(name)
