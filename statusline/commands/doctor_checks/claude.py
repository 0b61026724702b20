"""Checks Claude Code: version, and trust in this folder."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import msgspec

from cache.model.entry import read_entry
from cache.model.files import read_file
from cache.model.layout import USAGE_FILE
from cache.model.trust import project_folders
from cache.sources.claude.state import AT_MOST, claude_json_file
from cache.sources.claude.version import find_version
from cache.sources.endpoint.decode import MALFORMED
from cache.work.failures import NoVersion
from statusline.commands.doctor_checks.result import Finding, ok, skipped, warning

if TYPE_CHECKING:
    from pathlib import Path

    from statusline.commands.doctor_checks.context import Context

ANSWERS_WITHIN_S = 10.0  # `claude --version` is slow on some machines; the refresher gives it only 2

# Source: Claude Code's changelog.
NEEDED = (
    ((2, 1, 80), "no usage windows (rate_limits)"),
    ((2, 1, 97), "no updates while idle (refreshInterval)"),
    ((2, 1, 153), "no terminal width (COLUMNS)"),
)


def claude(context: Context) -> Finding:
    """Check the version of Claude Code: the one that a session reported last, else the installed one."""
    version = context.reported_version
    text, step = f"Claude Code {version}, as the last session reported it,", "Run `claude update`, then start `claude`."
    if version is None:
        try:
            project = project_folders(*context.session)
            version = find_version(None, context.env, seconds=ANSWERS_WITHIN_S, project=project)
        except NoVersion as missing:
            return _no_version(context, missing)
        text, step = f"Claude Code {version}", "Run `claude update`."
    found = tuple(map(int, version.partition("-")[0].split(".")))
    lacks = [what for needed, what in NEEDED if found < needed]
    if lacks:
        return warning("claude", f"{text} is too old: {', '.join(lacks)}", step)
    return ok("claude", text.rstrip(","))


def _no_version(context: Context, missing: NoVersion) -> Finding:
    text, step = f"{missing}; without a version no usage request is made", missing.next_step
    if missing.program is not None:
        step = f"Run `{shlex.quote(missing.program)} --version` in a terminal: it should print a version at once."
    if read_entry(str(context.place / USAGE_FILE)).problem == missing.name:
        return warning("claude", text, step)
    return skipped("claude", text, step)


class _State(msgspec.Struct):
    """The only key that is read: the file has secrets."""

    projects: dict[str, msgspec.Raw] = {}


class _Project(msgspec.Struct):
    hasTrustDialogAccepted: object = None  # noqa: N815 - Claude Code's spelling


def trust(context: Context) -> Finding:
    """Check that Claude Code trusts this folder: otherwise it silently runs no line."""
    name, answers = "trust", _answers(context)
    if context.cwd == context.home:
        return skipped(name, "the home folder is trusted per session")
    for folder in _up_to_the_repository(context.cwd):
        if answers.get(str(folder)) is True:
            return ok(name, f"{folder} is trusted")
    if str(context.cwd) not in answers:
        return skipped(name, f"Claude Code has not been started in {context.cwd} yet")
    step = f"Start `claude` in {context.cwd} and answer yes when it asks whether to trust the folder."
    return warning(name, f"{context.cwd} is not trusted, so Claude Code runs no status line", step, blank=True)


def _up_to_the_repository(folder: Path) -> list[Path]:
    """Return the folders whose trust counts: since 2.1.232 a repository does not inherit that of a folder above."""
    found = []
    for each in (folder, *folder.parents):
        found.append(each)
        if (each / ".git").exists():
            break
    return found


def _answers(context: Context) -> dict[str, bool]:
    """Return by folder whether it is trusted."""
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
