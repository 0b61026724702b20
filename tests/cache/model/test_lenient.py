"""Numbers and times are parsed in every form that clients have sent; `datetime` is the reference."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.model.lenient import SECONDS_BELOW, parse_number, parse_percent, parse_reset
from cache.model.rfc3339 import rfc3339_s
from tests.support.hypothesis_values import ANY_JSON, ODD

AT = 1788474605  # 2026-09-03T22:30:05Z
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MOMENTS = st.datetimes(datetime(1970, 1, 3), datetime(5000, 1, 1))  # noqa: DTZ001 - bounds are naive
OFFSETS = st.integers(-24 * 60 + 1, 24 * 60 - 1)  # minutes


def seconds_of(moment: datetime) -> int:
    """Return the epoch seconds, rounded down, without a float in between."""
    return (moment - EPOCH) // timedelta(seconds=1)


@pytest.mark.parametrize(
    "value",
    [
        AT,
        AT + 0.9,
        str(AT),
        f" {AT}\n",
        f"{AT}.75",
        AT * 1000 + 999,
        float(AT * 1000),
        str(AT * 1000 + 999),
        "2026-09-03T22:30:05Z",
        "2026-09-03t22:30:05z",
        "2026-09-03 22:30:05Z",
        "2026-09-03T22:30:05",
        "2026-09-03T22:30:05.134085+00:00",
        "2026-09-03T22:30:05.999999999Z",
        "2026-09-04T04:00:05+05:30",
        "2026-09-04T04:00:05+0530",
        "2026-09-03T17:30:05-05",
        "2026-09-03T17:30:05.5-05:00",
        " 2026-09-03T22:30:05Z ",
    ],
)
def test_every_form_of_a_reset_is_the_same_second(value: object) -> None:
    assert parse_reset(value) == AT


ODD_TIMES = [
    "",
    " ",
    "soon",
    "2026",
    "2026-09-03",
    "2026-09-03T22:30Z",
    "2026-13-45T99:99:99Z",
    "2026-00-10T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-12-32T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:61Z",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+05:60",
    "2026-01-01T00:00:00x05:30",
    "2026-01-01T00:00:00+5",
    "2026-01-01T00:00:00+05:3",
    "2026-01-01T00:00:00+05:30:00",
    "2026-01-01T00:00:00+",
    "2026-01-01T00:00:00Zulu",
    "2026-01-01T00:00:00 12",
    "2026/01/01T00:00:00Z",
    "2026-01-01T00.00.00Z",
    "2026-01-01x00:00:00Z",
    "+202-01-01T00:00:00Z",
    "2_26-01-01T00:00:00Z",
    "٢٠٢٦-٠١-٠١T٠٠:٠٠:٠٠Z",
    "2026-01-01T00:00:00+٠٥:٣٠",
]


@pytest.mark.parametrize("text", ODD_TIMES)
def test_a_time_that_never_is_is_none(text: str) -> None:
    assert rfc3339_s(text) is None


NOTHING: list[Any] = [None, True, False, [], {}, [AT], {"at": AT}, -1, -AT, "-1", math.nan, math.inf]


@pytest.mark.parametrize(
    "value",
    [
        *NOTHING,
        0,
        0.5,
        "0",
        "nan",
        "inf",
        "-Infinity",
        "1_788_474_605",
        "١٧٨٨٤٧٤٦٠٥",
        "9" * 41,
        "9" * 10**6,
        10**400,
        SECONDS_BELOW * 1000,
        str(SECONDS_BELOW * 1000),
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "\ud800",
        *(text for text in ODD_TIMES if text != "2026"),
    ],
)
def test_a_value_that_is_not_a_time_is_not_a_reset(value: object) -> None:
    assert parse_reset(value) is None


def test_seconds_end_where_milliseconds_begin() -> None:
    assert parse_reset(SECONDS_BELOW - 1) == SECONDS_BELOW - 1
    assert parse_reset(SECONDS_BELOW) == SECONDS_BELOW // 1000
    assert parse_reset(SECONDS_BELOW * 1000 - 1) == SECONDS_BELOW - 1


def test_a_leap_second_is_the_next_midnight() -> None:
    assert rfc3339_s("2026-12-31T23:59:60Z") == rfc3339_s("2027-01-01T00:00:00Z")


@given(MOMENTS, OFFSETS, st.sampled_from(["T", "t", " "]), st.sampled_from(["{}:{}", "{}{}"]))
def test_a_time_in_any_zone_is_the_moment_that_datetime_names(
    moment: datetime, minutes: int, between: str, form: str
) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    hours, rest = divmod(abs(minutes), 60)
    zone = ("-" if minutes < 0 else "+") + form.format(f"{hours:02d}", f"{rest:02d}")
    for text in (moment.isoformat(between), moment.isoformat(between, "microseconds")):
        assert parse_reset(text + zone) == seconds_of(aware)
    assert parse_reset(moment.isoformat() + "Z") == seconds_of(moment.replace(tzinfo=timezone.utc))


@given(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32))
def test_days_are_those_of_datetime(year: int, month: int, day: int) -> None:
    text = f"{year:04d}-{month:02d}-{day:02d}T12:00:00Z"
    try:
        moment = datetime(year, month, day, 12, tzinfo=timezone.utc)
    except ValueError:
        if year:  # the Gregorian calendar reaches further back than `datetime`
            assert rfc3339_s(text) is None
        return
    assert rfc3339_s(text) == seconds_of(moment)


@given(st.integers(1, SECONDS_BELOW - 1), st.integers(0, 999))
def test_seconds_milliseconds_and_their_texts_agree(second: int, thousandths: int) -> None:
    forms: list[object] = [second, str(second), f"{second}.{thousandths:03d}"]
    milliseconds = second * 1000 + thousandths
    if milliseconds >= SECONDS_BELOW:
        forms += [milliseconds, str(milliseconds), float(milliseconds)]
    assert {parse_reset(form) for form in forms} == {second}


SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)?"
)


@given(st.text("0123456789-+:.TtZz _", max_size=40))
def test_only_what_looks_like_a_time_is_one(text: str) -> None:
    assert rfc3339_s(text) is None or SHAPE.fullmatch(text)


@given(st.data())
def test_a_time_with_one_sign_changed_is_none_or_still_looks_like_one(data: st.DataObject) -> None:
    text = data.draw(MOMENTS).isoformat() + "+05:30"
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters()) + text[at + 1 :]
    assert rfc3339_s(changed) is None or SHAPE.fullmatch(changed)


@given(st.floats(0, 1000) | st.integers(0, 1000))
def test_a_percentage_and_its_text_are_the_same(percent: float) -> None:
    assert parse_percent(percent) == parse_percent(repr(percent)) == percent


@pytest.mark.parametrize("value", [*NOTHING, 1000.1, -0.1, AT, 10**400])
def test_a_value_that_is_not_a_percentage_gives_none(value: object) -> None:
    assert parse_percent(value) is None


@pytest.mark.parametrize(("text", "percent"), [("42.1", 42.1), ("42", 42), (" 7 ", 7), ("0", 0), ("1e2", 100)])
def test_a_percentage_may_be_text(text: str, percent: float) -> None:
    assert parse_percent(text) == percent


@pytest.mark.parametrize(
    "text", ["", "%", "42%", "42,1", "4_2", "0x2a", "nan", "inf", "-1", "1001", "1788474605", "٤٢"]
)
def test_a_text_that_is_not_a_percentage_gives_none(text: str) -> None:
    assert parse_percent(text) is None


@given(ANY_JSON | ODD)
def test_whatever_comes_is_a_believable_value_or_none(value: Any) -> None:
    found, percent, reset = parse_number(value), parse_percent(value), parse_reset(value)
    assert found is None or (math.isfinite(found) and not isinstance(found, bool))
    assert percent is None or 0 <= percent <= 1000
    assert reset is None or (type(reset) is int and 1 <= reset < SECONDS_BELOW)


@given(st.decimals(0, 10**6, places=6, allow_nan=False, allow_infinity=False))
def test_a_number_in_text_is_the_nearest_that_there_is(value: Any) -> None:
    assert parse_number(str(value)) == float(Fraction(value))
