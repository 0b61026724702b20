"""What the environment of a session may not choose, because the settings of its project can set every variable.

Outside of a session nothing is ignored: then the environment is the user's own.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cache.model.trust import is_of_project

if TYPE_CHECKING:
    from collections.abc import Mapping


def session_of(env: Mapping[str, str]) -> tuple[str, str]:
    """Return the project and the working directory of the session in which this process runs, empty without one."""
    project = env.get("CLAUDE_PROJECT_DIR", "")
    if not project and not env.get("CLAUDECODE"):
        return "", ""
    try:
        return project, os.getcwd()
    except OSError:  # it was deleted
        return project, ""


def is_of_session(path: str, env: Mapping[str, str]) -> bool:
    """Return whether a path may be in the project of the session in which this process runs."""
    return is_of_project(path, *session_of(env))
