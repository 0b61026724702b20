"""Measures a process of the tests to its end, also where it leaves by `_exit` or becomes another program.

`cover_environment` lets all processes of a virtual environment start this file. A tick has no site-packages; for it,
`cover_tick` puts `DOOR` in place of its entry point. Nothing of this exists in an ordinary run of the tests.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MADE = ROOT / ".coverage"  # all that a measured run leaves
DATA = MADE / "data"  # a file for each process
ON = bool(os.environ.get("HUDLINE_COVERAGE"))  # whether these tests run measured

PACKAGES = ("statusline", "cache")
# Copies of the packages in the folders of tests count as those of the checkout. Merged modules have no lines there.
MERGED = ("hot", "news", "settings", "special", "urgent", "wide", "full", "further", "seldom")
MEASURED: dict[str, Any] = {
    "config_file": False,
    "branch": True,
    "include": [f"*/{each}/*" for each in PACKAGES],
    # A copy of the plugin in a folder named `cache` is none of our packages.
    "omit": [f"{ROOT}/tests/*", f"{MADE}/*", "*/.claude-plugin/*", *(f"*/statusline/{each}.py" for each in MERGED)],
}

# One line, as it is in a `.pth` file.
START = "import sys; sys.path += {path!r}; exec({code!r}); del sys.path[-{count}:]"
CODE = """
try:
    import coverage_door
    coverage_door.start({data!r})
except ImportError:  # another user may not read it
    pass
"""
DOOR = """
{start}
exec(compile(open({real!r}, encoding="utf-8").read(), {real!r}, "exec"))
"""


def start(data: str = str(DATA)) -> None:
    """Measure this process from here on, into a file in a folder. Where that is impossible, it runs unmeasured."""
    try:
        from coverage import Coverage  # noqa: PLC0415 - as below

        measured = Coverage(Path(data, "process"), data_suffix=True, **MEASURED)
        measured.set_option("run:disable_warnings", ["no-data-collected", "module-not-measured"])
        measured.start()
    except Exception:  # noqa: BLE001 - what a test sees of the process must not depend on this
        return
    import atexit  # noqa: PLC0415
    import posix  # noqa: PLC0415 - the tick calls these by this name

    def save() -> None:
        try:
            measured.stop()
            measured.save()
        except Exception:  # noqa: BLE001, S110 - no space or no right to write
            pass

    def after_saving(leave: Callable[..., Any]) -> Callable[..., Any]:
        def left(*given: Any) -> Any:
            save()
            return leave(*given)

        return left

    atexit.register(save)
    for name in ("_exit", "execv", "execve"):
        replaced = after_saving(getattr(posix, name))
        setattr(posix, name, replaced)
        setattr(os, name, replaced)


def cover_environment(folder: Path) -> None:
    """Let every process of a virtual environment be measured, except those without site-packages."""
    for inside in folder.glob("lib/python3.*/site-packages"):
        (inside / "measured.pth").write_text(start_line(), encoding="utf-8")


def cover_tick(entry: Path) -> None:
    """Let the entry point of packages that have been laid out be measured, as that of the checkout."""
    real = str(ROOT / "statusline" / entry.name)
    entry.write_text(DOOR.format(start=start_line(), real=real), encoding="utf-8")


def start_line(data: Path = DATA) -> str:
    """Return a line of Python that measures its process, into a file in a folder."""
    import coverage  # noqa: PLC0415 - not every process that loads this file has it

    path = [os.path.dirname(os.path.abspath(__file__)), str(Path(coverage.__file__).parents[1])]
    return START.format(path=path, code=CODE.format(data=str(data)), count=len(path))
