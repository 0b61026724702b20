"""The plan's windows: where each number comes from, what is spent beyond them, and whether they last."""

from __future__ import annotations

import pytest

from cache.model.windows import ESTIMATE
from statusline.segments.segment import ALERT, CALM, PACE, WARN
from tests.support.segment_scene import NOW, forms, said, segment, snapshot, text_of, window

HALF_A_WEEK = 300_000


@pytest.mark.parametrize(
    ("percent", "level", "text"),
    [
        (58.9, CALM, "58%"),
        (69.9, PACE, "69%"),
        (70, WARN, "70%"),
        (89.9999999, ALERT, "90%"),
        (89.5, WARN, "89%"),
        (100, ALERT, "100%"),
    ],
)
def test_the_level_is_that_of_the_number_that_is_shown(percent: float, level: str, text: str) -> None:
    found = segment("five_hour", known=snapshot(window("five_hour", percent)))
    assert found is not None
    assert found.level == level
    assert f"5h {text}" in str(text_of(found))


def test_thresholds_are_a_persons_own() -> None:
    found = segment("five_hour", known=snapshot(window("five_hour", 50)), thresholds=(40, 60))
    assert found is not None
    assert found.level == WARN


def test_an_old_number_says_its_age_even_in_the_shortest_form() -> None:
    known = snapshot(window("five_hour", 24, age_s=2130))
    assert forms(segment("five_hour", known=known)) == ["5h 24% 35m old ↻1h58m", "5h 24% 35m old"]


def test_an_estimate_says_so_in_place_of_its_age() -> None:
    known = snapshot(window("five_hour", 47.9, source=ESTIMATE, age_s=9000))
    assert forms(segment("five_hour", known=known)) == ["5h ~47% est ↻1h58m", "5h ~47% est"]


def test_a_window_that_has_not_started_has_no_countdown() -> None:
    later = window("five_hour", 0)
    later.resets_at = None
    assert said("five_hour", known=snapshot(later)) == "5h 0%"


@pytest.mark.parametrize("ahead_s", [0, -5, 9 * 86400, 10**15])
def test_a_reset_that_cannot_be_is_not_told(ahead_s: int) -> None:
    assert said("five_hour", known=snapshot(window("five_hour", 5, ahead_s=ahead_s))) == "5h 5%"


@pytest.mark.parametrize(
    ("style", "hours", "text"),
    [
        ("countdown", 24, "↻1h58m"),
        ("clock", 24, "↻06:12"),
        ("clock", 12, "↻6:12am"),
        ("both", 24, "↻1h58m (06:12)"),
    ],
)
def test_a_reset_is_told_as_a_person_likes_it(style: str, hours: int, text: str) -> None:
    assert said("five_hour", known=snapshot(window("five_hour", 5)), style=style, hours=hours) == f"5h 5% {text}"


@pytest.mark.parametrize("off_s", [-1, 0, 1, 29])
def test_a_clock_is_that_of_the_nearest_minute(off_s: int) -> None:
    """A reset differs by a second from answer to answer; shown, it must not jump between 06:12 and 06:13."""
    known = snapshot(window("five_hour", 5, ahead_s=7120 + off_s))  # 06:13:00
    assert said("five_hour", known=known, style="clock") == "5h 5% ↻06:13"
    assert str(said("five_hour", known=known, style="both")).endswith("(06:13)")


def test_a_clock_on_another_day_has_its_weekday() -> None:
    known = snapshot(window("seven_day", 5, ahead_s=4 * 86400))
    assert said("seven_day", known=known, style="clock") == "7d 5% ↻Thu 04:14"


@pytest.mark.parametrize(
    ("zone", "text"),
    [("Asia/Kolkata", "11:42"), ("America/New_York", "Sun 01:12"), ("utc", "06:12"), ("Europe/Vienna", "07:12")],
)
def test_a_clock_is_that_of_the_zone(zone: str, text: str) -> None:
    assert said("five_hour", known=snapshot(window("five_hour", 5)), style="clock", zone=zone) == f"5h 5% ↻{text}"


