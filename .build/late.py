"""Writes ``late.txt``, the functions of the hot files that a usual tick does not call: ``python .build/late.py``.

`hot.py` leaves them out of the modules that usual ticks load. Each line names the merged module that gets them, the
readable file, and the functions. What is not listed is loaded by every tick, so a new function works without a line
here. Needs Python 3.11 or later, for ``co_qualname``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(1, str(ROOT / ".build"))

import hot  # noqa: E402 - found through the lines above

from cache.model.entry import Entry  # noqa: E402
from cache.model.windows import Window  # noqa: E402
from tests.bench.tick import checkout, filled_cache, signed_in  # noqa: E402
from tests.support.kept_readings import keep_usage  # noqa: E402
from tests.support.tick_world import World, payload, until  # noqa: E402

TARGET = ROOT / ".build" / "late.txt"
DOOR = ROOT / "statusline" / "__main__.py"
# Torn files make a tick fail, so what loads files, catches failures and prints the line is not loaded late.
ALWAYS = ("cache.model.osapi", "cache.model.files", "cache.model.lazy", "statusline.attempt", "statusline.tick")

FULL_ROWS = "full rows"  # of other sessions, such as one without a plan: only `full.py` is made for them, too

# Runs a tick of the readable files, and writes file and name of each called function to standard error. Forked jobs
# leave through `_exit`, too, and write nothing.
TRACED = """
import posix, sys
called, leave = set(), posix._exit
def note(frame, event, _):
    if event == "call":
        called.add(f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}")
def told(code, own=posix.getpid()):
    sys.setprofile(None)
    if posix.getpid() == own:
        posix.write(2, "\\n".join(called).encode())
    leave(code)
posix._exit = told
sys.argv[:] = sys.argv[1:]
sys.path.append(sys.argv[0].rpartition("/statusline/")[0])
sys.setprofile(note)
from statusline.tick import main
main(sys.argv[1:])
"""


def called(world: World, given: dict[str, Any]) -> set[str]:
    """Return the functions that a tick calls, as ``module:name``."""
    done = world.traced(TRACED, given, world.home / "work")
    found = set()
    for line in done.stderr.decode().splitlines():
        file, _, name = line.partition(":")
        path = Path(file)
        if path.is_relative_to(ROOT):
            found.add(f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}:{name.partition('.<locals>')[0]}")
    return found


def calls_by_group(scratch: Path) -> dict[str, set[str]]:
    """Return the functions that each kind of tick calls, by the merged module that it stands for."""
    found: dict[str, set[str]] = defaultdict(set)
    offline = {"STATUSLINE_OAUTH": "off", "STATUSLINE_START": "off"}
    world = World(scratch, DOOR, extra={"NO_COLOR": "", "FORCE_COLOR": "1", "COLUMNS": "120", **offline})
    (checkout(scratch / "work") / "new").touch()
    world.cache.parent.mkdir()
    filled_cache(world.cache, int(time.time()))
    signed_in(scratch)
    place: dict[str, Any] = {"cwd": str(scratch / "work"), "workspace": {"current_dir": str(scratch / "work")}}
    silent = payload("oauth-01-startup", **place)
    limits = payload("oauth-02-after-message-rate-limits", now=time.time(), **place)
    found["news"] |= called(world, silent)  # a new process
    for percent in 43, 44:
        limits["rate_limits"]["five_hour"]["used_percentage"] = percent
        found["news"] |= called(world, limits)
    run_git_job(world, limits)
    for columns in "80", "100", "120", "200":
        world.extra["COLUMNS"] = columns
        found["wide" if columns == "200" else "hot"] |= called(world, limits)
    for given in payload("oauth-03-after-second", now=time.time()), payload("apikey-02-after-message", **place), silent:
        world.tick(given)
        found["hot"] |= called(world, given)
    config = scratch / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"theme": "light"}')
    world.tick(limits)
    found["settings"] |= called(world, limits)
    config.write_text('{"preset": "full"}')
    world.tick(limits)
    found["full"] |= called(world, limits) - found["settings"]  # this tick loads both
    for given in payload("apikey-02-after-message", **place), silent:
        world.tick(given)
        found[FULL_ROWS] |= called(world, given)
    keep_windows(world)
    world.tick(silent)
    found[FULL_ROWS] |= called(world, silent)
    config.unlink()
    for numbers in [(92, 0)], [(40, 3000)], []:  # a limit that warns, an old number, no number
        keep_windows(world, *numbers)
        world.tick(silent)
        found["urgent"] |= called(world, silent)
    return found


def keep_windows(world: World, *numbers: tuple[float, int]) -> None:
    """Write an entry that is not due, with five-hour windows of these percentages and ages in seconds."""
    at = int(time.time())
    entry = Entry({}, at, at + 7200)
    entry.parts = {job: Entry({}, at, at + 7200).as_json() for job in ("sessions", "money")}
    windows = [Window("five_hour", "5h", percent, at + 7200, "oauth", at - age_s) for percent, age_s in numbers]
    keep_usage(world.cache, windows, entry)


def run_git_job(world: World, given: dict[str, Any]) -> None:
    """Let a tick start the job that asks git, and wait for its entry."""
    del world.extra["STATUSLINE_START"]
    world.tick(given, cwd=world.home / "work")
    until(lambda: list((world.cache / "git").glob("*.json")))
    world.extra["STATUSLINE_START"] = "off"


def late_list() -> str:
    """Return the list.

    A function that only one kind of tick calls goes to that kind's module, one that none calls to ``seldom``. Of the
    files of ``full``, what no row with that preset calls goes to ``further``.
    """
    with tempfile.TemporaryDirectory() as scratch:
        found = calls_by_group(Path(scratch).resolve())
    in_full = found["full"] | found.pop(FULL_ROWS)
    lines: dict[str, list[str]] = defaultdict(list)
    for module in hot.hot_modules(ROOT):
        if module in ALWAYS:
            continue
        names: dict[str, list[str]] = defaultdict(list)
        for name in hot.functions_of(ROOT, module):
            groups = [group for group in found if f"{module}:{name}" in found[group]]
            if "hot" not in groups and len(groups) < 2:
                names[groups[0] if groups else "seldom"].append(name)
        for group, each in names.items():
            lines[group].append(f"{group} {module} {' '.join(each)}")
    for module in hot.merged_groups(ROOT)["full"]:
        unused = [name for name in hot.functions_of(ROOT, module) if f"{module}:{name}" not in in_full]
        if unused:
            lines["further"].append(f"further {module} {' '.join(unused)}")
    return "".join(f"{line}\n" for group in sorted(lines) for line in lines[group])


if __name__ == "__main__":
    TARGET.write_text(late_list(), encoding="utf-8")
