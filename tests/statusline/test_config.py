"""The lenient reader: an invalid value falls back alone, and any file results in a configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusline.config import Config, decode_config, is_wanted, read_config
from statusline.config_table import GLYPHS, PRESET_NAMES, SETTINGS, THEMES
from statusline.gather import OF_DEFAULT
from statusline.presets import preset_rows
from statusline.render.chosen_colors import ROLES, is_color
from statusline.segments.registry import TABLE, needs_of
from statusline.segments.segment import Options
from tests.support.config_values import anything, shaped
from tests.support.loopback_server import Answer, Loopback
from tests.support.paths import ROOT
from tests.support.processes import running
from tests.support.tick_world import World, payload, until
from tests.support.unprivileged import DROP

DEFAULT_NAMES = [
    "model", "effort", "fast_mode", "project", "branch", "changed_files", "lines", "git_operation", "pr", "context",
    "context_tokens", "five_hour", "seven_day", "model_week", "spend", "provider", "cost", "today", "duration",
    "sessions",
]  # fmt: skip

CAPTURED = ROOT / "tests" / "data" / "answers" / "captured.json"

OPENED = """
import sys
sys.path.insert(0, sys.argv[1])
from statusline.config import read_config
seen = []
sys.addaudithook(lambda event, args: seen.append(event))
read_config(sys.argv[2]).rows
print([event for event in seen if event != "object.__getattr__"])
"""


def assert_every_property_works(made: Config) -> None:
    assert made.oauth in {"auto", "off"}
    assert made.preset in PRESET_NAMES
    assert made.theme in THEMES
    assert made.glyphs in GLYPHS
    assert made.separator is None or 1 <= len(made.separator) <= 16
    assert 0 <= made.padding <= 20
    assert made.wrap in {True, False}
    assert all(role in ROLES and is_color(color) for role, color in made.colors.items())
    assert 1 <= len(made.rows) <= 8
    for row in made.rows:
        assert set(row) == {"left", "right"}
        assert row["left"] or row["right"]
        for name, chosen in row["left"] + row["right"]:
            assert name in TABLE
            assert isinstance(chosen, dict)
            options = made.options_for(name, chosen)
            assert 0 <= options.thresholds[0] <= options.thresholds[1]
            assert options.hours in {12, 24}
            assert options.style in SETTINGS["time"]["style"][1]
            assert options.zone in {"local", "utc"} or "/" in options.zone
        assert max(len(row["left"]), len(row["right"])) <= 40
    assert made.names <= set(TABLE)
    assert len(made.commands) <= 16
    for name, command in made.commands.items():
        assert 1 <= len(name) <= 64
        assert 1 <= len(str(command["command"])) <= 4096
        assert isinstance(command["every"], int)
        assert command["timeout"] in {1, 2, 3, 4, 5}
        assert command["shared"] in {True, False}
    assert all(made.every(job) >= bounds[1] for job, (_, bounds) in SETTINGS["refresh"].items())


@given(shaped | anything)
def test_any_json_makes_a_configuration_of_which_every_property_works(value: object) -> None:
    assert_every_property_works(decode_config(json.dumps(value).encode()))


@given(st.binary(max_size=200))
def test_any_bytes_make_a_configuration(data: bytes) -> None:
    assert_every_property_works(decode_config(data))


@given(shaped, st.sampled_from(["theme", "glyphs", "padding", "oauth", "wrap", "separator"]), anything)
def test_a_bad_value_takes_no_other_with_it(value: dict[str, Any], key: str, bad: object) -> None:
    """The same file with and without one key: all else is the same."""
    without = Config({name: each for name, each in value.items() if name != key})
    made = Config({**value, key: bad})
    for name in {"preset", "theme", "glyphs", "padding", "oauth", "wrap", "separator", "rows", "commands"} - {key}:
        assert getattr(made, name) == getattr(without, name)


def test_without_a_file_it_costs_one_failed_open(tmp_path: Path) -> None:
    words = [sys.executable, "-I", "-S", "-c", OPENED, str(ROOT), str(tmp_path / "none.json")]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "['open']\n"


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    made = read_config(str(tmp_path / "none.json"))
    assert made.rows == [{"left": [(name, {}) for name in DEFAULT_NAMES], "right": []}]
    found = (made.theme, made.glyphs, made.separator, made.padding, made.wrap, made.oauth, made.commands)
    assert found == ("auto", "unicode", None, 0, False, "auto", {})
    assert [made.every(job) for job in ("usage", "git", "activity")] == [300, 60, 10]
    options, plain = made.options_for("context", {}), Options({})
    assert [getattr(options, name) for name in Options.__slots__] == [
        getattr(plain, name) for name in Options.__slots__
    ]


def test_the_default_row_and_every_preset_name_only_segments_that_there_are() -> None:
    for preset in PRESET_NAMES:
        asked = preset_rows(preset)
        named = [each for row in Config({"preset": preset}).rows for each in row["left"] + row["right"]]
        assert isinstance(asked, list)
        groups: list[Any] = [each for row in asked for each in (row.values() if isinstance(row, dict) else [row])]
        assert len(named) == sum(map(len, groups)) > 3


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["model"]], [(["model"], [])]),
        ([["model", "nosuch", 5, None, ["cost"], {"segment": 7}, "cost"]], [(["model", "cost"], [])]),
        ([{"left": ["model"], "right": ["cost"]}], [(["model"], ["cost"])]),
        ([{"right": ["cost"]}], [([], ["cost"])]),
        ([[], ["model"], {}, "cost", {"left": "model"}], [(["model"], [])]),
        ([{"segment": "model"}, ["cost"]], [(["cost"], [])]),
    ],
)
def test_items_that_name_no_segment_are_left_out(rows: object, expected: list[tuple[list[str], ...]]) -> None:
    made = Config({"rows": rows}).rows
    assert [([name for name, _ in row["left"]], [name for name, _ in row["right"]]) for row in made] == expected


@pytest.mark.parametrize("rows", [[], [[]], [["nosuch"]], {}, "model", None, 5, {"left": ["model"]}])
def test_rows_without_any_segment_fall_back_to_the_preset(rows: object) -> None:
    made = Config({"rows": rows, "preset": "minimal"})
    assert made.rows == Config({"preset": "minimal"}).rows != Config().rows


def test_an_item_keeps_its_options() -> None:
    item = {"segment": "context", "bar": True}
    assert Config({"rows": [[item]]}).rows == [{"left": [("context", item)], "right": []}]
    assert Config().options_for("context", item).get("bar") is True


def test_hostile_amounts_are_capped() -> None:
    made = Config(
        {
            "rows": [["model"] * 100_000] * 1_000,
            "commands": {f"c{number}": {"command": "true"} for number in range(1_000)},
        }
    )
    assert [len(row["left"]) for row in made.rows] == [40] * 8
    assert len(made.commands) == 16


NO_PAIRS: list[object] = [[80, 60], [60], [60, 80, 90], "60", [True, 80], [-1, 50], [1, 1001], None, {}]
NO_ZONES: list[object] = [
    "", "Vienna", "/etc/passwd", "../../x", "Europe/", ":x/y", "a\0/b", "a/b\n", "é/b", 5, "a/" * 33,
]  # fmt: skip
NOT_AUTO: list[object] = ["off", "of", False, "no", 0, [], {}, "OFF", ""]


@pytest.mark.parametrize(
    ("pair", "expected"),
    [([60, 80], (60, 80)), ([50, 50], (50, 50)), ([0.5, 99.5], (0.5, 99.5)), *((each, (70, 90)) for each in NO_PAIRS)],
)
def test_thresholds_are_two_rising_percentages(pair: object, expected: tuple[float, float]) -> None:
    made = Config({"thresholds": {"context": pair, "cost": [1, 2]}})
    assert made.options_for("context", {}).thresholds == expected
    assert made.options_for("seven_day", {}).thresholds == (70, 90)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("utc", "utc"),
        ("Europe/Vienna", "Europe/Vienna"),
        ("America/Argentina/Salta", "America/Argentina/Salta"),
        *((each, "local") for each in NO_ZONES),
    ],
)
def test_a_zone_is_an_area_with_a_city_and_nothing_else(zone: object, expected: str) -> None:
    assert Config({"time": {"zone": zone}}).options_for("clock", {}).zone == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("auto", "auto"), (None, "auto"), *((each, "off") for each in NOT_AUTO)]
)
def test_an_unclear_oauth_value_counts_as_off(value: object, expected: str) -> None:
    """A typo must not send a request that the user meant to forbid."""
    assert Config({"oauth": value}).oauth == expected


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff\xfe", b"", b"5", b'{"oauth": "off",', b"// off\n{}"])
def test_a_file_without_a_json_object_shows_the_defaults_and_makes_no_request(data: bytes) -> None:
    made = decode_config(data)
    assert made.rows == Config().rows
    assert made.oauth == "off"


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "fifo": os.mkfifo,
    "too large": lambda path: path.write_bytes(b'{"oauth": "auto"}' + b" " * (1 << 20)),
    "link into nowhere": lambda path: path.symlink_to("/nowhere/at/all"),
}


@pytest.mark.parametrize("make", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_file_shows_the_defaults_and_makes_no_request(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "config.json")
    made = read_config(str(tmp_path / "config.json"))
    assert made.rows == Config().rows
    assert made.oauth == "off"


FORBIDDEN = (
    """
