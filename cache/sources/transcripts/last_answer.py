"""The last answer in a session's transcript: which model gave it, and how many tokens were in its context."""

from __future__ import annotations

import json
import os
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

from cache.model.jsonio import mapping, words
from cache.sources.transcripts.token_usage import NEEDLE, tokens_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COMPACTED = b'"subtype":"compact_boundary"'
TAIL = 512 << 10  # bytes at the end of the file that are read


class LastAnswer(NamedTuple):
    """``model`` is the model's id, ``context_tokens`` are those of its input: new, written to the cache and read.

    These are 0 where the conversation was compacted since.
    """

    model: str
    context_tokens: int


def transcript_of(session_id: str, folder: str, roots: Iterable[Path]) -> str | None:
    """Return the transcript of a session that was started in a folder, None if it has none there."""
    name = f"{session_id}.jsonl"
    for root in roots:
        by_folder = root / re.sub(r"[^A-Za-z0-9]", "-", folder) / name
        if by_folder.is_file():
            return str(by_folder)
    # The session has moved to another folder since.
    return next((str(found) for root in roots for found in root.glob(f"*/{name}") if found.is_file()), None)


def last_answer(path: str) -> LastAnswer | None:
    """Return the last answer of the main conversation; None where the end of the file has none."""
    is_compacted = False
    for line in reversed(_tail(path).splitlines()):
        is_compacted = is_compacted or COMPACTED in line
        if NEEDLE in line:
            try:
                record = mapping(json.loads(line))
            except (ValueError, RecursionError):
                continue  # the first line is a part of one
            message = mapping(record.get("message"))
            model = words(message.get("model"))
            is_main = record.get("type") == "assistant" and record.get("isSidechain") is not True
            if is_main and model is not None and model != "<synthetic>":
                return LastAnswer(model, 0 if is_compacted else tokens_in(mapping(message.get("usage"))).prompt)
    return None


def _tail(path: str) -> bytes:
    """Return the end of a regular file, nothing of any other or where it cannot be read."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):  # a ValueError: no path can have this name
        return b""
    try:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode):
            return b""
        os.lseek(fd, max(facts.st_size - TAIL, 0), os.SEEK_SET)
        return os.read(fd, TAIL)
    except OSError:
        return b""
    finally:
        os.close(fd)
