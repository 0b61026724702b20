"""``statusline export``: read back by the parsers of those who scrape it."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from cache.model.windows import Window
from statusline.commands.support.metrics import FAMILIES, OUR_LABELS, Family, age_of
from statusline.commands.support.metrics import openmetrics as written
from tests.support.kept_numbers import estimate, keep, statusline, window
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from prometheus_client import Metric

ACCOUNT = "3f2a9c0d1e4b5a67"
EURO = {"used": 12.5, "limit": 40.0, "currency": "EUR", "percent": 31.25}
SPENT = "hudline_window_spent_dollars"
HOSTILE = 'back\\slash "quote"\nnew line {a="b"} # EOF é\udcff'


def parsed(text: str) -> dict[str, Metric]:
    """Return the families by name, having seen that the older format's parser finds the same samples."""
    strict = openmetrics.text_string_to_metric_families(text)  # type: ignore[no-untyped-call]  # theirs has no types
    found = {each.name: each for each in strict}
    older = {each.name: each for each in text_string_to_metric_families(text)}
    assert {name: each.samples for name, each in older.items()} == {name: each.samples for name, each in found.items()}
    assert {each.type for each in found.values()} == {each.type for each in older.values()} == {"gauge"}
    return found


def values(families: dict[str, Metric], name: str) -> dict[str, float]:
    """Return the values of one family by window."""
    return {each.labels["window"]: each.value for each in families[name].samples}


def everything(home: Path) -> list[Window]:
    now = int(time.time())
    windows = [
        window("five_hour", 42.9, age_s=60),
        window("seven_day", 14.000000000000002, source="stdin"),
        Window("seven_day:fable", "Fable", 130.0, None, "oauth", now - 600),
    ]
    keep(
        home / "cache",
        *windows,
        spend=EURO | {"observed_at": now - 600},
        runs_out_at=now + 1800,
        runs_out_window="five_hour",
    )
    return windows


def test_the_text_parses_in_both_formats_and_has_all_numbers(tmp_path: Path) -> None:
    short, week, fable = everything(tmp_path)
    ran = statusline(tmp_path, "export", "--format", "openmetrics")
    assert (ran.returncode, ran.stderr) == (0, "")
    found = parsed(ran.stdout)
    used = {"five_hour": 0.429, "seven_day": 0.14, "seven_day:fable": 1.3}
    assert values(found, "hudline_window_used_ratio") == used
    resets = {"five_hour": short.resets_at, "seven_day": week.resets_at}
    assert values(found, "hudline_window_reset_timestamp_seconds") == resets
    seen = {each.id: each.observed_at for each in (short, week, fable)}
    assert values(found, "hudline_window_observed_timestamp_seconds") == seen
    ages = values(found, "hudline_window_age_seconds")
    assert 60 <= ages["five_hour"] <= 90
    assert 600 <= ages["seven_day:fable"] <= 630
    info = {each.labels["window"]: each.labels for each in found["hudline_window_info"].samples}
    assert (info["seven_day"]["source"], info["seven_day:fable"]["label"]) == ("stdin", "Fable")
    spend = found["hudline_spend_used"].samples[0]
    assert (spend.value, spend.labels) == (12.5, {"account": ACCOUNT, "currency": "EUR"})
    assert found["hudline_spend_limit"].samples[0].value == 40
    assert found["hudline_spend_used_ratio"].samples[0].value == 0.3125
    assert found["hudline_account_info"].samples[0].labels == {"account": ACCOUNT, "plan": "Max 20x"}
    assert found["hudline_problem"].samples[0][1:3] == ({"account": ACCOUNT, "problem": "none"}, 0)
    assert 600 <= found["hudline_spend_age_seconds"].samples[0].value < 1200
    out = found["hudline_runs_out_timestamp_seconds"].samples[0]
    assert out.labels == {"account": ACCOUNT, "window": "five_hour"}
    assert abs(out.value - time.time() - 1800) < 60
    assert abs(found["hudline_export_timestamp_seconds"].samples[0].value - time.time()) < 60
    assert set(found) == {name for name, _, _ in FAMILIES} - {SPENT}, "where there is a percentage it is enough"


def test_every_metric_has_its_help_its_type_and_where_it_has_one_its_unit(tmp_path: Path) -> None:
    everything(tmp_path)
    text = statusline(tmp_path, "export").stdout
    for name, unit, _ in FAMILIES:
        if name == SPENT:
            continue
        assert f"# TYPE {name} gauge\n" in text
        assert f"# HELP {name} " in text
        assert (f"# UNIT {name} {unit}\n" in text) == bool(unit)
        assert name.endswith(f"_{unit}" if unit else "")
    assert text.endswith("\n# EOF\n")


