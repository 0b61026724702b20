"""The programs besides Python that tests need: their packages, where CI must have them, and what a run left out."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pytest


class Program(NamedTuple):
    """The packages that it needs for apt-get and for brew, and the platforms on which CI must have it."""

    debian: str
    brew: str
    in_ci: tuple[str, ...]


# The one list. A program that a platform does not have, or has no use for, is not in `in_ci` there.
PROGRAMS = {
    "bash": Program("bash", "bash", ("linux", "darwin")),
    "cc": Program("gcc libc6-dev", "gcc", ("linux",)),
    "fish": Program("fish", "fish", ("linux", "darwin")),
    "git": Program("git", "git", ("linux", "darwin")),
    "tmux": Program("tmux", "tmux", ("linux", "darwin")),
    "zsh": Program("zsh", "zsh", ("linux", "darwin")),
}
NOT_INSTALLED = "not installed: "


def program(name: str) -> str:
    """Return the path of a program that a test needs; skip the test if it is missing, or fail it in CI."""
    require(name)
    found = shutil.which(name)
    assert found is not None
    return found


def require(*names: str) -> None:
    """Skip the test if one of these programs is missing, or fail it in CI."""
    __tracebackhide__ = True
    absent = missing(names)
    wanted = [name for name in sorted(names) if must_exist(name, os.environ, sys.platform) and name in absent]
    if wanted:
        pytest.fail(f"{NOT_INSTALLED}{', '.join(wanted)}. In CI no test is skipped for a missing program.")
    if absent:
        pytest.skip(NOT_INSTALLED + ", ".join(absent))


def missing(names: Iterable[str] = PROGRAMS) -> list[str]:
    """Return those of the programs that are not on the PATH."""
    return sorted(name for name in names if shutil.which(name) is None)


def must_exist(name: str, env: Mapping[str, str], platform: str) -> bool:
    """Return whether a test fails without this program."""
    return platform in PROGRAMS[name].in_ci and bool(env.get("CI"))


def packages(names: Iterable[str], platform: str) -> list[str]:
    """Return the packages that have these programs."""
    each = [PROGRAMS[name].brew if platform == "darwin" else PROGRAMS[name].debian for name in names]
    return " ".join(each).split()


def untested(skipped: Iterable[tuple[str, str]], platform: str) -> str:
    """Return one line about the tests that were skipped without a program, of which each has a node and a reason."""
    counts: Counter[str] = Counter()
    absent: set[str] = set()
    for node, reason in skipped:
        counts[node.partition("::")[0]] += 1
        absent.update(reason.partition(NOT_INSTALLED)[2].split(", "))
    files = ", ".join(f"{file} ({count})" for file, count in sorted(counts.items()))
    wanted = ", ".join(packages(sorted(absent), platform))
    return f"Not tested: {files}. Install {wanted} to run these tests."


if __name__ == "__main__":  # for tests/run
    print(*packages(missing(), sys.platform))
