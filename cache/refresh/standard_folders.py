"""The user's cache and configuration folders, as platformdirs finds them, with the standard library alone.

Only for a program without its libraries: install.sh runs a checkout with any Python that it finds.
"""

from __future__ import annotations

import os
import pwd
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDERS = {  # per kind: the variable of XDG, the folder on Linux, the one on macOS
    "cache": ("XDG_CACHE_HOME", ".cache", "Library/Caches"),
    "config": ("XDG_CONFIG_HOME", ".config", "Library/Application Support"),
}


def known_folder(kind: str, app: str, env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """Return the user's folder of a kind (``cache`` or ``config``) for an application."""
    variable, on_linux, on_macos = FOLDERS[kind]
    chosen = env.get(variable, "")
    if os.path.isabs(chosen):
        return os.path.join(chosen, app)
    home = env.get("HOME", "")
    if not os.path.isabs(home):
        home = pwd.getpwuid(os.getuid()).pw_dir
    return os.path.join(home, on_macos if platform == "darwin" else on_linux, app)
