"""Each system call that changes a file, opens one or locks one fails once: nothing is lost, and what failed has a name.

The calls are those below the cache, or below the home for commands that edit files of the user.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.conftest import COMMAND_LINE, RowOf
from tests.support.faults.busy_home import JOBS, BusyHome, plain
from tests.support.faults.kept_files import grow_old, leftovers, make_due, troubles_of
from tests.support.faults.rows import some
from tests.support.fork_server import (
    CHANGES,
    LOCK,
    MAKE,
    MODE,
    OPEN,
    READ_OPEN,
    RENAME,
    SYNC,
    TRUNCATE,
    UNLINK,
    WRITE,
    FileFaults,
    ForkServer,
    Ran,
)

NUMBERS = {"five_hour": 24, "seven_day": 83, "seven_day:fable": 36}
# Which calls can fail so.
ERRORS = {
    errno.EIO: CHANGES,
    errno.ENOSPC: OPEN | WRITE | RENAME | MAKE | SYNC | TRUNCATE,
    errno.EPERM: OPEN | RENAME | UNLINK | MAKE | MODE | TRUNCATE,
    errno.EROFS: OPEN | RENAME | UNLINK | MAKE | MODE,
    errno.EMFILE: OPEN | READ_OPEN,
    errno.ENOLCK: LOCK,
}
COMMANDS = (["watch", "--at", "80", "--command", "true"], ["install"], ["uninstall"])


@dataclass
class Program:
    """Something that writes: ``run`` does it once, ``troubles`` says what does not hold afterwards."""

    name: str
    folder: Path
    run: Callable[[FileFaults], Ran]
    troubles: Callable[[Ran], list[str]]


def tick(busy: BusyHome) -> Program:
    def troubles(ran: Ran) -> list[str]:
        is_row = (ran.code, ran.err) == (0, b"") and "5h 2" in plain(ran)
        return ([] if is_row else [str(ran)]) + troubles_of(busy.world.cache)

    limits = busy.payload()["rate_limits"]
    limits["five_hour"]["used_percentage"] = 22.5
    news = json.dumps(busy.payload(session_id="another", rate_limits=limits)).encode()
    return Program("tick", busy.world.cache, lambda faults: busy.tick(news, faults=faults), troubles)


def job(busy: BusyHome, name: str) -> Program:
    cache = busy.world.cache

    def troubles(ran: Ran) -> list[str]:
        found = troubles_of(cache)
        if ran.code not in {0, 1, 3} or ran.out or ran.err or "hudline error" in busy.log:
            found.append(f"{ran} {busy.log[-200:]}")
        if ran.code and ran.code != 3 and not has_named_failure(busy, name):
            found.append(f"no name for what failed: {busy.log[-200:]}")
        if busy.percents() != NUMBERS:
            found.append(f"numbers {busy.percents()}")
        grow_old(cache)
        make_due(cache)  # the wait after a failure is over
        following = busy.refresh(name)
        if following.code or following.err or busy.world.kept()["problem"]:
            found.append(f"the next refresh: {following} {busy.log[-200:]}")
        return found + leftovers(cache)

    return Program(name, cache, lambda faults: busy.refresh(name, faults=faults), troubles)


def has_named_failure(busy: BusyHome, name: str) -> bool:
    """Return whether the log can have been the one that failed, or names the failure of a job."""
    return not busy.log or any(f"{name} failed: " in line for line in busy.log.splitlines())


def command(busy: BusyHome, commands: ForkServer, words: list[str]) -> Program:
    home = busy.world.home
    files = [home / ".claude" / "settings.json", busy.config]

    def run(faults: FileFaults) -> Ran:
        return commands.run(COMMAND_LINE, words, busy.world.env, cwd=home, faults=faults)

    def troubles(ran: Ran) -> list[str]:
        found = [] if ran.code in {0, 1} and b"Traceback" not in ran.err else [str(ran)]
        if ran.code and not ran.err.strip():
            found.append("it says nothing")
        kept = [json.loads(path.read_text()) for path in files]
        is_whole = kept[0].get("model") == "opus" and kept[1].get("preset") == "full"
        return found + ([] if is_whole else [f"lost: {kept}"])

    return Program(words[0], home, run, troubles)


def installed(busy: BusyHome, commands: ForkServer) -> None:
    """Let there be something to uninstall."""
    ran = commands.run(COMMAND_LINE, ["install"], busy.world.env, cwd=busy.world.home)
    assert ran.code == 0, ran


def test_failing_system_calls(row: RowOf, busy: BusyHome, commands: ForkServer) -> None:
    programs = [
        tick(busy),
        *(job(busy, name) for name in JOBS),
        *(command(busy, commands, words) for words in COMMANDS),
    ]
    with row("failing system calls") as figures:
        for program in programs:
            busy.restore()
            if program.name == "uninstall":
                installed(busy, commands)
                shutil.rmtree(busy.kept)
                shutil.copytree(busy.world.home, busy.kept, symlinks=True)
            calls = calls_of(busy, program)
            tried = calls if program.name == "tick" else some(figures.row, calls)  # a tick has few, and is quick
            if program.name == "usage":  # whichever of our files it cannot open for a moment
                tried += [call for call in calls if call.error == errno.EMFILE and call not in tried]
            for call in tried:
                busy.restore()
                ran = program.run(call)
                if ran.fired:
                    figures.judge(f"{program.name}: {errno.errorcode[call.error]} at {call}", program.troubles(ran))


def calls_of(busy: BusyHome, program: Program) -> list[FileFaults]:
    """Return all calls of a program with each error that they can have."""
    found = []
    for error, kinds in ERRORS.items():
        busy.restore()
        counted = program.run(FileFaults(str(program.folder), kinds))
        assert counted.code == 0, counted
        found += [FileFaults(str(program.folder), kinds, nth + 1, error) for nth in range(counted.seen)]
    assert len(found) > 10
    return found
