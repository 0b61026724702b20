"""`statusline doctor --timings`: what a tick costs, part by part, without a change to the cache."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from statusline.commands.doctor_checks import timings
from statusline.commands.doctor_checks.context import Context
from statusline.commands.doctor_checks.timed_tick import PARTS

ORDER = [timings.INTERPRETER, timings.TICK, "load", *PARTS.values(), "rest"]


@pytest.fixture
def context(tmp_path: Path) -> Context:
    paths = {"STATUSLINE_CACHE_DIR": str(tmp_path / "cache"), "STATUSLINE_CONFIG": str(tmp_path / "config.json")}
    return Context(env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **paths}, cwd=tmp_path, managed=tmp_path)


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "readable"])
def test_every_part_of_a_tick_has_a_median(
    context: Context, doors: dict[str, Path], merged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = doors["merged" if merged else "readable"].parent
    monkeypatch.setattr("statusline.commands.claude_settings.tick_command.own_package", lambda: package)
    medians = timings.measure(context, runs=1)
    assert sorted(medians) == sorted(ORDER)
    assert all(milliseconds >= 0 for milliseconds in medians.values())
    assert not list(context.cwd.iterdir())


def test_the_page_has_a_line_per_part_and_the_ratio() -> None:
    page = timings.render({timings.INTERPRETER: 10.0, timings.TICK: 12.5, "load": 1.25, "render": 0.5})
    assert (
        page
        == """\
bare interpreter    10.00 ms
the line            12.50 ms
  load               1.25 ms
  render             0.50 ms

Medians of 20 runs. Drawing the line takes 1.25 times as long as starting Python."""
    )


def test_a_program_that_does_not_run_is_a_sentence(
    context: Context, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statusline.commands.doctor_checks.timings.TIMED_TICK", tmp_path / "gone.py")
    assert timings.run(context, as_json=True) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("statusline doctor: ")
    assert "gone.py" in printed.err


def test_json_has_the_number_of_runs_and_the_medians(
    context: Context, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timings, "measure", lambda _scene: {timings.TICK: 12.5})
    assert timings.run(context, as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"runs": timings.RUNS, "median_ms": {"tick": 12.5}}
