"""The release script, in a scratch repository: what it changes, builds and tags, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.installed_home import FOR_PIP
from tests.support.paths import ROOT
from tests.support.programs import require

SKIPPED = shutil.ignore_patterns("__pycache__", "data", "simulation")  # the tests of a package are not needed here
PARTS = (".build", ".claude-plugin", "statusline", "cache", "README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one commit, as a clone has it."""
    root = tmp_path / "hudline"
    root.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, root / part, ignore=SKIPPED)
        else:
            shutil.copy2(ROOT / part, root / part)
    (root / ".gitignore").write_text("/dist/\n__pycache__/\n")
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A line.\n")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "Begin")
    return root


ENV = {
    **{name: value for name, value in os.environ.items() if name.startswith((*FOR_PIP, "UV_"))},
    "PATH": os.environ["PATH"],
    "SOURCE_DATE_EPOCH": "1700000000",  # must not matter
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(root: Path, *words: str) -> str:
    require("git")
    ran = subprocess.run(["git", *words], cwd=root, env=ENV, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def release(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a repository, with one cache of the build tools for all tests."""
    argv = [sys.executable, str(root / ".build" / "release.py"), *words]
    env = ENV | {"UV_CACHE_DIR": str(root.parents[1] / "uv-cache")}
    return subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False)


@pytest.mark.thorough
def test_a_release_has_its_version_notes_archives_digests_and_tag(repository: Path) -> None:
    ran = release(repository, "99.1.0")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert '__version__ = "99.1.0"' in (repository / "statusline" / "__init__.py").read_text()
    assert json.loads((repository / ".claude-plugin" / "plugin.json").read_text())["version"] == "99.1.0"
    changelog = (repository / "CHANGELOG.md").read_text()
    assert re.search(r"## \[Unreleased\]\n\n## \[99\.1\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n", changelog)
    archives = [repository / "dist" / name for name in ("hudline-99.1.0.tar.gz", "hudline-99.1.0-py3-none-any.whl")]
    for archive in archives:
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        assert Path(f"{archive}.sha256").read_text() == f"{digest}  {archive.name}\n"
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "log", "-1", "--format=%s %D") == "Release 99.1.0 HEAD -> master, tag: v99.1.0".replace(
        "master", git(repository, "branch", "--show-current")
    )
    assert "- A line." in git(repository, "tag", "--list", "--format=%(contents)", "v99.1.0")


def test_a_dry_run_changes_nothing(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    ran = release(repository, "99.1.0", "--dry-run")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "hudline-99.1.0.tar.gz" in ran.stdout
    assert (git(repository, "rev-parse", "HEAD"), git(repository, "tag")) == (head, "")
    assert not (repository / "dist").exists()


def test_what_makes_no_release_is_refused_with_its_reason(repository: Path) -> None:
    assert "0.0.1 is not newer than" in release(repository, "0.0.1").stderr
    assert "1.2 is not a version such as 1.2.0" in release(repository, "1.2").stderr
    git(repository, "tag", "v99.0.0")
    assert "v99.0.0 is a tag already" in release(repository, "99.0.0").stderr
    (repository / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n")
    assert "commit or remove these changes first" in release(repository, "99.1.0").stderr
    git(repository, "commit", "--quiet", "--all", "--message", "Empty")
    assert "CHANGELOG.md has nothing under Unreleased" in release(repository, "99.1.0").stderr
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.thorough
def test_a_build_that_fails_leaves_the_checkout_as_it_was(repository: Path) -> None:
    (repository / "cache" / "model" / "lenient.py").write_text("def broken(:\n")
    git(repository, "commit", "--quiet", "--all", "--message", "Break")
    ran = release(repository, "99.1.0")
    assert ran.returncode == 1
    assert "-m uv failed" in ran.stderr
    assert (git(repository, "status", "--porcelain"), git(repository, "tag")) == ("", "")
