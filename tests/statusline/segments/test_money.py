"""What was spent here: amounts of times that are running, their age and budget, and what a cache miss took."""

from __future__ import annotations

from typing import Any

import pytest

from cache.readings.snapshot import STALE_S
from tests.support.segment_scene import NOW, forms, said, segment, snapshot, window

DAY = 86400


def money(name: str = "today", usd: float = 6.1, **facts: Any) -> dict[str, Any]:
    row = {"usd": usd, "tokens": 1_250_000, "from": NOW - 3600, "until": NOW + 3600, "at": NOW - 60}
    complete_from = facts.pop("complete_from", None)
    return {name: {**row, **facts}, "account": "unknown", "complete_from": complete_from}


def shown(name: str = "today", usd: float = 6.1, **facts: Any) -> str | None:
    return said(name, known=snapshot(money=money(name, usd, **facts)))


def test_an_amount_is_silent_before_its_time_and_from_its_end_on() -> None:
    """At midnight the amount is yesterday's: silent until the transcripts were read again."""
    assert shown(until=NOW + 1) == "today $6.10"
    assert shown(until=NOW) is None
    assert said("today", known=snapshot(money=money("today", 6.1, **{"from": NOW + 1}))) is None
    assert shown(usd=0) is None
    assert shown(usd=1e12) is None


def test_an_old_amount_tells_its_age_and_an_incomplete_one_since_when_it_is_known() -> None:
    assert shown(at=NOW - STALE_S - 900) == "today $6.10 35m old"
    assert shown(at=NOW + 60) == "today $6.10"
    assert shown(at=NOW + 61) == "today $6.10 age unknown", "the clock was set back"
    twelve = NOW - 10 * DAY
    month: dict[str, Any] = {"from": NOW - 20 * DAY}
    assert shown("month", **month, complete_from=twelve) == "month $6.10 since 12 Nov"
    assert shown("month", **month, complete_from=NOW - 20 * DAY) == "month $6.10"


def test_a_budget_gives_a_level_by_the_thresholds() -> None:
    for usd, level in ((13.99, "calm"), (14, "warn"), (18, "alert"), (40, "alert")):
        found = segment("today", known=snapshot(money=money(usd=usd)), budget={"day": 20})
        assert found is not None
        assert found.level == level, usd
    assert forms(segment("week", known=snapshot(money=money("week", 95)), budget={"week": 100}), marked=True) == [
        "week $95.00!!"
    ]
    for budget in ({}, {"week": 1}):
        found = segment("today", known=snapshot(money=money(usd=40)), budget=budget)
        assert found is not None
        assert found.level is None


@pytest.mark.parametrize(
    ("unit", "text"),
    [("usd", "today $6.10"), ("tokens", "today 1.2M"), ("both", "today $6.10 1.2M"), (3, "today $6.10")],
)
def test_the_unit_can_be_chosen(unit: object, text: str) -> None:
    assert said("today", known=snapshot(money=money()), options={"unit": unit}) == text


def test_a_block_is_never_shown_under_another_account() -> None:
    assert said("block", known=snapshot(money=money("block"))) == "block $6.10"
    assert said("block", known=snapshot(money=money("block"), account="bob")) is None
    assert said("today", known=snapshot(money=money(), account="bob")) == "today $6.10"


OPUS = {"id": "claude-opus-5-5[1m]", "display_name": "Opus 5.5"}
PRICES = {"cache_prices": {"claude-opus-5-5": [5, 8]}}


def missed(known: Any = None, model: Any = None, **facts: Any) -> str | None:
    cache = {"last_miss_at": NOW - 10, "misses": 1, "miss_recache_tokens": 82_000, "ttl": "5m", **facts}
    known = snapshot(money=PRICES) if known is None else known
    return said("cache_miss", {"prompt_cache": cache, "model": model or OPUS}, known)


def test_a_miss_tells_what_it_took_at_the_models_price_of_its_kind_of_cache() -> None:
    assert missed() == "cache miss +$0.41"
    assert missed(ttl="1h") == "cache miss +$0.66"
    assert missed(misses=3, miss_recache_tokens=246_000) == "cache miss +$1.23 in 3"
    assert missed(last_miss_cause={"causes": ["tools_changed"]}) == "cache miss: tools changed +$0.41"


def test_on_a_plan_or_without_a_price_a_miss_is_told_in_tokens() -> None:
    assert missed(snapshot(window("five_hour", 42), money=PRICES)) == "cache miss +82k"
    assert missed(snapshot(plan="Max 20x", money=PRICES)) == "cache miss +82k"
    assert missed(snapshot()) == "cache miss +82k"
    assert missed(model={"id": "gpt"}) == "cache miss +82k"
    assert missed(snapshot(money={"cache_prices": {"claude-opus-5-5": "free"}})) == "cache miss +82k"
    for nothing in (0, None, -5, "many"):
        assert missed(miss_recache_tokens=nothing) == "cache miss"


def test_before_it_goes_cold_the_cache_tells_how_many_tokens_that_takes() -> None:
    warm = {"caching_observed": True, "warm": True, "expires_at": NOW + 48, "recache_tokens_if_cold": 120_012}
    assert forms(segment("cache_ttl", {"prompt_cache": warm})) == [
        "cache cold in 48s: 120k",
        "cache cold in 48s",
    ]
    assert said("cache_ttl", {"prompt_cache": {**warm, "recache_tokens_if_cold": None}}) == "cache cold in 48s"
    always = {**warm, "expires_at": NOW + 2280}
    assert said("cache_ttl", {"prompt_cache": always}, options={"always": True}) == "cache 38m"


def test_an_amount_with_a_model_of_unknown_price_is_marked_as_an_estimate() -> None:
    assert shown(unpriced=["glm-4.6"]) == "today ~$6.10"
    assert shown(unpriced=[]) == "today $6.10"
    branch = snapshot(branch="feat/login", branch_usd=12.4, estimated=("branch",))
    assert said("branch_cost", known=branch) == "feat/login ~$12.40"
    here = snapshot(spent={"five_hour": 0.16, "seven_day": 3.0}, estimated=("five_hour",))
    assert [said(name, known=here) for name in ("five_hour", "seven_day")] == ["5h ~$0.16", "7d $3.00"]
