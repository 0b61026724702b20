"""A real terminal to look at: a detached tmux with a size of its own, and what stands on its screen."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.programs import program
from tests.support.tick_world import until

LINES = 12
DRAWN = "all is drawn"


@dataclass
class Terminal:
    """A tmux server with one window; ``socket`` is where it listens."""

    socket: Path

    def screen(self, *, sequences: bool = False) -> list[str]:
        """Return the lines on the screen, without the blanks at their ends; with their SGR and links on request."""
        text = self.ask("capture-pane", "-p", *(["-e"] if sequences else []))
        return [line.rstrip() for line in text.split("\n")]

    def ask(self, *words: str) -> str:
        """Give tmux a command; return what it prints."""
        done = subprocess.run(
            [program("tmux"), "-S", str(self.socket), *words], capture_output=True, text=True, check=False
        )
        return done.stdout


@contextmanager
def terminal(script: str, columns: int, env: dict[str, str], *, last: str = DRAWN) -> Iterator[Terminal]:
    """Run a shell script in a terminal of so many columns until the ``last`` that it prints is on the screen."""
    with tempfile.TemporaryDirectory(prefix="tmux-") as folder:  # a socket's path is short
        made = Terminal(Path(folder) / "socket")
        start = [program("tmux"), "-u", "-f", os.devnull, "-S", str(made.socket)]
        session = ["new-session", "-d", "-x", str(columns), "-y", str(LINES), f"{script}; exec sleep 600"]
        subprocess.run([*start, *session], env={"LC_ALL": "C.UTF-8", "SHELL": "/bin/sh", **env}, check=True)
        try:
            until(lambda: any(last in line for line in made.screen()))
            yield made
        finally:
            made.ask("kill-server")
