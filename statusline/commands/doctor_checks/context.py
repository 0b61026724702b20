"""The input of the doctor's checks: environment, folders, settings and the configured line."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.billing import billing_of
from cache.model.entry import read_entry
from cache.model.jsonio import mapping, words
from cache.model.layout import USAGE_FILE
from cache.model.trust import is_of_project
from cache.model.version import is_version
from cache.readings.snapshot import place_of
from cache.refresh.storage import cache_directory, config_file
from cache.sources.claude.settings import api_key_helper, managed_folder
from cache.work.failures import BY_NAME, Off
from statusline.commands.claude_settings.tick_command import BakedPaths, NotText, bake, is_whole, paths_in_command
from statusline.commands.claude_settings.trial import Trial, try_line
from statusline.commands.doctor_checks.settings_scopes import Scope, read_scopes
from statusline.commands.support.folder import folder_or_home
from statusline.config import Config, read_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statusline.commands.doctor_checks.result import Finding

TRIES = 3  # of a start or a line; the fastest counts, the others may have been delayed by other processes
AT_MOST_S = 5.0  # for one run


@dataclass
class Context:
    """What the doctor looks at.

    ``cwd`` is the folder in question, ``now`` epoch seconds; ``managed`` is the folder of an administrator's settings,
    ``processes`` that of the running processes. ``online`` allows a request to the endpoint; ``online_finding`` is the
    result of an earlier one. ``colored``: draw the line with its colors.
    """

    env: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    cwd: Path = field(default_factory=folder_or_home)
    now: float = field(default_factory=time.time)
    managed: Path = field(default_factory=managed_folder)
    processes: Path = Path("/proc")
    online: bool = False
    online_finding: Finding | None = None
    colored: bool = False

    @cached_property
    def home(self) -> Path:
        """The user's home folder."""
        return Path(self.env.get("HOME") or os.path.expanduser("~"))

    @cached_property
    def scopes(self) -> list[Scope]:
        """Claude Code's settings files in order of precedence."""
        return read_scopes(self.env, self.cwd, self.managed)

    @cached_property
    def line(self) -> Scope | None:
        """The scope whose statusLine Claude Code runs, if any has one; files that it skips do not count."""
        return next((each for each in self.scopes if each.line is not None and each.trouble is None), None)

    @cached_property
    def own_paths(self) -> BakedPaths | None:
        """The paths of this installation; None if a command cannot represent them."""
        try:
            return bake(cache_directory(self.env), config_file(self.env))
        except NotText:
            return None

    @cached_property
    def paths(self) -> BakedPaths | None:
        """The paths in our part of the configured command, None without one.

        Paths from a file that a repository could supply count only if they are those of this installation.
        """
        found = paths_in_command(self.line.command or "") if self.line else None
        return found if self.line and (self.line.trusted or found == self.own_paths) else None

    @cached_property
    def is_this(self) -> bool:
        """Whether the configured command starts this installation."""
        return self.paths is not None and self.own_paths is not None and self.paths.starts_the_same(self.own_paths)

    @property
    def is_wrapped(self) -> bool:
        """Whether there is other text around our part of the command."""
        return self.line is not None and not is_whole(self.line.command or "")

    @property
    def missing_file(self) -> Path | None:
        """The first file that our part of the command needs and that does not exist."""
        if self.paths is None:
            return None
        needed = ((self.paths.python, os.X_OK), (self.paths.main, os.R_OK))
        return next((path for path, how in needed if not os.access(path, how)), None)

    @property
    def cache(self) -> Path:
        """The cache directory of the line, or that of the commands if the line is not ours."""
        chosen = self.env.get("STATUSLINE_CACHE_DIR")
        if chosen and not self.is_cache_of_project:
            return Path(chosen)
        return self.paths.cache if self.paths else cache_directory(self.env)

    @property
    def config_path(self) -> Path:
        """The configuration file of the line, or that of the commands if the line is not ours."""
        if chosen := self.env.get("STATUSLINE_CONFIG"):
            return Path(chosen)
        return self.paths.config if self.paths else config_file(self.env)

    @property
    def session(self) -> tuple[str, str]:
        """The project and the working directory of this session, or of one in this folder."""
        return self.env.get("CLAUDE_PROJECT_DIR") or str(self.cwd), str(self.cwd)

    @property
    def is_cache_of_project(self) -> bool:
        """Whether STATUSLINE_CACHE_DIR names a folder in this project, so that it is not used."""
        chosen, installed = self.env.get("STATUSLINE_CACHE_DIR"), self.paths.cache if self.paths else None
        return (
            bool(chosen)
            and Path(chosen or "") != installed
            and is_of_project(chosen or "", *self.session, self.env.get("HOME", ""))
        )

    @property
    def is_config_of_project(self) -> bool:
        """Whether STATUSLINE_CONFIG names a file in this project, so that its commands and watches are not run."""
        chosen, installed = self.env.get("STATUSLINE_CONFIG"), self.paths.config if self.paths else None
        return bool(chosen) and self.config_path != installed and is_of_project(str(self.config_path), *self.session)

    @cached_property
    def config(self) -> Config:
        """The configuration as the line reads it."""
        return read_config(str(self.config_path))

    @property
    def place(self) -> Path:
        """The folder of this config directory's usage."""
        return Path(place_of(str(self.cache), self.env.get("CLAUDE_CONFIG_DIR", "")))

    @property
    def reported_version(self) -> str | None:
        """Claude Code's version as the last session reported it, None if no usage job has recorded one."""
        version = words(mapping(read_entry(str(self.place / USAGE_FILE)).value).get("claude_version"))
        return version if version and is_version(version) else None

    @property
    def no_request_reason(self) -> str | None:
        """Why no credential is read and no request made, None if both are done."""
        if self.env.get("STATUSLINE_OAUTH") == "off" or self.config.oauth == "off":
            return Off.label
        billing = billing_of(lambda name: self.env.get(name, ""))
        if billing:
            return f"{BY_NAME[billing].label} is in use"
        helper = api_key_helper(self.env, str(self.cwd), self.managed)
        return f"apiKeyHelper is set in {helper} settings, so sessions are billed by API key" if helper else None

    @cached_property
    def trial(self) -> Trial | None:
        """A run of this installation's line, None if the configured command does not start it.

        Nothing from a settings file is run: the command is the one that `install` would write.
        """
        if not self.is_this:
            return None
        return try_line(
            self.cache,
            self.config_path,
            self.for_a_try,
            self.cwd,
            version="2.1.330",
            tries=TRIES,
            within_s=AT_MOST_S,
        )

    @property
    def for_a_try(self) -> dict[str, str]:
        """The environment for running the line: no refresher is started."""
        return {**self.env, "STATUSLINE_START": "off", **({} if self.colored else {"NO_COLOR": "1"})}
