"""A secret in a name of the endpoint's answer reaches neither a file of the cache nor a command nor the line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.kept_numbers import statusline
from tests.support.loopback_server import Answer, Loopback
from tests.support.secret_shapes import SHAPES, TOKEN, leaks
from tests.support.tick_world import World, payload

SCOPED = {"preset": "full", "rows": [["five_hour", "scoped_weeks", "model_week", "spend", "binding"]]}


def body() -> dict[str, Any]:
    """Return an answer that has every shape of a secret wherever it has a name."""
    soon = int(time.time()) + 7200
    rows: list[dict[str, Any]] = []
    for text in SHAPES.values():
        for place in ({"model": {"display_name": text}}, {"model": {"id": text}}, {"surface": text}, {"surface": None}):
            kind = "weekly_scoped" if any(place.values()) else text
            rows.append({"kind": kind, "percent": 100, "resets_at": soon, "is_active": True, "scope": place})
    money = {"used": {"amount_minor": 500, "currency": TOKEN}, "enabled": True, "limit": None}
    buckets = {text: {"utilization": 9, "resets_at": soon} for text in SHAPES.values()}
    return {"five_hour": {"utilization": 24, "resets_at": soon}, "limits": rows, "spend": money, **buckets}


@pytest.fixture
def world(doors: dict[str, Path], tmp_path: Path) -> Iterator[World]:
    """Give a machine on which the endpoint was asked once."""
    with Loopback(Answer(body=json.dumps(body()))) as server:
        world = World(tmp_path, doors["readable"], extra={"STATUSLINE_START": "off"})
        world.extra |= {"STATUSLINE_API_BASE": server.base, "STATUSLINE_LOG": str(tmp_path / "hudline.log")}
        world.sign_in()
        done = world.refresh("--force", "usage")
        assert done.returncode == 0, done.stdout
        assert not leaks(done.stdout + done.stderr)
        yield world


def test_no_file_of_the_cache_and_no_log_holds_one(world: World) -> None:
    files = [path for path in (*world.cache.rglob("*"), world.home / "hudline.log") if path.is_file()]
    assert "usage.json" in {path.name for path in files}
    assert "[redacted]" in (world.cache / "usage.json").read_text()
    for path in files:
        assert not leaks(path.read_bytes().decode("latin-1")), path


@pytest.mark.parametrize(
    "words",
    ["usage", "usage --json", "export", "export --format json", "guard --min-left 20", "guard --min-left 1 --window x"],
)
def test_no_command_says_one(world: World, words: str) -> None:
    done = statusline(world.home, *words.split(), STATUSLINE_CACHE_DIR=str(world.cache), COLUMNS="200")
    assert done.stdout.strip()
    assert not leaks(done.stdout + done.stderr)


def test_the_line_shows_none(world: World) -> None:
    config = world.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps(SCOPED))
    for name in (*SHAPES.values(), "[redacted]"):
        given = payload("oauth-01-startup", model={"id": name, "display_name": name})
        line = world.line(given)
        assert "24%" in line
        assert not leaks(line)
    assert "[redacted] 100%" in line
