"""Recorded answers in, exact windows out; other input raises the named failure only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.model.windows import Window, window_from, windows_in
from cache.sources.endpoint.decode import NAME_AT_MOST
from cache.sources.endpoint.response import WINDOWS_AT_MOST, Usage, parse_usage
from cache.work.failures import Unreadable
from tests.support.paths import ANSWERS

RECORDED = sorted(path for path in ANSWERS.glob("*.json") if not path.name.endswith(".expected.json"))
NOW = 1788465600  # 2026-09-03T20:00:00Z
RESET = 1788474605  # 2026-09-03T22:30:05Z


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
     b'{"type":"error","error":{"type":"overloaded_error"}}', b"{}",
     b'{"window_5h":{"utilization":24}}'],
    ids=lambda body: body[:24].decode(errors="replace"),
)  # fmt: skip
def test_anything_but_a_usage_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_usage(body, now=NOW)
    assert caught.value.__cause__ is None


def test_undecodable_bytes_affect_only_their_row() -> None:
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


def told(*windows: str, **body: Any) -> dict[str, Any]:
    """Return what an answer says of its windows, as id -> (percent, reset), or of the named parts."""
    usage = parse_usage(json.dumps(body).encode(), now=NOW)
    found = {window.id: (window.percent, window.resets_at) for window in usage.windows}
    return {id_: found[id_] for id_ in windows} if windows else found


def scoped(percent: object, model: object = None, surface: object = None, **more: Any) -> dict[str, Any]:
    """Return a row of ``limits`` about a model or a surface."""
    scope = {"model": {"id": None, "display_name": model} if isinstance(model, str) else model, "surface": surface}
    return {"kind": "weekly_scoped", "percent": percent, "scope": scope, "is_active": False, **more}


# -- drift: what a client may send in another form


@pytest.mark.parametrize("percent", [24.5, "24.5", " 24.5 ", "2.45e1"])
@pytest.mark.parametrize(
    "resets_at",
    [
        RESET,
        RESET + 0.9,
        RESET * 1000 + 999,
        str(RESET),
        str(RESET * 1000),
        "2026-09-03T22:30:05Z",
        "2026-09-03T22:30:05.999999+00:00",
        "2026-09-04T04:00:05+05:30",
    ],
)
def test_percentages_and_resets_are_read_in_every_form_and_keep_the_second(percent: object, resets_at: object) -> None:
    assert told(five_hour={"utilization": percent, "resets_at": resets_at}) == {"five_hour": (24.5, RESET)}
    row = {"kind": "weekly_all", "percent": percent, "resets_at": resets_at}
    assert told(limits=[row]) == {"seven_day": (24.5, RESET)}


@pytest.mark.parametrize("resets_at", [None, "", "soon", [], {}, True, -1, "yesterday", 1e400])
def test_a_reset_that_cannot_be_read_is_none(resets_at: object) -> None:
    body = json.dumps({"five_hour": {"utilization": 5, "resets_at": resets_at}}).replace("Infinity", "1e400")
    (window,) = parse_usage(body.encode(), now=NOW).windows
    assert (window.percent, window.resets_at) == (5, None)


def test_fractions_may_be_text() -> None:
    assert told(five_hour={"utilization": "0.29"}, seven_day={"utilization": "1"}) == {
        "five_hour": (29, None),
        "seven_day": (100, None),
    }


@pytest.mark.parametrize("extra", [{"utilization": 37.5}, {"utilization": "37.5"}])
def test_extra_usage_helps_to_distinguish_fractions_from_percentages(extra: dict[str, Any]) -> None:
    assert told(five_hour={"utilization": 0.5}, seven_day={"utilization": 1}, extra_usage=extra) == {
        "five_hour": (0.5, None),
        "seven_day": (1, None),
    }


@pytest.mark.parametrize(
    ("model", "id_", "label"),
    [
        ({"id": "claude-fable-5", "display_name": None}, "seven_day:fable 5", "Fable 5"),
        ({"id": "claude-opus-4-5-20251101"}, "seven_day:opus 4.5", "Opus 4.5"),
        ({"id": "claude-3-5-sonnet-20241022"}, "seven_day:3.5 sonnet", "3.5 Sonnet"),
        ({"id": "claude-fable-5[1m]"}, "seven_day:fable 5", "Fable 5"),
        ({"id": "Mystery-7", "display_name": ""}, "seven_day:mystery-7", "Mystery-7"),
        ({"id": 5, "display_name": "Fable"}, "seven_day:fable", "Fable"),
        ({"id": "claude-fable-5", "display_name": "Fable"}, "seven_day:fable", "Fable"),
    ],
)
def test_a_model_is_named_by_its_name_or_by_its_id(model: dict[str, Any], id_: str, label: str) -> None:
    (window,) = parse_usage(json.dumps({"limits": [scoped(88, model)]}).encode(), now=NOW).windows
    assert (window.id, window.label, window.percent) == (id_, label, 88)


@pytest.mark.parametrize("model", ["Fable", {"id": "claude-fable-5"}, {"id": "m", "display_name": "Fable 5"}])
@pytest.mark.parametrize("surface", [None, "Claude Code"])
def test_of_two_rows_of_one_model_the_one_nearest_to_its_limit_counts(model: object, surface: str | None) -> None:
    for percents in ((36, 88), (88, 36)):
        rows = [scoped(percents[0], model, resets_at=RESET), scoped(percents[1], model, surface, resets_at=RESET + 9)]
        ((percent, resets_at),) = told(limits=rows).values()
        assert (percent, resets_at) == (88, RESET + (9 if percents[1] == 88 else 0))


def test_a_row_with_the_id_alone_has_the_name_that_another_row_gives_this_id() -> None:
    named, nameless = {"id": "claude-fable-5", "display_name": "Fable"}, {"id": "claude-fable-5", "display_name": None}
    for rows in ([scoped(36, named), scoped(88, nameless)], [scoped(88, nameless), scoped(36, named)]):
        assert told(limits=rows) == {"seven_day:fable": (88, None)}


def test_of_two_rows_one_that_has_ended_does_not_count() -> None:
    rows = [scoped(99, "Fable", resets_at=NOW), scoped(36, "Fable", resets_at=RESET)]
    assert told(limits=rows) == {"seven_day:fable": (36, RESET)}


def test_a_row_nearer_to_the_models_limit_comes_before_the_flat_bucket_which_has_the_decimals() -> None:
    flat = {"utilization": 24.6, "resets_at": RESET}
    assert told(seven_day_opus=flat, limits=[scoped(25, "Opus")]) == {"seven_day:opus": (24.6, RESET)}
    assert told(seven_day_opus=flat, limits=[scoped(95, "Opus")]) == {"seven_day:opus": (95, RESET)}


def test_a_row_about_a_part_of_the_plan_is_not_the_plans_own_window() -> None:
    row = {"kind": "session", "percent": 95, "scope": {"model": None, "surface": "cowork"}}
    usage = parse_usage(json.dumps({"five_hour": {"utilization": 20}, "limits": [row]}).encode(), now=NOW)
    assert [(each.id, each.percent) for each in usage.windows] == [("five_hour", 20)]
    assert usage.other["buckets"] == {"session cowork": {"percent": 95, "resets_at": None}}


# -- an active limit of a kind that we do not know


@pytest.mark.parametrize(
    ("row", "id_", "label"),
    [
        ({"kind": "monthly_all"}, "monthly_all", "monthly_all"),
        ({"kind": "weekly_scoped", "scope": {"surface": "Claude Code"}}, "weekly_scoped:claude code", "Claude Code"),
        ({"kind": "daily", "scope": {"model": {"display_name": "Fable"}}}, "daily fable", "daily Fable"),
        ({}, "limit", "limit"),
    ],
)
@pytest.mark.parametrize("active", [True, "true", 1])
@pytest.mark.parametrize("percent", [80, "100", 130.5])
def test_an_active_limit_that_we_do_not_know_binds_at_or_near_its_end(
    row: dict[str, Any], id_: str, label: str, active: object, percent: Any
) -> None:
    rows = [scoped(12, "Fable", is_active=True), {**row, "percent": percent, "resets_at": RESET, "is_active": active}]
    usage = parse_usage(json.dumps({"five_hour": {"utilization": 4}, "limits": rows}).encode(), now=NOW)
    assert usage.other["binding"] == id_
    assert windows_in(usage.other["limits"]) == [Window(id_, label, float(percent), RESET, "oauth", NOW)]
    assert {each.id for each in usage.windows} == {"five_hour", "seven_day:fable"}


@pytest.mark.parametrize(
    "changes", [{"percent": 79.9}, {"is_active": False}, {"is_active": "yes"}, {"resets_at": NOW}, {"percent": None}]
)
def test_any_other_limit_that_we_do_not_know_binds_nothing(changes: dict[str, Any]) -> None:
    row = {"kind": "monthly_all", "percent": 100, "resets_at": RESET, "is_active": True, **changes}
    other = parse_usage(json.dumps({"five_hour": {"utilization": 4}, "limits": [row]}).encode(), now=NOW).other
    assert not {"binding", "limits"} & other.keys()


def test_the_fullest_active_limit_binds() -> None:
    week, fable = {"kind": "weekly_all", "percent": 40, "is_active": True}, scoped(80, "Fable", is_active=True)
    for rows in ([week, fable], [fable, week]):
        assert parse_usage(json.dumps({"limits": rows}).encode(), now=NOW).other == {"binding": "seven_day:fable"}


# -- known names with something else behind them

GOOD = {"utilization": 24, "resets_at": RESET}


@pytest.mark.parametrize("odd", ["24", 24, [], [24], True, {"utilization": "24%"}, {"utilization": {}},
                                 {"utilization": 1788474605}, {"utilization": -1}, {"utilization": True}])  # fmt: skip
@pytest.mark.parametrize("key", ["five_hour", "seven_day"])
def test_a_plan_wide_window_of_another_type_makes_an_odd_answer(key: str, odd: object) -> None:
    other = {"five_hour": "seven_day", "seven_day": "five_hour"}[key]
    for body in ({key: odd}, {key: odd, other: GOOD}, {key: odd, "limits": [scoped(36, "Fable")]}):
        with pytest.raises(Unreadable, match=key):
            parse_usage(json.dumps(body).encode(), now=NOW)


def test_a_plan_wide_window_of_another_type_is_none_where_limits_names_it_as_well() -> None:
    rows = [{"kind": "session", "percent": 24, "resets_at": RESET}]
    assert told("five_hour", five_hour="24", limits=rows) == {"five_hour": (24, RESET)}


@pytest.mark.parametrize("nothing", [None, {}, {"utilization": None}, {"resets_at": RESET}])
def test_a_missing_window_is_not_an_error(nothing: object) -> None:
    assert told(five_hour=nothing, seven_day=GOOD) == {"seven_day": (24, RESET)}


@pytest.mark.parametrize(
    "body",
    [
        {"limits": "none"},
        {"limits": {"kind": "session", "percent": 3}},
        {"limits": ["session", 17]},
        {"limits": [{"kind": "session", "percent": "3%"}]},
        {"spend": 3, "extra_usage": []},
        {"seven_day_opus": "36", "limits": 1, "five_hour": None},
        {"five_hour": None, "seven_day": None, "spend": "none"},
    ],
)
def test_an_answer_whose_known_parts_are_all_of_another_type_is_odd(body: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        parse_usage(json.dumps(body).encode(), now=NOW)


@pytest.mark.parametrize(
    ("parts", "unread"),
    [
        ({}, set()),
        ({"limits": None, "spend": None}, set()),
        ({"limits": [], "spend": {}}, set()),
        ({"limits": "none"}, {"limits"}),
        ({"limits": [scoped(36, "Fable"), 5]}, {"limits"}),
        ({"limits": [scoped("36%", "Fable")]}, {"limits"}),
        ({"spend": 3, "extra_usage": "none"}, {"spend", "extra_usage"}),
    ],
)
def test_one_part_of_another_type_blanks_no_other_and_is_named(parts: dict[str, Any], unread: set[str]) -> None:
    usage = parse_usage(json.dumps({"five_hour": GOOD, **parts}).encode(), now=NOW)
    assert usage.windows[0].percent == 24
    assert usage.unread == unread


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
KEYS = st.sampled_from(
    ["five_hour", "seven_day", "seven_day_opus", "limits", "spend", "extra_usage", "utilization", "resets_at", "kind",
     "percent", "scope", "model", "display_name", "used", "limit", "amount_minor", "currency", "exponent", "enabled",
     "is_enabled", "used_credits", "monthly_limit", "decimal_places", "is_active", "surface", "nimbus_quill", "id",
     "disabled_reason"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["session", "weekly_all", "weekly_scoped", "EUR", "JPY", "Fable", "24", "true", "claude-fable-5", "monthly_all",
     "2026-09-04T12:00:00.1+00:00",
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
        assert window.resets_at is None or window.resets_at > NOW
        assert window.label.isprintable()
    json.dumps([usage.spend, usage.other], allow_nan=False)
    if usage.spend is not None:
        assert set(usage.spend) - {"uncapped"} == {"used", "limit", "currency", "percent", "observed_at"}
    limits = usage.other.get("limits", [])
    assert [{**each.as_json(), "active": True} for each in windows_in(limits)] == limits
