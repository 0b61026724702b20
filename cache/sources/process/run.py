"""A program run to its end or to the end of its time, whichever comes first, together with all that it has started."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GRACE_S = 0.3  # between TERM and KILL, also for what a program leaves behind that has ended by itself
LOOK_S = 0.02  # how often to look whether it has ended: something that it started may hold its output open
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Ran:
    """How it went: ``code`` is None where it was ended before its time.

    That is so if the time was up (``overdue``), or if it said more than it was allowed to (``cut``).
    """

    code: int | None
    output: bytes
    cut: bool
    overdue: bool


def run(
    words: Sequence[str], *, env: Mapping[str, str], cwd: str, seconds: float, at_most: int, given: bytes = b""
) -> Ran:
    """Run a program in a session of its own with ``given`` on its standard input; return what it said, up to a size.

    Its errors go nowhere. Nothing that it started outlives it, unless that made a session of its own. Raises OSError
    where the program or the directory is not there.
    """
    until = time.monotonic() + seconds
    child = subprocess.Popen(
        words,
        stdin=subprocess.PIPE if given else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
        bufsize=0,
    )
    talk = _Talk(child, given, at_most)
    try:
        talk.go_on(until)
        return Ran(child.poll(), bytes(talk.heard), talk.cut, talk.overdue)
    finally:
        talk.close()
        _end(child)


class _Talk:
    """What is said to a child and by it, neither of which may hold us up."""

    def __init__(self, child: subprocess.Popen[bytes], given: bytes, at_most: int) -> None:
        self.heard, self.cut, self.overdue = bytearray(), False, False
        self._child, self._left, self._at_most = child, given, at_most
        self._waiting = selectors.DefaultSelector()
        self._out = cast("IO[bytes]", child.stdout)
        self._pipes = [self._out] if child.stdin is None else [self._out, child.stdin]
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
            self._waiting.register(pipe, selectors.EVENT_READ if pipe is self._out else selectors.EVENT_WRITE)

    def close(self) -> None:
        """Close our ends."""
        self._waiting.close()
        for pipe in self._pipes:
            pipe.close()

    def go_on(self, until: float) -> None:
        """Talk until the child has ended and said all, until it has said too much, or until a monotonic time."""
        while not self.cut:
            left = until - time.monotonic()
            if left <= 0:
                self.overdue = True
                return
            ended = self._child.poll() is not None
            ready = [key.fileobj for key, _ in self._waiting.select(0 if ended else min(left, LOOK_S))]
            if self._out in ready:
                self._hear()
            elif ended:
                return
            if self._child.stdin in ready:
                self._say()

    def _hear(self) -> None:
        chunk = self._out.read(_CHUNK)
        if chunk is None:
            return
        self.heard += chunk
        if not chunk:
            self._waiting.unregister(self._out)
        if len(self.heard) > self._at_most:
            del self.heard[self._at_most :]
            self.cut = True

    def _say(self) -> None:
        pipe = cast("IO[bytes]", self._child.stdin)
        try:
            self._left = self._left[pipe.write(self._left[:_CHUNK]) or 0 :]
        except BrokenPipeError:  # it does not want to know
            self._left = b""
        if not self._left:
            self._waiting.unregister(pipe)
            pipe.close()


def _end(child: subprocess.Popen[bytes]) -> None:
    """End what is left of the child's group: politely, then not.

    The group keeps its number from being given to others as long as anybody is in it; once nobody is, it is left alone.
    """
    until = time.monotonic() + GRACE_S
    is_left = _reached(child.pid, signal.SIGTERM)
    while is_left and time.monotonic() < until:
        time.sleep(LOOK_S)
        child.poll()  # it stays in its group until this has been noticed
        is_left = _reached(child.pid, 0)
    if is_left:
        _reached(child.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_S)


def _reached(group: int, sign: int) -> bool:
    """Send a signal to a group (0 is none); say whether there was anybody to get it."""
    try:
        os.killpg(group, sign)
    except OSError:
        return False
    return True
