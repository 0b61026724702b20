"""The activity job continues where it stopped, keeps its time limit, and shows nothing that it does not know."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cache.jobs.activity import BUDGET_S, collect
from cache.model.entry import NOTHING_YET, Entry, has_changed, is_due
from cache.refresh.runner import refresh
from cache.sources.transcripts.line_reader import CHUNK
from cache.work.request import Request

NOW = 1_800_000_000.0
AT = "2027-01-15T07:59:00.000Z"  # a minute before
LAUNCHED = {"isAsync": True, "status": "async_launched", "agentId": "a838402ff1ef43bee"}


def record(kind: str, content: Any, **more: Any) -> str:
    return json.dumps({"type": kind, "message": {"content": content}, "timestamp": AT, **more}, separators=(",", ":"))


def turn(number: int, *, tool: str = "Read", weight: int = 0) -> list[str]:
    return [
        record("user", f"question {number}"),
        record("assistant", [{"type": "tool_use", "id": f"toolu_{number}", "name": tool, "input": {}}]),
        record("user", [{"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": "x" * weight}]),
    ]


@pytest.fixture
def transcript(tmp_path: Path) -> Path:
    return tmp_path / "0b9c1f9e.jsonl"


def write(transcript: Path, lines: list[str], *, mode: str = "a") -> None:
    with transcript.open(mode) as file:
        file.writelines(each + "\n" for each in lines)


def request(transcript: Path) -> Request:
    cache = transcript.parent / "cache"
    return Request("activity", cache, Path(), env={}, options={"entry": "s", "transcript": str(transcript)})


def collected(transcript: Path, before: Entry = NOTHING_YET, now: float = NOW, **options: Any) -> Entry:
    (transcript.parent / "cache" / "sessions").mkdir(parents=True, exist_ok=True)
    entry, _ = collect(request(transcript), before, now, **options)
    return entry


def test_what_goes_on_is_kept_in_the_shape_that_the_line_reads(transcript: Path) -> None:
    write(transcript, [*turn(1), *turn(2, tool="Bash")])
    outcome = refresh(request(transcript), clock=lambda: NOW)
    assert outcome.state == "refreshed"
    kept = json.loads((transcript.parent / "cache" / "sessions" / "s.json").read_text())
    assert kept["value"] == {"last_tool": "Bash", "tool_argument": None, "running_agents": 0, "todos": None, "turns": 2}
    assert list(kept["watch"]) == [str(transcript)]
    assert {each.name for each in (transcript.parent / "cache" / "sessions").iterdir()} == {
        ".hudline",
        "s.json",
        "s.lock",
        "s.state",
    }


def test_only_what_is_new_is_read(transcript: Path) -> None:
    write(transcript, turn(1, weight=3 * CHUNK))
    entry = collected(transcript)
    write(transcript, turn(2, tool="Edit"))
    assert has_changed(entry)
    looks = itertools.count()
    entry = collected(transcript, entry, clock=lambda: float(next(looks)) / 100)
    assert next(looks) == 2, "one look before, one after the only block"
    assert entry.value == {"last_tool": "Edit", "tool_argument": None, "running_agents": 0, "todos": None, "turns": 2}
    assert not has_changed(entry)
    assert not is_due(entry, NOW + 3000)


def test_a_half_written_line_is_read_when_it_is_whole(transcript: Path) -> None:
    write(transcript, turn(1))
    whole = record("assistant", [{"type": "tool_use", "id": "t", "name": "Grep", "input": {}}])
    transcript.write_text(transcript.read_text() + whole[:40])
    entry = collected(transcript)
    assert (entry.value or {})["last_tool"] == "Read"
    transcript.write_text(transcript.read_text() + whole[40:] + "\n")
    assert (collected(transcript, entry).value or {})["last_tool"] == "Grep"


def test_a_large_transcript_is_read_in_slices_and_shows_nothing_until_all_is_read(transcript: Path) -> None:
    for number in range(8):
        write(transcript, turn(number, weight=CHUNK))
    entry, slices = NOTHING_YET, 0
    while is_due(entry, NOW):
        looks = itertools.count()
        entry = collected(transcript, entry, clock=lambda: next(looks) * BUDGET_S / 3)  # noqa: B023 - used at once
        slices += 1
        assert entry.value == {} or not is_due(entry, NOW)
    assert 2 <= slices <= 4
    assert (entry.value or {})["turns"] == 8


def test_however_little_time_there_is_it_gets_further(transcript: Path) -> None:
    for number in range(5):
        write(transcript, turn(number, weight=CHUNK))
    entry, slices = NOTHING_YET, 0
    while is_due(entry, NOW):
        looks = itertools.count(step=1000)
        entry = collected(transcript, entry, clock=lambda: float(next(looks)))  # noqa: B023 - used at once
        slices += 1
        assert slices < 20


def test_what_was_known_stays_while_more_is_read(transcript: Path) -> None:
    write(transcript, turn(1))
    entry = collected(transcript)
    for number in range(4):
        write(transcript, turn(number, weight=CHUNK))
    looks = itertools.count(step=1000)
    entry = collected(transcript, entry, clock=lambda: float(next(looks)))
    assert entry.value == {"last_tool": "Read", "tool_argument": None, "running_agents": 0, "todos": None, "turns": 1}
    assert is_due(entry, NOW)


@pytest.mark.parametrize("how", ["shorter", "another", "same length"])
def test_a_replaced_transcript_is_read_from_its_start(transcript: Path, how: str) -> None:
    write(transcript, [*turn(1), *turn(2)])
    entry = collected(transcript)
    if how == "another":
        transcript.unlink()
    lines = {"shorter": turn(3), "another": [*turn(1), *turn(2), *turn(3)], "same length": [*turn(3), *turn(4)]}[how]
    write(transcript, lines, mode="w")
    assert (collected(transcript, entry).value or {})["turns"] == len(lines) // 3


def test_a_state_that_is_torn_costs_a_second_reading(transcript: Path) -> None:
    write(transcript, turn(1))
    state = transcript.parent / "cache" / "sessions" / "s.state"
    entry = collected(transcript)
    for torn in (
        b"",
        b"{",
        b"[]",
        b'{"place":[1,2,3]}',
        b'{"place":[1.5,"x",null,"zz",{},[]]}',
        b"\xff",
        b"[" * 100_000,
    ):
        state.write_bytes(torn)
        entry = collected(transcript, entry)
        assert entry.value == {
            "last_tool": "Read",
            "tool_argument": None,
            "running_agents": 0,
            "todos": None,
            "turns": 1,
        }


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "device", "odd name", "none"])
def test_a_missing_transcript_is_a_named_failure(transcript: Path, kind: str) -> None:
    path = {"device": Path("/dev/zero"), "odd name": Path("a\0b"), "none": Path()}.get(kind, transcript)
    if kind == "folder":
        transcript.mkdir()
    elif kind == "fifo":
        os.mkfifo(transcript)
    (transcript.parent / "cache" / "sessions").mkdir(parents=True)
    asked = Request("activity", transcript.parent / "cache", Path(), {}, {"entry": "s", "transcript": str(path)})
    entry, failure = collect(asked, NOTHING_YET, NOW)
    assert failure is not None
    assert (failure.name, entry.value) == ("no_transcript", {})
    assert not is_due(entry, NOW + 60)


def test_a_transcript_that_appears_is_noticed(transcript: Path) -> None:
    entry = collected(transcript)
    assert entry.problem == "no_transcript"
    write(transcript, turn(1))
    assert has_changed(entry)
    assert collected(transcript, entry).problem is None


def test_a_file_of_another_kind_gives_no_activity(transcript: Path) -> None:
    transcript.write_text('{"kind":"something else"}\n' * 100)
    entry = collected(transcript)
    assert (entry.value, entry.problem) == ({}, None)


def started(call: str = "toolu_a") -> list[str]:
    return [
        record("assistant", [{"type": "tool_use", "id": call, "name": "Agent", "input": {}}]),
        record("user", [{"type": "tool_result", "tool_use_id": call, "content": "ok"}], toolUseResult=LAUNCHED),
    ]


def test_an_agent_is_at_work_as_long_as_its_own_transcript_grows(transcript: Path) -> None:
    write(transcript, started())
    own = transcript.parent / transcript.stem / "subagents" / "agent-a838402ff1ef43bee.jsonl"
    own.parent.mkdir(parents=True)
    own.touch()
    for age_s, expected in ((0, 1), (14 * 60, 1), (16 * 60, 0)):
        os.utime(own, (NOW - age_s, NOW - age_s))
        entry = collected(transcript)
        assert (entry.value or {})["running_agents"] == expected
    assert is_due(entry, NOW + 61), "its end may leave no word"


def test_an_agent_that_leaves_no_trace_is_forgotten_after_an_hour(transcript: Path) -> None:
    write(transcript, started())
    assert (collected(transcript).value or {})["running_agents"] == 1
    assert (collected(transcript, now=NOW + 3000).value or {})["running_agents"] == 1
    assert (collected(transcript, now=NOW + 3700).value or {})["running_agents"] == 0