def test_the_week_of_another_model_is_not_this_ones() -> None:
    known = snapshot(window("seven_day:fable", 36))
    assert said("model_week", {"model": {"display_name": "Opus 5.5"}}, known) is None
    assert said("model_week", {"model": {"display_name": "Fable 5"}}, known) == "Fable 36% ↻1h58m"


def test_the_week_of_the_model_does_not_repeat_the_weeks_reset_until_it_is_what_stops_work() -> None:
    fable = {"model": {"id": "claude-fable-5"}}
    week = window("seven_day", 61, ahead_s=HALF_A_WEEK)
    together, other = (window("seven_day:fable", 36, ahead_s=HALF_A_WEEK - 60 + each) for each in (0, 90_000))
    assert said("model_week", fable, snapshot(week, together)) == "Fable 36%"
    assert said("model_week", fable, snapshot(week, other)) == "Fable 36% ↻4d12h"
    full = window("seven_day:fable", 100, ahead_s=HALF_A_WEEK)
    assert said("model_week", fable, snapshot(week, full)) == "Fable 100% ↻3d11h"


def test_of_many_models_the_fullest_week_stays_longest() -> None:
    known = snapshot(*(window(f"seven_day:m{number}", number) for number in range(9)))
    shown = forms(segment("scoped_weeks", known=known))
    assert shown == ["M8 8% M7 7% M6 6% M5 5% M4 4% M3 3%", "M8 8%"]


@pytest.mark.parametrize(
    ("spend", "text"),
    [
        ({"used": 40.01, "limit": 40.0, "currency": "EUR"}, "spend 40.01/40 EUR"),
        ({"used": 1234, "limit": None, "currency": "JPY"}, "spend 1234 JPY"),
        ({"used": 12.999, "limit": 50, "currency": "USD"}, "spend $12.99/$50"),
        ({"used": 12.5, "limit": 50, "currency": "<b>"}, "spend 12.50/50"),
        ({"used": 12.5, "limit": -1, "currency": None}, "spend 12.50"),
        ({"used": 0, "limit": 50, "currency": "USD"}, None),
        ({"used": -1, "limit": 50, "currency": "USD"}, None),
        ({"used": "12", "limit": 50, "currency": "USD"}, None),
        ({"used": None, "limit": 50, "currency": "USD", "percent": 37.5}, "spend 37%"),
        ({"used": None, "limit": 50, "currency": "USD", "percent": 0}, None),
        ({"used": None, "limit": None, "percent": 5000}, None),
        ({"used": None, "limit": None, "percent": None, "uncapped": True}, None),
        ({}, None),
    ],
)
def test_money_is_said_in_its_currency_and_rounded_down(spend: dict[str, object], text: str | None) -> None:
    assert said("spend", known=snapshot(window("five_hour", 5), spend=spend)) == text


def test_where_nothing_else_limits_the_login_unspent_money_is_shown_too() -> None:
    assert said("spend", known=snapshot(spend={"used": 0, "limit": 50, "currency": "USD"})) == "spend $0/$50"


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ({"used_percentage": 45.5, "resets_at": NOW + 7120}, "spend 45% ↻1h58m"),
        ({"used_percentage": 45.5, "resets_at": "2026-11-22T06:13:00Z"}, "spend 45% ↻1h58m"),
        ({"used_percentage": 45.5, "resets_at": "2026-11-22T04:00:00Z"}, None),
        ({"used_percentage": 145.5, "resets_at": NOW + 20 * 86400}, "spend 145%"),
        ({"used_percentage": 45.5}, "spend 45%"),
        ({"used_percentage": 45.5, "resets_at": NOW}, None),
        ({"used_percentage": NOW, "resets_at": NOW + 7080}, None),
        ({"used_percentage": "45"}, "spend 45%"),
        ({"used_percentage": "45%"}, None),
        (None, None),
    ],
)
def test_the_limit_of_a_gateway_is_that_of_stdin(limit: object, text: str | None) -> None:
    assert said("spend", {"rate_limits": {"spend_limit": limit}}) == text


