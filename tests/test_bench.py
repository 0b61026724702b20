"""The measurements run: each with tiny sizes, against what it says it measures. None of them judges a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import felt, growth, peers, refresher
from tests.bench.peer_packages import Installed, Missing, Peer, install, leftovers
from tests.bench.process_cost import percentile, run_script
from tests.support.package_layout import copy_layout
from tests.support.paths import ROOT
from tests.support.plain_venv import plain_venv


@pytest.fixture(autouse=True)
def _back_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the folders that are entered to run something there."""
    monkeypatch.chdir(tmp_path)


BENCHES = sorted(path for path in (ROOT / "tests" / "bench").glob("*.py") if "__main__" in path.read_text())


@pytest.mark.parametrize("bench", BENCHES, ids=lambda path: path.stem)
def test_a_bench_explains_itself_and_is_listed_for_those_who_repeat_it(bench: Path) -> None:
    done = subprocess.run([sys.executable, str(bench), "--help"], capture_output=True, text=True, check=True)
    assert f"tests/bench/{bench.name}" in done.stdout
    assert f"python tests/bench/{bench.name}" in (ROOT / ".github" / "CONTRIBUTING.md").read_text()


def test_the_cost_of_a_script_has_its_own_cpu_and_that_of_its_programs(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    work = "import os, subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(2_000_000))'])"
    script.write_text(f"{work}\nopen(__file__).read()\nkept = 'x' * 30_000_000\nos._exit(0)\n")
    cost = run_script(sys.executable, [str(script)], {}, tmp_path)
    assert cost.children_s > 0.01
    assert 0 < cost.cpu_s < cost.wall_s
    if sys.platform == "linux":
        assert cost.peak_kib > 30_000
        assert cost.read_bytes > script.stat().st_size


def test_a_percentile_is_a_value_of_the_sample() -> None:
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile([3, 1, 2], 1) == 3


@pytest.mark.unmeasured
def test_each_job_of_the_refresher_is_measured(tmp_path: Path, door: Path, capsys: pytest.CaptureFixture[str]) -> None:
    costs = refresher.measure(tmp_path, door, sys.executable, 1, warm=0)
    jobs = {path.stem for path in (ROOT / "cache" / "jobs").glob("[a-z]*.py")}
    assert all(any(job in name for name in costs) for job in jobs)
    assert min(costs.values()) > 0
    assert len(capsys.readouterr().out.splitlines()) == len(costs)  # a header, and no row for the ticks


@pytest.mark.unmeasured
def test_an_hour_has_the_starts_that_its_ticks_make(tmp_path: Path) -> None:
    counts = refresher.count_elsewhere(tmp_path / "there", "2", "at work", "full", "2")
    assert counts["ticks"] == 2 * 12
    assert counts[refresher.ASKED] == 1
    assert 6 <= counts["git"] <= 8, "each session changes lines every 30 s"
    assert counts["activity"] == 24


@pytest.mark.unmeasured
def test_the_first_wait_is_for_the_refreshers_and_the_others_are_for_one_tick(tmp_path: Path, door: Path) -> None:
    here = copy_layout(door, tmp_path / "package")
    waits, steps = felt.measure(tmp_path, here, sys.executable, 1, warm=0)
    assert waits["new session"][0].ticks > 1
    assert [waits[name][0].ticks for name in ("/clear", "resize")] == [1, 1]
    ((wrote,), (requested,)) = (steps["usage", name] for name in ("has written hudline/usage.json", "requests"))
    assert 0 < requested < wrote <= waits["new session"][0].seconds
    assert ("git", "starts git") in steps


def test_what_does_not_grow_has_a_slope_around_zero_and_what_doubles_one_of_a_hundred() -> None:
    flat = growth.growth_of([[0.010, 0.011, 0.009, 0.010, 0.012]] * 3, resamples=200)
    assert (flat.ratio, flat.slope) == (1, 0)
    assert flat.low <= 0 <= flat.high
    double = growth.growth_of([[0.010, 0.010], [0.015, 0.015], [0.020, 0.020]], resamples=50)
    assert (double.ratio, round(double.slope), round(double.low), round(double.high)) == (2, 100, 100, 100)


@pytest.mark.unmeasured
def test_a_sweep_draws_the_line_in_each_of_its_worlds(tmp_path: Path, door: Path) -> None:
    sweep = growth.Sweep("accounts", "accounts", (1, 3))
    bare, found = growth.run_sweeps([sweep], 1, tmp_path, door, sys.executable)
    assert bare > 0
    assert len(found[sweep].medians) == 2


@pytest.mark.unmeasured
def test_other_status_lines_get_the_same_and_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(peers, "WARM_S", 0)
    monkeypatch.setattr(peers, "WARM_RUNS", 1)
    monkeypatch.setattr(peers, "SHORT_S", 0)
    look = "read -r payload; git branch --show-current; cat ~/.claude/projects/*/*.jsonl | wc -l; sleep 60 >/dev/null &"
    commands = {"hudline": "echo ours", "worker": look, "broken": "echo no such thing >&2; exit 7"}
    lines = [Installed(name, "sh", "1.0", text, tmp_path, tmp_path / name) for name, text in commands.items()]
    world = peers.make_world(tmp_path, "small", 3, 1000)
    missing = peers.compare(lines, [world], 1)
    assert missing == {"broken": "exits with 7: no such thing"}
    assert [(line.asks_git["small"], line.rows["small"].split()[0]) for line in lines] == [
        (False, "ours"),
        (True, "main"),
    ]
    assert not lines[0].reads["small"]
    if sys.platform == "linux":
        assert [line.stays for line in lines] == [False, True]
    for line in lines:
        for pid in leftovers(line.home):
            os.kill(pid, signal.SIGKILL)
    peers.report(lines, ["small"], missing)
    printed = capsys.readouterr().out
    assert "worker            main" in printed
    assert "broken: not measured, exits with 7" in printed
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{peers.BEGIN}old\n{peers.END}after\n")
    peers.write_readme(peers.table(lines, {"small": "small"}, missing, "python x"), readme)
    text = readme.read_text()
    assert text.startswith(f"before\n{peers.BEGIN}| status line |")
    assert text.endswith(f"{peers.END}after\n")
    assert "| **hudline 1.0 (sh)** |" in text
    assert "\nold\n" not in text


def test_a_package_that_cannot_be_had_is_missing_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="a plugin"):
        install(Peer("one", "Node", "one", why="a plugin"), tmp_path)
    folder = tmp_path / "one" / "bin"
    folder.mkdir(parents=True)
    (folder / "npm").write_text("#!/bin/sh\necho 'error at https://example.invalid/x: none' >&2\nexit 1\n")
    (folder / "npm").chmod(0o755)
    with pytest.raises(Missing, match=r"^npm install: error at … none$"):
        install(Peer("one", "Node", "one", "npm", command="one"), tmp_path)


def test_a_plain_environment_has_the_libraries_and_nothing_else(tmp_path: Path) -> None:
    python = plain_venv(tmp_path / "venv")
    for library, code in (("httpx, msgspec, certifi", 0), ("pytest", 1), ("coverage", 1)):
        words = [python, "-I", "-c", f"import {library}"]
        assert subprocess.run(words, capture_output=True, check=False).returncode == code, library
