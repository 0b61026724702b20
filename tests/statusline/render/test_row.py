"""Rows: in order, within their width, the dearest parts last to leave."""

from __future__ import annotations

import itertools
import re

import pytest
from wcwidth import wcswidth

from statusline.config_table import GLYPHS
from statusline.render.colors import TRUE_COLOR
from statusline.render.placed_segment import PlacedSegment
from statusline.render.row import compose_rows, usable_width
from statusline.render.theme import Style
from statusline.render.timefmt import span_text
from statusline.segments.segment import ALERT, CALM, WARN, Segment, percent_text

PLAIN = Style()
SEQUENCE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")


def parts(*texts: str) -> list[PlacedSegment]:
    return [
        PlacedSegment(Segment([("value", text)], level=CALM), 10 * (number + 1), " │ ")
        for number, text in enumerate(texts)
    ]


def part(*forms: str, weight: int = 1, joint: str = " │ ") -> PlacedSegment:
    return PlacedSegment(Segment(*([("value", form)] for form in forms)), weight, joint)


def left(parts: list[PlacedSegment], width: int, style: Style = PLAIN) -> str:
    return compose_rows([(parts, [])], width, style)


def test_parts_stand_in_order_with_what_joins_them() -> None:
    assert left(parts("a", "b", "c"), 80) == "a │ b │ c"


def test_the_lightest_leave_first() -> None:
    assert left(parts("light", "middle", "heavy"), 14) == "middle │ heavy"


def test_of_equally_light_ones_the_last_leaves_first() -> None:
    assert left([part("one"), part("two"), part("six")], 10) == "one │ two"


def test_a_shorter_form_is_tried_before_anything_leaves() -> None:
    assert left([part("5h 42% ↻1h58m", "5h 42%"), *parts("x")], 10) == "5h 42% │ x"


def test_all_get_shorter_step_by_step_the_lightest_first() -> None:
    def row(width: int) -> str:
        return left([part("aaaaa", "aaa", "a", weight=2), part("bbbbb", "bbb", "b")], width)

    assert [row(width) for width in (13, 12, 10, 8, 6)] == [
        "aaaaa │ bbbbb",
        "aaaaa │ bbb",
        "aaa │ bbb",
        "aaa │ b",
        "a │ b",
    ]


def test_room_that_a_leaver_makes_goes_back_to_fuller_forms() -> None:
    given = [part("context 42%", "42%", weight=9), part("1234567890", weight=1)]
    assert left(given, 15) == "context 42%"


def test_bars_go_before_anything_leaves_and_do_not_come_back() -> None:
    barred = Segment([("label", "ctx "), ("bar", "50:8"), ("value", "50%")])
    rest = part("x", weight=1)
    assert left([PlacedSegment(barred, 9, ""), rest], 20) == "ctx ━━━━──── 50% │ x"
    assert left([PlacedSegment(barred, 9, ""), rest], 19) == "ctx 50% │ x"
    assert left([PlacedSegment(barred, 9, ""), rest, part("y" * 9, weight=0)], 19) == "ctx 50% │ x"


def test_what_alone_is_too_wide_is_cut_with_an_ellipsis() -> None:
    assert left(parts("abcdefgh"), 5) == "abcd…"
    assert left(parts("abcdefgh"), 5, Style(glyphs="ascii")) == "ab..."
    assert left([PlacedSegment(Segment([("label", "ctx "), ("value", "42%")]), 1, "")], 6) == "ctx 4…"
    assert left([PlacedSegment(Segment([("label", "ctx "), ("value", "42%")]), 1, "")], 4) == "ctx…"


def test_a_cut_stays_outside_of_sequences_and_clusters() -> None:
    cut = Segment([("label", "5h "), ("value", "漢字")], level=ALERT, link="https://a.b")
    open_, close = "\x1b]8;;https://a.b\x1b\\", "\x1b]8;;\x1b\\"
    assert left([PlacedSegment(cut, 1, "")], 6, Style(depth=16)) == f"{open_}5h \x1b[1;91m漢…\x1b[0m{close}"
    assert left([PlacedSegment(cut, 1, "")], 5, Style(depth=16)) == f"{open_}5h \x1b[1;91m…\x1b[0m{close}"


def test_a_value_has_the_colour_of_its_level_and_every_colour_ends() -> None:
    row = left([PlacedSegment(Segment([("label", "5h "), ("value", "95%")], level=ALERT), 1, "")], 80, Style(depth=16))
    assert row == "5h \x1b[1;91m95%!!\x1b[0m"


def test_the_mark_of_a_level_stands_behind_the_value_and_counts() -> None:
    said = Segment([("label", "7d "), ("value", "83%"), ("detail", " "), ("glyph", "reset")], level=WARN)
    assert left([PlacedSegment(said, 1, "")], 80) == "7d 83%! ↻"
    assert left([PlacedSegment(said, 1, "")], 8) == "7d 83%!…"
    assert left([PlacedSegment(Segment([("detail", "fast")], level=WARN), 1, "")], 80) == "fast!"
    assert left([PlacedSegment(Segment([("glyph", "warn"), ("value", "fast")], level=WARN), 1, "")], 80) == "!fast"


def test_what_belongs_to_a_part_that_has_left_is_joined_as_any_other() -> None:
    given = [part("model", weight=9), part("directory", weight=1), part("main", weight=5, joint=" ")]
    assert left(given, 80) == "model │ directory main"
    assert left(given, 12) == "model │ main"


