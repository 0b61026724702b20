"""``statusline usage``: everything that is known, where it comes from, and why something is missing."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from cache.model.entry import Entry
from cache.model.layout import HISTORY_FILE
from cache.model.windows import Window
from cache.usage.history import record
from statusline.commands.support.unpriced import price_sentence
from statusline.commands.usage import show
from statusline.commands.usage_page.page import mcp_sentence
from statusline.render.width import cells
from tests.support.claude_files import login_text
from tests.support.kept_readings import hear_limits, keep_usage
from tests.support.loopback_server import Answer, Loopback
from tests.support.paths import ROOT
from tests.support.warm_command import run_command

NOW = 1_795_358_400  # Sunday, 2026-11-22 14:40 UTC
MINUTE, HOUR, DAY = 60, 3600, 86400
SHORT_RESET, WEEK_RESET = NOW + 2 * HOUR - 2 * MINUTE, NOW + 4 * DAY + 15 * HOUR
ACCOUNT = "3f2a9c0d1e4b5a67"
TOKEN = "sk-ant-oat01-CANARY-usage-command"
NEWLINE = "\n"

SHORT = Window("five_hour", "5h", 71.0, SHORT_RESET, "stdin", NOW - 2 * MINUTE)
WEEK = Window("seven_day", "7d", 83.0, WEEK_RESET, "oauth", NOW - 4 * MINUTE)
FABLE = Window("seven_day:fable", "Fable", 36.0, WEEK_RESET, "claude", NOW - 46 * MINUTE)
EURO = {"used": 12.5, "limit": 40.0, "currency": "EUR", "percent": 31.25, "observed_at": NOW - 4 * MINUTE}
OUTS: dict[str, Any] = {
    "runs_out_at": NOW + 2810,
    "runs_out_window": "five_hour",
    "projections": {"five_hour": {"at": NOW + 2810}, "seven_day": {"at": NOW + DAY}},
}

Show = Callable[..., str]


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Place:
    """A user's cache and login in a folder; ``env`` is the environment of their shell."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cache = home / "cache"
        self.cache.mkdir()
        self.env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
        self.env |= {"STATUSLINE_CACHE_DIR": str(self.cache), "STATUSLINE_CONFIG": str(home / "config.json")}

    def keep(
        self, *windows: Window, problem: str | None = None, folder: str = ".", due_at: int = NOW, **value: Any
    ) -> None:
        """Write the entry that a refresher would have left."""
        whole = {
            "account": ACCOUNT,
            "account_since": 1_795_000_000,
            "plan": "Max 20x",
            "spend": None,
            "runs_out_at": None,
            **value,
        }
        place = self.cache / folder
        keep_usage(place, windows, Entry(whole, NOW - 240, due_at, problem), self.cache)

    def remember(self, id_: str, resets_at: int, course: list[tuple[int, float]]) -> None:
        """Write the history of a window: (seconds before NOW, percent)."""
        readings = [Window(id_, "", percent, resets_at, "oauth", NOW - ago) for ago, percent in course]
        record(self.cache / HISTORY_FILE, ACCOUNT, readings, NOW)

    def sign_in(self, **servers: dict[str, Any]) -> None:
        folder = self.home / ".claude"
        folder.mkdir(exist_ok=True)
        (folder / ".credentials.json").write_text(login_text(TOKEN, expires_at=time.time() + 9000, mcp=servers))

    def run(self, *words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """Run ``statusline usage`` as a process, at the real time."""
        return run_command("usage", *words, env=self.env | env, cwd=cwd or self.home)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def page(place: Place, capsys: pytest.CaptureFixture[str]) -> Show:
    """Return what the command prints at NOW, having seen its exit code and that it prints no token."""

    def printed(width: int = 80, code: int = 0, *, as_json: bool = False) -> str:
        assert show(NOW, as_json=as_json, env={**place.env, "COLUMNS": str(width)}) == code
        said = capsys.readouterr()
        assert said.err == ""
        assert TOKEN not in said.out
        return said.out

    return printed


@pytest.fixture
def full(place: Place) -> Place:
    """Fill the cache with everything that can be shown."""
    place.keep(SHORT, WEEK, FABLE, spend=EURO, **OUTS)
    place.remember("five_hour", SHORT_RESET, [(3 * HOUR - i * 300, 5 + 66 * (i / 36) ** 2) for i in range(36)])
    place.remember("seven_day", WEEK_RESET, [(200_000 - i * 4000, 83 * i / 50) for i in range(50)])
    place.sign_in(a={"serverName": "sentry", "accessToken": ""}, b={"serverName": "linear", "accessToken": "x"})
    return place


def trusted(place: Place, **trust: object) -> None:
    """Write what the transcripts job knows of its estimates."""
    value: dict[str, object] = {"account": ACCOUNT, "windows": [], "trust": trust}
    (place.cache / "transcripts.json").write_text(Entry(value, NOW - 60, NOW).to_text())


ESTIMATED = Window("five_hour", "5h", 47.0, SHORT_RESET, "estimate", NOW - MINUTE)


def test_the_quality_of_estimates_is_shown_beside_an_estimate(place: Place, page: Show) -> None:
    place.keep(WEEK)
    trusted(place, points=240.0, off=0.043, elsewhere=False)
    assert "Estimates" not in page()
    kept = json.loads((place.cache / "transcripts.json").read_text())
    kept["value"]["windows"] = [ESTIMATED.as_json()]
    (place.cache / "transcripts.json").write_text(json.dumps(kept))
    said = page()
    assert "~47% est" in said
    assert "Estimates are off by about 4% of what they add to the last official number." in said
    assert json.loads(page(as_json=True))["trust"] == {"points": 240.0, "off": 0.043, "elsewhere": False}


def test_much_use_elsewhere_is_shown_even_without_an_estimate(place: Place, page: Show) -> None:
    place.keep(SHORT, WEEK)
    assert json.loads(page(as_json=True))["trust"] is None
    trusted(place, points=240.0, off=0.41, elsewhere=True)
    assert "Much of the use is elsewhere: official numbers differ by 41% from" in page(200)


def test_times_are_those_of_the_line(full: Place, page: Show) -> None:
    (full.home / "config.json").write_text('{"time": {"hours": 12, "zone": "Asia/Tokyo"}}')
    said = page(80)
    assert "resets Mon 1:38am, in 1h58m" in said
    assert "resets Fri 2:40pm, in 4d15h" in said
    assert "out Mon 12:26am" in said


def test_a_page_of_80_columns(full: Place, page: Show) -> None:
    assert page(80) == (
        """\
Max 20x
▸ 5h     ██████████████████████████░░░░░░░░░░░░  71%  resets 16:38, in 1h58m
         live, 2m ago  ▁▁▁▁▁▂▂▃▃▃▄▅▅▆  out 15:26
  7d     ███████████████████████████████░░░░░░░  83%  resets Fri 05:40, in 4d15h
         endpoint, 4m ago  ▁▁▂▂▃▃▄▄▅▅▆▆▇▇  out Mon
  Fable  █████████████░░░░░░░░░░░░░░░░░░░░░░░░░  36%  resets Fri 05:40, in 4d15h
         Claude Code's copy, 46m ago
  spend  ███████████░░░░░░░░░░░░░░░░░░░░░░░░░░░  31%  12.50 of 40 EUR
         endpoint, 4m ago
▸ reached first  out: full at the recent pace

MCP logins: sentry missing. Run /mcp in `claude` to sign in.
"""
    )


def test_a_page_of_120_columns_has_one_line_per_limit(full: Place, page: Show) -> None:
    assert page(120) == (
        """\
Max 20x
▸ 5h     ███████████████░░░░░░░  71%  resets 16:38, in 1h58m      live, 2m ago                 ▁▁▁▁▁▂▂▃▃▃▄▅▅▆  out 15:26
  7d     ██████████████████░░░░  83%  resets Fri 05:40, in 4d15h  endpoint, 4m ago             ▁▁▂▂▃▃▄▄▅▅▆▆▇▇  out Mon
  Fable  ███████░░░░░░░░░░░░░░░  36%  resets Fri 05:40, in 4d15h  Claude Code's copy, 46m ago
  spend  ██████░░░░░░░░░░░░░░░░  31%  12.50 of 40 EUR             endpoint, 4m ago
▸ reached first  out: full at the recent pace

MCP logins: sentry missing. Run /mcp in `claude` to sign in.
"""
    )


def test_a_reset_is_shown_to_the_nearest_minute(place: Place, page: Show) -> None:
    for off_s in (-1, 0, 1):
        place.keep(Window("five_hour", "5h", 71.0, SHORT_RESET + off_s, "oauth", NOW - 60))
        assert "resets 16:38, in 1h5" in page(80)


def test_no_line_of_a_limit_is_wider_than_the_terminal(place: Place, page: Show) -> None:
    wide = Window("seven_day:模型", "模型の名前がとても長い", 100.0, WEEK_RESET, "claude", NOW - 3 * DAY)
    place.keep(SHORT, WEEK, wide, spend=EURO)
    for width in (*range(20, 60, 3), *range(60, 201)):
        limits = page(width).partition("\n\n")[0].splitlines()
        assert max(map(cells, limits)) <= width
        assert width < 60 or all("71%" in line for line in limits if line.startswith("  5h"))


def test_json_has_null_for_an_unknown_time_of_the_sign_in(place: Place, page: Show) -> None:
    place.keep(SHORT, account_since=0)
    assert json.loads(page(as_json=True))["account_since"] is None


def test_where_it_is_too_narrow_for_bars_the_resets_stay(full: Place, page: Show) -> None:
    assert page(40).splitlines()[1:4] == [
        "▸ 5h     71%  resets 16:38, in 1h58m",
        "         live, 2m ago  ▁▁▁▁▁▂▂▃▃▃▄▅▅▆  …",
        "  7d     83%  resets Fri 05:40, in 4d15h",
    ]


def test_json_is_the_merged_value_with_documented_fields(full: Place, page: Show) -> None:
    full.keep(SHORT, WEEK, spend=EURO, problem="rate_limited", due_at=NOW + 90, **OUTS)
    beyond(full, binding="seven_day")
    assert json.loads(page(as_json=True)) == {
        "account": ACCOUNT,
        "account_since": 1_795_000_000,
        "plan": "Max 20x",
        "windows": [SHORT.as_json(), WEEK.as_json()],
        "spend": EURO,
        "runs_out_at": NOW + 2810,
        "runs_out_window": "five_hour",
        "expected": {"five_hour": 60.7, "seven_day": 33.9},
        "expected_from": "time",
        "trust": None,
        "money": None,
        "spent": {},
        "other": {"binding": "seven_day"},
        "problem": "rate_limited",
        "next_step": "Nothing to do: hudline tries again once the rate limit allows it.",
        "due_at": NOW + 90,
        "mcp": [
            {"name": "sentry", "state": "missing", "renews": False},
            {"name": "linear", "state": "ok", "renews": False},
        ],
    }


def test_a_models_week_that_runs_out_first_is_marked_in_its_row_only(full: Place, page: Show) -> None:
    """It limits only that model, and the page does not know which model is in use."""
    outs = {**OUTS, "projections": {**OUTS["projections"], "seven_day:fable": {"at": NOW + 60}}}
    full.keep(SHORT, WEEK, Window("seven_day:fable", "Fable", 99.9, WEEK_RESET, "oauth", NOW), **outs)
    assert "out Sun" in page().partition("Fable")[2]
    assert json.loads(page(as_json=True))["runs_out_window"] == "five_hour"


def test_the_endpoints_answer_for_another_account_is_not_shown(full: Place, page: Show) -> None:
    beyond(full, account="another", binding="seven_day")
    assert json.loads(page(as_json=True))["other"] == {}


def test_every_field_of_the_json_is_documented_in_the_help(full: Place, page: Show) -> None:
    said = full.run("--help").stdout
    found = json.loads(page(as_json=True))
    names = [*found, *found["windows"][0], *found["spend"], *found["mcp"][0]]
    assert [name for name in names if name not in said] == []


def test_what_a_session_saw_since_counts(place: Place, page: Show) -> None:
    place.keep(SHORT, WEEK)
    hear_limits(place.cache, {"five_hour": (74.0, SHORT_RESET)}, NOW - 10)
    assert "74%  resets 16:38, in 1h58m" in page()
    assert "live, just now" in page()


def test_an_old_number_of_a_session_is_not_called_live(place: Place, page: Show) -> None:
    place.keep(Window("five_hour", "5h", 71.0, SHORT_RESET, "stdin", NOW - 3 * HOUR))
    assert "from a session, 3h00m ago" in page()


def test_an_estimate_is_marked(place: Place, page: Show) -> None:
    place.keep()
    guess = Window("five_hour", "5h", 47.6, SHORT_RESET, "estimate", NOW - 30)
    kept = Entry({"account": ACCOUNT, "windows": [guess.as_json()]}, NOW - 30, NOW + 60)
    (place.cache / "transcripts.json").write_text(kept.to_text())
    assert "~47% est  resets 16:38" in page()
    assert "estimate, just now" in page()


def test_without_a_percentage_the_money_spent_here_is_shown(place: Place, page: Show) -> None:
    place.keep()
    spent = {"five_hour": {"usd": 0.16, "resets_at": SHORT_RESET}, "seven_day": {"usd": 3.2, "resets_at": NOW - 1}}
    kept = Entry({"account": ACCOUNT, "windows": [], "spent": spent}, NOW - 30, NOW + 60)
    (place.cache / "transcripts.json").write_text(kept.to_text())
    assert page().split() == ["Max", "20x", "5h", "$0.16", "spent", "here"]
    assert kept.value is not None
    kept.value["spent"] = {"five_hour": {**spent["five_hour"], "estimated": True}}
    (place.cache / "transcripts.json").write_text(kept.to_text())
    _, row, _, sentence = page().splitlines()
    assert (row.split(), sentence) == (["5h", "~$0.16", "spent", "here"], price_sentence([]))
    found = json.loads(page(as_json=True))
    assert (found["windows"], found["spent"]) == ([], {"five_hour": 0.16})


def test_a_number_of_unknown_age_shows_when_it_was_first_seen(place: Place, page: Show) -> None:
    seen = Window("five_hour", "5h", 71.0, SHORT_RESET, "stdin", NOW - 2 * MINUTE, age_known=False)
    place.keep(seen, WEEK)
    assert "from a session, seen 2m ago" in page()
    assert json.loads(page(as_json=True))["windows"][0]["age_known"] is False


def test_a_window_that_has_ended_is_not_shown(place: Place, page: Show) -> None:
    place.keep(Window("five_hour", "5h", 71.0, NOW - 60, "oauth", NOW - HOUR), WEEK)
    assert [line[:4] for line in page().splitlines()[1:3]] == ["  7d", "    "]
    assert "  5h" not in page()


# --- the pace --------------------------------------------------------------------------------------------------------

EVEN = "head and behind are points from an even pace, which in a week counts every hour."


def lines_of(text: str) -> dict[str, str]:
    """Return the end of the row of each limit by its label."""
    rows = [line for line in text.splitlines() if line[1:2] == " " and "reset" in line]
    return {row.split()[row[0] != " "]: row.rpartition("  ")[2] for row in rows}


def test_without_a_history_the_outlook_follows_the_pace_and_says_so(place: Place, page: Show) -> None:
    """Half of the week is used up after a third of its time: ahead, but no reading says that it goes on so."""
    place.keep(Window("five_hour", "5h", 30.0, SHORT_RESET, "stdin", NOW), WEEK, FABLE)
    text = page(120)
    assert lines_of(text) == {"5h": "30 behind", "7d": "49 ahead", "Fable": "Claude Code's copy, 46m ago"}
    assert f"Too few readings for a forecast: a{EVEN}" in text.replace("\n", " ")
    assert "out" not in text
    found = json.loads(page(as_json=True))
    assert found["runs_out_at"] is found["runs_out_window"] is None
    assert found["expected"] == {"five_hour": 60.7, "seven_day": 33.9}


def test_with_a_history_it_is_the_pace_of_a_window_that_lasts(full: Place, page: Show) -> None:
    full.keep(SHORT, Window("seven_day", "7d", 36.0, WEEK_RESET, "oauth", NOW), **OUTS)
    full.remember("seven_day", WEEK_RESET, [(200_000 - i * 4000, 36 * i / 50) for i in range(50)])
    full.keep(SHORT, Window("seven_day", "7d", 36.0, WEEK_RESET, "oauth", NOW), runs_out_at=None)
    assert "  on pace" in page(120)
    assert f"A{EVEN}" in page(120).replace("\n", " ")


def test_it_says_what_the_pace_of_a_week_counts(place: Place, page: Show) -> None:
    start = WEEK_RESET - 7 * DAY
    learned = [[start, 0.0], [start + DAY, 90.0], [WEEK_RESET, 100.0]]
    place.keep(SHORT, WEEK, expected=learned)
    text = page(120).replace("\n", " ")
    assert "an even pace, which in a week counts the hours when you usually work." in text
    assert lines_of(page(120))["7d"] == "9 behind"
    assert json.loads(page(as_json=True))["expected_from"] == "history"
    (place.home / "config.json").write_text('{"week": "sun-thu 8-17"}')
    assert "which in a week counts your working time (sun-thu 8-17)." in page(120).replace("\n", " ")
    assert json.loads(page(as_json=True))["expected_from"] == "week"


@pytest.mark.parametrize("points", [[], [[0, 0]], "x", {"a": 1}])
def test_points_that_make_no_sense_leave_an_even_pace(place: Place, page: Show, points: object) -> None:
    place.keep(SHORT, WEEK, expected=points)
    assert EVEN in page(120).replace("\n", " ")
    assert json.loads(page(as_json=True))["expected_from"] == "time"


def test_without_a_week_nothing_is_said_of_it(place: Place, page: Show) -> None:
    place.keep(SHORT)
    assert page(120).endswith("Too few readings for a forecast: ahead and behind are points from an even pace.\n")
    place.keep(Window("five_hour", "5h", 100.0, SHORT_RESET, "stdin", NOW))
    assert "pace" not in page(120)
    place.keep(Window("five_hour", "5h", 50.0, None, "stdin", NOW))
    assert "pace" not in page(120)


def test_a_window_that_has_not_started_is_marked(place: Place, page: Show) -> None:
    place.keep(Window("five_hour", "5h", 0.0, None, "oauth", NOW))
    assert page(60) == f"Max 20x\n  5h  {'░' * 37}  0%  not started\n      endpoint, just now\n"


@pytest.mark.parametrize(
    ("spend", "said"),
    [
        ({"used": 40.01, "limit": 40.0, "currency": "EUR", "percent": 100.0}, "100%  40.01 of 40 EUR  limit reached"),
        ({"used": 1200.0, "limit": 5000.0, "currency": "JPY", "percent": 24.0}, "24%  1200 of 5000 JPY"),
        ({"used": 1.234, "limit": None, "currency": "KWD", "percent": None}, "1.23 KWD"),
    ],
)
def test_an_enterprise_seat_has_only_its_spend(place: Place, page: Show, spend: dict[str, object], said: str) -> None:
    place.keep(spend=spend, plan="Enterprise")
    first, second, *_ = page().splitlines()
    assert first == "Enterprise"
    assert second.startswith("  spend  ")
    assert " ".join(second.split()).endswith(" ".join(said.split()))


def test_a_reached_limit_shows_when_it_resets(place: Place, page: Show) -> None:
    week = Window("seven_day", "7d", 100.0, WEEK_RESET, "oauth", NOW)
    place.keep(Window("five_hour", "5h", 100.0, SHORT_RESET, "oauth", NOW), week)
    assert page().endswith("\n\nA limit is reached. It resets Fri 05:40, in 4d15h.\n")
    assert page().count("limit reached") == 2


def test_money_beyond_the_plan_lets_work_go_on(place: Place, page: Show) -> None:
    place.keep(Window("five_hour", "5h", 100.0, SHORT_RESET, "oauth", NOW), spend=EURO)
    assert "▸ spend" in page()
    assert "A limit is reached" not in page()


def test_money_without_a_limit_lets_work_go_on_for_good(place: Place, page: Show) -> None:
    paid = {"used": 106.31, "limit": None, "currency": "USD", "percent": None, "uncapped": True}
    place.keep(Window("five_hour", "5h", 100.0, SHORT_RESET, "oauth", NOW), spend=paid)
    assert "▸ spend" in page()
    assert "$106.31, no limit" in page()
    assert "A limit is reached" not in page()


@pytest.mark.parametrize("resets_at", [None, SHORT_RESET])
def test_windows_that_stay_at_nothing_on_an_enterprise_seat_are_not_shown(
    place: Place, page: Show, resets_at: int | None
) -> None:
    idle = [Window(id_, id_, 0.0, resets_at, "oauth", NOW) for id_ in ("five_hour", "seven_day")]
    spend = {"used": 192.0, "limit": 200.0, "currency": "USD", "percent": 96.0}
    place.keep(*idle, spend=spend, plan="Enterprise")
    assert [line.split()[0] for line in page().splitlines()] == ["Enterprise", "spend"]
    place.keep(*idle, spend=spend)
    assert "5h" in page(), "another plan's windows are only unused so far"
    place.keep(*idle, spend={**spend, "alone": True})
    assert "5h" not in page()


def beyond(place: Place, *, account: str = ACCOUNT, age_s: int = 240, **other: object) -> None:
    """Put what the endpoint said beyond windows and spend into its last answer."""
    kept = json.loads((place.cache / "usage.json").read_text())
    kept["answer"] |= {"account": account, "at": NOW - age_s, "other": other}
    (place.cache / "usage.json").write_text(json.dumps(kept))


def test_an_active_limit_of_a_kind_that_we_do_not_know_is_named(place: Place, page: Show) -> None:
    place.keep(SHORT, WEEK)
    row = {"label": "monthly_all", "percent": 100, "resets_at": NOW + 9 * DAY, "active": True}
    beyond(place, limits=[row])
    assert "▸ monthly_all" in page()
    assert page().count("▸") == 2, "the other one is in the key"
    assert "limit reached" in page()
    place.keep(SHORT, WEEK)
    beyond(place, limits=[{"label": "Claude Code", "percent": 85.5, "active": True}])
    assert "85%  reset unknown" in page().partition("Claude Code")[2]


@pytest.mark.parametrize(
    "row",
    [
        {"percent": 100, "active": False},
        {"percent": 100},
        {"percent": 79.9, "active": True},
        {"percent": "much", "active": True},
        {"percent": 100, "active": True, "resets_at": NOW - 1},
    ],
)
def test_other_rows_of_such_kinds_are_not(place: Place, page: Show, row: dict[str, Any]) -> None:
    place.keep(SHORT, WEEK)
    beyond(place, limits=[{"label": "monthly_all", **row}])
    assert "monthly_all" not in page()


def test_without_a_reset_such_a_limit_is_believed_for_five_hours(place: Place, page: Show) -> None:
    place.keep(SHORT, WEEK)
    row = {"label": "monthly_all", "percent": 100, "active": True}
    beyond(place, limits=[row], age_s=5 * HOUR - 1)
    assert "monthly_all" in page()
    beyond(place, limits=[row], age_s=5 * HOUR)
    assert "monthly_all" not in page()


SIGNED_OUT = (
    "Signed out. Run `claude` and sign in with /login; without a login the line shows what Claude Code reports."
)
LIMITED = "Rate limited. Nothing to do: hudline tries again once the rate limit allows it. Next attempt at 14:41."
REASONS = [
    ("expired", "Login expired. Run `claude`: it renews the login by itself."),
    ("signed_out", SIGNED_OUT),
    ("no_scope", "No usage scope. Sign in with /login in `claude`: this token lacks the `user:profile` scope."),
    ("rate_limited", LIMITED),
    (
        "unreachable",
        "Offline. Check the network and the proxy. The last known numbers stay on the line. Next attempt at 14:41.",
    ),
    ("from_a_newer_version", "Offline. Run `statusline refresh` to see what happens. Next attempt at 14:41."),
]


@pytest.mark.parametrize(("problem", "sentence"), REASONS)
def test_one_sentence_explains_why_numbers_are_old_and_what_to_do(
    place: Place, page: Show, problem: str, sentence: str
) -> None:
    place.keep(SHORT, problem=problem, due_at=NOW + 60)
    assert page().endswith(f"\n{sentence}\n")
    place.keep(problem=problem, due_at=NOW + 60)
    assert page(code=1) == f"{sentence}\n"
    assert json.loads(page(code=1, as_json=True))["next_step"] in sentence


def test_without_numbers_there_is_a_next_step(page: Show) -> None:
    assert (
        page(code=1)
        == "No usage numbers yet. Run `statusline usage --refresh`, or send a message or two in `claude`.\n"
    )
    assert json.loads(page(code=1, as_json=True))["windows"] == []


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"CLAUDE_CODE_USE_BEDROCK": "1"}, "Billed through a cloud provider: no plan limits."),
        ({"ANTHROPIC_BASE_URL": "https://gate.example"}, "ANTHROPIC_BASE_URL points to a gateway: no plan limits."),
    ],
)
def test_without_a_plan_another_logins_numbers_are_not_shown(
    full: Place, page: Show, setting: dict[str, str], sentence: str
) -> None:
    full.env |= setting
    said = page(code=1)
    assert sentence in said
    assert "%" not in said
    assert "FAKE" not in said
    found = json.loads(page(code=1, as_json=True))
    assert (found["windows"], found["spend"], found["plan"], found["runs_out_at"]) == ([], None, None, None)


