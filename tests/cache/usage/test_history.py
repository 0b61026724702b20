"""The history of a window is bounded, thinned with age, private, and started over where it is damaged."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from cache.model.layout import HISTORY_FILE
from cache.model.windows import Window
from cache.usage.history import KEPT_S, REPEAT_S, Sample, record, rename_account, samples, window_ids
from cache.work.failures import Unwritable
from tests.support.examples import examples
from tests.support.paths import ROOT
from tests.support.unprivileged import DROP

NOW = 1_795_320_000
RESET = NOW + 3600
DAY = 86400
MIB = 1 << 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / HISTORY_FILE


def reading(
    at: int, percent: float, id_: str = "five_hour", *, resets_at: int | None = RESET, source: str = "oauth"
) -> Window:
    return Window(id_, "5h", percent, resets_at, source, at)


def keep(path: Path, *readings: Window, now: float | None = None, account: str = "a") -> None:
    """Record one reading after the other, each at its own time."""
    for each in readings:
        record(path, account, [each], each.observed_at if now is None else now)


def on_disk(path: Path) -> int:
    return sum(each.stat().st_size for each in path.parent.iterdir())


def test_recorded_readings_are_returned_in_order(path: Path) -> None:
    keep(path, reading(NOW, 10), reading(NOW + 300, 12.5), reading(NOW + 600, 13, resets_at=None))
    assert samples(path, "a", "five_hour", 0) == [
        Sample(NOW, 10, RESET),
        Sample(NOW + 300, 12.5, RESET),
        Sample(NOW + 600, 13, None),
    ]


def test_only_readings_since_the_given_time_are_returned(path: Path) -> None:
    keep(path, reading(NOW, 10), reading(NOW + 300, 12))
    assert [each.percent for each in samples(path, "a", "five_hour", NOW + 300)] == [12]


def test_accounts_and_windows_never_mix(path: Path) -> None:
    record(path, "a", [reading(NOW, 1), reading(NOW, 2, "seven_day")], NOW)
    record(path, "b", [reading(NOW, 3)], NOW)
    found = {(who, id_): samples(path, who, id_, 0) for who in "ab" for id_ in ("five_hour", "seven_day")}
    percents = {key: [each.percent for each in value] for key, value in found.items()}
    assert percents == {
        ("a", "five_hour"): [1],
        ("a", "seven_day"): [2],
        ("b", "five_hour"): [3],
        ("b", "seven_day"): [],
    }
    assert [window_ids(path, who) for who in "abc"] == [["five_hour", "seven_day"], ["five_hour"], []]


def test_estimates_and_odd_percentages_are_not_recorded(path: Path) -> None:
    record(path, "a", [reading(NOW, 10, source="estimate"), reading(NOW, -1), reading(NOW, float("nan"))], NOW)
    record(path, "a", [reading(NOW, 1001), reading(NOW, 10, "x" * 200)], NOW)
    assert not path.exists()


def test_readings_of_unknown_age_are_not_recorded(path: Path) -> None:
    seen = reading(NOW, 10)
    seen.age_known = False
    record(path, "a", [seen], NOW)
    assert samples(path, "a", "five_hour", 0) == []


def test_readings_of_the_future_and_of_long_ago_are_not_recorded(path: Path) -> None:
    record(path, "a", [reading(NOW + 3600, 1), reading(NOW - KEPT_S, 2), reading(NOW - 60, 3)], NOW)
    assert [each.percent for each in samples(path, "a", "five_hour", 0)] == [3]


def test_a_flat_stretch_is_its_two_ends(path: Path) -> None:
    keep(path, *(reading(NOW + 300 * i, 40) for i in range(100)), reading(NOW + 30_000, 41))
    assert [(each.at, each.percent) for each in samples(path, "a", "five_hour", 0)] == [
        (NOW, 40),
        (NOW + 300 * 99, 40),
        (NOW + 30_000, 41),
    ]


def test_a_flat_stretch_is_one_though_its_reset_differs_by_a_second_per_answer(path: Path) -> None:
    keep(path, *(reading(NOW + 300 * i, 40, resets_at=RESET + i % 3 - 1) for i in range(12)))
    assert [each.at for each in samples(path, "a", "five_hour", 0)] == [NOW, NOW + 3300]
    keep(path, *(reading(NOW + 3600 + 300 * i, 40, resets_at=None) for i in range(4)))
    keep(path, reading(NOW + 7200, 40, resets_at=RESET + 18000))
    assert [each.at - NOW for each in samples(path, "a", "five_hour", 0)] == [0, 3300, 3600, 4500, 7200]


def test_an_unchanged_reading_within_a_short_time_is_not_recorded(path: Path) -> None:
    keep(path, reading(NOW, 40), reading(NOW + REPEAT_S, 40), reading(NOW + REPEAT_S, 41, "seven_day"))
    assert len(samples(path, "a", "five_hour", 0)) == 1
    keep(path, reading(NOW + REPEAT_S + 1, 40))
    assert len(samples(path, "a", "five_hour", 0)) == 2


def test_the_same_reading_recorded_at_every_refresh_is_one(path: Path) -> None:
    keep(path, reading(NOW, 40), reading(NOW, 41), now=NOW)
    keep(path, *[reading(NOW, 41)] * 5, now=NOW + 900)
    assert samples(path, "a", "five_hour", 0) == [Sample(NOW, 41, RESET)]


def test_a_reading_that_arrives_late_takes_its_place(path: Path) -> None:
    keep(path, reading(NOW, 40), reading(NOW + 600, 50))
    keep(path, reading(NOW + 300, 45), now=NOW + 700)
    assert [each.percent for each in samples(path, "a", "five_hour", 0)] == [40, 45, 50]


def test_old_readings_are_thinned_to_the_last_and_the_highest_of_a_stretch(path: Path) -> None:
    start = NOW // DAY * DAY
    shape = [10, 90, 5, 20]  # a window that peaks, rolls and begins again, within a quarter of an hour
    readings = [reading(start + 60 * i, shape[i % 4], resets_at=None) for i in range(24 * 60)]
    record(path, "a", readings, start + DAY - 60)
    fresh = samples(path, "a", "five_hour", 0)
    assert len(fresh) == 24 * 60
    record(path, "a", [reading(start + 3 * DAY, 1)], start + 3 * DAY)
    by_quarter: dict[int, list[Sample]] = {}
    for each in samples(path, "a", "five_hour", 0)[:-1]:
        by_quarter.setdefault(each.at // 900, []).append(each)
    assert len(by_quarter) == 96
    for quarter, kept in by_quarter.items():
        all_of_it = [each for each in fresh if each.at // 900 == quarter]
        assert {each.percent for each in kept} == {90, all_of_it[-1].percent}
        assert kept[-1] == all_of_it[-1]
        assert len(kept) <= 2
    record(path, "a", [reading(start + 12 * DAY, 1)], start + 12 * DAY)
    assert len(samples(path, "a", "five_hour", 0)) <= 24 * 2 + 2


def test_readings_leave_after_thirty_days(path: Path) -> None:
    keep(path, reading(NOW, 10), reading(NOW + DAY, 20), reading(NOW + 30 * DAY + 1, 30))
    assert [each.percent for each in samples(path, "a", "five_hour", 0)] == [20, 30]


@pytest.mark.thorough
def test_a_flood_of_writes_stays_below_a_mebibyte_and_keeps_the_newest(path: Path) -> None:
    """25,000 readings that never repeat, of nine accounts, all younger than anything is thinned."""
    chance, largest = random.Random(7), 0
    for i in range(250):
        now = NOW + 20 * i
        ids = [f"seven_day:model {j}" for j in range(100)]
        record(path, f"account {i % 9}", [reading(now, chance.random() * 100, id_) for id_ in ids], now)
        largest = max(largest, on_disk(path))
    assert largest < MIB
    assert [each.at for each in samples(path, f"account {249 % 9}", "seven_day:model 99", 0)][-1] == NOW + 20 * 249
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        # Even the journal of a change that touches every page leaves the two of them below the bound.
        assert 512 + pages * (4096 + 8) + pages * 4096 < MIB


@pytest.mark.thorough
def test_one_call_with_more_than_fits_keeps_the_newest(path: Path) -> None:
    record(path, "a", [reading(NOW - 60_000 + i, i % 97) for i in range(60_000)], NOW)
    found = samples(path, "a", "five_hour", 0)
    assert found[-1].at == NOW - 1
    assert len(found) > 5_000
    assert on_disk(path) < MIB


def test_a_month_at_the_usual_pace_keeps_its_whole_length(path: Path) -> None:
    """Four windows that change at every refresh of a month: thinning alone bounds them, nothing is cut off."""
    chance = random.Random(3)
    ids = ("five_hour", "seven_day", "seven_day:fable", "seven_day:opus")
    times = range(NOW, NOW + 30 * DAY, 300)
    for day in range(0, len(times), 288):
        batch = times[day : day + 288]
        record(path, "a", [reading(at, chance.random() * 100, id_) for at in batch for id_ in ids], batch[-1])
    for id_ in ids:
        found = samples(path, "a", id_, 0)
        assert found[0].at < NOW + 3600
        assert found[-1].at == times[-1]


def test_the_file_is_private_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        keep(path, reading(NOW, 10))
        path.chmod(0o644)
        keep(path, reading(NOW + 300, 11))
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == [HISTORY_FILE]


@pytest.mark.parametrize(
    "content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 5000, b"\0" * (2 * MIB)], ids=len
)
def test_a_file_that_is_not_a_history_is_set_aside_and_started_over(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert samples(path, "a", "five_hour", 0) == []
    keep(path, reading(NOW, 10), reading(NOW + 300, 11))
    assert [each.percent for each in samples(path, "a", "five_hour", 0)] == [10, 11]
    if content:
        assert path.with_name(HISTORY_FILE + ".broken").read_bytes() == content


def test_a_database_of_another_schema_is_set_aside(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE samples(x); PRAGMA user_version = 99")
    keep(path, reading(NOW, 10))
    assert samples(path, "a", "five_hour", 0) == [Sample(NOW, 10, RESET)]


def test_a_database_without_our_tables_is_set_aside(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE other(x); PRAGMA user_version = 1")
    assert samples(path, "a", "five_hour", 0) == []
    keep(path, reading(NOW, 10))
    assert samples(path, "a", "five_hour", 0) == [Sample(NOW, 10, RESET)]


def test_a_damaged_history_keeps_the_readings_that_can_be_read(path: Path) -> None:
    """They exist nowhere else."""
    keep(path, reading(NOW, 10), reading(NOW + 300, 12), reading(NOW, 5, "seven_day"))
    damage_page(path, "sqlite_autoindex_series_1")
    keep(path, reading(NOW + 600, 13))
    assert [each.percent for each in samples(path, "a", "five_hour", 0)] == [10, 12, 13]
    assert [each.percent for each in samples(path, "a", "seven_day", 0)] == [5]
    assert path.with_name(HISTORY_FILE + ".broken").exists()


def test_a_history_that_is_damaged_within_its_readings_keeps_those_before(path: Path) -> None:
    record(path, "a", [reading(NOW - 3000 + 5 * i, i % 89) for i in range(600)], NOW)
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xaa" * 4096
    path.write_bytes(content)
    for turn in range(2):
        keep(path, reading(NOW + 300 * turn, 50 + turn))
    found = samples(path, "a", "five_hour", 0)
    assert [each.percent for each in found[-2:]] == [50, 51]
    assert len(found) > 100


def damage_page(path: Path, name: str) -> None:
    """Overwrite the first page of a table or an index of the database."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    content = bytearray(path.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xaa" * 4096
    path.write_bytes(content)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a history of a few hundred readings, of which each test takes a copy."""
    path = tmp_path_factory.mktemp("sound") / HISTORY_FILE
    record(path, "a", [reading(NOW - 3000 + 5 * i, i % 89) for i in range(600)], NOW)
    return path


@given(data=st.data())
@examples(60, without=[HealthCheck.function_scoped_fixture])
def test_damage_anywhere_never_raises_and_the_next_reading_is_kept(
    sound: Path, tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / HISTORY_FILE
    for left in tmp_path.iterdir():
        left.unlink()
    content = bytearray(sound.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    for _ in range(data.draw(st.integers(1, 40))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    samples(path, "a", "five_hour", 0)
    record(path, "a", [reading(NOW, 55)], NOW)
    record(path, "a", [reading(NOW + 300, 56)], NOW + 300)
    assert all(0 <= each.percent <= 1000 for each in samples(path, "a", "five_hour", 0))


def half_done(path: Path) -> tuple[bytes, bytes]:
    """Return file and journal as a writer leaves them that is killed within a change of many pages."""
    record(path, "a", [reading(NOW - 3000 + 5 * i, i % 89) for i in range(600)], NOW)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")  # pages go to disk before the change is complete
        connection.execute("BEGIN")
        connection.execute("UPDATE samples SET percent = 99")
        return path.read_bytes(), path.with_name(HISTORY_FILE + "-journal").read_bytes()


def test_the_next_reader_undoes_the_unfinished_change_of_a_killed_writer(path: Path) -> None:
    content, journal = half_done(path)
    before = samples(path, "a", "five_hour", 0)
    path.write_bytes(content)
    assert samples(path, "a", "five_hour", 0) != before
    path.with_name(HISTORY_FILE + "-journal").write_bytes(journal)
    assert samples(path, "a", "five_hour", 0) == before
    assert len(before) == 600


def test_the_journal_of_a_broken_file_is_not_played_into_the_new_one(path: Path) -> None:
    _, journal = half_done(path)
    path.write_bytes(b"broken" * 200_000)  # too large to be ours, so it is not even opened
    path.with_name(HISTORY_FILE + "-journal").write_bytes(journal)
    keep(path, reading(NOW + 300, 11))
    assert samples(path, "a", "five_hour", 0) == [Sample(NOW + 300, 11, RESET)]


def test_a_missing_folder_is_unwritable_and_reads_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gone" / HISTORY_FILE
    assert samples(path, "a", "five_hour", 0) == []
    with pytest.raises(Unwritable):
        keep(path, reading(NOW, 10))


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_a_file_that_is_not_ours_is_left_unchanged(path: Path, kind: str) -> None:
    other = path.with_name("other")
    other.write_bytes(b"somebody's")
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(other)
    else:
        os.mkfifo(path)
    assert samples(path, "a", "five_hour", 0) == []
    with pytest.raises(Unwritable):
        keep(path, reading(NOW, 10))
    assert other.read_bytes() == b"somebody's"


def test_a_file_that_another_process_holds_is_unwritable_not_lost(path: Path) -> None:
    keep(path, reading(NOW, 10))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unwritable):
            keep(path, reading(NOW + 300, 11))
        assert samples(path, "a", "five_hour", 0) == []
    assert [each.percent for each in samples(path, "a", "five_hour", 0)] == [10]


WRITER = """
import sys
from pathlib import Path
from cache.usage.history import record
from cache.model.windows import Window
at = int(sys.argv[2])
while True:
    at += 300
    windows = [Window(f"seven_day:{i}", "", at % 97 + i / 50, at + 900, "oauth", at) for i in range(40)]
    record(Path(sys.argv[1]), "a", windows, at)
    print(at, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_a_sound_file(path: Path) -> None:
    chance, at = random.Random(11), NOW
    for _ in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(at)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(chance.randint(1, 6)):
            at = int(writer.stdout.readline())
        busy = sum(i * i for i in range(chance.randint(0, 60_000)))  # a moment of no fixed length
        writer.send_signal(signal.SIGKILL)
        writer.stdout.read()
        assert (writer.wait(), busy >= 0) == (-signal.SIGKILL, True)
        writer.stdout.close()
        at = max(each.at for each in samples(path, "a", "seven_day:0", 0))
        with contextlib.closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        lengths = {len(samples(path, "a", f"seven_day:{i}", 0)) for i in range(40)}
        assert len(lengths) == 1, "a refresh is there whole or not at all"


RECORD_ONCE = (
    """
import os, resource, sys
from pathlib import Path
from cache.work.failures import Unwritable
from cache.usage.history import record, samples
from cache.model.windows import Window
"""
    + DROP
    + """
path, at = Path(sys.argv[1]), int(sys.argv[2])
if sys.argv[3:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))  # as where a quota is used up
try:
    record(path, "a", [Window("five_hour", "", 1, None, "oauth", at)], at)
except Unwritable:
    print("unwritable")
print(len(samples(path, "a", "five_hour", 0)))
"""
)


def recorded(folder: Path, *arguments: str) -> str:
    """Record as an unprivileged user: root may write everywhere."""
    shutil.copytree(ROOT / "cache", folder / "cache", dirs_exist_ok=True)
    command = [sys.executable, "-c", RECORD_ONCE, str(folder / "place" / HISTORY_FILE), *arguments]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    return run.stdout


@pytest.mark.parametrize(("mode", "said"), [(0o777, "1\n"), (0o555, "unwritable\n0\n")])
def test_a_folder_that_may_not_be_written_is_unwritable(open_directory: Path, mode: int, said: str) -> None:
    (open_directory / "place").mkdir()
    (open_directory / "place").chmod(mode)
    assert recorded(open_directory, "9") == said


def test_a_history_that_no_room_is_left_for_is_unwritable_and_stays(open_directory: Path) -> None:
    (open_directory / "place").mkdir()
    (open_directory / "place").chmod(0o777)
    assert recorded(open_directory, "9") == "1\n"
    assert recorded(open_directory, "999", "no room") == "unwritable\n1\n"
    assert recorded(open_directory, "999") == "2\n"
    assert os.listdir(open_directory / "place") == [HISTORY_FILE]


# --- another id of an account ------------------------------------------------------------------------------------


def test_an_account_can_be_renamed_once_and_keeps_its_readings(path: Path) -> None:
    keep(path, reading(NOW, 10), reading(NOW + 300, 12), reading(NOW, 5, "seven_day"), account="old")
    for _ in range(2):
        rename_account(path, "old", "first")
        rename_account(path, "old", "second")
    assert [each.percent for each in samples(path, "first", "five_hour", 0)] == [10, 12]
    assert [each.percent for each in samples(path, "first", "seven_day", 0)] == [5]
    assert samples(path, "old", "five_hour", 0) == samples(path, "second", "five_hour", 0) == []


def test_renaming_merges_with_what_the_new_id_has(path: Path) -> None:
    keep(path, reading(NOW, 10), reading(NOW + 300, 12), account="old")
    keep(path, reading(NOW + 300, 13), reading(NOW + 600, 14), account="new")
    rename_account(path, "old", "new")
    assert [(each.at, each.percent) for each in samples(path, "new", "five_hour", 0)] == [
        (NOW, 10), (NOW + 300, 13), (NOW + 600, 14),
    ]  # fmt: skip


def test_renaming_where_there_is_nothing_to_rename_writes_nothing(path: Path) -> None:
    rename_account(path, "a", "b")
    assert not path.exists()
    keep(path, reading(NOW, 10))
    before = path.read_bytes(), path.stat().st_mtime_ns
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # another writer is not waited for
        rename_account(path, "nobody", "b")
        rename_account(path, "a", "a")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
