"""What the call of a tool is about, in a word or two: the program that it runs, or the file.

A command can hold passwords and tokens, and what is shown is also kept on disk. So only words that cannot be one are
taken: the name of the program, and of programs that have subcommands the first of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cache.model.jsonio import words
from cache.work.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 24  # characters; a longer name is left out

_FILES = {"Read": "file_path", "Edit": "file_path", "Write": "file_path", "NotebookEdit": "notebook_path"}
_WITH_SUBCOMMANDS = re.compile(
    "apt|brew|bun|cargo|deno|docker|dotnet|gh|git|go|gradle|helm|just|kubectl|make|mvn|npm|pip|pnpm|poetry|podman"
    "|systemctl|terraform|uv|yarn"
)
_PROGRAM = re.compile(r"[a-z][a-z0-9._+-]{0,15}")
_SUBCOMMAND = re.compile(r"[a-z]+(?:[:-][a-z]+){0,2}")
_END = re.compile(r"&&|\|\|?|[;\n]")


def argument_of(tool: str, given: Mapping[str, object]) -> str:
    """Return what is shown behind a tool's name, such as ``npm test`` or ``config.py``; empty for nothing."""
    if tool == "Bash":
        found = _command(words(given.get("command")) or "")
    else:
        found = (words(given.get(_FILES.get(tool, ""))) or "").rpartition("/")[2]
    return found if len(found) <= LONGEST and scrub(found) == found else ""


def _command(text: str) -> str:
    """Return the program of a command's first part that does not only change the directory."""
    parts = [part.split() for part in _END.split(text)[:4]]
    first = next((part for part in parts if part and part[0] != "cd"), [""])
    program = first[0].rpartition("/")[2]
    if not _PROGRAM.fullmatch(program):
        return ""
    if _WITH_SUBCOMMANDS.fullmatch(program) and len(first) > 1 and _SUBCOMMAND.fullmatch(first[1]):
        return f"{program} {first[1]}"
    return program
