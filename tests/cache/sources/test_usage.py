"""Recorded answers in, exact windows out; and nothing in the world makes the parser fail in any other way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.errors import Unreadable
from cache.sources.parts import NAME_AT_MOST
from cache.sources.usage import WINDOWS_AT_MOST, Usage, parse_usage
from cache.window import window_from

ANSWERS = Path(__file__).parents[2] / "data" / "answers"
RECORDED = sorted(path for path in ANSWERS.glob("*.json") if not path.name.endswith(".expected.json"))
NOW = 1788465600  # 2026-09-03T20:00:00Z


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_answer_gives_exactly_the_expected_windows(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text())
    usage = parse_usage(path.read_bytes(), now=expected["now"])
    assert [window.as_json() for window in usage.windows] == expected["windows"]
    assert usage.spend == expected["spend"]
    assert usage.other == expected["other"]


def test_there_are_recorded_answers() -> None:
    assert len(RECORDED) >= 20


@pytest.mark.parametrize(
    "body",
    [b"", b"<!DOCTYPE html><html><body>502</body></html>", b"[]", b"null", b'"five_hour"', b"24", b"\xff\xfe{}",
     b'{"five_hour":{"utilization":24.0}', b'{"five_hour":{"utilization":NaN}}', b'{"five_hour":null} <b>',
     b"[" * 100_000, b'{"limits":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
     b'{"type":"error","error":{"type":"overloaded_error"}}', b"{}"],
    ids=lambda body: body[:24].decode(errors="replace"),
)  # fmt: skip
def test_anything_but_a_usage_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_usage(body, now=NOW)
    assert caught.value.__cause__ is None


def test_bytes_that_are_no_text_blank_only_their_own_row() -> None:
    body = b'{"five_hour":{"utilization":5},"limits":[{"kind":"\xff","percent":1},{"kind":"weekly_all","percent":2}]}'
    assert [(window.id, window.percent) for window in parse_usage(body, now=NOW).windows] == [
        ("five_hour", 5.0),
        ("seven_day", 2.0),
    ]


def test_claude_codes_own_copy_keeps_its_source_and_its_time() -> None:
    (window,) = parse_usage(
        b'{"five_hour":{"utilization":5}}', now=NOW, source="claude", observed_at=NOW - 600.5
    ).windows
    assert (window.source, window.observed_at) == ("claude", NOW - 601)


def test_a_percentage_over_a_hundred_is_kept() -> None:
    (window,) = parse_usage(b'{"five_hour":{"utilization":1000}}', now=NOW).windows
    assert window.percent == 1000


@pytest.mark.parametrize(
    ("spend", "expected"),
    [
        ({"used": _minor, "limit": _limit, "percent": told}, percent)
        for _minor, _limit, told, percent in [
            ({"amount_minor": 3999, "currency": "EUR"}, {"amount_minor": 4000, "currency": "EUR"}, 100, 99.975),
            ({"amount_minor": 4000, "currency": "EUR"}, {"amount_minor": 4000, "currency": "EUR"}, 99, 100.0),
            ({"amount_minor": 1000, "currency": "EUR"}, {"amount_minor": 4000, "currency": "EUR"}, None, 25.0),
            ({"amount_minor": 1000, "currency": "EUR"}, {"amount_minor": 4000, "currency": "USD"}, 30, 30.0),
            ({"amount_minor": 1000, "currency": "EUR"}, {"amount_minor": 0, "currency": "EUR"}, 5, 100.0),
            ({"amount_minor": 1e9, "currency": "EUR"}, {"amount_minor": 1, "currency": "EUR"}, 5000, 1000.0),
            ({"amount_minor": 9999999, "currency": "EUR"}, {"amount_minor": 1e7, "currency": "EUR"}, None, 99.9999),
            ({"amount_minor": 9999999, "currency": "EUR"}, {"amount_minor": 1e7, "currency": "EUR"}, 100, 99.9999),
            ({"amount_minor": 0, "currency": "EUR"}, {"amount_minor": 0, "currency": "EUR"}, 0, 100.0),
            ({"amount_minor": 0, "currency": "EUR"}, {"amount_minor": 0, "currency": "EUR"}, None, 100.0),
        ]
    ],
)
def test_whether_the_spend_limit_is_reached_is_decided_by_the_amounts(
    spend: dict[str, object], expected: float
) -> None:
    found = parse_usage(json.dumps({"spend": spend}).encode(), now=NOW).spend
    assert found is not None
    assert found["percent"] == expected


@pytest.mark.parametrize(
    ("told", "windows", "spent"),
    [(36, (0.5, 1), 36), (0.36, (50, 100), 36), (0, (50, 100), 0), (None, (50, 100), None)],
)
def test_what_is_spent_helps_to_tell_fractions_from_percentages(
    told: float | None, windows: tuple[float, float], spent: float | None
) -> None:
    spend = {"used": {"amount_minor": 36, "currency": "EUR"}, "percent": told}
    body = {"five_hour": {"utilization": 0.5}, "seven_day": {"utilization": 1}, "spend": spend}
    found = parse_usage(json.dumps(body).encode(), now=NOW)
    assert tuple(each.percent for each in found.windows) == windows
    assert found.spend is not None
    assert found.spend["percent"] == spent


@pytest.mark.parametrize("currency", [None, "", "eur", "EURO", "EUR\n", "\u001b[1", 978])
def test_an_amount_without_a_known_currency_is_no_amount(currency: object) -> None:
    body = {"spend": {"used": {"amount_minor": 4001, "currency": currency, "exponent": 2}}}
    assert parse_usage(json.dumps(body).encode(), now=NOW).spend is None


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
KEYS = st.sampled_from(
    ["five_hour", "seven_day", "seven_day_opus", "limits", "spend", "extra_usage", "utilization", "resets_at", "kind",
     "percent", "scope", "model", "display_name", "used", "limit", "amount_minor", "currency", "exponent", "enabled",
     "is_enabled", "used_credits", "monthly_limit", "decimal_places", "is_active", "surface", "nimbus_quill"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["session", "weekly_all", "weekly_scoped", "EUR", "JPY", "Fable", "2026-09-04T12:00:00.1+00:00",
     "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "9999-12-31T23:59:59Z"]
)  # fmt: skip
NEARLY: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.floats(0, 1) | WORDS | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)


@given(st.one_of(JSON, NEARLY, st.dictionaries(KEYS, NEARLY, max_size=6)))
def test_any_json_value_is_a_usage_or_unreadable(value: Any) -> None:
    body = json.dumps(value).encode()
    try:
        usage = parse_usage(body, now=NOW)
    except Unreadable:
        return
    check(usage)


@given(st.binary())
def test_any_bytes_are_a_usage_or_unreadable(body: bytes) -> None:
    try:
        check(parse_usage(body, now=NOW))
    except Unreadable:
        return


def check(usage: Usage) -> None:
    """Hold a window to what it is believed to be wherever it is read again."""
    assert len(usage.windows) <= WINDOWS_AT_MOST
    assert len({window.id for window in usage.windows}) == len(usage.windows)
    for window in usage.windows:
        assert window_from(window.as_json()) == window
        assert len(window.label) <= NAME_AT_MOST
        assert window.resets_at is None or (window.resets_at > NOW and window.resets_at % 60 == 0)
        assert window.label.isprintable()
    json.dumps([usage.spend, usage.other], allow_nan=False)
    if usage.spend is not None:
        assert set(usage.spend) == {"used", "limit", "currency", "percent"}
