"""What a check comes back with: a verdict, what was seen, and the next step where there is one to take."""

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
    """One named check's result; everything in it is fit to be shown.

    ``blank`` says that this alone can leave the bar blank; ``fix`` does what is safe to do about it.
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
            "can_be_mended": self.fix is not None,
        }


def ok(name: str, said: str) -> Finding:
    """Tell that all is well."""
    return Finding(name, "ok", one_line(said))


def skipped(name: str, said: str, next_step: str | None = None) -> Finding:
    """Tell that there is nothing to look at here, and nothing wrong with that."""
    return Finding(name, "skipped", one_line(said), next_step)


def warning(
    name: str, said: str, next_step: str, *, blank: bool = False, fix: Callable[[], object] | None = None
) -> Finding:
    """Tell that the line is drawn, but something about it could be better."""
    return Finding(name, "warning", one_line(said), one_line(next_step), blank, fix)


def failed(
    name: str, said: str, next_step: str, *, blank: bool = False, fix: Callable[[], object] | None = None
) -> Finding:
    """Tell that something does not work."""
    return Finding(name, "failed", one_line(said), one_line(next_step), blank, fix)
