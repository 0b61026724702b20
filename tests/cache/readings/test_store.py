"""The one file of what all sessions reported: whole after every write, bounded, and read whatever is in it."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cache.model.layout import READINGS_FILE
from cache.readings.directory import Content, Directory, Process, content_from
from cache.readings.hearing import hear
from cache.readings.ownership import assign_owner
from cache.readings.store import Readings, directory_in, read_readings
from cache.readings.writer import DIRECTORIES_AT_MOST, readings_text, write_readings
from tests.support.kept_readings import saved_snapshot

if TYPE_CHECKING:
    from cache.readings.reading import Limits

NOW = 1_795_320_000.0
HIGHER: Limits = {"five_hour": (43.0, int(NOW) + 7201)}
LIMITS: Limits = {"five_hour": (42.5, int(NOW) + 7200), "seven_day": (61.0, None)}


def filled(readings: Readings, name: str = "", account: str = "a" * 20) -> Directory:
    directory = directory_in(readings, name)
    directory.account, directory.account_at, directory.formers = account, NOW - 60, ["f" * 20]
    for process in ("p1", "p2"):
        hear(directory, process, {}, NOW - 30)
        hear(directory, process, LIMITS, NOW)
    directory.waiting = [(Content(NOW, "p3", LIMITS, None, dated=True), Process("p3"))]
    directory.contents.append(directory.waiting[0][0])
    assign_owner(directory, Content(NOW, "p4", LIMITS, "login-1", dated=True), Process("p4"), NOW)
    directory.others = ["login-1"]
    return directory


def kept(cache: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((cache / READINGS_FILE).read_text())
    return found


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    readings = Readings()
    directory = filled(readings)
    assert write_readings(str(tmp_path), readings, "", directory, NOW)
    again = read_readings(str(tmp_path))
    assert again is not None
    text = readings_text(again, "", directory_in(again, ""))
    assert json.loads(text) == kept(tmp_path)
    assert set(kept(tmp_path)["owners"]) == {"a" * 20, "login-1"}


def test_it_is_for_its_user_alone_and_no_temp_file_stays(tmp_path: Path) -> None:
    readings = Readings()
    assert write_readings(str(tmp_path), readings, "", filled(readings), NOW)
    assert stat.S_IMODE((tmp_path / READINGS_FILE).stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == [READINGS_FILE]


def test_of_two_writers_that_overlap_the_second_leaves_it(tmp_path: Path) -> None:
    readings = Readings()
    (tmp_path / f"{READINGS_FILE}.tmp").write_text("another tick's")
    assert not write_readings(str(tmp_path), readings, "", filled(readings), NOW)
    assert os.listdir(tmp_path) == [f"{READINGS_FILE}.tmp"]


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text('{"schema":1}')
    (tmp_path / READINGS_FILE).symlink_to(tmp_path / "precious")
    assert read_readings(str(tmp_path)) is None
    readings = Readings()
    assert write_readings(str(tmp_path), readings, "", filled(readings), NOW)
    assert (tmp_path / "precious").read_text() == '{"schema":1}'


def test_of_many_config_directories_the_latest_stay_and_their_owners_alone(tmp_path: Path) -> None:
    for number in range(DIRECTORIES_AT_MOST + 5):
        readings = read_readings(str(tmp_path)) or Readings()
        write_readings(str(tmp_path), readings, f"d{number}", filled(readings, f"d{number}", f"{number:020}"), NOW)
    assert list(kept(tmp_path)["directories"]) == [f"d{number}" for number in range(5, DIRECTORIES_AT_MOST + 5)]
    assert len(kept(tmp_path)["owners"]) == DIRECTORIES_AT_MOST + 1
    assert (tmp_path / READINGS_FILE).stat().st_size < 64_000


def test_two_config_directories_of_one_account_share_its_readings(tmp_path: Path) -> None:
    readings = Readings()
    write_readings(str(tmp_path), readings, "one", filled(readings, "one"), NOW)
    again = read_readings(str(tmp_path))
    assert again is not None
    other = directory_in(again, "two")
    other.account = "a" * 20
    assert other.owner(other.account).windows(NOW)["five_hour"].percent == 42.5


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def _paths(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, each in value.items():
            found += _paths(each, (*path, key))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            found += _paths(each, (*path, at))
    return found


_WHOLE = json.loads(readings_text(Readings(), "", filled(Readings())))


@given(st.sampled_from(_paths(_WHOLE)), _JSON, st.booleans())
@example(("directories", "", "state_path"), 10**12, True)  # a number in place of a path is a descriptor
@example(("directories", "", "contents", 1), 7, False)  # of another process, so that it is not read at each tick
@example(("directories", "", "processes"), [["p1", None, 0], 7], False)
def test_whatever_is_in_the_file_the_line_shows_what_the_session_reports(
    path: tuple[Any, ...], odd: object, has_waiting: bool
) -> None:
    value = json.loads(json.dumps(_WHOLE))
    value["directories"][""]["waiting"] *= has_waiting
    at = value
    try:
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = odd
    except IndexError:  # in what waits
        return
    with tempfile.TemporaryDirectory() as cache:
        (Path(cache) / READINGS_FILE).write_text(json.dumps(value))
        (Path(cache) / READINGS_FILE).chmod(0o600)
        for later in (60, 70):
            saved_snapshot(cache, "p1", LIMITS, NOW + later, read=lambda _: "")
        assert saved_snapshot(cache, "p1", HIGHER, NOW + 2000, read=lambda _: "").windows["five_hour"].percent == 43
        again = read_readings(cache)
        assert again is not None
        directory_in(again, "").load()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema":2}', '{"schema":1,"directories":3,"owners":[]}'])
def test_a_file_that_is_not_ours_is_nothing_or_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / READINGS_FILE).write_text(text)
    readings = read_readings(str(tmp_path))
    assert readings is None or (readings.directories, readings.owners.rows) == ({}, {})


def test_a_file_that_could_not_be_read_for_a_moment_is_not_replaced(tmp_path: Path) -> None:
    """Too many open files, say: what other sessions and accounts have told is in it."""
    cache = str(tmp_path)
    readings = Readings()
    assert write_readings(cache, readings, "one", filled(readings, "one"), NOW)
    before = (tmp_path / "readings.json").read_bytes()
    blind = Readings()  # as where the file cannot be read
    assert not write_readings(cache, blind, "two", filled(blind, "two"), NOW)
    assert (tmp_path / "readings.json").read_bytes() == before
    odd = Readings({})  # what could be read made no sense
    assert write_readings(cache, odd, "two", filled(odd, "two"), NOW)
    (tmp_path / "readings.json").write_text("torn")
    assert write_readings(cache, blind, "two", filled(blind, "two"), NOW)


def test_a_tick_that_repeats_its_answer_loads_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = str(tmp_path)
    for number in range(40):
        limits: Limits = {"five_hour": (float(number), int(NOW) + 7200)}
        for later in (0, 1):  # an answer is new where its process was known
            saved_snapshot(cache, f"p{number}", limits, NOW + number + later, read=lambda _: "")
    before = kept(tmp_path)
    made: list[list[Any]] = []

    def count(row: list[Any]) -> Content:
        made.append(row)
        return content_from(row)

    monkeypatch.setattr("cache.readings.directory.content_from", count)
    saved_snapshot(cache, "p7", {"five_hour": (7.0, int(NOW) + 7200)}, NOW + 50, read=lambda _: "")
    assert len(made) == 1
    assert kept(tmp_path) == before
    saved_snapshot(cache, "p7", {"five_hour": (41.0, int(NOW) + 7200)}, NOW + 60, read=lambda _: "")
    assert len(made) > 40
    after = kept(tmp_path)["directories"][""]
    assert len(after["contents"]) == len(before["directories"][""]["contents"]) + 1
    assert after["processes"][-1][0] == "p7"


def test_a_tick_that_repeats_its_answer_records_every_ten_minutes_that_its_account_is_in_use(tmp_path: Path) -> None:
    cache = str(tmp_path)
    for later in (0, 1, 2):  # an answer is new where its process was known
        limits: Limits = {"five_hour": (40.0 + later, int(NOW) + 7200)}
        saved_snapshot(cache, "p1", limits, NOW + later, read=lambda _: "")
    directory = kept(tmp_path)["directories"][""]
    assert (directory["processes"][0][1], directory["heard_at"]) == (directory["account"], NOW + 2)
    for later, heard_at in ((600, 2), (603, 603), (700, 603)):
        saved_snapshot(cache, "p1", limits, NOW + later, read=lambda _: "")
        assert kept(tmp_path)["directories"][""]["heard_at"] == NOW + heard_at
