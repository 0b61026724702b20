"""Switching tmux to the pane of a process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from cache.sources.process.ancestors import ancestors_of
from cache.sources.process.run import run

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 5.0  # for one command of tmux
LIST_AT_MOST = 1 << 20  # bytes
_PANE = re.compile(r"%[0-9]{1,9}")


class CannotSwitch(Exception):
    """The pane cannot be shown; the text is for the user."""


def switch_to(pane: str, pid: int, env: Mapping[str, str] = os.environ) -> None:
    """Show a pane such as ``%3`` in the user's tmux, or attach this terminal to it; raise `CannotSwitch`.

    Only a pane that holds the process is shown: a pane's number is used again by another server.
    """
    program = shutil.which("tmux", path=env.get("PATH"))
    if program is None or not os.path.isabs(program):
        raise CannotSwitch("tmux was not found on PATH.")
    if not _PANE.fullmatch(pane) or not _holds(program, pane, pid, env):
        raise CannotSwitch("its tmux pane is not on this tmux server.")
    show = ["select-window", "-t", pane, ";", "select-pane", "-t", pane, ";"]
    if env.get("TMUX"):
        _ask(program, [*show, "switch-client", "-t", pane], env)
    elif sys.stdin.isatty() and sys.stdout.isatty():
        code = subprocess.run([program, *show, "attach-session", "-t", pane], env=dict(env), check=False).returncode
        if code:
            raise CannotSwitch("tmux could not attach this terminal.")
    else:
        raise CannotSwitch("run this in tmux, or on a terminal.")


def _holds(program: str, pane: str, pid: int, env: Mapping[str, str]) -> bool:
    """Return whether the first process of a pane is the process, or one above it."""
    listed = _ask(program, ["list-panes", "-a", "-F", "#{pane_id} #{pane_pid}"], env)
    above = {str(each) for each in ancestors_of(pid)}
    return any(line.split()[:1] == [pane] and above.issuperset(line.split()[1:2]) for line in listed.splitlines())


def _ask(program: str, words: list[str], env: Mapping[str, str]) -> str:
    """Give tmux commands; return what it prints."""
    try:
        ran = run([program, *words], env=dict(env), cwd="/", seconds=SECONDS, at_most=LIST_AT_MOST)
    except OSError as error:
        raise CannotSwitch(f"tmux could not be started ({error.strerror}).") from error
    if ran.code != 0:
        raise CannotSwitch("tmux refused; is it running?" if not ran.overdue else "tmux did not answer.")
    return ran.output.decode("utf-8", "replace")
