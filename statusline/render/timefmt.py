"""Spans of time as text, such as ``1h58m``."""


def span_text(seconds: "float") -> "str":
    """Return ``4d15h``, ``20h``, ``1h58m``, ``7m`` or ``<1m``: minutes matter within ten hours."""
    minutes = int(seconds) // 60
    if minutes >= 1440:
        return f"{minutes // 1440}d{minutes // 60 % 24}h"
    if minutes >= 600:
        return f"{minutes // 60}h"
    if minutes >= 60:
        return f"{minutes // 60}h{minutes % 60:02d}m"
    return f"{minutes}m" if minutes > 0 else "<1m"
