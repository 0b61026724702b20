"""A mistake in one part of the line costs that part: the others are drawn, and STATUSLINE_DEBUG tells where it is."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from cache.model.entry import Entry
from cache.model.windows import Window
from statusline.tick import DAMAGED
from tests.support.broken_install import broken, functions_in
from tests.support.examples import SHARE
from tests.support.package_layout import copy_layout, hot_builder
from tests.support.paths import ROOT
from tests.support.tick_world import World, payload

WHOLE = "Opus 5.5 · medium │ project › main │ ctx 12% │ 5h 95%!! ↻2h00m │ 7d 61% ↻4d0h │ $0.15"


@pytest.fixture(params=["merged", "readable"])
def world(request: pytest.FixtureRequest, packages: dict[str, Path], tmp_path: Path) -> World:
    return made(packages[request.param], tmp_path)


@pytest.fixture(scope="module")
def packages(doors: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return both kinds of packages, to break for a while."""
    return {kind: copy_layout(door, tmp_path_factory.mktemp(kind) / "package") for kind, door in doors.items()}


@pytest.fixture
def readable(packages: dict[str, Path], tmp_path: Path) -> World:
    return made(packages["readable"], tmp_path)


def made(door: Path, home: Path) -> World:
    """Return a world with a checkout, and a cache of which nothing is due."""
    (home / "project" / ".git").mkdir(parents=True)
    (home / "project" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    world = World(home, door, extra={"STATUSLINE_START": "off"})
    keep(world)
    return world


def keep(world: World) -> None:
    now = int(time.time())
    world.cache.mkdir(parents=True, exist_ok=True)
    rows = [Window("five_hour", "5h", 95.0, now + 7230, "oauth", now).as_json()]
    entry = Entry({"account": "unknown", "account_since": 0, "windows": rows}, now, now + 3600)
    (world.cache / "usage.json").write_text(entry.to_text())


def session(world: World, **changes: Any) -> dict[str, Any]:
    given = payload("oauth-02-after-message-rate-limits", now=time.time() + 30, **changes)
    given["workspace"]["current_dir"] = str(world.home / "project")
    given["rate_limits"]["five_hour"]["used_percentage"] = 95
    return given


def configure(world: World, **config: object) -> None:
    path = world.home / ".config" / "hudline" / "config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config))


def test_the_whole_line_for_comparison(world: World) -> None:
    assert world.plain(session(world)) == WHOLE


# What is broken, and what of the whole line is then another.
PARTS = [
    ("statusline/segments/session.py", "model", "Opus 5.5 · medium", "medium"),
    ("statusline/segments/session.py", "effort", " · medium", ""),
    ("statusline/segments/session.py", "cost", " │ $0.15", ""),
    ("statusline/segments/place.py", "project", "project › main", "main"),
    ("statusline/segments/place.py", "branch", " › main", ""),
    ("statusline/segments/context.py", "context", "ctx 12% ", ""),
    ("statusline/segments/usage.py", "window_segment", "5h 95%!! ↻2h00m │ 7d 61% ↻4d0h │ ", ""),
    ("statusline/segments/usage.py", "model_week", "", ""),
    ("cache/model/git_head.py", "repository_of", " › main", ""),
    ("cache/model/git_head.py", "branch_in", " › main", ""),
    ("statusline/render/compose.py", "rank_limits", "", ""),
    ("statusline/render/priority.py", "promote_binding_limit", "", ""),
    ("statusline/render/placed_segment.py", "paint", "", ""),
    ("statusline/stdin.py", "read_payload", WHOLE, "5h 95%!! ↻2h00m"),
    ("statusline/config.py", "read_config", "", ""),
    ("cache/readings/snapshot.py", "take_snapshot", "5h 95%!! ↻2h00m │ 7d 61% ↻4d0h │ ", ""),
    ("cache/model/entry.py", "read_entry", "5h 95%!! ↻2h00m │ 7d 61% ↻4d0h │ ", ""),
    ("cache/model/stdin_limits.py", "reported_limits", " │ 7d 61% ↻4d0h", ""),
    ("statusline/gather.py", "add_surroundings", " › main", ""),
    ("statusline/due.py", "start_due", "", ""),
    ("statusline/due.py", "start_options", "", ""),
    ("statusline/render/theme.py", "style_for", "", ""),
    (
        "statusline/render/row.py",
        "row_text",
        WHOLE,
        WHOLE.replace(" · ", " │ ").replace(" › ", " │ "),
    ),
]


@pytest.mark.parametrize(("file", "function", "lost", "instead"), PARTS, ids=[f"{each[0]}:{each[1]}" for each in PARTS])
def test_a_part_that_fails_costs_itself(readable: World, file: str, function: str, lost: str, instead: str) -> None:
    with broken(readable.door, file, function):
        assert readable.plain(session(readable)) == WHOLE.replace(lost, instead, 1)


@pytest.mark.parametrize(("file", "function", "lost", "instead"), PARTS[1:3] + PARTS[-2:])
def test_a_part_of_the_merged_module_that_fails_costs_itself(
    packages: dict[str, Path], tmp_path: Path, file: str, function: str, lost: str, instead: str
) -> None:
    world = made(packages["merged"], tmp_path)
    with broken(world.door, file, function):
        assert world.plain(session(world)) == WHOLE.replace(lost, instead, 1)


FURTHER = "hello │ ctx 12% │ merge │ 1h12m"
FURTHER_PARTS = [
    ("statusline/segments/spent.py", "duration", " │ 1h12m"),
    ("statusline/segments/custom.py", "text", "hello │ "),
    ("statusline/render/own_steps.py", "own_steps", ""),
    ("statusline/checkout.py", "read_operation", " │ merge"),
    ("statusline/checkout.py", "read_git", ""),
    ("statusline/background.py", "read_activity", ""),
    ("statusline/background.py", "read_commands", ""),
    ("statusline/background.py", "read_background", ""),
    ("statusline/spawn.py", "start_spaced", ""),
    ("statusline/spawn.py", "detach", ""),
    ("cache/model/git_operation.py", "operation_of", " │ merge"),
    ("statusline/render/timefmt.py", "span_text", " │ 1h12m"),
]


def further(world: World) -> dict[str, Any]:
    """Configure a row of what the default one does not have; return a payload for it."""
    (world.home / "project" / ".git" / "MERGE_HEAD").write_text("0" * 40)
    first: list[object] = [{"segment": "text", "text": "hello"}, {"segment": "context", "label": "ctx"}]
    command: list[object] = [{"segment": "command", "name": "one"}]
    rows = [[*first, "git_operation", "git_changes", "last_tool", *command, "duration"]]
    configure(world, rows=rows, commands={"one": {"command": "echo"}})
    given = session(world)
    given["cost"]["total_duration_ms"] = 72 * 60_000
    return given


def test_the_further_parts_for_comparison(world: World) -> None:
    assert world.plain(further(world)) == FURTHER


@pytest.mark.parametrize(("file", "function", "lost"), FURTHER_PARTS, ids=[each[1] for each in FURTHER_PARTS])
def test_a_further_part_that_fails_costs_itself(readable: World, file: str, function: str, lost: str) -> None:
    if file == "statusline/spawn.py":
        readable.extra["STATUSLINE_START"] = ""
    with broken(readable.door, file, function):
        assert readable.plain(further(readable)) == FURTHER.replace(lost, "", 1)


def test_a_setting_that_fails_costs_itself(readable: World) -> None:
    configure(readable, rows=[["model", "effort"]], theme="mono", oauth="auto")
    with broken(readable.door, "statusline/config_parse.py", "parse_rows"):
        assert readable.plain(session(readable)) == WHOLE


@pytest.mark.parametrize("kind", ["merged", "readable"])
def test_a_torn_file_costs_what_it_draws_unless_that_is_all(doors: dict[str, Path], tmp_path: Path, kind: str) -> None:
    world = made(copy_layout(doors[kind], tmp_path / "package"), tmp_path / "home")
    for name in ("statusline/segments/spent.py", "statusline/wide.py"):
        (world.door.parents[1] / name).write_text("def")
    configure(world, rows=[["model", "duration"]])
    given = session(world)
    given["cost"]["total_duration_ms"] = 72 * 60_000
    assert world.plain(given) == "Opus 5.5"
    configure(world, rows=[["duration"]])
    assert world.line(given) == DAMAGED


def test_a_row_that_fails_costs_itself(readable: World) -> None:
    configure(readable, rows=[["model"], ["cost"]], theme="powerline")
    readable.extra |= {"NO_COLOR": "", "FORCE_COLOR": "1"}
    for function, file in (("blocks_text", "powerline"), ("paint", "placed_segment"), ("group_text", "row")):
        with broken(readable.door, f"statusline/render/{file}.py", function):
            done = readable.tick(session(readable))
        rows = done.stdout.decode().splitlines()
        assert (done.returncode, done.stderr, len(rows)) == (0, b"", 2)
        assert ("Opus 5.5" in rows[0], "$0.15" in rows[1]) == (True, True)


# What every part of a row goes through: where one of these fails, there is nothing to draw with.
NEEDED = {
    "cache/model/jsonio.py": {"parse_json", "_first", "mapping", "number", "whole", "words"},
    "cache/model/osapi.py": {"setting", "decoded"},
    "cache/model/entry.py": {"__init__"},
    "cache/readings/snapshot.py": {"place_of", "process_key", "__init__"},
    "cache/model/billing.py": {"billing_of", "is_true"},
    "cache/model/lazy.py": {"extension_module", "further_module"},
    "statusline/segments/registry.py": {"segment_function", "topic_of", "weight_of", "joint_of", "needs_of"},
    "statusline/segments/segment.py": {"__init__"},
    "statusline/attempt.py": {"attempt"},
    "statusline/config.py": {"__init__", "options_for"},
    "statusline/render/width.py": {"cells", "is_plain"},
    "statusline/render/sanitize.py": {"sanitize"},
    "statusline/render/theme.py": {"__init__"},
    "statusline/render/colors.py": {"roles_of"},
    "statusline/render/placed_segment.py": {"__init__", "all_pieces", "prepare", "render_pieces"},
    "statusline/render/row.py": {"compose_rows", "usable_width"},
    "statusline/render/compose.py": {*("rows_of", "group_of", "arrange", "belong_together")},
    "statusline/payload.py": {"__init__", "part", "words"},
    "statusline/due.py": {"option"},
    "statusline/gather.py": {"gather"},
    "statusline/tick.py": {"main", "leave", "tick", "row_of"},
}


def hot_files() -> list[str]:
    builder = hot_builder()
    found = [ROOT.joinpath(*module.split(".")).with_suffix(".py") for module in builder.all_hot_modules(ROOT)]
    return [str(file.relative_to(ROOT)) for file in found if file.exists()]


STEP = 4 if SHARE < 1 else 1  # the long form tries each function


@pytest.mark.parametrize("file", hot_files())
def test_any_one_function_may_fail_but_those_that_all_need(readable: World, file: str) -> None:
    given, blank = session(readable), set()
    for function in functions_in(readable.door.parents[1] / file)[::STEP]:
        keep(readable)
        with broken(readable.door, file, function):
            done = readable.tick(given)
        assert (done.returncode, done.stderr) == (0, b"")
        if done.stdout.decode().strip() in {"hudline", DAMAGED}:
            blank.add(function)
    assert blank <= NEEDED.get(file, set())
