"""Checkouts of all kinds: what is shown is what `git status` says in that user's shell."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cache.jobs.git import collect
from cache.model.entry import NOTHING_YET
from cache.model.git_head import branch_in, repository_of
from cache.work.request import Request
from statusline.gather import hidden_branch
from tests.support.examples import QUICK
from tests.support.git_checkouts import ENV, Marker, checkout, commit, git

NOW = 1_800_000_000.0
COUNTS = ("staged", "modified", "twice", "untracked", "conflicts", "stash", "ahead", "behind", "upstream")


@dataclass
class User:
    """A checkout and the environment that its user has."""

    work: Path
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    env: dict[str, str] = field(default_factory=dict)

    @property
    def shell(self) -> dict[str, str]:
        return {"HOME": str(self.work.parent / "home")} | self.env

    def request(self) -> Request:
        place = {"GIT_DIR": "git-dir", "GIT_WORK_TREE": "work-tree"}
        options = {"entry": "x", "root": str(self.work), **{place[n]: v for n, v in self.env.items() if n in place}}
        return Request("git", self.work.parent / "cache", Path(), {"PATH": ENV["PATH"], **self.shell}, options)

    def shown(self) -> dict[str, object]:
        entry, failure = collect(self.request(), NOTHING_YET, NOW)
        assert failure is None, failure
        assert entry.value is not None
        return {name: entry.value[name] for name in COUNTS}

    def told(self) -> dict[str, object]:
        """Return what git itself says, in this user's shell."""
        text = git(self.work, "status", "--porcelain=v2", "--branch", "--show-stash", check=True, **self.shell)
        told: dict[str, object] = dict.fromkeys(("ahead", "behind", "upstream"))
        told |= dict.fromkeys(("staged", "modified", "twice", "untracked", "conflicts", "stash"), 0)
        for line in text.splitlines():
            words = line.split()
            if words[:2] == ["#", "branch.upstream"]:
                told["upstream"] = words[2]
            elif words[:2] == ["#", "branch.ab"]:
                told["ahead"], told["behind"] = (int(word) for word in (words[2], words[3][1:]))
            elif words[:2] == ["#", "stash"]:
                told["stash"] = int(words[2])
            elif words[0] in {"1", "2"}:
                told["staged"] = int(str(told["staged"])) + (words[1][0] != ".")
                told["modified"] = int(str(told["modified"])) + (words[1][1] != ".")
                told["twice"] = int(str(told["twice"])) + ("." not in words[1])
            elif words[0] in {"u", "?"}:
                name = {"u": "conflicts", "?": "untracked"}[words[0]]
                told[name] = int(str(told[name])) + 1
        return told

    def configure(self, key: str, value: str) -> None:
        """Set a value in one of the places from which git reads its configuration."""
        home = self.work.parent / "home"
        home.mkdir(exist_ok=True)
        place = self.dice.randrange(4)
        if place == 0:
            git(self.work, "config", key, value)
        elif place == 1:
            git(home, "config", "--file", str(home / ".gitconfig"), key, value)
        elif place == 2:
            self.env["GIT_CONFIG_GLOBAL"] = str(home / "chosen")
            git(home, "config", "--file", str(home / "chosen"), key, value)
        else:
            number = int(self.env.get("GIT_CONFIG_COUNT", "0"))
            self.env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
            self.env["GIT_CONFIG_COUNT"] = str(number + 1)


def seven_lines(name: str) -> str:
    return "".join(f"{name} {number}\n" for number in range(7))


def changes(user: User) -> None:
    """Stage, modify, remove, rename and add some files."""
    for name in user.dice.sample("abcdef", 3):
        path = user.work / name
        match user.dice.randrange(5):
            case 0:
                path.write_text(seven_lines(name) + "more\n")
            case 1:
                path.write_text("all new\n")
                git(user.work, "add", name)
            case 2:
                path.unlink()
            case 3:
                git(user.work, "mv", name, f"{name}-moved")
            case 4:
                git(user.work, "mv", name, f"{name}-changed")
                (user.work / f"{name}-changed").write_text(seven_lines(name) + "one line more\n")
                git(user.work, "add", f"{name}-changed")
    for folder in ("", "new", "new/deeper", "build"):
        (user.work / folder).mkdir(exist_ok=True)
        (user.work / folder / f"untracked {user.dice.random()}").write_text("x")


