"""The sessions job: who waits, when it is due again, and what it leaves of the usage entry that it is merged into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cache.jobs.sessions import collect
from cache.model.entry import NOTHING_YET, WATCHED_OF_PART, Entry, entry_from, has_changed, is_due, part_of, read_entry
from cache.refresh import kept_entry
from cache.refresh.kept_entry import write_kept
from cache.refresh.lock import hold_lock
from cache.refresh.runner import refresh
from cache.work.request import Request
from tests.support.paths import ROOT
from tests.support.session_files import WAITING, processes, session_file, stale_files
from tests.support.unprivileged import DROP

LONG_AGO = 86_400 * 20_000  # 2024: a folder that was last changed then is not new


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / ".claude" / "sessions"
    made.mkdir(parents=True)
    (tmp_path / "cache").mkdir()
    write_kept(request(tmp_path, "usage"), Entry({"account": "77aa"}, 50, 60))
    return made


def request(home: Path, job: str = "sessions", **env: str) -> Request:
    return Request(job, home / "cache", Path(), env={"HOME": str(home), **env})


def look(home: Path) -> Entry:
    """Run the job once; return what a tick reads of it."""
    outcome = refresh(request(home))
    assert outcome.problem is None
    return entry_from(json.loads(json.dumps(outcome.entry.as_json())), WATCHED_OF_PART)


def waiting(entry: Entry) -> list[Any]:
    assert entry.value is not None
    rows = entry.value["waiting"]
    assert isinstance(rows, list)
    return rows


def test_who_waits_longest_comes_first(folder: Path, tmp_path: Path) -> None:
    with processes(3) as (one, two, three):
        session_file(folder, one, "/w/api", **WAITING, statusUpdatedAt=2000)
        session_file(folder, two, "/w/docs", **WAITING, statusUpdatedAt=1000)
        session_file(folder, three, "/w/web", status="busy")
        assert [(row["pid"], row["name"]) for row in waiting(look(tmp_path))] == [(two, "docs"), (one, "api")]
        assert [set(row) for row in waiting(look(tmp_path))] == [{"pid", "session", "name"}] * 2


def test_a_change_of_any_session_makes_it_due(folder: Path, tmp_path: Path) -> None:
    """Claude Code writes in place: the folder's own time does not change with a status."""
    with processes(2) as (one, two):
        session_file(folder, one)
        session_file(folder, two)
        entry = look(tmp_path)
        assert not has_changed(entry)
        before = folder.stat().st_mtime_ns
        session_file(folder, two, **WAITING)
        assert folder.stat().st_mtime_ns == before
        assert has_changed(entry)
        entry = collect(request(tmp_path), entry, time.time())[0]
        (folder / f"{two}.json").unlink()
        assert has_changed(entry)


def test_it_is_due_after_30_seconds_while_one_waits_and_more_rarely_without(folder: Path, tmp_path: Path) -> None:
    with processes(2) as (one, two):
        session_file(folder, one)
        os.utime(folder, (LONG_AGO, LONG_AGO))
        now = time.time()
        alone = collect(request(tmp_path), NOTHING_YET, now)[0]
        assert not is_due(alone, now + 590)
        assert list(alone.watch) == [str(folder)]  # its own changes are no news to anyone
        session_file(folder, two)
        new = collect(request(tmp_path), NOTHING_YET, now)[0]
        assert not is_due(new, now + 28)
        assert is_due(new, now + 30)
        assert len(new.watch) == 3
        os.utime(folder, (LONG_AGO, LONG_AGO))
        both = collect(request(tmp_path), NOTHING_YET, now)[0]
        assert not is_due(both, now + 118)
        assert is_due(both, now + 120)
        waits = []
        for _ in range(4):
            both = collect(request(tmp_path), both, now)[0]
            waits.append(both.due_at - int(now))
        assert waits == [240, 480, 600, 600], "the longer nothing changes, the longer it waits"
        session_file(folder, two, status="busy", statusUpdatedAt=2000)
        both = collect(request(tmp_path), both, now)[0]
        assert both.due_at - int(now) == 120
        session_file(folder, two, **WAITING)
        assert has_changed(both)
        one_waits = collect(request(tmp_path), NOTHING_YET, now)[0]
        assert not is_due(one_waits, now + 28)
        assert is_due(one_waits, now + 30), "it may have been killed"


def test_a_session_that_has_just_started_is_read_again(folder: Path, tmp_path: Path) -> None:
    (folder / "7.json").touch()  # created, and not yet written
    now = time.time()
    entry = collect(request(tmp_path), NOTHING_YET, now)[0]
    (folder / "7.json").write_text("{}")
    assert not has_changed(entry)
    assert is_due(entry, now + 30)


def test_a_file_that_is_half_written_is_read_again_soon(folder: Path, tmp_path: Path) -> None:
    with processes(2) as (one, two):
        session_file(folder, one)
        session_file(folder, two)
        whole = (folder / f"{two}.json").read_bytes()
        os.utime(folder, (LONG_AGO, LONG_AGO))
        now = time.time()
        quiet = collect(request(tmp_path), NOTHING_YET, now)[0]
        (folder / f"{two}.json").write_bytes(whole[:-20])
        half = collect(request(tmp_path), quiet, now)[0]
        assert is_due(half, now + 30)
        (folder / f"{two}.json").write_bytes(whole)
        assert not is_due(collect(request(tmp_path), half, now)[0], now + 118)


def test_of_many_sessions_a_tick_looks_at_a_few_and_the_job_at_all(folder: Path, tmp_path: Path) -> None:
    with processes(WATCHED_OF_PART) as pids:
        for pid in pids:
            session_file(folder, pid, **WAITING)
        now = time.time()
        entry = collect(request(tmp_path), NOTHING_YET, now)[0]
        assert len(waiting(entry)) == WATCHED_OF_PART
        assert len(entry.watch) == WATCHED_OF_PART
        assert is_due(entry, now + 9.9)


