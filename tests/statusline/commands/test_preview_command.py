"""`statusline preview`: the rows that a tick would print, for every preset, theme and glyph set."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from wcwidth import wcswidth

from cache.model.entry import Entry
from cache.model.windows import Window
from statusline.commands.cli import COMMANDS, load_command
from statusline.commands.config_check.config_check import find_problems
from statusline.commands.config_check.descriptions import GLYPHS, PRESETS, THEMES
from statusline.commands.config_check.schema import first_line
from statusline.commands.config_check.segment_options import GENERAL, OPTIONS_OF
from statusline.commands.preview import COLORS_NEEDED, ON_BOTH, WITHOUT_FILE, example_items
from statusline.commands.support.grounds import DARK, LIGHT
from statusline.commands.support.sample import payload
from statusline.render.colors import ALIASES, TRUE_COLOR, ink_of
from statusline.render.row import MARGIN
from statusline.render.theme import Style
from statusline.segments.registry import TABLE, needs_of
from tests.support.kept_readings import keep_usage
from tests.support.row_rules import SEQUENCE, judge
from tests.support.tick_world import World
from tests.support.warm_command import run_command

PROGRAM = [sys.executable, "-m", "statusline.commands.cli", "preview"]
COLORS = {"NO_COLOR": "", "TERM": "xterm-256color", "COLORTERM": "truecolor", "FORCE_COLOR": "3"}
EXAMPLES = "The limits are examples: yours are not known yet. Run `statusline usage --refresh` to fetch them."


@pytest.fixture
def world(tmp_path: Path, doors: dict[str, Path]) -> World:
    return World(tmp_path, doors["readable"])


def preview(world: World, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run it in this home, in the folder ``project``."""
    (world.home / "project").mkdir(exist_ok=True)
    given = {**world.env, "PATH": os.environ["PATH"], **env}
    return run_command("preview", *words, env=given, cwd=world.home / "project")


def configure(world: World, **values: object) -> None:
    file = world.home / ".config" / "hudline" / "config.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(values))


def know(world: World, percent: float) -> None:
    """Keep the user's numbers, with no refresh due."""
    now = int(time.time())
    windows = [Window("five_hour", "5h", percent, now + 7230, "oauth", now)]
    keep_usage(world.cache, windows, Entry({"plan": "Pro"}, now, now + 3600))


def test_it_shows_every_preset_theme_and_glyph_set_under_its_name(world: World) -> None:
    done = preview(world, "--width", "120", **COLORS)
    assert done.returncode == 0
    text = SEQUENCE.sub("", done.stdout)
    headings = [line.partition(":")[0] for line in text.splitlines() if line and not line.startswith(" ")]
    assert headings == [
        "120 columns",
        *(f"preset {name}" for name in PRESETS),
        *(f"theme {name}" for name in THEMES if name not in ALIASES),
        *(f"glyphs {name}" for name in GLYPHS),
    ]
    assert done.stderr == f"statusline preview: {EXAMPLES}\n"


def test_the_default_is_shown_at_three_widths_on_dark_and_on_light(world: World) -> None:
    """What fits the terminal; in a pipe everything does."""
    lines = preview(world, **COLORS).stdout.splitlines()
    for columns in (80, 120, 200):
        at = lines.index(f"\x1b[1m{columns} columns\x1b[0m: {WITHOUT_FILE}{ON_BOTH}.")
        for ground, row in zip((DARK, LIGHT), lines[at + 1 : at + 3], strict=True):
            plain = SEQUENCE.sub("", row)
            assert wcswidth(plain) == columns - MARGIN + 3
            assert plain.startswith("  Opus 5.5")
            ink = Style(ground.name, depth=TRUE_COLOR).code("model", None)
            assert f"\x1b[{ink}mOpus 5.5\x1b[0m" in row
            around = f"\x1b[{ink_of(ground.ink, TRUE_COLOR)};{ink_of(ground.color, TRUE_COLOR, ground=True)}m"
            assert all(rest.startswith(around) for rest in row.split("\x1b[0m")[1:-1])
        assert lines[at + 3] == ""


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"NO_COLOR": "", "FORCE_COLOR": "1"}])
def test_without_the_colors_for_it_no_background_is_said(world: World, env: dict[str, str]) -> None:
    lines = SEQUENCE.sub("", preview(world, **env).stdout).splitlines()
    assert lines[lines.index(f"80 columns: {WITHOUT_FILE}.") + 2] == ""
    assert not [line for line in lines if ON_BOTH in line]


