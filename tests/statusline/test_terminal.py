"""The rows on the screen of a real terminal: as composed, in their cells, and with nothing left behind."""

from __future__ import annotations

import json
import re
import shlex
import time
from pathlib import Path

import pytest

from cache.model.entry import Entry
from cache.model.windows import Window
from statusline.config_table import GLYPHS, PRESET_NAMES
from statusline.render.row import MARGIN
from statusline.render.width import cells
from tests.support.kept_readings import keep_usage
from tests.support.paths import ROOT
from tests.support.tick_world import World, payload
from tests.support.tmux_screen import DRAWN, terminal
from tests.support.warm_command import COLD

WIDTHS = [60, 100, 160]


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    """Return a home in which all that is shown stays the same for half a minute, and nothing is due."""
    made = World(tmp_path, door, extra={"STATUSLINE_START": "off"})
    now = int(time.time())
    made.cache.mkdir(parents=True)
    windows = [
        Window("five_hour", "5h", 95.0, now + 7230, "oauth", now),
        Window("seven_day", "7d", 61.0, now + 345630, "oauth", now),
    ]
    keep_usage(made.cache, windows, Entry({"plan": "Max 20x"}, now, now + 3600))
    project = made.home / "étude-漢字"
    (project / ".git").mkdir(parents=True)
    (project / ".git" / "HEAD").write_text("ref: refs/heads/feat/ü-机\n")
    return made


def given(world: World) -> Path:
    """Return a file with a recorded payload that works in this home."""
    found = payload("oauth-02-after-message-rate-limits", now=time.time() + 30)
    found["cwd"] = found["workspace"]["current_dir"] = str(world.home / "étude-漢字")
    found.pop("rate_limits")
    path = world.home / "payload.json"
    path.write_text(json.dumps(found))
    return path


def configure(world: World, **values: object) -> None:
    path = world.home / ".config" / "hudline" / "config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))


def shown(world: World, then: str = f"; echo '{DRAWN}'") -> str:
    """Return the shell script that draws the line as Claude Code does."""
    return f"{shlex.join(world.command)} < {shlex.quote(str(given(world)))}{then}"


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("preset", PRESET_NAMES)
def test_each_preset_stands_on_the_screen_as_it_was_composed(world: World, preset: str, columns: int) -> None:
    configure(world, preset=preset)
    world.extra["COLUMNS"] = str(columns)
    composed = world.tick(given(world).read_bytes()).stdout.decode().splitlines()
    assert "95%!!" in "".join(composed)
    with terminal(shown(world), columns, world.env) as screen:
        lines = screen.screen()
    assert lines[: len(composed) + 1] == [*composed, DRAWN]


@pytest.mark.parametrize("glyphs", GLYPHS)
@pytest.mark.parametrize("theme", ["default", "mono", "dark", "powerline"])  # one of each kind
def test_colors_change_no_cell_and_end_with_the_row(world: World, theme: str, glyphs: str) -> None:
    """What is printed behind the row is plain, and the text is the same as without colors."""
    configure(world, theme=theme, glyphs=glyphs, rows=[{"left": ["model", "five_hour"], "right": ["branch"]}])
    world.extra |= {"COLUMNS": "100", "NO_COLOR": "", "COLORTERM": "truecolor"}
    with terminal(shown(world), 100, world.env) as screen:
        plain, drawn = screen.screen(), screen.screen(sequences=True)
    assert "\x1b[" in drawn[0]
    assert "38;2;" not in drawn[0], "inside tmux there are 256 colors"
    before = drawn[1].removesuffix(DRAWN)
    assert before != drawn[1]
    assert set(re.findall("[0-9]+", before)) <= {"0", "39", "49"}
    world.extra["NO_COLOR"] = "1"
    if theme != "powerline":  # whose blocks have blanks around their text
        assert plain[0] == world.line(given(world).read_bytes())


@pytest.mark.parametrize("name", ["漢字", "e\u0301tude", "ｶﾅ", "ü", "한글", "│─█", "\ue0a0"])
def test_the_right_group_ends_at_the_edge_whatever_stands_before_it(world: World, name: str) -> None:
    """The terminal's own cursor says how wide the row is."""
    items = [{"segment": "text", "text": name}], [{"segment": "text", "text": "|"}]
    configure(world, rows=[{"left": items[0], "right": items[1]}])
    world.extra["COLUMNS"] = "60"
    with terminal(shown(world, " | tr -d '\\n'"), 60, world.env, last="|") as screen:
        assert name in screen.screen()[0]
        assert screen.ask("display-message", "-p", "#{cursor_x}").strip() == "56"


@pytest.mark.parametrize("words", [[], ["doctor", "--trace"]])
def test_what_a_person_types_fits_a_terminal_whose_width_no_variable_tells(world: World, words: list[str]) -> None:
    """Interactive shells do not export COLUMNS."""
    typed = shlex.join([world.python, "-I", "-c", COLD, str(ROOT), *words])
    with terminal(f"cd {shlex.quote(str(world.home))}; {typed}; echo '{DRAWN}'", 50, world.env) as screen:
        lines = screen.screen()
    rows = lines[: lines.index(DRAWN)]
    assert "95%!!" in rows[-1]
    assert len(rows) == (1 if not words else 3), "no row was wrapped"
    assert cells(rows[-1]) <= 50 - MARGIN + 2
