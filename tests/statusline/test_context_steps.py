"""What ticks keep of the context for ``statusline hint``: one small file, and only where that is on."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from cache.model.layout import CONTEXT_FILE
from statusline.context_steps import (
    CONTEXT_STEPS,
    SESSIONS_AT_MOST,
    context_step,
    keep_context,
    read_context_steps,
    session_key,
)
from statusline.payload import Session
from tests.support.tick_world import World, payload

HOSTILE_IDS = ["../../etc/passwd", "a\0b", "\ud800", "x" * 100_000, "\u202e", " "]


@pytest.fixture(params=["merged", "readable"])
def world(request: pytest.FixtureRequest, doors: dict[str, Path], tmp_path: Path) -> World:
    world = World(tmp_path, doors[request.param], extra={"STATUSLINE_START": "off"})
    world.cache.mkdir(parents=True)
    configure(world, '{"hint": true}')
    return world


def configure(world: World, text: str) -> None:
    file = world.home / ".config" / "hudline" / "config.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def tick(world: World, percent: object, session: str = "one", **context: Any) -> dict[str, tuple[int, int]]:
    """Run a tick; return what is kept after it."""
    given = payload("oauth-02-after-message-rate-limits", now=time.time(), session_id=session)
    given["context_window"] |= {"used_percentage": percent, "context_window_size": 200_000, **context}
    world.line(given)
    return read_context_steps(str(world.cache))


def session(percent: float, session_id: str = "one") -> Session:
    window = {"used_percentage": percent, "context_window_size": 200_000}
    return Session({"session_id": session_id, "context_window": window})


def test_a_tick_notes_a_step_when_it_changes(world: World) -> None:
    key, file = session_key("one"), world.cache / CONTEXT_FILE
    assert tick(world, 69) == {}
    assert not file.exists()
    assert tick(world, 70) == {key: (70, 200_000)}
    first = file.stat()
    assert tick(world, 79) == {key: (70, 200_000)}
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns), "it is not written again"
    assert tick(world, 81) == {key: (80, 200_000)}
    assert tick(world, 100) == {key: (90, 200_000)}
    assert tick(world, 75) == {key: (70, 200_000)}
    assert tick(world, 75, context_window_size=1_000_000) == {key: (70, 1_000_000)}
    assert tick(world, 15, context_window_size=1_000_000) == {}, "a larger model has room again"
    assert tick(world, 75, context_window_size=1_000_000) == {key: (70, 1_000_000)}
    assert tick(world, 95, "two") == {key: (70, 1_000_000), session_key("two"): (90, 200_000)}
    assert "one" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("config", [None, "{}", '{"hint": false}', '{"hint": "yes"}', '{"hint": true'])
def test_off_nothing_is_noted(world: World, config: str | None) -> None:
    configure(world, config or "")
    if config is None:
        (world.home / ".config" / "hudline" / "config.json").unlink()
    assert tick(world, 95) == {}
    assert not (world.cache / CONTEXT_FILE).exists()


def test_a_configuration_of_the_project_does_not_turn_it_on(world: World) -> None:
    configure(world, "{}")
    project = world.home / "project"
    project.mkdir()
    (project / "config.json").write_text('{"hint": true}')
    world.extra["STATUSLINE_CONFIG"] = str(project / "config.json")
    given = payload("oauth-02-after-message-rate-limits", now=time.time())
    given["workspace"] |= {"project_dir": str(project), "current_dir": str(project)}
    given["context_window"]["used_percentage"] = 95
    world.line(given)
    assert not (world.cache / CONTEXT_FILE).exists()


@pytest.mark.parametrize("percent", [None, "", [], float("nan"), -5, 10**9])
def test_an_odd_percentage_is_none(world: World, percent: object) -> None:
    assert tick(world, percent) == {}


@pytest.mark.parametrize("session_id", HOSTILE_IDS)
def test_a_hostile_session_id_is_a_hash(tmp_path: Path, session_id: str) -> None:
    keep_context(session(85, session_id), str(tmp_path))
    kept = read_context_steps(str(tmp_path))
    assert list(kept) == ([] if session_id.isspace() else [session_key(session_id)])
    assert all(len(key) == 16 and key.isalnum() for key in kept)
    assert {each.name for each in tmp_path.iterdir()} <= {CONTEXT_FILE}


def test_the_latest_sessions_stay(tmp_path: Path) -> None:
    for number in range(SESSIONS_AT_MOST + 20):
        keep_context(session(75, f"s{number}"), str(tmp_path))
    keep_context(session(85, "s30"), str(tmp_path))
    kept = list(read_context_steps(str(tmp_path)))
    assert kept == [session_key(f"s{number}") for number in [*range(20, 30), *range(31, SESSIONS_AT_MOST + 20), 30]]
    assert (tmp_path / CONTEXT_FILE).stat().st_size < 4096


DAMAGED: list[object] = [
    {},
    [],
    {"schema": 2, "sessions": {"x": [70, 1]}},
    {"schema": 1, "sessions": [1]},
    {"schema": 1, "sessions": {"x": "70", "y": [70], "z": [None, 5], "v": [True, 1], "w": {"a": 1}}},
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_counts_as_empty_and_is_replaced(tmp_path: Path, content: object) -> None:
    (tmp_path / CONTEXT_FILE).write_text(json.dumps(content))
    assert read_context_steps(str(tmp_path)) == {}
    keep_context(session(75), str(tmp_path))
    assert read_context_steps(str(tmp_path)) == {session_key("one"): (70, 200_000)}


def test_a_file_with_too_much_in_it_shrinks(tmp_path: Path) -> None:
    rows = {f"{number:05}" + "x" * 1000: [70, 5] for number in range(900)}
    (tmp_path / CONTEXT_FILE).write_text(json.dumps({"schema": 1, "sessions": rows}))
    keep_context(session(75), str(tmp_path))
    assert (tmp_path / CONTEXT_FILE).stat().st_size < 4096


def test_a_folder_that_is_missing_is_left_to_the_refresher(tmp_path: Path) -> None:
    keep_context(session(75), str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_another_tick_that_writes_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / f"{CONTEXT_FILE}.tmp").touch()
    keep_context(session(75), str(tmp_path))
    assert read_context_steps(str(tmp_path)) == {}


def test_what_a_killed_tick_left_is_removed_by_the_refresher(world: World) -> None:
    left = world.cache / f"{CONTEXT_FILE}.tmp"
    left.touch()
    world.refresh("usage")
    assert left.exists(), "it may be in use"
    os.utime(left, (0, 0))
    world.refresh("usage")
    assert not left.exists()


def test_the_step_is_the_highest_one_reached() -> None:
    assert CONTEXT_STEPS == (70, 80, 90)
    assert [context_step(each) for each in (0, 69.9, 69.9999999, 80, 90, 300)] == [0, 0, 70, 80, 90, 90]
