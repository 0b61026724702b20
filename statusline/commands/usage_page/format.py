"""Usage numbers as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.jsonio import number, words
from cache.model.windows import AHEAD_S, CLAUDE, ESTIMATE, OAUTH, STDIN
from cache.readings.snapshot import STALE_S
from statusline.render.timefmt import span_text
from statusline.segments.segment import percent_text
from statusline.segments.usage import money_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.model.windows import Window

SIGNED = "USD"  # the currency that has a sign; the others are named once, behind the amounts
SOURCES = {STDIN: "from a session", CLAUDE: "Claude Code's copy", OAUTH: "endpoint", ESTIMATE: "estimate"}


def ago_text(seconds: float) -> str:
    """Return ``just now`` or ``1h58m ago``."""
    return f"{span_text(seconds)} ago" if seconds >= 60 else "just now"


def age_label(at: float, now: float) -> str:
    """Return how long ago a moment was; ``age unknown`` for one in the future, as the clock was set back since."""
    return "age unknown" if at > now + AHEAD_S else ago_text(now - at)


def source_text(window: Window, now: float) -> str:
    """Return source and age of a number: ``live, 2m ago``, ``Claude Code's copy, 46m ago``.

    If the age is unknown, when it was first seen: ``from a session, seen 2m ago``.
    """
    age_s = max(now - window.observed_at, 0)
    if not window.age_known:
        return f"{SOURCES.get(window.source, window.source)}, seen {ago_text(age_s)}"
    is_live = window.source == STDIN and age_s <= STALE_S
    return f"{'live' if is_live else SOURCES.get(window.source, window.source)}, {ago_text(age_s)}"


def percent_label(window: Window) -> str:
    """Return ``42%``, or ``~42% est`` for an estimate."""
    text = percent_text(window.percent)
    return f"~{text} est" if window.source == ESTIMATE else text


def spend_text(spend: Mapping[str, object]) -> str:
    """Return ``$4.01 of $40`` or ``4.01 of 40 EUR``, one amount where the other is not known; as on the line."""
    used, limit, currency = number(spend.get("used")), number(spend.get("limit")), words(spend.get("currency")) or ""
    if used is None or limit is None:
        return "".join(money_text(each, currency) for each in (used, limit) if each is not None)
    return f"{money_text(used, currency if currency == SIGNED else '')} of {money_text(limit, currency)}"
