"""The lenient reader of a configuration: a value that makes no sense falls back to its default, alone."""

from cache.model.jsonio import mapping, number, words
from cache.model.lazy import further_module
from statusline.attempt import attempt
from statusline.config_table import (
    COMMAND_NAME_AT_MOST,
    COMMANDS_AT_MOST,
    ITEMS_AT_MOST,
    PERCENT_AT_MOST,
    PRESET_NAMES,
    ROWS_AT_MOST,
    SETTINGS,
)
from statusline.presets import FILLING, STEPS, preset_orders, preset_rows
from statusline.segments.registry import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Item = tuple[str, dict[str, object]]
    Row = dict[str, list[Item]]


def parse_config(given: "dict[str, object]") -> "dict[str, object]":
    """Return the attributes of a `Config` by name, from the object in a file."""
    parsed: "dict[str, Any]" = parse_section("", given)
    for section in ("time", "refresh"):
        parsed[section] = parse_section(section, given.get(section))
    budget = parse_section("budget", given.get("budget"))
    parsed["budget"] = {key: usd for key, usd in budget.items() if usd is not None}
    if given.get("oauth") not in [None, "auto"]:
        parsed["oauth"] = "off"  # a typo must not send a request that was meant to be forbidden
    thresholds = [(name, value) for name, value in mapping(given.get("thresholds")).items() if name in TABLE]
    parsed["thresholds"] = {name: pair for name, value in thresholds if (pair := parse_thresholds(value))}
    if "colors" in given:
        parsed["colors"] = further_module("statusline.render.chosen_colors").parse_colors(given["colors"])
    commands = list(mapping(given.get("commands")).items())[:COMMANDS_AT_MOST]
    parsed["commands"] = {name: command for name, value in commands if (command := parse_command(name, value))}
    preset = parsed["preset"]
    rows = attempt(parse_rows, given.get("rows")) if "rows" in given else None
    parsed["fills"] = parsed["fill"]
    if rows:
        # A row that is a preset's, such as those before the row that `install --chain` adds, keeps its order.
        orders = {repr(parse_row(row)): steps for row, steps in preset_orders()}
        parsed.update(rows=rows, steps=[orders.get(repr(row), "") for row in rows], is_default=False)
    elif preset != PRESET_NAMES[0] or not parsed["fill"]:
        rows = parse_rows(preset_rows(preset, fill=parsed["fill"]))
        parsed.update(rows=rows, steps=STEPS.get(preset, []), is_default=False)
        parsed["fills"] = parsed["fill"] and preset in FILLING
    return parsed


def parse_section(section: "str", value: "object") -> "dict[str, object]":
    """Return the settings of a section by key, from the object that holds them."""
    fields = mapping(value)
    return {key: parse_setting(*setting, fields.get(key)) for key, setting in SETTINGS[section].items()}


def parse_setting(kind: "str", bounds: "tuple[Any, ...]", value: "object") -> "object":
    """Return a value of this kind that is within bounds, else the default, which the bounds begin with."""
    default = bounds[0]
    if kind == "choice":
        return bounds[bounds.index(value)] if value in bounds else default
    if kind == "switch":
        return value if isinstance(value, bool) else default
    if kind == "week":
        return value if isinstance(value, str) and is_week(value) else default
    least, most = bounds[1:]
    if kind == "number":
        found = number(value)
        return found if found is not None and least <= found <= most else default
    if kind == "whole":
        found = number(value)
        return int(found) if found is not None and least <= found <= most and found == int(found) else default
    text = words(value) or ""
    return text if least <= len(text) <= most and (kind != "zone" or is_zone(text)) else default


def parse_rows(value: "object") -> "list[Row]":
    """Return the rows in a list; those that make no sense, and those without an item, are left out."""
    rows = [parse_row(row) for row in value[:ROWS_AT_MOST]] if isinstance(value, list) else []
    return [row for row in rows if row["left"] or row["right"]]


def parse_row(value: "object") -> "Row":
    """Return a row from a list of items, or from an object with a ``left`` and a ``right`` list."""
    groups = mapping(value)
    return {
        "left": parse_items(groups.get("left") if groups else value),
        "right": parse_items(groups.get("right")),
    }


def parse_items(value: "object") -> "list[Item]":
    """Return name and options of the items in a list; items that name no segment are left out."""
    items = []
    for item in value[:ITEMS_AT_MOST] if isinstance(value, list) else ():
        chosen = mapping(item)
        name = chosen.get("segment") if chosen else item
        if isinstance(name, str) and name in TABLE:
            items.append((name, chosen))
    return items


def parse_thresholds(value: "object") -> "tuple[float, float] | None":
    """Return the percentages of ``[70, 90]``: where ``warn`` and where ``alert`` begins; None for anything else."""
    if isinstance(value, list) and len(value) == 2:
        warn_from, alert_from = number(value[0]), number(value[1])
        if warn_from is not None and alert_from is not None and 0 <= warn_from <= alert_from <= PERCENT_AT_MOST:
            return warn_from, alert_from
    return None


def is_zone(name: "str") -> "bool":
    """Return whether a text is ``local``, ``utc`` or ``Area/City``, and cannot be a path."""
    if name in {"local", "utc"}:
        return True
    area, _, city = name.partition("/")
    plain = name.isascii() and name.replace("/", "").replace("_", "").replace("-", "").replace("+", "").isalnum()
    return bool(plain and area and city)


def is_week(text: "str") -> "bool":
    """Return whether a text is a working week such as ``mon-fri 9-18``."""
    return further_module("statusline.segments.working_week").hours_of(text) is not None


def parse_command(name: "str", value: "object") -> "dict[str, object] | None":
    """Return one of the user's own commands, None if it has no usable name or command."""
    command = parse_section("commands", value)
    return command if 0 < len(name) <= COMMAND_NAME_AT_MOST and command["command"] is not None else None
