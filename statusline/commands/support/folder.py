"""The current folder, which may have been removed (for example with its worktree)."""

from __future__ import annotations

from pathlib import Path


def folder_or_home() -> Path:
    """Return the current folder, or the home folder if it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path.home()


def is_gone() -> bool:
    """Return whether the current folder was removed."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False
