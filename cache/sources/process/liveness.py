"""Whether the process that wrote a file still runs, and is not another one that got its number."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

DAY_S = 86400

_OWN_NUMBERS = "/proc/self/ns/pid"  # a link such as `pid:[4026531836]`: in which numbers of processes are unique
_MACHINE = "/etc/machine-id"
_LINUX_DOMAIN = re.compile(r"linux:([0-9a-f]*):(pid:\[[0-9]+\])")


class Origin(NamedTuple):
    """What a file says of the process that wrote it, and when that was.

    ``start`` is field 22 of its ``/proc/PID/stat`` (clock ticks after the start of the machine) on Linux; ``domain`` is
    ``linux:<machine id>:pid:[<number of the PID namespace>]`` there. Both may be empty. ``wrote_at`` is in epoch
    seconds.
    """

    pid: int
    start: str
    domain: str
    wrote_at: float


def is_same_process(origin: Origin, now: float) -> bool:
    """Return whether the process runs; false where it is of another container or machine, of which nothing is known.

    Where its start cannot be compared, a process of this user with its number counts, if it wrote within a day.
    """
    if not _is_of_this_domain(origin.domain):
        return False
    if origin.start.isdecimal() and os.path.exists("/proc/self/stat"):
        return str(started_at(origin.pid)) == origin.start
    return now - origin.wrote_at < DAY_S and _runs(origin.pid)


def started_at(pid: int) -> int | None:
    """Return when a process started, in clock ticks after the start of the machine; None where it has ended."""
    fields = stat_fields(pid)
    return int(fields[19]) if len(fields) > 19 and fields[0] not in {"Z", "X"} else None


def stat_fields(pid: int) -> list[str]:
    """Return the fields of ``/proc/PID/stat`` from the state (field 3) on; the name before may hold anything."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].decode("ascii", "replace").split()
    except OSError:
        return []


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):  # gone, or another user's
        return False
    return pid > 0


def _is_of_this_domain(domain: str) -> bool:
    """Return whether numbers of processes mean the same there; a domain of another form says nothing."""
    named = _LINUX_DOMAIN.fullmatch(domain)
    try:
        own = os.readlink(_OWN_NUMBERS)
    except OSError:
        return True
    return named is None or (named[2] == own and _machine_id() in {"", named[1]})


def _machine_id() -> str:
    try:
        with open(_MACHINE, encoding="ascii", errors="replace") as file:
            return file.read(64).strip()
    except OSError:
        return ""
