"""The one table of what can be set: JSON Schema for editors, documentation, and what the strict check goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cache.sources.transcripts.prices import DOLLARS_AT_MOST, KINDS, OVERRIDES_AT_MOST, PREFIX_AT_MOST
from cache.usage.watches import COMMAND_AT_MOST, LEAST, MOST, THRESHOLDS_AT_MOST, WATCHES_AT_MOST
from statusline import config
from statusline.commands.config_check.segment_options import GENERAL, LEVELLED, OPTIONS, OPTIONS_OF, REQUIRED
from statusline.segments.registry import TABLE, segment_function
from statusline.segments.segment import ALERT_FROM, WARN_FROM

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"  # the one that every editor knows

PRESETS = {
    "default": "One row: the session, the place, the limits and the cost.",
    "minimal": "Directory, branch, context and the five hours.",
    "full": "Three rows: session and repository, limits with bars, activity.",
    "quiet": "The model, and otherwise only what needs attention.",
}
THEMES = {
    "default": "The terminal's own colours.",
    "mono": "Bold, dim and reverse only.",
    "colorblind": "Blue, yellow and orange, told apart with any kind of colour vision.",
    "pastel": "Soft colours.",
    "powerline": "Coloured blocks with arrows between them; a patched font makes them join.",
}
GLYPHS = {
    "unicode": "Signs that most fonts have.",
    "ascii": "Nothing but ASCII.",
    "nerd": "The icons of a Nerd Font.",
}
TIME_STYLES = {"countdown": "1h58m", "clock": "16:40", "both": "1h58m (16:40)"}
PRICES = {
    "input": "What is sent and was not in the cache.",
    "output": "What the model answers.",
    "cache_write_5m": "What is put into the cache for five minutes.",
    "cache_write_1h": "What is put into the cache for an hour.",
    "cache_read": "What is read from the cache.",
}
OAUTH = {"auto": "Where a login is found.", "off": "No credential is read, no request is made."}


def schema() -> Schema:
    """Return JSON Schema for config.json; what it says of a segment is that segment's own first line."""
    return {
        "$schema": DRAFT,
        "title": "hudline's configuration, an object",
        "type": "object",
        "additionalProperties": False,
        "properties": _properties(),
        "definitions": {
            "item": {"anyOf": [_names(name for name in TABLE if name not in REQUIRED), _item()]},
            "group": _list("Segments.", config.ITEMS_AT_MOST, {"$ref": "#/definitions/item"}),
        },
    }


def first_line(name: str) -> str:
    """Return what a segment says of itself: ``ctx 42%: how full the model's window is``."""
    return (segment_function(name).__doc__ or "").partition("\n")[0].replace("``", "").rstrip(".")


def _names(names: Iterable[str]) -> Schema:
    known = list(names)
    return {
        "title": "the name of a segment",
        "enum": known,
        "enumDescriptions": [first_line(name) for name in known],
    }


def _properties() -> Schema:
    return {
        "$schema": {"type": "string", "description": "Where this schema is: editors complete by it."},
        "preset": _one_of(config.PRESET_NAMES, "Ready-made rows. `rows` goes before it.", PRESETS),
        "rows": _list("The rows, from the top.", config.ROWS_AT_MOST, _row()),
        "theme": _one_of(config.THEMES, "The colours.", THEMES),
        "glyphs": _one_of(config.GLYPHS, "The set of signs.", GLYPHS),
        "separator": _text(config.SEPARATOR_AT_MOST, "Stands between two segments, in place of that of the theme."),
        "wrap": {
            "type": "boolean",
            "default": False,
            "description": "Whether what does not fit goes to a second row, instead of leaving by priority.",
        },
        "padding": _whole(config.PADDING, "Cells on each side: what `padding` is in Claude Code's `statusLine`."),
        "thresholds": _thresholds(),
        "time": _table(
            "How times are said.",
            style=_one_of(config.TIME_STYLES, "How a reset is said.", TIME_STYLES),
            hours={"enum": list(config.HOURS), "default": config.HOURS[0], "description": "Of a clock: 24 or 12."},
            zone=_zone(),
        ),
        "oauth": _one_of(("auto", "off"), "Whether Anthropic's usage endpoint is asked with the login.", OAUTH),
        "refresh": _table("After how many seconds something is found out anew.", **_refresh()),
        "commands": _commands(),
        "prices": _prices(),
        "watch": _list("Commands to run when a limit is used up so far, once per window.", WATCHES_AT_MOST, _watch()),
    }


def _row() -> Schema:
    group = {"$ref": "#/definitions/group"}
    sides = _table("Two groups of segments; the right one stands at the right edge.", left=group, right=group)
    sides["minProperties"] = 1
    return {"title": "a list of segments, or an object with left and right", "anyOf": [group, sides]}


