"""The options of segments, as settings (see statusline/config_table.py), and which segments have thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusline.config_table import COMMAND_NAME_AT_MOST, WHEN
from statusline.render.own_steps import BAR_AT_MOST

if TYPE_CHECKING:
    from statusline.config_table import Setting

# Options that every segment has.
GENERAL: dict[str, Setting] = {
    "when": ("choice", WHEN),
    "label": ("text", (None, 0, 40)),
    "color": ("color", (None,)),
}

# Options that some have.
OPTIONS: dict[str, Setting] = {
    "bar": ("bar", (False, 1, BAR_AT_MOST)),  # true, false, or a number of cells
    "style": ("choice", ("short", "full", "name")),
    "always": ("switch", (False,)),
    "window": ("whole", (None, 1, 10**9)),
    "text": ("text", (None, 1, 80)),
    "name": ("text", (None, 1, COMMAND_NAME_AT_MOST)),
    "unit": ("choice", ("usd", "tokens", "both")),
}

# Values that `preview --segment` shows.
OPTION_EXAMPLES: dict[str, tuple[object, ...]] = {
    "when": ("warn", "alert"),
    "label": ("my label", ""),
    "color": ("magenta",),
    "bar": (True, 4),
    "style": ("full", "name"),
    "always": (True,),
    "window": (150_000,),
    "text": ("Standup at 10:00",),
    "name": ("jobs",),
    "unit": ("tokens", "both"),
}

OPTIONS_OF: dict[str, tuple[str, ...]] = {
    "directory": ("style",),
    "context": ("bar",),
    "compaction": ("window",),
    "cache_ttl": ("always",),
    "five_hour": ("bar",),
    "seven_day": ("bar",),
    "model_week": ("bar",),
    "scoped_weeks": ("bar",),
    "binding": ("bar",),
    "text": ("text",),
    "command": ("name",),
    **dict.fromkeys(("today", "block", "week", "month"), ("unit",)),
}
REQUIRED = ("text", "command")  # these show nothing without their option

# Segments with a percentage, so that thresholds apply.
LEVELLED = (
    "context", "context_tokens", "context_left", "compaction", "five_hour", "seven_day", "model_week", "scoped_weeks",
    "spend", "binding", "today", "block", "week", "month",
)  # fmt: skip
