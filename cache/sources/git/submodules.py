"""Finds the filters that the submodules of a checkout define: for each of them `git status` starts another git.

That git heeds our settings, but reads the submodule's own configuration, which can define more filters.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.files import is_there, read_file
from cache.sources.git.clean_filters import read_drivers
from cache.sources.git.command import is_same

if TYPE_CHECKING:
    from cache.sources.git.command import Git

SUBMODULES_AT_MOST = 50  # for more, three commands each take too long
LISTING_AT_MOST = 16 << 20  # bytes; 150,000 files of usual names
INDEX_AT_MOST = 64 << 20  # bytes; half a million files

_SUBMODULE_MODE = (0o160000).to_bytes(4, "big")  # as the index has it in every version
# Git looks at the kind of file in a mode only, not at its other bits.
_SUBMODULE_ROW = re.compile(rb"(?:^|\0)\d*[1357]6\d{4} [^\t\0]*\t([^\0]+)")


def drivers_in_submodules(git: Git, git_dir: str) -> list[str] | None:
    """Return the names of the filters that submodules define, None where git must not look into submodules.

    That is where there are too many of them, where one has its files elsewhere, or where the index seems to have none:
    it may have been made to seem so. Raises GitRefused, Overdue.
    """
    if not may_have_submodules(git_dir):
        return None
    drivers: set[str] = set()
    found, pending = 0, [""]
    while pending:
        outer = pending.pop()
        listing, cut = git.output_of("ls-files", "-z", "--stage", at_most=LISTING_AT_MOST, submodule=outer)
        paths = {os.path.join(outer, os.fsdecode(path)) for path in _SUBMODULE_ROW.findall(listing)}
        inner = [path for path in paths if is_there(os.path.join(git.root, path, ".git"))]
        found += len(inner)
        if cut or found > SUBMODULES_AT_MOST:
            return None
        for path in inner:
            if not is_same(git.path_of("--show-toplevel", path), os.path.join(git.root, path)):
                return None
            drivers |= set(read_drivers(git, path))
        pending += inner
    return sorted(drivers)


def may_have_submodules(git_dir: str) -> bool:
    """Return whether an index may list submodules; one that is split or too large is not searched."""
    if any(Path(git_dir).glob("sharedindex.*")):
        return True
    index = os.path.join(git_dir, "index")
    data = read_file(index, INDEX_AT_MOST)
    return is_there(index) if data is None else _SUBMODULE_MODE in data
