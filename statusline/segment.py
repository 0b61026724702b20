"""One thing shown: what a segment function returns."""

CALM, WARN, ALERT = "calm", "warn", "alert"
WARN_FROM, ALERT_FROM = 70, 90  # percent


class Segment:
    """``forms`` are the ways to say it, the fullest first, each a list of ``(role, text)``; ``level`` is how urgent.

    Roles: ``label``, ``value``, ``detail`` and whatever the theme colours by name. The line takes the first form that
    fits.
    """

    __slots__ = ("forms", "level")

    def __init__(self, *forms: "list[tuple[str, str]]", level: "str | None" = None) -> None:
        self.forms = forms
        self.level = level


def level_of(percent: "float") -> "str":
    """Return how urgent a percentage of 0-100 is."""
    if percent >= ALERT_FROM:
        return ALERT
    return WARN if percent >= WARN_FROM else CALM


def percent_text(percent: "float") -> "str":
    """Return ``42%``: rounded down, so that 100 % means reached; float noise such as 28.999999999999996 is 29."""
    return f"{int(percent + 1e-6)}%"


def span_text(seconds: "float") -> "str":
    """Return ``4d15h``, ``1h58m``, ``7m`` or ``<1m``."""
    minutes = int(seconds) // 60
    if minutes >= 1440:
        return f"{minutes // 1440}d{minutes // 60 % 24}h"
    if minutes >= 60:
        return f"{minutes // 60}h{minutes % 60:02d}m"
    return f"{minutes}m" if minutes > 0 else "<1m"
