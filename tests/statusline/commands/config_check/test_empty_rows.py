"""Rows that can be empty are named; where a segment always shows something, there is no warning."""

from __future__ import annotations

import json

import pytest

from statusline import tick
from statusline.commands.config_check.config_check import find_problems
from statusline.commands.config_check.empty_rows import find_warnings
from statusline.config_table import PRESET_NAMES

FIVE = {"segment": "five_hour", "when": "warn"}


@pytest.mark.parametrize(
    "rows",
    [
        [["pr"]],
        [["five_hour", "seven_day"]],  # without a login
        [[FIVE], [{"segment": "text", "text": "x", "when": "alert"}]],
        [{"left": [FIVE], "right": ["vim"]}],
        [[{"segment": "command", "name": "jobs"}]],
    ],
)
def test_rows_that_can_be_empty_are_named_by_their_line(rows: list[object]) -> None:
    source = json.dumps({"commands": {"jobs": {"command": "jobs"}}, "rows": rows}, indent=1)
    (found,) = find_warnings(source)
    assert '"rows"' in source.splitlines()[found.line - 1]
    assert found.key == "rows"
    assert f"can be only `{tick.NOTHING_TO_SAY}`" in found.says
    assert find_problems(source) == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"rows": []},
        {"rows": [[FIVE], ["model"]]},
        {"rows": [[FIVE, {"segment": "text", "text": "x"}]]},
        {"rows": [{"right": ["project"]}]},
        *({"preset": name} for name in PRESET_NAMES),
    ],
)
def test_rows_with_a_segment_that_always_shows_something_are_not(settings: dict[str, object]) -> None:
    assert find_warnings(json.dumps(settings)) == []


def test_a_file_that_only_the_lenient_reader_takes_is_judged_as_the_line_reads_it() -> None:
    assert find_warnings("{") == []
    assert [each.line for each in find_warnings('\n{"rows": [["pr"]], "padding": NaN}')] == [1]
