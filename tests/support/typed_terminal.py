"""A real terminal, tmux's, with a program in it that is typed to: keys in, rows and the cursor out."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.programs import program

WIDTH, HEIGHT = 60, 16  # cells
PATIENCE_S = 30
PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin"


class Cursor(NamedTuple):
    """Column and row, from 0."""

    x: int
    y: int


class Console:
    """A terminal of `WIDTH` by `HEIGHT` cells that one program has to itself."""

    def __init__(self, socket: Path, env: Mapping[str, str], cwd: Path) -> None:
        self.base = [program("tmux"), "-u", "-S", str(socket), "-f", os.devnull]
        self.env, self.cwd = dict(env), cwd

    def start(self, *words: str) -> None:
        """Start the program."""
        size = ["-x", str(WIDTH), "-y", str(HEIGHT)]
        self.tmux("new-session", "-d", *size, "-c", str(self.cwd), shlex.join(words))

    def tmux(self, *words: str) -> str:
        """Run one command of tmux; return what it prints."""
        ran = subprocess.run(
            [*self.base, *words], capture_output=True, text=True, env=self.env, cwd=self.cwd, check=False, timeout=60
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def type(self, text: str) -> None:
        """Type a text as it is."""
        self.tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names, such as Enter, Home, C-a."""
        self.tmux("send-keys", *keys)

    @property
    def rows(self) -> list[str]:
        """The rows on the screen, without blanks at their ends."""
        return [row.rstrip() for row in self.tmux("capture-pane", "-p").split("\n")][:HEIGHT]

    @property
    def colored(self) -> str:
        """The screen with the sequences that color it."""
        return self.tmux("capture-pane", "-p", "-e")

    @property
    def cursor(self) -> Cursor:
        """Where the cursor stands."""
        x, y = self.tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()
        return Cursor(int(x), int(y))

    def settled(self) -> tuple[list[str], Cursor]:
        """Return rows and cursor once nothing has changed for a moment."""
        before = None
        for _ in range(200):
            now = self.rows, self.cursor
            if now == before:
                return now
            before = now
            time.sleep(0.15)
        raise AssertionError(f"the screen does not come to rest: {before}")

    def until(self, condition: Callable[[list[str]], object]) -> list[str]:
        """Wait until a condition holds for the rows; return these."""
        end = time.monotonic() + PATIENCE_S
        while not condition(rows := self.rows):
            assert time.monotonic() < end, "it never came true:\n" + "\n".join(rows)
            time.sleep(0.05)
        return rows


@contextmanager
def console(cwd: Path, env: Mapping[str, str]) -> Iterator[Console]:
    """Yield a console whose programs have this environment and start in this folder; end them all afterwards."""
    # Where this folder is missing, fish makes completions of all manual pages: 0.7 s of processor time.
    Path(env["HOME"], ".local", "share", "fish", "generated_completions").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tmux-") as folder:  # a socket's path is short
        made = Console(Path(folder) / "socket", {"TERM": "xterm-256color", "PATH": PATH, **env}, cwd)
        try:
            yield made
        finally:
            subprocess.run([*made.base, "kill-server"], capture_output=True, check=False, env=made.env)
