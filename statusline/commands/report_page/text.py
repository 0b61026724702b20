"""The report for the terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from statusline.commands.cost_page.table import render_table
from statusline.commands.report_page.wording import (
    clean,
    describe_curve,
    describe_hours,
    describe_money,
    describe_report,
    describe_week,
)
from statusline.commands.support.terminal import BOLD, DIM, render_line
from statusline.render.width import cells

if TYPE_CHECKING:
    from cache.money.ledger import Spent
    from statusline.commands.report_page.facts import Facts
    from statusline.commands.usage_page.bars import BarStyle

ROWS_AT_MOST = 12  # of a table of names
DAYS_AT_MOST = 31


def render_text(facts: Facts, width: int, bars: BarStyle, *, colored: bool) -> list[str]:
    """Return the lines to print, none wider than ``width`` cells."""
    about = describe_report(facts)
    lines = [render_line([(about, BOLD)], width, colored=colored)]

    def say(heading: str, *sentences: str) -> None:
        lines.extend(["", render_line([(heading, BOLD)], width, colored=colored)])
        lines.extend(line for each in sentences for line in textwrap.wrap(each, width))

    if facts.week is not None:
        say("Pace of the week", describe_week(facts.week, facts))
    for curve in facts.curves:
        label = clean(curve.label)
        say(f"Limit {label}")
        course = bars.sparkline(curve.course, curve.start, curve.end, max(width - cells("0% "), 1))
        lines.append(render_line([(course, DIM)], width, colored=colored))
        lines.extend(textwrap.wrap(describe_curve(curve, facts), width))
    if facts.money is None or not facts.money.days:
        say("Money", facts.why or "No answers in the transcripts of these days.")
        return lines
    busiest = describe_hours(facts)
    if busiest:
        say("Busiest hours", busiest)
    say("Money", describe_money(facts))
    by = {"day": facts.money.days[-DAYS_AT_MOST:], "project": facts.money.projects, "model": facts.money.models}
    for key, rows in {**by, "branch": facts.money.branches}.items():
        say(f"By {key}")
        lines.extend(_table(rows if key == "day" else rows[:ROWS_AT_MOST], facts, width, colored=colored))
    return lines


def _table(rows: list[Spent], facts: Facts, width: int, *, colored: bool) -> list[str]:
    """Return the rows; the total is above."""
    return render_table(rows, rows[0], facts.home, width, colored=colored)[:-1]
