"""Money beyond the plan: how much was spent, of which limit, in which currency, and whether more can be spent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cache.sources.endpoint.response import parse_usage

NOW = 1788465600  # 2026-09-03T20:00:00Z


def spend_of(**body: Any) -> dict[str, Any] | None:
    return parse_usage(json.dumps({"five_hour": None, **body}).encode(), now=NOW).spend


def money(minor: object, currency: object = "EUR", exponent: object = 2) -> dict[str, object]:
    return {"amount_minor": minor, "currency": currency, "exponent": exponent}


def extra(used: object, limit: object, **more: Any) -> dict[str, Any]:
    """Return the older form."""
    return {"is_enabled": True, "used_credits": used, "monthly_limit": limit, "currency": "USD", **more}


@pytest.mark.parametrize(
    ("used", "limit", "told", "percent"),
    [
        (3999, 4000, 100, 99.975),
        (4000, 4000, 99, 100.0),
        (1000, 4000, None, 25.0),
        (1000, 0, 5, 100.0),
        (1e9, 1, 5000, 1000.0),
        (9999999, 1e7, None, 99.9999),
        (9999999, 1e7, 100, 99.9999),
        (0, 0, 0, 100.0),
        (0, 0, None, 100.0),
        ("4000", "4000", "99", 100.0),
    ],
)
def test_whether_the_limit_is_reached_is_decided_by_the_amounts(
    used: object, limit: object, told: object, percent: float
) -> None:
    found = spend_of(spend={"used": money(used), "limit": money(limit), "percent": told})
    assert found is not None
    assert found["percent"] == percent


@pytest.mark.parametrize("told", [30, None, 100])
def test_a_limit_in_another_currency_limits_nothing_that_could_be_compared(told: float | None) -> None:
    found = spend_of(spend={"used": money(5000), "limit": money(4000, "USD"), "percent": told, "enabled": True})
    assert found == {"used": 50.0, "limit": None, "currency": "EUR", "percent": told, "observed_at": NOW}
    found = spend_of(spend={"used": money(5000), "enabled": True}, extra_usage=extra(4000, 4000, utilization=100))
    assert found == {"used": 50.0, "limit": None, "currency": "EUR", "percent": None, "observed_at": NOW}


@pytest.mark.parametrize("currency", [None, "", "EURO", "\u001b[1", 978, [], "[a]"])
def test_an_amount_without_a_known_currency_has_none_and_is_kept(currency: object) -> None:
    """Two digits behind the point, unless the answer says how many."""
    found = spend_of(spend={"used": money(1875, currency), "limit": money(5000, currency), "percent": 37.5})
    assert found == {"used": 18.75, "limit": 50.0, "currency": None, "percent": 37.5, "observed_at": NOW}
    found = spend_of(extra_usage=extra(1875, 5000, currency=currency, decimal_places="0", utilization="37.5"))
    assert found == {"used": 1875, "limit": 5000, "currency": None, "percent": 37.5, "observed_at": NOW}


@pytest.mark.parametrize("currency", ["eur", "EUR\n", " Eur "])
def test_a_currency_may_be_written_in_any_way(currency: str) -> None:
    found = spend_of(spend={"used": money(4001, currency)})
    assert found is not None
    assert found["currency"] == "EUR"


def test_a_currency_that_one_of_two_amounts_does_not_name_is_the_others() -> None:
    for used, limit in ((money(1000, None), money(4000)), (money(1000), money(4000, None))):
        found = spend_of(spend={"used": used, "limit": limit})
        assert found is not None
        assert (found["percent"], found["limit"]) == (25, 40)


@pytest.mark.parametrize(
    ("told", "windows", "spent"),
    [(36, (0.5, 1), 36), (0.36, (50, 100), 36), ("0.36", (50, 100), 36), (0, (50, 100), 0), (None, (50, 100), None)],
)
def test_what_is_spent_helps_to_tell_fractions_from_percentages(
    told: object, windows: tuple[float, float], spent: float | None
) -> None:
    body = {"five_hour": {"utilization": 0.5}, "seven_day": {"utilization": 1}}
    body |= {"spend": {"used": money(36), "percent": told}}
    found = parse_usage(json.dumps(body).encode(), now=NOW)
    assert tuple(each.percent for each in found.windows) == windows
    assert found.spend is not None
    assert found.spend["percent"] == spent


# -- whether it goes on


@pytest.mark.parametrize("on", [True, "true", 1])
@pytest.mark.parametrize("told", [None, 0])
def test_money_without_a_limit_goes_on_at_100_percent(on: object, told: float | None) -> None:
    found = {"used": 106.31, "limit": None, "currency": "USD", "percent": None, "observed_at": NOW, "uncapped": True}
    assert spend_of(extra_usage=extra(10631, None, utilization=told, is_enabled=on)) == found
    assert spend_of(spend={"used": money(10631, "USD"), "limit": None, "percent": told, "enabled": on}) == found


def test_money_that_is_on_and_not_yet_spent_goes_on_as_well() -> None:
    found = {"used": None, "limit": None, "currency": None, "percent": None, "observed_at": NOW, "uncapped": True}
    assert spend_of(extra_usage={"is_enabled": True, "used_credits": None, "monthly_limit": None}) == found
    assert spend_of(spend={"enabled": True, "used": None, "limit": None}) == found


@pytest.mark.parametrize(
    "body",
    [
        {"extra_usage": extra(10631, None, is_enabled=None)},  # nothing says that it is on
        {"extra_usage": extra(10631, 20000)},
        {"extra_usage": extra(10631, "a lot")},
        {"extra_usage": extra(10631, None, utilization=53)},  # of a limit that is told in another place
        {"spend": {"used": money(10631), "limit": money(20000, "USD"), "enabled": True}},
        {"spend": {"used": money(10631), "limit": 5, "enabled": True}},
        {"spend": {"used": money(10631, "USD"), "enabled": True}, "extra_usage": extra(10631, 20000)},
    ],
)
def test_money_with_a_limit_is_not_without_one_even_where_it_cannot_be_read(body: dict[str, Any]) -> None:
    found = spend_of(**body)
    assert found is not None
    assert "uncapped" not in found


@pytest.mark.parametrize("reason", ["out_of_credits", {"code": 3}, True])
@pytest.mark.parametrize("limit", [None, 5000])
def test_money_that_was_stopped_does_not_go_on(reason: object, limit: int | None) -> None:
    assert spend_of(extra_usage=extra(1875, limit, disabled_reason=reason)) is None
    amounts = {"used": money(1875), "limit": limit and money(limit), "enabled": True}
    assert spend_of(spend={**amounts, "disabled_reason": reason}) is None
    assert spend_of(spend=amounts, extra_usage=extra(1875, limit, disabled_reason=reason)) is None


@pytest.mark.parametrize("reason", [None, "", False])
def test_no_reason_stops_nothing(reason: object) -> None:
    assert spend_of(extra_usage=extra(1875, 5000, disabled_reason=reason)) is not None


def test_money_that_is_off_because_it_is_used_up_is_what_limits() -> None:
    """An enterprise seat has no windows: without its money it would show nothing at all."""
    found = spend_of(extra_usage=extra(20000, 20000, disabled_reason="limit_reached"))
    assert found is not None
    assert found["percent"] == 100


@pytest.mark.parametrize("off", [False, "false", 0])
def test_money_that_is_off_is_none(off: object) -> None:
    assert spend_of(extra_usage=extra(1875, 5000, is_enabled=off)) is None
    assert spend_of(spend={"used": money(1875), "enabled": off}, extra_usage=extra(1875, 5000)) is None


def test_the_older_form_that_is_off_takes_nothing_from_the_newer_one() -> None:
    older = extra(1, 2, is_enabled=False, disabled_reason="moved")
    found = spend_of(spend={"used": money(1000), "limit": money(4000), "enabled": True}, extra_usage=older)
    assert found == {"used": 10.0, "limit": 40.0, "currency": "EUR", "percent": 25.0, "observed_at": NOW}


# -- what one form lacks


def test_the_older_form_gives_the_limit_that_the_newer_one_lacks() -> None:
    older = extra(12345, 50000, utilization=24.69)
    found = spend_of(spend={"used": money(12345, "USD"), "limit": None, "percent": None}, extra_usage=older)
    assert found == {"used": 123.45, "limit": 500.0, "currency": "USD", "percent": 24.69, "observed_at": NOW}


def test_the_older_form_gives_the_amounts_where_the_newer_one_has_none() -> None:
    found = spend_of(spend={"used": "much", "enabled": True}, extra_usage=extra(1875, 5000))
    assert found == {"used": 18.75, "limit": 50.0, "currency": "USD", "percent": 37.5, "observed_at": NOW}


def test_a_percentage_without_amounts_is_kept() -> None:
    found = spend_of(spend={"used": None, "percent": 96, "enabled": True})
    assert found == {"used": None, "limit": None, "currency": None, "percent": 96, "observed_at": NOW}


def test_money_is_as_old_as_its_answer() -> None:
    body = json.dumps({"extra_usage": extra(1875, 5000)}).encode()
    found = parse_usage(body, now=NOW, observed_at=NOW - 600.5).spend
    assert found is not None
    assert found["observed_at"] == NOW - 601


@pytest.mark.parametrize("used", [None, -1, "-1", "lots", 1e13, True, [], {}])
def test_an_amount_that_cannot_be_is_none(used: object) -> None:
    assert spend_of(extra_usage=extra(used, 5000)) is None
