"""What can be simulated: the program, and the reference; each of them also without one of its rules."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.simulation.program import Program
from tests.simulation.reference import Reference
from tests.simulation.reference_readings import Rules
from tests.simulation.removed import REMOVED, without

if TYPE_CHECKING:
    from tests.simulation.driver import Driver
    from tests.simulation.scenario import Scenario

MEMORY = Path("/dev/shm")  # thousands of files are written: where there is such a folder, they never reach a disk


@contextmanager
def reference(scenario: Scenario, removed: str = "") -> Iterator[Driver]:
    options: Any = REMOVED[removed].reference if removed else {}
    yield Reference(may_ask=scenario.may_ask, rules=replace(Rules(), **options))


@contextmanager
def program(scenario: Scenario, removed: str = "") -> Iterator[Driver]:
    folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
    with without(removed), folder as root, Program(Path(root), may_ask=scenario.may_ask) as driver:
        yield driver


SUBJECTS: dict[str, Callable[..., AbstractContextManager[Driver]]] = {"program": program, "reference": reference}
