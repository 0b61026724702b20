"""Where git keeps the branches of a checkout: the files that change with a commit, a push or a fetch.

A ref that is only in `packed-refs` has no file; the first change of it makes one.
"""

from __future__ import annotations

import contextlib
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
    ref = _branch_ref(repository)
    return f"{common_dir(repository.git_dir)}/{ref}" if ref else None


def stash_file(repository: Repository) -> str | None:
    """Return the file that changes when a stash is added or dropped; None where a table does."""
    return None if is_reftable(repository) else f"{common_dir(repository.git_dir)}/logs/refs/stash"


def upstream_file(git: Git, repository: Repository, upstream: str) -> str | None:
    """Return the file of the upstream that `git status` has named; None where a table holds it, or if unknown.

    That name is as short as possible. Git is asked for the whole one only where no file has it.
    """
    if is_reftable(repository) or ".." in upstream:
        return None
    common, branch, ref = common_dir(repository.git_dir), _branch_ref(repository), ""
    for folder in ("", "heads/", "remotes/"):  # the order in which git completes a name
        if os.path.isfile(file := f"{common}/refs/{folder}{upstream}"):
            return file
    if branch:
        with contextlib.suppress(GitRefused, Overdue):
            output, _ = git.output_of("for-each-ref", "--count=1", "--format=%(upstream)", branch)
            ref = os.fsdecode(output).removesuffix("\n")  # empty before the first commit
    return f"{common}/{ref or f'refs/remotes/{upstream}'}" if ".." not in ref else None


def _branch_ref(repository: Repository) -> str:
    """Return the ref that HEAD names, empty where it names none or something else; no ref has two dots in a row."""
    ref = repository.head.removeprefix("ref:").strip()
    return ref if ref.startswith("refs/") and ".." not in ref and "\0" not in ref else ""
