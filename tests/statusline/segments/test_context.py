"""The context window and its cache: Claude Code's own numbers, and silence where it has none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from statusline.segments.segment import ALERT, WARN
from tests.support.paths import PAYLOADS
from tests.support.segment_scene import NOW, forms, said, segment

ODD_SIZES = ["", "k", "0", "0k", "-1", "-5k", "many", "5g", "k5", "1_60k", "nan", "inf", "infk", "160kk", "9" * 50]
USED = {
    "input_tokens": 12,
    "output_tokens": 9,
    "cache_creation_input_tokens": 24_000,
    "cache_read_input_tokens": 96_000,
}


def context(**changes: object) -> dict[str, Any]:
    """Return a payload with 120k of 200k tokens in the window."""
    window = {"context_window_size": 200_000, "used_percentage": 60, "remaining_percentage": 40, "current_usage": USED}
    return {"context_window": {**window, **changes}}


def test_the_percentage_is_the_official_one_in_every_recorded_payload() -> None:
    for path in PAYLOADS.glob("*.json"):
        window = json.loads(path.read_text()).get("context_window", {})
        percent = window.get("used_percentage")
        assert said("context", {"context_window": window}) == (None if percent is None else f"ctx {percent}%")


def test_tokens_are_counted_as_the_percentage_is() -> None:
    assert forms(segment("context_tokens", context())) == ["120k/200k"]


@pytest.mark.parametrize(
    "usage", [None, {}, {**USED, "input_tokens": None}, {**USED, "input_tokens": -1}, {**USED, "input_tokens": "many"}]
)
def test_tokens_that_are_not_all_known_are_not_added_up(usage: object) -> None:
    assert said("context_tokens", context(current_usage=usage)) is None
    assert said("compaction", context(current_usage=usage)) is None


@pytest.mark.parametrize(
    ("tokens", "text"),
    [(0, "0"), (999, "999"), (1000, "1k"), (8_499, "8.4k"), (84_999, "84k"), (999_999, "999k"), (1_250_000, "1.2M")],
)
def test_token_counts_are_short_and_rounded_down(tokens: int, text: str) -> None:
    usage = {"input_tokens": tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    assert said("context_tokens", context(current_usage=usage, context_window_size=1e6)) == f"{text}/1M"


def test_what_is_left_warns_as_the_used_part_does() -> None:
    found = segment("context_left", context(remaining_percentage=10))
    assert found is not None
    assert found.level == ALERT
    assert forms(found) == ["ctx 10% left"]


@pytest.mark.parametrize(
    ("env", "options", "text"),
    [
        ({}, {}, "~28% to compact"),  # 200k - 20k - 13k = 167k, of which 120,012 are used
        ({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "160000"}, {}, "~5% to compact"),
        ({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "999999"}, {}, "~28% to compact"),
        ({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "160k"}, {}, "~5% to compact"),
        ({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "0.16m"}, {}, "~5% to compact"),
        ({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": " 160K "}, {}, "~5% to compact"),
        ({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "500k"}, {}, "~28% to compact"),
        ({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "1M"}, {}, "~28% to compact"),
        ({}, {"window": 160_000}, "~5% to compact"),
        ({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "180000"}, {"window": 160_000}, "~18% to compact"),
        ({}, {"window": -5}, "~28% to compact"),
        ({"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "80"}, {}, "~16% to compact"),
        ({"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "50"}, {}, "~0% to compact"),
        ({"CLAUDE_AUTOCOMPACT_PCT_OVERRIDE": "99"}, {}, "~28% to compact"),
        ({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "30000"}, {}, "~0% to compact"),
        *(({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": odd}, {}, "~28% to compact") for odd in ODD_SIZES),
        *(({"CLAUDE_CODE_AUTO_COMPACT_WINDOW": odd}, {"window": 160_000}, "~5% to compact") for odd in ODD_SIZES),
        ({"DISABLE_AUTO_COMPACT": "1"}, {}, None),
        ({"DISABLE_COMPACT": "true"}, {}, None),
        ({"DISABLE_COMPACT": "0"}, {}, "~28% to compact"),
    ],
)
def test_the_way_to_the_compaction_follows_claude_codes_settings(
    env: dict[str, str], options: dict[str, object], text: str | None
) -> None:
    assert said("compaction", context(), env=env, options=options) == text


@pytest.mark.parametrize("small", ["1", "1k", "30000", "99999", "99.9k", "0.05m"])
def test_a_window_below_claude_codes_least_is_raised_to_it(small: str) -> None:
    used = {"input_tokens": 26_800, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    least = [("CLAUDE_CODE_AUTO_COMPACT_WINDOW", "100000"), ("CLAUDE_CODE_AUTO_COMPACT_WINDOW", small)]
    for name, size in least:  # 100k - 20k - 13k = 67k, of which 26.8k are used
        assert said("compaction", context(current_usage=used), env={name: size}) == "~60% to compact"
    for window in (100_000, 1):
        assert said("compaction", context(current_usage=used), options={"window": window}) == "~60% to compact"


def test_a_model_with_a_window_below_the_least_keeps_its_own() -> None:
    given = context(current_usage={**USED, "cache_read_input_tokens": 0}, context_window_size=80_000)
    for env in ({}, {"CLAUDE_CODE_AUTO_COMPACT_WINDOW": "50k"}):
        assert said("compaction", given, env=env) == said("compaction", given)


def cached(**changes: object) -> dict[str, Any]:
    warm = {"warm": True, "caching_observed": True, "expires_at": NOW + 48, "hit_ratio": 0.8, "last_miss_at": NOW - 9}
    return {"prompt_cache": {**warm, **changes}}


@pytest.mark.parametrize(
    "changes",
    [{"hit_ratio": None}, {"hit_ratio": 1.2}, {"hit_ratio": -0.1}, {"hit_ratio": True}, {"caching_observed": False}],
)
def test_an_odd_hit_ratio_is_not_shown(changes: dict[str, object]) -> None:
    assert said("cache_hits", cached(**changes)) is None


def test_the_hit_ratio_is_rounded_down_without_float_noise() -> None:
    assert said("cache_hits", cached(hit_ratio=0.29)) == "cache 29%"
    assert said("cache_hits", cached(hit_ratio=0.999)) == "cache 99%"


def test_the_cache_speaks_in_its_last_minute() -> None:
    found = segment("cache_ttl", cached())
    assert found is not None
    assert found.level == WARN
    assert forms(found) == ["cache cold in 48s"]
    for changes in ({"expires_at": NOW + 61}, {"expires_at": NOW - 1}, {"warm": False}, {"expires_at": None}):
        assert said("cache_ttl", cached(**changes)) is None


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"expires_at": NOW + 299}, "cache 4m"),
        ({"expires_at": NOW - 1}, "cache cold"),
        ({"warm": False}, "cache cold"),
        ({"expires_at": None}, "cache cold"),
        ({"expires_at": NOW + 10**6}, None),
        ({"caching_observed": False}, None),
    ],
)
def test_the_cache_speaks_at_any_time_on_request(changes: dict[str, object], text: str | None) -> None:
    assert said("cache_ttl", cached(**changes), options={"always": True}) == text


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        ({"causes": ["tools_changed"], "tools_added": 2}, "cache miss: tools changed"),
        ({"causes": ["ttl_expired_5m", "model_changed"]}, "cache miss: idle over 5m"),
        ({"causes": ["likely_server_side"]}, "cache miss: server side"),
        ({"causes": ["something_new"]}, "cache miss: something new"),
        ({"causes": ["unknown"]}, "cache miss"),
        ({"causes": [None, 5, "model_changed"]}, "cache miss: model changed"),
        ({"causes": []}, "cache miss"),
        ({"causes": "tools_changed"}, "cache miss"),
        (None, "cache miss"),
        ("model_changed", "cache miss: model changed"),
        (7, "cache miss"),
    ],
)
def test_a_miss_is_told_with_its_cause_in_words(cause: object, text: str) -> None:
    assert said("cache_miss", cached(last_miss_cause=cause)) == text


@pytest.mark.parametrize(("age_s", "is_news"), [(0, True), (60, True), (61, False), (-5, True), (-6, False)])
def test_a_miss_is_news_for_a_minute(age_s: int, is_news: bool) -> None:
    assert (said("cache_miss", cached(last_miss_at=NOW - age_s)) is not None) == is_news
