"""What happens in a session, from its transcript: recorded lines in, exact counts out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cache.sources.transcripts.activity import Activity, activity_from

AT = "2026-11-22T10:00:00.000Z"
AT_EPOCH_S = 1795341600


def line(**fields: Any) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def said(text: Any, **more: Any) -> bytes:
    """Return a user record with a text that no user wrote."""
    return line(isSidechain=False, type="user", message={"role": "user", "content": text}, timestamp=AT, **more)


def answer(*blocks: dict[str, Any], **more: Any) -> bytes:
    message = {"id": "msg_1", "model": "claude-opus-5-5", "role": "assistant", "content": list(blocks)}
    return line(isSidechain=False, type="assistant", message=message, timestamp=AT, **more)


def text(words: str = "Done.") -> dict[str, Any]:
    return {"type": "text", "text": words}


def call(id_: str, name: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id_, "name": name, "input": given}


def result(id_: str, content: Any = "ok", tool_use_result: Any = None, **more: Any) -> bytes:
    block = {"tool_use_id": id_, "type": "tool_result", "content": content, **more}
    return said([block], **({} if tool_use_result is None else {"toolUseResult": tool_use_result}))


def after(*lines: bytes) -> Activity:
    """Return what is known after these lines, each taken in on its own and through a state on disk."""
    activity = Activity()
    for each in lines:
        activity.add_block(each)
        activity = activity_from(json.loads(json.dumps(activity.as_json())))
    at_once = Activity()
    at_once.add_block(b"".join(lines))
    assert at_once == activity
    return activity


# --- turns and tools --------------------------------------------------------------------------------------------------


def test_nothing_is_known_of_an_empty_transcript() -> None:
    assert after() == Activity()
    assert not after(b"\n\n").recognised


def test_a_turn_is_a_prompt_with_an_answer() -> None:
    one = [said("hello"), answer(text()), answer(text("more of the same answer"))]
    assert after(*one).turns == 1
    assert (
        after(*one, said([{"type": "text", "text": "look"}, {"type": "image", "source": {}}]), answer(text())).turns
        == 2
    )
    assert after(*one, said("not answered yet")).turns == 1


@pytest.mark.parametrize(
    "record",
    [
        said("a note for the model", isMeta=True),
        said("the story so far", isCompactSummary=True),
        said("<local-command-stdout>12</local-command-stdout>"),
        said("<system-reminder>mind this</system-reminder>"),
        said("<bash-input>ls</bash-input>"),
        said("[Request interrupted by user]"),
        said("<task-notification>\n<task-id>a1</task-id>\n<status>completed</status>\n</task-notification>"),
        said(None),
        said([]),
        said("a sub-agent's prompt").replace(b'"isSidechain":false', b'"isSidechain":true'),
        line(type="system", content="hello"),
        line(type="user"),
        line(type="summary", summary='"type":"user"'),
        result("toolu_1"),
    ],
)
def test_a_text_that_no_user_wrote_is_not_a_turn(record: bytes) -> None:
    assert after(record, answer(text())).turns == 0


def test_a_command_that_is_answered_is_a_turn_and_one_that_is_not_is_none() -> None:
    command = said("<command-name>/review</command-name>")
    assert after(command, answer(text())).turns == 1
    assert after(command, said("hello"), answer(text())).turns == 1


def test_an_error_in_place_of_an_answer_is_none() -> None:
    synthetic = line(type="assistant", message={"model": "<synthetic>", "content": [text("No response requested.")]})
    assert after(said("hello"), synthetic).turns == 0


def test_the_last_tool_is_shown() -> None:
    assert after(answer(call("1", "Read"), call("2", "Bash"))).last_tool == "Bash"
    assert after(answer(call("1", "Read")), answer(text())).last_tool == "Read"
    assert after(answer(call("1", "mcp__github__create_issue"))).last_tool == "github:create_issue"
    assert after(answer(call("1", "mcp__alone"))).last_tool == "alone"
    assert len(after(answer(call("1", "x" * 500))).last_tool) == 40


def test_a_tool_of_a_sub_agent_is_not_the_sessions() -> None:
    within = answer(call("2", "Grep")).replace(b'"isSidechain":false', b'"isSidechain":true')
    assert after(answer(call("1", "Read")), within).last_tool == "Read"


# --- sub-agents -------------------------------------------------------------------------------------------------------

LAUNCHED = {"isAsync": True, "status": "async_launched", "agentId": "a838402ff1ef43bee"}
NOTE = (
    "<task-notification>\n<task-id>{}</task-id>\n<tool-use-id>{}</tool-use-id>\n"
    "<status>{}</status>\n</task-notification>"
)


def at_work(*lines: bytes) -> list[str]:
    return [agent.id for agent in after(*lines).agents.values()]


@pytest.mark.parametrize("tool", ["Agent", "Task"])
def test_an_agent_that_is_waited_for_is_at_work_until_its_result(tool: str) -> None:
    start = answer(call("toolu_1", tool, subagent_type="Explore", prompt="look"), call("toolu_2", tool))
    activity = after(start)
    assert [agent.began_at for agent in activity.agents.values()] == [AT_EPOCH_S, AT_EPOCH_S]
    assert len(at_work(start, result("toolu_1", tool_use_result={"status": "completed"}))) == 1
    assert at_work(start, result("toolu_1"), result("toolu_2", is_error=True)) == []


@pytest.mark.parametrize("status", ["completed", "failed", "killed", "stopped"])
@pytest.mark.parametrize("form", ["user", "queue", "attachment"])
def test_an_agent_in_the_background_is_at_work_until_a_notification_names_it(status: str, form: str) -> None:
    start = [answer(call("toolu_1", "Agent", run_in_background=True)), result("toolu_1", tool_use_result=LAUNCHED)]
    assert at_work(*start) == ["a838402ff1ef43bee"]
    assert at_work(*start, said("go on"), answer(text())) == ["a838402ff1ef43bee"]

    def note(task: str, tool: str, status: str) -> bytes:
        words = NOTE.format(task, tool, status)
        return {
            "user": said(words),
            "queue": line(type="queue-operation", operation="enqueue", content=words),
            "attachment": line(type="attachment", attachment={"type": "queued_command", "prompt": words}),
        }[form]

    assert at_work(*start, note("other", "toolu_9", status)) == ["a838402ff1ef43bee"]
    assert at_work(*start, note("a838402ff1ef43bee", "toolu_1", "running")) == ["a838402ff1ef43bee"]
    assert at_work(*start, note("x", "toolu_1", status)) == []
    assert at_work(*start, note("a838402ff1ef43bee", "toolu_9", status)) == []


def test_an_agent_that_is_spoken_to_again_is_at_work_again() -> None:
    lines = [
        answer(call("toolu_1", "Agent")),
        result("toolu_1", tool_use_result=LAUNCHED),
        said(NOTE.format("a838402ff1ef43bee", "toolu_1", "completed")),
        answer(call("toolu_5", "SendMessage", to="a838402ff1ef43bee")),
    ]
    assert at_work(*lines) == []
    woken = [*lines, result("toolu_5", tool_use_result={"success": True, "resumedAgentId": "a838402ff1ef43bee"})]
    assert at_work(*woken) == ["a838402ff1ef43bee"]
    assert at_work(*woken, said(NOTE.format("a838402ff1ef43bee", "toolu_5", "completed"))) == []
    assert after(*lines, result("toolu_5", tool_use_result={"success": False})).resuming == []


def test_a_prompt_shows_that_no_agent_is_waited_for() -> None:
    """The session was interrupted or ended while an agent was at work: no result was ever written."""
    assert at_work(answer(call("toolu_1", "Agent")), said("what now?")) == []
    assert at_work(answer(call("toolu_1", "Agent")), said("<system-reminder>x</system-reminder>")) == [""]


def test_agents_are_counted_up_to_a_bound() -> None:
    assert len(at_work(*(answer(call(f"toolu_{number}", "Agent")) for number in range(100)))) == 64


# --- tasks ------------------------------------------------------------------------------------------------------------


def todos(*lines: bytes) -> dict[str, object] | None:
    return after(*lines).tasks.as_json()


def test_a_list_that_is_written_whole() -> None:
    rows = [
        {"content": "Write it", "status": "completed", "activeForm": "Writing it"},
        {"content": "Test it", "status": "in_progress", "activeForm": "Testing it"},
        {"content": "Ship it", "status": "pending", "activeForm": "Shipping it"},
    ]
    write = answer(call("1", "TodoWrite", todos=rows))
    assert todos(write) == {"done": 1, "total": 3, "current": "Testing it"}
    assert todos(write, answer(call("2", "TodoWrite", todos=rows[:1]))) == {"done": 1, "total": 1, "current": None}
    assert todos(write, answer(call("2", "TodoWrite", todos=[]))) is None
    assert todos(answer(call("2", "TodoWrite", todos="x"))) is None


def created(id_: str, subject: str, **fields: Any) -> list[bytes]:
    return [
        answer(call(f"toolu_{id_}", "TaskCreate", subject=subject, description="...", **fields)),
        result(
            f"toolu_{id_}", f"Task #{id_} created successfully: {subject}", {"task": {"id": id_, "subject": subject}}
        ),
    ]


def updated(id_: str, **fields: Any) -> bytes:
    return answer(call("toolu_u", "TaskUpdate", taskId=id_, **fields))


def test_a_list_that_is_made_task_by_task() -> None:
    lines = [*created("1", "Write it"), *created("2", "Test it", activeForm="Testing it")]
    assert todos(*lines) == {"done": 0, "total": 2, "current": None}
    lines.append(updated("2", status="in_progress"))
    assert todos(*lines) == {"done": 0, "total": 2, "current": "Testing it"}
    lines += [updated("1", status="completed", subject="Written"), updated("2", activeForm="Still testing")]
    assert todos(*lines) == {"done": 1, "total": 2, "current": "Still testing"}
    assert todos(*lines, updated("2", status="deleted")) == {"done": 1, "total": 1, "current": None}


def test_a_task_gets_its_id_from_the_words_where_the_result_has_no_other() -> None:
    make = answer(call("toolu_7", "TaskCreate", subject="Write it"))
    for content in ("Created task #12: Write it", [{"type": "text", "text": "Task #12 created successfully"}]):
        assert todos(make, result("toolu_7", content), updated("12", status="completed")) == {
            "done": 1,
            "total": 1,
            "current": None,
        }
    assert todos(make, result("toolu_7", "no number")) is None
    assert todos(make, result("toolu_7", "Task #1 failed", is_error=True)) is None
    assert todos(make) is None, "not before there is a result"


def test_a_task_after_all_are_done_starts_a_new_list() -> None:
    lines = [*created("1", "a"), updated("1", status="completed"), *created("2", "b")]
    assert todos(*lines) == {"done": 0, "total": 1, "current": None}


def test_an_unknown_task_is_ignored() -> None:
    assert todos(updated("9", status="completed")) is None
    assert todos(answer(call("1", "TaskUpdate"))) is None


def test_a_tasks_text_is_one_short_line_without_secrets() -> None:
    write = answer(
        call(
            "1", "TodoWrite", todos=[{"content": "use sk-ant-oat01-CANARY\n now  " + "x" * 99, "status": "in_progress"}]
        )
    )
    found = todos(write)
    assert found is not None
    assert found["current"] == "use [redacted] now " + "x" * 41


# --- anything ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        b"\xff\xfe\n",
        b'{"type":"user"\n',
        b'{"type":"assistant","message":{"content":[{"type":"tool_use"}]}}\n',
        b'{"type":"assistant","message":{"content":[{"type":"tool_use","id":1,"name":[],"input":"x"}]}}\n',
        b'{"type":"assistant","message":{"content":{"type":"tool_use"}}}\n',
        b'{"type":"assistant","message":"x"}\n',
        b'{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":7,"content":{}}]},"toolUseResult":[]}\n',
        b'{"type":"user","message":{"content":[1,null,"x",[]]}}\n',
        b'[{"type":"user"}]\n',
        b'"type":"user"\n',
        b"[" * 100_000 + b'"type":"user"\n',
        answer(call("1", "TaskCreate", subject={"a": 1})) + result("1", {"x": "#1"}, {"task": {"id": 3}}),
        answer(call("1", "TaskUpdate", taskId=None, status=[])),
        answer(call("1", "TodoWrite", todos=[1, None, {"status": 3, "content": []}])),
    ],
    ids=range(14),
)
def test_a_malformed_line_is_skipped(odd: bytes) -> None:
    activity = after(said("hello"), answer(text()), odd, said("again"), answer(call("9", "Bash")))
    assert (activity.turns, activity.last_tool) == (2, "Bash")


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        {},
        {"last_tool": 3, "turns": "x"},
        {"last_tool": "x", "turns": 3, "agents": [], "tasks": 3, "resuming": 7},
        {"last_tool": "x", "turns": 3, "agents": {"a": 1}, "tasks": {"all": {"1": 3, "2": ["x"]}}, "resuming": [1]},
    ],
)
def test_an_odd_state_is_survived(state: object) -> None:
    activity = activity_from(state)
    activity.add_block(
        said("hello") + answer(call("9", "Bash"), call("8", "TaskUpdate", taskId="2", status="completed"))
    )
    assert activity.last_tool == "TaskUpdate"
    assert activity.turns >= 1
    json.dumps(activity.as_json())


def test_a_file_of_another_kind_is_not_recognised() -> None:
    other = b'{"role":"user","text":"hello"}\n{"kind":"answer"}\nplain words\n'
    assert not after(other).recognised
