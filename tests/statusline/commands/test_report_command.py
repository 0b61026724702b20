"""`statusline report` writes one private page without scripts, in which names are text, however much there is."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import sqlite3
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cache.model.layout import HISTORY_FILE
from cache.refresh.lock import hold_lock
from statusline.commands.cli import main
from statusline.commands.report import show
from statusline.commands.support.unpriced import price_sentence
from statusline.render.width import cells
from tests.support.report_scene import ACCOUNT, DAY, GOLDEN, NOW, Names, environment, fill, golden_page

CANARIES = ("</script><img onerror=alert(1)>", '"><svg onload="x">', "]]><!-- &lt;b&gt; '", "<style>*{}</style>")
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "section", "footer", "div"),
    *("span", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"),
    *("svg", "desc", "path", "rect", "circle"),
}


class Parsed(HTMLParser):
    """The elements, attributes and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.comments: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]

    def text_of(self, mark: str) -> str:
        return next(text for text in self.texts if mark in text)


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> str:
    return golden_page(tmp_path_factory.mktemp("golden") / "home")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def make(env: dict[str, str], output: Path | None = None, days: int = 30) -> int:
    return show(NOW, days, str(output) if output else None, as_text=False, env=env)


def test_the_page_is_the_golden_one(golden: str) -> None:
    expected = GOLDEN.read_text(encoding="utf-8")
    assert golden == expected, "run `python -m tests.support.report_scene --write`, and look at the page in a browser"


def test_the_policy_allows_its_own_styles_and_nothing_else(golden: str) -> None:
    page = Parsed(golden)
    (policy,) = [each["content"] for tag, each in page.elements if each.get("http-equiv") == "Content-Security-Policy"]
    digest = base64.b64encode(hashlib.sha256(page.text_of("prefers-color-scheme").encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in golden
    assert "@import" not in golden


def test_every_chart_has_a_title_and_a_description(golden: str) -> None:
    page = Parsed(golden)
    charts = [attributes["aria-labelledby"] or "" for _, attributes in page.elements if attributes.get("role") == "img"]
    assert len(charts) == 6  # the week, three limits, hours, days
    assert {id_ for each in charts for id_ in each.split()} == set(page.ids)
    assert len(page.ids) == len(set(page.ids)) == 2 * len(charts)
    assert any("Limit reached 12 times" in text for text in page.texts)
    assert "61% is used, and 71% of the week has passed: 10 points behind an even pace." in page.text_of("even pace")


def test_the_pace_counts_the_working_week_and_the_chart_draws_it(home: Path) -> None:
    env = fill(home, days=4)
    config = home / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "week": "mon-fri 9-18"}))
    assert make(env, home / "page.html") == 0
    text = (home / "page.html").read_text(encoding="utf-8")
    page = Parsed(text)
    # The week began on Tuesday at 22:30 and ends there: Wednesday to Friday are 27 of 45 hours.
    assert "60% of your working time (mon-fri 9-18) has passed: 1 point ahead of an even pace." in page.text_of(
        "passed"
    )
    assert "Dashed: an even pace, which counts your working time (mon-fri 9-18). Upright line: now." in page.texts
    (even,) = [each["d"] for tag, each in page.elements if each.get("class") == "even"]
    assert even is not None
    assert len(even.split("L")) == 12
    assert 'd="M0 100L1000 0"' not in text


def test_names_from_outside_stay_text(home: Path) -> None:
    one, two, three, four = CANARIES
    hostile = Names(
        (f"/srv/{one}", f"/srv/{two}"), (three, one, two), (four, one, two), one, three, "<b>&amp;<img src=x>"
    )
    assert make(fill(home, hostile, days=4), home / "page.html") == 0
    page = Parsed((home / "page.html").read_text(encoding="utf-8"))
    assert {tag for tag, _ in page.elements} <= TAGS
    assert [tag for tag, _ in page.elements].count("style") == 1
    assert page.comments == []
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {each for each in names if each.startswith("on")} | (names & {"href", "src", "style", "xlink:href"})
    for canary in (*CANARIES, "<b>&amp;<img src=x>"):
        assert any(canary in text for text in page.texts), canary
    assert any(text == f"/srv/{one} · {three}" for text in page.texts)


