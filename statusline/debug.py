"""Where STATUSLINE_DEBUG names a file: what failed in a tick, without any value. A cold process writes it down."""

import sys

from cache.model.osapi import slashed
from statusline.spawn import detach

FRAMES_AT_MOST = 8  # of a failure, the innermost


def report_failures(failures: "list[BaseException]", path: "str") -> "None":
    """Start the process that appends one line for each failure to the file at an absolute path, if it is a ``*.log``.

    The environment can come from a repository's settings: `cache.refresh.log` says which files are written at all.
    """
    root = slashed(__file__).rpartition("/statusline/")[0]
    report = "\n".join(dict.fromkeys([failure_text(each, root) for each in failures]))
    detach([sys.executable, "-I", f"{root}/cache/__main__.py", "debug", "--file", path, "--report", report])


def failure_text(error: "BaseException", root: "str") -> "str":
    """Return ``ValueError in cost (statusline/segments/session.py:29) < segment_of (statusline/render/compose.py:58)``.

    Never the message, which can quote what nobody is to see. Only frames of our own files are named, relative to the
    folder ``root`` that holds our packages.
    """
    kind = type(error).__name__
    if error.__cause__ is not None:
        kind += f" from {type(error.__cause__).__name__}"
    return f"{kind} in {' < '.join(own_frames(error, root)[::-1]) or 'no file of hudline'}"


def own_frames(error: "BaseException", root: "str") -> "list[str]":
    """Return function, file and line of the last of our own frames in a traceback, the innermost at the end."""
    found, at = [], error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        file = slashed(code.co_filename).removeprefix(root + "/")
        if file.startswith(("statusline/", "cache/")) and code.co_name != "attempt":
            found.append(f"{code.co_name} ({file}:{at.tb_lineno})")
        at = at.tb_next
    return found[-FRAMES_AT_MOST:]
