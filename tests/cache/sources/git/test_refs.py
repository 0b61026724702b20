"""The files that change with a push, a fetch or a commit, as git itself places them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cache.model.git_head import Repository, repository_of
from cache.sources.git.command import Git
from cache.sources.git.refs import branch_file, common_dir, upstream_file
from cache.sources.git.status import read_status
from tests.support.git_checkouts import ENV, checkout, commit, git

ASKED_WITH = {"HOME": os.devnull, "PATH": ENV["PATH"]}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return checkout(tmp_path / "work", one="1\n")


def repository_at(folder: Path) -> Repository:
    found = repository_of(str(folder))
    assert found is not None
    return found


def found_upstream(work: Path) -> str | None:
    """Return the upstream's file below the git directory."""
    file = read_status(repository_at(work), ASKED_WITH, untracked=False, seconds=60).upstream_file
    return file and os.path.relpath(file, work / ".git")


def test_worktrees_share_the_refs_of_their_repository(work: Path) -> None:
    git(work, "worktree", "add", "-q", "../side")
    assert common_dir(str(work / ".git")) == str(work / ".git")
    shared = common_dir(repository_at(work.parent / "side").git_dir)
    assert os.path.samefile(shared, work / ".git")


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("../..\n", "/git/dir/../.."),
        ("/elsewhere\r\n", "/elsewhere"),
        (" odd \n", "/git/dir/ odd "),
        *((text, "/git/dir") for text in ("", "\n", "a\0b", "//host/share", "\\\\host\\share", "x" * 5000)),
    ],
)
def test_a_link_to_the_shared_folder_is_read_as_git_reads_it(tmp_path: Path, link: str, found: str) -> None:
    (tmp_path / "commondir").write_bytes(link.encode())
    assert common_dir(str(tmp_path)) == found.replace("/git/dir", str(tmp_path))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("branch", ["main", "origin/main", "feat/größe"])
def test_the_upstream_has_the_file_that_git_would_write(work: Path, branch: str, *, packed: bool) -> None:
    """With a local branch, or a tag, of the name that would be shortest, git shows a longer one."""
    git(work, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(work, "remote", "add", "origin", "../there.git")
    if branch != "main":
        git(work, "branch", "-q", branch)
    git(work, "tag", "main")
    git(work, "config", "branch.main.remote", "origin" if branch == "main" else ".")
    git(work, "config", "branch.main.merge", f"refs/heads/{branch}")
    if packed:
        git(work, "pack-refs", "--all")
    expected = "refs/remotes/origin/main" if branch == "main" else f"refs/heads/{branch}"
    assert found_upstream(work) == expected
    if branch == "origin/main":
        git(work, "config", "branch.main.remote", "origin")
        git(work, "config", "branch.main.merge", "refs/heads/main")
        assert found_upstream(work) == "refs/remotes/origin/main"


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("ref: refs/heads/feat/x", "/git/dir/refs/heads/feat/x"),
        ("ref:refs/heads/x", "/git/dir/refs/heads/x"),
        ("ref: refs/heads/../../x", None),
        ("ref: /refs/heads/x", None),
        ("ref: HEAD", None),
        ("ref: --format=%(refname)", None),
        ("ref: refs/heads/a\0b", None),
        ("3b" * 20, None),
        ("", None),
    ],
)
def test_a_branch_has_a_file_if_head_names_it(head: str, found: str | None) -> None:
    assert branch_file(Repository("/git", "/git/dir", head)) == found


def test_an_upstream_that_is_gone_has_a_file_too(work: Path) -> None:
    git(work, "remote", "add", "origin", "../there.git")
    git(work, "config", "branch.main.remote", "origin")
    git(work, "config", "branch.main.merge", "refs/heads/later")
    assert found_upstream(work) == "refs/remotes/origin/later"
    git(work, "checkout", "-q", "-b", "other")
    assert found_upstream(work) is None


def test_before_the_first_commit_the_upstream_is_one_of_a_remote(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "there.git")
    git(tmp_path, "clone", "-q", "there.git", "work")
    assert found_upstream(tmp_path / "work") == "refs/remotes/origin/main"
    commit(tmp_path / "work", "first", one="1\n")
    git(tmp_path / "work", "push", "-q")
    assert (tmp_path / "work" / ".git" / "refs" / "remotes" / "origin" / "main").is_file()


def test_a_name_that_leads_elsewhere_or_a_git_that_refuses_is_no_file_to_look_at(work: Path) -> None:
    repository = repository_at(work)
    asked = Git(str(work), ASKED_WITH)
    assert upstream_file(asked, repository, "../../config") is None
    assert upstream_file(asked, repository, "../../../../somewhere") is None
    for head in ("ref: --count=x", "ref: refs/heads/a\0b", "3b" * 20):
        odd = Repository(str(work), f"{work}/.git", head)
        assert upstream_file(asked, odd, "origin/x") == f"{work}/.git/refs/remotes/origin/x"
    refused = Git(str(work / "not there"), ASKED_WITH)
    assert upstream_file(refused, repository, "origin/x") == f"{work}/.git/refs/remotes/origin/x"
    overdue = Git(str(work), ASKED_WITH, seconds=0)
    assert upstream_file(overdue, repository, "origin/x") == f"{work}/.git/refs/remotes/origin/x"