import os, sys
sys.path.insert(0, sys.argv[1])
from statusline.config import read_config
"""
    + DROP
    + """
print(*[read_config(path).oauth for path in sys.argv[2:]])
"""
)


def test_without_permission_for_file_or_folder_no_request_is_made(
    open_directory: Path,
) -> None:
    file, folder = open_directory / "config.json", open_directory / "closed"
    file.touch(mode=0o000)
    folder.mkdir(mode=0o000)
    paths = [str(each) for each in (file, folder / "config.json", open_directory / "none.json", file / "config.json")]
    words = [sys.executable, "-I", "-S", "-c", FORBIDDEN, str(ROOT), *paths]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "off off auto auto\n"


def test_a_byte_order_mark_is_skipped() -> None:
    assert decode_config(b'\xef\xbb\xbf{"theme": "mono"}').theme == "mono"


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("always", [None, "calm", "warn", "alert"]),
        ("warn", ["warn", "alert"]),
        ("alert", ["alert"]),
        (None, [None, "calm", "warn", "alert"]),
        (["warn"], [None, "calm", "warn", "alert"]),
        ("never", [None, "calm", "warn", "alert"]),
    ],
)
def test_when_an_item_is_wanted(when: object, shown: list[str | None]) -> None:
    assert [level for level in (None, "calm", "warn", "alert") if is_wanted(level, when)] == shown


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    (tmp_path / ".config" / "hudline").mkdir(parents=True)
    return World(tmp_path, door, extra={"STATUSLINE_START": "off"})


def configure(world: World, value: object) -> None:
    file = world.home / ".config" / "hudline" / "config.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value))


def test_a_row_that_is_a_presets_keeps_its_order_beside_others() -> None:
    """`install --chain` adds a row of its own to those of the preset."""
    full, more = preset_rows("full"), [{"segment": "command", "name": "before"}]
    made = Config({"rows": [*full, more]})
    assert made.steps == [*Config({"preset": "full"}).steps, ""]
    assert all(made.steps[:-1])
    assert Config({"rows": [["model"]]}).steps == [""]


def test_a_short_row_has_nothing_behind_the_cost() -> None:
    names = [name for name, _ in Config({"fill": False}).rows[0]["left"]]
    assert names == [
        name for name in DEFAULT_NAMES if name not in {"lines", "pr", "context_tokens", "today", "duration"}
    ]
    assert Config({"fill": "no"}).rows == Config().rows
    assert [Config({"preset": name}).fills for name in PRESET_NAMES] == [True, False, True, False]


@pytest.mark.parametrize(("value", "week"), [("mon-fri 9-18", "mon-fri 9-18"), ("mon-fri", None), (5, None)])
def test_a_working_week_is_one_or_none(value: object, week: str | None) -> None:
    assert Config({"week": value}).week == Config({"week": value}).options_for("seven_day", {}).week == week


def test_what_the_default_row_needs_is_what_its_segments_need() -> None:
    assert set(OF_DEFAULT) == {need for name in Config().names for need in needs_of(name)}


def test_an_edit_shows_at_the_next_tick(world: World) -> None:
    given = payload("oauth-02-after-message-rate-limits")
    assert world.plain(given).startswith("Opus 5.5 · medium │ project")
    configure(world, {"rows": [["cost", "model"]], "separator": " / "})
    assert world.plain(given) == "$0.15 / Opus 5.5"
    configure(world, '{"rows": [["cost", "mod')
    assert world.plain(given).startswith("Opus 5.5 · medium │ project")


@pytest.mark.parametrize(
    ("refresh", "least", "most"), [({"usage": 1800}, 1800, 2162), ({"usage": 10}, 300, 362), ({}, 300, 362)]
)
def test_the_interval_can_be_longer_but_not_shorter(world: World, refresh: object, least: int, most: int) -> None:
    del world.extra["STATUSLINE_START"]
    configure(world, {"refresh": refresh})
    world.sign_in()
    with Loopback(Answer(body=CAPTURED.read_text())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        world.line(payload("oauth-01-startup"))
        entry = until(world.kept)
        until(lambda: not running(world.cache))
    assert least <= entry["due_at"] - entry["fetched_at"] <= most
    assert len(server.requests) == 1


def test_two_rows_are_two_lines_and_an_empty_one_takes_none(world: World) -> None:
    configure(world, {"rows": [["model"], ["vim"], {"left": ["effort"], "right": ["cost"]}]})
    done = world.tick(payload("oauth-02-after-message-rate-limits"))
    first, second = done.stdout.decode().splitlines()
    assert first == "Opus 5.5 1M"
    assert second.split() == ["medium", "$0.15"]


def test_the_quiet_preset_shows_only_what_needs_attention(world: World) -> None:
    configure(world, {"preset": "quiet"})
    given = payload("oauth-02-after-message-rate-limits", now=1e9 + 1e9)
    assert world.line(given) == "Opus 5.5"
    given["context_window"]["used_percentage"] = 91
    assert world.line(given) == "Opus 5.5 │ ctx 91%!!"
