"""Locks between processes: at most waited for while another writes, and released by the system if one is killed."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

AGAIN_S = 0.01  # between two attempts


@contextlib.contextmanager
def hold_lock(path: Path, wait_s: float = 0) -> Iterator[None]:
    """Hold a lock file; raise Busy where another process holds it for longer than ``wait_s``."""
    try:
        release = _acquire(path, wait_s)
    except (OSError, NotImplementedError) as error:
        raise errors.Busy(f"cannot lock {path}: {error}") from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # the end of the process releases it, too
            release()


if sys.platform == "win32":

    def _acquire(path: Path, wait_s: float) -> Callable[[], Any]:
        """Lock the file, and return what releases it; raise Busy or OSError."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - see below

        lock = FileLock(str(path), timeout=wait_s, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise errors.Busy("another refresh is running") from None
        return lock.release

else:
    import fcntl

    # filelock does the same here, but importing it takes a quarter of what the shortest jobs take in all.
    def _acquire(path: Path, wait_s: float) -> Callable[[], Any]:
        """Lock the file, and return what releases it; raise Busy or OSError."""
        until = time.monotonic() + wait_s
        while True:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(fd).st_nlink:  # else it was removed meanwhile, and a new file may be locked by another
                    return lambda: os.close(fd)
            except BlockingIOError:
                if time.monotonic() >= until:
                    os.close(fd)
                    raise errors.Busy("another refresh is running") from None
                time.sleep(AGAIN_S)
            except OSError:
                os.close(fd)
                raise
            os.close(fd)
