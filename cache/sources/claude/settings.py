"""Where Claude Code's settings files are, and which of them set an ``apiKeyHelper``, which decides who pays."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cache.model.files import read_file
from cache.model.jsonio import mapping, number, parse_json
from cache.sources.claude.paths import config_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AT_MOST = 1 << 20  # bytes of one file
FILES_AT_MOST = 64  # in the folder of an administrator's further settings
HELPER = "apiKeyHelper"
CLEANUP_DAYS = 30  # unless the settings say otherwise

Scope = Literal["managed", "user", "project", ""]


def managed_folder(platform: str = sys.platform) -> Path:
    """Return where an administrator's settings are. Source: Claude Code's documentation of settings."""
    return Path("/Library/Application Support/ClaudeCode" if platform == "darwin" else "/etc/claude-code")


def user_settings_file(env: Mapping[str, str]) -> Path:
    """Return the user's own settings file."""
    return config_directory(env) / "settings.json"


def cleanup_days(env: Mapping[str, str]) -> float:
    """Return for how many days Claude Code keeps a transcript, ``cleanupPeriodDays`` of the user's settings."""
    days = number(_settings_in(user_settings_file(env)).get("cleanupPeriodDays"))
    return CLEANUP_DAYS if days is None or days < 0 else days


def api_key_helper(env: Mapping[str, str], project_dir: str | None = None, managed: Path | None = None) -> Scope:
    """Return whose settings name a program that hands out API keys: ``managed``, ``user`` or ``project``, else empty.

    With such a program Claude Code bills by API key even where there is a login, so the plan's numbers are not the
    session's. Managed and user settings apply to all sessions, a project's (``project_dir``) to those in it. The
    program is never run, and nothing of the files is kept.
    """
    if any(map(_names_helper, managed_files(managed or managed_folder()))):
        return "managed"
    if _names_helper(user_settings_file(env)):
        return "user"
    names = ("settings.local.json", "settings.json") if project_dir else ()
    files = [Path(project_dir or "", ".claude", name) for name in names]
    return "project" if any(map(_names_helper, files)) else ""


def managed_files(folder: Path) -> Iterator[Path]:
    """Yield an administrator's settings files, the one that wins last; those in the folder need not exist."""
    yield folder / "managed-settings.json"
    further = folder / "managed-settings.d"
    try:
        names = sorted(os.listdir(further))[:FILES_AT_MOST]
    except OSError:
        return
    for name in names:
        if name.endswith(".json") and not name.startswith("."):
            yield further / name


def _names_helper(path: Path) -> bool:
    """Return whether a settings file names such a program."""
    helper = _settings_in(path).get(HELPER)
    return isinstance(helper, str) and bool(helper.strip())


def _settings_in(path: Path) -> dict[str, object]:
    """Return what a settings file says; nothing where it cannot be read."""
    data = read_file(str(path), AT_MOST)
    try:
        return mapping(parse_json((data or b"").decode()))
    except ValueError:
        return {}