def test_with_an_api_key_in_the_environment_the_plans_numbers_stay_and_the_key_is_named(
    full: Place, page: Show
) -> None:
    """Claude Code asks before it uses such a key; many plan sessions have one in their environment."""
    full.env["ANTHROPIC_API_KEY"] = "sk-ant-api03-FAKE"
    text = page(120)
    assert "71%  resets 16:38, in 1h58m      live, 2m ago" in text
    assert text.endswith(
        "ANTHROPIC_API_KEY is set: sessions in this shell may be billed by API key. These are the plan's last numbers. "
        "Unset ANTHROPIC_API_KEY to use the plan here.\n"
    )
    assert "FAKE" not in text
    assert json.loads(page(as_json=True))["problem"] == "api_key"


def test_with_an_api_key_and_no_numbers_there_are_no_plan_limits(place: Place, page: Show) -> None:
    place.env["ANTHROPIC_API_KEY"] = "sk-ant-api03-FAKE"
    assert page(code=1).startswith("Billed by API key: no plan limits. ")


def test_a_problem_of_another_shells_settings_is_not_ours(place: Place, page: Show) -> None:
    for problem in ("api_key", "gateway", "off"):
        place.keep(SHORT, problem=problem)
        assert json.loads(page(as_json=True))["problem"] is None


