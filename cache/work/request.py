"""The request for a refresh, its outcome, and the interface of a job."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cache.model.layout import ENTRY_SUFFIX, JOB_FOLDERS
from cache.readings.snapshot import place_of
from cache.work import failures as errors
from cache.work.session_environment import session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cache.model.entry import Entry

_ENTRY_NAME = re.compile(r"[A-Za-z0-9%-]{1,220}")


@dataclass(frozen=True)
class Request:
    """What to refresh, and for which session; ``options`` come from the tick, such as Claude Code's version."""

    job: str
    cache: Path
    config: Path
    env: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    options: Mapping[str, str] = field(default_factory=dict)
    force: bool = False
    stdin: bytes = field(default=b"", repr=False)  # also from the tick: payload and environment
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)  # for measuring how long a job takes

    @property
    def folder(self) -> Path:
        """The folder of this config directory's files."""
        return Path(place_of(str(self.cache), self.env.get("CLAUDE_CONFIG_DIR", "")))

    def variable(self, name: str) -> str:
        """Return a variable of the environment, empty where it is not set."""
        return self.env.get(name, "")

    @property
    def session(self) -> tuple[str, str]:
        """The project and the working directory of the session that this is for, empty outside of one."""
        if "project" in self.options:
            return self.options["project"], self.options.get("directory", "")
        return session_of(self.env)

    @property
    def oauth(self) -> str:
        """``off`` where no credential may be read and no request may be made."""
        return "off" if "off" in {self.env.get("STATUSLINE_OAUTH"), self.options.get("oauth")} else "auto"

    @property
    def billing(self) -> str:
        """What pays for the session instead of a plan, empty for a plan; see `cache.model.billing`."""
        return self.options.get("billing", "")

    @property
    def entry_file(self) -> Path:
        """The file of the entry; beside it are its lock and the stamp of its last start."""
        folder = JOB_FOLDERS.get(self.job)
        if folder is None:
            return self.folder / (self.job + ENTRY_SUFFIX)
        name = self.options.get("entry", "")
        if not is_entry_name(name):
            raise errors.Unwritable(f"invalid name of an entry: {name[:40]!r}")
        return self.cache / folder / (name + ENTRY_SUFFIX)


class Outcome(NamedTuple):
    """How a refresh ended: ``state`` is ``refreshed``, ``not due``, ``failed`` or ``busy``.

    ``sentence`` is for the user; ``problem`` names the failure, where it is not due that of the last refresh.
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
    """The interface of each file in `cache.jobs`."""

    LIMIT_S: float

    def collect(self, request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
        """Return the entry to keep, and the failure, if any."""


def is_entry_name(name: str) -> bool:
    """Return whether an entry may have this name: one as ticks make them, without folders in it."""
    return _ENTRY_NAME.fullmatch(name) is not None
