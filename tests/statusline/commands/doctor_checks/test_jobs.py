"""The doctor names background jobs that failed, and what is in place of their files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from cache.model.entry import Entry
from cache.readings.snapshot import plain_name
from statusline.commands.doctor_checks.cache import cache
from statusline.commands.doctor_checks.context import Context
from statusline.commands.doctor_checks.jobs import jobs


@pytest.fixture
def context(tmp_path: Path) -> Context:
    folder = tmp_path / "cache"
    for name in ("git", "sessions", "commands"):
        (folder / name).mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    (tmp_path / "work").mkdir()
    env = {"HOME": str(tmp_path), "STATUSLINE_CACHE_DIR": str(folder)}
    return Context(env=env, cwd=tmp_path / "work", managed=tmp_path / "managed")


def keep(context: Context, name: str, problem: str | None, watch: str = "/nowhere") -> Path:
    """Write an entry as a job leaves it."""
    path = context.cache / name
    path.write_text(Entry({}, 1, 1, problem, 1, {watch: [0, 0]}).to_text())
    return path


def test_without_a_cache_nothing_is_checked(context: Context) -> None:
    there = Context(env={**context.env, "STATUSLINE_CACHE_DIR": str(context.cache / "none")}, cwd=context.cwd)
    assert jobs(there).verdict == "skipped"


def test_jobs_that_ended_well_are_no_finding(context: Context) -> None:
    keep(context, "git/one.json", None)
    keep(context, "transcripts.json", None)
    assert jobs(context).verdict == "ok"


def test_a_failed_job_is_named_with_what_it_was_for_and_the_next_step(context: Context) -> None:
    name = plain_name("/home/me/\x1b[31mwork")
    keep(context, f"git/{name}.json", "git_refused")
    keep(context, "commands/x-1.json", "overdue")
    found = jobs(context)
    assert found.verdict == "warning"
    assert found.said == "git (/home/me/ [31mwork): git refused (and 1 more)"
    assert found.next_step == "Run `git status` there to see why."


def test_a_failure_of_the_transcripts_is_named(context: Context) -> None:
    keep(context, "transcripts.json", "unwritable")
    assert jobs(context).said == "transcripts: no cache"


def test_an_old_failure_is_of_no_interest(context: Context) -> None:
    path = keep(context, "git/one.json", "git_refused")
    os.utime(path, (time.time() - 7200, time.time() - 7200))
    assert jobs(context).verdict == "ok"


def test_a_session_without_a_transcript_yet_is_usual_and_one_that_cannot_be_read_is_not(context: Context) -> None:
    keep(context, "sessions/one.json", "no_transcript", str(context.cwd / "t.jsonl"))
    assert jobs(context).verdict == "ok"
    (context.cwd / "t.jsonl").mkdir()
    assert jobs(context).said == "activity (one): no transcript"


@pytest.mark.parametrize("name", ["git/x.lock", "sessions/s.state", "history.sqlite3", "usage.json.tmp"])
def test_something_else_in_place_of_a_file_is_named(context: Context, name: str) -> None:
    assert cache(context).verdict == "ok"
    (context.cache / name).mkdir()
    found = cache(context)
    assert found.verdict == "warning"
    assert found.said == f"{context.cache / name} is not a file of yours, so what belongs there is not refreshed"
    assert found.next_step == "Move it away: hudline makes its own."
