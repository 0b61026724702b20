"""Where a checkout is, what is checked out there, and what git is in the middle of: against the real git."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cache.model.git_head import Repository, branch_in, repository_of
from cache.model.git_operation import operation_of
from tests.support.git_checkouts import branches_in_conflict, checkout, commit, git
from tests.support.paths import ROOT
from tests.support.unprivileged import DROP


def branch(folder: Path) -> str | None:
    found = repository_of(str(folder))
    return None if found is None else branch_in(found)


def operation(folder: Path) -> tuple[str, str] | None:
    found = repository_of(str(folder))
    assert found is not None
    return operation_of(found.git_dir)


def test_a_branch_is_found_from_anywhere_in_the_checkout(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    deep = work / "a" / "b"
    deep.mkdir(parents=True)
    found = repository_of(str(deep))
    assert found is not None
    assert (found.root, found.git_dir) == (str(work), f"{work}/.git")
    assert branch(deep) == branch(work) == "main"
    assert branch(Path(f"{work}/")) == "main"


def test_a_branch_may_have_slashes_and_any_letters(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    for name in ("feature/one/two", "größe-⎇", "refs", "heads/x"):
        git(work, "checkout", "-q", "-b", name)
        assert branch(work) == name


def test_a_branch_without_a_commit_has_a_name_already(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "fresh")
    assert branch(tmp_path) == "fresh"


def test_a_detached_head_is_a_short_hash(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    git(work, "checkout", "-q", "--detach")
    assert branch(work) == git(work, "rev-parse", "HEAD")[:7]


def test_a_head_that_is_a_link_is_a_branch_too(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    (work / ".git" / "HEAD").unlink()
    (work / ".git" / "HEAD").symlink_to("refs/heads/main")
    assert git(work, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert branch(work) == "main"


def test_a_linked_worktree_and_a_submodule_have_their_own(tmp_path: Path) -> None:
    work, other = checkout(tmp_path / "work"), checkout(tmp_path / "other")
    git(work, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    git(work, "submodule", "--quiet", "add", str(other), "sub")
    git(work / "sub", "checkout", "-q", "-b", "within")
    assert branch(tmp_path / "side") == "side"
    assert branch(work / "sub") == "within"
    assert branch(work) == "main"


def test_outside_a_checkout_there_is_none(tmp_path: Path) -> None:
    assert repository_of(str(tmp_path)) is None
    assert repository_of("relative/path") is None
    assert repository_of("") is None
    assert repository_of(str(tmp_path / "not" / "there")) is None
    assert repository_of(f"{tmp_path}/{'x' * 5000}") is None


def test_a_folder_named_git_that_is_no_repository_is_passed_over_as_git_does(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    inner = work / "inner"
    (inner / ".git").mkdir(parents=True)
    assert git(inner, "rev-parse", "--show-toplevel") == str(work)
    assert branch(inner) == "main"


@pytest.mark.parametrize(
    "head", [b"", b"\n", b"nonsense\n", b"ref:", b"ref: refs/heads/.invalid\n", b"\xff\xfe", b"a" * 4097, b"0" * 39]
)
def test_a_broken_head_is_silent(tmp_path: Path, head: bytes) -> None:
    work = checkout(tmp_path / "work")
    inner = checkout(work / "inner")
    (inner / ".git" / "HEAD").write_bytes(head)
    assert branch(inner) is None, "not the branch of the checkout around it either"


def test_a_head_that_is_no_file_is_silent_and_is_not_waited_for(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    head = work / ".git" / "HEAD"
    head.unlink()
    os.mkfifo(head)
    assert branch(work) is None
    head.unlink()
    head.mkdir()
    assert branch(work) is None
    for name in ("fifo", "loop"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "fifo" / ".git")
    (tmp_path / "loop" / ".git").symlink_to(".git")
    assert branch(tmp_path / "fifo") is None
    assert branch(tmp_path / "loop") is None


@pytest.mark.parametrize(
    "link", [b"", b"gitdir:", b"gitdir: nowhere\n", b"nonsense", b"gitdir: a\0b", b"gitdir: //host/share"]
)
def test_a_git_file_that_leads_nowhere_is_silent(tmp_path: Path, link: bytes) -> None:
    work = checkout(tmp_path / "work")
    inner = work / "inner"
    inner.mkdir()
    (inner / ".git").write_bytes(link)
    assert branch(inner) is None


def test_fifty_folders_down_it_is_still_found(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    deep = work.joinpath(*["d"] * 50)
    deep.mkdir(parents=True)
    assert branch(deep) == "main"


def test_a_hundred_folders_down_nothing_is_looked_for(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    deep = work.joinpath(*["d"] * 100)
    deep.mkdir(parents=True)
    assert branch(deep) is None


UNPRIVILEGED = (
    """
import os, sys
sys.path.insert(0, sys.argv[1])
from cache.model.git_head import branch_in, repository_of
"""
    + DROP
    + """
