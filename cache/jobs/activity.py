"""The activity job: reads what is new in the transcript of one session: tools, agents, tasks, turns."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from typing import TYPE_CHECKING

from cache.model.entry import Entry
from cache.model.files import read_file, times_of
from cache.model.jsonio import mapping
from cache.model.layout import STATE_SUFFIX
from cache.refresh.storage import write_whole
from cache.sources.transcripts.activity import Activity, activity_from
from cache.sources.transcripts.line_reader import START, LineFile, Position
from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cache.sources.transcripts.activity import Agent
    from cache.work.request import Request

LIMIT_S = 4
BUDGET_S = 2.0  # of reading; the next run reads the rest
EVERY_S = 3600  # the transcript is watched: without a change there is nothing new
WHILE_AGENTS_S = 60  # the end of an agent may leave no line in the transcript
QUIET_S = 15 * 60  # an agent whose own transcript has not grown for this long has ended
UNHEARD_S = 3600  # as for an agent without a transcript, since its start

_AGENT_ID = re.compile(r"[\w-]{1,80}")


def collect(
    request: Request, before: Entry, now: float, clock: Callable[[], float] = time.monotonic
) -> tuple[Entry, errors.Failure | None]:
    """Return the entry to keep, and the failure, if any."""
    path = request.options.get("transcript", "")
    watch = {path: times_of(path)}
    position, activity = _read_state(request.entry_file.with_suffix(STATE_SUFFIX))
    try:
        with contextlib.closing(LineFile(path)) as file:
            if not file.continues(position):
                position, activity = START, Activity()
            position = _read_on(file, position, activity, clock)
    except (OSError, ValueError) as error:
        failure = errors.NoTranscript(str(error))
        return Entry({}, before.fetched_at, int(now + failure.wait_s(1)), failure.name, 1, watch), failure
    _write_state(request.entry_file.with_suffix(STATE_SUFFIX), position, activity)
    if position.size < 0:  # there is more to read, so what is known is outdated
        return Entry(before.value or {}, before.fetched_at, int(now), None, 0, watch), None
    value = _entry_value(activity, path, now)
    wait_s = WHILE_AGENTS_S if activity.agents else EVERY_S
    return Entry(value, int(now), int(now + wait_s), None, 0, watch), None


def _read_on(file: LineFile, position: Position, activity: Activity, clock: Callable[[], float]) -> Position:
    """Read from a position to the end, or until the time is up but at least one block; return the new position."""
    until = clock() + BUDGET_S
    for block in file.blocks(position):
        activity.add_block(block)
        if clock() >= until and file.offset > position.offset:
            break
    return file.here()


def _entry_value(activity: Activity, path: str, now: float) -> dict[str, object]:
    """Return the value of the entry, in the shape of `Snapshot.activity`; empty for a file of another kind."""
    if not activity.recognised:
        return {}
    return {
        "last_tool": activity.last_tool or None,
        "tool_argument": activity.argument or None,
        "running_agents": sum(_is_alive(agent, path, now) for agent in activity.agents.values()),
        "todos": activity.tasks.as_json(),
        "turns": activity.turns,
    }


def _is_alive(agent: Agent, path: str, now: float) -> bool:
    """Return whether an agent is still running: one that was killed with its session has left no line."""
    heard_at, quiet_s = agent.began_at, UNHEARD_S
    if _AGENT_ID.fullmatch(agent.id):
        own = os.path.join(path.removesuffix(".jsonl"), "subagents", f"agent-{agent.id}.jsonl")
        written_at = times_of(own)[0] / 1e9
        if written_at:
            heard_at, quiet_s = int(written_at), QUIET_S
    return now - heard_at < quiet_s


def _read_state(path: Path) -> tuple[Position, Activity]:
    """Return where reading stopped and what was known there; the start where the file is missing or malformed."""
    try:
        state = mapping(json.loads(read_file(str(path), ours=True) or b"{}"))
        inode, offset, skipping, edges, size, mtime_ns = list(state["place"])  # type: ignore[call-overload]  # another type raises
        if not all(type(each) is int for each in (inode, offset, size, mtime_ns)):
            return START, Activity()
        position = Position(inode, offset, bool(skipping), bytes.fromhex(edges), size, mtime_ns)
    except (KeyError, TypeError, ValueError, RecursionError):
        return START, Activity()
    return position, activity_from(state.get("activity"))


def _write_state(path: Path, position: Position, activity: Activity) -> None:
    state = {"place": [*position[:3], position.edges.hex(), *position[4:]], "activity": activity.as_json()}
    write_whole(path, json.dumps(state))
