"""What a configuration file says, value by value: one that makes no sense falls back alone."""

from cache.model.jsonio import mapping, number, words
from statusline.config import (
    COMMAND_AT_MOST,
    COMMAND_EVERY_S,
    COMMAND_NAME_AT_MOST,
    COMMAND_TIMEOUT_S,
    COMMANDS_AT_MOST,
    EVERY_S,
    GLYPHS,
    HOURS,
    ITEMS_AT_MOST,
    PADDING,
    PERCENT_AT_MOST,
    PRESET_NAMES,
    ROWS_AT_MOST,
    SEPARATOR_AT_MOST,
    THEMES,
    TIME_STYLES,
    ZONE_AT_MOST,
)
from statusline.presets import preset_rows
from statusline.segments.registry import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.config import Config, Item, Row


def take_wishes(config: "Config", given: "dict[str, object]") -> "None":
    """Put into a configuration of defaults what the object in a file says."""
    config.oauth = "auto" if given.get("oauth") in [None, "auto"] else "off"
    config.preset = one_of(PRESET_NAMES, given.get("preset"))
    config.theme = one_of(THEMES, given.get("theme"))
    config.glyphs = one_of(GLYPHS, given.get("glyphs"))
    separator = words(given.get("separator"))
    config.separator = separator if separator is not None and len(separator) <= SEPARATOR_AT_MOST else None
    config.padding = whole_within(PADDING, given.get("padding"))
    config.wrap = given.get("wrap") is True
    time = mapping(given.get("time"))
    config.style = one_of(TIME_STYLES, time.get("style"))
    config.hours = HOURS[1] if time.get("hours") == HOURS[1] else HOURS[0]
    config.zone = zone_in(time.get("zone"))
    thresholds = mapping(given.get("thresholds"))
    config.thresholds = {name: pair for name in TABLE if (pair := thresholds_in(thresholds.get(name)))}
    refresh = mapping(given.get("refresh"))
    config.refresh_s = {job: whole_within(bounds, refresh.get(job)) for job, bounds in EVERY_S.items()}
    commands = list(mapping(given.get("commands")).items())[:COMMANDS_AT_MOST]
    config.commands = {name: made for name, value in commands if (made := command_in(name, value))}
    if "rows" in given or config.preset != PRESET_NAMES[0]:
        config.rows = rows_in(given.get("rows")) or rows_in(preset_rows(config.preset))


def one_of(allowed: "tuple[str, ...]", value: "object") -> "str":
    """Return the value if it is among those allowed, else the first of these."""
    return value if isinstance(value, str) and value in allowed else allowed[0]


def whole_within(bounds: "tuple[int, int, int]", value: "object") -> "int":
    """Return a whole number within bounds (default, least, most), else the default."""
    default, least, most = bounds
    found = number(value)
    return int(found) if found is not None and least <= found <= most and found == int(found) else default


def rows_in(value: "object") -> "list[Row]":
    """Return the rows that a value describes; odd ones, and those without an item, are left out."""
    found = [row_in(each) for each in value[:ROWS_AT_MOST]] if isinstance(value, list) else []
    return [row for row in found if row["left"] or row["right"]]


def row_in(value: "object") -> "Row":
    """Return a row from a list of items, or from an object with a ``left`` and a ``right`` one."""
    groups = mapping(value)
    return {"left": items_in(groups.get("left") if groups else value), "right": items_in(groups.get("right"))}


def items_in(value: "object") -> "list[Item]":
    """Return name and options of the items in a list; what names no segment is left out."""
    found = []
    for each in value[:ITEMS_AT_MOST] if isinstance(value, list) else ():
        chosen = mapping(each)
        name = chosen.get("segment") if chosen else each
        if isinstance(name, str) and name in TABLE:
            found.append((name, chosen))
    return found


def thresholds_in(value: "object") -> "tuple[float, float] | None":
    """Return the percentages of ``[70, 90]``: where ``warn`` and where ``alert`` begins; None for anything else."""
    if isinstance(value, list) and len(value) == 2:
        warn_from, alert_from = number(value[0]), number(value[1])
        if warn_from is not None and alert_from is not None and 0 <= warn_from <= alert_from <= PERCENT_AT_MOST:
            return warn_from, alert_from
    return None


def zone_in(value: "object") -> "str":
    """Return ``local``, ``utc`` or ``Area/City``; a name that could be anything else is ``local``."""
    name = words(value) or "local"
    if name in {"local", "utc"}:
        return name
    area, _, city = name.partition("/")
    plain = name.isascii() and name.replace("/", "").replace("_", "").replace("-", "").replace("+", "").isalnum()
    return name if plain and area and city and len(name) <= ZONE_AT_MOST else "local"


def command_in(name: "str", value: "object") -> "dict[str, object] | None":
    """Return one of the person's own commands, None for what is none."""
    fields = mapping(value)
    command = words(fields.get("command"))
    if not name or len(name) > COMMAND_NAME_AT_MOST or command is None or len(command) > COMMAND_AT_MOST:
        return None
    every = whole_within(COMMAND_EVERY_S, fields.get("every"))
    return {"command": command, "every": every, "timeout": whole_within(COMMAND_TIMEOUT_S, fields.get("timeout"))}
