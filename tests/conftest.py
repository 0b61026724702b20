"""What many tests stand on: a real installation, homes to use it in, and folders that anybody may enter."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import settings

from statusline.attempt import FAILURES
from tests.support.coverage_door import ON, cover_environment, cover_tick
from tests.support.examples import QUICK, SHARE, examples
from tests.support.faults.rows import table
from tests.support.installed_home import Home, clean_env, install_once
from tests.support.package_layout import lay_out
from tests.support.programs import NOT_INSTALLED, untested
from tests.support.unprivileged import folder_for_all

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("hudline", examples(100))  # where a test does not say how many
settings.load_profile("hudline")


# A worker runs whole files, so the longest come first: at the end, other workers would wait for them.
LONGEST = (
    *("test_odd_files.py", "test_doctor.py", "test_install_homes.py", "test_soak.py", "test_mutated_input.py"),
    *("test_install_sh_trouble.py", "test_failing_system_calls.py", "test_install_sh.py", "test_failures.py"),
    *("test_estimate_users.py", "test_doctor_strangers.py", "test_clocks.py", "test_everyday.py"),
    *("test_install_wheel.py", "test_switches.py", "test_logins.py", "test_install_release.py"),
    *("test_hint_command.py", "test_background.py", "test_install.py", "test_days.py", "test_readme.py"),
    *("test_shells.py", "test_scan.py", "test_completion_command.py", "test_trace.py"),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start with the longest files, leave the thorough tests to CI, and the lengthy ones to the long form."""
    marks = {"thorough", "lengthy"} if QUICK else {"lengthy"} if SHARE < 1 else set()
    left_out = {item for item in items if any(mark.name in marks for mark in item.iter_markers())}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say at the very end what was not tested because a program is missing, and the figures of ``tests/faults``.

    One line about each program instead of one per test.
    """
    stats = terminalreporter.stats
    skipped = stats.get("skipped", [])
    left_out = [each for each in skipped if NOT_INSTALLED in str(each.longrepr)]
    stats["skipped"] = [each for each in skipped if each not in left_out]
    yield
    stats["skipped"] = skipped
    ends = (each for kind in stats.values() for each in kind if getattr(each, "when", "") == "teardown")
    for line in table(each for end in ends for each in end.user_properties):
        terminalreporter.write_line(line)
    if left_out:
        line = untested([(each.nodeid, each.longrepr[2]) for each in left_out], sys.platform)
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(autouse=True)
def no_part_fails_unseen() -> Iterator[None]:
    """Fail where a part of a line failed in this process: the others hide that."""
    FAILURES.clear()
    yield
    if FAILURES:
        raise FAILURES[0]


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of this test run share."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if mine.name.startswith("popen-") else mine


@pytest.fixture(scope="session")
def doors(scratch: Path) -> dict[str, Path]:
    """Return the packages laid out twice, with the merged tick and with the readable one: to run, not to change."""
    kinds = ("merged", "readable")
    with FileLock(scratch / "doors.lock"):
        if not (scratch / "doors" / "done").exists():
            for kind in kinds:
                lay_out(scratch / "doors" / kind, sys.executable, merged=kind == "merged")
            if ON:
                cover_tick(scratch / "doors" / "readable" / "statusline" / "__main__.py")
            (scratch / "doors" / "done").touch()
    return {kind: scratch / "doors" / kind / "statusline" / "__main__.py" for kind in kinds}


@pytest.fixture(scope="session")
def door(doors: dict[str, Path]) -> Path:
    """Return what Claude Code's command starts, as an installed wheel has it."""
    return doors["readable" if ON else "merged"]  # only files of the checkout are measured


@pytest.fixture(scope="session")
def installed(scratch: Path) -> Home:
    """Return the one real installation (install.sh, from a copy of this checkout): to run, not to change."""
    with FileLock(scratch / "installed.lock"):
        made = install_once(scratch / "installed")
        if ON:
            cover_environment(made.venv)
        return made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return an empty home of this test's own."""
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.fixture(scope="session")
def settled(installed: Home, scratch: Path) -> Home:
    """Return a home as `statusline install` has left it: to copy, not to change."""
    home = scratch / "settled"
    made = Home(home, clean_env(home), installed.venv)
    with FileLock(scratch / "settled.lock"):
        if not made.settings.exists():
            home.mkdir()
            ran = made.run("install", STATUSLINE_START="off")
            assert ran.returncode == 0, ran.stderr
    return made


@pytest.fixture
def person(settled: Home, home: Path) -> Home:
    """Return a home of this test's own in which the installed program is Claude Code's status line."""
    shutil.copytree(settled.home, home, dirs_exist_ok=True)
    fresh = Home(home, clean_env(home), settled.venv, warm=True)
    fresh.settings.write_text(settled.settings.read_text().replace(str(settled.home), str(home)))
    return fresh


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Return a folder that every user may enter: pytest's own are for one user, and some tests act as another."""
    above = folder_for_all((tempfile.gettempdir(), "/tmp", "/var/tmp")) if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="hudline-", dir=above))
    folder.chmod(0o777)
    yield folder
    for each in (folder, *folder.rglob("*")):
        if each.is_dir() and not each.is_symlink():
            each.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def checkout(scratch: Path, installed: Home) -> Path:
    """Return the copy of the checkout that ``installed`` was made from: to read only."""
    return scratch / "installed" / "checkout"
