"""Repositories that mean no good, or are not well: the line is right or silent, and nothing of theirs is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cache.model.entry import Entry
from tests.support.git_checkouts import Marker, checkout, commit, git
from tests.support.kept_readings import keep_usage
from tests.support.package_layout import copy_layout
from tests.support.processes import running
from tests.support.tick_world import World, payload, until
from tests.support.unprivileged import DROP

ROW = ["text", "branch", "git_operation", "git_changes", "git_sync", "stash", "worktree"]


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    """Return a machine on which only the job for git is due: no other looks at a checkout."""
    world = World(tmp_path, door, extra={"STATUSLINE_OAUTH": "off"})
    configure(world)
    at = int(time.time())
    entry = Entry({}, at, at + 3600)
    entry.parts["money"] = Entry({}, at, at + 3600).as_json()
    keep_usage(world.cache, [], entry)
    return world


def configure(world: World) -> None:
    folder = world.home / ".config" / "hudline"
    folder.mkdir(parents=True)
    row = [{"segment": "text", "text": "here"}, *ROW[1:]]
    (folder / "config.json").write_text(json.dumps({"rows": [row], "glyphs": "ascii"}))


@pytest.fixture
def marker(world: World) -> Marker:
    return Marker(world.home / "elsewhere")


@pytest.fixture
def work(world: World) -> Path:
    return checkout(world.home / "work", one="1\n")


def rows(world: World, folder: Path) -> tuple[str, str]:
    """Return the line before and after the refresher has looked at the folder."""
    given = payload("apikey-01-startup")
    given["cwd"] = given["workspace"]["current_dir"] = str(folder)
    before = world.line(given)
    until(lambda: not running(world.cache, "__main__.py"))
    after = world.line(given)
    for row in (before, after):
        assert row.isprintable()
        assert row.startswith("here")
    return before, after


def problem(world: World) -> object:
    (kept,) = (world.cache / "git").glob("*.json")
    return json.loads(kept.read_text())["problem"]


def fsmonitor_and_pager(work: Path, marker: Marker) -> None:
    for name in ("core.fsmonitor", "core.pager", "pager.status", "core.sshCommand", "diff.external", "core.askPass"):
        git(work, "config", name, str(marker.program))


def hooks(work: Path, marker: Marker) -> None:
    for name in ("post-index-change", "post-checkout", "reference-transaction"):
        hook = work / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\nexec "{marker.program}" hook\n')
        hook.chmod(0o755)


def filters(work: Path, marker: Marker) -> None:
    (work / ".git" / "info").mkdir(exist_ok=True)
    (work / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    for name in ("filter.evil.clean", "filter.evil.process", "filter.evil.smudge", "diff.evil.textconv"):
        git(work, "config", name, str(marker.program))
    os.utime(work / "one", (1, 1))


def aliases(work: Path, marker: Marker) -> None:
    for name in ("status", "config", "check-attr", "ls-files"):
        git(work, "config", f"alias.{name}", f"!{marker.program}")


def submodule(work: Path, marker: Marker) -> None:
    other = checkout(work.parent / "other", one="1\n")
    git(work, "submodule", "--quiet", "add", str(other), "sub")
    commit(work, "with a submodule")
    for turn_bad in (fsmonitor_and_pager, filters_of_submodule):
        turn_bad(work / "sub", marker)
    git(work, "config", "status.submoduleSummary", "true")


def filters_of_submodule(sub: Path, marker: Marker) -> None:
    (sub / ".gitattributes").write_text("* filter=evil\n")
    git(sub, "config", "filter.evil.clean", str(marker.program))
    os.utime(sub / "one", (1, 1))


def promisor(work: Path, marker: Marker) -> None:
    tree = git(work, "rev-parse", "HEAD^{tree}")
    (work / "two").write_text("2\n")
    git(work, "add", "two")
    (work / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    for name, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(work.parent)),
        ("remote.origin.uploadpack", str(marker.program)),
    ):
        git(work, "config", name, value)


BAD: dict[str, Callable[[Path, Marker], None]] = {
    "fsmonitor and pager": fsmonitor_and_pager,
    "hooks": hooks,
    "filters": filters,
    "aliases": aliases,
    "a submodule": submodule,
    "a missing object": promisor,
}


@pytest.mark.parametrize("name", list(BAD))
def test_nothing_that_a_repository_has_chosen_is_run(world: World, work: Path, marker: Marker, name: str) -> None:
    BAD[name](work, marker)
    marker.forget()
    before, _ = rows(world, work)
    assert "main" in before
    assert marker.runs == ""
    if name not in {"aliases", "hooks"}:  # these an ordinary `git status` would not run either
        git(work, "-c", "core.pager=cat", "status", check=False)
        assert marker.runs != "", "an ordinary git runs it: the test can fail"


def test_nothing_is_run_in_a_worktree_of_a_bad_repository(world: World, work: Path, marker: Marker) -> None:
    git(work, "worktree", "add", "-q", "../side")
    fsmonitor_and_pager(work, marker)
    filters(work, marker)
    os.utime(world.home / "side" / "one", (1, 1))
    marker.forget()
    before, after = rows(world, world.home / "side")
    assert "side" in before
    assert "side" in after
    assert marker.runs == ""


HOSTILE_BRANCHES = (
    "\x1b[31mred\x1b]0;title\x07",
    "\x1b]8;;https://evil.invalid\x1b\\click\x1b]8;;\x1b\\",
    "\u202egnp.exe\u2066",
    "a\u200bb\u2028c\u0085d",
    "line\rreturn\x0b\x0c\x08\x7f",
    "\x9b31m\x90q\x9c",
    "x" * 3000,
    "\u0301" * 200,
)


@pytest.mark.parametrize("branch", HOSTILE_BRANCHES, ids=range(len(HOSTILE_BRANCHES)))
def test_a_branch_cannot_say_more_than_its_name(world: World, work: Path, branch: str) -> None:
    (work / ".git" / "HEAD").write_text(f"ref: refs/heads/{branch}\n", newline="")
    for row in rows(world, work):
        assert len(row) <= 196


@pytest.mark.parametrize(
    "name", ["\x1b[31m", "\u202e", "new\nline", "tab\t", "'; touch ran; '", "$(touch ran)", "-x", "größe"]
)
def test_a_folder_of_any_name_is_only_a_folder(world: World, name: str) -> None:
    work = checkout(world.home / name / "w", one="1\n")
    (work / "one").write_text("2\n")
    _, after = rows(world, work)
    assert "main" in after
    assert "~1" in after
    assert not [*world.home.rglob("ran")]


@pytest.mark.parametrize(
    "head", [b"", b"nonsense\n", b"ref: ", b"\0" * 40, b"ref: refs/heads/" + b"\xff" * 20, b"x" * 5000]
)
def test_a_broken_head_is_silent(world: World, work: Path, head: bytes) -> None:
    inner = checkout(work / "inner", one="1\n")
    (inner / ".git" / "HEAD").write_bytes(head)
    for row in rows(world, inner):
        assert "main" not in row
        assert "~" not in row


def test_a_head_that_is_a_fifo_is_silent_and_not_waited_for(world: World, work: Path) -> None:
    (work / ".git" / "HEAD").unlink()
    os.mkfifo(work / ".git" / "HEAD")
    assert rows(world, work) == ("here", "here")
    assert not (world.cache / "git").exists(), "git would hang there; it is not even asked"


def test_fifos_in_place_of_what_git_reads_cost_the_numbers_only(world: World, work: Path) -> None:
    exclude = work / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.unlink(missing_ok=True)
    os.mkfifo(exclude)
    _, after = rows(world, work)
    assert "main" in after
    assert problem(world) == "overdue"
    assert not running(work, "git")


@pytest.fixture
def reftable(work: Path) -> Path:
    """Return a repository as git 2.45 and later make it; an older git refuses to look at it."""
    git_dir = work / ".git"
    git(work, "config", "core.repositoryFormatVersion", "1")
    git(work, "config", "extensions.refStorage", "reftable")
    (git_dir / "HEAD").write_text("ref: refs/heads/.invalid\n")
    (git_dir / "refs" / "heads" / "main").unlink()
    (git_dir / "refs" / "heads").rmdir()
    (git_dir / "refs" / "heads").write_text("this repository uses the reftable format\n")
    (git_dir / "reftable").mkdir()
    (git_dir / "reftable" / "tables.list").write_text("")
    return work


def test_a_reftable_repository_is_silent(world: World, reftable: Path) -> None:
    for row in rows(world, reftable):
        assert "invalid" not in row
        assert "main" not in row


@pytest.mark.parametrize("row", [["branch"], ["branch", "git_operation", "git_changes"]], ids=["alone", "with more"])
@pytest.mark.parametrize("head", ["feature/tables", "(detached)"])
def test_a_reftable_repository_shows_the_branch_that_git_reports(
    world: World, reftable: Path, row: list[str], head: str
) -> None:
    """The git of most machines is too old, so a program answers as a newer one does."""
    program = world.home / "bin" / "git"
    program.parent.mkdir()
    told = f"# branch.oid 1234567{'0' * 33}\\0# branch.head {head}\\0"
    paths = f"*--absolute-git-dir) echo '{reftable}/.git' ;; *--show-toplevel) echo '{reftable}' ;;"
    program.write_text(f"#!/bin/sh\ncase \"$*\" in {paths} *' status '*) printf '{told}' ;; esac\n")
    program.chmod(0o755)
    world.extra["PATH"] = f"{program.parent}:{world.env['PATH']}"
    text = {"segment": "text", "text": "here"}
    (world.home / ".config" / "hudline" / "config.json").write_text(json.dumps({"rows": [[text, *row]]}))
    before, after = rows(world, reftable)
    assert before == "here"
    assert after.endswith("1234567" if head == "(detached)" else head)


def test_fifty_folders_down_all_is_right(world: World, work: Path) -> None:
    (work / "one").write_text("2\n")
    deep = work.joinpath(*[f"d{number}" for number in range(50)])
    deep.mkdir(parents=True)
    (deep / "new").write_text("x")
    before, after = rows(world, deep)
    assert "main" in before
    assert "~1 ?1" in after


UNPRIVILEGED = (
    """
