"""The source archive and the wheel are complete: a careless ignore rule once dropped a package from a wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from statusline.commands.support.bytecode import MERGED
from tests.support.installed_home import files_below
from tests.support.package_layout import load_build_script
from tests.support.paths import ROOT

TOPS = ("statusline", "cache", "tests", ".build", ".ci", ".claude-plugin", ".github")
FILES = ("README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "install.sh")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the source archive, and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("built")
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(words, check=True, capture_output=True)
    return out


@pytest.mark.thorough
def test_another_build_elsewhere_and_later_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    (archive,) = built.glob("hudline-*.tar.gz")
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(tmp_path)], check=True)
    (folder,) = tmp_path.iterdir()
    elsewhere = folder.rename(tmp_path / "an other folder")
    for path in elsewhere.rglob("*.py"):
        path.chmod(0o600)
        os.utime(path, (1e9, 1e9))
    other = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "77", "TMPDIR": str(tmp_path)}
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path / "out"), str(elsewhere)]
    shell = ["/bin/sh", "-c", 'umask 077; exec "$@"', "sh", *words]
    subprocess.run(shell, check=True, capture_output=True, env=os.environ | other)
    assert files_below(tmp_path / "out") == files_below(built)


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    """Return the wheel."""
    (path,) = built.glob("hudline-*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_every_file_of_both_packages(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    expected = {
        str(path.relative_to(ROOT))
        for package in ("statusline", "cache")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".typed"}
    }
    assert expected <= names
    assert {"cache/refresh/runner.py", "cache/sources/endpoint/client.py", "statusline/tick.py"} <= names


def test_the_wheel_holds_the_merged_module_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {f"statusline/{name}" for name in MERGED} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"statusline", "cache", "hudline"}
    assert [name for name in names if name.endswith(".md")] == []


def test_the_checkout_has_no_merged_module_that_could_grow_old() -> None:
    assert not {*MERGED} & {path.name for path in (ROOT / "statusline").iterdir()}


def test_the_source_archive_holds_everything_that_the_tests_need(built: Path) -> None:
    (path,) = built.glob("hudline-*.tar.gz")
    with tarfile.open(path) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers()}
    expected = {
        str(file.relative_to(ROOT))
        for top in TOPS
        for file in (ROOT / top).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert {*expected, *FILES} <= names


def test_the_long_description_has_no_link_that_breaks_outside_the_repository(wheel: zipfile.ZipFile) -> None:
    (metadata,) = [wheel.read(name).decode() for name in wheel.namelist() if name.endswith("METADATA")]
    assert "Description-Content-Type: text/markdown" in metadata
    assert "# hudline" in metadata
    assert re.findall(r"\]\((?!https:)[^)]*\)", metadata) == []
    assert re.findall(r'src(?:set)?="(?!https:)', metadata) == []


PICTURE = '<picture>\n  <source media="(x)" srcset="{0}b.svg">\n  <img alt="A picture" src="{0}a.svg">\n</picture>\n'
TEXT = f"# Title\n\n{PICTURE.format('.github/')}\nSee [the page](docs/b.md) and [the web](https://example.org).\n"


def test_with_a_repository_links_and_pictures_lead_to_the_tag() -> None:
    rewrite = load_build_script("long_description").with_absolute_links
    assert rewrite(TEXT, "https://example.org/hudline", "v1") == (
        f"# Title\n\n{PICTURE.format('https://example.org/hudline/raw/v1/.github/')}\n"
        "See [the page](https://example.org/hudline/blob/v1/docs/b.md) and [the web](https://example.org).\n"
    )


def test_without_a_repository_pictures_go_and_links_become_text() -> None:
    rewrite = load_build_script("long_description").with_absolute_links
    assert rewrite(TEXT, "", "v1") == "# Title\n\n\nSee the page and [the web](https://example.org).\n"


def test_the_workflow_runs_every_python_that_the_classifiers_name() -> None:
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    (versions,) = re.findall(r"python: \[(.*)\]", workflow)
    assert re.findall(r"[\d.]+", versions) == named
