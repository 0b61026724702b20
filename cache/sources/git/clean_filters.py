"""Turns off git's clean filters for `git status`, and counts the files that only a filter could judge.

A filter is a program that a configuration names and a repository's attributes choose, such as git-lfs. `git status`
would run it on every tracked file whose times have changed, to see whether its content has.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from cache.work.failures import GitRefused

if TYPE_CHECKING:
    from cache.sources.git.command import Git

DRIVER_KEYS = r"^filter\..*\.(clean|smudge|process|required)$"
DRIVERS_AT_MOST = 50
PATHS_AT_ONCE = 100


def read_drivers(git: Git, submodule: str = "") -> list[str]:
    """Return the names of the filters that the configuration defines; raise GitRefused, Overdue."""
    words = ("config", "-z", "--name-only", "--get-regexp", DRIVER_KEYS)
    return parse_drivers(git.output_of(*words, empty_code=1, submodule=submodule)[0])


def parse_drivers(keys: bytes) -> list[str]:
    """Return the names of the filters in configuration keys, each followed by a NUL; raise GitRefused.

    A filter whose name cannot be written as an argument of ``-c`` cannot be turned off.
    """
    names = {key.removeprefix("filter.").rpartition(".")[0] for key in os.fsdecode(keys).split("\0") if key}
    if len(names) > DRIVERS_AT_MOST or any("=" in name or not name.isprintable() for name in names):
        raise GitRefused("its filters cannot be turned off")
    return sorted(names)


def disable_settings(drivers: list[str]) -> tuple[str, ...]:
    """Return the settings that turn filters off: an empty program, which git need not run."""
    kinds = ("clean=", "smudge=", "process=", "required=false")
    return tuple(f"filter.{name}.{kind}" for name in drivers for kind in kinds)


def count_unjudged(git: Git, drivers: list[str], paths: list[bytes], root: str) -> int:
    """Return how many of these modified files only their filter could judge.

    Such a file has one of the filters, and its size is what git last recorded: where the size differs, git counts the
    file as modified without running the filter.
    """
    output, _ = git.output_of("check-attr", "-z", "--stdin", "filter", stdin=b"\0".join(paths) + b"\0")
    fields = output.split(b"\0")
    names = {os.fsencode(name) for name in drivers}
    filtered = [path for path, driver in zip(fields[0::3], fields[2::3], strict=False) if driver in names]
    count = 0
    for first in range(0, len(filtered), PATHS_AT_ONCE):
        portion = [os.fsdecode(path) for path in filtered[first : first + PATHS_AT_ONCE]]
        sizes = parse_sizes(git.output_of("ls-files", "-z", "--debug", "--", *portion)[0])
        count += sum(size in {0, _size(root, path)} for path, size in sizes.items())
    return count


_DEBUG = re.compile(rb"  ctime: .*\n  mtime: .*\n  dev: .*\n  uid: .*\n  size: (\d+)\tflags: .*\n")


def parse_sizes(output: bytes) -> dict[bytes, int]:
    """Return the size, in bytes, that git last recorded for each path in the output of ``git ls-files -z --debug``."""
    sizes: dict[bytes, int] = {}
    path, *rest = output.split(b"\0")
    for text in rest:
        match = _DEBUG.match(text)
        if match is None:
            break
        sizes[path] = int(match[1])
        path = text[match.end() :]
    return sizes


def _size(root: str, path: bytes) -> int:
    try:
        return os.lstat(os.path.join(os.fsencode(root), path)).st_size
    except OSError:
        return -1