import _json, os, select, sys, time  # before the rights are dropped: the interpreter may lie where only root looks
"""
    + DROP
    + """
sys.path.insert(0, sys.argv[1])
from statusline.hot import main
main(sys.argv[2:])
"""
)


def unprivileged_row(world: World, folder: Path) -> str:
    given = payload("apikey-01-startup")
    given["cwd"] = given["workspace"]["current_dir"] = str(folder)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", UNPRIVILEGED, str(world.door.parents[1]), *world.command[4:]],
        input=json.dumps(given).encode(),
        capture_output=True,
        env=world.env | {"STATUSLINE_START": "off"},
        check=True,
    )
    assert done.stderr == b""
    return done.stdout.decode().rstrip("\n")


def test_a_parent_that_may_not_be_read_is_silent(open_directory: Path, doors: dict[str, Path]) -> None:
    world = World(open_directory, copy_layout(doors["merged"], open_directory / "package"))
    configure(world)
    work = checkout(open_directory / "work")
    inner = checkout(work / "closed" / "inner")
    git(inner, "checkout", "-q", "-b", "within")
    assert "within" in unprivileged_row(world, inner)
    (work / "closed").chmod(0o000)
    try:
        assert unprivileged_row(world, inner) == "here", "neither its branch nor the outer one's"
    finally:
        (work / "closed").chmod(0o755)
    (inner / ".git").chmod(0o000)
    try:
        assert unprivileged_row(world, inner) == "here"
    finally:
        (inner / ".git").chmod(0o755)


def test_a_repository_that_changes_while_it_is_looked_at_harms_nobody(world: World, work: Path) -> None:
    """HEAD, `.git` and the whole checkout come and go under the ticks."""
    change = (
        f"cd '{world.home}' && while :; do mv work away; sleep 0.01; mv away work; "
        "printf 'ref: refs/heads/other' >work/.git/HEAD; printf 'x' >work/.git/HEAD; "
        "printf 'ref: refs/heads/main\\n' >work/.git/HEAD; done"
    )
    with subprocess.Popen(["/bin/sh", "-c", change], start_new_session=True) as changing:
        try:
            until_at = time.monotonic() + 2
            while time.monotonic() < until_at:
                given = payload("apikey-01-startup")
                given["cwd"] = given["workspace"]["current_dir"] = str(work)
                assert world.line(given).startswith("here")
        finally:
            os.killpg(changing.pid, 9)
    until(lambda: not running(world.cache, "__main__.py"))