def submodules(user: User) -> None:
    """Add submodules in each state that `git status` knows."""
    other = checkout(user.work.parent / "other", one="1\n")
    for name in ("clean", "modified", "untracked", "ahead", "staged"):
        git(user.work, "submodule", "--quiet", "add", str(other), f"sub-{name}")
    commit(user.work, "submodules")
    (user.work / "sub-modified" / "one").write_text("2\n")
    (user.work / "sub-untracked" / "new").write_text("x")
    commit(user.work / "sub-ahead", "ahead", one="3\n")
    commit(user.work / "sub-staged", "staged", one="4\n")
    git(user.work, "add", "sub-staged")
    ignored = user.dice.choice(["clean", "modified", "untracked", "ahead", "staged"])
    how = user.dice.choice(["all", "dirty", "untracked", "none"])
    git(user.work, "config", f"submodule.sub-{ignored}.ignore", how)


def stash(user: User) -> None:
    (user.work / "a").write_text("stashed\n")
    git(user.work, "stash", "-q")


def conflict(user: User) -> None:
    """Stop in the middle of a merge or a rebase."""
    for branch, text in (("theirs", "their text\n"), ("main", "our text\n")):
        git(user.work, "checkout", "-q", *([] if branch == "main" else ["-b"]), branch)
        commit(user.work, branch, a=text)
    git(user.work, user.dice.choice(["merge", "rebase"]), "theirs", check=False)


def bisection(user: User) -> None:
    for number in range(3):
        commit(user.work, str(number), b=f"{number}\n")
    git(user.work, "bisect", "start", "HEAD", "HEAD~3")


def detached(user: User) -> None:
    git(user.work, "checkout", "-q", "--detach")


def unborn(user: User) -> None:
    git(user.work, "checkout", "-q", "--orphan", "unborn")


def sparse(user: User) -> None:
    (user.work / "kept").mkdir()
    commit(user.work, "folders", **{"kept/x": "x\n"})
    git(user.work, "sparse-checkout", "set", "kept")


def upstream(user: User) -> None:
    git(user.work, "clone", "-q", "--bare", ".", "../bare")
    git(user.work, "remote", "add", "origin", "../bare")
    git(user.work, "push", "-q", "-u", "origin", "main")
    for number in range(user.dice.randrange(3)):
        commit(user.work, f"ahead {number}", f=f"{number}\n")


def worktree(user: User) -> None:
    git(user.work, "worktree", "add", "-q", "-b", "side", "../side")
    user.work = user.work.parent / "side"


def bare_with_a_working_tree(user: User) -> None:
    """As people keep their dot-files."""
    shutil.move(user.work / ".git", user.work.parent / "store")
    user.env |= {"GIT_DIR": str(user.work.parent / "store"), "GIT_WORK_TREE": str(user.work)}


STATES: dict[str, Callable[[User], None]] = {
    each.__name__: each for each in (stash, conflict, bisection, detached, unborn, sparse, upstream, worktree)
}
VALUES = {
    "status.showUntrackedFiles": ["no", "normal", "all"],
    "diff.ignoreSubmodules": ["all", "dirty", "untracked", "none"],
    "status.renames": ["true", "false", "copies"],
    "diff.renames": ["true", "false", "copies"],
    "status.aheadBehind": ["true", "false"],
    "status.relativePaths": ["true", "false"],
    "core.quotePath": ["true", "false"],
}


