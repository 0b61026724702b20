"""Checkouts made so that we look in one place and `git status` in another, where a program is waiting."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from cache.model.git_head import Repository, repository_of
from cache.sources.git.status import Status, read_status
from cache.work.failures import GitRefused
from tests.support.git_checkouts import ENV, Marker, checkout, commit, git


@pytest.fixture
def marker(tmp_path: Path) -> Marker:
    return Marker(tmp_path / "elsewhere")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a checkout with the submodule ``sub``."""
    work = checkout(tmp_path / "work")
    git(work, "submodule", "--quiet", "add", str(checkout(tmp_path / "other", one="1\n")), "sub")
    commit(work, "with a submodule")
    return work


def status(folder: Path, **env: str) -> Status:
    found = repository_of(str(folder), lambda name: env.get(name, ""))
    place = {"GIT_DIR": env["GIT_DIR"]} if "GIT_DIR" in env else {}
    assert found is not None
    given = {"HOME": os.devnull, "PATH": ENV["PATH"]} | env
    return read_status(Repository(str(folder), found.git_dir, ""), given, untracked=True, seconds=60, place=place)


def set_trap(folder: Path, marker: Marker) -> None:
    """Have an ordinary `git status` run the marker for a file in a checkout."""
    git_dir = Path(git(folder, "rev-parse", "--absolute-git-dir"))
    (git_dir / "info").mkdir(exist_ok=True)
    (git_dir / "info" / "attributes").write_text("* filter=evil\n")
    git(folder, "config", "filter.evil.clean", str(marker.program))
    os.utime(folder / "one", (1, 1))
    marker.forget()


def assert_trapped(folder: Path, marker: Marker, **env: str) -> None:
    assert marker.runs == ""
    git(folder, "status", check=False, **env)
    assert marker.runs != "", "an ordinary git does run it: the test can fail"


def move_git_dir(work: Path, to: Path) -> None:
    """Move the repository of a checkout, and tell its submodule where that is now."""
    shutil.move(work / ".git", to)
    (work / "sub" / ".git").write_text(f"gitdir: {to}/modules/sub\n")
    git(work, "config", "--file", f"{to}/modules/sub/config", "core.worktree", str(work / "sub"))


@pytest.mark.parametrize("where", ["beside", "inside", "chosen"])
def test_a_working_tree_that_is_elsewhere_is_searched_where_it_is(
    tmp_path: Path, work: Path, marker: Marker, where: str
) -> None:
    set_trap(work / "sub", marker)
    start = work / "within" if where == "inside" else tmp_path / "start"
    start.mkdir()
    git_dir = tmp_path / "store" if where == "chosen" else start / ".git"
    move_git_dir(work, git_dir)
    git(work, "config", "--file", f"{git_dir}/config", "core.worktree", str(work))
    env = {"GIT_DIR": str(git_dir)} if where == "chosen" else {}
    (work / "new").write_text("x")
    assert status(start, **env).untracked == 1
    assert_trapped(start, marker, **env)


def test_a_configuration_that_depends_on_the_folder_is_the_one_of_git_status(
    tmp_path: Path, work: Path, marker: Marker
) -> None:
    if not Path("/proc/self/cwd").exists():
        pytest.skip("no /proc")
    commit(work, "a file", one="1\n")
    set_trap(work, marker)
    (tmp_path / "start").mkdir()
    shutil.move(work / ".git", tmp_path / "start" / ".git")
    config = tmp_path / "start" / ".git" / "config"
    config.write_text(config.read_text().partition("[filter")[0])
    for key, value in (("core.worktree", str(work)), ("include.path", "/proc/self/cwd/more")):
        git(tmp_path, "config", "--file", str(config), key, value)
    (work / "more").write_text(f'[filter "evil"]\n\tclean = {marker.program}\n')
    status(tmp_path / "start")
    assert_trapped(tmp_path / "start", marker)


def test_of_a_submodule_with_its_files_elsewhere_only_the_commits_are_compared(
    tmp_path: Path, work: Path, marker: Marker
) -> None:
    sub, modules = work / "sub", work / ".git" / "modules" / "sub"
    git(sub, "submodule", "--quiet", "add", str(tmp_path / "other"), "nested")
    commit(sub, "nested")
    commit(work, "nested")
    set_trap(sub / "nested", marker)
    away = tmp_path / "away"
    away.mkdir()
    shutil.move(sub / "nested", away)
    (away / "nested" / ".git").write_text(f"gitdir: {modules}/modules/nested\n")
    for config, tree in (
        (modules / "modules" / "nested" / "config", away / "nested"),
        (modules / "config", away),
    ):
        git(tmp_path, "config", "--file", str(config), "core.worktree", str(tree))
    assert status(work).modified == 0
    assert_trapped(work, marker)


def test_a_git_dir_that_git_reads_differently_is_refused(tmp_path: Path, work: Path, marker: Marker) -> None:
    """Its name ends with a space, and without the space there is another one."""
    set_trap(work / "sub", marker)
    move_git_dir(work, tmp_path / "store ")
    shutil.move(checkout(tmp_path / "plain") / ".git", tmp_path / "store")
    (work / ".git").write_text(f"gitdir: {tmp_path}/store \n")
    with pytest.raises(GitRefused, match="another repository"):
        status(work)
    assert_trapped(work, marker)


def test_a_folder_with_a_colon_is_not_taken_for_the_checkout_around_it(tmp_path: Path) -> None:
    """GIT_CEILING_DIRECTORIES cannot name a folder with a colon."""
    inner = checkout(checkout(tmp_path / "a:b") / "inner")
    (inner / ".git" / "HEAD").write_text("nonsense\n")
    with pytest.raises(GitRefused, match="another repository"):
        status(inner)


# --- an index that hides its submodules -------------------------------------------------------------------------------


def change_index(work: Path, old: bytes, new: bytes) -> None:
    index = work / ".git" / "index"
    content = index.read_bytes()[:-20].replace(old, new)
    index.write_bytes(content + hashlib.sha1(content, usedforsecurity=False).digest())


@pytest.mark.parametrize("others", [0, 1])
def test_a_submodule_with_an_odd_mode_is_a_submodule(work: Path, marker: Marker, others: int) -> None:
    if others:
        git(work, "clone", "-q", "../other", "after")
    set_trap(work / "sub", marker)
    change_index(work, b"\0\0\xe0\0", b"\0\0\xe1\xed")
    if others:
        oid = git(work / "after", "rev-parse", "HEAD")
        git(work, "update-index", "--add", "--cacheinfo", f"160000,{oid},after")
    status(work)
    assert_trapped(work, marker)


def test_a_submodule_in_a_folder_that_a_sparse_index_leaves_out_is_not_entered(tmp_path: Path, marker: Marker) -> None:
    sub = checkout(tmp_path / "sub", one="1\n")
    work = checkout(tmp_path / "work")
    (work / "dir").mkdir()
    commit(work, "a folder", **{"dir/file": "x"})
    plain = git(work, "rev-parse", "HEAD:dir")
    aside, oid = str(tmp_path / "aside"), git(sub, "rev-parse", "HEAD")
    git(work, "update-index", "--add", "--cacheinfo", f"160000,{oid},sub", GIT_INDEX_FILE=aside)
    hiding = git(work, "write-tree", GIT_INDEX_FILE=aside)
    git(work, "sparse-checkout", "init", "--cone", "--sparse-index")
    change_index(work, bytes.fromhex(plain), bytes.fromhex(hiding))
    (work / "dir").mkdir()
    set_trap(sub.rename(work / "dir" / "sub"), marker)
    status(work)
    assert_trapped(work, marker)
