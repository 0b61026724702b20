"""The world that the doctor looks at, handed in as one value: environment, folders, settings, the configured line."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cache.billing import billing_of
from cache.disk import cache_directory, config_file
from cache.snapshot import place_of
from statusline.commands.checks.scopes import Scope, managed_folder, read_scopes
from statusline.commands.folder import folder_or_home
from statusline.commands.install import session_start
from statusline.commands.tick_command import Baked, baked_in, is_ours
from statusline.config import Config, read_config

if TYPE_CHECKING:
    from collections.abc import Mapping

TRIES = 3  # of a start or a line; the fastest tells what it costs, the others what else the machine was doing
AT_MOST_S = 5.0  # for one of them


@dataclass(frozen=True)
class Tried:
    """How a program ran: exit code (None: not in time, or not at all), output, and the fastest run in seconds."""

    code: int | None
    out: str
    err: str
    seconds: float


@dataclass
class Scene:
    """``now`` is epoch seconds; ``managed`` is the folder of an administrator's settings.

    ``online`` allows a question to the endpoint, ``coloured`` a row in its colours.
    """

    env: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    cwd: Path = field(default_factory=folder_or_home)
    now: float = field(default_factory=time.time)
    managed: Path = field(default_factory=managed_folder)
    online: bool = False
    coloured: bool = False

    @cached_property
    def home(self) -> Path:
        """The person's home."""
        return Path(self.env.get("HOME") or os.path.expanduser("~"))

    @cached_property
    def scopes(self) -> list[Scope]:
        """Claude Code's settings files, the one that wins first."""
        return read_scopes(self.env, Path(self.env.get("CLAUDE_PROJECT_DIR") or self.cwd), self.managed)

    @cached_property
    def line(self) -> Scope | None:
        """The scope whose statusLine Claude Code runs, if any has one."""
        return next((each for each in self.scopes if each.line is not None), None)

    @cached_property
    def command(self) -> str | None:
        """The configured command, where it is one of ours."""
        command = self.line.command if self.line else None
        return command if is_ours(command) else None

    @cached_property
    def baked(self) -> Baked | None:
        """The paths in our command."""
        return baked_in(self.command) if self.command else None

    @property
    def cache(self) -> Path:
        """The cache directory of the line, or of the commands where there is no line of ours."""
        chosen = self.env.get("STATUSLINE_CACHE_DIR")
        return self.baked.cache if self.baked and not chosen else cache_directory(self.env)

    @property
    def config_path(self) -> Path:
        """The configuration file of the line, or of the commands where there is no line of ours."""
        chosen = self.env.get("STATUSLINE_CONFIG")
        return self.baked.config if self.baked and not chosen else config_file(self.env)

    @cached_property
    def config(self) -> Config:
        """The configuration as the line reads it."""
        return read_config(str(self.config_path))

    @property
    def place(self) -> Path:
        """The folder of this config directory's usage."""
        return Path(place_of(str(self.cache), self.env.get("CLAUDE_CONFIG_DIR", "")))

    @property
    def quiet(self) -> str | None:
        """Why no login is looked at and nothing asked, None where that is done: a name in `cache.errors`."""
        if self.env.get("STATUSLINE_OAUTH") == "off" or self.config.oauth == "off":
            return "off"
        return billing_of(lambda name: self.env.get(name, "")) or None

    @cached_property
    def tried(self) -> Tried | None:
        """What came of running the configured command as Claude Code does, None where there is none of ours."""
        if self.command is None:
            return None
        given = json.dumps(session_start(str(self.cwd)) | {"version": "2.1.330"})
        env = {**self.env, "STATUSLINE_START": "off"}  # a look is no reason to ask anybody
        if not self.coloured:
            env["NO_COLOR"] = "1"
        return run(["/bin/sh", "-c", self.command], given, env, self.cwd)


def run(command: list[str], given: str, env: Mapping[str, str], cwd: Path | None = None) -> Tried:
    """Run a program `TRIES` times with a text on its standard input."""
    fastest = float("inf")
    for _ in range(TRIES):
        start = time.perf_counter()
        try:
            ran = subprocess.run(
                command, input=given.encode(), capture_output=True, env=env, cwd=cwd, timeout=AT_MOST_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Tried(None, "", str(error), time.perf_counter() - start)
        fastest = min(fastest, time.perf_counter() - start)
    return Tried(ran.returncode, ran.stdout.decode("utf-8", "replace"), ran.stderr.decode("utf-8", "replace"), fastest)
