"""``statusline guard``: its cases as a table, each a real process on a real cache."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from cache.window import Window
from tests.cached import keep, statusline, window

MADE_AT = int(time.time())
SHORT, WEEK, FABLE = "five_hour", "seven_day", "seven_day:fable"
YES, NO, UNKNOWN = 0, 1, 3
TWENTY_ONE_MINUTES = 21 * 60

# what is known, the words, the exit code, what is printed (its beginning)
CASES: dict[str, tuple[list[Window], list[str], int, str]] = {
    "both have more": (
        [window(SHORT, 42), window(WEEK, 61)],
        ["--min-left", "20"],
        YES,
        "yes: 5h 58% left, 7d 39% left",
    ),
    "exactly as much is enough": ([window(SHORT, 80), window(WEEK, 80)], ["--min-left", "20"], YES, "yes"),
    "noise of a float takes nothing": (
        [window(SHORT, 80.00000000000001), window(WEEK, 0)],
        ["--min-left", "20"],
        YES,
        "yes: 5h 20% left",
    ),
    "a tenth less is not": ([window(SHORT, 80.1), window(WEEK, 1)], ["--min-left", "20"], NO, "no: 5h 19.9% left"),
    "the five hours are the lower": ([window(SHORT, 95), window(WEEK, 10)], ["--min-left", "20"], NO, "no"),
    "the week is the lower": ([window(SHORT, 10), window(WEEK, 95)], ["--min-left", "20"], NO, "no"),
    "nothing left is at least nothing": ([window(SHORT, 100), window(WEEK, 0)], ["--min-left", "0"], YES, "yes"),
    "more than all used is nothing left": ([window(SHORT, 130), window(WEEK, 0)], ["--min-left", "1"], NO, "no: 5h 0%"),
    "a percent sign may be there": ([window(SHORT, 10), window(WEEK, 10)], ["--min-left", "20%"], YES, "yes"),
    "a fraction may be asked": ([window(SHORT, 10), window(WEEK, 10)], ["--min-left", "90.5"], NO, "no"),
    "nothing is known": ([], ["--min-left", "20"], UNKNOWN, "not known: 5h not known, 7d not known. "),
    "one of two is known, and has enough": ([window(SHORT, 10)], ["--min-left", "20"], UNKNOWN, "not known: 5h 90%"),
    "one of two is known, and has not": ([window(WEEK, 95)], ["--min-left", "20"], NO, "no: 5h not known, 7d 5% left"),
    "an old number that has enough": (
        [window(SHORT, 10), window(WEEK, 10, age_s=TWENTY_ONE_MINUTES)],
        ["--min-left", "20"],
        UNKNOWN,
        "not known: 5h 90% left, 7d 90% left (21m old)",
    ),
    "an old number that has not": (
        [window(SHORT, 10), window(WEEK, 95, age_s=TWENTY_ONE_MINUTES)],
        ["--min-left", "20"],
        NO,
        "no",
    ),
    "a number of 19 minutes ago": (
        [window(SHORT, 10, age_s=19 * 60), window(WEEK, 10)],
        ["--min-left", "20"],
        YES,
        "yes",
    ),
    "an estimate that has enough": (
        [window(SHORT, 10, source="estimate"), window(WEEK, 10)],
        ["--min-left", "20"],
        UNKNOWN,
        "not known: 5h 90% left (estimate)",
    ),
    "an estimate that has not": ([window(SHORT, 95, source="estimate")], ["--min-left", "20"], NO, "no"),
    "a window that has ended": (
        [window(SHORT, 95, resets_in_s=-60), window(WEEK, 10)],
        ["--min-left", "20"],
        UNKNOWN,
        "not known: 5h not known, 7d 90% left",
    ),
    "a model's week does not count by itself": (
        [window(SHORT, 10), window(WEEK, 10), window(FABLE, 99)],
        ["--min-left", "20"],
        YES,
        "yes: 5h 90% left, 7d 90% left",
    ),
    "one by its label": ([window(SHORT, 95), window(WEEK, 10)], ["--min-left", "20", "--window", "7d"], YES, "yes: 7d"),
    "one by its id": (
        [window(SHORT, 95), window(WEEK, 10)],
        ["--min-left", "20", "--window", "five_hour"],
        NO,
        "no: 5h",
    ),
    "a model's week by its name": ([window(FABLE, 99)], ["--min-left", "20", "--window", "Fable"], NO, "no: Fable 1%"),
    "a model's week by its id": ([window(FABLE, 9)], ["--min-left", "20", "--window", FABLE], YES, "yes: Fable 91%"),
    "a window that nobody knows": (
        [window(SHORT, 10), window(WEEK, 10)],
        ["--min-left", "20", "--window", "opus"],
        UNKNOWN,
        "not known: opus not known. Known names: 5h, 7d, spend.",
    ),
    "a mistyped name of a model": (
        [window(SHORT, 10), window(FABLE, 10)],
        ["--min-left", "20", "--window", "fabel"],
        UNKNOWN,
        "not known: fabel not known. Known names: 5h, 7d, Fable, spend.\n",
    ),
    "a limit that is not known just now is no mistake": (
        [window(SHORT, 10)],
        ["--min-left", "20", "--window", "7D"],
        UNKNOWN,
        "not known: 7D not known\n",
    ),
    "a spend that is not known": (
        [window(SHORT, 10)],
        ["--min-left", "20", "--window", "spend"],
        UNKNOWN,
        "not known: spend not known",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_answer_is(case: str, tmp_path: Path) -> None:
    made, words, code, said = CASES[case]
    later = int(time.time()) - MADE_AT  # the table was made when the session began
    windows = [
        Window(each.id, each.label, each.percent, (each.resets_at or 0) + later, each.source, each.observed_at + later)
        for each in made
    ]
    keep(tmp_path / "cache", *windows)
    ran = statusline(tmp_path, "guard", *words)
    assert (ran.returncode, ran.stderr) == (code, "")
    assert ran.stdout.startswith(said)
    assert ran.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("percent", "problem", "due_in_s", "code"),
    [(70, None, 60, YES), (90, None, 60, NO), (70, "expired", 60, UNKNOWN), (70, None, -7200, UNKNOWN)],
)
def test_money_counts_where_there_are_no_windows(
    tmp_path: Path, percent: int, problem: str | None, due_in_s: int, code: int
) -> None:
    spend = {"used": 7.0, "limit": 10.0, "currency": "EUR", "percent": percent}
    keep(tmp_path / "cache", problem=problem, due_in_s=due_in_s, spend=spend)
    assert statusline(tmp_path, "guard", "--min-left", "20").returncode == code
    assert statusline(tmp_path, "guard", "--min-left", "20", "--window", "spend").returncode == code


def test_money_does_not_count_where_there_are_windows(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window(SHORT, 10), window(WEEK, 10), spend={"used": 1.0, "percent": 100})
    assert statusline(tmp_path, "guard", "--min-left", "20").returncode == YES


def test_what_is_not_known_has_a_next_step(tmp_path: Path) -> None:
    keep(tmp_path / "cache", problem="expired")
    assert "Run `claude`: it renews the login" in statusline(tmp_path, "guard", "--min-left", "20").stdout


def test_a_login_by_key_is_not_known_whatever_a_plan_has_left(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window(SHORT, 10), window(WEEK, 10))
    ran = statusline(tmp_path, "guard", "--min-left", "20", ANTHROPIC_API_KEY="sk-ant-api03-FAKE")
    assert ran.returncode == UNKNOWN


def test_quiet_is_only_the_exit_code(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window(SHORT, 95))
    ran = statusline(tmp_path, "guard", "--quiet", "--min-left", "20")
    assert (ran.returncode, ran.stdout, ran.stderr) == (NO, "", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")
def test_the_answer_is_the_exit_code_even_where_nothing_can_be_printed(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window(SHORT, 10), window(WEEK, 10))
    ran = statusline(tmp_path, "guard", "--min-left", "20", to="/dev/full")
    assert (ran.returncode, ran.stderr.count("\n")) == (YES, 1)
    assert ran.stderr == "statusline guard: standard output cannot be written (No space left on device).\n"


@pytest.mark.parametrize("words", [[], ["--min-left"], *(["--min-left", each] for each in ("x", "101", "-1", "nan"))])
def test_a_mistake_is_neither_yes_nor_no(tmp_path: Path, words: list[str]) -> None:
    assert statusline(tmp_path, "guard", *words).returncode == 2
