"""JSON Schema for config.json, made from the table of settings: editors complete by it, the strict check validates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cache.model.limits import WARN_FROM
from cache.sources.transcripts.prices import DOLLARS_AT_MOST, KINDS, OVERRIDES_AT_MOST, PREFIX_AT_MOST
from cache.watches.config import (
    COMMAND_AT_MOST,
    EVENTS,
    LEAST,
    MOST,
    NOTIFIERS,
    OF_WINDOWS,
    THRESHOLDS_AT_MOST,
    WATCHES_AT_MOST,
)
from statusline.account_names import ACCOUNT_NAME_CELLS, NAMED_ACCOUNTS_AT_MOST, PREFIX_AT_LEAST
from statusline.commands.config_check.descriptions import CHOICES, DESCRIPTIONS, OPTION_DESCRIPTIONS
from statusline.commands.config_check.segment_options import GENERAL, LEVELLED, OPTIONS, OPTIONS_OF, REQUIRED
from statusline.config_table import (
    COMMAND_NAME_AT_MOST,
    COMMANDS_AT_MOST,
    ITEMS_AT_MOST,
    PERCENT_AT_MOST,
    ROWS_AT_MOST,
    SETTINGS,
)
from statusline.render.chosen_colors import COLOR_NAMES, ROLES
from statusline.segments.registry import TABLE, segment_function
from statusline.segments.segment import ALERT_FROM

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from statusline.config_table import Setting

Schema = dict[str, Any]

ID_AT_MOST = 40  # characters
DRAFT = "http://json-schema.org/draft-07/schema#"  # every editor knows this one

# Settings that only the cold half reads.
PRICES: dict[str, Setting] = dict.fromkeys(KINDS, ("number", (None, 0, DOLLARS_AT_MOST)))
WATCH: dict[str, Setting] = {"on": ("choice", EVENTS), "command": ("text", (None, 1, COMMAND_AT_MOST))}

# How JSON Schema calls a kind, and what it calls the bounds.
_TYPES = {
    "whole": ("integer", "minimum", "maximum"),
    "number": ("number", "minimum", "maximum"),
    "text": ("string", "minLength", "maxLength"),
    "zone": ("string", "minLength", "maxLength"),
}
_WEEK = {
    "title": 'a working week such as "mon-fri 9-18"',
    "type": "string",
    "pattern": r"^DAY(-DAY)? HOUR-HOUR$".replace("DAY", "(mon|tue|wed|thu|fri|sat|sun)").replace(
        "HOUR", r"([01]?[0-9]|2[0-4])(:[0-5][0-9])?"
    ),
}
_ZONE = {
    "title": 'local, utc or a zone such as "Europe/Vienna"',
    "pattern": r"^(local|utc|[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)+)$",
}


def schema() -> Schema:
    """Return JSON Schema for config.json; a segment is described by the first line of its docstring."""
    top = {key: _setting(setting, DESCRIPTIONS[key], CHOICES.get(key)) for key, setting in SETTINGS[""].items()}
    properties = {
        **top,
        "rows": _list("rows", ROWS_AT_MOST, _row()),
        "thresholds": {**_object({}, DESCRIPTIONS["thresholds"]), "properties": dict.fromkeys(LEVELLED, _pair())},
        "colors": _object({role: _color() for role in ROLES}, DESCRIPTIONS["colors"]),
        "time": _section("time", SETTINGS["time"]),
        "refresh": _section("refresh", SETTINGS["refresh"]),
        "budget": _section("budget", SETTINGS["budget"]),
        "commands": _by_name("commands", _commands(), COMMANDS_AT_MOST, "a name", COMMAND_NAME_AT_MOST),
        "accounts": _accounts(),
        "prices": _by_name("prices", _prices(), OVERRIDES_AT_MOST, "the beginning of a model's id", PREFIX_AT_MOST),
        "watch": _list("watch", WATCHES_AT_MOST, _watch()),
    }
    return {
        "$schema": DRAFT,
        "title": "hudline's configuration",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "$schema": {"type": "string", "description": "Where this schema is, for editors."},
            **{key: properties[key] for key in DESCRIPTIONS if key in properties},
        },
        "definitions": {"item": _item()},
    }


def first_line(name: str) -> str:
    """Return what the docstring of a segment begins with: ``ctx 42%: how full the model's window is``."""
    return (segment_function(name).__doc__ or "").partition("\n")[0].replace("``", "").rstrip(".")


def _setting(setting: Setting, description: str, choices: Mapping[str, str] | None = None) -> Schema:
    kind, bounds = setting
    found: Schema = (
        {"description": description} if bounds[0] is None else {"description": description, "default": bounds[0]}
    )
    if kind == "choice":
        return {**found, "enum": list(bounds), **({"enumDescriptions": list(choices.values())} if choices else {})}
    if kind == "switch":
        return {**found, "type": "boolean"}
    if kind == "color":
        return {**found, **_color()}
    if kind == "week":
        return {**found, **_WEEK}
    if kind == "bar":
        cells = _setting(("whole", (None, *bounds[1:])), "Cells.")
        title = f"true, false, or a number of cells from {bounds[1]} to {bounds[2]}"
        return {**found, "title": title, "anyOf": [{"type": "boolean"}, cells]}
    name, least, most = _TYPES[kind]
    return {**found, "type": name, least: bounds[1], most: bounds[2], **(_ZONE if kind == "zone" else {})}


