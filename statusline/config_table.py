"""What can be set: kind, bounds and default of each setting. Help texts: commands/config_check/descriptions.py."""

from statusline.segments.segment import ALERT, PACE, WARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Setting = tuple[str, tuple[Any, ...]]

# The first of each is the default.
PRESET_NAMES = ("default", "minimal", "full", "quiet")
THEMES = (
    *("auto", "default", "dark", "light", "colorblind", "colorblind-light", "catppuccin", "tokyo-night"),
    *("mono", "powerline"),
    "pastel",  # the former name of `catppuccin`
)
GLYPHS = ("unicode", "ascii", "nerd")
WHEN = ("always", PACE, WARN, ALERT)
DEFAULT_ROW = (
    "model effort fast_mode project branch changed_files lines git_operation pr context context_tokens five_hour"
    " seven_day model_week spend provider cost today duration sessions"
)

ROWS_AT_MOST, ITEMS_AT_MOST, COMMANDS_AT_MOST = 8, 40, 16  # items in a group
COMMAND_NAME_AT_MOST, COMMAND_AT_MOST = 64, 4096  # characters
BUDGET_AT_MOST = 10**6  # dollars
PERCENT_AT_MOST = 1000  # a threshold above 100 is never reached

# By section and key, "" being the top level: the kind, and the bounds, which begin with the default.
#   choice  the values that are allowed
#   whole   a whole number: default, least, most
#   number  any number, likewise
#   text    default, least and most characters; `zone` likewise
#   switch  true or false
#   week    a working week such as "mon-fri 9-18"
# The numbers of `budget` are dollars, those of `refresh` and `commands` seconds. The usage endpoint answers about five
# requests in 300 s, and a `due_at` more than two hours ahead is taken for a clock that was set back.
SETTINGS: "dict[str, dict[str, Setting]]" = {
    "": {
        "preset": ("choice", PRESET_NAMES),
        "theme": ("choice", THEMES),
        "glyphs": ("choice", GLYPHS),
        "separator": ("text", (None, 1, 16)),
        "fill": ("switch", (True,)),
        "wrap": ("switch", (False,)),
        "padding": ("whole", (0, 0, 20)),
        "week": ("week", (None,)),
        "hint": ("switch", (False,)),
        "oauth": ("choice", ("auto", "off")),
    },
    "time": {
        "style": ("choice", ("countdown", "clock", "both")),
        "hours": ("choice", (24, 12)),
        "zone": ("zone", ("local", 1, 64)),
    },
    "refresh": {
        "usage": ("whole", (300, 300, 3600)),
        "git": ("whole", (60, 10, 86400)),
        "activity": ("whole", (10, 5, 86400)),
    },
    "budget": dict.fromkeys(("day", "block", "week", "month"), ("number", (None, 0.01, BUDGET_AT_MOST))),
    "commands": {
        "command": ("text", (None, 1, COMMAND_AT_MOST)),
        "every": ("whole", (60, 5, 86400)),
        "timeout": ("whole", (5, 1, 5)),
        "shared": ("switch", (False,)),
    },
}
DEFAULTS: "dict[str, dict[str, Any]]" = {
    section: {key: bounds[0] for key, (_, bounds) in settings.items()} for section, settings in SETTINGS.items()
}
