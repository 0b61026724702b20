"""Doing something as an ordinary user: root may read and write everywhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# To be put into a script behind its imports: the interpreter may lie where only root looks. What the standard library
# loads late in one version or another is loaded just before.
DROP = """
import os, locale, shutil, urllib.parse, select
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
assert os.geteuid() != 0
"""

# For `subprocess.run`: an ordinary user starts the command.
AS_NOBODY: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}


def folder_for_all(candidates: tuple[str, ...]) -> str:
    """Return the first folder that every user may enter, with all folders above it."""
    for candidate in map(Path, candidates):
        path = candidate.resolve()
        if all(each.is_dir() and each.stat().st_mode & 0o001 for each in (path, *path.parents)):
            return str(path)
    raise AssertionError(f"an ordinary user can enter none of {', '.join(candidates)}")