@pytest.mark.parametrize("where", ["environment", "configuration"])
def test_with_oauth_off_no_credential_is_read_and_the_page_mentions_it(full: Place, page: Show, where: str) -> None:
    if where == "environment":
        full.env["STATUSLINE_OAUTH"] = "off"
    else:
        (full.home / "config.json").write_text('{"oauth": "off"}')
    said = page()
    assert "71%" in said
    assert "sentry" not in said
    assert "No usage requests are made: oauth is off." in said


def test_only_logins_that_need_a_hand_are_named() -> None:
    fine, renews = {"name": "a", "state": "ok", "renews": False}, {"name": "b", "state": "expired", "renews": True}
    gone = {"name": "c", "state": "expired", "renews": False}
    assert mcp_sentence([]) is None
    assert mcp_sentence([fine, renews]) == "MCP logins: 2 ok."  # type: ignore[list-item] # plain objects will do
    assert mcp_sentence([fine, renews, gone]) == "MCP logins: c expired. Run /mcp in `claude` to sign in."  # type: ignore[list-item]


def test_names_cannot_act_on_the_terminal(place: Place, page: Show) -> None:
    hostile = "\x1b[31mred\x07\u202e\u2028\u200b"
    window = Window("seven_day:x", hostile, 5.0, WEEK_RESET, hostile, NOW)
    place.keep(window, plan=hostile, spend={**EURO, "currency": hostile})
    place.sign_in(a={"serverName": f"evil{hostile}", "accessToken": ""})
    said = page()
    assert [char for char in said if not char.isprintable() and char != NEWLINE] == []
    assert "evil" in said


