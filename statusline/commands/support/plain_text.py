"""Makes foreign text safe to show: no secrets, no control characters."""

from __future__ import annotations

from cache.work.redact import scrub


def plain(text: str) -> str:
    """Return a text without secrets and control characters, except for line breaks."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in scrub(text))


LONGEST = 400  # characters of one command


def short(text: str) -> str:
    """Return a command on one line, shortened if it is very long."""
    line = one_line(text)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def one_line(text: str) -> str:
    """Return a text as `plain` does, on one line, so that it cannot imitate our output."""
    return plain(text).replace("\n", " ")
