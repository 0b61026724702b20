"""Checks the configuration file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.commands.config_check.config_check import BROKEN, find_problems
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context

UNTIL_THEN = "Until then the line uses its defaults and makes no usage request."


def configuration(context: Context) -> Finding:
    """Check that the configuration can be read and has no problems."""
    name, path = "configuration", context.config_path
    if path.exists() and not path.is_file():
        return failed(name, f"{path} is not a regular file", f"Move it away. {UNTIL_THEN}")
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return skipped(name, f"{path} does not exist: defaults apply")
    except (OSError, ValueError) as error:
        return failed(name, f"{path} cannot be read: {error}", f"Fix it. {UNTIL_THEN}")
    found = find_problems(text)
    if not found:
        return ok(name, str(path))
    first = f"{path}:{found[0]}" + (f", and {len(found) - 1} more" if len(found) > 1 else "")
    if "oauth" in context.config.given and context.config.given["oauth"] == "unclear":
        return failed(name, first.replace(f" {BROKEN}", ""), f"Fix it. {UNTIL_THEN}")
    return warning(name, first, "Run `statusline config check` for all problems. The other settings apply.")
