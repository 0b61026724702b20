"""Which values Claude Code accepts in a settings file: because of a single other one it skips the whole file.

In an administrator's file it ignores only the key with that value. Checked is what the real client was seen to refuse
(2.1.332; ``tests/data/client_agreement.json`` has the runs). A wrong ``refreshInterval`` or ``theme`` does no harm, and
of ``hooks`` and permission rules only the wrong parts are ignored.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TEXT, NUMBER, BOOLEAN, LIST, OBJECT = "a string", "a number", "true or false", "a list", "an object"

LINE = "statusLine"
OF_A_LINE = {"command": TEXT, "padding": NUMBER, "hideVimModeIndicator": BOOLEAN}
OF_A_FILE = {
    LINE: OBJECT,
    "alwaysThinkingEnabled": BOOLEAN,
    "apiKeyHelper": TEXT,
    "cleanupPeriodDays": NUMBER,
    "disableAllHooks": BOOLEAN,
    "enabledPlugins": OBJECT,
    "env": OBJECT,
    "includeCoAuthoredBy": BOOLEAN,
    "language": TEXT,
    "model": TEXT,
    "outputStyle": TEXT,
    "permissions": OBJECT,
}


def is_skipped(path: Path, why: str) -> str:
    """Return the sentence, without its end, that says why a file is skipped."""
    return f"Claude Code skips all of {path}: {why}"


def how_to_correct(path: Path) -> str:
    """Return the next step for a file that is skipped."""
    return f"Correct {path}; when `claude` starts, it names each value that it does not accept."


def values_in(text: str) -> Mapping[str, object]:
    """Return the object in a settings text as JavaScript has it, empty for another value; raise ValueError."""
    return mapping(json.loads(text.removeprefix("\ufeff"), parse_int=_number))


def _number(text: str) -> float:
    """Return a whole number: Python refuses very long ones."""
    return int(text) if len(text) < 16 else float(text)


def refused_values(settings: Mapping[str, object]) -> dict[str, str]:
    """Return by top-level key what Claude Code does not accept in it, such as ``statusLine.padding must be a number``.

    No value is quoted: it could be a secret.
    """
    found = {key: f"{key} must be {kind}" for key, kind in _of_another_kind(settings, OF_A_FILE)}
    line = settings.get(LINE)
    if isinstance(line, dict):
        wrong = [] if line.get("type") == "command" else ['type must be "command"']
        wrong += [f"{key} must be {kind}" for key, kind in _of_another_kind(line, OF_A_LINE)]
        wrong += [] if "command" in line else ["command is missing"]
        if wrong:
            found[LINE] = f"{LINE}.{wrong[0]}"
    for key, kind in _of_another_kind(mapping(settings.get("permissions")), {"allow": LIST}):
        found["permissions"] = f"permissions.{key} must be {kind}"
    return found


def _of_another_kind(values: Mapping[str, object], kinds: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the keys whose values are of another kind than they must be, and that kind."""
    return [(key, kind) for key, kind in kinds.items() if key in values and not _is_of_kind(values[key], kind)]


def _is_of_kind(value: object, kind: str) -> bool:
    if kind == NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, {TEXT: str, BOOLEAN: bool, LIST: list, OBJECT: dict}[kind])
