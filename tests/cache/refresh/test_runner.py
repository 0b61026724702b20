"""A refresh that fails: the former value stays, and the next attempt has its time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from cache.model.entry import Entry, read_entry
from cache.model.layout import MARKER
from cache.refresh.lock import hold_lock
from cache.refresh.runner import refresh
from cache.refresh.storage import LEFTOVER_S
from cache.work import failures as errors
from cache.work.request import Outcome, Request
from tests.support.paths import ROOT

NOW = 1_795_320_000.0
TOKEN = "sk-ant-oat01-CANARY-in-a-message"


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a job of the name ``mine`` whose ``collect`` is for the test to set."""
    module = ModuleType("cache.jobs.mine")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


LIMITED = """
import faulthandler, sys, time
sys.path.insert(0, sys.argv[1])
from cache.refresh import runner
def refuse(*given, **named):
    raise RuntimeError("unable to start watchdog thread")
if sys.argv[2] == "no threads":
    faulthandler.dump_traceback_later = refuse
runner.limit(0.3)
time.sleep(60)
"""


@pytest.mark.parametrize("system", ["threads", "no threads"])
def test_a_process_ends_at_its_limit_also_where_no_thread_can_be_started(system: str) -> None:
    words = [sys.executable, "-I", "-c", LIMITED, str(ROOT), system]
    ran = subprocess.run(words, capture_output=True, check=False, timeout=50)
    assert ran.returncode == (1 if system == "threads" else -signal.SIGALRM)
    assert (ran.stdout, ran.stderr) == (b"", b"")


@pytest.mark.usefixtures("job")
def test_a_file_that_cannot_be_locked_is_no_other_refresh(tmp_path: Path) -> None:
    (tmp_path / "mine.lock").mkdir()
    outcome = run(tmp_path)
    assert (outcome.state, outcome.problem, outcome.exit_code) == ("failed", "unwritable", 1)
    assert "cannot lock" in outcome.sentence
    assert outcome.next_step == errors.Unwritable.next_step


def test_a_lock_that_cannot_be_released_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("filelock.FileLock.release", refuse)
    with hold_lock(tmp_path / "lock"):
        pass


def stumble(job: ModuleType, error: Callable[[], Exception]) -> None:
    def collect(request: Request, before: Entry, now: float) -> None:
        raise error()

    job.__dict__["collect"] = collect


def run(cache: Path, now: float = NOW, **env: str) -> Outcome:
    return refresh(Request("mine", cache, cache / "config.json", {"HOME": str(cache), **env}), lambda: now)


def kept(cache: Path) -> Entry:
    return read_entry(str(cache / "mine.json"))


@pytest.mark.parametrize(
    ("error", "problem"),
    [(lambda: ZeroDivisionError(TOKEN), "broken"), (lambda: errors.Unwritable("the disk is full"), "unwritable")],
    ids=["of ours", "named"],
)
def test_a_job_that_stumbles_keeps_what_was_known_and_backs_off(
    job: ModuleType, tmp_path: Path, error: Callable[[], Exception], problem: str
) -> None:
    stumble(job, error)
    before = Entry({"known": 1}, int(NOW) - 900, int(NOW) - 1, watch={"/not/there": [0, 0]})
    (tmp_path / "mine.json").write_text(before.to_text())
    now = NOW
    for failures, wait_s in enumerate((300, 600, 1200), start=1):
        outcome = run(tmp_path, now)
        assert (outcome.state, outcome.problem, outcome.exit_code) == ("failed", problem, 1)
        found = kept(tmp_path)
        assert (found.value, found.fetched_at, found.watch) == (before.value, before.fetched_at, before.watch)
        assert (found.problem, found.failures, found.due_at) == (problem, failures, int(now) + wait_s)
        assert run(tmp_path, now + 1).state == "not due"
        now = found.due_at


@pytest.mark.parametrize("returns", [True, False], ids=["returned", "raised"])
def test_a_job_that_fails_after_the_clock_was_set_back_waits_all_the_same(
    job: ModuleType, tmp_path: Path, returns: bool
) -> None:
    def collect(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure]:
        failure = errors.Unwritable("the disk is full")
        if returns:
            return Entry(before.value, before.fetched_at, int(now) + 300, failure.name, 1), failure
        raise failure

    job.__dict__["collect"] = collect
    before = Entry({"known": 1}, int(NOW) + 3600, int(NOW) + 3660)
    (tmp_path / "mine.json").write_text(before.to_text())
    assert run(tmp_path).state == "failed"
    assert (kept(tmp_path).value, kept(tmp_path).due_at) == (before.value, int(NOW) + 300)
    assert [run(tmp_path, NOW + after).state for after in (1, 299)] == ["not due"] * 2
    assert run(tmp_path, NOW + 300).state == "failed"


def test_a_bug_is_reported_by_its_type_and_line_without_its_message(job: ModuleType, tmp_path: Path) -> None:
    stumble(job, lambda: KeyError(f"https://user:hunter2@proxy.example {TOKEN}"))
    outcome = run(tmp_path, STATUSLINE_LOG=str(tmp_path / "x.log"))
    assert outcome.sentence.startswith("hudline error: KeyError in test_runner.py, line ")
    told = outcome.sentence + (tmp_path / "x.log").read_text() + (tmp_path / "mine.json").read_text()
    assert "KeyError in test_runner.py" in (tmp_path / "x.log").read_text()
    assert not [word for word in ("CANARY", "hunter2", "proxy.example") if word in told]


def test_what_a_job_had_written_down_before_it_stumbled_stays(job: ModuleType, tmp_path: Path) -> None:
    def error() -> Exception:
        (tmp_path / "mine.json").write_text(Entry({"told": 1}, int(NOW), int(NOW)).to_text())
        return RuntimeError()

    stumble(job, error)
    run(tmp_path)
    assert (kept(tmp_path).value, kept(tmp_path).problem) == ({"told": 1}, "broken")


@pytest.mark.parametrize("name", ["readings.json.tmp", "mine.start.tmp", "slot-0.tmp", "slot-3.tmp"])
def test_what_a_killed_tick_left_goes_also_from_a_folder_that_the_person_made(
    job: ModuleType, tmp_path: Path, name: str
) -> None:
    stumble(job, errors.Busy)
    left = tmp_path / name
    for mtime, stays in ((time.time(), True), (time.time() - LEFTOVER_S - 1, False), (time.time() + 7200, False)):
        left.write_text(json.dumps("half"))
        os.utime(left, (mtime, mtime))
        run(tmp_path)
        assert left.exists() is stays
    assert not (tmp_path / MARKER).exists()
    (tmp_path / "precious").write_text("keep me")
    left.unlink(missing_ok=True)
    left.symlink_to(tmp_path / "precious")
    os.utime(left, (0, 0), follow_symlinks=False)
    run(tmp_path)
    assert left.is_symlink(), "no file of ours"
