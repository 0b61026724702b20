"""What a segment function gets and returns: the options of its item, and a segment with named parts."""

from cache.model.jsonio import whole
from cache.model.lazy import further_module
from cache.model.limits import WARN_FROM
from cache.model.windows import reaches, round_down, to_minute
from statusline.render.timefmt import span_text

CALM, PACE, WARN, ALERT = "calm", "pace", "warn", "alert"  # the levels, in this order
ALERT_FROM = 90  # percent; `WARN_FROM` is with the limits
COUNT_AT_MOST = 10**9  # more is no count of files, commits or turns


class Segment:
    """What one segment shows: ``pieces`` first, and as far as there is room its ``details``, by name and in order.

    Both are lists of ``(role, text)``. The role names the part: ``label`` (an item's own label replaces it), ``value``
    (a number in the color of the level), ``word`` (a word in that color), ``detail``, ``glyph`` (the name of a sign),
    or whatever else the theme colors by name. A detail's text begins with the blank before it. The order of the
    details in `statusline.render.ladder` decides which come first.

    ``level`` is how urgent it is; ``link`` is an https URL for the whole; ``age`` is how old an old number is, such as
    ``35m old``. With ``bar``, a percentage, there can be a bar before the value, and with ``elapsed``, the share of a
    window's time that has passed, a tick in it. ``is_name`` is a text that may be cut in its middle.
    """

    __slots__ = ("age", "bar", "details", "elapsed", "is_name", "level", "link", "pieces")

    def __init__(
        self,
        pieces: "list[tuple[str, str]]",
        details: "dict[str, list[tuple[str, str]]] | None" = None,
        *,
        level: "str | None" = None,
        link: "str | None" = None,
        bar: "float | None" = None,
        elapsed: "float | None" = None,
        is_name: "bool" = False,
    ) -> None:
        self.pieces = pieces
        self.details = details
        self.level = level
        self.link = link
        self.bar = bar
        self.elapsed = elapsed
        self.is_name = is_name
        self.age = ""


class Options:
    """The options of one item of a row; without arguments the defaults.

    ``chosen`` are the item's own options by name; ``thresholds`` are the percentages from which its level is ``warn``
    and ``alert``; ``style`` is ``countdown``, ``clock`` or ``both``; ``hours`` 12 or 24; ``zone`` ``local``, ``utc`` or
    ``Area/City``; ``budget`` are dollars by ``day``, ``block``, ``week`` and ``month``; ``week`` is the working week,
    such as ``mon-fri 9-18``, if there is one.
    """

    __slots__ = ("budget", "chosen", "hours", "style", "thresholds", "week", "zone")

    def __init__(
        self,
        chosen: "dict[str, object] | None" = None,
        thresholds: "tuple[float, float]" = (WARN_FROM, ALERT_FROM),
        style: "str" = "countdown",
        hours: "int" = 24,
        zone: "str" = "local",
        budget: "dict[str, float] | None" = None,
        week: "str | None" = None,
    ) -> None:
        self.chosen = chosen
        self.thresholds = thresholds
        self.style = style
        self.hours = hours
        self.zone = zone
        self.budget = budget or {}
        self.week = week

    def get(self, name: "str") -> "object":
        """Return the value of one of the segment's options, None where it is not set."""
        return self.chosen.get(name) if self.chosen else None

    def level(self, percent: "float") -> "str":
        """Return how urgent a percentage of 0-100 is: ``calm``, ``warn`` or ``alert``."""
        warn_from, alert_from = self.thresholds
        if reaches(percent, alert_from):
            return ALERT
        return WARN if reaches(percent, warn_from) else CALM

    def reset(self, at: "float", now: "float") -> "str":
        """Return a reset as ``1h58m``, ``16:40``, ``Thu 16:40`` or ``1h58m (16:40)``; epoch seconds in.

        The time of day is that of the nearest minute: a reset at 16:40 comes as 16:39:59 in every second answer.
        """
        span = span_text(at - now)
        if self.style not in {"clock", "both"}:
            return span
        clock = self.clock(to_minute(at), now)
        return clock if self.style == "clock" else f"{span} ({clock})"

    def clock(self, at: "float", now: "float") -> "str":
        """Return a moment as the time of day there, with its weekday unless it is today; epoch seconds in."""
        return further_module("cache.model.clock").clock_text(at, now, self.hours, self.zone)  # type: ignore[no-any-return]

    def day(self, at: "float") -> "str":
        """Return the weekday of a moment (epoch seconds, to the nearest minute), such as ``Thu``."""
        return further_module("cache.model.clock").day_text(to_minute(at), self.zone)  # type: ignore[no-any-return]

    def date(self, at: "float") -> "str":
        """Return the date of a moment (epoch seconds) there, such as ``10 Nov``."""
        return further_module("cache.model.clock").date_text(at, self.zone)  # type: ignore[no-any-return]


def percent_text(percent: "float") -> "str":
    """Return ``42%``: rounded down, so that 100 % means reached; float noise such as 28.999999999999996 is 29."""
    return f"{round_down(percent)}%"


def count_of(value: "object") -> "int":
    """Return a whole number from 1 on, 0 for anything that cannot be a count."""
    found = whole(value)
    return found if found is not None and 0 < found < COUNT_AT_MOST else 0


def token_text(tokens: "float") -> "str":
    """Return ``950``, ``8.4k``, ``84k`` or ``1.2M``: rounded down."""
    if tokens < 1000:
        return str(int(tokens))
    unit, sign = (1e6, "M") if tokens >= 1e6 else (1e3, "k")
    tenths = int(tokens / unit * 10)
    return f"{tenths // 10}{sign}" if tenths >= 100 or tenths % 10 == 0 else f"{tenths / 10}{sign}"
