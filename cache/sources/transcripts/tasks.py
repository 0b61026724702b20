"""The to-do list of a session, in either of the forms that Claude Code has had: written whole, or task by task."""

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
    """``all`` are status, subject and what is said while it is done, by id; ``creating`` those that have no id yet."""

    all: dict[str, list[str]] = field(default_factory=dict)
    creating: dict[str, list[str]] = field(default_factory=dict)  # by the id of the call

    def add_call(self, tool: str, call: str, given: dict[str, object]) -> None:
        """Take in the call of a tool: `TodoWrite`, `TaskCreate` and `TaskUpdate` are about tasks."""
        if tool == "TodoWrite":
            rows = given.get("todos")
            rows = [mapping(row) for row in rows[:TASKS_AT_MOST]] if isinstance(rows, list) else []
            self.all = {str(number): _task(row, "content") for number, row in enumerate(rows, 1)}
        elif tool == "TaskCreate" and len(self.creating) < TASKS_AT_MOST:
            self.creating[call] = _task(given, "subject")
        elif tool == "TaskUpdate":
            self._update(str(given.get("taskId")), given)

    def add_result(self, call: str, block: dict[str, object], result: dict[str, object]) -> None:
        """Take in the result of a call: it gives a new task its id. What failed has made none."""
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

    def _update(self, id_: str, given: dict[str, object]) -> None:
        task = self.all.get(id_)
        if task is None:
            return
        if given.get("status") == DELETED:
            del self.all[id_]
            return
        for place, name in enumerate(("status", "subject", "activeForm")):
            task[place] = _text(given.get(name)) or task[place]

    def as_json(self) -> dict[str, object] | None:
        """Return how many there are and how many done, and what is being done; None if there are none."""
        if not self.all:
            return None
        current = next((active or subject for status, subject, active in self.all.values() if status == AT_WORK), None)
        done = sum(status == DONE for status, *_ in self.all.values())
        return {"done": done, "total": len(self.all), "current": current or None}


def _task(given: dict[str, object], subject: str) -> list[str]:
    return [_text(given.get("status")) or "pending", _text(given.get(subject)), _text(given.get("activeForm"))]


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
