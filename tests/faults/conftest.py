"""What the rows of this folder share: processes that have imported a program, a busy home, and the figures."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from filelock import FileLock

from tests.support.faults.busy_home import BusyHome
from tests.support.faults.rows import Figures, recorded
from tests.support.fork_server import ForkServer
from tests.support.loopback_server import Loopback
from tests.support.paths import ROOT
from tests.support.programs import program
from tests.support.secret_shapes import leaked_below
from tests.support.tick_world import TOKEN, World

TICK_MODULES = ("statusline.tick", "statusline.spawn", "statusline.debug")
REFRESHER_MODULES = (
    *(f"cache.jobs.{job}" for job in ("usage", "transcripts", "git", "activity", "command", "watch")),
    *("cache.refresh.runner", "cache.sources.endpoint.client", "cache.work.testing", "runpy", "encodings.idna"),
    *("httpcore", "anyio"),  # httpx imports them for its first request
)
COMMAND_LINE = "statusline.commands.cli:main"
RowOf = Callable[[str], AbstractContextManager[Figures]]


@pytest.fixture
def row(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Iterator[RowOf]:
    """Return what opens a row: its figures are in the summary, and what did not hold fails the test.

    After each test, no file of the busy home may have the token in it.
    """
    yield lambda name: recorded(name, record_property)
    if "busy" in request.fixturenames:
        busy: BusyHome = request.getfixturevalue("busy")
        with recorded("secrets", record_property) as figures:
            login = busy.world.home / ".claude" / ".credentials.json"
            found = leaked_below(busy.world.home, TOKEN, besides=[login])
            figures.judge(request.node.name, [f"the token is in {found}"] if found else [])


@pytest.fixture(scope="session")
def system_calls(scratch: Path) -> Path:
    """Return the library that counts the calls of a process that change files, and makes one fail."""
    if sys.platform != "linux":
        pytest.skip("the library is for Linux")
    compiler, library = program("cc"), scratch / "system_calls.so"
    with FileLock(scratch / "system_calls.lock"):
        if not library.exists():
            source = ROOT / "tests" / "support" / "faults" / "system_calls.c"
            words = ["-O1", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
            subprocess.run([compiler, *words], check=True)
    return library


@pytest.fixture(scope="session")
def ticks(door: Path, system_calls: Path) -> Iterator[ForkServer]:
    """Return a process that becomes ticks of the merged module."""
    with ForkServer(door.parents[1], TICK_MODULES, system_calls, bare=True) as server:
        yield server


@pytest.fixture(scope="session")
def refreshers(door: Path, system_calls: Path) -> Iterator[ForkServer]:
    """Return a process that becomes refreshers."""
    with ForkServer(door.parents[1], REFRESHER_MODULES, system_calls) as server:
        yield server


@pytest.fixture(scope="session")
def commands(door: Path, system_calls: Path) -> Iterator[ForkServer]:
    """Return a process that becomes `statusline` commands (``COMMAND_LINE``)."""
    names = ("cli", "doctor", "install", "uninstall", "watch", "usage", "support.sample")
    with ForkServer(door.parents[1], [f"statusline.commands.{name}" for name in names], system_calls) as server:
        yield server


@pytest.fixture(scope="module")
def busy(
    door: Path, ticks: ForkServer, refreshers: ForkServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BusyHome]:
    """Return a home on which all jobs have run; and the server that they ask."""
    folder = tmp_path_factory.mktemp("busy")
    (folder / "home").mkdir()
    with Loopback() as server:
        yield BusyHome(World(folder / "home", door), server, ticks, refreshers, folder / "kept")
