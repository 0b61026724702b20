"""The measured run: what it sees of processes that leave at once, and when it is content."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from coverage import CoverageData

from tests.support.coverage_door import MERGED, start_line
from tests.support.coverage_run import MARKS_AT_MOST, marks, report
from tests.support.package_layout import hot_builder
from tests.support.paths import ROOT

PACKAGE = """
import os, posix, sys
def leave(how):  # line 3
    if how == "_exit":
        posix._exit(3)
    elif how == "execve":
        posix.execve("/bin/sh", ["sh", "-c", "exit 3"], {})
    elif how == "fork":
        child = posix.fork()
        if child == 0:
            os._exit(3)
        sys.exit(os.waitstatus_to_exitcode(posix.waitpid(child, 0)[1]))
    sys.exit(3)
"""
STARTED = """
import sys
sys.path[:0] = sys.argv[2:]
from statusline.leaving import leave
leave(sys.argv[1])
"""


@pytest.mark.unmeasured
@pytest.mark.parametrize("how", ["_exit", "execve", "fork", "the end"])
def test_a_process_is_measured_however_it_leaves(tmp_path: Path, how: str) -> None:
    package, data = tmp_path / "statusline", tmp_path / "data"
    package.mkdir()
    data.mkdir()
    (package / "__init__.py").touch()
    (package / "leaving.py").write_text(PACKAGE)
    words = [sys.executable, "-I", "-S", "-c", f"{start_line(data)}\n{STARTED}", how, str(tmp_path)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "", "")
    seen = [CoverageData(each) for each in data.iterdir()]
    for each in seen:
        each.read()
    assert {Path(path).parent for each in seen for path in each.measured_files()} == {package}
    assert len(seen) == (2 if how == "fork" else 1)
    line = {"_exit": 5, "execve": 7, "fork": 11, "the end": 13}[how]
    assert any(line in (each.lines(str(package / "leaving.py")) or []) for each in seen)


def found(taken: int, of: int) -> dict[str, Any]:
    totals = {"covered_branches": taken, "num_branches": of, "covered_lines": 9, "num_statements": 9}
    return {"files": {"cache/a.py": {"missing_branches": [[3, 4], [7, -1]]}}, "totals": totals}


@pytest.mark.parametrize(
    ("taken", "reasons", "enough"),
    [
        (95, ["why"] * 40, True),
        (94, [], False),
        (100, ["why"] * 41, False),
        (100, ["why", ""], False),
    ],
)
def test_it_fails_for_few_branches_many_marks_or_one_without_a_reason(
    capsys: pytest.CaptureFixture[str], taken: int, reasons: list[str], enough: bool
) -> None:
    marked = [(f"cache/b.py:{line}", reason) for line, reason in enumerate(reasons)]
    assert report(found(taken, 100), marked) is enough
    said = capsys.readouterr().out
    assert "cache/a.py: 3->4 7->exit\n" in said
    assert f"branches: {taken} of 100, {taken}.00 %" in said
    assert said.count("why\n") == reasons.count("why")


def test_every_line_that_is_left_out_has_its_reason() -> None:
    assert len(marks()) <= MARKS_AT_MOST
    assert [place for place, reason in marks() if not reason] == []


def test_the_modules_that_are_not_measured_are_the_merged_ones() -> None:
    assert {f"{each}.py" for each in MERGED} == set(hot_builder().merge(ROOT))
