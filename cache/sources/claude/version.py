"""Finds the version of the installed Claude Code; without it no request is made in its name."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.trust import may_be_within, path_outside
from cache.model.version import is_version
from cache.sources.process.run import run
from cache.work.failures import NoVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

IN_TOTAL = 2.0  # seconds, for all the programs together
AT_MOST = 4096  # bytes of one program's output
PLACES = ("~/.local/bin", "~/.claude/local", "/opt/homebrew/bin", "/usr/local/bin")  # beyond PATH

# Strict, because it goes into a header; 127.0.0.1 in an error message is none.
_VERSION = r"[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}(?:-[0-9A-Za-z.]{1,32})?"
_PRINTED = re.compile(rf"(?<![0-9A-Za-z.])({_VERSION})(?![0-9A-Za-z.])")
_PRINTED_BY_CLAUDE = re.compile(rf"(?<![0-9A-Za-z.])({_VERSION}) \(Claude Code\)")

# The variables that the program gets; the user's keys and tokens are not among them.
_PASSED_ON = ("HOME", "PATH", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "CLAUDE_CONFIG_DIR", "SYSTEMROOT")


def find_version(
    handed: str | None,
    env: Mapping[str, str],
    *,
    places: Sequence[str] = PLACES,
    seconds: float = IN_TOTAL,
    project: Sequence[str] = (),
) -> str:
    """Return Claude Code's version, such as ``2.1.330``, safe for a header.

    ``handed`` is what stdin reported, if anything. Next comes the link that Claude Code's installer makes, which needs
    no run of a program; then the programs found are run, within ``seconds`` together. STATUSLINE_CLAUDE_BIN in ``env``,
    the user's environment, names the only program to use. None in the folders of ``project`` is run.

    Raises NoVersion; its ``program`` is the first one that was found but gave no version, None where none was found.
    """
    if handed is not None and is_version(handed):
        return handed
    chosen, deadline = env.get("STATUSLINE_CLAUDE_BIN"), time.monotonic() + seconds
    env = {**env, "PATH": path_outside(env.get("PATH", ""), project)}
    link = chosen or _at_home("~/.local/bin/claude", env)
    version, silent = _version_in_link(link) if link else None, None
    for program in _programs(chosen or "claude", env, places) if version is None else ():
        if any(may_be_within(program, folder) for folder in project):
            continue
        version = version or _ask_version(program, env, deadline)
        silent = silent or program
    if version is not None:
        return version
    if silent is None:
        raise NoVersion(f"`{chosen or 'claude'}` not found")
    did = f"did not answer within {seconds:g} s" if time.monotonic() >= deadline else "printed no version"
    raise NoVersion(f"{silent} was found, but `--version` {did}", silent)


def _version_in_link(link: str) -> str | None:
    """Return ``X.Y.Z`` where ``link`` leads to an existing ``.../versions/X.Y.Z``."""
    target = Path(os.path.realpath(link))
    fits = target.parent.name == "versions" and re.fullmatch(_VERSION, target.name) and target.exists()
    return target.name if fits else None


def _programs(name: str, env: Mapping[str, str], places: Sequence[str]) -> Iterator[str]:
    """Yield each program once; relative PATH entries are ignored: the working directory must not choose what we run."""
    if os.path.dirname(name):
        yield from filter(None, [shutil.which(name)])
        return
    seen = set()
    known = (_at_home(place, env) for place in places)
    for directory in (*env.get("PATH", "").split(os.pathsep), *known):
        program = shutil.which(str(Path(directory, name))) if directory and os.path.isabs(directory) else None
        if program and os.path.realpath(program) not in seen:
            seen.add(os.path.realpath(program))
            yield program


def _at_home(path: str, env: Mapping[str, str]) -> str | None:
    """Return ``path`` with ``~`` replaced by the home, None where no home is known."""
    if not path.startswith("~"):
        return path
    home = env.get("HOME") or env.get("USERPROFILE")
    return home + path[1:] if home else None


def _ask_version(program: str, env: Mapping[str, str], deadline: float) -> str | None:
    """Return the version that ``program --version`` prints before the deadline (monotonic seconds)."""
    less = {name: env[name] for name in _PASSED_ON if name in env}
    left_s = deadline - time.monotonic()
    try:
        ran = run([program, "--version"], env=less, cwd="/", seconds=left_s, at_most=AT_MOST, on_timeout="term")
    except (OSError, ValueError):
        return None
    text = ran.output.decode(errors="replace")
    match = _PRINTED_BY_CLAUDE.search(text) or _PRINTED.search(text)
    return None if ran.code not in {0, None} or match is None else match.group(1)
