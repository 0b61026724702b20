"""What `configure` puts on the screen: everything fits, and a segment without room says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wcwidth import wcswidth

from statusline.commands.config_check.descriptions import OPTION_DESCRIPTIONS
from statusline.commands.config_check.legend import described, signs_in
from statusline.commands.support.sample import sample
from statusline.commands.wizard.screen import Drawing, Screen, shortened
from statusline.commands.wizard.state import STEPS, Guide
from statusline.config import Config

NOW = 1795320000.0
SIZES = [(80, 24), (120, 40), (44, 24), (80, 14)]
FILES: list[dict[str, object]] = [
    {},
    {"preset": "full"},
    {"theme": "powerline", "glyphs": "nerd", "rows": [["model", "cost"], {"left": ["context"], "right": ["clock"]}]},
]


def screen(mine: dict[str, object], columns: int = 80, lines: int = 24) -> Screen:
    drawn = sample({"HOME": "/home/nobody"}, "/home/nobody/project", NOW)
    drawing = Drawing(
        lambda given, wide: drawn.rows(Config(given), wide, {}, colored=False),
        lambda given, wide: drawn.visible(Config(given), wide),
    )
    return Screen(Guide(mine), drawing, columns, lines)


def at(made: Screen, step: str, name: str = "") -> Screen:
    made.guide.at = STEPS.index(step)
    if name:
        made.guide.follow(name)
    return made


def texts(made: Screen) -> Iterator[str]:
    """Yield the lines of a screen, those of the list as far as there are any."""
    yield from "".join(text for _, text, *_ in made.title()).split("\n")
    yield from "".join(text for _, text, *_ in made.choices()).rstrip("\n").split("\n")
    yield from made.details()
    yield from made.preview()
    yield from made.keys_line()


def fixed_lines(made: Screen) -> int:
    """Return how many lines are not the list's: two for the title, and a rule."""
    return 2 + 1 + len(made.details()) + len(made.preview()) + len(made.keys_line())


@pytest.mark.parametrize(("columns", "lines"), SIZES)
@pytest.mark.parametrize("mine", FILES)
def test_every_step_fits(mine: dict[str, object], columns: int, lines: int) -> None:
    made = screen(mine, columns, lines)
    for step in STEPS:
        at(made, step)
        title, *others = texts(made)
        assert len(title) <= 2 * columns
        assert max(map(wcswidth, others)) <= columns, step
        assert lines - fixed_lines(made) >= 3, step
        assert made.keys_line()


@pytest.mark.parametrize(("columns", "lines"), SIZES)
def test_the_last_question_shows_all_changes_and_how_to_answer(columns: int, lines: int) -> None:
    made = screen({}, columns, lines)
    made.guide.move(2)  # the preset full
    at(made, "segments", "model")
    made.guide.switch()
    at(made, "write")
    changes = made.change_lines()
    assert max(map(len, changes)) <= columns
    assert len(changes) <= lines - fixed_lines(made)
    assert made.keys_line() == ["enter save   left back   q quit"]
    if (columns, lines) == (80, 24):
        text = " ".join(line.strip() for line in changes)
        assert text.startswith('preset: "full" rows: [{"left": ["effort", "thinking"')
        assert text.endswith('"mcp"], "right": ["sessions"]}]')


def test_a_segment_without_room_says_so_and_one_with_nothing_to_say_too() -> None:
    everything: dict[str, object] = {
        "rows": [["model", "context", "cost", "vim", "seven_day", "five_hour", "lines", "pr"]]
    }
    wide, narrow = (at(screen(everything, columns), "segments") for columns in (200, 40))
    assert wide.missing() == {"vim": "nothing to show now"}
    missing = narrow.missing()
    assert missing["vim"] == "nothing to show now"
    assert {missing[name] for name in missing if name != "vim"} == {"no room at 40 columns"}
    row = narrow.drawing.rows(everything, 40)
    assert {"cost", "lines"} <= set(missing)
    assert ("$1.84" in row, "+156" in row) == (False, False)
    assert "five_hour" not in missing
    assert "5h 42%" in row
    lines = "".join(text for _, text, *_ in narrow.choices()).split("\n")
    assert any(line.startswith("  [x] cost ") and "(no room at" in line for line in lines)


def test_the_segment_under_the_cursor_is_explained_with_its_options() -> None:
    made = at(screen({}), "segments", "five_hour")
    text = " ".join(line.strip() for line in made.details())
    assert text.startswith(described("five_hour").text[:40])
    assert f"bar: {OPTION_DESCRIPTIONS['bar'][:20]}" in text


def test_the_signs_of_a_set_are_explained() -> None:
    made = at(screen({"glyphs": "ascii"}, 120, 40), "glyphs")
    text = " ".join(line.strip() for line in made.details())
    for sign, meaning in signs_in("ascii"):
        assert f"{sign} {meaning}" in text


def test_what_is_shortened_tells_it() -> None:
    assert shortened(["a", "b", "c"], 3, 80) == ["a", "b", "c"]
    assert shortened(["a", "b", "c"], 2, 80) == ["a", "b ..."]
    assert shortened(["a", "x" * 80, "c"], 2, 80) == ["a", "x" * 75 + "… ..."]
    assert shortened(["a"], 0, 80) == shortened(["a"], -2, 80) == []
