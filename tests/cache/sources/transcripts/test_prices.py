"""The prices of models: known and unknown ones, by all forms of their names."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from cache.sources.transcripts.prices import (
    PRICED_ON,
    TABLE,
    Prices,
    Tokens,
    family_of,
    overrides_in,
    price_of,
    read_prices,
)


@pytest.mark.parametrize(
    ("model", "dollars_in", "dollars_out", "dollars_read"),
    [
        ("claude-fable-5-2", 8, 40, 0.20),
        ("claude-fable-5-1", 10, 50, 0.25),
        ("claude-mythos-5", 10, 50, 1.0),
        ("claude-opus-5-5", 4, 20, 0.20),
        ("claude-opus-5-5[1m]", 4, 20, 0.20),
        ("claude-opus-5", 5, 25, 0.50),
        ("claude-opus-4-5-20251101", 5, 25, 0.50),
        ("claude-opus-4-1-20250805", 15, 75, 1.50),
        ("claude-opus-4-20250514", 15, 75, 1.50),
        ("claude-3-opus-20240229", 15, 75, 1.50),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", 3, 15, 0.30),
        ("claude-sonnet-5", 2, 10, 0.20),
        ("claude-sonnet-5-5", 2, 10, 0.10),
        ("claude-3-7-sonnet-20250219", 3, 15, 0.30),
        ("claude-haiku-5-5", 0.10, 0.50, 0.01),
        ("claude-haiku-4-5-20251001", 1, 5, 0.10),
        ("claude-3-5-haiku-20241022", 0.80, 4, 0.08),
        ("claude-3-haiku-20240307", 0.25, 1.25, 0.03),
        ("claude-opus-7-20290101", 4, 20, 0.20),  # newer than the table: its family's newest
        ("opus", 4, 20, 0.20),
        ("claude-saga-6", 2, 10, 0.10),  # a family never heard of
    ],
)
def test_a_model_has_the_price_of_its_family_and_version(
    model: str, dollars_in: float, dollars_out: float, dollars_read: float
) -> None:
    price = price_of(model)
    assert (price.input, price.output, price.cache_read) == (dollars_in, dollars_out, dollars_read)


def test_an_answer_costs_what_its_kinds_of_tokens_do() -> None:
    million = Tokens(1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000)
    assert Prices().cost("claude-opus-5-5", million) == pytest.approx(4 + 2 * 20 + 3 * 5 + 4 * 8 + 5 * 0.2)


def test_a_long_prompt_costs_more_if_the_price_list_has_it() -> None:
    short, long = Tokens(100_000, 1000, 0, 0, 0), Tokens(100_001, 1000, 0, 0, 0)
    cost = Prices().cost
    assert cost("claude-haiku-5-5", long) == pytest.approx(5 * cost("claude-haiku-5-5", short), rel=1e-4)
    assert cost("claude-sonnet-5-5", long) == pytest.approx(cost("claude-sonnet-5-5", short), rel=1e-4)


MILLIONS = Tokens(*[1_000_000] * 5)


def test_the_longest_prefix_wins_and_leaves_the_other_kinds_to_the_table() -> None:
    prices = Prices({"claude-opus": {"input": 100}, "claude-opus-5-5": {"output": 7, "cache_read": 0}})
    assert prices.of("claude-opus-5-5-20270101") == (4, 7, 5, 8, 0)
    assert prices.of("Claude-Opus-5-5") == (4, 7, 5, 8, 0)
    assert prices.of("claude-opus-4-1") == (100, 75, 18.75, 30, 1.50)
    assert prices.of("claude-sonnet-5-5") == Prices().of("claude-sonnet-5-5")
    assert prices.of("us.claude-opus-5-5") == Prices().of("claude-opus-5-5")  # a prefix, not a part
    assert prices.cost("claude-opus-5-5", MILLIONS) == 4 + 7 + 5 + 8


def test_a_price_of_ones_own_holds_for_long_prompts_as_it_is_written() -> None:
    prices = Prices({"claude-haiku-5-5": {"input": 1}})
    assert prices.of("claude-haiku-5-5", long_prompt=True) == pytest.approx((1, 2.5, 0.625, 1.0, 0.05))
    assert prices.of("claude-haiku-5-5") == (1, 0.50, 0.125, 0.20, 0.01)


def test_odd_prices_in_a_configuration_are_left_out_each_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    own = {"input": 5, "output": -1, "cache_read": 10_001, "cache_write_5m": True, "cache_write_1h": "8", "more": 1}
    given = {
        "claude-a": own,
        "claude-b": {"output": 10_000, "input": 0},
        "claude-c": {},
        "claude-d": [],
        "": {"input": 1},
    }
    path.write_text(json.dumps({"prices": given | {"x" * 101: {"input": 1}}}))
    assert overrides_in(json.loads(path.read_text())["prices"]) == {
        "claude-a": {"input": 5.0},
        "claude-b": {"output": 10_000.0, "input": 0.0},
    }
    assert read_prices(str(path)).of("claude-b") == (0, 10_000, 2.5, 4, 0.10)
    assert len(overrides_in({f"m{n}": {"input": 1} for n in range(1000)})) == 64


@pytest.mark.parametrize("text", ["", "{", "[]", '{"prices": 5}', '{"prices": [1]}', '{"prices": null}', "\xff"])
def test_a_configuration_that_cannot_be_read_leaves_the_table(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text, encoding="latin-1")
    for each in (str(path), str(tmp_path), str(tmp_path / "none"), ""):
        assert read_prices(each).of("claude-opus-5-5") == (4, 20, 5, 8, 0.20)


def test_the_table_has_the_date_of_its_comparison() -> None:
    assert date.fromisoformat(PRICED_ON) >= date(2026, 11, 10)


def test_the_table_is_in_order_and_cache_writes_follow_the_input_price() -> None:
    for rows in TABLE.values():
        versions = [version for version, _ in rows]
        assert versions == sorted(versions, reverse=True)
        assert versions[-1] == (0, 0)
        for _, price in rows:
            assert price.cache_read < price.input < price.cache_write_5m < price.cache_write_1h < price.output


def test_families_are_known_from_ids_and_display_names() -> None:
    assert [family_of(name) for name in ("claude-opus-5-5", "Fable", "Sonnet 5.5", "")] == [
        "opus", "fable", "sonnet", "other",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "is_estimate"),
    [("glm-4.6", True), ("", True), ("claude-saga-6", True), ("claude-opus-9", False), ("own-model-2", False)],
)
def test_a_cost_is_an_estimate_where_neither_the_table_nor_the_configuration_has_a_price(
    model: str, is_estimate: bool
) -> None:
    prices = Prices({"own-model": {"input": 1}})
    assert prices.unpriced(model, 1.5) == ({model} if is_estimate else set())
    assert prices.unpriced(model, 0.0) == set(), "what takes nothing has no price to guess"
