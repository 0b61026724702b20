"""What a segment function gets and returns: the options of its item, and a segment with named parts."""

from cache.model.jsonio import whole
from cache.model.lazy import further_module
from cache.model.windows import reaches, round_down, to_minute
from statusline.render.timefmt import span_text

CALM, WARN, ALERT = "calm", "warn", "alert"
WARN_FROM, ALERT_FROM = 70, 90  # percent
COUNT_AT_MOST = 10**9  # more is no count of files, commits or turns
BAR_CELLS, BAR_AT_MOST = 8, 40


class Segment:
    """``forms`` are the ways to show it, the fullest first, each a list of ``(role, text)``; ``level`` is how urgent.

    The role names the part: ``label`` (an item's own label replaces it), ``value`` (in the color of the level),
    ``detail``, ``reset`` (a countdown, shown behind a blank and its sign), ``bar`` (``42.5:8``: percent and cells,
    shown before a blank), ``glyph`` (the name of a sign), or whatever else the theme colors by name. ``link`` is an
    https URL for the whole. The row uses the fullest form that fits.
    """

    __slots__ = ("forms", "level", "link")

    def __init__(self, *forms: "list[tuple[str, str]]", level: "str | None" = None, link: "str | None" = None) -> None:
        self.forms = forms
        self.level = level
        self.link = link


class Options:
    """The options of one item of a row; without arguments the defaults.

    ``chosen`` are the item's own options by name; ``thresholds`` are the percentages from which its level is ``warn``
    and ``alert``; ``style`` is ``countdown``, ``clock`` or ``both``; ``hours`` 12 or 24; ``zone`` ``local``, ``utc`` or
    ``Area/City``; ``budget`` are dollars by ``day``, ``block``, ``week`` and ``month``.
    """

    __slots__ = ("budget", "chosen", "hours", "style", "thresholds", "zone")

    def __init__(
        self,
        chosen: "dict[str, object] | None" = None,
        thresholds: "tuple[float, float]" = (WARN_FROM, ALERT_FROM),
        style: "str" = "countdown",
        hours: "int" = 24,
        zone: "str" = "local",
        budget: "dict[str, float] | None" = None,
    ) -> None:
        self.chosen = chosen
        self.thresholds = thresholds
        self.style = style
        self.hours = hours
        self.zone = zone
        self.budget = budget or {}

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
        return further_module("statusline.render.clock").clock_text(at, now, self.hours, self.zone)  # type: ignore[no-any-return]

    def day(self, at: "float") -> "str":
        """Return the weekday of a moment (epoch seconds, to the nearest minute), such as ``Thu``."""
        return further_module("statusline.render.clock").day_text(to_minute(at), self.zone)  # type: ignore[no-any-return]

    def date(self, at: "float") -> "str":
        """Return the date of a moment (epoch seconds) there, such as ``10 Nov``."""
        return further_module("statusline.render.clock").date_text(at, self.zone)  # type: ignore[no-any-return]


def percent_text(percent: "float") -> "str":
    """Return ``42%``: rounded down, so that 100 % means reached; float noise such as 28.999999999999996 is 29."""
    return f"{round_down(percent)}%"


def count_of(value: "object") -> "int":
    """Return a whole number from 1 on, 0 for anything that cannot be a count."""
    found = whole(value)
    return found if found is not None and 0 < found < COUNT_AT_MOST else 0


def bar(percent: "float", options: "Options") -> "list[tuple[str, str]]":
    """Return a bar where the option ``bar`` asks for one (true, or a number of cells), else nothing."""
    wanted = options.get("bar")
    cells_wide = BAR_CELLS if wanted is True else min(count_of(wanted), BAR_AT_MOST) if wanted else 0
    if not cells_wide:
        return []
    tenths = round_down(min(percent, 100) * 10)  # rounded down, as `percent_text`: only 100 % fills it
    return [("bar", f"{tenths / 10}:{cells_wide}")]
