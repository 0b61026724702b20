"""The folder that a command runs in; it may be gone, as that of a removed worktree is."""

from __future__ import annotations

from pathlib import Path


def folder_or_home() -> Path:
    """Return the current folder, the person's home where that is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path.home()


def is_gone() -> bool:
    """Say whether the current folder has been removed."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False
