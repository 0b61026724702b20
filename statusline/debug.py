"""Reporting what failed in a tick to the file that STATUSLINE_DEBUG names; a cold process writes it."""

import sys

from cache.model.osapi import slashed
from statusline.spawn import detach, environment_for

FRAMES_AT_MOST = 8  # of a failure, the innermost


def report_failures(failures: "list[BaseException]", path: "str") -> "None":
    """Start the process that appends one line for each failure to the file at an absolute path, if it is a ``*.log``.

    The environment can come from a repository's settings: `cache.refresh.log` decides which files may be written.
    """
    root = slashed(__file__).rpartition("/statusline/")[0]
    report = "\n".join(dict.fromkeys([failure_text(each, root) for each in failures]))
    command = [sys.executable, "-I", f"{root}/cache/__main__.py", "debug", "--file", path, "--report", report]
    detach(command, environment_for("debug"))


def failure_text(error: "BaseException", root: "str") -> "str":
    """Return ``ValueError in cost (statusline/segments/session.py:29) < segment_of (statusline/render/compose.py:58)``.

    Without the message, which can quote secrets. Only frames of our own files are named, relative to ``root``, the
    folder of our packages.
    """
    kind = type(error).__name__
    if error.__cause__ is not None:
        kind += f" from {type(error.__cause__).__name__}"
    return f"{kind} in {' < '.join(own_frames(error, root)[::-1]) or 'no file of hudline'}"


def own_frames(error: "BaseException", root: "str") -> "list[str]":
    """Return function, file and line of the last of our own frames in a traceback, the innermost at the end."""
    frames, at = [], error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        file = slashed(code.co_filename).removeprefix(root + "/")
        if file.startswith(("statusline/", "cache/")) and code.co_name != "attempt":
            frames.append(f"{code.co_name} ({file}:{at.tb_lineno})")
        at = at.tb_next
    return frames[-FRAMES_AT_MOST:]
