"""The command in Claude Code's settings: a guard, then the tick with its paths baked in."""

from __future__ import annotations

import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import statusline
from cache.refresh.storage import cache_directory, config_file
from statusline.spawn import python_has_changed

GONE = "hudline is no longer installed"
GONE_BEFORE = "hudline is not installed any more"  # what commands of earlier versions print
NEXT_STEP = "install it again, or remove statusLine"  # together they fit into 80 columns


class NotText(Exception):
    """A path is not UTF-8, which settings.json cannot represent; the message says what to do."""


@dataclass(frozen=True)
class BakedPaths:
    """The paths in our command."""

    python: Path
    main: Path
    cache: Path
    config: Path

    def starts_the_same(self, other: BakedPaths) -> bool:
        """Return whether both start the same files, after links on disk are resolved.

        The folder of the interpreter counts too: two environments can link to one Python, but the refresher needs the
        libraries of its environment.
        """
        mine, theirs = (
            [os.path.realpath(each.python.parent), os.path.realpath(each.python), os.path.realpath(each.main)]
            for each in (self, other)
        )
        return mine == theirs


def tick_command(
    cache: Path,
    config: Path,
    python: str = sys.executable,
    package: Path | None = None,
    *,
    is_planned: bool = False,
) -> str:
    """Return the shell command that runs the tick, or prints one row if it cannot run; raise NotText.

    It cannot if the interpreter is gone, which an upgrade or removal of Python can cause, or if the program is gone.
    ``is_planned``: install.sh has yet to make the environment that these paths are in.
    """
    here = bake(cache, config, python, package)
    words = (shlex.quote(str(each)) for each in (here.python, here.main, here.cache, here.config))
    python, script, cache_word, config_word = words
    start = f"exec {python} -I -S {script} --cache {cache_word} --config {config_word}"
    changed = shlex.quote(python_has_changed(str(here.python.parent.parent), is_planned=is_planned))
    gone = shlex.quote(f"{GONE}: {NEXT_STEP}")
    return (
        f"if [ -x {python} ] && [ -r {script} ]; then {start}; "
        f"elif [ -r {script} ]; then echo {changed}; else echo {gone}; fi"
    )


def command_in(environment: Path, cache: Path, config: Path) -> str:
    """Return the command that the program writes once install.sh has made this environment; raise NotText."""
    return tick_command(
        cache, config, str(environment / "bin/python"), environment / "packages/statusline", is_planned=True
    )


def bake(cache: Path, config: Path, python: str = sys.executable, package: Path | None = None) -> BakedPaths:
    """Return the paths for a command; raise NotText.

    ``python`` is this environment's link to its interpreter, never a shim of pyenv or asdf: the interpreter itself sets
    `sys.executable`. ``package`` is the folder of the installed `statusline` package.
    """
    main = (package or own_package()) / "__main__.py"
    words = [os.path.abspath(each) for each in (python, main, cache, config)]
    for word in words:
        _must_be_text(word)
    return BakedPaths(*map(Path, words))


def own_package() -> Path:
    """Return the folder of this package, by the path without Python's version if install.sh made one.

    With that path the command survives an upgrade to another Python.
    """
    own, short = Path(statusline.__file__).parent, Path(sys.prefix) / "packages" / "statusline"
    return short if short.exists() and short.samefile(own) else own


# --- our part of a command, recognized by its structure: the text after `echo` does not matter ----------------------

