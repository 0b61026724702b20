"""Which Claude Code is installed: nothing is asked in its name without its version."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cache.work.failures import NoVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

IN_TOTAL = 2.0  # seconds, for all the programs that are asked together
AT_MOST = 4096  # bytes of what one of them says
PLACES = ("~/.local/bin", "~/.claude/local", "/opt/homebrew/bin", "/usr/local/bin")  # beyond PATH

# Strict, because it goes into a header; 127.0.0.1 in an error message is none.
_VERSION = r"[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}(?:-[0-9A-Za-z.]{1,32})?"
_SAID = re.compile(rf"(?<![0-9A-Za-z.])({_VERSION})(?![0-9A-Za-z.])")
_SAID_BY_CLAUDE = re.compile(rf"(?<![0-9A-Za-z.])({_VERSION}) \(Claude Code\)")

# What a child of ours may know. Its user's keys and tokens are not in it.
_PASSED_ON = ("HOME", "PATH", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "CLAUDE_CONFIG_DIR", "SYSTEMROOT")


def find_version(handed: str | None, env: Mapping[str, str], *, places: Sequence[str] = PLACES) -> str:
    """Return Claude Code's version, such as ``2.1.330``, safe for a header; raise NoVersion.

    ``handed`` is what stdin said, if anything. Otherwise the link that Claude Code's installer makes tells it without
    running anything; otherwise the programs found are asked, within `IN_TOTAL`. STATUSLINE_CLAUDE_BIN in ``env``, the
    user's environment, leaves no choice of program.
    """
    if handed is not None and re.fullmatch(_VERSION, handed):
        return handed
    chosen, deadline = env.get("STATUSLINE_CLAUDE_BIN"), time.monotonic() + IN_TOTAL
    link = chosen or _at_home("~/.local/bin/claude", env)
    version = _linked(link) if link else None
    for program in _programs(chosen or "claude", env, places):
        version = version or _said_by(program, env, deadline)
    if version is None:
        raise NoVersion("no `claude` that tells its version was found")
    return version


def _linked(link: str) -> str | None:
    """Return ``X.Y.Z`` of a link to ``.../versions/X.Y.Z`` that leads somewhere."""
    target = Path(os.path.realpath(link))
    fits = target.parent.name == "versions" and re.fullmatch(_VERSION, target.name) and target.exists()
    return target.name if fits else None


def _programs(name: str, env: Mapping[str, str], places: Sequence[str]) -> Iterator[str]:
    """Give each program once; a relative PATH entry would let the working directory choose what we run."""
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
    """Return ``path`` with its ``~`` filled in, None where no home is known."""
    if not path.startswith("~"):
        return path
    home = env.get("HOME") or env.get("USERPROFILE")
    return home + path[1:] if home else None


def _said_by(program: str, env: Mapping[str, str], deadline: float) -> str | None:
    """Return the version that ``program --version`` prints before the deadline (monotonic seconds)."""
    try:
        child = subprocess.Popen(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: env[name] for name in _PASSED_ON if name in env},
            cwd="/",
            start_new_session=True,
            bufsize=0,
        )
    except (OSError, ValueError):
        return None
    said: list[bytes] = []
    reader = threading.Thread(target=_read, args=(child, said), daemon=True)
    reader.start()
    reader.join(max(0.0, deadline - time.monotonic()))
    failed = _ended(child, deadline) not in (0, None)
    text = b"".join(said).decode(errors="replace")
    found = _SAID_BY_CLAUDE.search(text) or _SAID.search(text)
    return None if failed or found is None else found.group(1)


def _read(child: subprocess.Popen[bytes], said: list[bytes]) -> None:
    """Collect what the child says: in a thread, since a grandchild can hold the pipe for ever."""
    with child.stdout as pipe:  # type: ignore[union-attr] # it was started with a pipe
        while chunk := pipe.read(AT_MOST - sum(map(len, said))):
            said.append(chunk)


def _ended(child: subprocess.Popen[bytes], deadline: float) -> int | None:
    """Return the child's exit code, or None once it has had TERM: a killed `claude` can lose the login."""
    try:
        return child.wait(max(0.05, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        _terminate(child)
        threading.Thread(target=child.wait, daemon=True).start()  # it ends when it ends
        return None


def _terminate(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGTERM)
    except AttributeError:  # no process groups on Windows
        child.terminate()
    except OSError:  # it has just ended
        pass
