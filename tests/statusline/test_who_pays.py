"""Whole ticks, refreshers and an endpoint: who pays for a session decides whose numbers it shows."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.loopback_server import Answer, Loopback
from tests.support.tick_world import World, payload, until

KEY = "sk-ant-api03-FAKE-aaaaaaaaaaaaaaaaaaaaaaaaaaaa"
FABLE = {"id": "claude-fable-5", "display_name": "Fable 5"}


def told(**changes: Any) -> str:
    """Return an answer of the endpoint with a model's week."""
    soon, later = (time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + s)) for s in (7200, 345_600))
    row = {"kind": "weekly_scoped", "percent": 88, "resets_at": later, "scope": {"model": {"display_name": "Fable"}}}
    flat = {
        "five_hour": {"utilization": 42.0, "resets_at": soon},
        "seven_day": {"utilization": 61.0, "resets_at": later},
    }
    return json.dumps({**flat, "limits": [row], **changes})


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(Answer(body=told())) as server:
        yield server


@pytest.fixture
def world(door: Path, tmp_path: Path, server: Loopback) -> World:
    world = World(tmp_path, door, extra={"STATUSLINE_API_BASE": server.base, "COLUMNS": "200"})
    world.sign_in()
    return world


def by_plan() -> dict[str, Any]:
    return payload("oauth-02-after-message-rate-limits", now=time.time(), model=FABLE)


def without_limits() -> dict[str, Any]:
    return payload("oauth-01-startup", model=FABLE)


@pytest.mark.parametrize(
    "env",
    [{"ANTHROPIC_API_KEY": KEY}, {"CLAUDE_CODE_USE_BEDROCK": "1"}, {"ANTHROPIC_BASE_URL": "https://gate.example"}],
    ids=lambda env: next(iter(env)),
)
def test_limits_on_stdin_prove_a_plan_whatever_the_environment_holds(
    world: World, server: Loopback, env: dict[str, str]
) -> None:
    world.extra |= env
    world.plain(by_plan())
    until(lambda: world.kept().get("value"))
    assert len(server.requests) == 1
    assert world.kept()["problem"] is None
    assert "Fable 88%" in world.plain(by_plan())
    assert "5h" not in world.plain(without_limits()), "a session that proves nothing may be one that a key pays for"
    assert KEY[-20:] not in "".join(path.read_text(errors="replace") for path in world.cache.glob("*.json"))


def test_a_program_that_hands_out_keys_is_never_run_and_the_plan_is_not_asked_for(
    world: World, server: Loopback
) -> None:
    (world.home / ".claude" / "settings.json").write_text(json.dumps({"apiKeyHelper": f"touch {world.home}/ran"}))
    world.plain(without_limits())
    until(world.kept)
    assert world.kept()["problem"] == "api_key"
    line = world.plain(without_limits())
    assert "5h" not in line
    assert "7d" not in line
    assert server.requests == []
    assert not (world.home / "ran").exists()
    stamp = world.cache / "usage.start"
    os.utime(stamp, (stamp.stat().st_atime, time.time() - 600))
    started_at = stamp.stat().st_mtime
    world.plain(without_limits())
    assert stamp.stat().st_mtime == started_at, "what is noted is not looked at again at every tick"
    # A session that shows its limits is the plan's: it may ask, and shows what the endpoint alone knows.
    until(lambda: "Fable 88%" in world.plain(by_plan()))
    assert len(server.requests) == 1


def test_a_projects_program_concerns_the_sessions_of_that_project(world: World, server: Loopback) -> None:
    project = world.home / "project"
    (project / ".claude").mkdir(parents=True)
    (project / ".claude" / "settings.json").write_text('{"apiKeyHelper": "echo key"}')
    there = without_limits()
    there["workspace"] = {"current_dir": str(project), "project_dir": str(project)}
    world.plain(there)
    until(world.kept)
    assert server.requests == []
    until(lambda: world.plain(without_limits()) and world.kept()["problem"] is None)
    assert "5h 42%" in world.plain(without_limits())
    assert "5h" not in world.plain(there)
