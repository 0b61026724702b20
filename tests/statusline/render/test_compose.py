"""The rows as configured: the limit that ends work first leads and warns alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cache.readings.snapshot import Snapshot
from statusline.config import Config
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows
from statusline.render.theme import Style
from tests.support.segment_scene import NOW, snapshot, window

FABLE: dict[str, Any] = {"model": {"display_name": "Fable 5"}, "context_window": {"used_percentage": 12}}
LIMITS = ["context", "five_hour", "seven_day", "model_week", "spend"]
SPENT = {"used": 45.0, "limit": 50.0, "currency": "USD", "percent": 90}
LATER_S = 300_000  # 3d11h


def row(known: Snapshot, items: object = None, given: object = None, **config: Any) -> str:
    """Return the rows without colors, bars and pace: ``!`` marks what warns, ``!!`` what alerts."""
    effective = Config({"rows": [LIMITS if items is None else items], "fill": False, **config})
    text = compose_rows(rows_of(Session(FABLE if given is None else given), known, effective, NOW), 200, Style())
    return re.sub(" [▲▼][0-9]+", "", text)


def week(percent: float, **changes: Any) -> Any:
    return window("seven_day", percent, ahead_s=LATER_S, **changes)


def fable(percent: float) -> Any:
    return window("seven_day:fable", percent, ahead_s=LATER_S)


def test_while_nothing_is_urgent_the_order_is_as_configured() -> None:
    known = snapshot(window("five_hour", 42), week(61), fable(36))
    assert row(known) == "ctx 12% │ 5h 42% ↻1h58m │ 7d 61% ↻3d11h │ Fable 36%"


def test_an_urgent_limit_leads_the_others_and_warns_alone() -> None:
    known = snapshot(window("five_hour", 84), week(91), fable(36))
    assert row(known) == "ctx 12% │ 7d 91%!! ↻3d11h │ 5h 84% ↻1h58m │ Fable 36%"


def test_the_week_of_the_model_can_lead() -> None:
    known = snapshot(window("five_hour", 84), week(61), fable(95))
    assert row(known) == "ctx 12% │ Fable 95%!! │ 5h 84% ↻1h58m │ 7d 61% ↻3d11h"


def test_the_week_of_another_model_never_warns() -> None:
    known = snapshot(window("five_hour", 42), window("seven_day:opus", 95))
    assert row(known, ["scoped_weeks", "five_hour"]) == "Opus 95% │ 5h 42% ↻1h58m"


def test_spend_is_calm_until_the_windows_are_full() -> None:
    known = snapshot(window("five_hour", 42), week(61), spend=SPENT)
    assert row(known) == "ctx 12% │ 5h 42% ↻1h58m │ 7d 61% ↻3d11h │ spend $45/$50"


def test_spend_leads_once_a_window_is_full_and_work_goes_on() -> None:
    known = snapshot(window("five_hour", 100), week(61), spend=SPENT)
    assert row(known) == "ctx 12% │ spend $45/$50!! │ 5h 100% ↻1h58m │ 7d 61% ↻3d11h"


def test_in_minimal_rows_the_only_limit_of_a_login_leads() -> None:
    def minimal(known: Snapshot, given: object) -> str:
        return compose_rows(rows_of(Session(given), known, Config({"preset": "minimal"}), NOW), 200, Style())

    assert minimal(snapshot(), {"rate_limits": {"spend_limit": {"used_percentage": 45}}}) == "spend 45%"
    seat = {"used": 12.5, "limit": 40.0, "currency": "EUR", "percent": 31.25}
    assert minimal(snapshot(spend=seat), {}) == "spend 12.50/40 EUR"
    several = minimal(snapshot(week(61), spend=seat), FABLE)
    assert "7d 61%" in several
    assert "spend" not in several, "only the one that leads"


def test_at_a_hundred_percent_no_countdown_ends_before_work_resumes() -> None:
    known = snapshot(window("five_hour", 100), week(61), fable(36))
    assert row(known) == "ctx 12% │ 5h full!! ↻1h58m │ 7d 61% ↻3d11h │ Fable 36%"
    both = snapshot(window("five_hour", 100), week(100), fable(36))
    assert row(both) == "ctx 12% │ 7d full!! ↻3d11h │ 5h 100% │ Fable 36%"
    model = snapshot(window("five_hour", 42), week(61), fable(100))
    assert row(model) == "ctx 12% │ Fable full!! ↻3d11h │ 5h 42% │ 7d 61%"


def test_the_segment_resumes_takes_the_countdown() -> None:
    known = snapshot(window("five_hour", 100), week(61))
    assert row(known, ["seven_day", "five_hour", "resumes"]) == "5h full!! │ 7d 61% │ resumes 1h58m!!"


def test_a_limit_that_is_not_on_the_line_leaves_the_others_their_warnings() -> None:
    known = snapshot(window("five_hour", 84), week(100))
    assert row(known, ["five_hour"]) == "5h 84%! ↻1h58m"


def test_a_limit_leads_within_its_own_group() -> None:
    groups = {"left": ["model", "five_hour"], "right": ["model_week", "seven_day"]}
    known = snapshot(window("five_hour", 84), week(91), fable(36))
    assert row(known, groups).split() == [
        "Fable",
        "5",
        "│",
        "5h",
        "84%",
        "↻1h58m",
        "7d",
        "91%!!",
        "↻3d11h",
        "│",
        "Fable",
        "36%",
    ]


def test_with_thresholds_of_ones_own_a_calm_limit_does_not_lead() -> None:
    known = snapshot(window("five_hour", 84), week(91))
    assert row(known, thresholds={"seven_day": [95, 99]}) == "ctx 12% │ 5h 84% ↻1h58m │ 7d 91% ↻3d11h"


def test_the_limit_that_is_projected_to_be_full_first_leads_before_a_fuller_one() -> None:
    known = snapshot(
        window("five_hour", 88),
        week(91),
        projections={"five_hour": {"at": NOW + 720}, "seven_day": {"at": NOW + 90_000}},
    )
    items = ["context", "seven_day", "five_hour", "runs_out"]
    assert row(known, items, time={"zone": "utc"}) == "ctx 12% │ 5h 88%! ↻1h58m │ 7d 91% ↻3d11h │ 5h out 04:26"


def test_a_calm_limit_leads_too_where_it_is_projected_to_be_full_and_takes_no_warning_away() -> None:
    known = snapshot(window("five_hour", 42), week(91), projections={"five_hour": {"at": NOW + 3600}})
    assert row(known, ["seven_day", "five_hour"]) == "5h 42% ↻1h58m │ 7d 91%!! ↻3d11h"


def test_a_limit_that_resets_before_the_projected_end_of_another_keeps_its_warning() -> None:
    """Nothing says when five hours at 95 % are full, but it can only be before the week is."""
    known = snapshot(window("five_hour", 95), week(75), projections={"seven_day": {"at": NOW + 200_000}})
    assert row(known, ["five_hour", "seven_day"]) == "7d 75%! ↻3d11h │ 5h 95%!! ↻1h58m"


def test_money_without_a_limit_leads_once_a_window_is_full_and_nothing_resumes() -> None:
    paid = {"used": 106.31, "limit": None, "currency": "USD", "percent": None, "uncapped": True}
    known = snapshot(window("five_hour", 100), week(61), spend=paid)
    assert row(known) == "ctx 12% │ spend $106.31! │ 5h 100% ↻1h58m │ 7d 61% ↻3d11h"
    assert (
        row(known, ["five_hour", "spend", "resumes", "binding"]) == "spend $106.31! │ spend $106.31! │ 5h 100% ↻1h58m"
    )


def test_what_is_no_limit_keeps_its_warning() -> None:
    known = snapshot(window("five_hour", 91))
    busy = {"context_window": {"used_percentage": 95}, "fast_mode": True}
    assert row(known, ["fast_mode", "context", "five_hour"], busy) == "fast mode │ ctx 95%!! │ 5h 91%!! ↻1h58m"


@pytest.mark.parametrize(("when", "text"), [("always", "5h 84%! ↻1h58m"), ("warn", "5h 84%! ↻1h58m"), ("alert", "")])
def test_an_item_can_wait_for_its_level(when: str, text: str) -> None:
    assert row(snapshot(window("five_hour", 84)), [{"segment": "five_hour", "when": when}]) == text


def test_what_is_calmed_is_not_shown_where_only_warnings_are_wished() -> None:
    known = snapshot(window("five_hour", 84), week(91))
    items = [{"segment": name, "when": "warn"} for name in ("five_hour", "seven_day")]
    assert row(known, items) == "7d 91%!! ↻3d11h"


@pytest.mark.parametrize(
    ("label", "text"),
    [("session", "session 42% ↻1h58m"), ("", "42% ↻1h58m"), (None, "5h 42% ↻1h58m"), (5, "5h 42% ↻1h58m")],
)
def test_a_label_is_a_persons_own(label: object, text: str) -> None:
    assert row(snapshot(window("five_hour", 42)), [{"segment": "five_hour", "label": label}]) == text


def test_what_has_no_label_can_have_one() -> None:
    assert row(snapshot(), [{"segment": "model", "label": "on"}]) == "on Fable 5"


def test_every_row_has_its_own_items_and_an_empty_one_takes_none() -> None:
    config = Config({"fill": False, "rows": [["model"], ["plan"], ["context"]]})
    assert compose_rows(rows_of(Session(FABLE), snapshot(), config, NOW), 200, Style()) == "Fable 5\nctx 12%"


def test_what_belongs_together_is_joined_closely_and_nothing_else() -> None:
    known = snapshot(branch="main", operation="merge")
    given = {**FABLE, "cwd": "/p", "effort": {"level": "high"}, "thinking": {"enabled": True}, "fast_mode": True}
    together = ["model", "effort", "fast_mode", "project", "branch", "git_operation"]
    assert row(known, together, given) == "Fable 5 · high · fast mode │ p › main merge"
    assert row(known, ["model", "branch", "thinking"], given) == "Fable 5 │ main │ thinking"
    assert row(known, ["git_operation", "effort"], given) == "merge │ high"


def test_what_warns_of_usage_is_the_last_to_leave() -> None:
    config = Config({"rows": [["model", "context", "spend", "five_hour"]]})
    known = snapshot(window("five_hour", 100), spend=SPENT)
    rows = rows_of(Session(FABLE), known, config, NOW)
    assert compose_rows(rows, 20, Style()) == "spend $45/$50!!"
