"""The usage windows: what they are called, how long they last, and how full one was at a time."""

from cache.model.jsonio import mapping, whole, words
from cache.model.lenient import parse_percent

STDIN, CLAUDE, OAUTH, ESTIMATE = "stdin", "claude", "oauth", "estimate"
FIVE_HOUR, SEVEN_DAY = "five_hour", "seven_day"
PLAN_WIDE = (FIVE_HOUR, SEVEN_DAY)  # the windows that count for every model
LABELS = {FIVE_HOUR: "5h", SEVEN_DAY: "7d"}
SPANS_S = {FIVE_HOUR: 5 * 3600, SEVEN_DAY: 7 * 86400}
SAME_RESET_S = 60  # resets no further apart belong to one window: they vary by a second from answer to answer
NOISE = 1e-6  # some clients report 14.000000000000002
AHEAD_S = 60  # seconds; a time further in the future was written before the clock was set back


class Window:
    """How full a window was at a time.

    ``percent`` is 0-100 and can exceed it; ``resets_at`` is epoch seconds, None for a window that has not started or
    whose reset is not known; ``source`` is where the number comes from; ``observed_at`` is epoch seconds: when the
    answer was made, or, where ``age_known`` is false, when it was first seen.
    """

    __slots__ = ("age_known", "id", "label", "observed_at", "percent", "resets_at", "source")

    def __init__(
        self,
        id: "str",  # noqa: A002 - the name of the field in files and answers
        label: "str",
        percent: "float",
        resets_at: "int | None",
        source: "str",
        observed_at: "int",
        age_known: "bool" = True,  # noqa: FBT001 - the last field
    ) -> None:
        self.id = id
        self.label = label
        self.percent = percent
        self.resets_at = resets_at
        self.source = source
        self.observed_at = observed_at
        self.age_known = age_known

    def __repr__(self) -> "str":
        return f"Window({self.as_json()!r})"

    def __eq__(self, other: "object") -> "bool":
        return isinstance(other, Window) and self.as_json() == other.as_json()

    __hash__ = None  # type: ignore[assignment]

    def as_json(self) -> "dict[str, object]":
        """Return the window in the shape of ``usage.json``; ``age_known`` only where it is false."""
        row = {name: getattr(self, name) for name in _FIELDS}
        return row if self.age_known else {**row, "age_known": False}


_FIELDS = ("id", "label", "percent", "resets_at", "source", "observed_at")


def window_from(row: "object") -> "Window | None":
    """Return the window in a row of ``usage.json``, None where a field is malformed."""
    fields = mapping(row)
    id_, percent, observed_at = (
        words(fields.get("id")),
        parse_percent(fields.get("percent")),
        whole(fields.get("observed_at")),
    )
    if id_ is None or percent is None or observed_at is None:
        return None
    label, source = words(fields.get("label")) or id_, words(fields.get("source")) or OAUTH
    age_known = fields.get("age_known") is not False
    return Window(id_, label, percent, whole(fields.get("resets_at")), source, observed_at, age_known)


def windows_in(rows: "object") -> "list[Window]":
    """Return the windows in a list of rows, without malformed ones."""
    found = [window_from(row) for row in rows] if isinstance(rows, list) else []
    return [each for each in found if each is not None]


def span_of(id_: "str") -> "int":
    """Return how long a window lasts, in seconds; the limits of single models are weekly."""
    return SPANS_S[FIVE_HOUR] if id_ == FIVE_HOUR else SPANS_S[SEVEN_DAY]


def end_of(id_: "str", resets_at: "float | None", made_at: "float") -> "float":
    """Return when a window ends at the latest, epoch seconds: without a reset its full length after it was observed."""
    return made_at + span_of(id_) if resets_at is None else resets_at


def has_ended(window: "Window", now: "float") -> "bool":
    """Return whether the window is over, so that its percentage is outdated."""
    return end_of(window.id, window.resets_at, window.observed_at) <= now


def is_same_reset(one: "float | None", other: "float | None") -> "bool":
    """Return whether two resets of one id belong to the same window; an unknown one never does."""
    return one is not None and other is not None and abs(one - other) <= SAME_RESET_S


def is_endpoint(source: "str") -> "bool":
    """Return whether a source is the endpoint, by our request or by Claude Code's copy."""
    return source in {OAUTH, CLAUDE}


def round_down(value: "float") -> "int":
    """Return a number without its fraction, as all percentages and amounts are shown; 13.9999999 is 14."""
    return int(value + NOISE)


def reaches(percent: "float", threshold: "float") -> "bool":
    """Return whether a percentage has reached a threshold: what is shown as 80 % is 80 %."""
    return percent + NOISE >= threshold


def to_minute(epoch_s: "float") -> "int":
    """Round epoch seconds to the nearest whole minute."""
    return int(epoch_s + 30) // 60 * 60
