"""What is gathered for a line: the branch that git would name, and the home under the name that the session uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cache.model.entry import NOTHING_YET
from cache.model.files import real_path
from cache.readings.snapshot import Snapshot
from statusline.config import Config
from statusline.gather import add_surroundings, home_for
from statusline.payload import Session
from tests.support.git_checkouts import branches_in_conflict, checkout, commit, git

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_320_000.0


def branch(folder: Path, env: dict[str, str] | None = None, **payload: Any) -> str | None:
    """Return the branch of the default line."""
    session = Session({"cwd": str(folder), **payload}, lambda name: (env or {}).get(name, ""))
    snapshot = Snapshot(NOTHING_YET, {})
    assert add_surroundings(snapshot, session, Config(), "", NOW) == []
    return snapshot.branch


def in_directory(folder: str) -> Session:
    return Session({"cwd": folder})


@pytest.mark.parametrize("words", [["rebase", "-q"], ["rebase", "-q", "--apply"]])
def test_during_a_rebase_the_branch_is_the_one_that_is_rebased(tmp_path: Path, words: list[str]) -> None:
    work = branches_in_conflict(tmp_path / "work")
    git(work, "checkout", "-q", "topic")
    git(work, *words, "main", check=False)
    assert branch(work) == "topic"


def test_a_detached_commit_is_a_hash_and_a_bisection_has_its_branch(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    for number in range(4):
        commit(work, f"commit {number}")
    git(work, "bisect", "start", "HEAD", "HEAD~3")
    assert branch(work) == "main"
    git(work, "bisect", "reset")
    git(work, "checkout", "-q", "--detach")
    assert branch(work) == git(work, "rev-parse", "HEAD")[:7]


def test_a_worktree_that_was_entered_counts_before_the_directory_moves(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    side = tmp_path / "side"
    git(work, "worktree", "add", "-q", "-b", "feature", str(side))
    entered = {"name": "side", "path": str(side), "branch": "feature"}
    assert branch(work, worktree=entered) == "feature"
    assert branch(side, worktree=entered) == "feature"
    assert branch(work, worktree={**entered, "path": str(tmp_path / "gone")}) == "feature"
    git(side, "checkout", "-q", "-b", "later")
    assert branch(work, worktree=entered) == "later", "the checkout knows better than the payload"
    (side / "deep").mkdir()
    assert branch(side / "deep", worktree=entered) == "later"
    for odd in (None, "side", {"path": 3}, {"path": "a\0b"}, {"path": "relative"}, {}):
        assert branch(work, worktree=odd) == "main"


def test_the_environment_of_git_counts(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    git(tmp_path, "init", "-q", "-b", "dots", "--bare", "store")
    assert branch(work, {"GIT_DIR": str(tmp_path / "store"), "GIT_WORK_TREE": str(work)}) == "dots"
    (work / "a").mkdir()
    assert branch(work / "a", {"GIT_CEILING_DIRECTORIES": str(work)}) is None


def due_jobs(folder: Path, cache: Path, env: dict[str, str] | None = None) -> list[str]:
    """Return the jobs that are due for a line with the changes of a checkout."""
    session = Session({"cwd": str(folder)}, lambda name: (env or {}).get(name, ""))
    config = Config()
    config.rows = [{"left": [("branch", {}), ("git_changes", {})]}]
    return [each.job for each in add_surroundings(Snapshot(NOTHING_YET, {}), session, config, str(cache), NOW)]


def test_git_status_is_not_asked_of_a_bare_repository(tmp_path: Path) -> None:
    work, cache = checkout(tmp_path / "work"), tmp_path / "cache"
    git(tmp_path, "init", "-q", "--bare", "store")
    assert due_jobs(work, cache) == ["git"]
    assert due_jobs(work, cache, {"GIT_DIR": str(tmp_path / "store"), "GIT_WORK_TREE": str(work)}) == ["git"]
    assert branch(tmp_path / "store") is not None
    assert due_jobs(tmp_path / "store", cache) == []


def test_a_directory_of_two_slashes_has_its_branch(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    assert branch(work) == branch(work, cwd=f"/{work}") == "main"


def test_a_home_that_is_a_link_is_known_by_both_its_names(tmp_path: Path) -> None:
    real, home = tmp_path / "data" / "me", tmp_path / "home"
    real.mkdir(parents=True)
    home.symlink_to(real)
    assert home_for(in_directory(str(home / "project")), str(home)) == str(home)
    assert home_for(in_directory(str(real / "project")), str(home)) == str(real)
    assert home_for(in_directory(str(real)), str(home)) == str(real)
    assert home_for(in_directory("/elsewhere"), str(home)) == str(home)
    assert home_for(in_directory("/anywhere"), "") == ""


def test_links_are_followed_as_far_as_they_can_be(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "one").symlink_to("a")
    (tmp_path / "a" / "two").symlink_to(tmp_path / "a" / "b")
    (tmp_path / "up").symlink_to("a/../a")
    (tmp_path / "loop").symlink_to("loop")
    assert real_path(f"{tmp_path}/one/two") == f"{tmp_path}/a/b"
    assert real_path(f"{tmp_path}/not/there") == f"{tmp_path}/not/there"
    assert real_path(f"{tmp_path}/up/b") == real_path(f"{tmp_path}/one/../one/b") == f"{tmp_path}/a/b"
    assert real_path("/../..//") == ""
    for odd in (f"{tmp_path}/loop/x", "/proc/self/cwd"):
        assert real_path(odd) is None
