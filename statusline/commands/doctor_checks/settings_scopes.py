"""Claude Code's settings files in order of precedence, and the keys that matter to the status line."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping
from cache.sources.claude.paths import home_of
from cache.sources.claude.settings import managed_files
from statusline.commands.claude_settings.atomic_edit import EditRefused, read
from statusline.commands.claude_settings.json_edit import NotAnObject, is_blank, scan
from statusline.commands.claude_settings.settings import KEY, settings_file
from statusline.commands.doctor_checks.settings_values import refused_values, values_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Nothing else of these files is kept: their ``env`` holds secrets.
SWITCHES = ("disableAllHooks", "allowManagedHooksOnly")


@dataclass(frozen=True)
class Scope:
    """A settings file.

    ``line`` is its statusLine, ``times`` how often the file has that key. ``trouble`` is why Claude Code skips the file
    as a whole: then its ``line`` does not count, and there are no ``switches``. ``ignored`` is what Claude Code leaves
    out of an administrator's file.
    ``trusted`` is false for files that a repository could supply: no path in them is followed or changed.
    """

    name: str
    path: Path
    trusted: bool
    line: object = None
    times: int = 0
    switches: Mapping[str, object] = field(default_factory=dict)
    trouble: str | None = None
    ignored: str | None = None

    @property
    def command(self) -> str | None:
        """The command of its statusLine."""
        found = mapping(self.line).get("command")
        return found if isinstance(found, str) else None


def read_scopes(env: Mapping[str, str], cwd: Path, managed: Path) -> list[Scope]:
    """Return the existing settings files in order of precedence: managed, local, project, user."""
    project = Path(env.get("CLAUDE_PROJECT_DIR") or cwd)
    found: dict[Path, Scope] = {}
    for name, path in _files(env, project, managed):
        if path not in found and os.path.lexists(path):
            trusted = name == "managed" or (name == "user" and _is_the_persons(path, env, (project, cwd)))
            found[path] = read_scope(name, path, trusted=trusted)
    return list(found.values())


def _is_the_persons(path: Path, env: Mapping[str, str], folders: Iterable[Path]) -> bool:
    """Return whether the file is outside repositories: CLAUDE_CONFIG_DIR can name a folder in one."""
    home = home_of(env)
    if path == home / ".claude" / "settings.json":
        return True
    real_home, real = Path(os.path.realpath(home)), Path(os.path.realpath(path))
    tops = {Path(os.path.realpath(top)) for each in folders for top in _repositories_of(each)}
    return not any(real.is_relative_to(top) and not real_home.is_relative_to(top) for top in tops)


def _repositories_of(folder: Path) -> list[Path]:
    """Return the folder itself, and each parent that is a repository."""
    return [folder, *(each for each in folder.parents if (each / ".git").exists())]


def _files(env: Mapping[str, str], project: Path, managed: Path) -> Iterator[tuple[str, Path]]:
    for path in reversed([*managed_files(managed)]):
        yield "managed", path
    user = settings_file("user", env, project)
    for scope in ("local", "project"):
        path = settings_file(scope, env, project)
        if path.resolve() != user.resolve():  # in the home directory they are the same
            yield scope, path
    yield "user", user


def read_scope(name: str, path: Path, *, trusted: bool) -> Scope:
    """Return the status line and its switches in a settings file."""
    try:
        text = read(path) or ""
        if is_blank(text):
            return Scope(name, path, trusted)
        times = len(scan(text).members_named(KEY))
    except (EditRefused, NotAnObject) as error:
        return Scope(name, path, trusted, trouble=str(error))
    values = values_in(text)
    refused = refused_values(values)
    if refused and name != "managed":
        return Scope(name, path, trusted, values.get(KEY), times, trouble=next(iter(refused.values())))
    accepted = {key: value for key, value in values.items() if key not in refused}
    switches = {each: accepted[each] for each in SWITCHES if each in accepted}
    ignored = next(iter(refused.values()), None)
    return Scope(name, path, trusted, accepted.get(KEY), times, switches, ignored=ignored)


def setting_of(scopes: list[Scope], name: str) -> tuple[object, Scope | None]:
    """Return the effective value of a switch, and the file that sets it."""
    for scope in scopes:
        if name in scope.switches:
            return scope.switches[name], scope
    return None, None
