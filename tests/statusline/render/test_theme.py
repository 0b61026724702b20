"""Looks: colors by what the terminal says, signs by set, levels that need no color."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from statusline.config_table import GLYPHS, THEMES
from statusline.render.colors import TRUE_COLOR, depth_of
from statusline.render.other_glyphs import SIGNS
from statusline.render.placed_segment import PlacedSegment
from statusline.render.row import compose_rows
from statusline.render.theme import AUTO, Style, bar_pieces, style_for, theme_for
from statusline.segments.segment import ALERT, CALM, WARN, Segment
from tests.support.paths import ROOT

LEVELS = [CALM, WARN, ALERT]
DRAWN = [each for each in THEMES if each != AUTO]  # `auto` stands for one of the others


def drawn(segment: Segment, style: Style) -> str:
    return row([segment], style)


def row(segments: list[Segment], style: Style, *joints: str, width: int = 80) -> str:
    """Return a row of segments, all of which are steps."""
    parts = [PlacedSegment(segment, f"s{number}") for number, segment in enumerate(segments)]
    for placed, joint in zip(parts, joints, strict=False):
        placed.joint = joint
    return compose_rows([(parts, [], [(placed.key, 0) for placed in parts])], width, style)


def value(level: str) -> Segment:
    return Segment([("label", "5h "), ("value", "95%")], level=level)


@pytest.mark.parametrize(
    ("env", "depth"),
    [
        ({}, 16),
        ({"TERM": "xterm"}, 16),
        ({"TERM": "linux"}, 16),
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, TRUE_COLOR),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, TRUE_COLOR),
        ({"TERM": "xterm", "COLORTERM": "yes"}, 16),
        ({"TERM": "xterm-kitty"}, TRUE_COLOR),
        ({"TERM": "xterm-ghostty"}, TRUE_COLOR),
        ({"TERM": "xterm-direct"}, TRUE_COLOR),
        ({"WT_SESSION": "1"}, TRUE_COLOR),
        # tmux: 256, whatever the terminal outside says, unless it is asked for more
        ({"TERM": "tmux-256color", "COLORTERM": "truecolor"}, 256),
        ({"TERM": "screen", "TMUX": "/tmp/tmux-0/default,1,0"}, 256),
        ({"TERM": "xterm-256color", "TMUX": "/tmp/tmux-0/default,1,0", "COLORTERM": "truecolor"}, 256),
        ({"TERM": "tmux-direct", "TMUX": "/tmp/tmux-0/default,1,0"}, TRUE_COLOR),
        ({"TERM": "tmux-256color", "TMUX": "x", "CLAUDE_CODE_TMUX_TRUECOLOR": "1"}, TRUE_COLOR),
        # GNU screen has no true color
        ({"TERM": "screen", "STY": "1.pts", "COLORTERM": "truecolor"}, 16),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor"}, 256),
        ({"TERM": "dumb"}, 0),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, 0),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, 16),
        ({"NO_COLOR": "1", "TERM": "xterm-256color"}, 0),
        ({"NO_COLOR": "", "TERM": "xterm-256color"}, 256),
        ({"NO_COLOR": "1", "FORCE_COLOR": "3"}, 0),
        ({"FORCE_COLOR": "0", "TERM": "xterm-256color"}, 0),
        ({"FORCE_COLOR": "false"}, 0),
        ({"FORCE_COLOR": "1", "TERM": "xterm-256color"}, 256),
        ({"FORCE_COLOR": "true"}, 16),
        ({"FORCE_COLOR": "2"}, 256),
        ({"FORCE_COLOR": "3", "TERM": "tmux-256color"}, TRUE_COLOR),
    ],
)
def test_the_terminal_says_how_many_colors_it_has(env: dict[str, str], depth: int) -> None:
    assert depth_of(lambda name: env.get(name, "")) == depth


@pytest.mark.parametrize(
    ("host_theme", "ground", "followed", "colorblind"),
    [
        ("dark", "", "dark", "colorblind"),
        ("light", "", "light", "colorblind-light"),
        ("dark-daltonized", "", "colorblind", "colorblind"),
        ("light-daltonized", "", "colorblind-light", "colorblind-light"),
        ("dark-ansi", "", "default", "colorblind"),
        ("light-ansi", "", "default", "colorblind-light"),
        ("dark", "0;15", "dark", "colorblind"),  # Claude Code's own theme comes first
        ("light", "15;0", "light", "colorblind-light"),
        *(("", f"15;{ground}", "dark", "colorblind") for ground in (0, 1, 2, 3, 4, 5, 6, 8)),
        *(("", f"0;{ground}", "light", "colorblind-light") for ground in (7, 9, 10, 11, 12, 13, 14, 15)),
        ("", "15;default;0", "dark", "colorblind"),
        ("auto", "0;15", "light", "colorblind-light"),
        ("custom:mine", "0", "dark", "colorblind"),
        *(("", odd, "default", "colorblind") for odd in ("", ";", "default;default", "0;16", "0;-1", "0;15 ", "07")),
    ],
)
def test_auto_follows_claude_code_then_the_ground(host_theme: str, ground: str, followed: str, colorblind: str) -> None:
    env = {"COLORFGBG": ground}
    found = [theme_for(each, host_theme, lambda name: env.get(name, "")) for each in (AUTO, "colorblind", "mono")]
    assert found == [followed, colorblind, "mono"]


def test_a_terminal_without_escapes_gets_none() -> None:
    segment = Segment([("value", "95%")], level=ALERT, link="https://a.b")
    for environment in ({"TERM": "dumb"}, {"TERM": "dumb", "COLORTERM": "truecolor"}):
        style = style_for("default", "unicode", None, lambda name, env=environment: env.get(name, ""))  # type: ignore[misc]
        assert "\x1b" not in row([segment], style)


@pytest.mark.parametrize("glyphs", GLYPHS)
@pytest.mark.parametrize("depth", [0, 16, 256, TRUE_COLOR])
@pytest.mark.parametrize("theme", DRAWN)
def test_no_level_is_told_by_color_alone(theme: str, depth: int, glyphs: str) -> None:
    """Without its colors each of the three still reads differently."""
    style = Style(theme, glyphs, depth=depth)
    assert len({re.sub(r"\x1b\[[0-9;]*m", "", drawn(value(level), style)) for level in LEVELS}) == 3


@pytest.mark.parametrize("depth", [16, 256, TRUE_COLOR])
@pytest.mark.parametrize("theme", [each for each in DRAWN if each != "mono"])
def test_each_level_has_a_color_of_its_own(theme: str, depth: int) -> None:
    style = Style(theme, depth=depth)
    before = [drawn(value(level), style).partition("95%")[0] for level in LEVELS]
    assert len({re.findall(r"\x1b\[([0-9;]*)m", each)[-1] for each in before}) == 3


def test_mono_uses_no_color() -> None:
    style = Style("mono", depth=TRUE_COLOR)
    for role in (*style.roles, "block", "value", "anything"):
        for level in (None, *LEVELS):
            assert set(style.code(role, level).split(";")) <= {"", "1", "2", "7"}


@pytest.mark.parametrize(
    ("depth", "sequence"), [(16, "\x1b[32m"), (256, "\x1b[38;5;151m"), (TRUE_COLOR, "\x1b[38;2;166;227;161m")]
)
def test_a_theme_is_drawn_in_the_colors_that_there_are(depth: int, sequence: str) -> None:
    assert drawn(value(CALM), Style("pastel", depth=depth)).count(sequence) == 1


def test_no_theme_asks_for_more_colors_than_there_are() -> None:
    for theme in THEMES:
        for depth, least in ((16, "38;"), (256, "38;2;")):
            row = "".join(drawn(value(level), Style(theme, depth=depth)) for level in LEVELS)
            assert least not in row
            assert least.replace("3", "4", 1) not in row


def test_all_glyph_sets_have_the_same_signs() -> None:
    assert set(SIGNS) == set(GLYPHS)
    assert len({tuple(signs) for signs in SIGNS.values()}) == 1


def test_every_glyph_that_a_segment_names_is_there() -> None:
    named = set()
    for path in Path(ROOT, "statusline", "segments").glob("*.py"):
        named |= set(re.findall(r'\("(?:glyph|sign)", "(\w+)"\)', path.read_text()))
    assert {"reset", "fast", "dirty"} <= named <= set(SIGNS["unicode"])


def test_the_ascii_set_is_ascii_throughout() -> None:
    for theme in THEMES:
        style = Style(theme, "ascii", depth=16)
        segments = [
            Segment([("glyph", name), ("detail", "x" * 100), ("value", "1")], level=ALERT) for name in SIGNS["ascii"]
        ]
        for width in (10, 100_000):
            assert row(segments, style, *["", " · ", " ", " › "] * 9, width=width).isascii()
        bar = bar_pieces(40, 8, 0.2, style.signs["bar"]) + bar_pieces(40, 8, 0.7, style.signs["bar"])
        assert "".join(text for _, text in bar) == "=+=-----===--|--"


def test_unknown_names_are_as_good_as_the_default() -> None:
    assert drawn(value(ALERT), Style("no such", "none", depth=16)) == drawn(value(ALERT), Style(depth=16))


@pytest.mark.parametrize(
    ("percent", "size", "bar"),
    [
        (0, 8, "────────"),
        (5, 8, "────────"),
        (6.25, 8, "╾───────"),
        (12.5, 8, "━───────"),
        (42.5, 8, "━━━─────"),
        (43.75, 8, "━━━╾────"),
        (99.9, 8, "━━━━━━━╾"),
        (100, 8, "━━━━━━━━"),
        (870, 8, "━━━━━━━━"),
        (-5, 8, "────────"),
        (28.999999999999996, 100, "━" * 29 + "─" * 71),
        (50, 0, ""),
    ],
)
def test_a_bar_is_full_only_at_a_hundred(percent: float, size: int, bar: str) -> None:
    assert "".join(text for _, text in bar_pieces(percent, size, None, SIGNS["unicode"]["bar"])) == bar


def test_a_bar_has_the_color_of_its_level_as_far_as_it_is_full() -> None:
    assert bar_pieces(50, 4, None, SIGNS["unicode"]["bar"]) == [("bar", "━━"), ("rail", "──")]
    assert bar_pieces(50, 4, 0.3, SIGNS["unicode"]["bar"]) == [("bar", "━┷"), ("rail", "──")]


@pytest.mark.parametrize(
    ("percent", "elapsed", "bar"),
    [
        (42, 0.607, "━━╾┴──"),
        (61, 0.548, "━━━┷──"),
        (31, 0.548, "━╾─┴──"),
        (58, 0.607, "━━━┴──"),
        (78, 0.607, "━━━┷╾─"),
        (93, 0.881, "━━━━━┷"),
        (0, 0.05, "┴─────"),
        (4, 0.999, "─────┴"),
        (100, 0.999, "━━━━━┷"),
        (300, 0.5, "━━━┷━━"),
    ],
)
def test_the_tick_stands_where_an_even_pace_would_be(percent: float, elapsed: float, bar: str) -> None:
    assert "".join(text for _, text in bar_pieces(percent, 6, elapsed, SIGNS["unicode"]["bar"])) == bar


def test_a_separator_of_ones_own_is_cleaned_and_used() -> None:
    segments = [Segment([("value", each)]) for each in "ab"]
    assert row(segments, Style(separator=" \x1b[31m• \u202e")) == "a [31m• b"
    assert row(segments, Style("powerline", "nerd", "/", depth=0)) == "a / b"


def test_powerline_stands_in_blocks_with_arrows_between_them() -> None:
    segments = [Segment([("model", "Opus")]), Segment([("detail", "high")]), Segment([("value", "95%")], level=ALERT)]
    joints = ["", " · "]
    nerd = row(segments, Style("powerline", "nerd", depth=16), *joints)
    assert nerd == (
        "\x1b[97;44m Opus · high \x1b[0m\x1b[34;41m\ue0b0\x1b[0m\x1b[97;41m 95% \uf06a \x1b[0m\x1b[31m\ue0b0\x1b[0m"
    )
    unicode = row(segments, Style("powerline", "unicode", depth=16), *joints)
    assert unicode == "\x1b[97;44m Opus · high \x1b[0m\x1b[97;41m 95%!! \x1b[0m", "most fonts have no such arrow"
    assert row(segments, Style("powerline", depth=0), *joints) == "Opus · high › 95%!!"


def test_a_link_is_drawn_only_to_https_and_closed_within_the_part() -> None:
    good, bad = (Segment([("value", "#7")], link=f"{scheme}://a.b/7") for scheme in ("https", "http"))
    assert drawn(good, Style()) == "\x1b]8;;https://a.b/7\x1b\\#7\x1b]8;;\x1b\\"
    assert drawn(bad, Style()) == "#7"
    assert drawn(good, Style(escapes=False)) == "#7"