@pytest.mark.parametrize("seed", range(8 if QUICK else 40))
def test_a_random_checkout_counts_as_git_status_does(tmp_path: Path, seed: int) -> None:
    user = User(tmp_path / "work", random.Random(seed))
    checkout(user.work, **{name: seven_lines(name) for name in "abcdef"})
    (user.work / ".gitignore").write_text("build/\n")
    commit(user.work, "ignored")
    if seed % 3 == 0:
        submodules(user)
    state = user.dice.choice([*STATES, "", ""])
    if state:
        STATES[state](user)
    for key in user.dice.sample(list(VALUES), 3):
        user.configure(key, user.dice.choice(VALUES[key]))
    if user.dice.randrange(3) == 0:
        (tmp_path / "excluded").write_text("new/\n")
        user.configure("core.excludesFile", str(tmp_path / "excluded"))
    if state != "conflict":
        changes(user)
    if state in {"", "stash"} and user.dice.randrange(2) and seed % 3:
        bare_with_a_working_tree(user)
    told = user.told()
    assert user.shown() == told
    assert told["modified"] or told["staged"] or told["untracked"] or told["conflicts"], "there is something to count"


@pytest.mark.parametrize("state", ["", *STATES])
def test_the_branch_is_that_of_the_checkout(tmp_path: Path, state: str) -> None:
    user = User(checkout(tmp_path / "work", **{name: seven_lines(name) for name in "abcdef"}))
    if state:
        STATES[state](user)
    expected = {
        "detached": git(user.work, "rev-parse", "HEAD", check=False)[:7],
        "unborn": "unborn",
        "worktree": "side",
    }
    found = repository_of(str(user.work))
    assert found is not None
    assert (hidden_branch(found) or branch_in(found)) == expected.get(state, "main")
    entry, _ = collect(user.request(), NOTHING_YET, NOW)
    assert entry.value is not None
    assert entry.value["branch"] == expected.get(state, "main"), "what git reports gives the same"


