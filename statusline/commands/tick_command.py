"""The command string that stands in Claude Code's settings: a guard, then the tick with its paths baked in."""

from __future__ import annotations

import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import statusline

GONE = "hudline is not installed any more"
NEXT_STEP = "delete statusLine in settings.json"


class NotText(Exception):
    """A path is not UTF-8, so settings.json cannot hold it; the message says what to do."""


@dataclass(frozen=True)
class Baked:
    """The paths in a command of ours."""

    python: Path
    main: Path
    cache: Path
    config: Path


def tick_command(cache: Path, config: Path, python: str = sys.executable, package: Path | None = None) -> str:
    """Return the shell string that runs the tick, or says in one row that the program is gone; raise NotText."""
    here = baked(cache, config, python, package)
    words = (shlex.quote(str(each)) for each in (here.python, here.main, here.cache, here.config))
    python, script, cache_word, config_word = words
    start = f"exec {python} -I -S {script} --cache {cache_word} --config {config_word}"
    return f"if [ -x {python} ] && [ -r {script} ]; then {start}; fi; echo {shlex.quote(f'{GONE}: {NEXT_STEP}')}"


def baked(cache: Path, config: Path, python: str = sys.executable, package: Path | None = None) -> Baked:
    """Return the paths to put into a command; raise NotText.

    ``python`` is this environment's own link to its interpreter, never a shim of pyenv or asdf: `sys.executable` is
    set by the interpreter itself. ``package`` is the folder of the installed `statusline` package.
    """
    main = (package or own_package()) / "__main__.py"
    words = [os.path.abspath(each) for each in (python, main, cache, config)]
    for word in words:
        _must_be_text(word)
    return Baked(*map(Path, words))


def is_ours(command: object) -> bool:
    """Say whether a settings value is a command that we wrote, in this version or an earlier one."""
    return isinstance(command, str) and GONE in command


def own_package() -> Path:
    """Return the folder of this package, under the name without Python's version where install.sh has made one.

    So the command outlives an upgrade to another Python.
    """
    own, short = Path(statusline.__file__).parent, Path(sys.prefix) / "packages" / "statusline"
    return short if short.exists() and short.samefile(own) else own


def baked_in(command: str) -> Baked | None:
    """Return the paths in a command that `tick_command` made, None where somebody has changed its form."""
    found = re.search(r"; then exec (.*); fi; echo ", command, re.DOTALL)
    try:
        words = shlex.split(found[1]) if found else []
    except ValueError:
        return None
    if len(words) != 8 or words[1:3] + words[4:7:2] != ["-I", "-S", "--cache", "--config"]:
        return None
    return Baked(*(Path(words[at]) for at in (0, 3, 5, 7)))


def _must_be_text(word: str) -> None:
    try:
        word.encode()
    except UnicodeEncodeError as error:
        shown = word.encode("utf-8", "backslashreplace").decode()
        raise NotText(
            f"the path {shown} is not UTF-8, and Claude Code's settings cannot hold it. Install to a path that is "
            "(XDG_DATA_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME choose it), then run this again. Nothing was changed."
        ) from error