_WORD = r"""(?:[\w@%+=:,./-]|'[^']*'|"'")+"""  # the output of `shlex.quote`: a shell expands nothing in it
_SAID = r"""(?:[\w@%+=:,./-]|'[^']*'|"[^"$`\\]*")+"""
_ECHO = rf"echo {_SAID}(?: (?![0-9]+[<>]){_SAID})*"
_OWN_PART = re.compile(
    rf"(?<![^\s;&|()])if \[ -x (?P<python>{_WORD}) \](?: && \[ -r (?P<read>{_WORD}) \])?; then "
    rf"exec (?P=python)(?P<flags>(?: -[IS])*) (?P<main>{_WORD})"
    rf"(?: --cache (?P<cache>{_WORD}))?(?: --config (?P<config>{_WORD}))?; "
    rf"(?:elif \[ -r (?P=main) \]; then {_ECHO}; else {_ECHO}; fi|fi(?:; {_ECHO}(?![^\s;&|()<>]))?)",
    re.ASCII,
)
_START = re.compile(rf" -I -S (?P<main>{_WORD}) --cache ", re.ASCII)


def own_part(command: str) -> slice | None:
    """Return the position of our part in a command, None if there is none or it was edited.

    Text before and after it does not matter. The forms of all versions count, also those without ``-I`` or the paths
    of cache and configuration.
    """
    found = _find(command)
    return slice(found.start(), found.end()) if found else None


def paths_in_command(command: str) -> BakedPaths | None:
    """Return the paths in our part of a command, None without such a part. They are not to be trusted."""
    found = _find(command)
    return _paths_in(found) if found else None


def is_whole(command: str) -> bool:
    """Return whether a command is our part and nothing else."""
    part = own_part(command)
    return part is not None and not (command[: part.start] + command[part.stop :]).strip()


def is_ours(command: object) -> bool:
    """Return whether a settings value has our part in it, possibly edited.

    No reason to trust or run it: such a text can come from anywhere.
    """
    if not isinstance(command, str):
        return False
    has_notice = GONE in command or GONE_BEFORE in command
    return has_notice or own_part(command) is not None or any(map(_names_the_tick, _START.finditer(command)))


def update_command(command: str, ours: str) -> str | None:
    """Return a command with our part replaced by ``ours``, None if that part was edited.

    A command that starts the same program in the user's own form stays unchanged.
    """
    if command == ours:
        return command
    part = own_part(command)
    if part is not None:
        return command[: part.start] + ours + command[part.stop :]
    here = paths_in_command(ours)
    start = here and f"{shlex.quote(str(here.python))} -I -S {shlex.quote(str(here.main))} "
    return command if start and start in command else None


def _find(command: str) -> re.Match[str] | None:
    return next((each for each in _OWN_PART.finditer(command) if _paths_in(each)), None)


def _paths_in(found: re.Match[str]) -> BakedPaths | None:
    """Return the paths in a match of our part, None if it is not ours: our paths are absolute and quoted by `shlex`.

    A form without the paths of cache or configuration means the default ones.
    """
    words = [found[name] for name in ("python", "main", "cache", "config")]
    if found["read"] not in {None, found["main"]} or not all(each is None or _as_we_write(each) for each in words):
        return None
    is_full = sorted(found["flags"].split()) == ["-I", "-S"] and None not in words
    if not _names_the_tick(found) and not (is_full and _unquote(found["main"]).endswith("/__main__.py")):
        return None
    python, main, *kept = (Path(_unquote(each)) if each else None for each in words)
    return BakedPaths(python or Path(), main or Path(), kept[0] or cache_directory(), kept[1] or config_file())


def _names_the_tick(found: re.Match[str]) -> bool:
    return _unquote(found["main"]).endswith(("/statusline/__main__.py", "/statusline/hot.py"))


def _as_we_write(word: str) -> bool:
    path = _unquote(word)
    return os.path.isabs(path) and shlex.quote(path) == word


def _unquote(word: str) -> str:
    return shlex.split(word)[0]


def _must_be_text(word: str) -> None:
    try:
        word.encode()
    except UnicodeEncodeError as error:
        shown = word.encode("utf-8", "backslashreplace").decode()
        raise NotText(
            f"the path {shown} is not UTF-8, which Claude Code's settings cannot represent. Install to a UTF-8 path "
            "(set XDG_DATA_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME), then try again. Nothing was changed."
        ) from error
