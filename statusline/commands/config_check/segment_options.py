"""What may be chosen for a segment: the options of each, and which have a level that thresholds decide."""

from __future__ import annotations

from typing import Any

from statusline.config import COMMAND_NAME_AT_MOST, WHEN
from statusline.segments.segment import BAR_AT_MOST

LABEL_AT_MOST, TEXT_AT_MOST = 40, 80  # characters

# Options that every segment has.
GENERAL: dict[str, dict[str, Any]] = {
    "when": {
        "enum": list(WHEN),
        "default": WHEN[0],
        "description": "When it is shown: always, or only from a level on.",
    },
    "label": {
        "type": "string",
        "minLength": 0,
        "maxLength": LABEL_AT_MOST,
        "description": "Stands in front of it instead of its own label; an empty one takes that away.",
    },
}

# Options that some have.
OPTIONS: dict[str, dict[str, Any]] = {
    "bar": {
        "title": f"true, false, or a number of cells from 1 to {BAR_AT_MOST}",
        "anyOf": [{"type": "boolean"}, {"type": "integer", "minimum": 1, "maximum": BAR_AT_MOST}],
        "default": False,
        "description": "Whether a bar stands before the percentage, or how many cells it has.",
    },
    "style": {
        "enum": ["short", "full", "name"],
        "default": "short",
        "description": "How the path is said: shortened as fish does, whole, or its last name only.",
    },
    "always": {
        "type": "boolean",
        "default": False,
        "description": "Whether it is shown all the time, not only when little is left.",
    },
    "window": {
        "type": "integer",
        "minimum": 1,
        "maximum": 10**9,
        "description": "`autoCompactWindow` of Claude Code's settings, in tokens.",
    },
    "text": {
        "type": "string",
        "minLength": 1,
        "maxLength": TEXT_AT_MOST,
        "description": "The text that is shown.",
    },
    "name": {
        "type": "string",
        "minLength": 1,
        "maxLength": COMMAND_NAME_AT_MOST,
        "description": "Which of `commands` is shown.",
    },
}

OPTIONS_OF: dict[str, tuple[str, ...]] = {
    "directory": ("style",),
    "context": ("bar",),
    "compaction": ("window",),
    "cache_ttl": ("always",),
    "five_hour": ("bar",),
    "seven_day": ("bar",),
    "model_week": ("bar",),
    "binding": ("bar",),
    "text": ("text",),
    "command": ("name",),
}
REQUIRED = ("text", "command")  # they show nothing without their option

# What has a percentage, so that thresholds make sense.
LEVELLED = (
    "context", "context_tokens", "context_left", "compaction", "five_hour", "seven_day", "model_week", "scoped_weeks",
    "spend", "binding",
)  # fmt: skip
