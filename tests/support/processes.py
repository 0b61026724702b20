"""The processes that a test has started, found by the folder of the test in their command lines."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path


def running(folder: Path, *words: str) -> list[int]:
    """Return the processes whose command line has this folder of the test and all these words.

    The folder distinguishes them from processes of other tests, runs and users. This looks twice, because a process has
    no command line during its exec.
    """
    found = _running(folder, words)
    if not found:
        time.sleep(0.05)
        found = _running(folder, words)
    return found


def _running(folder: Path, words: tuple[str, ...]) -> list[int]:
    ours = re.compile(re.escape(str(folder)) + r"(?!\w)")
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().decode("utf-8", "replace") if entry.name.isdigit() else ""
        except OSError:
            continue
        if ours.search(line) and all(word in line for word in words) and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def sleep_in(folder: Path) -> Path:
    """Return a `sleep` that lies in a folder of the test, so that `running` finds its processes."""
    real = shutil.which("sleep")
    assert real is not None
    (folder / "sleep").symlink_to(real)
    return folder / "sleep"
