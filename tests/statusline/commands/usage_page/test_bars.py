"""Bars and sparklines say no more than is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.usage.history import Sample
from statusline.commands.usage_page.bars import ASCII, BLOCKS
from statusline.commands.usage_page.format import spend_text
from statusline.segments.usage import spend_texts


@pytest.mark.parametrize(
    ("percent", "bar"),
    [(0, "----"), (0.4, "----"), (1, "#---"), (49, "#---"), (50, "##--"), (99.9, "###-"), (100, "####"), (140, "####")],
)
def test_a_bar_is_full_only_when_the_limit_is_reached(percent: float, bar: str) -> None:
    assert "".join(ASCII.bar(percent, 4)) == bar


@given(percent=st.floats(0, 1000), width=st.integers(1, 60))
def test_a_bar_has_its_width(percent: float, width: int) -> None:
    full, empty = BLOCKS.bar(percent, width)
    assert len(full + empty) == width
    assert (percent >= 100) == (full == BLOCKS.full * width) or width == 1


def line_of(*course: tuple[int, float]) -> str:
    return BLOCKS.sparkline([Sample(at, percent, None) for at, percent in course], 0, 80, 8)


def test_a_sparkline_shows_in_each_cell_the_last_word() -> None:
    assert line_of((0, 0), (11, 20), (12, 30), (41, 60), (71, 100)) == "▁▃▃▃▅▅▅█"


def test_what_is_not_known_is_blank() -> None:
    assert line_of((35, 50)) == "   ▅▅▅▅▅"
    assert line_of() == ""
    assert line_of((100, 50)) == ""


@pytest.mark.parametrize(
    ("spend", "said"),
    [
        ({"used": 4.01, "limit": 40.0, "currency": "USD"}, "$4.01 of $40"),
        ({"used": 12.999, "limit": None, "currency": "USD"}, "$12.99"),
        ({"used": 40.0, "limit": 40.0, "currency": "EUR"}, "40 of 40 EUR"),
        ({"used": 4.5, "limit": None, "currency": "EUR"}, "4.50 EUR"),
        ({"used": 0.0005, "limit": 1.0, "currency": "KWD"}, "0 of 1 KWD"),
        ({"used": 1200, "limit": 5000, "currency": "JPY"}, "1200 of 5000 JPY"),
        ({"used": "much", "limit": 40.0}, "40"),
        ({}, ""),
    ],
)
def test_money_reads_as_on_the_line(spend: dict[str, object], said: str) -> None:
    assert spend_text(spend) == said
    if "used" in spend and spend["used"] != "much":
        assert spend_texts(spend)[0] == said.replace(" of ", "/")
