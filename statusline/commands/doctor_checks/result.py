"""The result of a check: a verdict, what was found, and the next step if there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from statusline.commands.support.plain_text import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Finding", "Verdict", "failed", "ok", "plain", "skipped", "warning"]

Verdict = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True)
class Finding:
    """The result of a named check; all its texts are safe to print.

    ``blank``: this alone can leave the status line blank. ``fix`` applies the safe fix, if there is one.
    """

    name: str
    verdict: Verdict
    said: str
    next_step: str | None = None
    blank: bool = False
    fix: Callable[[], object] | None = None

    def as_json(self) -> dict[str, object]:
        """Return the finding in the shape that ``doctor --help`` describes."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "said": self.said,
            "next_step": self.next_step,
            "blanks_the_bar": self.blank,
            "can_be_fixed": self.fix is not None,
        }


def ok(name: str, text: str) -> Finding:
    """Return a finding without a problem."""
    return Finding(name, "ok", one_line(text))


def skipped(name: str, text: str, next_step: str | None = None) -> Finding:
    """Return a finding for a check that does not apply."""
    return Finding(name, "skipped", one_line(text), next_step)


def warning(
    name: str, text: str, next_step: str, *, blank: bool = False, fix: Callable[[], object] | None = None
) -> Finding:
    """Return a finding about a problem with which the line still works."""
    return Finding(name, "warning", one_line(text), one_line(next_step), blank, fix)


def failed(
    name: str, text: str, next_step: str, *, blank: bool = False, fix: Callable[[], object] | None = None
) -> Finding:
    """Return a finding about something that does not work."""
    return Finding(name, "failed", one_line(text), one_line(next_step), blank, fix)
