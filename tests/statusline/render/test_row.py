"""Rows: their steps taken in order until the first that has no room, in order of reading, within their width."""

from __future__ import annotations

import itertools
import re

import pytest
from wcwidth import wcswidth

from statusline.config_table import GLYPHS
from statusline.render.colors import TRUE_COLOR
from statusline.render.placed_segment import PlacedSegment
from statusline.render.row import compose_rows, usable_width
from statusline.render.sanitize import LONGEST
from statusline.render.theme import Style
from statusline.render.timefmt import span_text
from statusline.segments.segment import ALERT, CALM, WARN, Segment, percent_text

PLAIN = Style()
SEQUENCE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")


def part(key: str, text: str = "", joint: str = "", level: str | None = CALM, **details: str) -> PlacedSegment:
    """Return a segment with details; without a text it says its key."""
    more = {name: [("detail", each)] for name, each in details.items()}
    placed = PlacedSegment(Segment([("value", text or key)], more, level=level), key)
    placed.joint = joint
    return placed


def name(key: str, text: str, joint: str = "") -> PlacedSegment:
    placed = PlacedSegment(Segment([("branch", text)], is_name=True), key)
    placed.joint = joint
    return placed


def barred(key: str, percent: float, level: str | None = CALM, elapsed: float | None = None) -> PlacedSegment:
    pieces = [("label", f"{key} "), ("value", percent_text(percent))]
    return PlacedSegment(Segment(pieces, level=level, bar=percent, elapsed=elapsed), key)


def row(parts: list[PlacedSegment], width: int, steps: str = "", style: Style = PLAIN, *, wrap: bool = False) -> str:
    """Return a row of a left group whose steps are words such as ``a a.more name:8``."""
    return groups(parts, [], width, steps or " ".join(placed.key for placed in parts), style, wrap=wrap)


def groups(
    left: list[PlacedSegment],
    right: list[PlacedSegment],
    width: int,
    steps: str,
    style: Style = PLAIN,
    *,
    wrap: bool = False,
) -> str:
    pairs = [(key, int(size or 0)) for key, _, size in (word.partition(":") for word in steps.split())]
    return compose_rows([(left, right, pairs)], width, style, wrap=wrap)


def test_parts_stand_in_order_whatever_the_order_of_their_steps() -> None:
    assert row([part("a"), part("b"), part("c")], 80, "c a b") == "a │ b │ c"


@pytest.mark.parametrize(
    ("width", "text"), [(1, "b"), (4, "b"), (5, "a │ b"), (8, "a │ b"), (9, "a │ b │ c"), (11, "a │ b+1 │ c")]
)
def test_a_row_takes_its_steps_in_order_and_stops_at_the_first_that_does_not_fit(width: int, text: str) -> None:
    assert row([part("a"), part("b", more="+1"), part("c")], width, "b a c b.more") == text


def test_nothing_later_fills_the_gap_that_a_step_leaves() -> None:
    assert row([part("a"), part("long", "x" * 20), part("c")], 10, "a long c") == "a"


def test_a_step_with_nothing_to_say_is_passed_over() -> None:
    assert row([part("a"), part("c")], 5, "a nothing a.more c") == "a │ c"


@pytest.mark.parametrize(
    ("width", "text"),
    [(5, "ab…hi"), (8, "abcd…ghi"[:4] + "…ghi"), (9, "abcdefghi"), (12, "abcdefghi"), (13, "abcdefghi │ x")],
)
def test_a_name_grows_cell_by_cell_and_keeps_its_two_ends(width: int, text: str) -> None:
    assert row([name("n", "abcdefghi"), part("x")], width, "n:5 n:999 x") == text


def test_also_a_very_long_name_keeps_its_two_ends() -> None:
    path = f"/home/{'middle/' * 40}end"
    said = row([name("n", path)], 300, "n:999")
    assert (len(said), said[:6], said[-4:], said.count("…")) == (LONGEST, "/home/", "/end", 1)
    assert row([name("n", path)], 12, "n:12") == "/home/…e/end"


def test_a_cluster_of_a_name_is_never_cut_and_an_odd_cell_stays_blank() -> None:
    assert row([name("n", "機能/ログイン")], 8, "n:8") == "機能…ン"
    assert row([name("n", "x👩🏽y👩🏽z")], 5, "n:5") == "x…z"


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (15, "ctx 50% │ 5h 20%"[:7]),
        (16, "ctx 50% │ 5h 20%"),
        (23, "ctx 50% │ 5h ━─────"[:10] + "5h ━───── 20%"),
        (30, "ctx ━━━─── 50% │ 5h ━───── 20%"),
        (31, "ctx ━━━─── 50% │ 5h ━───── 20%"),
        (34, "ctx ━━━━──── 50% │ 5h ━╾────── 20%"),
    ],
)
def test_all_bars_of_a_row_have_one_length(width: int, text: str) -> None:
    given = [barred("ctx", 50), barred("5h", 20)]
    assert row(given, width, "ctx 5h 5h.bar ctx.bar bars:8") == text


