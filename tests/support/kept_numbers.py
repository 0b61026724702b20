"""Numbers in a cache as a refresher leaves them, and the ``statusline`` command run on them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from cache.model.entry import Entry
from cache.model.windows import ESTIMATE, Window
from tests.support.kept_readings import keep_usage
from tests.support.paths import ROOT
from tests.support.warm_command import run_command

LABELS = {"five_hour": "5h", "seven_day": "7d"}


def window(id_: str, percent: float, *, age_s: int = 0, source: str = "oauth", resets_in_s: int = 7200) -> Window:
    """Return a window that was looked at so long ago."""
    now = int(time.time())
    label = LABELS.get(id_) or id_.rpartition(":")[2].title()
    return Window(id_, label, percent, now + resets_in_s, source, now - age_s)


def keep(cache: Path, *windows: Window, problem: str | None = None, due_in_s: int = 3600, **value: Any) -> None:
    """Write the entry of a refresher, and estimates into that of its transcripts job.

    With ``due_in_s`` as it is, nothing starts one.
    """
    now = int(time.time())
    whole = {"account": "3f2a9c0d1e4b5a67", "plan": "Max 20x", "spend": None, "runs_out_at": None}
    official = [each for each in windows if each.source != ESTIMATE]
    keep_usage(cache, official, Entry({**whole, **value}, now, now + due_in_s, problem))
    if len(official) < len(windows):
        estimate(cache, *[each for each in windows if each not in official])


def estimate(cache: Path, *windows: Window, age_s: int = 0, **value: Any) -> None:
    """Write the entry of the transcripts job as it was left so long ago, for the account of `keep`."""
    made_at = int(time.time()) - age_s
    cache.mkdir(parents=True, exist_ok=True)
    whole = {"account": "3f2a9c0d1e4b5a67", "windows": [each.as_json() for each in windows], "complete": True}
    (cache / "transcripts.json").write_text(Entry({**whole, **value}, made_at, made_at + 3600).to_text())


def statusline(
    home: Path, *words: str, umask: int = -1, to: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the command of this checkout in a home, with nothing of the person's who runs the tests.

    It prints to the file ``to``, where one is given.
    """
    fixed = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC"}
    paths = {"STATUSLINE_CACHE_DIR": str(home / "cache"), "STATUSLINE_CONFIG": str(home / "config.json")}
    if umask < 0 and to is None:
        return run_command(*words, env=fixed | paths | env, cwd=home)
    with contextlib.ExitStack() as stack:
        out = subprocess.PIPE if to is None else stack.enter_context(open(to, "w"))
        return subprocess.run(
            [sys.executable, "-m", "statusline.commands.cli", *words],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            env=fixed | paths | {"PYTHONPATH": str(ROOT)} | env,
            cwd=home,
            check=False,
            timeout=60,
            umask=umask,
        )
