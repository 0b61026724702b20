"""What a person can set, its defaults, and a reader that lets one bad value fall back alone."""

from cache.files import read_file
from cache.wire import mapping, number, parse_json, words
from statusline.segment import ALERT, ALERT_FROM, CALM, WARN, WARN_FROM, Options
from statusline.table import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    Item = tuple[str, dict[str, object]]
    Row = dict[str, list[Item]]

# The first of each is the default.
PRESET_NAMES = ("default", "minimal", "full", "quiet")
THEMES = ("default", "mono", "colorblind", "pastel", "powerline")
GLYPHS = ("unicode", "ascii", "nerd")
TIME_STYLES = ("countdown", "clock", "both")
HOURS = (24, 12)
WHEN = ("always", WARN, ALERT)
DEFAULT_ROW = "model effort project branch context five_hour seven_day model_week spend runs_out cost"

# Default, least and most, in seconds. The usage endpoint answers about five questions in 300 s, and an appointment more
# than two hours ahead is taken for a clock that was set back.
EVERY_S = {"usage": (300, 300, 3600), "git": (60, 10, 86400), "activity": (10, 5, 86400)}
COMMAND_EVERY_S = (60, 5, 86400)
COMMAND_TIMEOUT_S = (5, 1, 5)
PADDING = (0, 0, 20)  # cells
ROWS_AT_MOST, ITEMS_AT_MOST, COMMANDS_AT_MOST = 8, 40, 16  # items in a group
SEPARATOR_AT_MOST, ZONE_AT_MOST, COMMAND_NAME_AT_MOST, COMMAND_AT_MOST = 16, 64, 64, 4096  # characters
PERCENT_AT_MOST = 1000  # a threshold above 100 is one that is never reached


class Config:
    """The effective configuration: what the file says where it makes sense, else the defaults.

    ``given`` is the object in the file; no property raises, whatever stands in it.
    """

    __slots__ = ("_rows", "given")

    def __init__(self, given: "dict[str, object] | None" = None) -> None:
        self.given = given or {}
        self._rows: "list[Row] | None" = None

    @property
    def oauth(self) -> "str":
        """``auto``, or ``off``: no credential is read and no request is made. What is unclear counts as ``off``."""
        wish = self.given.get("oauth")
        return "auto" if wish is None or wish == "auto" else "off"

    @property
    def preset(self) -> "str":
        """The name of the rows to show where the file has none of its own."""
        return one_of(PRESET_NAMES, self.given.get("preset"))

    @property
    def theme(self) -> "str":
        """The name of the colours."""
        return one_of(THEMES, self.given.get("theme"))

    @property
    def glyphs(self) -> "str":
        """The name of the set of signs."""
        return one_of(GLYPHS, self.given.get("glyphs"))

    @property
    def separator(self) -> "str | None":
        """What stands between two segments, None for that of the theme."""
        found = words(self.given.get("separator"))
        return found if found is None or len(found) <= SEPARATOR_AT_MOST else None

    @property
    def padding(self) -> "int":
        """Cells that Claude Code keeps free on each side: its own setting of that name, which it does not tell us."""
        return whole_within(PADDING, self.given.get("padding"))

    @property
    def wrap(self) -> "bool":
        """Whether what does not fit goes to a second row instead of leaving."""
        return self.given.get("wrap") is True

    @property
    def rows(self) -> "list[Row]":
        """The rows, each with the items of its ``left`` and ``right`` group: a segment's name and its own options."""
        if self._rows is None:
            self._rows = rows_in(self.given.get("rows")) or rows_in(preset_rows(self.preset))
        return self._rows

    @property
    def names(self) -> "set[str]":
        """The names of the segments in all rows: what a tick has to read for them follows from the table."""
        return {name for row in self.rows for group in row.values() for name, _ in group}

    @property
    def commands(self) -> "dict[str, dict[str, object]]":
        """The person's own commands by name: ``command``, and in seconds ``every`` and ``timeout``."""
        found = list(mapping(self.given.get("commands")).items())[:COMMANDS_AT_MOST]
        return {name: made for name, value in found if (made := command_in(name, value))}

    def every(self, job: "str") -> "int":
        """Return after how many seconds a job is due again."""
        return whole_within(EVERY_S[job], mapping(self.given.get("refresh")).get(job))

    def options_for(self, name: "str", chosen: "dict[str, object]") -> "Options":
        """Return what holds for one item of a row: its own options, the thresholds of its segment, the time format."""
        if not self.given and not chosen:
            return Options()
        time = mapping(self.given.get("time"))
        return Options(
            chosen,
            thresholds_in(mapping(self.given.get("thresholds")).get(name)),
            one_of(TIME_STYLES, time.get("style")),
            HOURS[1] if time.get("hours") == HOURS[1] else HOURS[0],
            zone_in(time.get("zone")),
        )


def read_config(path: "str") -> "Config":
    """Return the configuration in a file, the defaults where there is none that can be read."""
    data = read_file(path) if path else None
    return Config() if data is None else config_in(data)


def config_in(data: "bytes") -> "Config":
    """Return the configuration that the bytes of a file hold.

    From what is no JSON object it cannot be told whether requests are wished for: then none are made.
    """
    try:
        given = parse_json(data.decode())
    except ValueError:
        given = None
    return Config(given if isinstance(given, dict) else {"oauth": "unclear"})


def is_wanted(level: "str | None", when: "object") -> "bool":
    """Say whether an item with the option ``when`` (``always``, ``warn`` or ``alert``) shows a segment of a level."""
    if when == ALERT:
        return level == ALERT
    return when != WARN or level not in {None, CALM}


def one_of(allowed: "tuple[str, ...]", value: "object") -> "str":
    """Return the value if it is among those allowed, else the first of these."""
    return value if isinstance(value, str) and value in allowed else allowed[0]


def whole_within(bounds: "tuple[int, int, int]", value: "object") -> "int":
    """Return a whole number within bounds (default, least, most), else the default."""
    default, least, most = bounds
    found = number(value)
    return int(found) if found is not None and least <= found <= most and found == int(found) else default


def preset_rows(name: "str") -> "object":
    """Return the rows of a preset as a file would have them; only those of the default are here already."""
    if name == "default":
        return [DEFAULT_ROW.split()]
    from statusline.presets import PRESETS  # noqa: PLC0415 - the default line needs none of it

    return PRESETS[name]


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


def thresholds_in(value: "object") -> "tuple[float, float]":
    """Return the percentages of ``[70, 90]``: where ``warn`` and where ``alert`` begins."""
    if isinstance(value, list) and len(value) == 2:
        warn_from, alert_from = number(value[0]), number(value[1])
        if warn_from is not None and alert_from is not None and 0 <= warn_from <= alert_from <= PERCENT_AT_MOST:
            return warn_from, alert_from
    return WARN_FROM, ALERT_FROM


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