def test_secrets_and_control_characters_in_names_are_not_written(home: Path) -> None:
    token = "sk-ant-oat01-" + "CANARY" + "x" * 60
    hostile = Names(("a\x1b[31mb\u202ec", f"p-{token}"), (token,), ("m\x00\x07",), "Op\u2028us", token)
    assert make(fill(home, hostile, days=4), home / "page.html") == 0
    page = (home / "page.html").read_text(encoding="utf-8")
    assert token not in page
    assert not {char for char in page if not char.isprintable()} - {"\n"}


@pytest.mark.thorough
def test_ten_times_the_history_is_about_the_same_page(tmp_path: Path) -> None:
    sizes = [_page_size(tmp_path / f"{size}", size << 18) for size in (1, 10)]
    assert sizes[1] <= 1.1 * sizes[0]
    assert sizes[1] < 120_000


def _page_size(home: Path, at_least: int) -> int:
    """Return the size of the page of a history of so many bytes, in which two windows rise and reset."""
    env = fill(home, days=3)
    history = home / "cache" / HISTORY_FILE
    count = at_least // 24  # bytes of a row, at least
    with sqlite3.connect(history) as connection:
        series = dict(connection.execute("SELECT window, id FROM series WHERE account = ?", (ACCOUNT,)))
        for id_, length in (("five_hour", DAY // 5), ("seven_day", 7 * DAY)):
            first, step = NOW - 30 * DAY, 30 * DAY * 2 / count
            times = sorted({int(first + number * step) for number in range(count // 2)})
            rows = ((series[id_], at, at % length / length * 110, at - at % length + length) for at in times)
            connection.executemany("INSERT OR REPLACE INTO samples VALUES(?, ?, ?, ?)", rows)
    connection.close()
    assert history.stat().st_size >= 0.8 * at_least
    assert make(env, home / "page.html") == 0
    return (home / "page.html").stat().st_size


def test_the_page_is_private_and_in_the_cache_where_only_a_report_is_replaced(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = fill(home, days=2)
    former = os.umask(0)
    try:
        assert make(env) == make(env, days=1) == 0
    finally:
        os.umask(former)
    page = home / "cache" / "report.html"
    assert capsys.readouterr().out.splitlines() == [str(page)] * 2
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    page.write_text("<!DOCTYPE html>\n<p>mine")
    assert make(env) == 1
    assert page.read_text() == "<!DOCTYPE html>\n<p>mine"
    assert "not a report; it was left unchanged. Name another file with --output." in capsys.readouterr().err
    assert not list(page.parent.glob("*.tmp"))


@pytest.mark.parametrize("named", [True, False])
def test_a_link_is_never_followed(named: bool, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env, theirs = fill(home, days=2), home / "theirs"
    assert make(env, theirs) == 0
    before = theirs.read_text()
    link = home / ("page.html" if named else "cache/report.html")
    link.symlink_to(theirs)
    theirs.write_text(before + "<!-- theirs -->")
    assert make(env, link if named else None) == 1
    assert link.is_symlink()
    assert theirs.read_text() == before + "<!-- theirs -->"
    assert f"is a link to {theirs}" in capsys.readouterr().err
    link.unlink()
    link.symlink_to("none\x1b[31m")
    assert make(env, link if named else None) == 1
    assert "\x1b" not in capsys.readouterr().err


def test_a_file_that_is_named_is_replaced_whatever_it_is(home: Path) -> None:
    env, page = fill(home, days=2), home / "notes.txt"
    page.write_text("notes")
    page.chmod(0o644)
    (home / "notes.txt.tmp").write_text("also mine")
    assert make(env, page) == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert (home / "notes.txt.tmp").read_text() == "also mine"


def test_a_place_that_cannot_be_written_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env = fill(home, days=2)
    assert make(env, home) == 1
    assert "is not a regular file" in capsys.readouterr().err
    assert make(env, home / "none" / "page.html") == 1
    assert f"cannot write {home / 'none' / 'page.html'} (No such file or directory)" in capsys.readouterr().err


def test_by_default_nothing_is_written_in_a_repository(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env = fill(home, days=2)
    (home / ".git" / "objects").mkdir(parents=True)
    (home / ".git" / "refs").mkdir()
    (home / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert make(env) == 1
    assert f"is in the git repository {home}. Name another file with --output." in capsys.readouterr().err
    assert not (home / "cache" / "report.html").exists()
    assert make(env, home / "page.html") == 0


def test_without_anything_known_there_is_no_page(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make(environment(home)) == 1
    assert "Nothing is known about these days." in capsys.readouterr().err
    assert not (home / "cache" / "report.html").exists()


def test_limits_are_shown_while_another_process_reads_the_transcripts(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statusline.commands.cost_page.reading.PATIENCE_S", 0.05)
    env = fill(home, days=2)
    with hold_lock(home / "cache" / "transcripts.lock"):
        assert make(env, home / "page.html") == 0
    page = Parsed((home / "page.html").read_text(encoding="utf-8"))
    assert "The transcripts cannot be read: " in page.text_of("transcripts")
    assert "Limits" in page.texts


def test_amounts_with_a_model_of_unknown_price_are_marked_and_explained(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = fill(home, Names(models=("claude-opus-5-5", "glm-4.6")), days=3)
    assert make(env, home / "page.html") == 0
    capsys.readouterr()
    assert show(NOW, 30, None, as_text=True, env={**env, "COLUMNS": "200"}) == 0
    text, page = capsys.readouterr().out, Parsed((home / "page.html").read_text(encoding="utf-8"))
    for shown in (text, "\n".join(page.texts)):
        assert shown.count(price_sentence(["glm-4.6"])) >= 1
        assert re.search(r"Busiest: \w+ \d\d:00 \(~?\$", shown)
    assert re.search(r"^claude-opus-5-5 +\$", text, re.MULTILINE)
    assert re.search(r"^glm-4\.6 +~\$", text, re.MULTILINE)
    amounts = {name: page.texts[page.texts.index(name) + 1 :] for name in ("claude-opus-5-5", "glm-4.6")}
    first = {name: next(each for each in after if "$" in each) for name, after in amounts.items()}
    assert (first["claude-opus-5-5"][0], first["glm-4.6"][:2]) == ("$", "~$")
    assert page.text_of("Amounts are at list prices where they are known.")


@pytest.mark.parametrize("width", [80, 40])
def test_the_text_fits_the_terminal(width: int, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env = fill(home, Names(projects=("a\x1b[31mb", "api")), days=8) | {"COLUMNS": str(width)}
    assert show(NOW, 5, None, as_text=True, env=env) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(cells(each) <= width for each in lines)
    assert "\x1b" not in "".join(lines)
    headings = ["Pace of the week", "Limit 5h", "Limit 7d", "Limit Opus", "Busiest hours", "Money"]
    headings += [f"By {key}" for key in ("day", "project", "model", "branch")]
    assert [each for each in lines if each in headings] == headings
    assert [each.split()[0] for each in lines if each.startswith("2026-")] == [
        f"2026-11-{day}" for day in range(25, 30)
    ]
    assert not (home / "cache" / "report.html").exists()


@pytest.mark.parametrize("words", [["--days", "0"], ["--days", "401"], ["--days", "7d"], ["--text", "--output", "x"]])
def test_odd_arguments_are_usage_errors(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["report", *words])
    assert ended.value.code == 2