def test_an_age_in_the_future_is_none_as_the_clock_was_set_back() -> None:
    assert [age_of(at, 1000.5) for at in (900, 1001, 1060, 1100, None)] == [100, 0, 0, None, None]


def test_where_no_percentage_is_known_what_was_spent_here_is_exported(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window("seven_day", 42))
    estimate(tmp_path / "cache", spent={"five_hour": {"usd": 0.16, "resets_at": None}})
    found = parsed(statusline(tmp_path, "export").stdout)
    assert values(found, SPENT) == {"five_hour": 0.16}
    assert set(values(found, "hudline_window_used_ratio")) == {"seven_day"}
    said = json.loads(statusline(tmp_path, "export", "--format", "json").stdout)
    assert (said["spent"], [each["id"] for each in said["windows"]]) == ({"five_hour": 0.16}, ["seven_day"])


def test_a_reading_of_unknown_age_is_marked_and_at_least_as_old_as_its_first_sighting(tmp_path: Path) -> None:
    seen = window("five_hour", 42, age_s=900, source="stdin")
    seen.age_known = False
    keep(tmp_path / "cache", seen)
    said = json.loads(statusline(tmp_path, "export", "--format", "json").stdout)["windows"][0]
    assert (said["age_known"], said["age_s"] >= 900) == (False, True)
    found = parsed(statusline(tmp_path, "export").stdout)
    assert values(found, "hudline_window_used_ratio") == {"five_hour": 0.42}
    assert not {"hudline_window_age_seconds", "hudline_window_observed_timestamp_seconds"} & set(found)


def test_a_problem_is_exported_by_name(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window("five_hour", 42), problem="expired")
    found = parsed(statusline(tmp_path, "export").stdout)
    assert found["hudline_problem"].samples[0][1:3] == ({"account": ACCOUNT, "problem": "expired"}, 1)
    assert found["hudline_window_used_ratio"].samples[0].value == 0.42


def test_nothing_known_is_still_a_whole_text(tmp_path: Path) -> None:
    ran = statusline(tmp_path, "export")
    assert ran.returncode == 0
    found = parsed(ran.stdout)
    assert "hudline_window_used_ratio" not in found
    said = json.loads(statusline(tmp_path, "export", "--format", "json").stdout)
    assert (said["account"], said["account_since"]) == ("unknown", None)
    assert found["hudline_export_timestamp_seconds"].samples


def test_a_label_option_is_on_every_sample(tmp_path: Path) -> None:
    everything(tmp_path)
    text = statusline(tmp_path, "export", "--label", "user=ann", "--label", f"note={HOSTILE.strip()}").stdout
    for family in parsed(text).values():
        for sample in family.samples:
            assert (sample.labels["user"], sample.labels["note"][:10]) == ("ann", "back\\slash")


def test_any_text_can_be_a_label() -> None:
    text = written([Family("hudline_window_info", "", "Help.", [({"label": HOSTILE}, 1)])])
    said = parsed(text)["hudline_window_info"].samples[0].labels["label"]
    assert said == HOSTILE.replace("\udcff", "?")


@pytest.mark.parametrize(
    "word", ["user", "=ann", "1st=x", "a-b=c", "__name__=x", *(f"{each}=x" for each in OUR_LABELS)]
)
def test_a_label_that_cannot_be_one_is_a_mistake(tmp_path: Path, word: str) -> None:
    ran = statusline(tmp_path, "export", "--label", word)
    assert (ran.returncode, ran.stdout) == (2, "")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_file_is_replaced_in_one_step_and_readable_by_all(tmp_path: Path, umask: int) -> None:
    everything(tmp_path)
    target = tmp_path / "collector" / "hudline.prom"
    target.parent.mkdir()
    target.write_text("old\n")
    old = target.open()
    before = statusline(tmp_path, "export").stdout
    ran = statusline(tmp_path, "export", "--output", str(target), umask=umask)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    with old:
        assert old.read() == "old\n"  # who has it open goes on with the old one: it was not written into
    assert set(parsed(target.read_text())) == set(parsed(before))
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert os.listdir(target.parent) == ["hudline.prom"]


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "hudline.prom"
    ran = statusline(tmp_path, "export", "--output", str(target))
    assert (ran.returncode, ran.stdout) == (1, "")
    reason = "(No such file or directory). Name another file with --output."
    assert ran.stderr == f"statusline export: cannot write {target} {reason}\n"


