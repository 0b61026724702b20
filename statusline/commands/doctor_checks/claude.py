"""Claude Code itself: whether it is new enough, and whether it trusts this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cache.model.entry import read_entry
from cache.model.files import read_file
from cache.model.layout import USAGE_FILE
from cache.sources.claude.state import AT_MOST, claude_json_file
from cache.sources.claude.version import find_version
from cache.sources.endpoint.decode import MALFORMED
from cache.work.failures import NoVersion
from statusline.commands.doctor_checks.result import Finding, ok, skipped, warning

if TYPE_CHECKING:
    from pathlib import Path

    from statusline.commands.doctor_checks.context import Context

# Source: Claude Code's changelog.
NEEDED = (
    ((2, 1, 80), "it does not tell the usage windows (rate_limits)"),
    ((2, 1, 97), "it does not draw the line by itself (refreshInterval)"),
    ((2, 1, 153), "it does not tell its width (COLUMNS)"),
)


def claude(context: Context) -> Finding:
    """Say which Claude Code is installed, and what one that is too old lacks."""
    try:
        version = find_version(None, context.env)
    except NoVersion as missing:
        said = f"{missing}; without a version the usage endpoint is not asked"
        if read_entry(str(context.place / USAGE_FILE)).problem == missing.name:
            return warning("claude", said, missing.next_step)
        return skipped("claude", said, missing.next_step)
    found = tuple(map(int, version.partition("-")[0].split(".")))
    lacks = [what for needed, what in NEEDED if found < needed]
    if lacks:
        return warning("claude", f"Claude Code {version} is too old: {'; '.join(lacks)}", "Run `claude update`.")
    return ok("claude", f"Claude Code {version}")


class _State(msgspec.Struct):
    """The only key that is looked at: the file holds secrets."""

    projects: dict[str, msgspec.Raw] = {}


class _Project(msgspec.Struct):
    hasTrustDialogAccepted: object = None  # noqa: N815 - Claude Code's spelling


def trust(context: Context) -> Finding:
    """Say whether Claude Code has been told to trust this folder: without that it silently runs no line."""
    name, answers = "trust", _answers(context)
    if context.cwd == context.home:
        return skipped(name, "the home folder is trusted anew in each session")
    for folder in _up_to_the_repository(context.cwd):
        if answers.get(str(folder)) is True:
            return ok(name, f"{folder} is trusted")
    if str(context.cwd) not in answers:
        return skipped(name, f"Claude Code has not been started in {context.cwd} yet")
    step = f"Start `claude` in {context.cwd} and accept its question whether to trust the folder."
    return warning(name, f"{context.cwd} is not marked as trusted, and then no status line is run", step, blank=True)


def _up_to_the_repository(folder: Path) -> list[Path]:
    """Return the folders whose trust counts: since 2.1.232 a repository does not inherit that of a folder above."""
    found = []
    for each in (folder, *folder.parents):
        found.append(each)
        if (each / ".git").exists():
            break
    return found


def _answers(context: Context) -> dict[str, bool]:
    """Return by folder what was answered to the question of trust."""
    data = read_file(str(claude_json_file(context.env)), AT_MOST)
    try:
        projects = msgspec.json.decode(data or b"{}", type=_State).projects
    except MALFORMED:
        return {}
    return {path: _lenient(raw).hasTrustDialogAccepted is True for path, raw in projects.items()}


def _lenient(raw: msgspec.Raw) -> _Project:
    try:
        return msgspec.json.decode(raw, type=_Project)
    except MALFORMED:
        return _Project()
