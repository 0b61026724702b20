"""What happens in a session, read line by line from its transcript; lines of unknown kinds are ignored.

Source: transcripts of Claude Code 2.1. A sub-agent is a call of the tool `Agent` (once `Task`), over with its result,
or, where that says that it goes on in the background, with a notification that names the call or the agent.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from cache.model.jsonio import mapping, whole, words
from cache.model.rfc3339 import rfc3339_s
from cache.sources.transcripts.tasks import Tasks
from cache.sources.transcripts.tool_argument import argument_of

AGENT_TOOLS = {"Agent", "Task"}
RESUMING_TOOL = "SendMessage"
AGENTS_AT_MOST = 64
LONGEST_NAME = 40  # characters of a tool's name

_CALL_ID = re.compile(rb'"tool_use_id":"([\w-]{1,80})"')
_NOTIFIED = re.compile(rb"<(?:tool-use-id|task-id)>([\w-]{1,80})</")
# Texts in user records that no user wrote.
_NO_PROMPTS = ("<task-notification", "<system-reminder", "<local-command-", "<bash-", "[Request interrupted")


@dataclass
class Agent:
    """A running sub-agent: ``id`` is empty while its caller waits for it; ``began_at`` is epoch seconds."""

    id: str = ""
    began_at: int = 0


@dataclass
class Activity:
    """What is known from the lines read so far.

    ``recognised``: one of them belongs to a conversation; ``asked``: the user's prompt has no answer yet, and with
    its first one it counts as a turn.
    """

    recognised: bool = False
    last_tool: str = ""
    turns: int = 0
    asked: bool = False
    agents: dict[str, Agent] = field(default_factory=dict)  # by the id of the call
    resuming: list[str] = field(default_factory=list)  # ids of calls that may resume an agent
    tasks: Tasks = field(default_factory=Tasks)
    argument: str = ""  # of the last tool

    def as_json(self) -> dict[str, Any]:
        """Return this as an object that `activity_from` takes."""
        return asdict(self)

    def add_block(self, block: bytes) -> None:
        """Add a block of whole lines."""
        for line in block.split(b"\n"):
            if b"<task-notification>" in line and self.agents:
                self._add_notification(line)
            if self._may_matter(line):
                try:
                    record = mapping(json.loads(line))
                except (ValueError, RecursionError):
                    continue
                self._add_record(record)

    def _may_matter(self, line: bytes) -> bool:
        """Return whether a line is worth parsing; most tool results, the bulk of a transcript, are not."""
        if b'"tool_use_id":"' in line:
            waited_for = self.agents.keys() | self.tasks.creating.keys() | set(self.resuming)
            return bool(waited_for) and any(found.decode() in waited_for for found in _CALL_ID.findall(line))
        if b'"type":"assistant"' in line:
            return self.asked or not self.recognised or b'"type":"tool_use"' in line
        return b'"type":"user"' in line

    def _add_record(self, record: dict[str, object]) -> None:
        message = mapping(record.get("message"))
        content = message.get("content")
        blocks = [mapping(each) for each in content] if isinstance(content, list) else []
        if record.get("isSidechain") is True or not message:
            return
        if record.get("type") == "assistant" and message.get("model") != "<synthetic>":
            self.recognised = True
            self.turns += self.asked
            self.asked = False
            for block in blocks:
                if block.get("type") == "tool_use":
                    self._add_call(block, words(record.get("timestamp")) or "")
        elif record.get("type") == "user":
            self.recognised = True
            results = [block for block in blocks if block.get("type") == "tool_result"]
            for block in results:
                self._add_result(block, mapping(record.get("toolUseResult")), words(record.get("timestamp")) or "")
            if not results and _is_prompt(record, content, blocks):
                self.asked = True
                # Once the user writes, no caller can still be waiting for its agent.
                self.agents = {call: agent for call, agent in self.agents.items() if agent.id}

    def _add_call(self, block: dict[str, object], timestamp: str) -> None:
        name, call = words(block.get("name")), words(block.get("id"))
        if name is None or call is None:
            return
        self.last_tool, self.argument = _short(name), argument_of(name, mapping(block.get("input")))
        if name in AGENT_TOOLS and len(self.agents) < AGENTS_AT_MOST:
            self.agents[call[:80]] = Agent("", int(rfc3339_s(timestamp) or 0))
        elif name == RESUMING_TOOL:
            self.resuming = [*self.resuming, call[:80]][-AGENTS_AT_MOST:]
        self.tasks.add_call(name, call[:80], mapping(block.get("input")))

    def _add_result(self, block: dict[str, object], result: dict[str, object], timestamp: str) -> None:
        call = words(block.get("tool_use_id")) or ""
        agent, id_ = self.agents.get(call), words(result.get("agentId"))
        if agent is not None:
            if result.get("status") == "async_launched" and id_ is not None:
                agent.id = id_[:80]
            else:
                del self.agents[call]
        self.resuming = [each for each in self.resuming if each != call]
        resumed = words(result.get("resumedAgentId"))
        if resumed is not None and len(self.agents) < AGENTS_AT_MOST:
            self.agents[call[:80]] = Agent(resumed[:80], int(rfc3339_s(timestamp) or 0))
        self.tasks.add_result(call, block, result)

    def _add_notification(self, line: bytes) -> None:
        """Remove the agents that a notification reports as ended, by call or by agent id."""
        if b"<status>running</status>" in line:
            return
        over = {found.decode() for found in _NOTIFIED.findall(line)}
        self.agents = {call: agent for call, agent in self.agents.items() if call not in over and agent.id not in over}


def _is_prompt(record: dict[str, object], content: object, blocks: list[dict[str, object]]) -> bool:
    """Return whether a user record is a prompt that the user wrote."""
    if record.get("isMeta") is True or record.get("isCompactSummary") is True:
        return False
    texts = [content] if isinstance(content, str) else [block.get("text") for block in blocks]
    said = " ".join(text for text in texts if isinstance(text, str)).lstrip()
    return bool(said or blocks) and not said.startswith(_NO_PROMPTS)


def _short(name: str) -> str:
    """Return ``server:tool`` for ``mcp__server__tool``, any other name as it is."""
    if name.startswith("mcp__"):
        server, _, tool = name[5:].partition("__")
        name = f"{server}:{tool}" if tool else server
    return name[:LONGEST_NAME]


def activity_from(value: object) -> Activity:
    """Return the activity from its JSON, a new one where it is malformed."""
    fields = mapping(value)
    tasks = mapping(fields.get("tasks"))
    recognised, last_tool, turns, asked = (fields.get(name) for name in ("recognised", "last_tool", "turns", "asked"))
    if not (isinstance(last_tool, str) and isinstance(turns, int)):
        return Activity()
    agents = {call: Agent(str(each.get("id")), whole(each.get("began_at")) or 0) for call, each in _rows(fields)}
    lists = [{id_: _task_texts(task) for id_, task in mapping(tasks.get(name)).items()} for name in ("all", "creating")]
    resuming = fields.get("resuming")
    calls = [str(call) for call in resuming] if isinstance(resuming, list) else []
    argument = words(fields.get("argument")) or ""
    return Activity(recognised is True, last_tool, turns, asked is True, agents, calls, Tasks(*lists), argument)


def _rows(fields: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
    return [(call, mapping(each)) for call, each in mapping(fields.get("agents")).items()]


def _task_texts(task: object) -> list[str]:
    texts = [str(each) for each in task] if isinstance(task, list) else []
    return [*texts, "", "", ""][:3]
