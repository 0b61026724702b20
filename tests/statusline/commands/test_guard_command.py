"""``statusline guard``: its cases as a table, each a real process on a real cache."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from cache.model.windows import Window
from tests.support.kept_numbers import estimate, keep, statusline, window

MADE_AT = int(time.time())
SHORT, WEEK, FABLE = "five_hour", "seven_day", "seven_day:fable"
YES, NO, UNKNOWN = 0, 1, 3
TWENTY_ONE_MINUTES = 21 * 60


def unknown_age(made: Window) -> Window:
    made.age_known = False
    return made


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
    "what is left is rounded down": ([window(SHORT, 80.04), window(WEEK, 1)], ["--min-left", "20"], NO, "no: 5h 19.9%"),
    "a trace that is left is not nothing": (
        [window(SHORT, 99.97), window(WEEK, 1)],
        ["--min-left", "20"],
        NO,
        "no: 5h less than 0.1% left",
    ),
    "the five hours are the lower": ([window(SHORT, 95), window(WEEK, 10)], ["--min-left", "20"], NO, "no"),
    "the week is the lower": ([window(SHORT, 10), window(WEEK, 95)], ["--min-left", "20"], NO, "no"),
    "nothing left is at least nothing": ([window(SHORT, 100), window(WEEK, 0)], ["--min-left", "0"], YES, "yes"),
    "more than all used is nothing left": ([window(SHORT, 130), window(WEEK, 0)], ["--min-left", "1"], NO, "no: 5h 0%"),
    "a percent sign is allowed": ([window(SHORT, 10), window(WEEK, 10)], ["--min-left", "20%"], YES, "yes"),
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
    "an estimate alone says neither yes nor no": (
        [window(SHORT, 95, source="estimate"), window(WEEK, 10)],
        ["--min-left", "20"],
        UNKNOWN,
        "not known: 5h 5% left (estimate), 7d 90% left",
    ),
    "an official number that has not beside an estimate that has": (
        [window(SHORT, 10, source="estimate"), window(WEEK, 95)],
        ["--min-left", "20"],
        NO,
        "no: 5h 90% left (estimate), 7d 5% left",
    ),
    "a number of unknown age that has enough": (
        [unknown_age(window(SHORT, 3)), window(WEEK, 3)],
        ["--min-left", "20"],
        UNKNOWN,
        "not known: 5h 97% left (age unknown), 7d 97% left",
    ),
    "one of unknown age that was seen long ago": (
        [window(SHORT, 3), unknown_age(window(WEEK, 3, age_s=2 * 3600))],
        ["--min-left", "20"],
        UNKNOWN,
        "not known: 5h 97% left, 7d 97% left (at least 2h00m old)",
    ),
    "one of unknown age that has not": ([unknown_age(window(SHORT, 95))], ["--min-left", "20"], NO, "no: 5h 5% left"),
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
    "an unknown window": (
        [window(SHORT, 10), window(WEEK, 10)],
        ["--min-left", "20", "--window", "opus"],
        UNKNOWN,
        "not known: no limit named opus. Names: 5h, 7d, spend.\n",
    ),
    "a mistyped name of a model": (
        [window(SHORT, 10), window(FABLE, 10)],
        ["--min-left", "20", "--window", "fabel"],
        UNKNOWN,
        "not known: no limit named fabel. Names: 5h, 7d, Fable, spend.\n",
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
        Window(
            each.id,
            each.label,
            each.percent,
            (each.resets_at or 0) + later,
            each.source,
            each.observed_at + later,
            each.age_known,
        )
        for each in made
    ]
    keep(tmp_path / "cache", *windows)
    ran = statusline(tmp_path, "guard", *words)
    assert (ran.returncode, ran.stderr) == (code, "")
    assert ran.stdout.startswith(said)
    assert ran.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("percent", "age_s", "code", "said"),
    [
        (70, 60, YES, "yes: spend 30% left"),
        (90, 60, NO, "no: spend 10% left"),
        (70, TWENTY_ONE_MINUTES, UNKNOWN, "not known: spend 30% left (21m old)"),
        (90, TWENTY_ONE_MINUTES, NO, "no: spend 10% left (21m old)"),
        (70, None, UNKNOWN, "not known: spend 30% left (age unknown)"),
        (70, -3600, UNKNOWN, "not known: spend 30% left (age unknown)"),
    ],
)
@pytest.mark.parametrize("currency", ["EUR", None])
def test_money_counts_where_there_are_no_windows(
    tmp_path: Path, percent: int, age_s: int | None, code: int, said: str, currency: str | None
) -> None:
    observed_at = None if age_s is None else int(time.time()) - age_s
    spend = {"used": 7.0, "limit": 10.0, "currency": currency, "percent": percent, "observed_at": observed_at}
    keep(tmp_path / "cache", spend=spend)
    for words in ([], ["--window", "spend"]):
        ran = statusline(tmp_path, "guard", "--min-left", "20", *words)
        assert (ran.returncode, ran.stdout.startswith(said)) == (code, True), ran.stdout


def test_an_enterprise_seat_is_judged_by_its_money_not_by_windows_that_stay_at_nothing(tmp_path: Path) -> None:
    idle = [Window(id_, label, 0.0, None, "oauth", int(time.time())) for id_, label in ((SHORT, "5h"), (WEEK, "7d"))]
    spend = {"used": 192.0, "limit": 200.0, "currency": "USD", "percent": 96.0, "observed_at": int(time.time())}
    keep(tmp_path / "cache", *idle, spend=spend, plan="Enterprise")
    ran = statusline(tmp_path, "guard", "--min-left", "20")
    assert (ran.returncode, ran.stdout) == (NO, "no: spend 4% left\n")


def test_an_active_limit_of_an_unknown_kind_counts_once_it_is_nearly_used_up(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window(SHORT, 10), window(WEEK, 10))
    for percent, active, code in ((100, True, NO), (85, True, NO), (75, True, YES), (100, False, YES)):
        row = {"label": "monthly\x1b all", "percent": percent, "resets_at": None, "active": active}
        kept = json.loads((tmp_path / "cache" / "usage.json").read_text())
        kept["answer"]["other"] = {"limits": [row]}
        (tmp_path / "cache" / "usage.json").write_text(json.dumps(kept))
        ran = statusline(tmp_path, "guard", "--min-left", "20")
        assert ran.returncode == code, ran.stdout
        assert ("monthly all" in ran.stdout) == (code == NO)
        assert statusline(tmp_path, "guard", "--min-left", "20", "--window", "5h").returncode == YES


def test_what_was_spent_here_without_any_percentage_is_not_known(tmp_path: Path) -> None:
    keep(tmp_path / "cache")
    estimate(tmp_path / "cache", spent={SHORT: {"usd": 0.16, "resets_at": None}})
    assert statusline(tmp_path, "guard", "--min-left", "20").returncode == UNKNOWN


def test_money_does_not_count_where_there_are_windows(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window(SHORT, 10), window(WEEK, 10), spend={"used": 1.0, "percent": 100})
    assert statusline(tmp_path, "guard", "--min-left", "20").returncode == YES


def test_what_is_not_known_has_a_next_step(tmp_path: Path) -> None:
    keep(tmp_path / "cache", problem="expired")
    assert "Run `claude`: it renews the login" in statusline(tmp_path, "guard", "--min-left", "20").stdout


@pytest.mark.parametrize("used", [10, 95])
def test_with_an_api_key_the_plans_numbers_are_shown_but_decide_nothing(tmp_path: Path, used: int) -> None:
    keep(tmp_path / "cache", window(SHORT, used), window(WEEK, 10))
    ran = statusline(tmp_path, "guard", "--min-left", "20", ANTHROPIC_API_KEY="sk-ant-api03-FAKE")
    assert ran.returncode == UNKNOWN
    doubt = "ANTHROPIC_API_KEY is set"
    assert ran.stdout == (
        f"not known: 5h {100 - used}% left ({doubt}), 7d 90% left ({doubt}). "
        "Unset ANTHROPIC_API_KEY to use the plan here.\n"
    )


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
