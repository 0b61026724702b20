"""Programs with a time limit: their output, and that no process of theirs is left."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from cache.sources.process.run import ProcessResult, run
from tests.support.processes import running, sleep_in
from tests.support.tick_world import until

ENV = {"PATH": "/usr/bin:/bin"}


def sh(script: str, *, seconds: float = 20, at_most: int = 1000, stdin: bytes = b"", cwd: str = "/") -> ProcessResult:
    return run(["/bin/sh", "-c", script], env=ENV, cwd=cwd, seconds=seconds, at_most=at_most, stdin=stdin)


def test_the_output_of_a_program_and_its_exit_code_are_returned(tmp_path: Path) -> None:
    assert sh("echo said; echo error >&2; exit 3") == ProcessResult(3, b"said\n", False, False)
    assert sh("pwd", cwd=str(tmp_path)).output.decode().strip() == str(tmp_path)
    assert sh("").output == b""


def test_it_reads_its_input_to_the_end() -> None:
    assert sh("cat", stdin=b"given").output == b"given"
    assert sh("cat").output == b""
    large = b"x" * 300_000
    assert sh("cat", stdin=large, at_most=1 << 20).output == large


def test_it_need_not_read_its_input() -> None:
    assert sh("exec <&-; sleep 0.2; echo done", stdin=b"x" * 300_000) == ProcessResult(0, b"done\n", False, False)


def test_it_gets_only_the_environment_that_is_passed() -> None:
    assert b"HOME=" not in sh("env").output


def test_a_program_that_takes_too_long_ends_with_all_that_it_started(tmp_path: Path) -> None:
    sleep = sleep_in(tmp_path)
    ran = sh(f"{sleep} 987 & {sleep} 987; echo never", seconds=0.3)
    assert (ran.code, ran.output, ran.overdue) == (None, b"", True)
    until(lambda: not running(tmp_path))


def test_a_program_that_ignores_term_is_killed(tmp_path: Path) -> None:
    ran = sh(f"trap '' TERM; echo up; while :; do {sleep_in(tmp_path)} 986; done", seconds=0.5)
    assert (ran.output, ran.overdue) == (b"up\n", True)
    until(lambda: not running(tmp_path))


def test_output_before_the_timeout_is_kept() -> None:
    assert sh("echo early; sleep 985.1", seconds=0.5).output == b"early\n"


def test_too_much_output_is_cut_off() -> None:
    ran = sh("yes", at_most=5000)
    assert (ran.code, len(ran.output), ran.cut, ran.overdue) == (None, 5000, True, False)


def test_a_process_left_behind_neither_blocks_nor_stays(tmp_path: Path) -> None:
    sleep, began = sleep_in(tmp_path), time.monotonic()
    ran = sh(f"{sleep} 984 & echo done")
    assert (ran.code, ran.output) == (0, b"done\n")
    assert time.monotonic() - began < 15, "the one left behind holds the pipe for 984 s"
    until(lambda: not running(tmp_path))


def test_a_process_left_behind_that_ignores_term_does_not_stay_either(tmp_path: Path) -> None:
    assert sh(f"trap '' TERM; {sleep_in(tmp_path)} 981 & echo done") == ProcessResult(0, b"done\n", False, False)
    until(lambda: not running(tmp_path))


def test_a_program_that_may_not_be_killed_gets_term_alone(tmp_path: Path) -> None:
    script = f"trap 'echo asked >{tmp_path}/signal' TERM; while :; do sleep 0.05; done"
    ran = run(["/bin/sh", "-c", script], env=ENV, cwd=str(tmp_path), seconds=0.5, at_most=99, on_timeout="term")
    assert ran.overdue
    until((tmp_path / "signal").exists)
    pids = running(tmp_path, "sh", "-c", script)
    assert pids, "it was not killed"
    for pid in pids:  # a fork on its way to become `sleep` has the same command line
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_the_output_of_a_program_is_in_no_repr() -> None:
    assert "said" not in repr(sh("echo said"))


def test_a_program_that_closes_its_output_is_waited_for() -> None:
    assert sh("exec >&-; sleep 0.3; exit 7").code == 7


def test_it_has_its_own_session() -> None:
    said = run([sys.executable, "-c", "import os; print(os.getsid(0))"], env=ENV, cwd="/", seconds=20, at_most=99)
    assert int(said.output) != os.getsid(0)


@pytest.mark.parametrize("words", [["/not/there"], [os.devnull]])
def test_a_program_that_cannot_be_started_is_an_oserror(words: list[str]) -> None:
    with pytest.raises(OSError, match=r"not/there|null"):
        run(words, env=ENV, cwd="/", seconds=1, at_most=1)
    with pytest.raises(FileNotFoundError):
        sh("true", cwd="/not/there")
