"""Removes old entries of checkouts, sessions and commands, so that our folders stay bounded."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from cache.refresh.storage import is_ours

if TYPE_CHECKING:
    from pathlib import Path

ENTRIES_AT_MOST = 200
KEPT_S = 30 * 86400
AT_REST_S = 3600  # an entry written within this time may be in use

_OUR_FILE = re.compile(r"([A-Za-z0-9%-]{1,220})\.(?:json|state|start|lock|(?:json|state|start)\.tmp)")


def sweep(folder: Path, now: float) -> None:
    """Remove the entries written longest ago, each with all its files; ``now`` is epoch seconds.

    Only in a folder that we made, and only files with names like ours. Entries in use stay.
    """
    if not is_ours(folder):
        return
    entries = _entries(folder)
    by_age = sorted(entries, key=lambda name: entries[name][0], reverse=True)
    for rank, name in enumerate(by_age):
        touched_at, files = entries[name]
        idle_s = now - touched_at
        if idle_s > KEPT_S or (rank >= ENTRIES_AT_MOST and idle_s > AT_REST_S):
            for file in files:
                with contextlib.suppress(OSError):
                    os.unlink(file)


def _entries(folder: Path) -> dict[str, tuple[float, list[str]]]:
    """Return by name when each entry was last written, and its files."""
    found: dict[str, tuple[float, list[str]]] = {}
    try:
        with os.scandir(folder) as each:
            for file in each:
                named = _OUR_FILE.fullmatch(file.name)
                if named is not None and file.is_file(follow_symlinks=False):
                    touched_at, files = found.get(named[1], (0.0, []))
                    found[named[1]] = max(touched_at, file.stat(follow_symlinks=False).st_mtime), [*files, file.path]
    except OSError:  # another process is sweeping
        return {}
    return found
