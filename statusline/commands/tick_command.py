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
    return _written(baked(cache, config, python, package), f"{GONE}: {NEXT_STEP}")


def _written(here: Baked, says: str) -> str:
    words = (shlex.quote(str(each)) for each in (here.python, here.main, here.cache, here.config))
    python, script, cache_word, config_word = words
    start = f"exec {python} -I -S {script} --cache {cache_word} --config {config_word}"
    return f"if [ -x {python} ] && [ -r {script} ]; then {start}; fi; echo {shlex.quote(says)}"


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
    """Return the paths in a command that `tick_command` made, None where somebody has changed its form.

    What a person has written before and behind it does not matter.
    """
    part = own_part(command)
    return _baked_in(command[part.start : part.stop] if part else command)


def _baked_in(command: str) -> Baked | None:
    found = re.search(r"; then exec (.*); fi; echo ", command, re.DOTALL)
    try:
        words = shlex.split(found[1]) if found else []
    except ValueError:
        return None
    if len(words) != 8 or words[1:3] + words[4:7:2] != ["-I", "-S", "--cache", "--config"]:
        return None
    return Baked(*(Path(words[at]) for at in (0, 3, 5, 7)))


def own_part(command: str) -> slice | None:
    """Return where in a command the part stands that `tick_command` wrote, None where it is not whole.

    It is whole if writing its paths anew gives the very same text: then nothing in it is a person's own.
    """
    for end in re.finditer(f"'({GONE}[^']*)'", command):
        for start in re.finditer(re.escape("if [ -x "), command[: end.start()]):
            part = slice(start.start(), end.end())
            here = _baked_in(command[part])
            if here is not None and _written(here, end[1]) == command[part]:
                return part
    return None


def mended(command: str, ours: str) -> str | None:
    """Return a command with our part of it replaced by ``ours``, None where it cannot be told from a person's own.

    One that starts the very same program in a form of the person's own is as it should be.
    """
    if command == ours:
        return command
    part = own_part(command)
    if part is not None:
        return command[: part.start] + ours + command[part.stop :]
    here = baked_in(ours)
    start = here and f"{shlex.quote(str(here.python))} -I -S {shlex.quote(str(here.main))} "
    return command if start and start in command else None


def _must_be_text(word: str) -> None:
    try:
        word.encode()
    except UnicodeEncodeError as error:
        shown = word.encode("utf-8", "backslashreplace").decode()
        raise NotText(
            f"the path {shown} is not UTF-8, and Claude Code's settings cannot hold it. Install to a path that is "
            "(XDG_DATA_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME choose it), then run this again. Nothing was changed."
        ) from error
