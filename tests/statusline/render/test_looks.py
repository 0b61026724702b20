"""The row as people see it: golden rows by width and by state, and what holds for any session at any width."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from wcwidth import wcswidth

from statusline.attempt import FAILURES
from statusline.config import Config
from statusline.render.colors import TRUE_COLOR
from statusline.render.ladder import LADDER, WHOLE
from statusline.render.other_glyphs import SIGNS
from statusline.render.placed_segment import PlacedSegment, all_pieces
from statusline.render.row import Row, usable_width
from statusline.render.theme import Style
from tests.support import looks
from tests.support.examples import SHARE
from tests.support.looks import DAY, HOUR, MINUTE, STATES, State, row
from tests.support.segment_scene import FAST

SEQUENCE = re.compile(r"\x1b\[[0-9;]*m")
NARROWEST, WIDEST = 20, 300  # columns


@pytest.mark.parametrize("glyphs", ["unicode", "ascii"])
def test_the_rows_are_those_that_were_looked_at(glyphs: str) -> None:
    """Where this fails on purpose: ``python -m tests.support.looks --write``, and read the difference."""
    assert looks.page(glyphs) == (looks.FOLDER / f"{glyphs}.txt").read_text(encoding="utf-8")


def test_ascii_rows_are_ascii_but_for_names() -> None:
    text = (looks.FOLDER / "ascii.txt").read_text(encoding="utf-8")
    assert all(line.isascii() for line in text.splitlines() if "機能" not in line and "顧客" not in line)


@pytest.mark.parametrize("depth", [16, 256, TRUE_COLOR])
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", STATES)
def test_with_colors_a_row_says_the_same(name: str, columns: int, depth: int) -> None:
    """But a limit that is reached is a block, with a blank at each side in place of its mark."""
    colored = SEQUENCE.sub("", row(STATES[name], columns, depth=depth))
    assert re.sub(" ([57][hd] full)( ↻[0-9hm]+) ", r"\1!!\2", colored) == row(STATES[name], columns)
    assert wcswidth(colored) <= columns - 4


def roles_of(state: State, columns: int, depth: int) -> list[tuple[str, str]]:
    """Return the texts of the default row with their roles, as they are painted; a level stands for what it colors."""
    style = Style(depth=depth)
    left, _, steps = state.rows(Config({"time": {"zone": "utc"}}))[0]
    Row(left, [], usable_width(str(columns)), style).climb(steps)
    found = []
    for placed in left:
        if placed.is_shown:
            level = "detail" if placed.segment.age and placed.level == "calm" else placed.level
            for role, text in all_pieces(placed, style):
                of_level = role in {"value", "word", "bar", "points"}
                found.append((str(level or "detail") if of_level else role, text))
    return [pair for pair in found if pair[1].strip()]


def test_each_text_of_the_row_has_its_role() -> None:
    assert roles_of(STATES["sample"], 120, 256) == [
        ("model", "Opus 5.5"),
        ("detail", "high"),
        ("directory", "webshop"),
        ("branch", "feat/login"),
        ("detail", "*2"),
        ("label", "ctx "),
        ("calm", "━━╾"),
        ("rail", "───"),
        ("calm", "42%"),
        ("label", "5h "),
        ("calm", "━━╾"),
        ("mark", "┴"),
        ("rail", "──"),
        ("calm", "42%"),
        ("detail", " ↻1h58m"),
        ("label", "7d "),
        ("pace", "━━━┷"),
        ("rail", "──"),
        ("pace", "61%"),
        ("pace", " ▲6"),
        ("detail", " ↻3d4h"),
        ("cost", "$1.84"),
    ]
    old = roles_of(STATES["old"], 120, 256)
    assert ("detail", "━━╾") in old
    assert ("detail", "42%") in old
    assert {role for role, _ in old} <= {"model", "detail", "directory", "branch", "label", "calm", "rail", "cost"}


def test_every_state_tells_its_levels_without_colors() -> None:
    texts = {name: row(STATES[name], 120) for name in ("calm", "sample", "warn", "alert", "reached", "old")}
    signs = {name: re.findall(r"[0-9]%(!*)|(full!!)|(▲)|(old)", text) for name, text in texts.items()}
    assert len({str(sorted(set(found))) for found in signs.values()}) == len(texts)


# --- any session, at any width ---------------------------------------------------------------------------------------

NAMES = ("webshop", "a", "infrastructure-live", "顧客管理システム", "x" * 40, "日本")
BRANCHES = ("main", "feat/login", "feature/payment-webhook-retries", "機能/ログイン", "4f2a9c1", "")


def any_state(seed: int) -> State:
    """Return a state that a person may have."""
    chance = random.Random(seed)  # the same states in every run
    pick = chance.choice

    def window(id_: str, label: str, span_s: int) -> Any:
        percent = pick([0, 100, chance.uniform(0, 99), chance.uniform(60, 100)])
        return pick([None, *[(id_, label, percent, chance.randrange(MINUTE, span_s))] * 8])

    fable = window("seven_day:opus", "Fable", 7 * DAY)
    return State(
        five=window("five_hour", "5h", 5 * HOUR),
        week=window("seven_day", "7d", 7 * DAY),
        more=pick([(), (), (fable,)]) if fable else (),
        age_s=pick([0, 0, 0, 35 * MINUTE]),
        estimated=pick([(), (), ("five_hour",), ("five_hour", "seven_day")]),
        context=pick([None, 0, 42, 75, 96.5, 100]),
        size=pick([200_000, 1_000_000]),
        model=pick(["Opus 5.5", "Fable 5", "Sonnet 5.5 (beta)", "us.anthropic.claude-opus-5-5-20260101-v1:0"]),
        directory="/home/user/" + pick(NAMES),
        branch=pick(BRANCHES),
        git=pick([{}, {"modified": 2}, {"staged": 120, "untracked": 3456}]),
        operation=pick([None, None, "rebase 2/5", "cherry-pick"]),
        out=pick([True, False]),
        is_new=pick([True, False, False, False]),
        waiting=pick(["", "", "api"]),
        payload=pick([{}, {"fast_mode": True}]),
        env=pick([{}, {"CLAUDE_CODE_USE_BEDROCK": "1"}]),
    )


def climbed(left: list[PlacedSegment], columns: int) -> tuple[Row, int]:
    """Return the row of a width, and how many steps of the ladder it took."""
    for placed in left:
        placed.is_shown, placed.shown, placed.bar, placed.size = False, {}, 0, 0
    made = Row(left, [], columns - 4, Style())
    return made, made.climb(LADDER)


def costs_of(left: list[PlacedSegment]) -> tuple[int, list[int]]:
    """Return the cells of each step, and those before the first."""
    made, _ = climbed(left, 5)
    made, _ = climbed(left, -10_000)
    made.room = 10**6
    start, costs = made.used, []
    for step in LADDER:
        before = made.used
        made.climb([step])
        costs.append(made.used - before)
    return start, costs


def shown(left: list[PlacedSegment]) -> dict[str, int]:
    """Return all that is shown, with its size."""
    found: dict[str, int] = {}
    for placed in left:
        if placed.is_shown:
            found |= {placed.key: placed.size, f"{placed.key}.bar": placed.bar}
            found |= {f"{placed.key}.{name}": 1 for name in placed.shown}
    return found


def sessions(count: int = 200) -> Iterator[tuple[int, State, list[PlacedSegment]]]:
    for seed in range(count):
        state = any_state(seed)
        yield seed, state, state.rows(Config({"time": {"zone": "utc"}}))[0][0]
    assert not FAILURES


def test_a_wider_terminal_never_shows_less_and_no_room_is_wasted() -> None:
    names = {key for key, size in LADDER if size and key != "bars"}
    for seed, _, left in sessions(min(200, max(int(200 * SHARE), 20))):
        start, costs = costs_of(left)
        before: dict[str, int] = {}
        for columns in range(NARROWEST, WIDEST + 1):
            made, taken = climbed(left, columns)
            now = shown(left)
            assert all(now.get(key, -1) >= size for key, size in before.items()), (seed, columns)
            if taken < len(LADDER):
                grown = made.used - start - sum(costs[:taken])
                assert made.used - grown + costs[taken] > made.room, (seed, columns, LADDER[taken])
                assert grown == 0 or (LADDER[taken][0] in names and made.used == made.room), (seed, columns)
            before = now


def test_no_step_from_the_third_on_takes_more_than_fifteen_cells() -> None:
    """But a number that is old says so: then it is its age's eight cells more, unless others are as old.

    And a model's week that is ahead of its pace needs ``▲40`` with its number: else only the color would tell.
    """
    first = next(number for number, (key, _) in enumerate(LADDER) if key == "provider")
    for seed, state, left in sessions():
        _, costs = costs_of(left)
        for (key, size), cost in list(zip(LADDER, costs, strict=True))[first:]:
            grows = size > 12
            is_ahead = any(placed.key == key == "model_week" and FAST in placed.segment.pieces for placed in left)
            at_most = 15 + (8 if state.age_s else 0) + (4 if is_ahead else 0)
            assert cost <= at_most or grows or key == "bars", (seed, key, cost)


def test_the_reset_of_the_five_hours_is_there_at_80_columns() -> None:
    count = 0
    for seed, state, left in sessions():
        climbed(left, 80)
        five = next((placed for placed in left if placed.name == "five_hour"), None)
        is_over = any(placed.is_block for placed in left)
        if five is not None and state.five is not None and not is_over:
            count += 1
            assert "reset" in five.shown, (seed, row(state, 80))
    assert count > 5


def test_every_row_is_within_its_width() -> None:
    for seed, state, _ in sessions():
        for columns in (20, 33, 80, 121, 300):
            text = row(state, columns, depth=0)
            assert 0 < wcswidth(text) <= columns - 4, (seed, columns)


def test_a_short_row_stays_short_and_has_no_bars() -> None:
    for seed, state, _ in sessions():
        assert not set("━─") & set(row(state, 300, fill=False)), seed
    text = "Opus 5.5 · high │ webshop › feat/login *2 │ ctx 42% │ 5h 42% ↻1h58m │ 7d 61% ▲6 ↻3d4h │ $1.84"
    short = replace(looks.SAMPLE, today=0)
    assert row(short, 300, fill=False) == row(short, 120, fill=False) == text


def test_rows_of_ones_own_take_the_same_steps_and_the_rest_by_weight() -> None:
    rows = [["version", "model", "five_hour", "context", {"segment": "seven_day", "bar": 4}]]
    state = replace(looks.SAMPLE, payload={"version": "2.1.330"})
    texts = [row(state, columns, rows=rows) for columns in (25, 40, 50, 64, 120)]
    assert texts == [
        "5h 42% │ 7d 61% ▲6",
        "5h 42% │ ctx 42% │ 7d ━━┴─ 61% ▲6",
        "Opus 5.5 │ 5h 42% │ ctx 42% │ 7d ━━┴─ 61% ▲6",
        "Opus 5.5 │ 5h 42% ↻1h58m │ ctx 42% │ 7d ━━┴─ 61% ▲6 ↻3d4h",
        "v2.1.330 │ Opus 5.5 │ 5h ━━━━━──┴──── 42% ▼18 ↻1h58m │ ctx ━━━━━─────── 42% │ 7d ━━┴─ 61% ▲6 out Fri ↻3d4h",
    ]


# --- signs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("glyphs", SIGNS)
def test_one_sign_has_one_meaning(glyphs: str) -> None:
    """Compared with the blanks that belong to them; arrows are the powerline theme's, which has no joints."""
    signs = {
        name: sign for name, sign in SIGNS[glyphs].items() if sign and name not in {"bar", "times", "arrow", "thin"}
    }
    signs |= {f"bar {number}": sign for number, sign in enumerate(dict.fromkeys(SIGNS[glyphs]["bar"]))}
    signs.pop("bar 1", None)  # half a cell of the bar is part of it
    if glyphs == "ascii":
        # Within a bar, between its other signs, a plain sign cannot be taken for one outside.
        signs = {name: sign for name, sign in signs.items() if not name.startswith("bar") and name != "dash"}
    assert len(set(signs.values())) == len(signs), sorted(signs.items(), key=lambda item: item[1])


def test_the_signs_of_the_pace_are_not_those_of_commits() -> None:
    pace = {SIGNS[glyphs][name] for glyphs in SIGNS for name in ("fast", "slow")}
    commits = {SIGNS[glyphs][name] for glyphs in SIGNS for name in ("ahead", "behind")}
    assert not pace & commits


def test_names_in_full_come_last() -> None:
    whole = [number for number, (_, size) in enumerate(LADDER) if size == WHOLE]
    assert whole == list(range(whole[0], whole[0] + 3))
    assert all(key == "bars" for key, _ in LADDER[whole[-1] + 1 :])
