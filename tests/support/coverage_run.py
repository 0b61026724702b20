"""Runs the tests measured, and prints which share of the branches of both packages they take.

``python -m tests.support.coverage_run`` (``tests/run --coverage``) takes the arguments of pytest. It ends with 1 if a
test fails, if fewer than 95 % of the branches are taken or if more than 40 lines are marked to be left out, and with a
list of what is missing. The tests of the installer and the simulation are left out: they take long, and add nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import warnings
from pathlib import Path
from typing import Any

from coverage import Coverage
from coverage.exceptions import CoverageWarning

from tests.support.coverage_door import DATA, MADE, MEASURED, PACKAGES, ROOT, cover_environment

BRANCHES_AT_LEAST = 95  # percent
MARKS_AT_MOST = 40
MARK = re.compile(r"# pragma: no (?:cover|branch)(?: - (?P<reason>\S.*))?")
LEFT_OUT = ["tests/simulation", *sorted(str(each) for each in (ROOT / "tests").glob("test_install*.py"))]


def make_environment() -> Path:
    """Return the Python of an environment like this one, in which every process is measured."""
    folder = MADE / "venv"
    venv.create(folder, clear=True, symlinks=True)
    cover_environment(folder)
    for inside in folder.glob("lib/python3.*/site-packages"):
        (inside / "as_here.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    return folder / "bin" / "python"


def run_tests(python: Path, words: list[str]) -> int:
    """Run pytest measured; return its exit code."""
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir()
    DATA.chmod(0o1777)  # some tests start processes as another user
    left_out = ["-m", "not unmeasured", *(f"--ignore={each}" for each in LEFT_OUT)]
    env = {**os.environ, "HUDLINE_COVERAGE": "1"}
    return subprocess.run([python, "-m", "pytest", *left_out, *words], cwd=ROOT, env=env, check=False).returncode


def combine() -> dict[str, Any]:
    """Return the report of coverage.py on all processes."""
    measured = Coverage(MADE / "all", **MEASURED)
    measured.set_option("paths", {each: [str(ROOT / each), f"*/{each}"] for each in PACKAGES})
    warnings.simplefilter("ignore", CoverageWarning)  # a process that was killed while it wrote its file
    measured.combine([str(each) for each in DATA.iterdir()], keep=True)
    files = [str(each) for each in package_files()]
    measured.get_data().touch_files(files)  # one that no process has imported counts, too
    measured.html_report(directory=str(MADE / "html"))
    measured.json_report(outfile=str(MADE / "report.json"))
    found: dict[str, Any] = json.loads((MADE / "report.json").read_text())
    return found


def package_files() -> list[Path]:
    """Return the files that are measured."""
    return sorted(each for package in PACKAGES for each in (ROOT / package).rglob("*.py"))


def marks() -> list[tuple[str, str]]:
    """Return every line that is left out, as file and number, with its reason."""
    found = []
    for path in package_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if mark := MARK.search(line):
                found.append((f"{path.relative_to(ROOT)}:{number}", mark["reason"] or ""))
    return found


def report(found: dict[str, Any], marked: list[tuple[str, str]]) -> bool:
    """Print the figures, what is missing and what is left out; return whether that is good enough."""
    for name, file in sorted(found["files"].items()):
        missing = " ".join(f"{before}->{after if after > 0 else 'exit'}" for before, after in file["missing_branches"])
        if missing:
            print(f"{name}: {missing}")
    print(f"\n{len(marked)} lines are marked to be left out; {MARKS_AT_MOST} may be:")
    for place, reason in marked:
        print(f"  {place}: {reason or 'NO REASON GIVEN'}")
    totals = found["totals"]
    taken, all_ = totals["covered_branches"], totals["num_branches"]
    print(f"\nbranches: {taken} of {all_}, {100 * taken / all_:.2f} % (at least {BRANCHES_AT_LEAST} %)")
    print(f"lines: {totals['covered_lines']} of {totals['num_statements']}")
    print(f"Read {MADE / 'html' / 'index.html'} in a browser.")
    enough = taken * 100 >= all_ * BRANCHES_AT_LEAST
    return enough and len(marked) <= MARKS_AT_MOST and all(reason for _, reason in marked)


def main(words: list[str]) -> int:
    """Run the tests measured and report; return the exit code."""
    MADE.mkdir(exist_ok=True)
    failed = run_tests(make_environment(), words)
    good = report(combine(), marks())
    return failed or int(not good)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
