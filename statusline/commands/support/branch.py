"""The branch of a checkout, under the name that the line has for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.git_head import branch_in, may_hide_branch
from statusline.gather import hidden_branch

if TYPE_CHECKING:
    from cache.model.git_head import Repository


def branch_of(repository: Repository | None) -> str:
    """Return the branch, also during a rebase or a bisection, or seven digits of a commit; empty where it is unknown.

    In the reftable format only git knows it.
    """
    if repository is None:
        return ""
    hidden = hidden_branch(repository) if may_hide_branch(repository) else ""
    return hidden or branch_in(repository) or ""
