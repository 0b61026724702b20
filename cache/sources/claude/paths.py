"""Where Claude Code keeps its files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def home_of(env: Mapping[str, str]) -> Path:
    """Return the home in a user's environment, else the one that the system knows."""
    return Path(env.get("HOME") or env.get("USERPROFILE") or os.path.expanduser("~"))


def config_directory(env: Mapping[str, str]) -> Path:
    """Return the directory of settings and transcripts: CLAUDE_CONFIG_DIR unless it is empty, else ``~/.claude``."""
    return Path(env.get("CLAUDE_CONFIG_DIR") or home_of(env) / ".claude")