def _item() -> Schema:
    """Return a segment with options of its own: every segment has the general ones, and some have more."""
    rules = [_rule(names, more) for more, names in _by_options().items()]
    item = _table("A segment with options.", segment=_names(TABLE), **GENERAL, **OPTIONS)
    return {**item, "title": "an object with a segment", "required": ["segment"], "allOf": rules}


def _rule(names: list[str], more: tuple[str, ...]) -> Schema:
    """Return that these segments have these options besides the general ones, and perhaps need them."""
    allowed = {"title": "an option of this segment", "enum": ["segment", *GENERAL, *more]}
    needed = {"required": list(more)} if set(names) <= set(REQUIRED) else {}
    return {
        "if": {"properties": {"segment": {"enum": names}}, "required": ["segment"]},
        "then": {"propertyNames": allowed, **needed},
    }


def _by_options() -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name in TABLE:
        found.setdefault(OPTIONS_OF.get(name, ()), []).append(name)
    return found


def _thresholds() -> Schema:
    percent = {"type": "number", "minimum": 0, "maximum": config.PERCENT_AT_MOST}
    pair = {
        "title": f"two percentages such as [{WARN_FROM}, {ALERT_FROM}]",
        "type": "array",
        "items": percent,
        "minItems": 2,
        "maxItems": 2,
        "default": [WARN_FROM, ALERT_FROM],
    }
    description = "By segment, the percentages from which its level is warn and alert."
    return _table(description, **dict.fromkeys(LEVELLED, pair))


def _zone() -> Schema:
    return {
        "title": 'local, utc or a zone such as "Europe/Vienna"',
        "type": "string",
        "pattern": r"^(local|utc|[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)+)$",
        "maxLength": config.ZONE_AT_MOST,
        "default": "local",
        "description": "The time zone of clocks.",
    }


def _refresh() -> dict[str, Schema]:
    return {
        "usage": _whole(config.EVERY_S["usage"], "Usage limits. The endpoint is not asked more often than that."),
        "git": _whole(config.EVERY_S["git"], "The repository, while nothing seems to happen in it."),
        "activity": _whole(config.EVERY_S["activity"], "What the transcript tells of tools, agents and todos."),
    }


def _commands() -> Schema:
    command = _table(
        "A command of your own.",
        command=_text(config.COMMAND_AT_MOST, "Run by the shell, in the session's directory, its payload on stdin."),
        every=_whole(config.COMMAND_EVERY_S, "Run again after so many seconds."),
        timeout=_whole(config.COMMAND_TIMEOUT_S, "Ended after so many seconds."),
    )
    return {
        "type": "object",
        "description": "Your own commands by name, for the segment `command`: run in the background.",
        "propertyNames": {
            "title": "a name",
            "type": "string",
            "minLength": 1,
            "maxLength": config.COMMAND_NAME_AT_MOST,
        },
        "additionalProperties": {**command, "required": ["command"]},
        "maxProperties": config.COMMANDS_AT_MOST,
    }


def _prices() -> Schema:
    dollars = {"type": "number", "minimum": 0, "maximum": DOLLARS_AT_MOST}
    by_kind = _table(
        "Dollars per million tokens. A kind that is missing keeps its price.",
        **{kind: {**dollars, "description": PRICES[kind]} for kind in KINDS},
    )
    by_kind |= {"minProperties": 1, "title": 'dollars per million tokens such as {"input": 5, "output": 25}'}
    return {
        "type": "object",
        "description": "Your own prices, for models whose id begins with the name; the longest such name counts.",
        "propertyNames": {
            "title": "the beginning of a model's id",
            "type": "string",
            "minLength": 1,
            "maxLength": PREFIX_AT_MOST,
        },
        "additionalProperties": by_kind,
        "maxProperties": OVERRIDES_AT_MOST,
    }


def _watch() -> Schema:
    percent = {"type": "number", "minimum": LEAST, "maximum": MOST}
    at = _list("When: percentages, each told once in every window.", THRESHOLDS_AT_MOST, percent)
    watch = _table(
        "A command of your own, and when to run it.",
        at=at,
        command=_text(COMMAND_AT_MOST, "Run by the shell, the facts in its environment: HUDLINE_PERCENT and others."),
    )
    return {**watch, "title": "an object with at and command", "required": ["at", "command"]}


def _one_of(names: tuple[str, ...], description: str, says: dict[str, str]) -> Schema:
    """Return a choice among names, the first of which is the default."""
    explained = [says[name] for name in names]
    return {"enum": list(names), "default": names[0], "description": description, "enumDescriptions": explained}


def _whole(bounds: tuple[int, int, int], description: str) -> Schema:
    default, least, most = bounds
    return {"type": "integer", "minimum": least, "maximum": most, "default": default, "description": description}


def _text(at_most: int, description: str) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": at_most, "description": description}


def _table(description: str, **properties: Schema) -> Schema:
    return {"type": "object", "description": description, "additionalProperties": False, "properties": properties}


def _list(description: str, at_most: int, items: Schema) -> Schema:
    return {"type": "array", "description": description, "minItems": 1, "maxItems": at_most, "items": items}
