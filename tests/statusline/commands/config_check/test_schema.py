"""The schema: right as JSON Schema, the same as the strict check, and true to the reader and the segments."""

from __future__ import annotations

import json
from typing import Any

import fastjsonschema
import pytest
from hypothesis import example, given

from statusline.commands.claude_settings.json_spans import parse
from statusline.commands.config_check.config_check import find_problems
from statusline.commands.config_check.config_origins import effective_settings
from statusline.commands.config_check.descriptions import CHOICES, DESCRIPTIONS, OPTION_DESCRIPTIONS
from statusline.commands.config_check.schema import PRICES, first_line, schema
from statusline.commands.config_check.schema_check import schema_problems
from statusline.commands.config_check.segment_options import GENERAL, LEVELLED, OPTIONS, OPTIONS_OF, REQUIRED
from statusline.commands.support.sample import sample
from statusline.config_table import SETTINGS
from statusline.segments.registry import TABLE, segment_function
from statusline.segments.segment import Options
from tests.support.config_values import anything, shaped, sound
from tests.support.examples import examples

NOW = 1_795_320_000.0


class Listening(Options):
    """Writes down what a segment asks for."""

    __slots__ = ("asked",)

    def __init__(self, chosen: dict[str, object]) -> None:
        super().__init__(chosen, budget={"day": 20, "block": 5, "week": 90, "month": 300})
        self.asked: set[str] = set()

    def get(self, name: str) -> object:
        self.asked.add(name)
        return super().get(name)

    def level(self, percent: float) -> str:
        self.asked.add("LEVEL")
        return super().level(percent)


@pytest.fixture(scope="module")
def valid() -> Any:
    return fastjsonschema.compile(schema(), use_default=False)


@examples(300)
@given(value=shaped | sound | anything)
@example(value={"rows": [[{"": None}]]})
@example(value={"commands": {"a.b[0]{c}'": {"command": 3}}, "thresholds": {"x.y": 1}})
def test_the_strict_check_finds_a_problem_in_whatever_the_schema_refuses(valid: Any, value: object) -> None:
    try:
        text = json.dumps(value)
        value = json.loads(text)
    except ValueError:  # more digits than Python reads
        return
    try:
        valid(value)
    except fastjsonschema.JsonSchemaValueException:
        assert find_problems(text)
    else:
        assert list(schema_problems(parse(text))) == []


@examples(300)
@given(value=sound)
def test_what_the_check_finds_right_is_used_as_it_is_written(value: dict[str, Any]) -> None:
    text = json.dumps(value)
    if find_problems(text):
        return
    for each in effective_settings(text, {}):
        written = written_at(value, each.key)
        if written is None:
            assert each.origin in {"default", "preset"}
        else:
            assert each.origin == "line 1"
            assert plain_emoji(without_defaults(each.value, written)) == plain_emoji(written)


def plain_emoji(value: object) -> object:
    """Return a value without the sign that only asks for the colored form of an emoji."""
    return json.loads(json.dumps(value).replace("\\ufe0f", ""))


def written_at(value: object, key: str) -> object:
    """Return the value at a key such as ``time.zone``, None if there is none."""
    for step in key.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def without_defaults(value: object, like: object) -> object:
    """Leave out what a command has though the file does not say it, and a group that it does not name."""
    if isinstance(value, dict) and isinstance(like, dict):
        return {name: each for name, each in value.items() if name in like}
    if isinstance(value, list) and isinstance(like, list):
        return [row_like(each, other) for each, other in zip(value, like, strict=True)] if like != value else value
    return value


def row_like(row: object, like: object) -> object:
    return {"left": row} if isinstance(like, dict) and isinstance(row, list) else without_defaults(row, like)


def test_every_setting_and_option_has_a_help_text_and_every_help_text_belongs_to_one() -> None:
    settings = {f"{section}.{key}".lstrip(".") for section, keys in SETTINGS.items() for key in keys}
    of_objects = (
        {f"prices.{kind}" for kind in PRICES}
        | {"rows.left", "rows.right"}
        | {f"watch.{key}" for key in ("on", "at", "command", "notify")}
    )
    sections = {"rows", "colors", "thresholds", "time", "refresh", "budget", "commands", "accounts", "prices", "watch"}
    assert set(DESCRIPTIONS) == settings | of_objects | sections
    assert set(OPTION_DESCRIPTIONS) == {*GENERAL, *OPTIONS}
    for key, choices in CHOICES.items():
        section, _, name = key.rpartition(".")
        assert tuple(choices) == SETTINGS[section][name][1], key


def test_every_object_in_the_schema_explains_what_is_in_it() -> None:
    for name, each in schema()["properties"].items():
        assert len(each["description"]) > 10, name
        for inner in each.get("properties", {}).values():
            assert "description" in inner or "title" in inner, name
    for name in TABLE:
        assert len(first_line(name)) > 10, name


@pytest.mark.parametrize("name", TABLE)
def test_a_segment_asks_for_the_options_that_the_catalogue_has_for_it(name: str) -> None:
    """Only `when`, `label` and `color` are for others than the segment itself."""
    drawn = sample({"HOME": "/home/nobody"}, "/home/nobody/project", NOW)
    options = Listening({})
    segment_function(name)(drawn.session, drawn.snapshot, NOW, options)
    assert options.asked - {"LEVEL"} <= set(OPTIONS_OF.get(name, ()))
    if "LEVEL" in options.asked:
        assert name in LEVELLED


def test_the_catalogue_has_nothing_that_no_segment_asks_for() -> None:
    drawn = sample({"HOME": "/home/nobody"}, "/home/nobody/project", NOW)
    asked: dict[str, set[str]] = {name: set() for name in TABLE}
    for spend in ({}, {"used": 40.0, "limit": 50.0, "currency": "USD", "percent": 80}):
        drawn.snapshot.spend = spend
        drawn.snapshot.windows = drawn.snapshot.windows if not spend else {}
        for name, seen in asked.items():
            options = Listening({})
            found = segment_function(name)(drawn.session, drawn.snapshot, NOW, options)
            seen.update(options.asked | ({"bar"} if found is not None and found.bar is not None else set()))
    assert {name: tuple(each - {"LEVEL"}) for name, each in asked.items() if each - {"LEVEL"}} == OPTIONS_OF
    assert {name for name, each in asked.items() if "LEVEL" in each} == set(LEVELLED)
    assert {option for each in OPTIONS_OF.values() for option in each} == set(OPTIONS)
    assert not set(OPTIONS) & set(GENERAL)
    assert set(REQUIRED) <= set(OPTIONS_OF)