def test_a_bar_that_an_option_asks_for_keeps_its_length() -> None:
    fixed = barred("ctx", 50)
    fixed.size = 4
    assert row([fixed, barred("5h", 20)], 80, "ctx ctx.bar 5h 5h.bar bars:8") == "ctx ━━── 50% │ 5h ━╾────── 20%"


def test_what_belongs_to_a_part_is_joined_closely_and_else_as_any_other() -> None:
    def place() -> list[PlacedSegment]:
        return [part("dir"), part("branch", joint=" › "), part("op", joint=" ")]

    assert row(place(), 80, "dir branch op") == "dir › branch op"
    assert row(place(), 8, "dir op branch") == "dir op"


def test_the_cells_of_joints_are_counted_as_they_are_drawn() -> None:
    """The operation is the first of its cluster until the branch comes before it."""
    for width in range(1, 30):
        given = [part("m"), part("branch", joint=" › "), part("op", joint=" "), part("x")]
        text = row(given, width, "m op branch x")
        assert len(text) <= width
        fuller = {"m": 6, "m │ op": 13, "m │ branch op": 17}.get(text, 99)
        assert width < fuller


def test_in_a_second_row_nothing_joins_what_it_does_not_belong_to() -> None:
    given = [
        part("model"),
        part("effort", joint=" · "),
        part("branch"),
        part("lines", joint=" "),
        part("pr", joint=" "),
    ]
    assert row(given, 14, "model branch effort lines pr", wrap=True) == "model │ branch\neffort │ lines"


def test_what_alone_is_too_wide_is_cut_with_an_ellipsis() -> None:
    assert row([part("a", "abcdefgh")], 5) == "abcd…"
    assert row([part("a", "abcdefgh")], 5, style=Style(glyphs="ascii")) == "ab..."
    assert row([barred("ctx", 42)], 6) == "ctx 4…"
    assert row([barred("ctx", 42)], 4) == "ctx…"


def test_a_cut_stays_outside_of_sequences_and_clusters() -> None:
    def cut() -> PlacedSegment:
        return PlacedSegment(Segment([("label", "5h "), ("value", "漢字")], level=ALERT, link="https://a.b"), "a")

    open_, close = "\x1b]8;;https://a.b\x1b\\", "\x1b]8;;\x1b\\"
    assert row([cut()], 6, style=Style(depth=16)) == f"{open_}5h \x1b[1;91m漢…\x1b[0m{close}"
    assert row([cut()], 5, style=Style(depth=16)) == f"{open_}5h \x1b[1;91m…\x1b[0m{close}"


def test_a_value_has_the_color_of_its_level_and_every_color_ends() -> None:
    assert row([barred("5h", 95, ALERT)], 80, style=Style(depth=16)) == "5h \x1b[1;91m95%!!\x1b[0m"


def test_the_mark_of_a_level_stands_behind_the_number_and_a_word_has_none() -> None:
    assert row([barred("7d", 83, WARN)], 80) == "7d 83%!"
    assert row([PlacedSegment(Segment([("word", "fast mode")], level=WARN), "a")], 80) == "fast mode"


def test_a_limit_that_is_reached_is_a_block_and_without_colors_a_word_with_its_mark() -> None:
    def full() -> PlacedSegment:
        placed = PlacedSegment(Segment([("label", "5h "), ("value", "full")], level=ALERT, bar=100), "a")
        placed.is_block = True
        return placed

    assert row([full(), part("x")], 80, "a a.bar x") == "5h full!! │ x"
    assert (
        row([full(), part("x")], 80, "a a.bar x", Style(depth=16))
        == "\x1b[1;91;7m 5h full \x1b[0m\x1b[2m │ \x1b[0m\x1b[32mx\x1b[0m"
    )


def test_an_age_that_several_numbers_have_is_said_once_behind_the_last() -> None:
    def old(*ages: str) -> list[PlacedSegment]:
        found = [part("a", "5h 1%"), part("b", "7d 2%", more=" ->1h"), part("c", "x 3%")]
        for placed, age in zip(found, ages, strict=True):
            placed.segment.age = age
        return found

    steps = "a b c b.more"
    assert row(old("9m old", "9m old", ""), 80, steps) == "5h 1% │ 7d 2% ->1h · 9m old │ x 3%"
    assert row(old("9m old", "9m old", "9m old"), 80, steps) == "5h 1% │ 7d 2% ->1h │ x 3% · 9m old"
    assert row(old("9m old", "8m old", ""), 80, steps) == "5h 1% 9m old │ 7d 2% 8m old ->1h │ x 3%"
    assert row(old("9m old", "9m old", ""), 20, steps) == "5h 1% 9m old"
    for width in range(8, 60):
        assert wcswidth(row(old("9m old", "9m old", "9m old"), width, steps)) <= width


