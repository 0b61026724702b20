"""What models cost: known, unknown, and named in all the ways that they are."""

from __future__ import annotations

import pytest

from cache.sources.prices import TABLE, Tokens, family_of, price_of, weight_of


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
    assert (price.input, price.output, price.read) == (dollars_in, dollars_out, dollars_read)


def test_an_answer_weighs_what_its_kinds_of_tokens_cost() -> None:
    million = Tokens(1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000)
    assert weight_of("claude-opus-5-5", million) == pytest.approx(4 + 2 * 20 + 3 * 5 + 4 * 8 + 5 * 0.2)


def test_a_long_prompt_costs_more_where_the_price_list_says_so() -> None:
    short, long = Tokens(100_000, 1000, 0, 0, 0), Tokens(100_001, 1000, 0, 0, 0)
    assert weight_of("claude-haiku-5-5", long) == pytest.approx(5 * weight_of("claude-haiku-5-5", short), rel=1e-4)
    assert weight_of("claude-sonnet-5-5", long) == pytest.approx(weight_of("claude-sonnet-5-5", short), rel=1e-4)


def test_the_table_is_in_order_and_cache_writes_follow_the_input_price() -> None:
    for rows in TABLE.values():
        versions = [version for version, _ in rows]
        assert versions == sorted(versions, reverse=True)
        assert versions[-1] == (0, 0)
        for _, price in rows:
            assert price.read < price.input < price.write_5m < price.write_1h < price.output


def test_families_are_known_from_ids_and_display_names() -> None:
    assert [family_of(name) for name in ("claude-opus-5-5", "Fable", "Sonnet 5.5", "")] == [
        "opus", "fable", "sonnet", "other",
    ]  # fmt: skip
