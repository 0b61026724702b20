"""Where git keeps the branches of a checkout: the files that change with a commit, a push or a fetch.

A ref that is only in `packed-refs` has no file; the first change of it makes one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cache.model.files import read_file
from cache.model.git_head import HEAD_AT_MOST, is_reftable
from cache.work.failures import GitRefused, Overdue

if TYPE_CHECKING:
    from cache.model.git_head import Repository
    from cache.sources.git.command import Git

TABLES = "reftable/tables.list"  # git replaces it whenever a ref changes


def common_dir(git_dir: str) -> str:
    """Return the folder of the refs that all worktrees share; a linked worktree names it in a file."""
    link = os.fsdecode(read_file(f"{git_dir}/commondir", HEAD_AT_MOST) or b"").rstrip("\r\n")
    if not link or "\0" in link or link.replace("\\", "/").startswith("//"):  # on Windows another machine's
        return git_dir
    return os.path.join(git_dir, link)


def table_files(repository: Repository) -> list[str]:
    """Return the files that change with any ref of a repository in the reftable format: its own, and the shared one."""
    return [f"{folder}/{TABLES}" for folder in dict.fromkeys((repository.git_dir, common_dir(repository.git_dir)))]


def branch_file(repository: Repository) -> str | None:
    """Return the file of the branch; None where HEAD is a commit or a link to that file, or leads elsewhere.

    Unlike HEAD's reflog, it changes also where reflogs are off.
    """
    ref, common = repository.head.removeprefix("ref:").strip(), common_dir(repository.git_dir)
    return _safe(f"{common}/{ref}", common) if ref.startswith("refs/") else None


def stash_file(repository: Repository) -> str | None:
    """Return the file that changes when a stash is added or dropped; None where a table does."""
    return None if is_reftable(repository) else f"{common_dir(repository.git_dir)}/logs/refs/stash"


def upstream_file(git: Git, repository: Repository, upstream: str) -> str | None:
    """Return the file of the upstream that `git status` has named; None where a table holds it, or if unknown.

    That name is as short as possible. Git is asked for the whole one only where no file has it.
    """
    if is_reftable(repository):
        return None
    common = common_dir(repository.git_dir)
    for folder in ("", "heads/", "remotes/"):  # the order in which git completes a name
        if os.path.isfile(file := f"{common}/refs/{folder}{upstream}"):
            return _safe(file, common)
    try:
        words = ("for-each-ref", "--count=1", "--format=%(upstream)", repository.head.removeprefix("ref:").strip())
        ref = os.fsdecode(git.output_of(*words)[0]).removesuffix("\n")
    except (GitRefused, Overdue):
        ref = ""
    return _safe(f"{common}/{ref or f'refs/remotes/{upstream}'}", common)  # there is no branch before the first commit


def _safe(file: str, common: str) -> str | None:
    """Return a file if its ref cannot lead elsewhere."""
    return None if ".." in file.removeprefix(common) else file