def test_a_part_with_nothing_to_see_takes_no_place() -> None:
    assert row([part("a"), part("b", "\u200b\x1b"), part("c", " \u2028"), part("d")], 80) == "a │ d"
    assert row([part("a", "\u200b")], 80) == ""


@pytest.mark.parametrize("style", [PLAIN, Style("powerline", depth=TRUE_COLOR)], ids=["plain", "blocks"])
def test_a_part_that_turned_out_to_be_silent_is_never_the_one_that_is_cut(style: Style) -> None:
    """With blocks, such a part left a colored row of blanks."""

    def silent() -> PlacedSegment:
        placed = PlacedSegment(Segment([]), "late")
        placed.pending = lambda: None
        return placed

    def drawn(parts: list[PlacedSegment], *, wrap: bool = False) -> list[str]:
        return SEQUENCE.sub("", row(parts, 5, style=style, wrap=wrap)).splitlines()

    assert drawn([silent()]) == []
    assert len(drawn([silent(), part("wide", "long one")])) == 1
    assert len(drawn([part("wide", "long one"), silent()], wrap=True)) == 1


def test_the_right_group_stands_at_the_edge_unless_it_comes_near() -> None:
    def drawn(width: int, steps: str = "a b r") -> str:
        return groups([part("a"), part("b")], [part("r", "漢")], width, steps)

    assert drawn(12) == "a │ b     漢"
    assert drawn(11) == drawn(10) == "a │ b │ 漢"
    assert drawn(9) == "a │ b"
    assert drawn(9, "r a b") == "a      漢"


def test_a_right_group_alone_keeps_its_indentation_by_a_sequence() -> None:
    """The host trims a row that begins with a blank."""
    assert groups([], [part("a")], 5, "a") == "\x1b[0m    a"
    assert groups([], [part("a")], 5, "a", Style(escapes=False)) == "    a"


def test_rows_stand_below_each_other_and_empty_ones_vanish() -> None:
    steps = [("a", 0), ("b", 0)]
    assert compose_rows([([part("a")], [], steps), ([], [], steps), ([part("b")], [], steps)], 80, PLAIN) == "a\nb"
    assert compose_rows([], 80, PLAIN) == ""


def test_with_wrap_what_has_no_room_stands_in_order_below() -> None:
    keyed = [part("l", "long one"), part("heavy"), part("other"), part("new")]
    assert row(keyed, 17, "heavy new l other", wrap=True) == "heavy │ new\nlong one │ other"


def every_part() -> list[PlacedSegment]:
    """Return parts with all that a row can hold."""
    urgent = barred("5h", 95, ALERT, 0.5)
    full = PlacedSegment(Segment([("label", "7d "), ("value", "full")], {"reset": [("sign", "reset")]}, level=ALERT))
    full.key, full.is_block = "7d", True
    linked = PlacedSegment(
        Segment([("branch", "feat/\u0915\u094d\u0937\u093f")], link="https://a.b/c", is_name=True), "l"
    )
    linked.joint = " › "
    old = barred("old", 12)
    old.segment.age = "35m old"
    return [
        name("n", "Opus 漢字 5.5"),
        name("d", "e\u0301tude-\U0001f1e9\U0001f1ea-\U0001f44d\U0001f3fd"),
        linked,
        barred("ctx", 83, WARN),
        urgent,
        full,
        old,
        part("cost", "$0.15", today=" · $6.10"),
    ]


STEPS = [
    *[(key, size) for size in (8, 999) for key in ("n", "d", "l")],
    *[(key, 0) for key in ("5h", "7d", "ctx", "old", "5h.bar", "7d.reset", "ctx.bar", "cost", "cost.today", "old.bar")],
    *[("bars", size) for size in (7, 8, 12)],
]


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("glyphs", GLYPHS)
@pytest.mark.parametrize("theme", ["default", "mono", "dark", "powerline"])  # one of each kind
def test_at_any_width_every_row_fits_and_every_sequence_is_whole_and_closed(
    theme: str, glyphs: str, wrap: bool
) -> None:
    style = Style(theme, glyphs, depth=TRUE_COLOR)
    for width in sorted({usable_width(str(columns), padding) for columns in range(10, 301, 3) for padding in (0, 7)}):
        given = every_part()
        both = [(given[:3], given[3:], STEPS), (every_part(), [], STEPS)]
        for line in compose_rows(both, width, style, wrap=wrap).split("\n"):
            plain = SEQUENCE.sub("", line)
            assert 0 < wcswidth(plain) <= width
            assert "\x1b" not in plain
            assert line.count("]8;;h") * 2 == line.count("]8;;")
            colors = [each for each in SEQUENCE.findall(line) if each.endswith("m")]
            pairs = itertools.pairwise(colors)
            assert all(after == "\x1b[0m" for before, after in pairs if before != "\x1b[0m")
            assert not colors or colors[-1] == "\x1b[0m"


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
        "23h",
        "1d0h",
        "4d15h",
    ]
