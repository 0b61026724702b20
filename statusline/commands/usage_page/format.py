"""Usage numbers as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.jsonio import number, words
from cache.model.windows import CLAUDE, ESTIMATE, OAUTH, STDIN
from cache.readings.snapshot import STALE_S
from statusline.render.timefmt import span_text
from statusline.segments.segment import percent_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.model.windows import Window

SOURCES = {STDIN: "from a session", CLAUDE: "Claude Code's copy", OAUTH: "endpoint", ESTIMATE: "estimate"}


def ago_text(seconds: float) -> str:
    """Return ``just now`` or ``1h58m ago``."""
    return f"{span_text(seconds)} ago" if seconds >= 60 else "just now"


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


def money_text(spend: Mapping[str, object]) -> str:
    """Return ``4.01 of 40.00 EUR``, or ``4.01 EUR`` without a limit, with as many decimals as the amounts need."""
    used, limit = number(spend.get("used")), number(spend.get("limit"))
    amounts = [each for each in (used, limit) if each is not None]
    digits = max((_digits(each) for each in amounts), default=0)
    return " ".join([" of ".join(f"{each:.{digits}f}" for each in amounts), words(spend.get("currency")) or ""]).strip()


def _digits(amount: float) -> int:
    """Return 0, 2 or 3 decimals: yen have no minor unit, most currencies have 1/100, some 1/1000."""
    return next((digits for digits in (0, 2) if round(amount, digits) == round(amount, 4)), 3)