def test_standard_output_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "all"
    code = "import sys; from statusline.commands.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", code, "export", "--output", "/dev/stdout"]
    env = {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "STATUSLINE_CACHE_DIR": str(tmp_path / "cache")}
    with target.open("ab") as out:
        out.write(b"before\n")
        out.flush()
        subprocess.run(words, stdout=out, env=env, check=True, cwd=tmp_path)
        out.write(b"after\n")
    lines = target.read_text().splitlines()
    assert (lines[0], lines[-2:]) == ("before", ["# EOF", "after"])


def test_an_odd_name_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    ran = statusline(tmp_path, "export", "--output", str(tmp_path / "none" / "\x1b[31m\n"))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.removesuffix("\n").isprintable()


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a link to a pipe", "nothing"])
def test_only_a_regular_file_is_replaced(tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / "a pipe")
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a link to a pipe").symlink_to("a pipe")
    target = "" if kind == "nothing" else str(tmp_path / kind)
    ran = statusline(tmp_path, "export", "--output", target)
    name = target or "an empty name"
    reason = f"{name} is not a regular file. Name another file with --output."
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", f"statusline export: {reason}\n")
    assert (tmp_path / "a pipe").is_fifo()
    assert (tmp_path / "a folder").is_dir()


def test_a_write_that_is_under_way_has_no_name_that_a_collector_reads(tmp_path: Path) -> None:
    (tmp_path / "hudline.prom.tmp").write_text("another export is at it")
    ran = statusline(tmp_path, "export", "--output", str(tmp_path / "hudline.prom"))
    assert ran.returncode == 1
    assert "hudline.prom.tmp" in ran.stderr
    assert ran.stderr.endswith("Try again when the other export has ended.\n")
    assert not (tmp_path / "hudline.prom").exists()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.prom").write_text("")
    (tmp_path / "link.prom").symlink_to("real.prom")
    assert statusline(tmp_path, "export", "--output", str(tmp_path / "link.prom")).returncode == 0
    assert (tmp_path / "link.prom").is_symlink()
    assert "# EOF" in (tmp_path / "real.prom").read_text()


def test_json_has_the_shape_of_usage_and_the_ages(tmp_path: Path) -> None:
    short, _, _ = everything(tmp_path)
    ran = statusline(tmp_path, "export", "--format", "json", "--label", "user=ann")
    said = json.loads(ran.stdout)
    assert abs(said["exported_at"] - time.time()) < 60
    assert (said["labels"], said["account"], said["plan"]) == ({"user": "ann"}, ACCOUNT, "Max 20x")
    assert said["windows"][0] == short.as_json() | {"age_s": said["windows"][0]["age_s"]}
    assert 60 <= said["windows"][0]["age_s"] <= 90
    spend = json.loads((tmp_path / "cache" / "usage.json").read_text())["value"]["spend"]
    assert (said["spend"] | {"age_s": 0}, said["problem"]) == (spend | {"age_s": 0}, None)
    assert said["spend"]["age_s"] >= 600
    assert (said["runs_out_window"], said["runs_out_at"]) == ("five_hour", usage_of(tmp_path)["runs_out_at"])
    assert set(said) - {"exported_at", "labels"} <= set(usage_of(tmp_path))


def usage_of(home: Path) -> dict[str, Any]:
    """Return what ``usage --json`` prints."""
    found: dict[str, Any] = json.loads(statusline(home, "usage", "--json").stdout)
    return found


def test_the_page_on_fleets_names_what_there_is() -> None:
    page = (ROOT / ".github" / "fleet.md").read_text(encoding="utf-8")
    names = {name for name, _, _ in FAMILIES}
    assert set(re.findall(r"\bhudline_[a-z_]+", page)) == names, "each metric is explained, and no other"
    for name, _, _ in FAMILIES:
        row = next(line for line in page.splitlines() if line.startswith("|") and f"`{name}`" in line)
        assert set(re.findall(r"[a-z]+", row.split("|")[2])) <= set(OUR_LABELS)


def test_the_commands_on_the_page_on_fleets_work(tmp_path: Path) -> None:
    page = (ROOT / ".github" / "fleet.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    everything(tmp_path)
    for line in lines:
        words = shlex.split(line.replace("/var/lib/node_exporter/textfile_collector/", ""))
        while "=" in words[0]:
            words = words[1:]
        assert words[0] == "statusline"
        ran = statusline(tmp_path, *words[1:])
        assert (ran.returncode, ran.stderr) == (0, ""), line
    assert {each.name for each in tmp_path.glob("*.prom")} == {
        "hudline.prom",
        "hudline-ann.prom",
        "hudline-ann-work.prom",
    }
