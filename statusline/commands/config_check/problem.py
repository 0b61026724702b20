"""A problem in a configuration file: where it is, and what it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """A problem; ``line`` counts from 1, ``key`` is such as ``rows[0][2].bar``, empty for the whole file."""

    line: int
    key: str
    says: str

    def __str__(self) -> str:
        return f"{self.line}: {self.key}: {self.says}" if self.key else f"{self.line}: {self.says}"
