"""The sentences of the report say what its charts show."""

from __future__ import annotations

import re

import pytest

from cache.model.windows import Window
from statusline.commands.report_page.facts import Facts, week_of
from statusline.commands.report_page.wording import describe_week, hour_text, name_of
from statusline.segments.segment import Options
from statusline.segments.usage import window_segment

DAY = 86400
NOW = 1_795_564_800  # 2026-11-25 00:00 UTC
START, END = NOW - 3 * DAY, NOW + 4 * DAY  # 42.857 % of the week has passed
ABOUT = "42% of the week has passed"


@pytest.mark.parametrize(
    ("used", "source", "runs_out", "sentence"),
    [
        (42.9, "oauth", None, f"42% is used, and {ABOUT}: an even pace. It resets"),
        (44.0, "oauth", None, f"44% is used, and {ABOUT}: 1 point ahead of an even pace. It resets"),
        (30.0, "oauth", None, f"30% is used, and {ABOUT}: 12 points behind an even pace. It resets"),
        (30.0, "estimate", None, f"An estimated 30% is used, and {ABOUT}. It resets"),
        (90.0, "oauth", NOW + DAY, "an even pace. At the recent pace it is used up on Thu. It resets"),
        (100.0, "oauth", None, "an even pace. The limit is reached. It resets"),
    ],
)
def test_the_week_is_compared_with_an_even_pace(used: float, source: str, runs_out: int | None, sentence: str) -> None:
    week = week_of(Window("seven_day", "7d", used, END, source, NOW), END, NOW, Options(zone="utc"), runs_out=runs_out)
    text = describe_week(week, Facts(NOW, START, zone="utc"))
    assert sentence in text
    assert text.endswith("It resets Sun, 29 Nov 00:00.")


@pytest.mark.parametrize(
    ("age_s", "is_known", "sentence"),
    [
        (1200, True, f"30% is used, and {ABOUT}: 12 points behind an even pace."),
        (1260, True, "30% was used as of 21m ago. It resets Sun"),
        (2 * DAY + 4 * 3600, True, "30% was used as of 2d4h ago. It resets Sun"),
        (
            120,
            False,
            f"30% was used at an unknown time, first seen 2m ago, and {ABOUT}: 12 points behind an even pace.",
        ),
        (2 * DAY + 4 * 3600, False, "30% was used at an unknown time, first seen 2d4h ago. It resets Sun"),
    ],
)
def test_an_old_number_says_its_age_and_has_no_pace(age_s: int, is_known: bool, sentence: str) -> None:
    window, options = Window("seven_day", "7d", 30, END, "oauth", NOW - age_s, is_known), Options(zone="utc")
    text = describe_week(week_of(window, END, NOW, options), Facts(NOW, START, zone="utc"))
    assert text.startswith(sentence)
    segment = window_segment(window, NOW, options)
    assert bool(segment.age) == ("even pace" not in text), "the line says the same"


@pytest.mark.parametrize("counts", ["time", "week", "history"])
@pytest.mark.parametrize("used", [10.0, 30.0, 58.0, 60.0, 93.0])
def test_the_pace_is_that_of_the_line(counts: str, used: float) -> None:
    options = Options(zone="utc", week="mon-fri 9-18" if counts == "week" else None)
    expected = [[START, 0.0], [START + 2 * DAY, 10.0], [END, 100.0]] if counts == "history" else None
    window = Window("seven_day", "7d", used, END, "oauth", NOW)
    facts = Facts(NOW, START, zone="utc", working_week=options.week or "")
    text = describe_week(week_of(window, END, NOW, options, expected), facts)
    shown = window_segment(window, NOW, options, expected=expected)
    points = [text for role, text in shown.pieces if role == "points"]
    points += [f"-{text}" for role, text in (shown.details or {}).get("slack", []) if role == "detail"]
    found = re.search(r"(\d+) points? (ahead of|behind) an even pace", text)
    signed = f"{'-' if found[2] == 'behind' else ''}{found[1]}" if found else "0"
    assert points == ([signed] if abs(int(signed)) > 5 else []), text
    counted = {
        "time": "% of the week has passed",
        "week": "% of your working time (mon-fri 9-18) has passed",
        "history": "% of the hours when you usually work have passed",
    }
    assert counted[counts] in text


def test_the_even_line_of_the_chart_has_the_corners_of_what_counts() -> None:
    window = Window("seven_day", "7d", 30, END, "oauth", NOW)

    def corners(options: Options, expected: object = None) -> list[tuple[float, int]]:
        even = week_of(window, END, NOW, options, expected).even
        return [((at - START) / 3600, round(percent)) for at, percent in even]

    assert corners(Options(zone="utc")) == [(0, 0), (168, 100)]
    learned = [[START, 0.0], [START + 2 * DAY, 10.0], [END, 100.0]]
    assert corners(Options(zone="utc"), learned) == [(0, 0), (48, 10), (168, 100)]
    weekend = corners(Options(zone="utc", week="sat-sun 9-18"))  # the week begins on a Sunday
    assert weekend == [(0, 0), (9, 0), (18, 50), (153, 50), (162, 100), (168, 100)]


@pytest.mark.parametrize(("hour", "text"), [(0, "12am"), (9, "9am"), (12, "12pm"), (23, "11pm"), (24, "12am")])
def test_hours_are_shown_as_configured(hour: int, text: str) -> None:
    assert hour_text(hour, 12) == text
    assert hour_text(hour, 24) == f"{hour:02d}:00"


def test_a_name_is_short_clean_and_never_empty() -> None:
    assert name_of(("/home/u/shop", "feat\x1b[31m"), "/home/u") == "~/shop · feat[31m"
    assert name_of(("", "x" * 100), "/home/u") == f"(unknown) · {'x' * 79}…"
