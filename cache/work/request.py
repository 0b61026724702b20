"""What a refresh is asked to do, how it ends, and what a job offers."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cache.model.layout import ENTRY_SUFFIX, JOB_FOLDERS
from cache.readings.snapshot import place_of
from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cache.model.entry import Entry

_ENTRY_NAME = re.compile(r"[A-Za-z0-9%-]{1,220}")


@dataclass(frozen=True)
class Request:
    """What to refresh, and in whose name; ``options`` are what a tick hands over, such as Claude Code's version."""

    job: str
    cache: Path
    config: Path
    env: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    options: Mapping[str, str] = field(default_factory=dict)
    force: bool = False
    stdin: bytes = field(default=b"", repr=False)  # what a tick handed over besides: a payload and an environment
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)  # by which a job measures what it takes

    @property
    def folder(self) -> Path:
        """The folder of this config directory's files."""
        return Path(place_of(str(self.cache), self.env.get("CLAUDE_CONFIG_DIR", "")))

    def variable(self, name: str) -> str:
        """Return a variable of the environment, empty where it is not set."""
        return self.env.get(name, "")

    @property
    def oauth(self) -> str:
        """``off`` where no credential may be read and no request be made."""
        return "off" if "off" in {self.env.get("STATUSLINE_OAUTH"), self.options.get("oauth")} else "auto"

    @property
    def billing(self) -> str:
        """What pays for the session instead of a plan, empty for a plan; see `cache.model.billing`."""
        return self.options.get("billing", "")

    @property
    def entry_file(self) -> Path:
        """The file of the entry; beside it stand its lock and the stamp of its last start."""
        folder = JOB_FOLDERS.get(self.job)
        if folder is None:
            return self.folder / (self.job + ENTRY_SUFFIX)
        name = self.options.get("entry", "")
        if not is_entry_name(name):
            raise errors.Unwritable(f"no name for an entry: {name[:40]!r}")
        return self.cache / folder / (name + ENTRY_SUFFIX)


@dataclass(frozen=True)
class Outcome:
    """How a refresh ended: ``refreshed``, ``not due``, ``failed`` or ``busy``, with a sentence for a person.

    ``problem`` is what it failed with; where it is not due, what the last one failed with.
    """

    state: str
    sentence: str
    entry: Entry
    problem: str | None = None
    next_step: str | None = None

    @property
    def exit_code(self) -> int:
        """0 done or not due, 1 failed, 3 busy."""
        return {"failed": 1, "busy": 3}.get(self.state, 0)


class Job(Protocol):
    """What each file in `cache.jobs` offers."""

    LIMIT_S: float

    def collect(self, request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
        """Return the entry to keep, and what went wrong, if anything did."""


def is_entry_name(name: str) -> bool:
    """Return whether an entry may have this name: one as the ticks make them, which leads nowhere else."""
    return _ENTRY_NAME.fullmatch(name) is not None
