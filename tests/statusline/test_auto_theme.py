"""The theme `auto`: it follows Claude Code's, and changes nothing where that is unknown."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from statusline.config import Config
from statusline.config_table import PRESET_NAMES
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows
from statusline.render.theme import style_for
from tests.support import golden_rows as golden
from tests.support.paths import PAYLOADS
from tests.support.processes import running
from tests.support.tick_world import World, payload, until

TERMINALS = [
    {"TERM": "xterm"},
    {"TERM": "xterm-256color"},
    {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    {"NO_COLOR": "1"},
]
MODEL_IN = {"dark": "\x1b[1;38;2;230;237;243mOpus", "light": "\x1b[1;38;2;31;35;40mOpus", "default": "\x1b[1mOpus"}


def rows(name: str, env: dict[str, str], given: dict[str, object]) -> str:
    message = json.loads((PAYLOADS / f"{name}.json").read_text())
    config, known = Config(given), golden.filled(message, of_plan=not name.startswith("apikey"))
    style = style_for(
        config.theme,
        config.glyphs,
        config.separator,
        lambda variable: env.get(variable, ""),
        colors=config.colors,
        host_theme=known.theme,
    )
    return compose_rows(rows_of(Session(message), known, config, golden.NOW), 116, style)


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("*.json")))
def test_where_nothing_is_known_the_default_is_the_theme_default(name: str) -> None:
    """So that `auto` could become the default: without Claude Code's theme and without COLORFGBG no row is another."""
    for preset in PRESET_NAMES:
        for env in TERMINALS:
            assert rows(name, env, {"preset": preset}) == rows(name, env, {"preset": preset, "theme": "default"})


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    made = World(tmp_path, door, extra={"NO_COLOR": "", "COLORTERM": "truecolor", "STATUSLINE_OAUTH": "off"})
    made.sign_in()
    return made


def choose(world: World, theme: str) -> None:
    """Choose a theme as Claude Code's /theme does."""
    file = world.home / ".claude" / "settings.json"
    file.write_text(json.dumps({"theme": theme, "model": "opus"}))


def model_in(world: World) -> str:
    """Return how a tick draws the model."""
    line = world.tick(payload("oauth-02-after-message-rate-limits", now=time.time())).stdout.decode()
    return line[: line.index("Opus") + 4]


def test_a_theme_chosen_in_claude_code_shows_at_the_next_tick(world: World) -> None:
    """Once the settings are known to the refresher, at the very next: Claude Code starts one every 10 s."""
    choose(world, "dark")
    assert model_in(world) == MODEL_IN["default"], "unknown until the settings have been read"
    until(lambda: model_in(world) == MODEL_IN["dark"])
    choose(world, "light")
    assert model_in(world) == MODEL_IN["light"]
    until(lambda: model_in(world) == MODEL_IN["light"] and world.kept()["value"].get("theme") == "light")
    choose(world, "auto")
    assert model_in(world) == MODEL_IN["default"]
    world.extra["COLORFGBG"] = "0;15"
    assert model_in(world) == MODEL_IN["light"]
    until(lambda: not running(world.cache))


def test_a_repository_decides_no_theme(world: World) -> None:
    """Neither its own settings nor a folder in it that its environment names as Claude Code's are the user's."""
    project = world.home / "project"
    for folder in (".claude", "config"):
        (project / folder).mkdir(parents=True)
        (project / folder / "settings.json").write_text('{"theme": "light"}')
    given = payload("oauth-01-startup", cwd=str(project), workspace={"project_dir": str(project)})
    world.line(given)
    kept = until(world.kept)
    assert "theme" not in kept["value"]
    world.extra["CLAUDE_CONFIG_DIR"] = str(project / "config")
    world.line(given)
    files = until(lambda: list(world.cache.glob("dirs/*/usage.json")))
    assert "theme" not in json.loads(files[0].read_text())["value"]
    (project / "config" / "settings.json").write_text('{"theme": "dark"}')
    drawn = world.tick({**given, "model": {"display_name": "Opus 5.5"}}).stdout.decode()
    assert MODEL_IN["default"] in drawn, "nor at the tick that sees a change in it"
    until(lambda: not running(world.cache))
