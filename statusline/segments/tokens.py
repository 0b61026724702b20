"""The context window in tokens: how many are in it, what is left, and how far it is to the next compaction."""

from cache.model.lenient import parse_number
from statusline.segments.segment import Segment, percent_text, token_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

FOR_THE_SUMMARY, BUFFER = 20_000, 13_000  # tokens that Claude Code keeps free when it decides to compact
SMALLEST_WINDOW = 100_000  # tokens; Claude Code raises a smaller window that it is told to compact
UNITS = {"k": 1e3, "m": 1e6}


def context_tokens(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``84k/200k``: tokens in the model's window, counted as its percentage is (input, cache reads and writes)."""
    used, size = used_tokens(session), session.number("context_window", "context_window_size")
    if used is None or size is None or size <= 0:
        return None
    percent = session.context_percent
    level = None if percent is None else options.level(percent)
    return Segment([("word", f"{token_text(used)}/{token_text(size)}")], level=level)


def context_left(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``ctx 58% left``: how much of the model's window is free, as reported by Claude Code."""
    left = session.number("context_window", "remaining_percentage")
    if left is None or not 0 <= left <= 100:
        return None
    value = ("value", f"{percent_text(left)} left")
    return Segment([("label", "ctx "), value], level=options.level(100 - left))


def compaction(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``~38% to compact``: how much of the way to the automatic compaction is left.

    Claude Code does not tell where that point is, hence the ``~``. Taken from what its users found in it: the window,
    less 20k tokens for the summary, less 13k (#31806). The window is the model's, or the smaller one that
    CLAUDE_CODE_AUTO_COMPACT_WINDOW names (``500k``, ``0.5m``), or else the option ``window``, for those who have
    ``autoCompactWindow`` in their settings.json (tokens); less than 100k counts as 100k.
    CLAUDE_AUTOCOMPACT_PCT_OVERRIDE can only bring the point nearer.
    """
    used, size = used_tokens(session), session.number("context_window", "context_window_size")
    if used is None or size is None or session.is_set("DISABLE_AUTO_COMPACT") or session.is_set("DISABLE_COMPACT"):
        return None
    named = tokens_in(session.setting("CLAUDE_CODE_AUTO_COMPACT_WINDOW")) or parse_number(options.get("window")) or 0
    window = (min(max(named, SMALLEST_WINDOW), size) if named > 0 else size) - FOR_THE_SUMMARY
    percent = parse_number(session.setting("CLAUDE_AUTOCOMPACT_PCT_OVERRIDE"))
    point = window - BUFFER
    if percent is not None and 0 < percent <= 100:
        point = min(point, window * percent / 100)
    if point <= 0:
        return None
    left = max(100 - used / point * 100, 0)
    return Segment([("value", f"~{percent_text(left)} to compact")], level=options.level(100 - left))


def used_tokens(session: "Session") -> "float | None":
    """Return the tokens in the window, None before the first answer and where a count is missing."""
    counts = [
        session.number("context_window", "current_usage", name)
        for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    ]
    known = [each for each in counts if each is not None and each >= 0]
    return sum(known) if len(known) == len(counts) else None


def tokens_in(text: "str") -> "float | None":
    """Return the tokens in ``160000``, ``500k`` or ``0.5m``, None where that is no number above 0."""
    text = text.strip().lower()
    unit = UNITS.get(text[-1:])
    count = parse_number(text[:-1] if unit else text)
    return count * (unit or 1) if count is not None and count > 0 else None