def test_another_configuration_directory_has_its_own_numbers(place: Place, page: Show) -> None:
    other = place.home / "work"
    folder = "dirs/" + "".join(char if char.isalnum() else f"%{ord(char):02X}" for char in str(other))
    place.keep(SHORT)
    place.keep(WEEK, folder=folder)
    place.env["CLAUDE_CONFIG_DIR"] = str(other)
    assert [each["id"] for each in json.loads(page(as_json=True))["windows"]] == ["seven_day"]


def test_looking_leaves_no_trace(place: Place, page: Show) -> None:
    place.cache.rmdir()
    page(code=1)
    assert sorted(each.name for each in place.home.iterdir()) == []


def test_a_damaged_cache_is_as_good_as_none(place: Place, page: Show) -> None:
    for name in ("usage.json", "readings.json", "endpoint.json", "transcripts.json", HISTORY_FILE, "accounts.json"):
        (place.cache / name).write_bytes(b'{"schema":1,"\xff' * 30)
    assert page(code=1).startswith("No usage numbers yet.")


def on_terminal(place: Place, env: dict[str, str], columns: int = 100) -> str:
    """Run the command on a new terminal; return its output."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    argv = [sys.executable, "-m", "statusline.commands.cli", "usage"]
    given = {**place.env, "PYTHONPATH": str(ROOT), **env}
    done = subprocess.run(argv, cwd=place.home, env=given, stdin=theirs, stdout=theirs, stderr=theirs, check=False)
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 65536):
            said += chunk
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    assert done.returncode == 0
    return said.decode()


@pytest.fixture
def current(place: Place) -> Place:
    """Fill the cache with a number of this moment, for processes that look at the clock."""
    now = int(time.time())
    place.keep(Window("five_hour", "5h", 95.0, (now + 2 * HOUR) // 60 * 60, "oauth", now), problem="expired")
    return place


@pytest.mark.parametrize(
    ("env", "colored"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "xterm", "FORCE_COLOR": "0"}, False),
    ],
)
def test_a_terminal_has_colors_where_it_wants_them(current: Place, env: dict[str, str], colored: bool) -> None:
    said = on_terminal(current, env)
    assert ("\x1b[1;31m" in said, "\x1b" in said) == (colored, colored)


def test_what_is_no_terminal_has_colors_only_with_force_color(current: Place) -> None:
    assert "\x1b" not in current.run().stdout
    assert "\x1b[1;31m" in current.run(FORCE_COLOR="1").stdout


def test_a_page_takes_the_width_of_its_terminal_and_wraps_at_words(current: Place) -> None:
    lines = [line.rstrip() for line in on_terminal(current, {"TERM": "dumb"}, 50).splitlines()]
    assert max(map(cells, lines)) <= 50
    assert "Login expired. Run `claude`: it renews the login" in lines
    assert cells(on_terminal(current, {"TERM": "dumb"}, 120).splitlines()[1].rstrip()) > 80


def test_what_is_no_terminal_gets_a_sentence_in_one_line(current: Place) -> None:
    said = current.run(COLUMNS="40").stdout
    assert said.endswith("\nLogin expired. Run `claude`: it renews the login by itself.\n")


def test_an_encoding_without_blocks_gets_plain_signs(current: Place) -> None:
    done = current.run(PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  95%" in done.stdout
    assert "#####" in done.stdout
    assert done.stdout.isascii()


def captured(**changes: Any) -> str:
    """Return the endpoint's body, with windows that lie ahead."""
    soon = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 2 * HOUR))
    return json.dumps({"five_hour": {"utilization": 24.0, "resets_at": soon}, **changes})


