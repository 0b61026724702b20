"""Checks the configuration file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.files import AT_MOST, read_file
from statusline.commands.config_check.config_check import BROKEN, TOO_LONG, find_problems
from statusline.commands.config_check.empty_rows import CAN_BE_EMPTY, IF_NOT_MEANT, find_warnings
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning

if TYPE_CHECKING:
    from pathlib import Path

    from statusline.commands.doctor_checks.context import Context

UNTIL_THEN = "Until then the line uses its defaults and makes no usage request."


def configuration(context: Context) -> Finding:
    """Check that the configuration can be read and has no problems."""
    name, path = "configuration", context.config_path
    if path.exists() and not path.is_file():
        return failed(name, f"{path} is not a regular file", f"Move it away. {UNTIL_THEN}")
    if not path.exists():
        return skipped(name, f"{path} does not exist: defaults apply")
    data = read_file(str(path))
    if data is None:
        why = TOO_LONG if path.stat().st_size > AT_MOST else "it cannot be read"
        return failed(name, f"{path}: {why}", f"Fix it. {UNTIL_THEN}")
    try:
        text = data.decode()
    except ValueError as error:
        return failed(name, f"{path} cannot be read: {error}", f"Fix it. {UNTIL_THEN}")
    if context.is_config_of_project:
        text = f"{path}, which STATUSLINE_CONFIG names, is in this project: its commands and watches are not run"
        return warning(name, text, "Unset it, or look who has set it: a project's settings can.")
    found = find_problems(text)
    if not found:
        return _without_problems(path, text)
    first = f"{path}:{found[0]}" + (f", and {len(found) - 1} more" if len(found) > 1 else "")
    if "oauth" in context.config.given and context.config.given["oauth"] == "unclear":
        return failed(name, first.replace(f" {BROKEN}", ""), f"Fix it. {UNTIL_THEN}")
    return warning(name, first, "Run `statusline config check` for all problems. The other settings apply.")


def _without_problems(path: Path, text: str) -> Finding:
    warnings = find_warnings(text)
    if warnings:
        return warning("configuration", f"{path}:{warnings[0].line}: {warnings[0].key}: {CAN_BE_EMPTY}", IF_NOT_MEANT)
    return ok("configuration", str(path))
