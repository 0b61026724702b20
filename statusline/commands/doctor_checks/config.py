"""The configuration: where it is, and what is wrong in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.commands.config_check.config_check import find_problems
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context

MEND = "Mend it; until then the defaults hold and the usage endpoint is not asked."


def configuration(context: Context) -> Finding:
    """Say whether the configuration is read, and what in it is not understood."""
    name, path = "configuration", context.config_path
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return skipped(name, f"none in {path}: the defaults hold")
    except (OSError, ValueError) as error:
        return failed(name, f"{path} cannot be read: {error}", MEND)
    found = find_problems(text)
    if not found:
        return ok(name, str(path))
    first = f"{path}:{found[0]}" + (f", and {len(found) - 1} more" if len(found) > 1 else "")
    if "oauth" in context.config.given and context.config.given["oauth"] == "unclear":
        return failed(name, first, MEND)
    return warning(name, first, "`statusline config check` lists what is not understood; the rest holds.")