found = repository_of(sys.argv[2])
print(branch_in(found) if found else None)
"""
)


def test_what_a_closed_folder_may_hide_is_not_guessed(open_directory: Path) -> None:
    """The folder between is closed: the checkout further up may not be the one that we are in."""
    work = checkout(open_directory / "work")
    deep = work / "closed" / "deep"
    deep.mkdir(parents=True)
    command = [sys.executable, "-c", UNPRIVILEGED, str(ROOT), str(deep)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "main\n"
    (work / "closed").chmod(0o000)
    try:
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "None\n"
    finally:
        (work / "closed").chmod(0o755)


def test_nothing_is_under_way_in_a_quiet_checkout(tmp_path: Path) -> None:
    assert operation(checkout(tmp_path / "work")) is None


def test_a_merge_a_cherry_pick_and_a_revert_are_told(tmp_path: Path) -> None:
    work = branches_in_conflict(tmp_path / "work")
    git(work, "merge", "topic", check=False)
    assert operation(work) == ("merge", "")
    git(work, "merge", "--abort")
    git(work, "cherry-pick", "topic", check=False)
    assert operation(work) == ("cherry-pick", "")
    git(work, "cherry-pick", "--abort")
    git(work, "revert", "main~1", check=False)
    assert operation(work) == ("revert", "")
    git(work, "revert", "--abort")
    assert operation(work) is None


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase_tells_how_far_it_is_and_whose_it_is(tmp_path: Path, backend: str) -> None:
    work = branches_in_conflict(tmp_path / "work")
    git(work, "checkout", "-q", "topic")
    git(work, "rebase", backend, "main", check=False)
    assert operation(work) == ("rebase 1/3", "topic")
    assert branch(work) == git(work, "rev-parse", "HEAD")[:7]
    (work / "readme").write_text("solved\n")
    git(work, "add", "readme")
    git(work, "rebase", "--continue", check=False)
    assert operation(work) == ("rebase 2/3", "topic")
    git(work, "rebase", "--abort")
    assert operation(work) is None


def test_patches_that_are_applied_are_told(tmp_path: Path) -> None:
    work = branches_in_conflict(tmp_path / "work")
    git(work, "format-patch", "-q", "-3", "topic", "-o", str(tmp_path / "patches"))
    git(work, "am", *map(str, sorted((tmp_path / "patches").iterdir())), check=False)
    assert operation(work) == ("am 1/3", "")


def test_a_bisection_names_the_branch_that_it_started_from(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    first = git(work, "rev-parse", "HEAD")
    for number in range(4):
        commit(work, str(number))
    git(work, "bisect", "start", "HEAD", first)
    assert operation(work) == ("bisect", "main")
    git(work, "bisect", "reset")
    git(work, "checkout", "-q", "--detach")
    git(work, "bisect", "start", "HEAD", first)
    assert operation(work) == ("bisect", "")


def test_a_series_that_goes_on_after_a_commit_is_still_told(tmp_path: Path) -> None:
    work = branches_in_conflict(tmp_path / "work")
    git(work, "cherry-pick", "topic~2", "topic~1", "topic", check=False)
    (work / "readme").write_text("solved\n")
    git(work, "commit", "-q", "-a", "-m", "by hand")
    assert not (work / ".git" / "CHERRY_PICK_HEAD").exists()
    assert operation(work) == ("cherry-pick", "")


def test_an_operation_in_a_linked_worktree_is_that_worktrees(tmp_path: Path) -> None:
    work = branches_in_conflict(tmp_path / "work")
    git(work, "worktree", "add", "-q", str(tmp_path / "side"), "topic")
    git(tmp_path / "side", "merge", "main", check=False)
    assert operation(tmp_path / "side") == ("merge", "")
    assert operation(work) is None


def test_odd_files_of_an_operation_are_survived(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    git_dir = work / ".git"
    (git_dir / "rebase-merge").mkdir()
    assert operation(work) == ("rebase", "")
    (git_dir / "rebase-merge" / "msgnum").write_text("\x1b[31m2")
    (git_dir / "rebase-merge" / "end").write_bytes(b"\xff" * 30)
    os.mkfifo(git_dir / "rebase-merge" / "head-name")
    assert operation(work) == ("rebase", "")
    assert operation_of(f"{tmp_path}/nowhere") is None
    assert branch_in(Repository("/", "/\0", "0" * 40)) == "0000000"


def environment(**values: object) -> Callable[[str], str]:
    return lambda name: str(values.get(name, ""))


def test_git_dir_and_work_tree_name_the_repository_wherever_the_session_is(tmp_path: Path) -> None:
    home, bare = tmp_path / "home", tmp_path / "dotfiles"
    home.mkdir()
    git(tmp_path, "init", "-q", "-b", "main", "--bare", str(bare))
    read = environment(GIT_DIR=bare, GIT_WORK_TREE=home)
    for folder in (home, tmp_path):
        repository = repository_of(str(folder), read)
        assert repository is not None
        assert (repository.root, repository.git_dir, branch_in(repository)) == (str(home), str(bare), "main")
    relative = repository_of(str(tmp_path), environment(GIT_DIR="dotfiles"))
    assert relative is not None
    assert relative.git_dir == f"{tmp_path}/dotfiles"
    assert repository_of(str(home), environment(GIT_DIR=tmp_path / "nowhere")) is None
    assert repository_of(str(home), environment(GIT_DIR="a\0b")) is None


def test_a_search_stops_below_a_ceiling_as_gits_does(tmp_path: Path) -> None:
    work = checkout(tmp_path / "work")
    deep = work / "a" / "b"
    deep.mkdir(parents=True)
    for ceiling in (work, work / "a", f"/nowhere:relative:{work}/", deep.parent):
        found = subprocess.run(
            ["git", "rev-parse", "--git-dir"],
            cwd=deep,
            env={"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": str(ceiling)},
            capture_output=True,
            check=False,
        )
        assert found.returncode != 0
        assert repository_of(str(deep), environment(GIT_CEILING_DIRECTORIES=ceiling)) is None
    assert repository_of(str(work), environment(GIT_CEILING_DIRECTORIES=work)) is not None
    assert repository_of(str(deep), environment(GIT_CEILING_DIRECTORIES=tmp_path)) is not None


def test_a_bare_repository_has_a_branch_too(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "trunk", "--bare", "store.git")
    assert branch(tmp_path / "store.git") == "trunk"
    assert branch(tmp_path / "store.git" / "refs" / "heads") == "trunk"
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "HEAD").write_text("a file of this name is no repository\n")
    assert repository_of(str(odd)) is None
