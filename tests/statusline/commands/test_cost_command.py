"""`statusline cost` reads all transcripts, adds them up by a key, and says from when on nothing is missing."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cache.money.ledger import Spent
from cache.refresh.lock import hold_lock
from cache.sources.transcripts.prices import Tokens
from cache.work.failures import Busy
from statusline.commands.cli import main
from statusline.commands.cost import EXAMPLES, show, since_of
from statusline.commands.cost_page.table import render_table
from statusline.commands.support.unpriced import price_sentence
from statusline.render.width import cells
from tests.support.paths import ROOT
from tests.support.transcript_writer import answer_line, lines_of, naive_answers, naive_cost

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86400
NOW = 1795991400.0  # 2026-11-29 22:30 UTC


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config.json").write_text('{"time": {"zone": "utc"}}')
    return {
        "HOME": str(tmp_path),
        "STATUSLINE_CACHE_DIR": str(tmp_path / "cache"),
        "STATUSLINE_CONFIG": str(tmp_path / "config.json"),
        "COLUMNS": "100",
    }


def write(home: Path, name: str, lines: list[bytes]) -> None:
    path = home / ".claude" / "projects" / "p" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    os.utime(path, (NOW, NOW))


@pytest.fixture
def worked(tmp_path: Path, env: dict[str, str]) -> dict[str, str]:
    """Let a session switch its branch on the way, and another work elsewhere some days before."""
    here, there = str(tmp_path / "webshop"), "/srv/\x1b[31mapi"
    on_main = [answer_line(f"m{n}", "r", NOW - 7200 + n, output=9000, folder=here, session="s1") for n in range(3)]
    on_login = [
        answer_line(f"l{n}", "r", NOW - 3600 + n, output=5000, folder=here, branch="feat/login", session="s1")
        for n in range(4)
    ]
    before = [
        answer_line(f"b{n}", "r", NOW - 8 * DAY + n, output=700, folder=there, session="s2", model="claude-haiku-4-5")
        for n in range(2)
    ]
    write(tmp_path, "s1", on_main + on_login)
    write(tmp_path, "s2", before)
    return env


def as_json(env: dict[str, str], capsys: pytest.CaptureFixture[str], by: str, since: str | None = None) -> Any:
    assert show(NOW, by, since, as_json=True, env=env) == 0
    return json.loads(capsys.readouterr().out)


def test_what_is_not_counted_is_named_in_the_help_and_in_the_documentation(
    env: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = {"output_tokens": 9000, "server_tool_use": {"web_search_requests": 100}}
    fast = {"output_tokens": 9000, "speed": "fast"}
    lines = [answer_line("m1", "r", NOW - 60, usage=usage), answer_line("m2", "r", NOW - 60, usage=fast)]
    write(tmp_path, "s1", lines)
    total = as_json(env, capsys, "day")["total"]
    assert (total["answers"], total["tokens"], total["usd"]) == (1, 9000, pytest.approx(0.18))
    for text in (EXAMPLES, (ROOT / ".github" / "configuration.md").read_text()):
        assert "fast mode" in text
        assert "web searches" in text


def test_a_branch_that_was_switched_to_on_the_way_has_its_own_amount(
    worked: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(worked, capsys, "branch", "7d")
    answers = naive_answers(lines_of(path) for path in (tmp_path / ".claude" / "projects").rglob("*.jsonl"))
    for row in found["rows"]:
        group = [each for each in answers if (each.folder, each.branch) == (row["project"], row["branch"])]
        assert row["usd"] == pytest.approx(sum(map(naive_cost, group)), abs=1e-6)
        assert (row["answers"], row["tokens"]) == (len(group), sum(sum(each.tokens) for each in group))
    assert [row["branch"] for row in found["rows"]] == ["main", "feat/login"]
    assert found["total"]["answers"] == 7
    assert found["complete_from"] == NOW - 30 * DAY


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("day", [{"day": "2026-11-21"}, {"day": "2026-11-29"}]),
        ("model", [{"model": "claude-opus-5-5"}, {"model": "claude-haiku-4-5"}]),
        ("session", [{"session": "s1", "project": "~/webshop"}, {"session": "s2", "project": "/srv/\x1b[31mapi"}]),
        ("project", [{"project": "~/webshop"}, {"project": "/srv/\x1b[31mapi"}]),
    ],
)
def test_each_key_has_a_row_in_its_order(
    by: str, names: list[dict[str, str]], worked: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(worked, capsys, by)
    keys = names[0].keys()
    wanted = [{key: name.replace("~", str(tmp_path)) for key, name in each.items()} for each in names]
    assert [{key: row[key] for key in keys} for row in found["rows"]] == wanted
    assert found["total"]["usd"] == pytest.approx(sum(row["usd"] for row in found["rows"]), abs=1e-5)


def test_the_table_fits_its_width_and_names_cannot_act_on_the_terminal(
    worked: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(NOW, "branch", None, as_json=False, env={**worked, "COLUMNS": "60"}) == 0
    *table, about = capsys.readouterr().out.splitlines()
    assert table == [
        "~/webshop     main        $0.54   30k tokens  3 answers",
        "~/webshop     feat/login  $0.40   24k tokens  4 answers",
        "/srv/[31mapi  main        $0.01  3.6k tokens  2 answers",
        "total                     $0.95   58k tokens  9 answers",
    ]
    assert show(NOW, "branch", None, as_json=False, env={**worked, "COLUMNS": "40"}) == 0
    assert all(cells(each) <= 40 for each in capsys.readouterr().out.splitlines()[:-1])
    assert about == "At list prices, on this machine. Complete since 30 Oct."


@pytest.mark.parametrize("width", [80, 66, 60, 52])
def test_a_long_path_hides_no_branch(width: int) -> None:
    long = "/home/ann/work/customers/acme-corp/services/payment-gateway"
    keys = [("/home/ann/api", "main"), ("/home/ann/api", "fix/login"), (long, "feat/one"), (long, "feat/two")]
    rows = [Spent(key, 24, Tokens(0, 0, 0, 0, 0), 1_200_000, 7.56) for key in keys]
    *lines, total = render_table(rows, rows[0], "/home/ann", width, colored=False)
    assert all(len(line) <= width for line in (*lines, total))
    assert len({line.partition("$")[0] for line in lines}) == 4
    for (_, branch), line in zip(keys, lines, strict=True):
        assert branch in line
    assert "…" in lines[-1]


def test_a_price_of_the_configuration_counts(
    worked: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = as_json(worked, capsys, "model")["rows"][0]
    (tmp_path / "config.json").write_text('{"time": {"zone": "utc"}, "prices": {"claude-opus-5": {"output": 100}}}')
    after = as_json(worked, capsys, "model")["rows"][0]
    assert after["usd"] - before["usd"] == pytest.approx(before["output"] * (100 - 20) / 1e6, abs=1e-6)


def test_without_any_answer_it_says_so(env: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert show(NOW, "day", None, as_json=False, env=env) == 1
    assert "No answers" in capsys.readouterr().err


def test_while_another_process_reads_them_it_waits_and_then_says_so(
    worked: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statusline.commands.cost_page.reading.PATIENCE_S", 0.05)
    (tmp_path / "cache").mkdir()
    with hold_lock(tmp_path / "cache" / "transcripts.lock"), pytest.raises(Busy):
        show(NOW, "day", None, as_json=False, env=worked)


def test_progress_is_shown_on_a_terminal_only(
    worked: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert show(NOW, "day", None, as_json=True, env=worked) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert show(NOW, "day", None, as_json=True, env=worked) == 0
    shown = capsys.readouterr().err
    assert "reading transcripts: 0 of at most 0 MB" in shown
    assert shown.endswith("\r\x1b[K")


def test_spans_are_whole_days_but_for_hours() -> None:
    midnight = datetime.fromtimestamp(NOW).replace(hour=0, minute=0, second=0)  # noqa: DTZ006 - the local zone is meant
    assert since_of("1d", NOW, None) == since_of(midnight.date().isoformat(), NOW, None) == midnight.timestamp()
    assert since_of("7d", NOW, None) == since_of("1w", NOW, None) == (midnight - timedelta(days=6)).timestamp()
    assert since_of("12h", NOW, None) == NOW - 12 * 3600
    for odd in ("", "7", "d", "7 d", "-1d", "7m", "1.5d", "2026-13-01", "999999d", "today"):
        with pytest.raises((ValueError, OverflowError)):
            since_of(odd, time.time(), None)


@pytest.mark.parametrize("odd", ["7x", "today", "2026-13-01"])
def test_an_odd_span_is_a_usage_error_that_shows_a_right_one(odd: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["cost", "--since", odd])
    assert ended.value.code == 2
    expected = f"argument --since: expected a time span such as 7d, 2w, 12h or 2026-11-01, found {odd}\n"
    assert expected in capsys.readouterr().err


def test_amounts_with_a_model_of_unknown_price_are_marked_and_explained(
    tmp_path: Path, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    models = ["glm-4.6", "claude-opus-9", "<synthetic>"]
    lines = [answer_line(f"m{n}", "r", NOW - 60 + n, output=9000, model=each) for n, each in enumerate(models)]
    write(tmp_path, "s", lines)
    assert show(NOW, "model", "7d", as_json=False, env=env) == 0
    assert capsys.readouterr().out.splitlines() == [
        "claude-opus-9   $0.18  10k tokens  1 answers",
        "glm-4.6        ~$0.09  10k tokens  1 answers",
        "total          ~$0.27  20k tokens  2 answers",
        "At list prices where they are known, on this machine. No answer is missing.",
        price_sentence(["glm-4.6"]),
    ]
    rows = as_json(env, capsys, "model", "7d")["rows"]
    assert [(row["model"], row["unpriced"]) for row in rows] == [("claude-opus-9", []), ("glm-4.6", ["glm-4.6"])]
    (tmp_path / "config.json").write_text('{"time": {"zone": "utc"}, "prices": {"glm-4": {"input": 1, "output": 2}}}')
    assert show(NOW, "model", "7d", as_json=False, env=env) == 0
    assert "~" not in capsys.readouterr().out


@pytest.mark.parametrize("width", [45, 40, 30, 24])
def test_in_a_narrow_terminal_no_amount_is_cut_and_no_word_is_broken(
    worked: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    narrow = {**worked, "COLUMNS": str(width), "NO_COLOR": "1"}
    assert show(NOW, "branch", None, as_json=False, env=narrow) == 0
    said = capsys.readouterr().out.splitlines()
    assert all(cells(each) <= width for each in said)
    at = next(number for number, each in enumerate(said) if each.startswith("total")) + 1
    assert " ".join(said[at:]) == "At list prices, on this machine. Complete since 30 Oct."
    for row in said[:at]:
        assert re.search(r"\$0\.\d\d(  +[0-9.]+k tokens(  +\d answers)?)?$", row)
