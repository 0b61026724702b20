"""Claude Code's settings files, as far as they tell who pays: whether an ``apiKeyHelper`` is set, and where."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cache.model.files import read_file
from cache.model.jsonio import mapping, parse_json
from cache.sources.claude.paths import config_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AT_MOST = 1 << 20  # bytes of one file
FILES_AT_MOST = 64  # in the folder of an administrator's further settings
HELPER = "apiKeyHelper"

Scope = Literal["managed", "user", "project", ""]


def managed_folder(platform: str = sys.platform) -> Path:
    """Return where an administrator's settings are. Source: Claude Code's documentation of settings."""
    return Path("/Library/Application Support/ClaudeCode" if platform == "darwin" else "/etc/claude-code")


def user_settings_file(env: Mapping[str, str]) -> Path:
    """Return the user's own settings file."""
    return config_directory(env) / "settings.json"


def api_key_helper(env: Mapping[str, str], project_dir: str | None = None, managed: Path | None = None) -> Scope:
    """Return whose settings name a program that hands out API keys: ``managed``, ``user`` or ``project``, else empty.

    With such a program Claude Code bills by API key, whatever login there is, so the plan's numbers are not the
    session's. Only managed and user settings concern all sessions; a project's (``project_dir``) concern those in it.
    The program is never run, and nothing of the files is kept.
    """
    if any(map(_names_helper, _managed_files(managed or managed_folder()))):
        return "managed"
    if _names_helper(str(user_settings_file(env))):
        return "user"
    folder = os.path.join(project_dir, ".claude") if project_dir else ""
    files = [os.path.join(folder, name) for name in ("settings.local.json", "settings.json")] if folder else []
    return "project" if any(map(_names_helper, files)) else ""


def _managed_files(folder: Path) -> Iterator[str]:
    yield str(folder / "managed-settings.json")
    further = folder / "managed-settings.d"
    try:
        names = sorted(os.listdir(further))[:FILES_AT_MOST]
    except OSError:
        return
    for name in names:
        if name.endswith(".json") and not name.startswith("."):
            yield str(further / name)


def _names_helper(path: str) -> bool:
    """Return whether a settings file names such a program; a file that cannot be read names none."""
    data = read_file(path, AT_MOST)
    try:
        helper = mapping(parse_json((data or b"").decode())).get(HELPER)
    except ValueError:
        return False
    return isinstance(helper, str) and bool(helper.strip())
