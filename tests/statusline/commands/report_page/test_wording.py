"""The sentences of the report say what its charts show."""

from __future__ import annotations

import pytest

from cache.model.windows import Window
from statusline.commands.report_page.facts import Facts, Week
from statusline.commands.report_page.wording import describe_week, hour_text, name_of

DAY = 86400
NOW = 1_795_564_800  # 2026-11-25 00:00 UTC
START, END = NOW - 3 * DAY, NOW + 4 * DAY  # 42.857 % of the week has passed
ABOUT = "42% of the week has passed"


@pytest.mark.parametrize(
    ("used", "source", "runs_out", "sentence"),
    [
        (42.9, "oauth", None, f"42% is used, and {ABOUT}: an even pace. It resets"),
        (44.0, "oauth", None, f"44% is used, and {ABOUT}: 1 point ahead of an even pace. It resets"),
        (30.0, "estimate", None, f"An estimated 30% is used, and {ABOUT}: 12 points behind an even pace. It resets"),
        (90.0, "oauth", NOW + DAY, "an even pace. At the recent pace it is used up on Thu. It resets"),
        (100.0, "oauth", None, "an even pace. The limit is reached. It resets"),
    ],
)
def test_the_week_is_compared_with_an_even_pace(used: float, source: str, runs_out: int | None, sentence: str) -> None:
    week = Week(Window("seven_day", "7d", used, END, source, NOW), START, END, runs_out, None)
    text = describe_week(week, Facts(NOW, START, zone="utc"))
    assert sentence in text
    assert text.endswith("It resets Sun, 29 Nov 00:00.")


@pytest.mark.parametrize(("hour", "text"), [(0, "12am"), (9, "9am"), (12, "12pm"), (23, "11pm"), (24, "12am")])
def test_hours_are_shown_as_configured(hour: int, text: str) -> None:
    assert hour_text(hour, 12) == text
    assert hour_text(hour, 24) == f"{hour:02d}:00"


def test_a_name_is_short_clean_and_never_empty() -> None:
    assert name_of(("/home/u/shop", "feat\x1b[31m"), "/home/u") == "~/shop · feat[31m"
    assert name_of(("", "x" * 100), "/home/u") == f"(unknown) · {'x' * 79}…"
