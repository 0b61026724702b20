"""Real git checkouts for tests, made by the real git with nobody's configuration."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

from tests.support.programs import require

ENV = {
    "HOME": os.devnull,
    "PATH": "/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.invalid",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.invalid",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_EDITOR": "true",
    "LC_ALL": "C",
}


def git(folder: Path, *words: str, check: bool = True, **env: str) -> str:
    """Run git in a folder; return what it printed."""
    require("git")
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *words],
        cwd=folder,
        env=ENV | env,
        check=check,
        stdin=subprocess.DEVNULL,
        timeout=60,
        capture_output=True,
        text=True,
        errors="surrogateescape",
    )
    return done.stdout.strip()


def checkout(folder: Path, **files: str) -> Path:
    """Return a new repository on the branch ``main`` with one commit of these files (and always one: ``readme``)."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "first", readme="hello\n", **files)
    return folder


def commit(folder: Path, message: str, **files: str) -> str:
    """Write files and commit everything; return the commit's hash."""
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def branches_in_conflict(folder: Path) -> Path:
    """Return a repository on ``main`` whose branch ``topic`` (three commits) touches the same line."""
    checkout(folder)
    git(folder, "checkout", "-q", "-b", "topic")
    for number in range(3):
        commit(folder, f"topic {number}", readme=f"topic {number}\n")
    git(folder, "checkout", "-q", "main")
    commit(folder, "main", readme="main\n")
    return folder


def sessions_below(main: Path) -> dict[str, Path]:
    """Make a checkout of a folder; return folders of sessions that belong to it: subfolder, worktrees, submodule."""
    git(main, "init", "-q", "-b", "main")
    other = checkout(main.with_name("other"), one="1\n")
    git(main, "submodule", "add", "-q", str(other), "sub")
    commit(main, "first", readme="hello\n")
    git(main, "worktree", "add", "-q", "-b", "inside", ".claude/worktrees/inside")
    git(main, "worktree", "add", "-q", "-b", "beside", str(main.with_name("beside")))
    git(main / "sub", "worktree", "add", "-q", "-b", "below", str(main.with_name("below")))
    (main / "deep" / "er").mkdir(parents=True)
    return {
        "a subfolder": main / "deep" / "er",
        "a worktree in it": main / ".claude" / "worktrees" / "inside",
        "a worktree beside it": main.with_name("beside"),
        "a submodule": main / "sub",
        "a worktree of a submodule": main.with_name("below"),
    }


class Marker:
    """A program that leaves a word behind for each of its runs: `runs` is what must stay empty."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file, self.program = folder / "marker", folder / "mark.sh"
        self.program.write_text(f'#!/bin/sh\necho "$0 $*" >>"{self.file}"\n')
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)

    @property
    def runs(self) -> str:
        return self.file.read_text() if self.file.exists() else ""

    def forget(self) -> None:
        self.file.unlink(missing_ok=True)