@pytest.mark.parametrize("mine", [{}, {"theme": "powerline", "glyphs": "nerd"}, {"theme": "mono"}])
def test_without_colors_only_themes_with_other_rows_are_shown(world: World, mine: dict[str, str]) -> None:
    configure(world, **mine)
    lines = preview(world, "--width", "120").stdout.splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.startswith("theme ")]
    assert lines[at].startswith("theme powerline: ")
    assert lines[at + 2 : at + 5] == ["", COLORS_NEEDED, ""]
    others = THEMES.keys() - {"powerline", *ALIASES}
    (row,) = {preview(world, "--width", "120", "--theme", name).stdout.removesuffix("\n") for name in others}
    assert lines[at + 1].removeprefix("  ") != row


def test_where_no_theme_has_other_rows_the_line_about_them_is_all(world: World) -> None:
    configure(world, rows=[["model"]])
    text = preview(world, "--width", "120").stdout
    assert "theme powerline" not in text
    assert COLORS_NEEDED in text
    assert "theme" in SEQUENCE.sub("", preview(world, "--width", "120", **COLORS).stdout)


def test_it_shows_the_users_numbers_if_they_are_known(world: World) -> None:
    know(world, 33)
    done = preview(world, "--preset", "default", "--width", "120")
    assert " 33% " in done.stdout
    assert "7d" not in done.stdout
    assert done.stderr == ""


def test_the_users_configuration_comes_first_and_styles_the_presets(world: World) -> None:
    configure(world, rows=[["cost", "model"]], glyphs="ascii", separator="//")
    lines = preview(world, "--width", "120").stdout.splitlines()
    assert lines[:2] == ["yours", "  $1.84//Opus 5.5"]
    assert lines[
        lines.index("preset default: One row as wide as the terminal: session, directory, context, limits, cost.") + 1
    ].isascii()
    assert "  Opus 5.5//project" not in lines[1]
    colored = SEQUENCE.sub("", preview(world, "--width", "120", **COLORS).stdout).splitlines()
    assert "  $1.84//Opus 5.5" in colored[colored.index("theme mono: Bold, dim and reverse only.") + 1]


@pytest.mark.parametrize("width", [10, 23, 60, 100, 400])
@pytest.mark.parametrize("preset", PRESETS)
def test_the_rows_fit_and_are_clean_at_any_width(world: World, preset: str, width: int) -> None:
    done = preview(world, "--preset", preset, "--width", str(width), NO_COLOR="", FORCE_COLOR="3")
    judge(done.stdout.removesuffix("\n"), width - 4, 3)


@pytest.mark.parametrize("theme", ["auto", "mono", "light", "powerline", "pastel"])  # of each kind
def test_the_rows_are_those_that_the_tick_prints_byte_for_byte(world: World, theme: str) -> None:
    """All segments that live on the session and the limits; what git and the transcript tell is made up."""
    know(world, 91)
    names = [name for name in TABLE if set(needs_of(name)) <= {"usage"} and name != "clock"]
    rows = [names[at : at + 6] for at in range(0, len(names), 6)]
    configure(world, rows=[{"left": row[:4], "right": row[4:]} for row in rows], theme=theme)
    world.extra |= {"COLUMNS": "90", "STATUSLINE_START": "off", "NO_COLOR": "", "FORCE_COLOR": "3"}
    drawn = world.tick(payload(str(world.home / "project"), int(time.time()))).stdout.decode()
    told = preview(world, "--width", "90").stdout
    yours = told[told.index("\n") + 1 : told.index("\n\n")]
    assert len(rows) <= 8
    assert [row.removeprefix("  ") for row in yours.split("\n")] == drawn.removesuffix("\n").split("\n")


