"""The counts of git status, and that no program of the repository is run for them."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

import pytest

from cache.model.git_head import Repository, repository_of
from cache.sources.git.status import Status, parse_status, read_status
from cache.work.failures import GitRefused, NoGit, Overdue
from tests.support.git_checkouts import ENV, Marker, branches_in_conflict, checkout, commit, git

ASKED_WITH = {"HOME": os.devnull, "PATH": ENV["PATH"]}


def repository_at(folder: Path) -> Repository:
    """Return the checkout of a folder; where there is none, what a tick could have taken for one."""
    return repository_of(str(folder)) or Repository(str(folder), f"{folder}/.git", "")


def status(folder: Path, *, untracked: bool = True, **env: str) -> Status:
    found = read_status(repository_at(folder), ASKED_WITH | env, untracked=untracked, seconds=60)
    found.branch, found.commit = None, ""  # those have a test of their own
    return found


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return checkout(tmp_path / "work", one="1\n", two="2\n", three="3\n")


def test_a_clean_checkout_has_nothing_to_say(work: Path) -> None:
    assert status(work) == Status(untracked=0)


def test_what_is_staged_modified_and_unknown_is_counted(work: Path) -> None:
    (work / "one").write_text("changed\n")
    git(work, "add", "one")
    (work / "one").write_text("changed again\n")
    (work / "two").write_text("changed\n")
    (work / "three").unlink()
    (work / "new").write_text("new\n")
    (work / "folder").mkdir()
    for name in ("a", "b"):
        (work / "folder" / name).write_text("new\n")
    found = status(work)
    assert (found.staged, found.modified, found.twice, found.untracked, found.conflicts) == (1, 3, 1, 2, 0)
    assert status(work, untracked=False).untracked is None


def test_a_file_that_has_only_moved_is_one_change(work: Path) -> None:
    git(work, "mv", "one", "somewhere else")
    assert status(work).staged == 1


def test_conflicts_are_counted(tmp_path: Path) -> None:
    work = branches_in_conflict(tmp_path / "work")
    git(work, "merge", "topic", check=False)
    found = status(work)
    assert (found.conflicts, found.staged, found.modified) == (1, 0, 0)


def test_stashes_are_counted(work: Path) -> None:
    for text in ("a", "b"):
        (work / "one").write_text(text)
        git(work, "stash")
    assert status(work).stash == 2


def test_commits_to_exchange_are_counted_where_there_is_an_upstream(tmp_path: Path, work: Path) -> None:
    assert (status(work).ahead, status(work).behind, status(work).upstream) == (None, None, None)
    git(tmp_path, "clone", "-q", str(work), "clone")
    for number in range(2):
        commit(work, str(number))
    clone = tmp_path / "clone"
    for number in range(3):
        commit(clone, f"own {number}")
    git(clone, "fetch", "-q")
    found = status(clone)
    assert (found.ahead, found.behind, found.upstream) == (3, 2, "origin/main")
    git(clone, "update-ref", "-d", "refs/remotes/origin/main")
    found = status(clone)
    assert (found.ahead, found.behind, found.upstream) == (None, None, "origin/main")


def test_names_of_any_kind_are_counted_once(work: Path) -> None:
    for name in ("with space", "new\nline", 'quo"te', "\x1b[31mred", "tab\tbed", "? ", "1 .M", "größe"):
        (work / name).write_text("x")
    assert status(work).untracked == 8
    git(work, "add", "-A")
    assert status(work).staged == 8


def test_a_checkout_without_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "new").write_text("x")
    assert status(tmp_path).untracked == 1


def test_the_index_is_not_touched(work: Path) -> None:
    os.utime(work / "one", (1, 1))
    before = (work / ".git" / "index").stat().st_mtime_ns
    assert status(work).modified == 0
    assert (work / ".git" / "index").stat().st_mtime_ns == before
    (work / ".git" / "index.lock").touch()
    assert status(work).modified == 0, "another git that is at work does not matter"


def test_what_git_will_not_tell_has_a_name(tmp_path: Path, work: Path) -> None:
    with pytest.raises(GitRefused):
        status(tmp_path)
    with pytest.raises(GitRefused):
        status(tmp_path / "not there")
    (work / ".git" / "index").write_bytes(b"nonsense")
    with pytest.raises(GitRefused):
        status(work)


def test_a_folder_is_not_taken_for_the_checkout_around_it(work: Path) -> None:
    inner = checkout(work / "inner")
    (inner / ".git" / "HEAD").write_text("nonsense\n")
    with pytest.raises(GitRefused):
        status(inner)


def test_without_git_there_is_a_name_for_that(work: Path) -> None:
    with pytest.raises(NoGit):
        status(work, PATH="/not/there")


def test_a_git_in_the_checkout_itself_is_not_run(tmp_path: Path, work: Path) -> None:
    marker = Marker(tmp_path / "marker")
    shutil.copy(marker.program, work / "git")
    with pytest.raises(NoGit):
        status(work, PATH=f".::{work.name}")
    assert status(work, PATH=f".::{ENV['PATH']}").untracked == 1
    assert marker.runs == ""


@pytest.mark.parametrize("folder", ["{}/bin", "{}/../work/bin", "/proc/self/cwd/bin"])
def test_a_git_in_a_folder_of_the_checkout_is_not_run(
    work: Path, marker: Marker, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """A job has / as its folder, where bin/git is a good one; the git that it starts has the checkout."""
    (work / "bin").mkdir()
    shutil.copy(marker.program, work / "bin" / "git")
    monkeypatch.chdir("/")
    assert status(work, PATH=f"{folder.format(work)}:{ENV['PATH']}").untracked == 1
    assert marker.runs == ""


def test_a_home_that_is_a_checkout_may_have_a_git(work: Path, marker: Marker, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(marker.program, work / "git")
    monkeypatch.setattr("cache.model.trust.system_home", lambda: str(work))
    with contextlib.suppress(GitRefused):  # it does not answer as a git
        status(work, PATH=str(work))
    assert marker.runs != ""


def test_a_git_that_hangs_is_ended(work: Path) -> None:
    """A FIFO in place of a file that git reads: it waits for a writer, and nothing of it stays."""
    os.mkfifo(work / ".git" / "info" / "fifo")
    (work / ".git" / "info" / "exclude").unlink(missing_ok=True)
    os.mkfifo(work / ".git" / "info" / "exclude")
    began = time.monotonic()
    with pytest.raises(Overdue):
        read_status(repository_at(work), ASKED_WITH, untracked=True, seconds=0.5)
    assert time.monotonic() - began < 30


def test_very_many_files_are_reported_as_more_than_counted(work: Path) -> None:
    for number in range(300):
        (work / f"{number:0100}").write_text("")
    found = read_status(repository_at(work), ASKED_WITH, untracked=True, seconds=60, at_most=4096)
    assert found.cut
    assert found.untracked is not None
    assert 20 < found.untracked < 300


def test_unknown_lines_are_skipped() -> None:
    rows = [b"# new thing", b"# branch.ab +x -1", b"# stash many", b"9 odd", b"", b"?", b"1", b"! ignored"]
    assert parse_status(b"\0".join(rows)) == Status(untracked=0)
    assert parse_status(b"\xff\xfe\0" * 5) == Status(untracked=0)


# --- what a repository could choose ----------------------------------------------------------------------------------


@pytest.fixture
def marker(tmp_path: Path) -> Marker:
    return Marker(tmp_path / "elsewhere")


SETTINGS = (
    "core.fsmonitor",
    "core.pager",
    "pager.status",
    "core.sshCommand",
    "core.askPass",
    "core.editor",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.evil.command",
    "diff.evil.textconv",
    "merge.evil.driver",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "filter.e v.i=l.clean",
    "gpg.program",
    "uploadpack.packObjectsHook",
    "sequence.editor",
)


def hostile(folder: Path, marker: Marker) -> Path:
    """Turn a checkout into one whose every program is the marker, and whose files are all to be looked at again."""
    (folder / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    for name in SETTINGS:
        if "=" not in name:
            git(folder, "config", name, str(marker.program))
    for name in ("status", "config"):
        git(folder, "config", f"alias.{name}", f"!{marker.program}")
    git(folder, "config", "filter.evil.required", "true")
    git(folder, "config", "core.hooksPath", "hooks")
    (folder / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "query-watchman"):
        shutil.copy(marker.program, folder / "hooks" / hook)
    for each in folder.iterdir():
        if each.is_file():
            os.utime(each, (1, 1))
    return folder


def test_no_program_of_the_repository_is_run(work: Path, marker: Marker) -> None:
    hostile(work, marker)
    assert status(work).modified == 0
    assert marker.runs == ""
    git(work, "status", check=False)
    assert marker.runs != "", "an ordinary git does run them: the test can fail"


def test_no_program_of_a_submodule_or_a_worktree_is_run(tmp_path: Path, work: Path, marker: Marker) -> None:
    other = checkout(tmp_path / "other", one="1\n")
    git(work, "submodule", "--quiet", "add", str(other), "sub")
    commit(work, "with a submodule")
    git(work, "worktree", "add", "-q", str(tmp_path / "side"))
    hostile(work / "sub", marker)
    assert status(work).modified == 1, "there are new files in it"
    assert marker.runs == ""
    git(work, "status", check=False)
    assert marker.runs != "", "an ordinary git does ask the submodule: the test can fail"
    marker.forget()
    hostile(tmp_path / "side", marker)
    assert status(tmp_path / "side").modified == 0
    assert marker.runs == ""


def test_settings_of_a_worktree_or_an_included_file_are_overridden_too(
    tmp_path: Path, work: Path, marker: Marker
) -> None:
    (work / ".gitattributes").write_text("* filter=evil\n")
    (tmp_path / "more").write_text(
        f'[filter "evil"]\n\tclean = {marker.program}\n[core]\n\tfsmonitor = {marker.program}\n'
    )
    for name, value in (
        ("extensions.worktreeConfig", "true"),
        ("includeIf.onbranch:main.path", str(tmp_path / "more")),
    ):
        git(work, "config", name, value)
    git(work, "config", "--worktree", "filter.Other.clean", str(marker.program))
    os.utime(work / "one", (1, 1))
    assert status(work).modified == 0
    assert marker.runs == ""
    git(work, "status", check=False)
    assert marker.runs != ""


def test_git_status_is_not_run_with_a_filter_that_cannot_be_turned_off(work: Path, marker: Marker) -> None:
    git(work, "config", "filter.a=b.clean", str(marker.program))
    (work / ".git" / "info" / "attributes").write_text("* filter=a=b\n")
    os.utime(work / "one", (1, 1))
    with pytest.raises(GitRefused, match="filters"):
        status(work)
    assert marker.runs == ""


@pytest.mark.parametrize("url", ["/some/repository", "ssh://host/path", "ext::{} ext", "foo::bar", "https://h.invalid"])
def test_a_missing_object_is_not_fetched(work: Path, marker: Marker, url: str) -> None:
    """A partial clone's status would start what the repository calls its transport."""
    tree = git(work, "rev-parse", "HEAD^{tree}")
    (work / "one").write_text("more\n")
    git(work, "add", "one")
    (work / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": url.format(marker.program),
        "remote.origin.uploadpack": str(marker.program),
        "core.sshCommand": str(marker.program),
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "http.proxy": "http://127.0.0.1:9",
    }
    for name, value in settings.items():
        git(work, "config", name, value)
    with pytest.raises(GitRefused):
        status(work)
    assert marker.runs == ""
    if url.startswith(("/", "ssh", "ext")):
        git(work, "status", check=False)
        assert marker.runs != "", "an ordinary git does fetch: the test can fail"