@pytest.fixture
def signed_in(place: Place) -> Place:
    place.sign_in()
    program = place.home / "claude"
    program.write_text("#!/bin/sh\necho '2.1.330 (Claude Code)'\n")
    program.chmod(0o755)
    place.env |= {"STATUSLINE_CLAUDE_BIN": str(program), "STATUSLINE_API_BASE": "http://127.0.0.1:9"}
    return place


def test_refresh_asks_first(signed_in: Place) -> None:
    with Loopback(Answer(body=captured())) as server:
        signed_in.env["STATUSLINE_API_BASE"] = server.base
        done = signed_in.run("--refresh")
        assert (done.returncode, done.stderr) == (0, "")
        assert "24%  resets " in done.stdout
        assert "endpoint, just now" in done.stdout
        assert len(server.requests) == 1
        again = signed_in.run("--refresh", "--json")
        assert json.loads(again.stdout)["windows"][0]["percent"] == 24
        assert len(server.requests) == 1, "nothing is due a moment later"
    assert TOKEN not in done.stdout + again.stdout


def test_a_refresh_that_fails_still_shows_what_is_known(signed_in: Place) -> None:
    now = int(time.time())
    signed_in.keep(Window("five_hour", "5h", 61.0, now + HOUR, "oauth", now - HOUR), account="unknown", due_at=now - 60)
    with Loopback(Answer(status=500)) as server:
        signed_in.env["STATUSLINE_API_BASE"] = server.base
        done = signed_in.run("--refresh")
    assert (done.returncode, done.stderr) == (0, "")
    assert "61%" in done.stdout
    assert "Server error. Nothing to do" in done.stdout