def test_sessions_that_were_killed_neither_wait_nor_are_watched(folder: Path, tmp_path: Path) -> None:
    stale_files(folder, 70)
    entry = look(tmp_path)
    assert waiting(entry) == []
    assert list(entry.watch) == [str(folder)]


def test_a_config_directory_of_its_own_has_its_own_sessions(tmp_path: Path) -> None:
    with processes(1) as (one,):
        session_file(tmp_path / "work" / "sessions", one, **WAITING)
        entry, _ = collect(request(tmp_path, CLAUDE_CONFIG_DIR=str(tmp_path / "work")), NOTHING_YET, time.time())
        assert len(waiting(entry)) == 1
        assert waiting(collect(request(tmp_path), NOTHING_YET, time.time())[0]) == []


def test_a_relative_config_directory_is_not_guessed(tmp_path: Path) -> None:
    entry, failure = collect(request(tmp_path, CLAUDE_CONFIG_DIR="work"), NOTHING_YET, time.time())
    assert failure is not None
    assert (failure.name, entry.problem, entry.value, entry.watch) == ("no_sessions", "no_sessions", None, {})


UNREADABLE = f"""
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from cache.jobs import sessions
from cache.model.entry import NOTHING_YET
from cache.work.request import Request
{DROP}
entry, failure = sessions.collect(Request("sessions", Path(), Path(), env={{"HOME": sys.argv[2]}}), NOTHING_YET, 1e9)
print(entry.value, failure.name)
"""


def test_a_folder_that_cannot_be_read_is_silent(open_directory: Path) -> None:
    folder = open_directory / ".claude" / "sessions"
    folder.mkdir(parents=True)
    folder.chmod(0)
    command = [sys.executable, "-I", "-c", UNREADABLE, str(ROOT), str(open_directory)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("None no_sessions\n", "")


# --- merged into the usage entry --------------------------------------------------------------------------------------

USAGE: dict[str, Any] = {
    "schema": 1,
    "fetched_at": 1_795_320_000,
    "due_at": 1_795_320_300,
    "problem": "offline",
    "failures": 2,
    "watch": {"/a": [1, 2], "/b": [3, 4]},
    "value": {"account": "3f2a", "windows": [{"id": "five_hour", "percent": 24.5}]},
    "answer": {"account": "3f2a"},
    "held": {"account": "77aa"},
    "readings": [1, 2],
    "of_a_later_version": {"kept": True},
}


def test_the_usage_entry_stays_as_it_is(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "cache" / "usage.json"
    file.write_text(json.dumps(USAGE))
    look(tmp_path)
    kept = json.loads(file.read_text())
    assert list(kept.pop("parts")) == ["sessions"]
    assert kept == USAGE
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("before", [None, b"", b"torn {", b'{"schema": 99}'])
def test_before_the_usage_job_has_written_nothing_is_merged(folder: Path, tmp_path: Path, before: bytes | None) -> None:
    """What only a newer version can read stays, and a file that is there means that the usage job has run."""
    file = tmp_path / "cache" / "usage.json"
    file.unlink() if before is None else file.write_bytes(before)
    assert refresh(request(tmp_path)).state == "busy"
    assert (file.read_bytes() if file.exists() else None) == before


def test_the_usage_job_keeps_the_parts_of_others(folder: Path, tmp_path: Path) -> None:
    look(tmp_path)
    write_kept(request(tmp_path, "usage"), Entry({"account": "3f2a"}, 100, 400))
    entry = read_entry(str(tmp_path / "cache" / "usage.json"))
    assert (entry.value, entry.fetched_at) == ({"account": "3f2a"}, 100)
    assert part_of(entry, "sessions").value == {"waiting": []}


def test_a_long_usage_job_holds_nobody_up(folder: Path, tmp_path: Path) -> None:
    look(tmp_path)
    with hold_lock(tmp_path / "cache" / "usage.lock"):
        assert refresh(Request("sessions", tmp_path / "cache", Path(), {"HOME": str(tmp_path)}, force=True)).state == (
            "refreshed"
        )


def test_while_another_job_merges_for_long_nothing_is_lost(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look(tmp_path)
    before = (tmp_path / "cache" / "usage.json").read_bytes()
    monkeypatch.setattr(kept_entry, "WAIT_S", 0.05)
    with hold_lock(tmp_path / "cache" / "merge.lock"):
        outcome = refresh(Request("sessions", tmp_path / "cache", Path(), {"HOME": str(tmp_path)}, force=True))
    assert outcome.state == "busy"
    assert (tmp_path / "cache" / "usage.json").read_bytes() == before


MERGE = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from cache.model.entry import Entry
from cache.refresh.kept_entry import write_kept
from cache.work.request import Request
request = Request(sys.argv[3], Path(sys.argv[2]), Path(), env={})
for number in range(1, 61):
    write_kept(request, Entry({"number": number}, number, number))
"""


def test_two_jobs_that_merge_at_once_lose_nothing(tmp_path: Path) -> None:
    (tmp_path / "usage.json").write_text(Entry({}, 1, 1).to_text())
    jobs = [
        subprocess.Popen([sys.executable, "-I", "-c", MERGE, str(ROOT), str(tmp_path), job])
        for job in ("usage", "sessions")
    ]
    assert [each.wait() for each in jobs] == [0, 0]
    entry = read_entry(str(tmp_path / "usage.json"))
    assert (entry.value, part_of(entry, "sessions").value) == ({"number": 60}, {"number": 60})
