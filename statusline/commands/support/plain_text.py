"""Other people's text, made fit to be shown: no secrets, nothing that a terminal acts on."""

from __future__ import annotations

from cache.work.redact import scrub


def plain(text: str) -> str:
    """Return a text without secrets and control characters; its lines stay."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in scrub(text))


LONGEST = 400  # characters of one command


def short(text: str) -> str:
    """Return a command as `one_line` does, and of a very long one the start."""
    line = one_line(text)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def one_line(text: str) -> str:
    """Return a text as `plain` does, in one line: what is shown of it must not look like a line of ours."""
    return plain(text).replace("\n", " ")
