"""The effective configuration of a line; a file is read only where there is one."""

from cache.model.files import is_there, read_file
from cache.model.jsonio import parse_json
from cache.model.lazy import further_module
from cache.model.limits import WARN_FROM
from statusline.attempt import attempt
from statusline.config_table import DEFAULT_ROW, DEFAULTS
from statusline.segments.segment import ALERT, ALERT_FROM, PACE, WARN, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from statusline.config_parse import Row


class Config:
    """What the file says where it makes sense, else the defaults; ``given`` is the object in the file.

    ``oauth`` is ``auto``, or ``off``: no credential is read and no request is made. An unclear value counts as ``off``.
    ``rows`` are the rows, each with the items of its ``left`` and ``right`` group: a segment's name and its
    options; ``preset`` is the name of those to show where the file has none. ``steps`` has the order in which a
    preset's rows take their room, empty for the usual one; ``is_default`` is whether rows and order are the default
    ones; ``fill`` is whether rows shall fill wide terminals, ``fills`` whether these do. ``separator`` goes between two
    segments, None being that of the theme; ``wrap`` is whether segments that do not fit go to a second row instead of
    being left out. ``padding`` are the cells that Claude Code keeps free on each side: its own setting of that name,
    which it does not pass on. ``week`` is the working week, such as ``mon-fri 9-18``, if there is one.
    ``hint`` is whether the plugin adds hints to prompts. ``time`` and ``refresh`` (seconds) are the settings
    of these names. ``commands`` are the user's own by name: ``command``, in seconds ``every`` and ``timeout``, and
    ``shared``. ``thresholds`` are percentages by segment, ``budget`` are dollars, as in `Options`. ``colors`` are the
    user's own by role, each a name or #rrggbb.
    """

    budget: "dict[str, float]"
    colors: "dict[str, str]"
    commands: "dict[str, dict[str, object]]"
    fill: "bool"
    fills: "bool"
    glyphs: "str"
    hint: "bool"
    is_default: "bool"
    oauth: "str"
    padding: "int"
    preset: "str"
    refresh: "dict[str, int]"
    rows: "list[Row]"
    separator: "str | None"
    steps: "list[str]"
    theme: "str"
    thresholds: "dict[str, tuple[float, float]]"
    time: "dict[str, Any]"
    week: "str | None"
    wrap: "bool"

    def __init__(self, given: "dict[str, object] | None" = None) -> None:
        """Take the settings from the object in a file; nothing raises, whatever it holds."""
        self.given = given or {}
        values = vars(self)
        values.update(
            DEFAULTS[""], colors={}, commands={}, thresholds={}, steps=[], is_default=True, fills=True, budget={}
        )
        self.time, self.refresh = DEFAULTS["time"], DEFAULTS["refresh"]
        self.rows = [{"left": [(name, {}) for name in DEFAULT_ROW.split()], "right": []}]
        if given:
            self.oauth = "off"  # unless the file can be parsed and says otherwise
            values.update(attempt(_parse, given) or {})

    @property
    def names(self) -> "set[str]":
        """The names of the segments in all rows; the registry says what a tick reads for them."""
        return {name for row in self.rows for group in row.values() for name, _ in group}

    def every(self, job: "str") -> "int":
        """Return after how many seconds a job is due again."""
        return self.refresh[job]

    def options_for(self, name: "str", chosen: "dict[str, object]") -> "Options":
        """Return the options of one item of a row: its own, the thresholds of its segment, the time format."""
        limits = self.thresholds.get(name) or (WARN_FROM, ALERT_FROM)
        return Options(chosen, limits, **self.time, budget=self.budget, week=self.week)


def _parse(given: "dict[str, object]") -> "dict[str, object]":
    return further_module("statusline.config_parse").parse_config(given)  # type: ignore[no-any-return]


def read_config(path: "str") -> "Config":
    """Return the configuration in a file, the defaults where there is no file.

    A file that exists but cannot be read (no permission, not a plain file, too large) may forbid requests: then none
    are made.
    """
    data = read_file(path) if path else None
    if data is not None:
        return decode_config(data)
    return Config({"oauth": "unclear"} if path and is_there(path) else None)


def decode_config(data: "bytes") -> "Config":
    """Return the configuration in the bytes of a file; without a JSON object in them no requests are made."""
    try:
        given = parse_json(data.decode())
    except ValueError:
        given = None
    return Config(given if isinstance(given, dict) else {"oauth": "unclear"})


def is_wanted(level: "str | None", when: "object") -> "bool":
    """Return whether an item with the option ``when`` (``always``, or the level from which on) shows a level."""
    levels = (PACE, WARN, ALERT)
    return when not in levels or level in levels[levels.index(when) :]
