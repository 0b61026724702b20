"""Tests that need a program: skipped with one line at the end where it is missing, and failed in CI."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.programs import PROGRAMS, missing, must_exist, packages, require, untested

NEEDY = "tests/statusline/commands/test_completion_command.py"
ON_THE_RUNNERS = {"debian": {"bash", "cc", "git"}, "brew": {"bash", "git", "zsh"}}  # without being installed


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)


def needy_tests(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run tests that need shells, by two workers that find no program."""
    inner = ["--basetemp", str(tmp_path / "inner"), "-p", "no:cacheprovider", "-n", "2"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *inner, NEEDY, "-k", "read_without_an_error"],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "HOME": str(tmp_path), **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.thorough
def test_a_person_without_the_programs_gets_one_line_at_the_end(tmp_path: Path) -> None:
    ran = needy_tests(tmp_path)
    line, totals = ran.stdout.splitlines()[-2:]
    assert "SKIPPED" not in ran.stdout
    assert line == f"Not tested: {NEEDY} (3). Install bash, fish, zsh to run these tests."
    assert re.fullmatch(r"=+ 3 skipped in .*", totals)
    assert ran.returncode == 0


@pytest.mark.thorough
def test_in_ci_the_same_tests_fail(tmp_path: Path) -> None:
    ran = needy_tests(tmp_path, CI="1")
    assert re.fullmatch(r"=+ 3 failed in .*", ran.stdout.splitlines()[-1])
    for name in ("bash", "fish", "zsh"):
        assert f"Failed: not installed: {name}. In CI no test is skipped for a missing program." in ran.stdout
    assert ran.returncode == 1


@pytest.mark.parametrize(("env", "expected"), [({}, "1"), ({"CI": ""}, "1"), ({"CI": "true"}, "true")])
def test_the_script_for_ci_sets_ci(tmp_path: Path, env: dict[str, str], expected: str) -> None:
    for folder in (".ci", "tests"):
        (tmp_path / folder).mkdir()
    script = shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    (tmp_path / "tests" / "run").write_text('echo "$CI $*"\n')
    words, path = ["bash", str(script), "-k", "some"], {"PATH": os.environ["PATH"]}
    require("bash")
    assert subprocess.run(words, env=path | env, capture_output=True, text=True, check=True).stdout == (
        f"{expected} -k some\n"
    )


def test_a_person_who_runs_the_tests_does_not_set_ci() -> None:
    assert not re.search(r"\bCI=", (ROOT / "tests" / "run").read_text())


def test_all_missing_programs_are_named_at_once(nothing_installed: None) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"^not installed: fish, tmux$"):
        require("tmux", "fish")
    assert missing() == sorted(PROGRAMS)


def test_a_program_that_is_not_in_the_list_is_an_error_even_if_it_is_installed() -> None:
    with pytest.raises(KeyError):
        require("sh")


@pytest.mark.parametrize("ci", ["1", "true"])
def test_ci_must_have_what_the_list_names_for_its_platform(ci: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROGRAMS, "strace", PROGRAMS["fish"]._replace(in_ci=("linux",)))
    assert [must_exist("strace", {"CI": ci}, platform) for platform in ("linux", "darwin")] == [True, False]
    assert [must_exist("fish", {"CI": ci}, platform) for platform in ("linux", "darwin", "freebsd14")] == [
        *(True, True, False)
    ]


@pytest.mark.parametrize("env", [{}, {"CI": ""}])
def test_a_person_must_have_none(env: dict[str, str]) -> None:
    assert not any(must_exist(name, env, "linux") for name in PROGRAMS)


def test_the_line_counts_tests_by_file() -> None:
    skipped = [
        ("tests/b.py::test_one[zsh]", "Skipped: not installed: zsh"),
        ("tests/b.py::test_one[fish]", "Skipped: not installed: fish, tmux"),
        ("tests/a.py::test_two", "Skipped: not installed: tmux"),
    ]
    expected = "Not tested: tests/a.py (1), tests/b.py (2). Install fish, tmux, zsh to run these tests."
    assert untested(skipped, "linux") == expected


def test_tests_run_installs_the_packages_that_are_missing(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.support.programs"]
    for path in (str(tmp_path), os.environ["PATH"]):
        ran = subprocess.run(words, cwd=ROOT, env={"PATH": path}, capture_output=True, text=True, check=True)
        absent = missing() if path == os.environ["PATH"] else sorted(PROGRAMS)
        assert ran.stdout.split() == packages(absent, sys.platform)


@pytest.mark.parametrize(("command", "system", "kind"), [("apt-get", "linux", "debian"), ("brew", "darwin", "brew")])
def test_the_workflow_installs_what_ci_must_have(command: str, system: str, kind: str) -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    (line,) = re.findall(rf"{command} install (.*)", workflow)
    expected = {name for name in PROGRAMS if must_exist(name, {"CI": "1"}, system)} - ON_THE_RUNNERS[kind]
    assert {word for word in line.split() if not word.startswith("-")} == set(packages(expected, system))