def test_a_pipe_gets_no_colors_unless_they_are_forced(world: World) -> None:
    plain = preview(world, "--preset", "default", NO_COLOR="").stdout
    assert "\x1b" not in plain
    colored = preview(world, "--preset", "default", NO_COLOR="", FORCE_COLOR="1").stdout
    assert "\x1b[1mOpus 5.5" in colored


def test_an_encoding_without_the_symbols_is_no_traceback(world: World) -> None:
    done = preview(world, "--preset", "minimal", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.startswith("project ? main *4 ? ctx 42%")


def test_theme_and_symbols_can_be_chosen_too(world: World) -> None:
    told = preview(world, "--theme", "powerline", "--glyphs", "ascii", "--width", "120").stdout
    assert told.startswith("Opus 5.5 > project > main *4 > ctx 42% > 7d ")


def test_it_starts_nothing_and_writes_nothing(world: World) -> None:
    preview(world)
    assert sorted(path.name for path in world.home.rglob("*")) == ["project"]


def test_a_segment_is_shown_alone_and_with_each_of_its_options(world: World) -> None:
    configure(world, theme="mono", glyphs="ascii", rows=[["cost"]])
    lines = preview(world, "--segment", "context").stdout.splitlines()
    assert lines[:2] == [f'"context": {first_line("context")}', "  ctx 42%"]
    rows = {line.partition("}: ")[0] + "}": row for line, row in pairwise(lines) if line.startswith("{")}
    assert rows == {
        '{"segment": "context", "bar": true}': "  ctx ===----- 42%",
        '{"segment": "context", "bar": 4}': "  ctx =--- 42%",
        '{"segment": "context", "when": "warn"}': "  (not shown in this session)",
        '{"segment": "context", "when": "alert"}': "  (not shown in this session)",
        '{"segment": "context", "label": "my label"}': "  my label 42%",
        '{"segment": "context", "label": ""}': "  42%",
        '{"segment": "context", "color": "magenta"}': "  ctx 42%",
    }


@pytest.mark.parametrize("name", TABLE)
def test_the_examples_of_a_segment_are_configurations_that_the_check_accepts(name: str) -> None:
    items = [item for _, item in example_items(name)]
    wanted = {*GENERAL, *OPTIONS_OF.get(name, ())}
    assert {option for item in items for option in item} == {"segment", *wanted}
    for item in items:
        settings = {"rows": [[item]], "commands": {"jobs": {"command": "jobs"}}}
        assert find_problems(json.dumps(settings)) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--preset", "fll"],
        ["--segment", "nosuch"],
        ["--segment", "cost", "--preset", "full"],
        ["--width", "wide"],
        ["more"],
    ],
)
def test_a_usage_error_exits_with_2(world: World, words: list[str]) -> None:
    assert preview(world, *words).returncode == 2


@pytest.mark.parametrize("width", ["0", "9", "1001", "-80", "wide", "8e1"])
def test_a_width_out_of_bounds_is_a_usage_error_that_names_the_bounds(world: World, width: str) -> None:
    done = preview(world, f"--width={width}")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"argument --width: expected a number from 10 to 1000, found {width}\n" in done.stderr


def test_the_former_name_of_a_theme_works_but_is_not_offered(world: World) -> None:
    colors = {"NO_COLOR": "", "FORCE_COLOR": "3"}
    former, present = (preview(world, "--theme", name, **colors) for name in ("pastel", "catppuccin"))
    assert (former.returncode, former.stdout) == (0, present.stdout)
    for words in (["--help"], ["--theme", "nosuch"]):
        done = preview(world, *words)
        assert "catppuccin" in done.stdout + done.stderr
        assert "pastel" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_the_usage_of_a_command_lists_no_long_choice(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A metavar stands for it, and the help of the option has the values."""
    monkeypatch.setenv("COLUMNS", "300")
    parser = argparse.ArgumentParser()
    load_command(name).add_arguments(parser)
    assert all(len(each) < 40 for each in re.findall(r"\{[^}]*\}", parser.format_usage()))
