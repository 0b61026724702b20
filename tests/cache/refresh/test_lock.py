"""Locks between processes, which earlier versions took with filelock."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from cache.refresh.lock import hold_lock
from cache.work.failures import Busy


def test_a_lock_that_cannot_be_released_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(37, "No locks available")

    with monkeypatch.context() as within, hold_lock(tmp_path / "lock"):
        within.setattr("os.close", refuse)


def test_a_lock_excludes_filelock_and_is_free_after_the_block(tmp_path: Path) -> None:
    """Earlier versions lock with it, and may still run during an upgrade."""
    theirs = FileLock(str(tmp_path / "lock"), timeout=0)
    with hold_lock(tmp_path / "lock"), pytest.raises(Timeout):
        theirs.acquire()
    with theirs, pytest.raises(Busy, match="another refresh is running"), hold_lock(tmp_path / "lock"):
        pass
    with hold_lock(tmp_path / "lock"):
        pass


def test_a_lock_file_that_was_removed_while_it_was_taken_locks_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process has removed, it also locks no longer: the file of that name counts."""
    path, lock = tmp_path / "lock", fcntl.flock
    removed: list[bool] = []

    def remove_first(fd: int, kind: int) -> None:
        lock(fd, kind)
        if not removed:
            path.unlink()
            removed.append(True)

    monkeypatch.setattr("fcntl.flock", remove_first)
    with hold_lock(path), pytest.raises(Busy), hold_lock(path):
        pass
    assert removed


def test_a_lock_that_is_freed_in_time_is_waited_for(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "lock"), pytest.raises(Busy), hold_lock(tmp_path / "lock", 0.05):
        pass
    ours = hold_lock(tmp_path / "lock")
    ours.__enter__()
    threading.Timer(0.05, lambda: ours.__exit__(None, None, None)).start()
    with hold_lock(tmp_path / "lock", 10):
        pass


def test_a_lock_is_no_link_to_a_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Busy, match="cannot lock"), hold_lock(tmp_path / "lock"):
        pass
    assert not (tmp_path / "elsewhere").exists()
