"""What was spent on this machine, as the lines of the page: a row for each time, and from when on they are complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.clock import date_text
from cache.model.jsonio import mapping, number, whole
from cache.model.windows import AHEAD_S
from cache.readings.snapshot import STALE_S
from statusline.commands.support.terminal import BOLD, DIM, align, paint, render_line, wrap_words
from statusline.commands.support.unpriced import mark_of
from statusline.commands.usage_page.format import age_label, ago_text
from statusline.commands.usage_page.layout import GAP, STYLES
from statusline.segments.money import BUDGETS
from statusline.segments.segment import Options, percent_text, token_text

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("today", "block", "week", "month")
INDENT = "  "


def spent_now(money: Mapping[str, object], account: str, now: float) -> dict[str, dict[str, object]]:
    """Return the amounts of the times that are running at ``now``, by name; the block is an account's.

    None where there was no answer in any of them.
    """
    found = {}
    for name in NAMES:
        row = mapping(money.get(name))
        start, end, usd, tokens = (number(row.get(key)) for key in ("from", "until", "usd", "tokens"))
        if usd is None or tokens is None or start is None or end is None or not start <= now < end:
            continue
        if name != "block" or money.get("account") == account:
            found[name] = row
    return found if any(number(row["tokens"]) for row in found.values()) else {}


def money_json(money: Mapping[str, object], account: str, now: float) -> dict[str, object] | None:
    """Return the amounts in the shape of ``usage --json``, None where nothing is known."""
    rows = spent_now(money, account, now)
    if not rows:
        return None
    keys = ("usd", "tokens", "from", "until", "at", "unpriced")
    amounts = {name: {key: row[key] for key in keys if key in row} for name, row in rows.items()}
    return {**amounts, "complete_from": whole(money.get("complete_from"))}


def unpriced_in(row: Mapping[str, object]) -> set[str]:
    """Return the models of an amount whose price is unknown."""
    names = row.get("unpriced")
    return {each for each in names if isinstance(each, str)} if isinstance(names, list) else set()


def render_money(
    money: Mapping[str, object],
    account: str,
    now: float,
    options: Options,
    width: int,
    *,
    colored: bool,
) -> list[str]:
    """Return a line for each amount and one about all of them; none where nothing is known."""
    rows = spent_now(money, account, now)
    if not rows:
        return []
    texts, styles = [], []
    for name, row in rows.items():
        mark, budget = mark_of(unpriced_in(row)), options.budget.get(BUDGETS.get(name, name))
        usd = number(row["usd"]) or 0.0
        share = f"{mark}{percent_text(usd / budget * 100)} of ${budget:,.2f}" if budget else ""
        texts.append((name, f"{mark}${usd:,.2f}", f"{token_text(number(row['tokens']) or 0)} tokens", share))
        styles.append(STYLES[options.level(usd / budget * 100)] if budget else "")
    widest = max(len(each[1]) for each in texts)
    table = align([(name, usd.rjust(widest), *rest) for name, usd, *rest in texts])
    lines = [
        render_line(
            [(INDENT + name + GAP, BOLD), (usd + GAP, style), (tokens + GAP, ""), (share, style)],
            width,
            colored=colored,
        )
        for (name, usd, tokens, share), style in zip(table, styles, strict=True)
    ]
    about = wrap_words(_about(money, rows, now, options), width, INDENT)
    return [*lines, *(paint(line, DIM, colored=colored) for line in about)]


def _about(money: Mapping[str, object], rows: Mapping[str, dict[str, object]], now: float, options: Options) -> str:
    since = whole(money.get("complete_from"))
    text = "at list prices, on this machine"
    if since is not None:
        text += f", complete since {date_text(since, options.zone)}"
    times = [number(row.get("at")) or now for row in rows.values()]
    if max(times) > now + AHEAD_S:
        return f"{text}, {age_label(max(times), now)}"
    return f"{text}, as of {ago_text(now - min(times))}" if now - min(times) > STALE_S else text
