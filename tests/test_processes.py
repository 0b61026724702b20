"""Finding the processes of a test: its own are found, and no others."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import running, sleep_in
from tests.support.tick_world import until


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[dict[str, int]]:
    """Start a process in each of two folders, of which one name begins with the other; return their ids."""
    started = {}
    for name in ("test1", "test10"):
        (tmp_path / name).mkdir()
        started[name] = subprocess.Popen([sleep_in(tmp_path / name), "600"])
    yield {name: process.pid for name, process in started.items()}
    for process in started.values():
        process.kill()
        process.wait()


def test_only_the_processes_of_a_folder_are_found(tmp_path: Path, folders: dict[str, int]) -> None:
    until(lambda: len(running(tmp_path)) == 2)
    for name, pid in folders.items():
        assert running(tmp_path / name) == [pid]
        assert running(tmp_path / name, "600") == [pid]
        assert running(tmp_path / name, "601") == []
    assert sorted(running(tmp_path)) == sorted(folders.values())
    assert running(tmp_path / "test") == []
