"""The strict check: every problem has its line, its key, what was expected, and the nearest known name."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from statusline.commands.config_check.config_check import find_problems
from statusline.commands.config_check.schema_check import join_names, suggest
from statusline.config_table import THEMES as THEME_NAMES
from tests.support.config_values import anything, shaped

THEMES = join_names([json.dumps(each) for each in THEME_NAMES])
PRICES = 'dollars per million tokens such as {"input": 5, "output": 25}'


def only(text: str) -> str:
    (problem,) = find_problems(text)
    return str(problem)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"thems": "mono"}, '1: thems: unknown key; did you mean "theme"?'),
        ({"xyzzy": 1}, "1: xyzzy: unknown key"),
        ({"theme": "mono "}, f'1: theme: expected {THEMES}, found "mono "; did you mean "mono"?'),
        ({"theme": None}, f"1: theme: expected {THEMES}, found null"),
        (
            {"rows": [["contxt"]]},
            '1: rows[0][0]: expected the name of a segment, found "contxt"; did you mean "context"?',
        ),
        ({"rows": ["model"]},
         '1: rows[0]: expected a list of segments, or an object with left and right, found "model"'),
        ({"rows": [{"lft": ["model"]}]}, '1: rows[0].lft: unknown key; did you mean "left"?'),
        ({"rows": []}, "1: rows: expected a list of 1 to 8 items, found []"),
        ({"rows": [["model"]] * 9},
         '1: rows: expected a list of 1 to 8 items, found [["model"], ["model"], ["model"], ["m...'),
        ({"a\x1b[2J": 1}, '1: ["a\\u001b[2J"]: unknown key'),
        ({"rows": [{"right": [{"segment": "pr", "when": "wran"}]}]},
         '1: rows[0].right[0].when: expected "always", "pace", "warn" or "alert", found "wran"; did you mean "warn"?'),
        ({"rows": [[{"segment": "model", "bar": True}]]}, '1: rows[0][0].bar: not an option of "model"'),
        ({"rows": [[{"segment": "model", "lable": "m"}]]},
         '1: rows[0][0].lable: not an option of "model"; did you mean "label"?'),
        ({"rows": [[{"segment": "context", "bar": 99}]]},
         "1: rows[0][0].bar: expected true, false, or a number of cells from 1 to 40, found 99"),
        ({"rows": [[{"bar": True}]]}, '1: rows[0][0]: "segment" is missing'),
        ({"rows": [["text"]]}, '1: rows[0][0]: expected {"segment": "text", "text": "..."}, found "text"'),
        ({"rows": [[{"segment": "text"}]]}, '1: rows[0][0]: "text" is missing'),
        ({"rows": [[{"segment": "command", "name": "jbos"}]], "commands": {"jobs": {"command": "true"}}},
         '1: rows[0][0].name: no such command: "jbos"; did you mean "jobs"?'),
        ({"thresholds": {"context": [90, 70]}},
         "1: thresholds.context: expected warn before alert, found [90, 70]"),
        ({"thresholds": {"context": [70]}},
         "1: thresholds.context: expected two percentages such as [70, 90], found [70]"),
        ({"thresholds": {"context": [70, "x"]}},
         '1: thresholds.context[1]: expected a number from 0 to 1000, found "x"'),
        ({"thresholds": {"model": [1, 2]}}, '1: thresholds.model: unknown key; did you mean "model_week"?'),
        ({"time": {"hours": 13}}, "1: time.hours: expected 24 or 12, found 13"),
        ({"time": {"zone": "Europe/Vienn"}},
         '1: time.zone: this system has no time zone "Europe/Vienn"; did you mean "Europe/Vienna"?'),
        ({"oauth": False}, '1: oauth: expected "auto" or "off", found false'),
        ({"wrap": 1}, "1: wrap: expected true or false, found 1"),
        ({"padding": 1.5}, "1: padding: expected a whole number from 0 to 20, found 1.5"),
        ({"week": "mon-fri 22-6"},
         '1: week: expected a working week such as "mon-fri 9-18" that ends after it begins, found "mon-fri 22-6"'),
        ({"week": "9-18"},
         '1: week: expected a working week such as "mon-fri 9-18" that ends after it begins, found "9-18"'),
        ({"accounts": {"3f2a9c0d": "work "}}, '1: accounts.3f2a9c0d: expected "work", found "work "'),
        ({"accounts": {"3f2a9c0d": "\u200b"}}, '1: accounts.3f2a9c0d: nothing in it can be shown: "\\u200b"'),
        ({"separator": "\u200b"}, '1: separator: nothing in it can be shown: "\\u200b"'),
        ({"separator": ""}, '1: separator: expected text of 1 to 16 characters, found ""'),
        ({"refresh": {"usage": 60}}, "1: refresh.usage: expected a whole number from 300 to 3600, found 60"),
        ({"commands": {"jobs": {}}}, '1: commands.jobs: "command" is missing'),
        ({"commands": {"jobs": "true"}}, '1: commands.jobs: expected an object, found "true"'),
        ({"prices": {"claude-opus-5-5": {"input": -1}}},
         "1: prices.claude-opus-5-5.input: expected a number from 0 to 10000, found -1"),
        ({"prices": {"claude-opus-4.1": {"cached": 1}}},
         '1: prices["claude-opus-4.1"].cached: unknown key; did you mean "cache_read"?'),
        ({"prices": {"claude-opus-5-5": 5}}, f"1: prices.claude-opus-5-5: expected {PRICES}, found 5"),
        ({"prices": {"claude-opus-5-5": {}}}, f"1: prices.claude-opus-5-5: expected {PRICES}, found {{}}"),
        ({"prices": {"": {"input": 1}}}, "1: prices[\"\"]: expected the beginning of a model's id, found \"\""),
        ({"prices": []}, "1: prices: expected an object of 0 to 64 keys, found []"),
        ([], "1: expected an object, found []"),
    ],
)  # fmt: skip
def test_a_problem_has_its_line_key_and_nearest_name(value: object, says: str) -> None:
    assert only(json.dumps(value)) == says


def test_problems_are_in_the_order_of_their_lines() -> None:
    text = '{\n "padding": -1,\n "theme": "mno",\n\n "padding": 1,\n "rows": [["model"],\n  ["csot"]]\n}'
    assert [(each.line, each.key) for each in find_problems(text)] == [(3, "theme"), (5, "padding"), (7, "rows[1][0]")]
    assert "duplicate key" in str(find_problems(text)[1])


@pytest.mark.parametrize(
    "text", ["{}", '{"$schema": "./schema.json"}', '\ufeff{"theme": "mono"}\n', '{"padding": 2.0}']
)
def test_a_valid_configuration_has_no_problems(text: str) -> None:
    assert find_problems(text) == []


def test_text_that_is_not_json_has_its_consequences_in_the_message() -> None:
    said = only('{"theme": "mono",}')
    assert said.startswith("1: not JSON: trailing comma before `}`. ")
    assert said.endswith("Until you fix it, the line shows its defaults and no usage request is made.")


def test_text_that_only_the_lenient_reader_accepts_is_a_problem() -> None:
    """The line's reader stops behind the object, so that the rest does no harm; an editor trips over it."""
    assert only('{"theme": "mono"} }') == "1: not JSON: unexpected text after the end."


def test_a_file_that_is_too_large_for_the_line_is_a_problem() -> None:
    assert only(json.dumps({"$schema": "x" * (1 << 20)})) == "1: over 1 MiB: ignored"


@given(shaped | anything)
def test_the_check_has_an_answer_to_any_json(value: object) -> None:
    for problem in find_problems(json.dumps(value)):
        assert problem.line == 1
        assert problem.says
        assert str(problem).isprintable()


def test_names_that_are_nothing_alike_are_not_suggested() -> None:
    assert suggest("zzz", ["theme", "rows"]) == ""
    assert suggest(5, ["theme"]) == ""
    assert suggest("rows", [24, 12]) == ""
