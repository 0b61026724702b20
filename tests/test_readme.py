"""The README, followed from top to bottom in a fresh home: what it shows works, and what it promises is there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.installed_home import clean_env, copy_checkout, pip_env
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)

# What a block must print; a block without a word here is only to end well.
PRINTS = {
    "./install.sh\n": "To undo: statusline uninstall",
    "statusline preview": "Opus",
    "statusline config\n": r"config\.json",
    "statusline usage": "nothing is known yet|Signed out",
    "statusline guard": "not now",
    "statusline doctor": "^The line works",
    "./install.sh --uninstall": "[Rr]emoved",
}
LEAVES = {
    "statusline export": "hudline.prom",
    "statusline init bash": ".bashrc",
}


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, scratch: Path) -> list[tuple[str, str, dict[str, int]]]:
    """Run the blocks in their order; return each with what it printed and the files it left in the home."""
    home = tmp_path_factory.mktemp("reader")
    checkout = copy_checkout(home / "hudline")
    env = clean_env(home) | pip_env(scratch)
    env["PATH"] = f"{home / '.local' / 'bin'}:{env['PATH']}:{os.environ['PATH']}"
    done = []
    for block in BLOCKS:
        run = subprocess.run(
            ["/bin/sh", "-eu", "-c", block],
            cwd=checkout,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{block}\n{run.stdout}"
        done.append((block, run.stdout, {path.name: path.stat().st_size for path in home.iterdir() if path.is_file()}))
    assert not (home / ".local" / "share" / "hudline" / "venv").exists(), "the last block removes the program"
    assert not (home / ".claude" / "settings.json").exists(), "there was none before"
    return done


def test_every_block_works_and_prints_what_is_said(followed: list[tuple[str, str, dict[str, int]]]) -> None:
    for start, expected in PRINTS.items():
        (printed,) = [printed for block, printed, _ in followed if block.startswith(start)]
        assert re.search(expected, printed, re.MULTILINE), f"{start}: {printed}"


def test_the_files_that_are_promised_are_there(followed: list[tuple[str, str, dict[str, int]]]) -> None:
    for start, name in LEAVES.items():
        (files,) = [files for block, _, files in followed if block.startswith(start)]
        assert files.get(name, 0) > 0, start


def test_the_configurations_of_the_table_are_sound(person_statusline: list[str], tmp_path: Path) -> None:
    rows = re.findall(r"^\| `(\{.*?\})` \|", README, re.MULTILINE)
    assert len(rows) >= 7
    for number, text in enumerate(rows):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(json.loads(text)))
        env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "STATUSLINE_CONFIG": str(file)}
        done = subprocess.run(
            [*person_statusline, "config", "check"], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"


@pytest.fixture
def person_statusline() -> list[str]:
    """Return the words that start the command line of this checkout."""
    start = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from statusline.commands.cli import main; sys.exit(main())"
    )
    return [sys.executable, "-I", "-c", start, str(ROOT)]


def test_every_file_that_the_readme_links_to_exists() -> None:
    for target in re.findall(r"\]\((\.[^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_command_is_told(person_statusline: list[str]) -> None:
    done = subprocess.run([*person_statusline, "--help"], capture_output=True, text=True, check=True)
    commands = re.findall(r"^    ([a-z]+)(?:  |$)", done.stdout, re.MULTILINE)
    assert len(commands) >= 10
    assert [name for name in commands if f"statusline {name}" not in README] == []
