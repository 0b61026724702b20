"""``statusline guard --wait``: it ends when the window allows, when that cannot happen in time, and on a signal."""

from __future__ import annotations

import argparse
import re
import sys
import threading
import time
from pathlib import Path

import pytest

from statusline.commands import guard
from statusline.commands.guard import NO, UNKNOWN, YES, Look, Verdict, wait
from statusline.commands.support.argument_types import duration
from tests.support.kept_numbers import keep, statusline, window
from tests.support.paths import ROOT
from tests.support.typed_terminal import console

SHORT, WEEK = "five_hour", "seven_day"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the cache of a person without a login, for waiting in this process, with looks in quick succession."""
    for name in ("ANTHROPIC_API_KEY", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STATUSLINE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("STATUSLINE_CONFIG", str(tmp_path / "config.json"))
    monkeypatch.setattr(guard, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(guard, "A_MOMENT_S", 0.05)
    return tmp_path / "cache"


def waited(seconds: float, name: str | None = None) -> Verdict:
    look = Look(name, 20)
    first = look(time.time())
    assert first.code == NO
    return wait(look, first, seconds, is_quiet=True)


def test_a_window_that_resets_ends_the_waiting(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window(SHORT, 100, resets_in_s=10), window(WEEK, 10, resets_in_s=90_000))
    ran = statusline(tmp_path, "guard", "--min-left", "20", "--wait", "1h")
    assert (ran.returncode, ran.stdout, ran.stderr) == (YES, "yes: 5h 100% left, 7d 90% left\n", "")


def test_a_reset_that_comes_too_late_ends_it_at_once(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window(SHORT, 10), window(WEEK, 100, resets_in_s=90_000))
    ran = statusline(tmp_path, "guard", "--min-left", "20", "--wait", "24h")
    assert ran.returncode == NO
    assert ran.stdout.startswith("no: 5h 90% left, 7d 0% left, until ")


def test_the_reset_is_told_in_the_hours_and_zone_of_the_line(cache: Path) -> None:
    (cache.parent / "config.json").write_text('{"time": {"hours": 12, "zone": "Asia/Tokyo"}}')
    noon = (int(time.time()) // 86400 + 3) * 86400 + 3 * 3600  # in Tokyo
    short, week = window(SHORT, 10), window(WEEK, 95)
    week.resets_at = noon - 1  # in every second answer
    keep(cache, short, week)
    assert waited(60).sentence.endswith(" 12:00pm")


def test_of_two_limits_the_later_reset_counts(cache: Path) -> None:
    keep(cache, window(SHORT, 90, resets_in_s=1), window(WEEK, 95, resets_in_s=7200))
    assert waited(3600).sentence.startswith("no: 5h 10% left, 7d 5% left, until ")


def test_without_enough_at_the_end_of_the_time_the_answer_is_no(cache: Path) -> None:
    short = window(SHORT, 95)
    short.resets_at = None
    keep(cache, short, window(WEEK, 10))
    assert waited(0.3) == Verdict(NO, "no: 5h 5% left, 7d 90% left")


def test_another_limit_that_has_become_old_makes_it_unknown(cache: Path) -> None:
    keep(cache, window(SHORT, 95, resets_in_s=2), window(WEEK, 10, age_s=21 * 60, resets_in_s=90_000))
    found = waited(60)
    assert found.code == UNKNOWN
    assert found.sentence.startswith("not known: 5h 100% left, 7d 90% left (21m old)")


def test_only_the_five_hours_count_as_unused_after_their_reset(cache: Path) -> None:
    keep(cache, window(SHORT, 10, resets_in_s=9000), window(WEEK, 95, resets_in_s=2))
    assert waited(60).sentence.startswith("not known: 5h 90% left, 7d not known")


def test_by_the_name_of_the_window_too(cache: Path) -> None:
    keep(cache, window(SHORT, 95, resets_in_s=2))
    assert waited(60, "five_hour") == Verdict(YES, "yes: 5h 100% left")


@pytest.mark.parametrize("before_s", [0.001, 0.004, 0.0049, 0])
def test_a_look_in_the_last_moment_before_the_reset_knows_the_answer(cache: Path, before_s: float) -> None:
    short = window(SHORT, 95)
    keep(cache, short)
    look = Look(None, 20)
    assert look(time.time()).code == NO
    assert short.resets_at is not None
    assert look(short.resets_at - before_s).sentence.startswith("not known: 5h 100% left, 7d not known")


def test_new_numbers_end_it(cache: Path) -> None:
    keep(cache, window(SHORT, 95), window(WEEK, 10))
    later = threading.Timer(0.3, keep, [cache, window(SHORT, 3, age_s=-1), window(WEEK, 10)])
    later.start()
    found = waited(7200 * 2)
    later.join()
    assert found == Verdict(YES, "yes: 5h 97% left, 7d 90% left")


def test_the_reset_of_another_account_says_nothing(cache: Path) -> None:
    keep(cache, window(SHORT, 95, resets_in_s=2), window(WEEK, 10))
    look = Look(None, 20)
    assert look(time.time()).code == NO
    keep(cache, window(WEEK, 10), account="0000000000000001")
    assert look(time.time() + 3).sentence.startswith("not known: 5h not known")


def test_where_nothing_is_known_it_does_not_wait(tmp_path: Path) -> None:
    ran = statusline(tmp_path, "guard", "--min-left", "20", "--wait", "1h")
    assert ran.returncode == UNKNOWN


def test_a_terminal_shows_what_it_waits_for_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window(SHORT, 95), window(WEEK, 10, resets_in_s=90_000))
    env = {
        "HOME": str(tmp_path),
        "STATUSLINE_CACHE_DIR": str(tmp_path / "cache"),
        "STATUSLINE_CONFIG": str(tmp_path / "config.json"),
        "PYTHONPATH": str(ROOT),
        "PYTHON": sys.executable,
    }
    with console(tmp_path, env) as person:
        command = '"$PYTHON" -m statusline.commands.cli guard --min-left 20 --wait 5h; echo code $?; sleep 60'
        person.start("/bin/sh", "-c", f"trap : INT; {command}")
        rows = person.until(lambda rows: rows[0].startswith("waiting until "))
        assert re.fullmatch(r"waiting until .*\d\d:\d\d, at most 4h59m: 5h 5% left.*", rows[0])
        person.press("C-c")
        rows = person.until(lambda rows: any(row.endswith("code 130") for row in rows))
        assert [row.replace("^C", "") for row in rows if row] == ["code 130"], "nothing of the waiting stays"


@pytest.mark.parametrize(("text", "seconds"), [("6h", 21600), ("90m", 5400), ("1h30m", 5400), ("1D", 86400), ("3s", 3)])
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "6", "h", "-1h", "1.5h", "6 hours", "1h 30m", "٣h", "9999999h", "inf"])
def test_odd_durations_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="such as 6h, 90m or 1h30m"):
        duration(text)
