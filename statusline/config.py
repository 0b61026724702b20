"""What a person can set, and its defaults; a file is read only where there is one."""

from cache.model.files import is_there, read_file
from cache.model.jsonio import parse_json
from cache.model.lazy import further_module
from statusline.attempt import attempt
from statusline.segments.segment import ALERT, ALERT_FROM, CALM, WARN, WARN_FROM, Options

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

    ``given`` is the object in the file; nothing here raises, whatever stands in it.

    ``oauth`` is ``auto``, or ``off``: no credential is read and no request is made. What is unclear counts as ``off``.
    ``rows`` are the rows, each with the items of its ``left`` and ``right`` group: a segment's name and its own
    options; ``preset`` is the name of those to show where the file has none. ``separator`` stands between two
    segments, None being that of the theme; ``wrap`` says whether what does not fit goes to a second row instead of
    leaving. ``padding`` are the cells that Claude Code keeps free on each side: its own setting of that name, which it
    does not tell us. ``commands`` are the person's own by name: ``command``, and in seconds ``every`` and ``timeout``.
    """

    __slots__ = (
        "commands",
        "given",
        "glyphs",
        "hours",
        "oauth",
        "padding",
        "preset",
        "refresh_s",
        "rows",
        "separator",
        "style",
        "theme",
        "thresholds",
        "wrap",
        "zone",
    )

    def __init__(self, given: "dict[str, object] | None" = None) -> None:
        self.given = given or {}
        self.oauth = "auto"
        self.preset = PRESET_NAMES[0]
        self.theme = THEMES[0]
        self.glyphs = GLYPHS[0]
        self.separator: "str | None" = None
        self.padding = PADDING[0]
        self.wrap = False
        self.style = TIME_STYLES[0]
        self.hours = HOURS[0]
        self.zone = "local"
        self.thresholds: "dict[str, tuple[float, float]]" = {}
        self.refresh_s: "dict[str, int]" = {}
        self.commands: "dict[str, dict[str, object]]" = {}
        self.rows: "list[Row]" = [{"left": [(name, {}) for name in DEFAULT_ROW.split()], "right": []}]
        if given:
            self.oauth = "off"  # unless what is given could be read, and says otherwise
            attempt(_take, self, given)

    @property
    def names(self) -> "set[str]":
        """The names of the segments in all rows: what a tick has to read for them follows from the table."""
        return {name for row in self.rows for group in row.values() for name, _ in group}

    def every(self, job: "str") -> "int":
        """Return after how many seconds a job is due again."""
        return self.refresh_s.get(job) or EVERY_S[job][0]

    def options_for(self, name: "str", chosen: "dict[str, object]") -> "Options":
        """Return what holds for one item of a row: its own options, the thresholds of its segment, the time format."""
        thresholds = self.thresholds.get(name) or (WARN_FROM, ALERT_FROM)
        return Options(chosen, thresholds, self.style, self.hours, self.zone)


def _take(config: "Config", given: "dict[str, object]") -> "None":
    further_module("statusline.config_parse").take_wishes(config, given)


def read_config(path: "str") -> "Config":
    """Return the configuration in a file, the defaults where there is no file.

    One that cannot be read (no right to, no plain file, too large) may forbid requests: then none are made.
    """
    data = read_file(path) if path else None
    if data is not None:
        return config_in(data)
    return Config({"oauth": "unclear"} if path and is_there(path) else None)


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
