"""An answer is dropped where the login or its account changed while it was on its way: it may be another account's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.loopback_server import Answer, Loopback
from tests.support.tick_world import TOKEN, World

BODY = {"five_hour": {"utilization": 77.25}, "seven_day": {"utilization": 66.5}}
BOB = "bbbbbbbb-0000-4000-8000-000000000002"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(Answer(body=json.dumps(BODY))) as server:
        yield server


@pytest.fixture
def world(doors: dict[str, Path], tmp_path: Path, server: Loopback) -> World:
    world = World(tmp_path, doors["readable"], extra={"STATUSLINE_API_BASE": server.base})
    world.sign_in()
    return world


def replace(file: Path, text: str) -> None:
    """Replace a file in one step, as Claude Code does."""
    new = file.with_name("new")
    new.write_text(text)
    os.replace(new, file)


def kept_numbers(world: World) -> list[str]:
    """Return the files that hold a number of the answer."""
    files = [path for path in world.cache.rglob("*") if path.is_file()]
    return [path.name for path in files if b"77.25" in path.read_bytes() or b"66.5" in path.read_bytes()]


def test_an_answer_during_which_nothing_changed_counts(world: World, server: Loopback) -> None:
    state = world.home / ".claude.json"
    server.happens = lambda: replace(state, state.read_text())  # it is rewritten constantly
    assert world.refresh("--force", "usage").returncode == 0
    assert world.windows()["five_hour"]["percent"] == 77.25


def test_an_answer_during_which_the_login_file_was_replaced_is_dropped(world: World, server: Loopback) -> None:
    """The name of the account may follow seconds later."""
    login = world.home / ".claude" / ".credentials.json"
    server.happens = lambda: replace(login, login.read_text().replace(TOKEN, "sk-ant-oat01-CANARY-bob"))
    assert world.refresh("--force", "usage").returncode == 1
    assert len(server.requests) == 1
    assert world.kept()["problem"] == "unsettled"
    assert kept_numbers(world) == []


def test_an_answer_during_which_the_account_was_named_anew_is_dropped(world: World, server: Loopback) -> None:
    """The login may follow seconds later."""
    state = world.home / ".claude.json"
    server.happens = lambda: replace(state, json.dumps({"oauthAccount": {"accountUuid": BOB}}))
    assert world.refresh("--force", "usage").returncode == 1
    assert len(server.requests) == 1
    assert world.kept()["problem"] == "unsettled"
    assert kept_numbers(world) == []
