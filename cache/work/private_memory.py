"""Keeps the memory of this process, which may have a token in it, out of core files and away from other processes."""

from __future__ import annotations

import contextlib
import functools
import sys

_SET_DUMPABLE = 4  # Linux: prctl(2)


@functools.cache  # once is enough for a process
def keep_private() -> None:
    """Forbid core files of this process; on Linux also reading its memory, as far as the system allows that."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no limits
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only needed where there is a token

        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
