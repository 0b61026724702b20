"""Clients differ in how they send a value: a number as text, a text in place of its object. The row is the same."""

from __future__ import annotations

import time
from copy import deepcopy
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from statusline.config import Config
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows
from statusline.render.theme import Style
from statusline.segments.registry import TABLE
from tests.support.paths import PAYLOADS
from tests.support.segment_scene import NOW, said, snapshot
from tests.support.tick_world import World, payload

NAMES = [path.stem for path in sorted(PAYLOADS.glob("*.json")) if not path.stem.startswith("subagent")]
EVERYTHING = Config({"rows": [[name for name in TABLE if name != "version"]], "time": {"zone": "utc"}})
SPEND_LIMIT = {"used_percentage": 45.5, "resets_at": NOW + 7080}
CACHE = {"expires_at": NOW + 48, "last_miss_at": NOW - 9, "last_miss_cause": {"causes": ["tools_changed"]}}


def row(given: object) -> str:
    """Return all segments of a session of which nothing else is known, on one wide row."""
    return compose_rows(rows_of(Session(given), snapshot(), EVERYTHING, NOW), 2000, Style())


def full(name: str) -> dict[str, Any]:
    """Return a recorded payload that has a gateway's limit and a cache that speaks, too."""
    given = payload(name, now=NOW)
    given["prompt_cache"] = {"warm": True, "caching_observed": True, "hit_ratio": 0.8, **CACHE}
    given["rate_limits"] = {**given.get("rate_limits", {}), "spend_limit": SPEND_LIMIT}
    given["pr"] = {"number": 123}
    return given


def as_text(value: Any) -> Any:
    """Return JSON with every number in it as text."""
    if isinstance(value, dict):
        return {key: as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@pytest.mark.parametrize("name", NAMES)
def test_numbers_may_be_text(name: str) -> None:
    given = full(name)
    texts = {key: value if key == "version" else as_text(value) for key, value in given.items()}
    assert row(texts) == row(given)
    for shown in ("cache 80%", "cache cold in 48s", ": tools changed", "spend 45% ↻1h58m", "#123"):
        assert shown in row(texts)


@pytest.mark.parametrize("name", NAMES)
def test_what_has_a_name_may_be_the_name(name: str) -> None:
    given = full(name)
    flat = deepcopy(given)
    named = {"model": "display_name", "effort": "level", "output_style": "name", "vim": "mode", "agent": "name"}
    for key, inner in {**named, "worktree": "name"}.items():
        if key in flat:
            flat[key] = flat[key][inner]
    assert row(flat) == row(given)


def test_a_model_and_an_effort_as_text_are_told_by_a_real_tick(door: Any, tmp_path: Any) -> None:
    world = World(tmp_path, door, extra={"STATUSLINE_START": "off"})
    given = payload("oauth-01-startup", model="claude-opus-5-5", effort="high")
    assert world.plain(given).startswith("claude-opus-5-5 · high │ ")


def test_limits_as_text_are_told_by_a_real_tick(door: Any, tmp_path: Any) -> None:
    given = payload("oauth-02-after-message-rate-limits", now=time.time() + 30)
    texts = {**given, "rate_limits": as_text(given["rate_limits"])}
    rows = []
    for name, each in (("numbers", given), ("texts", texts)):
        (tmp_path / name).mkdir()
        rows.append(World(tmp_path / name, door, extra={"STATUSLINE_START": "off"}).plain(each))
    assert rows[0] == rows[1]
    assert "5h 42% ↻2h00m │ 7d 61% ↻4d0h" in rows[0]


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("Opus 5.5", "Opus 5.5"),
        ({"display_name": "Opus 5.5", "id": "x"}, "Opus 5.5"),
        ({"id": "x"}, "x"),
        ("", None),
        ("  ", None),
        (5, None),
        (["Opus"], None),
        ({}, None),
        (None, None),
    ],
)
def test_a_model_is_told_in_whatever_form_it_has_a_name(model: object, text: str | None) -> None:
    assert said("model", {"model": model}) == text


AT = NOW + 7080


@pytest.mark.parametrize(
    "at",
    [
        AT,
        AT * 1000,
        str(AT),
        str(AT * 1000 + 400),
        datetime.fromtimestamp(AT, timezone.utc).isoformat(),
        datetime.fromtimestamp(AT, timezone(timedelta(hours=-5))).isoformat(" ", "milliseconds"),
        datetime.fromtimestamp(AT, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    ],
)
def test_a_time_is_read_in_every_form_and_its_second_is_kept(at: object) -> None:
    session = Session({"rate_limits": {"spend_limit": {"used_percentage": "45.5", "resets_at": at}}})
    assert session.moment("rate_limits", "spend_limit", "resets_at") == AT
    assert said("spend", session.payload) == "spend 45% ↻1h58m"
    cache = {"warm": True, "caching_observed": True, "expires_at": at}
    assert said("cache_ttl", {"prompt_cache": cache}, options={"always": True}) == "cache 118m"


@pytest.mark.parametrize("odd", ["", "soon", "nan", "1_0", "١٢", "1e999", [], {}, True, None])
def test_an_odd_value_is_as_good_as_missing(odd: object) -> None:
    fields = ("used_percentage", "remaining_percentage", "context_window_size", "current_usage")
    assert row({"context_window": dict.fromkeys(fields, odd), "cost": {"total_cost_usd": odd}}) == row({})
    assert row({"rate_limits": {"spend_limit": {"used_percentage": odd}}, "pr": {"number": odd}}) == row({})
