"""Clean filters and `git status`: it runs them, so they are silenced, and what they alone could tell is left open.

A filter is a program that a configuration names and a repository's attributes choose, such as git-lfs. `git status`
runs it on every tracked file whose times have changed, to see whether the content has.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from cache.work.failures import GitRefused

if TYPE_CHECKING:
    from cache.sources.git.status import Git

DRIVER_KEYS = r"^filter\..*\.(clean|smudge|process|required)$"
DRIVERS_AT_MOST = 50
PATHS_AT_ONCE = 100


def drivers_in(keys: bytes) -> list[str]:
    """Return the names of the filters in a list of configuration keys with a NUL behind each; raise GitRefused.

    With a name that cannot be written as an argument of ``-c`` the filter could not be silenced.
    """
    names = {key.removeprefix("filter.").rpartition(".")[0] for key in os.fsdecode(keys).split("\0") if key}
    if len(names) > DRIVERS_AT_MOST or any("=" in name or not name.isprintable() for name in names):
        raise GitRefused("its filters cannot be turned off")
    return sorted(names)


def silenced(drivers: list[str]) -> tuple[str, ...]:
    """Return the settings that turn filters off: an empty program is none, and none is asked for."""
    kinds = ("clean=", "smudge=", "process=", "required=false")
    return tuple(f"filter.{name}.{kind}" for name in drivers for kind in kinds)


def untold(git: Git, drivers: list[str], paths: list[bytes], root: str) -> int:
    """Return how many of these modified files only their filter could judge.

    Such a file has one of the filters, and its size is what it was when git last saw it: where the size is another, git
    takes it for modified without asking the filter.
    """
    said = git.said("check-attr", "-z", "--stdin", "filter", given=b"\0".join(paths) + b"\0")[0].split(b"\0")
    chosen = {os.fsencode(name) for name in drivers}
    filtered = [path for path, filter_ in zip(said[0::3], said[2::3], strict=False) if filter_ in chosen]
    found = 0
    for at in range(0, len(filtered), PATHS_AT_ONCE):
        some = [os.fsdecode(path) for path in filtered[at : at + PATHS_AT_ONCE]]
        listed = sizes_in(git.said("ls-files", "-z", "--debug", "--", *some)[0])
        found += sum(size in {0, _size(root, path)} for path, size in listed.items())
    return found


_DEBUG = re.compile(rb"  ctime: .*\n  mtime: .*\n  dev: .*\n  uid: .*\n  size: (\d+)\tflags: .*\n")


def sizes_in(output: bytes) -> dict[bytes, int]:
    """Return what ``git ls-files -z --debug`` tells of the size of each path when git last saw it, in bytes."""
    sizes: dict[bytes, int] = {}
    path, *rest = output.split(b"\0")
    for each in rest:
        found = _DEBUG.match(each)
        if found is None:
            break
        sizes[path] = int(found[1])
        path = each[found.end() :]
    return sizes


def _size(root: str, path: bytes) -> int:
    try:
        return os.lstat(os.path.join(os.fsencode(root), path)).st_size
    except OSError:
        return -1
