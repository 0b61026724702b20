"""`statusline usage` shows what was spent here: amounts, their share of a budget, and since when they are complete."""

from __future__ import annotations

from typing import Any

import pytest

from cache.model.jsonio import mapping
from statusline.commands.support.unpriced import price_sentence
from statusline.commands.usage_page.money_rows import money_json, render_money
from statusline.segments.segment import Options

NOW = 1795320860
UTC = Options(zone="utc", budget={"day": 20.0})


def money(**facts: Any) -> dict[str, Any]:
    rows = {
        name: {"usd": usd, "tokens": int(usd * 1e5), "from": NOW - 60, "until": NOW + 60, "at": NOW - 5}
        for name, usd in (("today", 16.1), ("block", 2.1), ("week", 31.2), ("month", 1084.0))
    }
    return {**rows, "account": "a", "complete_from": NOW - 30 * 86400, "due_at": NOW, **facts}


def lines(found: dict[str, Any], account: str = "a", width: int = 80) -> list[str]:
    return render_money(found, account, NOW, UTC, width, colored=False)


def test_amounts_are_aligned_with_their_share_of_the_budget() -> None:
    assert lines(money()) == [
        "  today     $16.10  1.6M tokens  80% of $20.00",
        "  block      $2.10  210k tokens",
        "  week      $31.20  3.1M tokens",
        "  month  $1,084.00  108M tokens",
        "  at list prices, on this machine, complete since 23 Oct",
    ]
    assert render_money(money(), "a", NOW, UTC, 80, colored=True)[0].count("\x1b[33m") == 2
    assert all(len(each) <= 30 for each in lines(money(), width=30))


def test_only_what_is_running_and_of_this_account_is_shown() -> None:
    found = money(week={"usd": 1.0, "tokens": 5, "from": NOW - 60, "until": NOW, "at": NOW})
    assert [each.split()[0] for each in lines(found, "b")[:-1]] == ["today", "month"]
    assert money_json(found, "b", NOW) == {
        "today": {"usd": 16.1, "tokens": 1610000, "from": NOW - 60, "until": NOW + 60, "at": NOW - 5},
        "month": {"usd": 1084.0, "tokens": 108400000, "from": NOW - 60, "until": NOW + 60, "at": NOW - 5},
        "complete_from": NOW - 30 * 86400,
    }


def test_old_amounts_say_as_of_when() -> None:
    found = money()
    found["today"]["at"] = NOW - 7200
    assert lines(found)[-1].endswith("complete since 23 Oct, as of 2h00m ago")
    found["week"]["at"] = NOW + 7200  # before the clock was set back
    assert lines(found)[-1].endswith("complete since 23 Oct, age unknown")


def test_without_any_answer_nothing_is_shown() -> None:
    nothing = {"usd": 0, "tokens": 0, "from": NOW - 60, "until": NOW + 60, "at": NOW}
    for found in ({}, {"today": nothing}, {"today": "odd", "month": {"usd": "x"}}):
        assert lines(found) == []
        assert money_json(found, "a", NOW) is None


def test_amounts_with_a_model_of_unknown_price_are_marked() -> None:
    found = money()
    found["today"]["unpriced"] = ["glm-4.6"]
    assert lines(found)[:2] == [
        "  today    ~$16.10  1.6M tokens  ~80% of $20.00",
        "  block      $2.10  210k tokens",
    ]
    shown = money_json(found, "a", NOW) or {}
    assert mapping(shown["today"])["unpriced"] == ["glm-4.6"]
    for odd in ("glm", 5, None, [5]):
        found["today"]["unpriced"] = odd
        assert lines(found)[0].startswith("  today     $16.10")


@pytest.mark.parametrize(
    ("models", "named"),
    [
        (["glm-4.6"], "glm-4.6"),
        (["b", "a"], "a and b"),
        (["a", "b", "c", "d", "e"], "a, b, c and 2 more"),
        (["", "a\x1b[31m"], "a[31m"),
        ([""], "a model"),
    ],
)
def test_one_sentence_names_the_models_and_the_setting(models: list[str], named: str) -> None:
    assert price_sentence(models) == (
        f"Amounts with ~ are estimates: the prices of {named} are unknown, so Sonnet's are used unless you set `prices`"
        " in the configuration."
    )


def test_in_a_narrow_terminal_the_sentence_keeps_its_end() -> None:
    found = money()
    found["today"]["at"] = NOW - 7200
    assert lines(found, width=45)[-2:] == [
        "  at list prices, on this machine, complete",
        "  since 23 Oct, as of 2h00m ago",
    ]
