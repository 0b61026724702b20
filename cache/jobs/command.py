"""The command job: runs a configured command in the session's directory, and keeps the first line of its output."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.entry import FAR, Entry
from cache.model.jsonio import mapping, number, words
from cache.sources.process.environment import without_secrets
from cache.sources.process.run import run
from cache.work import failures as errors
from cache.work.session_environment import for_own_command

if TYPE_CHECKING:
    from cache.work.request import Request

LIMIT_S = 8
TIMEOUT_S = 5.0  # at most
EVERY_S = 60
AT_MOST = 64 << 10  # bytes of output
LONGEST = 400  # characters that are kept
LOOKED_AT = 8000  # characters of a line, with its colors

# Terminal sequences: they are removed as a whole, so that none of their letters is left.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colors and movements
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"  # titles, links, and the like
    r"|\x1b[ -/]*[0-~]?"
)


@dataclass(frozen=True)
class Order:
    """What a tick passes on: the command, its directory and environment, and the payload for its standard input.

    ``payload`` is empty for a command whose output all sessions share.
    """

    command: str
    directory: str
    environment: dict[str, str]
    payload: str
    timeout_s: float
    every_s: float


def collect(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
    """Return the entry to keep, and the failure, if any; after a failure the last good output stays."""
    order = parse_order(request.stdin)
    if order is None:
        failure: errors.Failure = errors.CommandFailed("only a status line can pass the command on")
        return _failed_entry(before, failure, now + EVERY_S)
    due_at = now + min(order.every_s, FAR)
    try:
        ran = run(
            ["/bin/sh", "-c", order.command],
            env=without_secrets(for_own_command(order.environment, *request.session)),
            cwd=order.directory,
            seconds=order.timeout_s,
            at_most=AT_MOST,
            stdin=order.payload.encode("utf-8", "replace"),
        )
    except (OSError, ValueError) as error:
        return _failed_entry(before, errors.CommandFailed(f"it could not be started: {error}"), due_at)
    if ran.overdue:
        return _failed_entry(before, errors.Overdue(f"it took longer than {order.timeout_s:g} s"), due_at)
    if ran.code != 0 and not ran.cut:
        return _failed_entry(before, errors.CommandFailed(f"it exited with {ran.code}"), due_at)
    return Entry({"text": first_line(ran.output)}, int(now), int(due_at), None, 0), None


def parse_order(data: bytes) -> Order | None:
    """Return the order that a tick has passed on, None where it is incomplete."""
    try:
        fields = mapping(json.loads(data or b"null"))
    except (ValueError, RecursionError):
        return None
    command, directory = words(fields.get("command")), words(fields.get("directory"))
    if command is None or directory is None or not os.path.isabs(directory):
        return None
    environment = {
        name: value for name, value in mapping(fields.get("environment")).items() if isinstance(value, str) and name
    }
    payload = json.dumps(fields["payload"], ensure_ascii=False, separators=(",", ":")) if "payload" in fields else ""
    timeout_s, every_s = (number(fields.get(name)) for name in ("timeout", "every"))
    return Order(
        command,
        directory,
        environment,
        payload and payload + "\n",
        min(timeout_s or TIMEOUT_S, TIMEOUT_S),
        max(every_s or EVERY_S, 1),
    )


def first_line(output: bytes) -> str:
    """Return the first line that is not blank, without terminal sequences and control characters."""
    for line in re.split(r"[\r\n]", output.decode("utf-8", "replace")):
        text = " ".join(
            "".join(char if char.isprintable() else " " for char in _SEQUENCE.sub("", line[:LOOKED_AT])).split()
        )
        if text:
            return text[:LONGEST]
    return ""


def _failed_entry(before: Entry, failure: errors.Failure, due_at: float) -> tuple[Entry, errors.Failure]:
    return Entry(before.value, before.fetched_at, int(due_at), failure.name, before.failures + 1), failure
