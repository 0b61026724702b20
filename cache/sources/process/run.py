"""Runs a program until it ends or its time is up, together with everything that it has started."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRACE_S = 0.3  # between TERM and KILL
POLL_S = 0.02  # a process that the program started may hold its output open, so its end does not show there
EXIT_POLL_S = 0.001  # a program that has closed its output is about to end; the wait doubles up to the above
_CHUNK = 1 << 16


@dataclass(frozen=True)
class ProcessResult:
    """How a program ended: ``code`` is None where we ended it, because of ``overdue`` or ``cut``.

    ``overdue`` means that its time was up, ``cut`` that it printed more than allowed. The output may be a secret.
    """

    code: int | None
    output: bytes = field(repr=False)
    cut: bool
    overdue: bool


def run(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    seconds: float,
    at_most: int,
    stdin: bytes = b"",
    on_timeout: Literal["kill", "term"] = "kill",
) -> ProcessResult:
    """Run a program in a new session; return its standard output, up to ``at_most`` bytes. Its errors are dropped.

    ``on_timeout`` says how a program ends that does not end by itself. ``kill`` is TERM, then KILL, for everything that
    it started, also where it has ended itself: nothing outlives it. ``term`` is TERM alone, for `claude`: a killed one
    can lose the login. Raises OSError where the program or the directory does not exist.
    """
    until = time.monotonic() + seconds
    child = subprocess.Popen(
        words,
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
        bufsize=0,
    )
    pipes = _Pipes(child, stdin, at_most)
    try:
        pipes.exchange(until)
        return ProcessResult(child.poll(), bytes(pipes.output), pipes.cut, pipes.overdue)
    finally:
        pipes.close()
        if on_timeout == "kill":
            _kill(child)
        elif child.poll() is None:
            _signal(child.pid, signal.SIGTERM)
            threading.Thread(target=child.wait, daemon=True).start()  # so that it does not stay a zombie


class _Pipes:
    """The input and output of a child, neither of which may block us."""

    def __init__(self, child: subprocess.Popen[bytes], stdin: bytes, at_most: int) -> None:
        self.output, self.cut, self.overdue = bytearray(), False, False
        self._child, self._unwritten, self._at_most = child, stdin, at_most
        self._selector = selectors.DefaultSelector()
        self._stdout = cast("IO[bytes]", child.stdout)
        self._pipes = [self._stdout] if child.stdin is None else [self._stdout, child.stdin]
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ if pipe is self._stdout else selectors.EVENT_WRITE)

    def close(self) -> None:
        """Close our ends."""
        self._selector.close()
        for pipe in self._pipes:
            pipe.close()

    def exchange(self, until: float) -> None:
        """Write and read until the child has ended, has printed too much, or a time (monotonic) is reached."""
        wait_s = POLL_S
        while not self.cut:
            left_s = until - time.monotonic()
            if left_s <= 0:
                self.overdue = True
                return
            ended = self._child.poll() is not None
            ready = [key.fileobj for key, _ in self._selector.select(0 if ended else min(left_s, wait_s))]
            if self._stdout in ready:
                wait_s = POLL_S if self._read() else EXIT_POLL_S
            elif ended:
                return
            else:
                wait_s = min(2 * wait_s, POLL_S)
            if self._child.stdin in ready:
                self._write()

    def _read(self) -> bool:
        """Read what is there; return False at the end."""
        chunk = self._stdout.read(_CHUNK)
        if chunk is None:
            return True
        self.output += chunk
        if not chunk:
            self._selector.unregister(self._stdout)
        if len(self.output) > self._at_most:
            del self.output[self._at_most :]
            self.cut = True
        return bool(chunk)

    def _write(self) -> None:
        pipe = cast("IO[bytes]", self._child.stdin)
        try:
            self._unwritten = self._unwritten[pipe.write(self._unwritten[:_CHUNK]) or 0 :]
        except BrokenPipeError:  # it does not read its input
            self._unwritten = b""
        if not self._unwritten:
            self._selector.unregister(pipe)
            pipe.close()


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End what is left of the child's group: with TERM, and after a grace with KILL.

    The group's number cannot be reused as long as a process is in it; after that we leave it alone.
    """
    until = time.monotonic() + GRACE_S
    is_left = _signal(child.pid, signal.SIGTERM)
    while is_left and time.monotonic() < until:
        time.sleep(POLL_S)
        child.poll()  # a child that has ended stays in its group until then
        is_left = _signal(child.pid, 0)
    if is_left:
        _signal(child.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_S)


def _signal(group: int, number: int) -> bool:
    """Send a signal to a process group (0 sends none); return whether there was a process to get it."""
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True