@pytest.mark.parametrize(
    ("observed_at", "text"),
    [
        (NOW - 60, "spend $40.01/$50"),
        (NOW - 1200, "spend $40.01/$50"),
        (NOW - 2130, "spend $40.01/$50 35m old"),
        (NOW + 3600, "spend $40.01/$50 age unknown"),
        (None, "spend $40.01/$50"),
        ("long ago", "spend $40.01/$50"),
    ],
)
def test_money_that_was_looked_at_long_ago_says_so(observed_at: object, text: str) -> None:
    spend = {"used": 40.01, "limit": 50, "currency": "USD", "percent": 80, "observed_at": observed_at}
    found = forms(segment("spend", known=snapshot(spend=spend)))
    assert found[0] == text
    age = text.partition("$50")[2]
    assert found[-1].endswith(age), "even in the shortest form"


def test_the_level_of_money_that_alone_limits_is_that_of_its_percentage() -> None:
    """As of an enterprise seat: there are no windows that could be full."""
    levels = []
    for percent in (69.9, 70, 96, 100):
        spend = {"used": percent * 2, "limit": 200.0, "currency": "USD", "percent": percent}
        found = segment("spend", known=snapshot(spend=spend))
        levels.append(found.level if found else "silent")
    assert levels == [CALM, WARN, ALERT, ALERT]
    without_sign = {"used": 192.0, "limit": 200.0, "currency": None, "percent": 96}
    assert forms(segment("spend", known=snapshot(spend=without_sign)), marked=True)[0] == "spend 192/200!!"


def test_money_without_a_limit_is_what_work_goes_on_with() -> None:
    spend = {"used": 0, "limit": None, "currency": "USD", "percent": None, "uncapped": True}
    full = snapshot(window("five_hour", 100), spend=spend)
    assert forms(segment("spend", known=full), marked=True)[0] == "spend $0!"
    assert said("binding", known=full) == "spend $0"
    assert said("resumes", known=full) is None
    assert said("spend", known=snapshot(window("five_hour", 99), spend=spend)) is None
    nameless = snapshot(window("five_hour", 100), spend={**spend, "used": None})
    assert forms(segment("spend", known=nameless), marked=True) == ["spend no limit!"]


@pytest.mark.parametrize(
    ("usd", "text"),
    [(0.16, "5h $0.16"), (12, "5h $12.00"), (9.656, "5h $9.66"), (0.009, "5h $0.01"), (0.004, None), (1e10, None)],
)
def test_without_any_percentage_it_is_what_was_spent_here(usd: float, text: str | None) -> None:
    found = segment("five_hour", known=snapshot(spent={"five_hour": usd}), options={"bar": True})
    assert forms(found) == ([text] if text else [])
    assert found is None or found.level is None
    assert said("seven_day", known=snapshot(spent={"five_hour": usd})) is None


def test_a_percentage_is_shown_instead_of_what_was_spent() -> None:
    known = snapshot(window("five_hour", 42, age_s=2130), spent={"five_hour": 0.16})
    assert said("five_hour", known=known) == "5h 42% 35m old ↻1h58m"


def test_a_number_of_unknown_age_is_plain_for_twenty_minutes_and_then_says_when_it_was_seen() -> None:
    texts = []
    for age_s in (60, 1200, 2130):
        seen = window("five_hour", 42, age_s=age_s)
        seen.age_known = False
        texts.append((said("five_hour", known=snapshot(seen)), said("source", known=snapshot(seen))))
    plain = ("5h 42% ↻1h58m", "age unknown")
    assert texts == [plain, plain, ("5h 42% 35m old ↻1h58m", "35m old")]


