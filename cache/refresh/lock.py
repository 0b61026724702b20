"""Locks between processes: at most waited for while another writes, and released by the system if one is killed."""

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def hold_lock(path: Path, wait_s: float = 0) -> Iterator[None]:
    """Hold a lock file; raise Busy where another process holds it for longer than ``wait_s``.

    Raises Unwritable where it cannot be locked at all.
    """
    # Since filelock 4 a soft lock replaces flock where that fails; a killed process would leave it forever.
    strict: Any = (
        {"fallback_to_soft": False} if "fallback_to_soft" in inspect.signature(FileLock.__init__).parameters else {}
    )
    lock = FileLock(str(path), timeout=wait_s, mode=0o600, **strict)
    try:
        lock.acquire()
    except Timeout:
        raise errors.Busy("another refresh is running") from None
    except (OSError, NotImplementedError) as error:
        raise errors.Unwritable(f"cannot lock {path}: {error}") from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # the end of the process releases it, too
            lock.release()