def test_a_part_with_nothing_to_see_takes_no_place() -> None:
    assert left(parts("a", "\u200b\x1b", " \u2028", "b"), 80) == "a │ b"
    assert left(parts("\u200b"), 80) == ""


def test_the_right_group_stands_at_the_edge() -> None:
    assert compose_rows([(parts("a", "b"), parts("漢"))], 12, PLAIN) == "a │ b     漢"
    assert compose_rows([(parts("a", "b"), parts("漢"))], 9, PLAIN) == "a │ b  漢"
    assert compose_rows([(parts("a"), [part("漢", weight=99)])], 4, PLAIN) == "\x1b[0m  漢"


def test_what_is_light_leaves_from_either_side() -> None:
    given = ([part("one", weight=5), part("two", weight=1)], [part("three", weight=2), part("four", weight=9)])
    assert compose_rows([given], 18, PLAIN) == "one   three │ four"
    assert compose_rows([given], 16, PLAIN) == "one         four"


def test_a_right_group_alone_keeps_its_indentation_by_a_sequence() -> None:
    """The host trims a row that begins with a blank."""
    assert compose_rows([([], parts("a"))], 5, PLAIN) == "\x1b[0m    a"
    assert compose_rows([([], parts("a"))], 5, Style(escapes=False)) == "    a"


def test_rows_stand_below_each_other_and_empty_ones_vanish() -> None:
    assert compose_rows([(parts("a"), []), ([], []), (parts("b"), [])], 80, PLAIN) == "a\nb"
    assert compose_rows([], 80, PLAIN) == ""


def test_with_wrap_what_would_leave_stands_in_order_below() -> None:
    given = [part("long one", "1", weight=1), part("heavy", weight=9), part("other", weight=2), part("new", weight=3)]
    assert compose_rows([(given, [])], 17, PLAIN, wrap=True) == "heavy │ new\nlong one │ other"
    assert compose_rows([(given, [])], 11, PLAIN, wrap=True) == "heavy │ new\n1 │ other"


def every_part() -> list[PlacedSegment]:
    """Return parts with all that a row can hold."""
    segments = [
        Segment([("model", "Opus 漢字 5.5")], [("model", "Opus")]),
        Segment([("directory", "e\u0301tude-\U0001f1e9\U0001f1ea-\U0001f44d\U0001f3fd")]),
        Segment([("glyph", "branch"), ("branch", "feat/\u0915\u094d\u0937\u093f")], link="https://a.b/c"),
        Segment([("label", "ctx "), ("bar", "83:10"), ("detail", " "), ("value", "83%")], level=WARN),
        Segment(
            [("label", "5h "), ("value", "95%"), ("detail", " "), ("glyph", "reset"), ("detail", "1h")], level=ALERT
        ),
        Segment([("cost", "$0.15")]),
    ]
    joints = [" │ ", " │ ", " ", " │ ", " │ ", " · "]
    return [PlacedSegment(segment, 10 + number, joints[number]) for number, segment in enumerate(segments)]


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("glyphs", GLYPHS)
@pytest.mark.parametrize("theme", ["default", "mono", "dark", "powerline"])  # one of each kind
def test_at_any_width_every_row_fits_and_every_sequence_is_whole_and_closed(
    theme: str, glyphs: str, wrap: bool
) -> None:
    style = Style(theme, glyphs, depth=TRUE_COLOR)
    for width in sorted({usable_width(str(columns), padding) for columns in range(10, 401) for padding in (0, 1, 7)}):
        given = every_part()
        for row in compose_rows([(given[:3], given[3:]), (every_part(), [])], width, style, wrap=wrap).split("\n"):
            plain = SEQUENCE.sub("", row)
            assert 0 < wcswidth(plain) <= width
            assert "\x1b" not in plain
            assert row.count("]8;;h") * 2 == row.count("]8;;")
            colours = [each for each in SEQUENCE.findall(row) if each.endswith("m")]
            pairs = itertools.pairwise(colours)
            assert all(after == "\x1b[0m" for before, after in pairs if before != "\x1b[0m")
            assert not colours or colours[-1] == "\x1b[0m"


@pytest.mark.parametrize(
    ("columns", "padding", "width"),
    [
        ("", 0, 200),
        ("120", 0, 116),
        ("120", 2, 112),
        ("10", 0, 6),
        ("10", 9, 1),
        ("4", 0, 1),
        ("0", 0, 200),
        ("00", 9, 200),
        ("-5", 0, 200),
        ("x", 0, 200),
        ("²", 0, 200),
        ("9" * 9, 0, 200),
    ],
)
def test_the_width_is_what_claude_code_leaves_of_the_columns(columns: str, padding: int, width: int) -> None:
    assert usable_width(columns, padding) == width


def test_percentages_are_rounded_down_but_float_noise_is_not() -> None:
    assert [percent_text(each) for each in (99.9, 100.0, 28.999999999999996, 14.000000000000002, 0.4)] == [
        "99%",
        "100%",
        "29%",
        "14%",
        "0%",
    ]


def test_spans_are_short() -> None:
    assert [span_text(each) for each in (30, 60, 3599, 3600, 7080, 86399, 86400, 400000)] == [
        "<1m",
        "1m",
        "59m",
        "1h00m",
        "1h58m",
        "23h59m",
        "1d0h",
        "4d15h",
    ]
