"""The to-do list of a session, in both forms of Claude Code: written as a whole, or task by task."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cache.model.jsonio import mapping, words
from cache.work.redact import scrub

TASKS_AT_MOST = 200
LONGEST = 60  # characters of a task's text
DONE, AT_WORK, DELETED = "completed", "in_progress", "deleted"

_CREATED = re.compile(r"[Tt]ask #(\d{1,9})\b")


@dataclass
class Tasks:
    """``all`` has status, subject and active form of each task, by id; ``creating`` the tasks without an id yet."""

    all: dict[str, list[str]] = field(default_factory=dict)
    creating: dict[str, list[str]] = field(default_factory=dict)  # by the id of the call

    def add_call(self, tool: str, call: str, fields: dict[str, object]) -> None:
        """Add the call of a tool; `TodoWrite`, `TaskCreate` and `TaskUpdate` change tasks."""
        if tool == "TodoWrite":
            rows = fields.get("todos")
            rows = [mapping(row) for row in rows[:TASKS_AT_MOST]] if isinstance(rows, list) else []
            self.all = {str(number): _task(row, "content") for number, row in enumerate(rows, 1)}
        elif tool == "TaskCreate" and len(self.creating) < TASKS_AT_MOST:
            self.creating[call] = _task(fields, "subject")
        elif tool == "TaskUpdate":
            self._update(str(fields.get("taskId")), fields)

    def add_result(self, call: str, block: dict[str, object], result: dict[str, object]) -> None:
        """Add the result of a call, which has the id of a new task; a failed call created none."""
        task = self.creating.pop(call, None)
        if task is None or block.get("is_error") is True:
            return
        id_ = words(mapping(result.get("task")).get("id")) or _id_in(block.get("content"))
        if id_ is None:
            return
        if all(status == DONE for status, *_ in self.all.values()):
            self.all = {}  # the first of a new list
        if len(self.all) < TASKS_AT_MOST:
            self.all[id_] = task

    def _update(self, id_: str, fields: dict[str, object]) -> None:
        task = self.all.get(id_)
        if task is None:
            return
        if fields.get("status") == DELETED:
            del self.all[id_]
            return
        for position, name in enumerate(("status", "subject", "activeForm")):
            task[position] = _text(fields.get(name)) or task[position]

    def as_json(self) -> dict[str, object] | None:
        """Return the numbers of tasks and of done ones, and the current one; None if there are no tasks."""
        if not self.all:
            return None
        current = next((active or subject for status, subject, active in self.all.values() if status == AT_WORK), None)
        done = sum(status == DONE for status, *_ in self.all.values())
        return {"done": done, "total": len(self.all), "current": current or None}


def _task(fields: dict[str, object], subject: str) -> list[str]:
    return [_text(fields.get("status")) or "pending", _text(fields.get(subject)), _text(fields.get("activeForm"))]


def _text(value: object) -> str:
    """Return a text as one short line without secrets."""
    return " ".join(scrub((words(value) or "")[: 8 * LONGEST]).split())[:LONGEST]


def _id_in(content: object) -> str | None:
    """Return the id in ``Task #7 created successfully: ...``."""
    rows = content if isinstance(content, list) else [{"text": content}]
    for row in rows:
        if found := _CREATED.search(words(mapping(row).get("text")) or ""):
            return found[1]
    return None
