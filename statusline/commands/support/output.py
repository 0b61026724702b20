"""Handles standard streams that are closed, full, or in an encoding without our characters."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys

ANOTHER_FILE = "Name another file with --output."
CANNOT_FAIL = "replace"  # with `?` for a missing character; "strict" and "surrogateescape" raise
WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EPIPE}


def prepare() -> None:
    """Make all three streams usable.

    A closed one is opened on the null device under its number, or the next opened file would take it.
    """
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115 - open until exit, as below
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors in {"strict", "surrogateescape"}:
        sys.stdout.reconfigure(errors=CANNOT_FAIL)


def give_up(who: str, error: OSError) -> None:
    """Report that standard output failed, and send the rest of it to the null device.

    A closed pipe is not reported.
    """
    with contextlib.suppress(OSError, ValueError):  # Python flushes again at exit
        number = sys.stdout.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    if not isinstance(error, BrokenPipeError):
        complain(who, f"standard output cannot be written ({error.strerror}).")


def is_of_output(error: OSError) -> bool:
    """Return whether an error is about standard output: errors of files have a file name."""
    return error.filename is None and error.errno in WRITING


def complain(who: str, sentence: str) -> None:
    """Print an error to standard error, if that is possible; on a terminal it is broken between words.

    Names in it cannot act on the terminal.
    """
    from statusline.commands.support.plain_text import one_line  # noqa: PLC0415 - only an error needs it

    text = one_line(f"{who}: {sentence}")
    if sys.stderr.isatty():
        from statusline.commands.support.terminal import sentence_text  # noqa: PLC0415 - in a pipe nothing needs it

        text = sentence_text(text, sys.stderr, os.environ)
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def say(*lines: str) -> None:
    """Print lines on standard output; names in them cannot act on the terminal, or imitate a line."""
    from statusline.commands.support.plain_text import one_line  # noqa: PLC0415 - as above

    print(*map(one_line, lines), sep="\n")
