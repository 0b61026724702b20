"""The documents are true: the README is followed in a fresh home, links lead somewhere, and the tables are complete."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from cache.model import layout
from statusline.commands.config_check.schema import schema
from tests.support.installed_home import clean_env, copy_checkout, pip_env
from tests.support.paths import ROOT
from tests.support.warm_command import run_command

README = (ROOT / "README.md").read_text()
CONFIGURATION = (ROOT / ".github" / "configuration.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / ".github").rglob("*.md")),
    ROOT / "tests" / "README.md",
    *sorted(path for package in ("statusline", "cache") for path in (ROOT / package).rglob("README.md")),
]

# What a block must print; a block that is not listed only has to succeed.
PRINTS = {
    "./install.sh\n": "^To undo: sh .*install.sh --uninstall$",
    "statusline preview": "Opus",
    "statusline config\n": r"config\.json",
    "statusline usage\n": "nothing is known yet|Signed out",
    "statusline usage --all": "No account is known yet",
    "statusline sessions": "No session is running",
    "statusline report": "Nothing is known",
    "statusline guard": "not now",
    "statusline hint": "^Hints for the model are on: .*config.json$",
    "statusline doctor": "^The line works",
    "./install.sh --uninstall": "[Rr]emoved",
}
BUILT = {"statusline/hot.py"}  # files that exist in a wheel only
LEAVES = {
    "statusline export": "hudline.prom",
    "statusline init bash": ".bashrc",
}


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, scratch: Path) -> list[tuple[str, str, dict[str, int]]]:
    """Run the blocks in order; return each with its output and the files in the home after it."""
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
        expected = (
            1 if block.startswith(("statusline usage", "statusline cost", "statusline report")) else 0
        )  # nothing is known yet in a fresh home
        assert run.returncode == expected, f"{block}\n{run.stdout}"
        done.append((block, run.stdout, {path.name: path.stat().st_size for path in home.iterdir() if path.is_file()}))
    assert not (home / ".local" / "share" / "hudline" / "venv").exists(), "the last block removes the program"
    assert not (home / ".claude" / "settings.json").exists(), "there was none before"
    return done


@pytest.mark.thorough
def test_every_block_of_the_readme_works(followed: list[tuple[str, str, dict[str, int]]]) -> None:
    for start, expected in PRINTS.items():
        (printed,) = [printed for block, printed, _ in followed if block.startswith(start)]
        assert re.search(expected, printed, re.MULTILINE), f"{start}: {printed}"


@pytest.mark.thorough
def test_the_blocks_create_the_files_they_name(followed: list[tuple[str, str, dict[str, int]]]) -> None:
    for start, name in LEAVES.items():
        (files,) = [files for block, _, files in followed if block.startswith(start)]
        assert files.get(name, 0) > 0, start


def test_the_readme_begins_with_installing_and_looking() -> None:
    assert [block.split()[0:2] for block in BLOCKS[:2]] == [["./install.sh"], ["statusline", "preview"]]


def test_the_example_configurations_have_no_problems(tmp_path: Path) -> None:
    rows = re.findall(r"^\| `(\{.*?\})` \|", README + CONFIGURATION, re.MULTILINE)
    assert len(rows) >= 12
    for number, text in enumerate(rows):
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(json.loads(text)))
        env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "STATUSLINE_CONFIG": str(file)}
        done = run_command("config", "check", env=env, cwd=tmp_path)
        assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("key", sorted(set(schema()["properties"]) - {"$schema"}))
def test_the_configuration_reference_has_every_setting(key: str) -> None:
    assert f"\n| `{key}` |" in CONFIGURATION, f"add a row for `{key}` to .github/configuration.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_heading(page: Path) -> None:
    for target, heading in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text()):
        file = page.parent / target if target else page
        assert file.exists(), f"{page.name} links to {target}"
        if heading:
            assert heading in headings(file), f"{page.name} links to {target}#{heading}"


def headings(page: Path) -> set[str]:
    """Return the anchors of a page as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_page_of_commands_has_every_command(tmp_path: Path) -> None:
    page = (ROOT / ".github" / "commands.md").read_text()
    done = run_command("--help", env={"HOME": str(tmp_path)}, cwd=tmp_path)
    commands = re.findall(r"^    ([a-z]+)(?:  |$)", done.stdout, re.MULTILINE)
    assert len(commands) >= 10
    missing = [name for name in commands if f"| `statusline {name}` |" not in page]
    assert missing == [], "add a row for each to .github/commands.md"


def test_the_code_that_contributing_quotes_is_the_code() -> None:
    page = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
    sources = "".join(path.read_text() for path in (ROOT / "statusline" / "segments").glob("*.py"))
    for block in re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        assert block in sources, "CONTRIBUTING.md quotes code that has changed"


def test_the_files_that_the_pages_for_contributors_name_exist() -> None:
    for page in (ROOT / ".github" / "CONTRIBUTING.md", ROOT / "statusline" / "README.md", ROOT / "cache" / "README.md"):
        for name in re.findall(r"`((?:statusline|cache|tests|\.build|\.ci)/[^`*\s]*)`", page.read_text()):
            if "NAME" not in name and name not in BUILT:
                assert (ROOT / name).exists(), f"{page.name} names {name}"


def test_the_page_of_the_cache_names_every_file_on_disk() -> None:
    page = (ROOT / "cache" / "README.md").read_text()
    names = {value for name, value in vars(layout).items() if name.endswith("_FILE")}
    of_earlier_versions = {layout.OBSERVED_FILE, layout.FORMER_ACCOUNTS_FILE}
    missing = [name for name in names - of_earlier_versions if f"`{name}`" not in page]
    assert missing == [], "add them to the table of files in cache/README.md"
