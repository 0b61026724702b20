"""One row: clean, within its width, the dearest parts last to leave."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from statusline.cells import cells, cut
from statusline.clean import LONGEST, visible
from statusline.line import compose_rows, usable_width
from statusline.looks import Looks
from statusline.moment import span_text
from statusline.part import Part
from statusline.segment import ALERT, CALM, Segment, percent_text

BAD = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}
SGR = re.compile(r"\x1b\[[0-9;]*m")


def parts(*texts: str) -> list[Part]:
    return [Part(Segment([("value", text)], level=CALM), 10 * (number + 1), " │ ") for number, text in enumerate(texts)]


def compose(parts: list[Part], width: int, *, coloured: bool) -> str:
    return compose_rows([(parts, [])], width, Looks(depth=16 if coloured else 0))


def test_parts_stand_in_order_with_what_joins_them() -> None:
    assert compose(parts("a", "b", "c"), 80, coloured=False) == "a │ b │ c"


def test_the_lightest_leave_first() -> None:
    assert compose(parts("light", "middle", "heavy"), 14, coloured=False) == "middle │ heavy"


def test_a_shorter_form_is_tried_before_anything_leaves() -> None:
    long = Segment([("value", "5h 42% ↻1h58m")], [("value", "5h 42%")])
    assert compose([Part(long, 1, " │ "), *parts("x")], 10, coloured=False) == "5h 42% │ x"


def test_what_alone_is_too_wide_is_cut_with_an_ellipsis() -> None:
    assert compose(parts("abcdefgh"), 5, coloured=False) == "abcd…"


def test_a_value_has_the_colour_of_its_level_and_every_colour_ends() -> None:
    row = compose([Part(Segment([("label", "5h "), ("value", "95%")], level=ALERT), 1, "")], 80, coloured=True)
    assert row == "5h \x1b[1;31m95%!!\x1b[0m"


NASTY = (
    "\x1b[31mred\x07\x1b]0;title\x07\x9b1m \u202eevil\u2066 zero\u200bwidth\u200d\ufeff line\u2028sep\u2029 \x00\t\r\n"
    "\u00ad\ufe0f\u3164\U000e0041 \ud800"
)


def test_what_could_act_or_hide_never_passes() -> None:
    clean = visible(NASTY)
    assert clean.split() == ["[31mred]0;title1m", "evil", "zerowidth", "line", "sep"]
    assert not {unicodedata.category(char) for char in clean} & BAD


def test_a_stack_of_marks_is_kept_low_and_a_long_text_is_capped() -> None:
    assert visible("e" + "\u0301" * 50) == "e\u0301\u0301"
    assert len(visible("x" * 10_000)) == LONGEST
    assert len(visible("é" * 10_000)) == LONGEST


@given(st.lists(st.text(max_size=60), min_size=1, max_size=8), st.integers(1, 200), st.booleans())
def test_any_text_at_any_width_is_one_clean_row_within_it(texts: list[str], width: int, coloured: bool) -> None:
    row = compose(parts(*texts), width, coloured=coloured)
    bare = SGR.sub("", row)
    assert not {unicodedata.category(char) for char in bare} & BAD
    assert 0 <= wcswidth(bare) <= width
    assert row.count("\x1b[") % 2 == 0
    assert not SGR.sub("", row).count("\x1b")


@given(st.text(max_size=30), st.integers(0, 30))
def test_a_cut_is_never_wider_than_it_may_be(text: str, width: int) -> None:
    assert cells(cut(visible(text), width)) <= width


@given(st.text(max_size=40))
def test_a_clean_text_is_as_wide_as_wcwidth_says(text: str) -> None:
    assert wcswidth(visible(text)) == cells(visible(text))


@pytest.mark.parametrize(
    ("columns", "width"),
    [("", 200), ("120", 116), ("4", 1), ("0", 1), ("-5", 200), ("x", 200), ("²", 200), ("9" * 9, 200)],
)
def test_the_width_is_what_claude_code_leaves_of_the_columns(columns: str, width: int) -> None:
    assert usable_width(columns) == width


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
