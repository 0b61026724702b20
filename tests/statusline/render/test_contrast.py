"""Every theme can be read on the grounds that it is for: ``python -m tests.support.contrast`` prints how well."""

from __future__ import annotations

import pytest

from statusline.config_table import THEMES
from statusline.render.colors import COLORS_OF, TRUE_COLOR
from statusline.render.powerline import BLOCK_COLORS
from statusline.render.theme import AUTO, Style
from tests.support import contrast
from tests.support.contrast import GROUNDS, blocks_of, inks_of, measure_16, measure_blocks, measure_fixed

LEVELS = ("calm", "pace", "warn", "alert")
# No choice among 16 colors is good on every ground: there the theme `light` is better, and `auto` takes it if it can.
TOO_FAINT = {
    (theme, role, "Solarized light")
    for theme in ("default", "colorblind")
    for role in ("directory", "calm", "pace", "warn", "added")
}


def test_the_colors_of_a_theme_can_be_read_on_its_grounds() -> None:
    measured = [*measure_fixed(), *measure_blocks()]
    assert len(measured) > 6 * 2 * 12
    assert [each for each in measured if each.contrast < each.least and each.colors != "16"] == []


def test_the_terminals_16_colors_can_be_read_in_five_terminals_with_few_exceptions() -> None:
    measured = [each for each in [*measure_16(), *measure_blocks()] if each.colors == "16"]
    assert {(each.theme, each.role, each.where) for each in measured if each.contrast < each.least} == TOO_FAINT
    assert min(each.contrast for each in measured) > 2.8


def test_every_theme_is_measured() -> None:
    fixed = {theme for theme, spec in COLORS_OF.items() if "#" in spec}
    assert fixed == set(GROUNDS)
    assert set(THEMES) == fixed | set(contrast.IN_16) | {AUTO, "powerline", "pastel"}


@pytest.mark.parametrize("depth", [256, TRUE_COLOR])
@pytest.mark.parametrize("theme", GROUNDS)
def test_the_four_levels_have_four_colors(theme: str, depth: int) -> None:
    inks = inks_of(theme, depth)
    assert len({inks[level] for level in LEVELS}) == 4


@pytest.mark.parametrize("theme", ["default", "colorblind", "dark", "light"])
def test_in_16_colors_the_four_levels_differ_by_color_or_weight(theme: str) -> None:
    style = Style(theme, depth=16)
    assert len({style.code(level, None) for level in LEVELS}) == 4


@pytest.mark.parametrize("depth", [16, 256, TRUE_COLOR])
def test_the_blocks_of_the_four_levels_differ(depth: int) -> None:
    terminal = contrast.TERMINALS["VS Code"]
    assert set(LEVELS) <= set(BLOCK_COLORS)
    assert len({blocks_of(level, depth, terminal)[0] for level in LEVELS}) == 4


@pytest.mark.parametrize("theme", [each for each in THEMES if each not in {"mono", AUTO}])
def test_a_reached_limit_is_an_alert_reversed(theme: str) -> None:
    for depth in (16, 256, TRUE_COLOR):
        style = Style(theme, depth=depth)
        assert style.code("block", "alert") == style.code("alert", None) + ";7"
    assert Style(theme).code("block", "alert") == ""


def test_contrast_is_that_of_wcag() -> None:
    assert contrast.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast.color_in("1;38;5;209") == "#ff875f"
    assert contrast.color_in("1;91;7", contrast.TERMINALS["xterm"]) == "#ff0000"
