"""One reading of one usage window, whatever its source."""

from cache.wire import mapping, number, whole, words

STDIN, CLAUDE, OAUTH, ESTIMATE = "stdin", "claude", "oauth", "estimate"


class Window:
    """How full a window was when somebody looked.

    ``percent`` is 0-100 and can exceed it; ``resets_at`` is epoch seconds, a whole minute, or None for a window that
    has not started; ``source`` is where the number comes from; ``observed_at`` is epoch seconds.
    """

    __slots__ = ("id", "label", "observed_at", "percent", "resets_at", "source")

    def __init__(
        self,
        id: "str",  # noqa: A002 - the field's name in every file and answer
        label: "str",
        percent: "float",
        resets_at: "int | None",
        source: "str",
        observed_at: "int",
    ) -> None:
        self.id = id
        self.label = label
        self.percent = percent
        self.resets_at = resets_at
        self.source = source
        self.observed_at = observed_at

    def __repr__(self) -> "str":
        return f"Window({self.as_json()!r})"

    def __eq__(self, other: "object") -> "bool":
        return isinstance(other, Window) and self.as_json() == other.as_json()

    __hash__ = None  # type: ignore[assignment]

    def as_json(self) -> "dict[str, object]":
        """Return the window in the shape of ``usage.json``."""
        return {name: getattr(self, name) for name in _FIELDS}


_FIELDS = ("id", "label", "percent", "resets_at", "source", "observed_at")


def window_from(row: "object") -> "Window | None":
    """Return the window that a row of ``usage.json`` describes, or None where a field of it is odd."""
    fields = mapping(row)
    id_, percent, observed_at = (
        words(fields.get("id")),
        believable(fields.get("percent")),
        whole(fields.get("observed_at")),
    )
    if id_ is None or percent is None or observed_at is None:
        return None
    label, source = words(fields.get("label")) or id_, words(fields.get("source")) or OAUTH
    return Window(id_, label, percent, whole(fields.get("resets_at")), source, observed_at)


def windows_in(rows: "object") -> "list[Window]":
    """Return the windows that a list of rows describes; odd rows are left out."""
    found = [window_from(row) for row in rows] if isinstance(rows, list) else []
    return [each for each in found if each is not None]


def believable(value: "object") -> "float | None":
    """Return a percentage within 0..1000, else None.

    Some clients put the reset's epoch into the percentage at the start of a window (claude-code #52326, #60263).
    """
    percent = number(value)
    return percent if percent is not None and 0 <= percent <= 1000 else None


def to_minute(epoch_s: "float") -> "int":
    """Round epoch seconds to the nearest whole minute: the same reset jitters by a second per answer."""
    return int(epoch_s + 30) // 60 * 60