def test_spend_warns_only_where_it_is_what_ends_work() -> None:
    spend = {"used": 95.0, "limit": 100.0, "currency": "USD", "percent": 95}
    levels = []
    for known in (snapshot(spend=spend), snapshot(window("five_hour", 100), spend=spend)):
        found = segment("spend", known=known)
        levels.append(found.level if found else "silent")
    assert levels == [ALERT, ALERT]
    paid = segment("spend", known=snapshot(window("five_hour", 100), spend={**spend, "percent": 9}))
    assert paid is not None
    assert paid.level == WARN
    calm = segment("spend", known=snapshot(window("five_hour", 99), spend=spend))
    assert calm is not None
    assert calm.level is None


def test_what_runs_out_is_named_and_of_a_week_only_the_day() -> None:
    five, seven = window("five_hour", 60), window("seven_day", 60, ahead_s=6 * 86400)
    at = {"five_hour": {"at": NOW + 3600}, "seven_day": {"at": NOW + 3 * 86400}}
    assert said("runs_out", known=snapshot(five, seven, projections=at)) == "5h out 05:14"
    assert said("runs_out", known=snapshot(five, seven, projections=at), hours=12) == "5h out 5:14am"
    assert said("runs_out", known=snapshot(seven, projections=at)) == "7d out Wed"
    late = window("five_hour", 60, ahead_s=86400)
    tomorrow = {"five_hour": {"at": NOW + 80_000}}
    assert said("runs_out", known=snapshot(late, projections=tomorrow)) == "5h out Mon 02:27"


def test_what_runs_out_is_told_only_ahead_and_from_fresh_official_numbers() -> None:
    five, at = window("five_hour", 60), {"five_hour": {"at": NOW + 3600}}
    of_unknown_age = window("five_hour", 60)
    of_unknown_age.age_known = False
    for known in (
        snapshot(five, projections={"five_hour": {"at": NOW - 1}}),
        snapshot(five, projections={"five_hour": {"at": NOW + 9 * 86400}}),
        snapshot(window("five_hour", 60, age_s=3000), projections=at),
        snapshot(window("five_hour", 60, source=ESTIMATE), projections=at),
        snapshot(of_unknown_age, projections=at),
        snapshot(five, window("seven_day", 100), projections=at),
        snapshot(projections=at),
    ):
        assert said("runs_out", known=known) is None


def test_the_source_is_that_of_the_least_of_the_numbers() -> None:
    live, old = window("five_hour", 5), window("seven_day", 5, age_s=2130)
    guessed = window("seven_day", 5, source=ESTIMATE)
    assert said("source", known=snapshot(live)) == "live"
    assert said("source", known=snapshot(live, old)) == "35m old"
    assert said("source", known=snapshot(live, guessed)) == "est"
    assert said("source", known=snapshot(window("seven_day:fable", 5))) is None
    for observed_at, text in ((NOW - 60, "live"), (NOW - 2130, "35m old"), (None, None)):
        assert said("source", known=snapshot(spend={"used": 1.0, "observed_at": observed_at})) == text


def test_binding_is_whichever_limit_ends_work_first() -> None:
    five, seven = window("five_hour", 42), window("seven_day", 61, ahead_s=HALF_A_WEEK)
    assert said("binding", known=snapshot(five, seven)) == "7d 61% ↻3d11h"
    spend = {"used": 9.5, "limit": 10.0, "currency": "USD", "percent": 95}
    assert said("binding", known=snapshot(spend=spend)) == "spend $9.50/$10"
    assert said("binding", known=snapshot(window("seven_day", 100), spend=spend)) == "spend $9.50/$10"


def test_work_resumes_when_the_last_reached_limit_resets() -> None:
    five, seven = window("five_hour", 100), window("seven_day", 100, ahead_s=HALF_A_WEEK)
    assert said("resumes", known=snapshot(five, window("seven_day", 61))) == "resumes 1h58m"
    assert said("resumes", known=snapshot(five, seven)) == "resumes 3d11h"


def test_work_that_goes_on_does_not_resume() -> None:
    spend = {"used": 9.5, "limit": 10.0, "currency": "USD", "percent": 95}
    assert said("resumes", known=snapshot(window("five_hour", 100), spend=spend)) is None
    assert said("resumes", known=snapshot(window("five_hour", 99))) is None