def test_a_refresh_that_hangs_is_given_up_and_what_is_known_is_shown(signed_in: Place) -> None:
    """The endpoint never answers: the request has its own limit, and the page comes after it."""
    now = int(time.time())
    signed_in.keep(Window("five_hour", "5h", 61.0, now + HOUR, "oauth", now - HOUR), account="unknown", due_at=now - 60)
    with Loopback(Answer(silent=True)) as server:
        signed_in.env["STATUSLINE_API_BASE"] = server.base
        done = signed_in.run("--refresh")
    assert done.returncode == 0
    assert "61%" in done.stdout
    assert "Offline." in done.stdout


def test_a_failed_refresh_is_shown_even_if_it_cannot_be_stored(signed_in: Place) -> None:
    """Its cause is not in the cache, which is what the page is made from otherwise."""
    signed_in.cache.rmdir()
    signed_in.cache.write_text("")
    done = signed_in.run("--refresh")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(f"Failed: no cache: {signed_in.cache}: ")
    assert done.stdout.endswith("Make the cache directory writable, or set STATUSLINE_CACHE_DIR to another one.\n")
    assert done.stdout.count("\n") == 1
    found = json.loads(signed_in.run("--refresh", "--json").stdout)
    assert (found["problem"], "STATUSLINE_CACHE_DIR" in found["next_step"]) == ("unwritable", True)


def test_a_refresh_that_waits_for_another_one_is_reported(signed_in: Place) -> None:
    with FileLock(signed_in.cache / "usage.lock"):
        said = signed_in.run("--refresh").stdout
    assert said == "Busy: another refresh is running. Wait a few seconds and try again.\n"
