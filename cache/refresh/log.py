"""The log in the ``*.log`` file that STATUSLINE_LOG or STATUSLINE_DEBUG names: redacted, private and bounded.

Every line is a comment to a shell: the variables can come from a repository, and name a file that a shell reads.
"""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from cache.model.files import owned
from cache.refresh.storage import set_mode
from cache.work.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_LINE = b"# hudline log\n"
FIRST_LINES = (FIRST_LINE, b"hudline log\n")  # the second is that of earlier versions
LOG_SUFFIX = ".log"
AT_MOST = 256 << 10  # bytes; beyond them the older half is dropped

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND
for _name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):  # not every system has them all
    _FLAGS |= getattr(os, _name, 0)


def note(env: Mapping[str, str], text: str) -> None:
    """Append one line to our log; a file that is neither empty nor ours is left unchanged, and failures are ignored."""
    path = env.get("STATUSLINE_LOG", "")
    if path.endswith(LOG_SUFFIX):
        _note(path, text)


def note_failures(path: str, report: str) -> None:
    """Append the failures of a tick, one line each, to the file that STATUSLINE_DEBUG names.

    Only an absolute path of a ``*.log`` is used: a relative one would be in the repository of the session.
    """
    if os.path.isabs(path) and path.endswith(LOG_SUFFIX):
        for line in report.splitlines():
            _note(path, f"tick: {line}")


def _note(path: str, text: str) -> None:
    plain = "".join(char if char.isprintable() else " " for char in scrub(text))
    line = f"# {time.strftime('%Y-%m-%dT%H:%M:%S%z')} {os.getpid()} {plain}"
    try:
        _append(path, " ".join(line.split()).encode("utf-8", "replace") + b"\n")
    except (OSError, ValueError):  # a ValueError: the path has a NUL
        return


def _append(path: str, line: bytes) -> None:
    with os.fdopen(os.open(path, _FLAGS, 0o600), "r+b", buffering=0) as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or not owned(facts.st_uid):
            return
        content = file.read(AT_MOST + 1) or b""
        if content and not content.startswith(FIRST_LINES):
            return
        if facts.st_mode & 0o077:
            set_mode(file.fileno(), 0o600)
        if not content:
            file.write(FIRST_LINE)
        elif len(content) + len(line) > AT_MOST:
            half = content[AT_MOST // 2 :]
            file.truncate(0)
            file.write(FIRST_LINE + half[half.find(b"\n") + 1 :])
        file.write(line)