def _color() -> Schema:
    return {
        "title": 'a color such as "magenta", "bright-magenta" or "#50a14f"',
        "type": "string",
        "pattern": f"^({'|'.join(COLOR_NAMES)}|#[0-9A-Fa-f]{{6}})$",
    }


def _section(key: str, settings: Mapping[str, Setting]) -> Schema:
    described = {
        name: _setting(setting, DESCRIPTIONS[f"{key}.{name}"], CHOICES.get(f"{key}.{name}"))
        for name, setting in settings.items()
    }
    return _object(described, DESCRIPTIONS[key])


def _object(properties: Schema, description: str) -> Schema:
    return {"type": "object", "description": description, "additionalProperties": False, "properties": properties}


def _list(key: str, most: int, items: Schema) -> Schema:
    return {"type": "array", "description": DESCRIPTIONS[key], "minItems": 1, "maxItems": most, "items": items}


def _by_name(key: str, values: Schema, most: int, title: str, name_at_most: int) -> Schema:
    """Return an object whose keys are the user's to choose."""
    return {
        "type": "object",
        "description": DESCRIPTIONS[key],
        "propertyNames": {"title": title, "type": "string", "minLength": 1, "maxLength": name_at_most},
        "additionalProperties": values,
        "maxProperties": most,
    }


def _row() -> Schema:
    """Return a list of segments, or an object with two: a check descends into the one that is meant."""
    group, left, right = (
        _list(key, ITEMS_AT_MOST, {"$ref": "#/definitions/item"}) for key in ("rows.left", "rows.left", "rows.right")
    )
    sides = _object({"left": left, "right": right}, "Segments at the left and at the right edge.")
    title = "a list of segments, or an object with left and right"
    return {"if": {"type": "array"}, "then": group, "else": {**sides, "minProperties": 1, "title": title}}


def _item() -> Schema:
    """Return a segment's name, or an object with its name and options."""
    options = {name: _setting(each, OPTION_DESCRIPTIONS[name]) for name, each in {**GENERAL, **OPTIONS}.items()}
    item = {
        **_object({"segment": _names(TABLE), **options}, "A segment with options."),
        "title": "the name of a segment, or an object with a segment",
        "required": ["segment"],
        "allOf": [_rule(names, more) for more, names in _by_options().items()],
    }
    return {"if": {"type": "string"}, "then": _names(name for name in TABLE if name not in REQUIRED), "else": item}


def _names(names: Iterable[str]) -> Schema:
    known = list(names)
    return {
        "title": "the name of a segment",
        "enum": known,
        "enumDescriptions": [first_line(name) for name in known],
    }


def _rule(names: list[str], more: tuple[str, ...]) -> Schema:
    """Return that these segments have these options besides the general ones; those of `REQUIRED` need them."""
    allowed = {"additionalProperties": False, "properties": {name: {} for name in ("segment", *GENERAL, *more)}}
    needed = {"required": list(more)} if set(names) <= set(REQUIRED) else {}
    return {
        "if": {"properties": {"segment": {"enum": names}}, "required": ["segment"]},
        "then": {**allowed, **needed},
    }


def _by_options() -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name in TABLE:
        found.setdefault(OPTIONS_OF.get(name, ()), []).append(name)
    return found


def _pair() -> Schema:
    return {
        "title": f"two percentages such as [{WARN_FROM}, {ALERT_FROM}]",
        "type": "array",
        "items": {"type": "number", "minimum": 0, "maximum": PERCENT_AT_MOST},
        "minItems": 2,
        "maxItems": 2,
        "default": [WARN_FROM, ALERT_FROM],
    }


def _commands() -> Schema:
    return {**_section("commands", SETTINGS["commands"]), "description": "A command.", "required": ["command"]}


def _accounts() -> Schema:
    name = {"type": "string", "description": "A name.", "minLength": 1, "maxLength": ACCOUNT_NAME_CELLS}
    title = f"{PREFIX_AT_LEAST} or more characters of an account's id"
    found = _by_name("accounts", name, NAMED_ACCOUNTS_AT_MOST, title, ID_AT_MOST)
    found["propertyNames"]["minLength"] = PREFIX_AT_LEAST
    return found


def _prices() -> Schema:
    title = 'dollars per million tokens such as {"input": 5, "output": 25}'
    description = "Dollars per million tokens. A missing kind keeps its price."
    return {**_section("prices", PRICES), "description": description, "minProperties": 1, "title": title}


def _watch() -> Schema:
    at = _list("watch.at", THRESHOLDS_AT_MOST, {"type": "number", "minimum": LEAST, "maximum": MOST})
    notify = {"description": DESCRIPTIONS["watch.notify"], "enum": list(NOTIFIERS)}
    properties = {"at": at, "notify": notify, **_section("watch", WATCH)["properties"]}
    without_at = {"additionalProperties": False, "properties": {name: {} for name in properties if name != "at"}}
    others = [event for event in EVENTS if event not in OF_WINDOWS]
    return {
        **_object(properties, "An event, and what to do then."),
        "title": "an object with at or on, and with command or notify",
        "anyOf": [{"required": ["command"]}, {"required": ["notify"]}],
        "allOf": [
            {"if": {"required": ["on"]}, "then": {}, "else": {"required": ["at"]}},
            {"if": {"properties": {"on": {"enum": others}}, "required": ["on"]}, "then": without_at},
        ],
    }
