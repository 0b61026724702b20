"""Locks between processes: taken without waiting, and let go of by the system when a process is killed."""

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
def hold_lock(path: Path) -> Iterator[None]:
    """Hold a lock file, or raise Busy at once: whoever comes second has nothing to add."""
    # Since filelock 4 a soft lock takes over where flock fails, and a killed process leaves that for ever.
    strict: Any = (
        {"fallback_to_soft": False} if "fallback_to_soft" in inspect.signature(FileLock.__init__).parameters else {}
    )
    lock = FileLock(str(path), timeout=0, mode=0o600, **strict)
    try:
        lock.acquire()
    except Timeout:
        raise errors.Busy("another refresh is under way") from None
    except (OSError, NotImplementedError) as error:
        raise errors.Busy(f"no lock at {path}: {error}") from error
    try:
        yield
    finally:
        lock.release()
