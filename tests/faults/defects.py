"""Shows that each row of this folder catches a defect of the program: ``python -m tests.faults.defects [ROW ...]``.

Each defect of ``defects.toml`` is put into a copy of the checkout, where the test of its row must fail and say why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.support.paths import ROOT

TESTS = {
    "refreshers killed": "test_refreshers_killed.py",
    "ticks killed": "test_ticks_killed.py",
    "ticks at once, in rounds": "test_ticks_and_refreshers_at_once.py",
    "input mutated": "test_mutated_input.py::test_mutated_messages",
    "files mutated": "test_mutated_input.py::test_mutated_files",
    "server faults over TLS": "test_server_faults.py::test_faults_of_a_server_over_tls",
    "failing system calls": "test_failing_system_calls.py",
    "full and odd disks": "test_full_disks.py",
    "odd files": "test_odd_files.py",
    "clocks": "test_clocks.py",
    "lines of 20 sessions": "test_soak.py",
    "secrets": "test_secrets.py::test_ten_secrets",
}
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache")


class Defect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In ``file``, ``old`` becomes ``new``; then the test of ``row`` fails, and ``said`` is in what it says.

    ``form`` is that of HUDLINE_EXAMPLES: empty where the quick one tries too little.
    """

    row: str
    what: str
    file: str
    old: str
    new: str
    said: str
    form: str = "quick"

    def spoiled(self, text: str) -> str:
        """Return the text of the file with the defect; raise ValueError where ``old`` is not in it exactly once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} does not have exactly once what becomes this defect: {self.what}")
        return text.replace(self.old, self.new)


def defects() -> list[Defect]:
    """Return all defects, by row."""
    data = Path(__file__).with_suffix(".toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, list[Defect]])["defect"]


def output_with(defect: Defect) -> str:
    """Return what the test of a row says did not hold in a checkout that has the defect; empty where it passes."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder, "checkout")
        shutil.copytree(ROOT, checkout, symlinks=True, ignore=LEFT_OUT)
        spoiled = checkout / defect.file
        spoiled.write_text(defect.spoiled(spoiled.read_text()))
        words = ["-q", "-W", "error", f"--basetemp={folder}/tests", f"tests/faults/{TESTS[defect.row]}"]
        env = {**os.environ, "HUDLINE_EXAMPLES": defect.form}
        # `-m` puts the copy before this checkout, which is on the path, too.
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words], cwd=checkout, env=env, capture_output=True, text=True, check=False
        )
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("E "))


def main(rows: list[str]) -> int:
    """Try the defects of these rows, or of all; print a table; return 1 where a row did not catch its defect."""
    missed = 0
    print("| row | defect | in | the row says |\n|---|---|---|---|")
    for defect in defects():
        if rows and defect.row not in rows:
            continue
        is_caught = defect.said in output_with(defect)
        missed += not is_caught
        said = f"`{defect.said.strip()}`" if is_caught else "**nothing**"
        print(f"| {defect.row} | {defect.what} | `{defect.file}` | {said} |", flush=True)
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
