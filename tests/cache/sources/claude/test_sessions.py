"""Claude Code's running sessions: which are read, which still run, and what of a hostile file gets through."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cache.sources.claude.sessions import NAME_AT_MOST, READ_AT_MOST, RunningSession, running_sessions
from tests.support.paths import ROOT
from tests.support.session_files import WAITING, processes, session_file, stale_files

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="macOS does not tell when a process started")
HERE = os.getpid()  # a process that certainly runs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


def only(folder: Path, **changes: Any) -> RunningSession:
    """Return the one session that is read from a file with these changes."""
    session_file(folder, HERE, **changes)
    found = running_sessions(folder)
    assert len(found) == 1
    return found[0]


def test_a_recorded_file_is_read(folder: Path) -> None:
    found = only(folder, **WAITING)
    assert (found.pid, found.id, found.folder) == (
        HERE,
        f"{HERE:08d}-d88d-4c00-be5b-22872a083a00",
        "/home/user/work/api",
    )
    assert (found.name, found.full_name, found.pane) == ("api", "api-e7", "%1")
    assert (found.status, found.waiting_for) == ("waiting", "permission prompt")
    assert (found.started_at, found.since) == (1795320000, 1795320600)


def test_no_folder_has_no_sessions(folder: Path) -> None:
    assert running_sessions(folder) == []


def test_sessions_in_folders_of_one_name_have_their_full_names(folder: Path) -> None:
    with processes(3) as (one, two, three):
        session_file(folder, one, "/a/api", name="api-11")
        session_file(folder, two, "/b/api", name="api-22")
        session_file(folder, three, "/b/api", name="my api", nameSource="user")
        assert {each.name for each in running_sessions(folder)} == {"api-11", "api-22", "my api"}


def test_a_session_of_the_sdk_has_no_status(folder: Path) -> None:
    found = only(folder, kind="sdk", status=None, tmux=None, statusUpdatedAt=None)
    assert (found.status, found.pane, found.since) == ("", "", 0)


def test_a_process_that_has_ended_is_not_running(folder: Path) -> None:
    with processes(1) as (gone,):
        session_file(folder, gone)
        assert len(running_sessions(folder)) == 1
    assert running_sessions(folder) == []


@ON_LINUX
def test_a_process_that_is_not_reaped_has_ended(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE) as child:
        session_file(folder, child.pid)
        assert len(running_sessions(folder)) == 1
        assert child.stdin is not None
        child.stdin.close()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert running_sessions(folder) == []


@ON_LINUX
@pytest.mark.parametrize("start", ["1", "9" * 5000, "\u0661", "0x10"])
def test_another_process_with_its_number_is_not_the_session(folder: Path, start: str) -> None:
    session_file(folder, HERE, procStart=start)
    assert running_sessions(folder) == [] or not start.isdecimal()


@ON_LINUX
@pytest.mark.parametrize("domain", ["linux:{machine}:pid:[1]", "linux:0123456789abcdef0123456789abcdef:{numbers}"])
def test_a_session_of_another_container_or_machine_cannot_be_told(folder: Path, domain: str) -> None:
    machine, numbers = Path("/etc/machine-id"), os.readlink("/proc/self/ns/pid")
    own = machine.read_text().strip() if machine.exists() else ""
    if "{numbers}" in domain and not own:
        pytest.skip("this machine has no id")
    assert only(folder, pidDomain=f"linux:{own}:{numbers}").pid == HERE
    session_file(folder, HERE, pidDomain=domain.format(machine=own, numbers=numbers))
    assert running_sessions(folder) == []


def test_without_its_start_a_process_counts_for_a_day(folder: Path) -> None:
    file = session_file(folder, HERE, procStart=None)
    assert len(running_sessions(folder)) == 1
    written_at = file.stat().st_mtime
    assert len(running_sessions(folder, written_at + 86_000)) == 1
    assert running_sessions(folder, written_at + 86_500) == []
    session_file(folder, 1, procStart=None)  # another user's, unless root runs the tests
    session_file(folder, 4_100_000, procStart=None)
    assert {each.pid for each in running_sessions(folder)} <= {HERE, 1}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe{}", b"[" * 100_000, b'{"pid": 7}', b"{" + b" " * 70_000 + b"}"],
)
def test_a_file_that_makes_no_sense_is_silent(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / f"{HERE}.json").write_bytes(content)
    assert running_sessions(folder) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pid", "7"),
        ("pid", None),
        ("sessionId", None),
        ("sessionId", "../../x"),
        ("sessionId", "*"),
        ("sessionId", ["a"]),
    ],
)
def test_a_session_without_its_process_or_its_id_is_silent(folder: Path, name: str, value: object) -> None:
    session_file(folder, HERE, **{name: value})
    assert running_sessions(folder) == []


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\nb", "a b"),
        ("\x1b]0;title\x07red\x1b[31m", "]0;title red [31m"),
        ("\u202eevil\u2066", "evil"),
        ("zero\u200bwidth\ufeff", "zero width"),
        ("\u2028line\u2029", "line"),
        ("\ud800half", "half"),
        ("x" * 100_0, "x" * NAME_AT_MOST),
        ("\x1b\x00\n", "api"),
        (["a"], "api"),
        (7, "api"),
    ],
)
def test_a_hostile_name_is_one_clean_line(folder: Path, hostile: object, shown: str) -> None:
    found = only(folder, name=hostile, nameSource="user", status=hostile, waitingFor=hostile)
    assert found.name == found.full_name == shown
    assert all(
        text.isprintable() and len(text) <= NAME_AT_MOST for text in (found.name, found.status, found.waiting_for)
    )


def test_a_name_that_is_not_utf_8_is_shown_with_replacements(folder: Path) -> None:
    file = session_file(folder, HERE, name="NAME", nameSource="user")
    file.write_bytes(file.read_bytes().replace(b"NAME", b"caf\xe9"))
    assert running_sessions(folder)[0].name == "caf\ufffd"


@pytest.mark.parametrize("tmux", ["%1", "main:@0.%0; kill-server", "main:@0.%0\n", "main:@0.%-1", "main:@0.", 7])
def test_a_pane_is_a_number_or_nothing(folder: Path, tmux: object) -> None:
    assert only(folder, tmux=tmux).pane == ""


def test_a_link_a_fifo_and_a_folder_are_no_sessions(folder: Path, tmp_path: Path) -> None:
    real = session_file(tmp_path / "elsewhere", HERE)
    folder.mkdir()
    for make in (lambda path: path.symlink_to(real), os.mkfifo, Path.mkdir):
        path = folder / f"{HERE}.json"
        make(path)
        assert running_sessions(folder) == []
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    os.link(real, folder / f"{HERE}.json.tmp")
    os.link(real, folder / f"x{HERE}.json")
    assert running_sessions(folder) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_no_session(folder: Path) -> None:
    os.chown(session_file(folder, HERE), 65534, 65534)
    assert running_sessions(folder) == []


OPENED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from cache.sources.claude.sessions import running_sessions
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
running = running_sessions(Path(sys.argv[2]))
print(json.dumps({"opened": opened, "running": [each.pid for each in running]}))
"""


def test_of_many_stale_files_the_newest_64_are_opened_and_no_key(folder: Path) -> None:
    stale_files(folder, 90)
    for file in folder.iterdir():
        os.utime(file, (time.time() - 3600,) * 2)
    session_file(folder, HERE)
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", OPENED, str(ROOT), str(folder)], capture_output=True, text=True, check=True
    )
    found = json.loads(ran.stdout)
    ours = [path for path in found["opened"] if path.startswith(str(folder))]
    assert found["running"] == [HERE]
    assert len(ours) == READ_AT_MOST
    assert all(path.endswith(".json") for path in ours)
