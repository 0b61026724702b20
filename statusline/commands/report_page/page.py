"""The report as one HTML page: built as a tree of elements, so that no text can become markup."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, indent, tostring

from statusline.commands.report_page.charts import add, curve_chart, day_chart, hour_chart, share_bar, week_chart
from statusline.commands.report_page.style import STYLE
from statusline.commands.report_page.wording import (
    clean,
    counted,
    date_of_row,
    describe_curve,
    describe_hours,
    describe_money,
    describe_report,
    describe_week,
    name_of,
    spent_text,
    title,
)
from statusline.segments.segment import token_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cache.money.ledger import Spent
    from statusline.commands.report_page.facts import Facts

# How a report begins; a file that begins otherwise is not overwritten unless it is named.
BEGIN = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="hudline report">
"""
ROWS_AT_MOST = 12  # of a table of names; the rest is one row

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


def render_page(facts: Facts) -> str:
    """Return the whole page. It loads nothing and runs nothing; only its own styles are allowed."""
    page = Element("html", lang="en")
    head = add(page, "head")
    add(head, "meta", charset="utf-8")
    add(head, "meta", name="generator", content="hudline report")
    add(head, "meta", http_equiv="Content-Security-Policy", content=POLICY)
    add(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    add(head, "meta", name="color-scheme", content="light dark")
    add(head, "meta", name="referrer", content="no-referrer")
    add(head, "title", f"Claude Code usage, {title(facts)}")
    add(head, "style", STYLE)
    body = add(add(page, "body"), "main")
    add(body, "h1", "Claude Code usage")
    add(body, "p", describe_report(facts), class_="about")
    _add_week(body, facts)
    _add_curves(body, facts)
    _add_money(body, facts)
    known = " where they are known" if facts.money is not None and facts.money.total.unpriced else ""
    prices = f"Amounts are at list prices{known}."
    add(body, "footer", f"Made by statusline report. {prices} This file has names of your projects.")
    indent(page, space="")  # a line for each element
    return "<!DOCTYPE html>\n" + tostring(page, encoding="unicode", method="html") + "\n"


def _add_week(body: Element, facts: Facts) -> None:
    if facts.week is None:
        return
    section, text = _section(body, "Pace of the week"), describe_week(facts.week, facts)
    week_chart(section, "week", "Pace of the week", text, facts.week, facts)
    add(section, "p", text)
    counts = "" if facts.week.counted == "time" else f", which counts {counted(facts.week, facts)}"
    add(section, "p", f"Dashed: an even pace{counts}. Upright line: now.", class_="key")


def _add_curves(body: Element, facts: Facts) -> None:
    if not facts.curves:
        return
    section = _section(body, "Limits")
    for number, curve in enumerate(facts.curves):
        label, text = clean(curve.label), describe_curve(curve, facts)
        add(section, "h3", label)
        curve_chart(section, f"limit-{number}", f"Limit {label}", text, curve, facts)
        add(section, "p", text)
    add(
        section,
        "p",
        "Triangle: limit reached, once or more. Tick below: reset. Readings are kept for 30 days.",
        class_="key",
    )


def _add_money(body: Element, facts: Facts) -> None:
    money = facts.money
    if money is None or not money.days:
        add(_section(body, "Money"), "p", facts.why or "No answers in the transcripts of these days.")
        return
    text = describe_hours(facts)
    if text:
        section = _section(body, "Busiest hours")
        hour_chart(section, "hours", "Busiest hours of the week", text, facts)
        add(section, "p", f"{text} The larger a dot, the more was spent in that hour, over all weeks.")
    section, text = _section(body, "Money by day"), describe_money(facts)
    day_chart(section, "days", "Money by day", text, facts)
    add(section, "p", text)
    details = add(section, "details")
    add(details, "summary", "All days")
    _add_table(details, "Day", [(date_of_row(each, facts), each) for each in reversed(money.days)], shares=False)
    for heading, rows in (("project", money.projects), ("branch", money.branches), ("model", money.models)):
        section = _section(body, f"Money by {heading}")
        _add_table(section, heading.title(), _first([(name_of(each.key, facts.home), each) for each in rows]))


def _first(rows: list[tuple[str, Spent]]) -> list[tuple[str, Spent]]:
    """Return the first rows, and the sum of the others."""
    shown, others = rows[:ROWS_AT_MOST], rows[ROWS_AT_MOST:]
    if not others:
        return shown
    (_, rest), *more = others
    for _, each in more:
        rest += each
    return [*shown, (f"{len(others)} others", rest)]


def _add_table(parent: Element, heading: str, rows: Sequence[tuple[str, Spent]], *, shares: bool = True) -> None:
    table = add(parent, "table")
    head = add(add(table, "thead"), "tr")
    for name, class_ in ((heading, "name"), ("Spent", "number"), ("Tokens", "number"), ("Answers", "number more")):
        add(head, "th", name, scope="col", class_=class_)
    most = max((each.dollars for _, each in rows), default=0.0) or 1.0
    body = add(table, "tbody")
    for name, each in rows:
        row = add(body, "tr")
        cell = add(row, "th", scope="row", class_="name")
        add(cell, "span", name)
        if shares:
            share_bar(cell, each.dollars / most)
        add(row, "td", spent_text(each), class_="number")
        add(row, "td", token_text(each.all_tokens), class_="number")
        add(row, "td", f"{each.answers:,}", class_="number more")


def _section(body: Element, heading: str) -> Element:
    section = add(body, "section")
    add(section, "h2", heading)
    return section