def test_a_bare_repository_among_the_files_is_not_taken_for_one(tmp_path: Path, work: Path, marker: Marker) -> None:
    """The classic attack: a folder that looks like a repository, with its own configuration."""
    git(work, "init", "-q", "--bare", "docs")
    git(work / "docs", "config", "core.fsmonitor", str(marker.program))
    git(work / "docs", "config", "core.bare", "false")
    git(work / "docs", "config", "core.worktree", str(work))
    with pytest.raises(GitRefused):
        status(work / "docs")
    assert marker.runs == ""


def test_another_persons_repository_is_not_asked(tmp_path: Path, work: Path) -> None:
    """`safe.directory` is git's own guard, and it is not switched off. Git's tests give a checkout away like this."""
    wrapped = tmp_path / "bin" / "git"
    wrapped.parent.mkdir()
    real = shutil.which("git", path=ENV["PATH"])
    wrapped.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec "{real}" "$@"\n')
    wrapped.chmod(0o755)
    with pytest.raises(GitRefused):
        status(work, PATH=str(wrapped.parent))


# --- filters ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shouting(work: Path) -> Path:
    """Return a checkout whose files are stored in small letters, and in the folder have capital ones."""
    git(work, "config", "filter.shout.clean", "tr A-Z a-z")
    git(work, "config", "filter.shout.smudge", "tr a-z A-Z")
    git(work, "config", "filter.shout.required", "true")
    (work / ".gitattributes").write_text("*.txt filter=shout\n")
    commit(work, "shouted", **{f"{name}.txt": f"TEXT {name.upper()}\n" for name in "abc"})
    assert git(work, "show", "HEAD:a.txt") == "text a"
    return work


def test_a_filtered_file_with_new_times_is_not_taken_for_a_change(shouting: Path) -> None:
    os.utime(shouting / "a.txt", (1, 1))
    assert status(shouting).modified == 0, "its filter could tell, and is not run: so nothing is said"


def test_a_filtered_file_of_another_size_is_a_change(shouting: Path) -> None:
    (shouting / "a.txt").write_text("ANOTHER TEXT\n")
    os.utime(shouting / "b.txt", (1, 1))
    (shouting / "one").write_text("9\n")
    (shouting / "c.txt").unlink()
    assert status(shouting).modified == 3


def test_a_filter_without_configuration_changes_nothing(work: Path) -> None:
    (work / ".gitattributes").write_text("* filter=unknown\n")
    commit(work, "attributes")
    git(work, "config", "filter.other.clean", "false")
    (work / "one").write_text("9\n")
    assert status(work).modified == 1
