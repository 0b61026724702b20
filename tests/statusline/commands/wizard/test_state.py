"""The changes of `configure`: keys, and the position of segments."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusline.commands.wizard.state import STEPS, YOURS, Guide, signs_of
from statusline.config import Config
from statusline.config_table import GLYPHS, PRESET_NAMES, THEMES
from statusline.render.colors import ALIASES
from statusline.segments.registry import TABLE
from tests.support.config_values import anything, shaped

Rows = list[list[str]]


def names(given_: dict[str, object]) -> Rows:
    return [[name for group in row.values() for name, _ in group] for row in Config(given_).rows]


def at(guide: Guide, step: str, name: str | None = None) -> Guide:
    """Go to a step, there to a choice."""
    guide.at = STEPS.index(step)
    if name is not None:
        guide.move([each.name for each in guide.choices(step)].index(name) - guide.cursor)
    return guide


def test_the_steps_lead_to_the_end_and_back() -> None:
    guide = Guide({})
    seen = [guide.step]
    while not guide.forward():
        seen.append(guide.step)
    assert tuple(seen) == STEPS
    for _ in range(9):
        guide.back()
    assert guide.step == "preset"


def test_who_chooses_what_holds_already_changes_nothing() -> None:
    assert Guide({}).changes() == {}
    assert Guide({"preset": "full", "theme": "mono", "padding": 3}).changes() == {}
    assert Guide({"rows": [["model"]], "glyphs": "ascii"}).changes() == {}


def test_the_cursors_start_on_what_holds() -> None:
    guide = Guide({"preset": "full", "theme": "pastel", "glyphs": "nerd"})
    assert [guide.chosen(step) for step in ("preset", "theme", "glyphs")] == ["full", "catppuccin", "nerd"]
    assert guide.changes() == {}, "a former name stays until another theme is chosen"
    assert Guide({"preset": "full", "rows": [["model"]]}).chosen("preset") == YOURS


def test_choices_are_written_and_everything_else_stays() -> None:
    mine: dict[str, object] = {"padding": 2, "unknown": {"kept": True}}
    guide = Guide(mine)
    at(guide, "preset", "full")
    at(guide, "theme", "mono")
    at(guide, "glyphs", "ascii")
    assert guide.changes() == {"preset": "full", "theme": "mono", "glyphs": "ascii"}
    assert guide.new_settings() == {**mine, "preset": "full", "theme": "mono", "glyphs": "ascii"}


def test_a_preset_replaces_the_rows_of_the_file() -> None:
    guide = Guide({"rows": [["model"]], "theme": "mono"})
    assert guide.choices("preset")[0].name == YOURS
    at(guide, "preset", "minimal")
    assert guide.changes() == {"preset": "minimal", "rows": None}
    assert guide.new_settings() == {"preset": "minimal", "theme": "mono"}
    at(guide, "preset", YOURS)
    assert guide.changes() == {}


def test_a_choice_replaces_an_invalid_value_which_stays_otherwise() -> None:
    guide = Guide({"theme": "mon", "glyphs": 5, "preset": "ful", "rows": ["modle"]})
    assert guide.changes() == {}
    at(guide, "theme", "mono")
    at(guide, "theme", "default")
    assert guide.changes() == {"theme": "default"}
    at(guide, "preset", "full")
    assert guide.changes() == {"theme": "default", "preset": "full", "rows": None}


def test_unknown_items_in_the_rows_stay_in_place() -> None:
    newer, odd = {"segment": "weather", "place": "Vienna"}, {"left": ["model", "moon"], "centre": ["sun"]}
    rows = [["tide", "model", newer, "cost"], "odd", [], ["effort"], odd, {"left": ["effort"]}]
    mine: dict[str, object] = {"rows": rows}
    before = copy.deepcopy(mine)
    guide = Guide(mine)
    for name in ("model", "effort", "lines"):
        at(guide, "segments", name)
        guide.switch()
    kept = [["tide", newer, "cost", "lines"], "odd", [], {"left": ["moon"], "centre": ["sun"]}]
    assert guide.changes() == {"rows": kept}
    assert mine == before


def test_the_only_segment_can_be_exchanged_for_another() -> None:
    guide = Guide({"rows": [{"right": ["model"]}]})
    for name in ("cost", "model"):
        at(guide, "segments", name)
        guide.switch()
    assert guide.changes() == {"rows": [{"right": ["cost"]}]}


def test_a_segment_that_is_switched_off_leaves_its_row() -> None:
    guide = at(Guide({}), "segments", "effort")
    guide.switch()
    assert not guide.is_on("effort")
    assert "effort" not in names(guide.new_settings())[0]
    assert len(names(guide.new_settings())[0]) == len(names({})[0]) - 1
    guide.switch()
    assert guide.changes() == {}


def test_a_segment_that_is_switched_on_follows_related_ones() -> None:
    guide = at(Guide({}), "segments", "git_changes")
    guide.switch()
    row = names(guide.new_settings())[0]
    assert row[row.index("branch") + 1] == "git_changes"
    at(guide, "segments", "lines")
    guide.switch()
    assert "lines" not in names(guide.new_settings())[0]
    at(guide, "segments", "api_time")
    guide.switch()
    row = names(guide.new_settings())[0]
    assert row[row.index("duration") + 1] == "api_time"


def test_options_in_the_rows_are_kept_when_a_segment_is_switched() -> None:
    mine: dict[str, Any] = {"rows": [{"left": [{"segment": "context", "bar": 12}], "right": ["cost", "model"]}]}
    guide = at(Guide(mine), "segments", "cost")
    guide.switch()
    assert guide.changes() == {"rows": [{"left": [{"segment": "context", "bar": 12}], "right": ["model"]}]}


def test_the_last_segment_cannot_be_switched_off() -> None:
    guide = at(Guide({"rows": [["model"]]}), "segments", "model")
    guide.switch()
    assert guide.is_on("model")
    assert guide.changes() == {}


def test_another_preset_forgets_what_was_switched() -> None:
    guide = at(Guide({}), "segments", "lines")
    guide.switch()
    at(guide, "preset", "minimal")
    assert guide.changes() == {"preset": "minimal"}


def test_segments_that_need_an_option_are_not_offered_unless_they_are_there() -> None:
    offered = [each.name for each in Guide({}).choices("segments")]
    assert sorted(offered) == sorted(set(TABLE) - {"text", "command"})
    mine: dict[str, object] = {"rows": [[{"segment": "text", "text": "hi"}]]}
    assert Guide(mine).choices("segments")[0].name == "text"


def test_switching_is_for_segments_only() -> None:
    guide = Guide({})
    guide.switch()
    assert guide.changes() == {}


@pytest.mark.parametrize("glyphs", GLYPHS)
def test_each_set_of_signs_shows_its_own(glyphs: str) -> None:
    assert signs_of(glyphs).isascii() == (glyphs == "ascii")
    assert len(signs_of(glyphs).split()) > 4


def test_a_segment_moves_within_its_group_then_to_the_next() -> None:
    mine: dict[str, object] = {"rows": [{"left": ["model", "moon", "effort"], "right": ["cost"]}, ["context"]]}
    guide = at(Guide(mine), "segments", "model")
    seen = []
    for _ in range(5):
        guide.shift(1)
        assert guide.under_cursor == "model", "the cursor goes with it"
        seen.append(guide.changes()["rows"])
    assert seen == [
        [{"left": ["moon", "model", "effort"], "right": ["cost"]}, ["context"]],
        [{"left": ["moon", "effort", "model"], "right": ["cost"]}, ["context"]],
        [{"left": ["moon", "effort"], "right": ["model", "cost"]}, ["context"]],
        [{"left": ["moon", "effort"], "right": ["cost", "model"]}, ["context"]],
        [{"left": ["moon", "effort"], "right": ["cost"]}, ["model", "context"]],
    ]
    for _ in range(9):
        guide.shift(1)
    assert guide.changes()["rows"] == [{"left": ["moon", "effort"], "right": ["cost"]}, ["context", "model"]]
    for _ in range(9):
        guide.shift(-1)
    assert guide.changes() == {}


def test_a_group_that_is_left_by_its_last_segment_goes() -> None:
    guide = at(Guide({"rows": [["model"], ["cost"]]}), "segments", "model")
    guide.shift(1)
    assert guide.changes() == {"rows": [["model", "cost"]]}
    guide.shift(-1)
    assert guide.changes() == {}


def test_a_segment_keeps_its_options_and_its_place_when_switched() -> None:
    mine: dict[str, object] = {"rows": [["model", {"segment": "context", "bar": 4}, "cost"]]}
    guide = at(Guide(mine), "segments", "context")
    guide.shift(1)
    guide.switch()
    assert guide.changes() == {"rows": [["model", "cost"]]}
    guide.shift(-1)  # what is off does not move
    guide.switch()
    assert guide.changes() == {"rows": [["model", "cost", {"segment": "context", "bar": 4}]]}
    at(guide, "segments", "lines")
    guide.switch()
    before = [each.name for each in guide.choices("segments")][:4]
    assert set(before) == {"model", "cost", "context", "lines"}
    guide.shift(-1)
    place = before.index("lines")
    after = [*before[: place - 1], "lines", before[place - 1], *before[place + 1 :]]
    assert [each.name for each in guide.choices("segments")][:4] == names(guide.new_settings())[0] == after


def test_another_preset_forgets_what_was_moved() -> None:
    guide = at(Guide({}), "segments", "model")
    guide.shift(1)
    assert names(guide.new_settings())[0][:2] == ["effort", "model"]
    at(guide, "preset", "minimal")
    assert guide.changes() == {"preset": "minimal"}


keys = st.lists(st.sampled_from(["up", "down", "far", "space", "left", "right", "next", "next", "back"]), max_size=40)


@given(shaped | st.dictionaries(st.text(), anything), keys)
def test_any_keys_on_any_file_lead_to_the_configuration_on_the_screen(
    mine: dict[str, object], pressed: list[str]
) -> None:
    guide = Guide(mine)
    acts = {
        "up": lambda: guide.move(-1),
        "down": lambda: guide.move(1),
        "far": lambda: guide.move(10),
        "space": guide.switch,
        "left": lambda: guide.shift(-1),
        "right": lambda: guide.shift(1),
        "next": guide.forward,
        "back": guide.back,
    }
    for key in pressed:
        acts[key]()
    made = Config(guide.new_settings())
    assert ALIASES.get(made.theme, made.theme) == guide.chosen("theme") in THEMES
    assert made.glyphs == guide.chosen("glyphs")
    assert made.names == {name for row in guide.rows() for group in row.values() for name, _ in group}
    assert guide.chosen("preset") == YOURS or made.preset == guide.chosen("preset") in PRESET_NAMES
    untouched = {key: value for key, value in mine.items() if key not in {"theme", "glyphs", "preset", "rows"}}
    assert all(guide.new_settings()[key] is value for key, value in untouched.items())
