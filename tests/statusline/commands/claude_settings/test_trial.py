"""Tells what a tick prints without a line from a line."""

from __future__ import annotations

import pytest

from statusline import tick
from statusline.commands.claude_settings.trial import DAMAGED, NO_LINE, is_fallback
from tests.support.paths import ROOT


def test_the_words_are_those_of_the_tick() -> None:
    assert NO_LINE == tick.NOTHING_TO_SAY
    assert tick.DAMAGED.startswith(DAMAGED)
    assert f'print("{tick.DAMAGED}")' in (ROOT / "statusline" / "__main__.py").read_text()


@pytest.mark.parametrize(
    ("row", "fallback"),
    [
        (tick.NOTHING_TO_SAY, True),
        (tick.DAMAGED, True),
        ("hudline \u2502 main", False),
        ("hudline is fast \u2502 main", False),
        ("Claude", False),
        ("", False),
    ],
)
def test_a_fallback_row_differs_from_a_line_with_a_project_of_that_name(row: str, fallback: bool) -> None:
    assert is_fallback(row) is fallback