def test_a_partial_clone_without_the_contents_is_counted_all_the_same(tmp_path: Path) -> None:
    """To see whether a file was renamed and changed, git compares contents, and would fetch them."""
    other = checkout(tmp_path / "other")
    (other / "deep").mkdir()
    commit(other, "deep", **{"deep/a": seven_lines("a")})
    git(other, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--sparse", f"file://{other}", "work")
    user = User(tmp_path / "work")
    git(user.work, "rm", "-q", "--cached", "--sparse", "deep/a")
    (user.work / "changed").write_text(seven_lines("a") + "more\n")
    git(user.work, "add", "changed")
    assert user.shown()["staged"] == 2
    assert user.told()["staged"] == 1, "the shell's git fetches the content and sees a renamed file"


def test_a_file_that_only_a_submodules_filter_could_judge_runs_no_program(tmp_path: Path, marker: Marker) -> None:
    """Also in a submodule of a submodule, and where `.gitmodules` does not name it."""
    inner, middle = checkout(tmp_path / "inner", one="1\n"), checkout(tmp_path / "middle")
    git(middle, "submodule", "--quiet", "add", str(inner), "inner")
    commit(middle, "inner")
    user = User(checkout(tmp_path / "work"))
    git(user.work, "submodule", "--quiet", "add", str(middle), "middle")
    git(user.work, "submodule", "--quiet", "update", "--init", "--recursive")
    git(user.work, "clone", "-q", str(inner), "unnamed")
    git(user.work, "add", "unnamed")
    commit(user.work, "middle")
    for folder in (user.work / "middle" / "inner", user.work / "unnamed"):
        git_dir = Path(git(folder, "rev-parse", "--absolute-git-dir"))
        (git_dir / "info").mkdir(exist_ok=True)
        (git_dir / "info" / "attributes").write_text("* filter=evil\n")
        for key in ("filter.evil.clean", "core.fsmonitor"):
            git(folder, "config", key, str(marker.program))
        os.utime(folder / "one", (1, 1))
        (folder / "new").write_text("x")
    assert user.shown()["modified"] == 2
    assert marker.runs == ""
    user.told()
    assert marker.runs != "", "an ordinary git does run them: the test can fail"


def test_of_very_many_submodules_only_the_commits_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cache.sources.git.submodules.SUBMODULES_AT_MOST", 1)
    other = checkout(tmp_path / "other", one="1\n")
    user = User(checkout(tmp_path / "work"))
    for name in ("changed", "ahead"):
        git(user.work, "submodule", "--quiet", "add", str(other), name)
    commit(user.work, "submodules")
    (user.work / "changed" / "one").write_text("2\n")
    commit(user.work / "ahead", "ahead", one="3\n")
    assert user.shown()["modified"] == 1


# --- hostile values in the environment -------------------------------------------------------------------------------


@pytest.fixture
def marker(tmp_path: Path) -> Marker:
    return Marker(tmp_path / "elsewhere")


@pytest.mark.parametrize("how", ["global", "system", "included"])
def test_no_program_that_a_chosen_configuration_names_is_run(tmp_path: Path, marker: Marker, how: str) -> None:
    user = User(checkout(tmp_path / "work", one="1\n"))
    (user.work / ".gitattributes").write_text("* filter=evil diff=evil\n")
    os.utime(user.work / "one", (1, 1))
    chosen, traces = tmp_path / "chosen", tmp_path / "traces"
    for key in ("core.fsmonitor", "core.pager", "filter.evil.clean", "filter.evil.process", "diff.external"):
        git(tmp_path, "config", "--file", str(chosen), key, str(marker.program))
    for key in ("trace2.normalTarget", "trace2.eventTarget", "trace2.perfTarget"):
        git(tmp_path, "config", "--file", str(chosen), key, str(traces))
    if how == "included":
        git(tmp_path, "config", "--file", str(tmp_path / "outer"), "include.path", str(chosen))
        chosen = tmp_path / "outer"
    user.env = {{"system": "GIT_CONFIG_SYSTEM"}.get(how, "GIT_CONFIG_GLOBAL"): str(chosen)}
    assert user.shown()["untracked"] == 1
    assert (marker.runs, traces.exists()) == ("", False)
    git(user.work, "status", check=False, **user.shell, GIT_CONFIG_NOSYSTEM="0")
    assert (marker.runs != "", traces.exists()) == (True, True), "an ordinary git does both: the test can fail"


def test_settings_in_the_environment_reach_git_only_where_they_change_the_counts(
    tmp_path: Path, marker: Marker
) -> None:
    user = User(checkout(tmp_path / "work", one="1\n"))
    (user.work / "new").write_text("x")
    secret = "Authorization: Bearer CANARY-of-a-header"
    settings = {
        "http.extraHeader": secret,
        "core.fsmonitor": str(marker.program),
        "STATUS.showUntrackedFiles": "no",
        "filter.evil.clean": str(marker.program),
    }
    for number, (key, value) in enumerate(settings.items()):
        user.env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    user.env |= {"GIT_CONFIG_COUNT": str(len(settings)), "GIT_CONFIG_PARAMETERS": "'status.showuntrackedfiles'='all'"}
    wrapped = tmp_path / "bin" / "git"
    wrapped.parent.mkdir()
    wrapped.write_text(f'#!/bin/sh\nPATH="{ENV["PATH"]}"\n(env; echo "$*") >>"{tmp_path}/seen"\nexec git "$@"\n')
    wrapped.chmod(0o755)
    user.env["PATH"] = str(wrapped.parent)
    assert user.shown()["untracked"] == 0
    seen = (tmp_path / "seen").read_text()
    assert "STATUS.showUntrackedFiles" in seen
    assert "CANARY" not in seen
    assert marker.runs == ""


@pytest.mark.parametrize("count", ["", "x", "-1", "1", "99999999", "٣", "2"])
def test_an_odd_count_of_settings_is_harmless(tmp_path: Path, count: str) -> None:
    user = User(checkout(tmp_path / "work"))
    (user.work / "new").write_text("x")
    user.env = {"GIT_CONFIG_COUNT": count, "GIT_CONFIG_KEY_1": "status.showUntrackedFiles", "GIT_CONFIG_VALUE_1": "no"}
    assert user.shown()["untracked"] == (0 if count == "2" else 1)
