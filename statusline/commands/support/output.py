"""Standard streams that are closed, full, or of an encoding without our signs: no reason for a traceback."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys

CANNOT_FAIL = "replace"  # with `?` in place of a sign; "strict" and "surrogateescape" raise for it
WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EPIPE}


def prepare() -> None:
    """Make all three streams usable, whatever the shell has handed over.

    A closed one gets the null device, under its own number: or the next file that is opened would take that.
    """
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115 - held till the end, as its like below
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors in {"strict", "surrogateescape"}:
        sys.stdout.reconfigure(errors=CANNOT_FAIL)


def give_up(who: str, error: OSError) -> None:
    """Say that nothing more can be printed, and let the rest of it go to the null device.

    A reader that has gone away knows that already.
    """
    with contextlib.suppress(OSError, ValueError):  # Python flushes once more at exit
        number = sys.stdout.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    if not isinstance(error, BrokenPipeError):
        complain(who, f"standard output cannot be written ({error.strerror}).")


def is_of_output(error: OSError) -> bool:
    """Say whether it is about what was printed: a stream has no file name, a file that could not be written has one."""
    return error.filename is None and error.errno in WRITING


def complain(who: str, sentence: str) -> None:
    """Tell a person what went wrong, where that can still be told."""
    with contextlib.suppress(OSError):
        print(f"{who}: {sentence}", file=sys.stderr, flush=True)
