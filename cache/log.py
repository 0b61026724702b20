"""The refresher's log, where STATUSLINE_LOG names a file: redacted, private and bounded."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from cache.redact import scrub as scrubbed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["note", "scrubbed"]

FIRST_LINE = b"hudline log\n"
AT_MOST = 256 << 10  # bytes; then the older half goes


def note(env: Mapping[str, str], text: str) -> None:
    """Append one line; a file that is neither empty nor ours is left alone, and no failure is worth a word."""
    path = env.get("STATUSLINE_LOG")
    if not path:
        return
    line = f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {os.getpid()} {scrubbed(text)}"
    try:
        _append(path, " ".join(line.split()).encode("utf-8", "replace") + b"\n")
    except OSError:
        return


def _append(path: str, line: bytes) -> None:
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0) as file:
        content = file.read(AT_MOST + 1) or b""
        if content and not content.startswith(FIRST_LINE):
            return
        if not content:
            file.write(FIRST_LINE)
        elif len(content) + len(line) > AT_MOST:
            half = content[AT_MOST // 2 :]
            file.truncate(0)
            file.write(FIRST_LINE + half[half.find(b"\n") + 1 :])
        file.write(line)
