"""The page of ``statusline usage``: a row per limit, then sentences about the rest."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cache.model.jsonio import number, whole
from cache.model.limits import SPEND, is_reached, resumes_at
from cache.model.run_out import outs_of
from cache.model.windows import ESTIMATE, FIVE_HOUR, LABELS, OAUTH, PLAN_WIDE, to_minute
from cache.usage.projection import has_history, pace_of
from statusline.commands.support.terminal import BOLD, DIM, paint, render_line, wrap_words
from statusline.commands.support.unpriced import price_sentence
from statusline.commands.usage_page.format import SOURCES, age_label, percent_label, source_text, spend_text
from statusline.commands.usage_page.known_numbers import failure_of
from statusline.commands.usage_page.layout import GAP, SPARKLINE, Row, legend, render_limits
from statusline.commands.usage_page.money_rows import render_money, spent_now, unpriced_in
from statusline.render.sanitize import sanitize
from statusline.render.timefmt import span_text
from statusline.segments.pace import AHEAD, elapsed_of, points_of
from statusline.segments.segment import Options, percent_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cache.model.windows import Window
    from cache.sources.claude.mcp import McpLogin
    from cache.usage.history import Sample
    from statusline.commands.usage_page.bars import BarStyle
    from statusline.commands.usage_page.estimate_trust import Trust
    from statusline.commands.usage_page.known_numbers import KnownUsage


@dataclass(frozen=True)
class Page:
    """The contents of the page at ``now``; ``history`` has the samples of each window since its start.

    ``failed`` is a sentence about a failed refresh just before, if any; ``trust`` is how good the estimates are, None
    if nothing was learned; ``options`` has the budget, and the hours and zone of times.
    """

    usage: KnownUsage
    now: float
    history: Mapping[str, Sequence[Sample]]
    mcp: Sequence[McpLogin] = ()
    failed: str | None = None
    trust: Trust | None = None
    options: Options = field(default_factory=Options)

    @property
    def binds(self) -> str | None:
        """The limit that is reached first with any model, by its id or ``spend``; None if there is only one limit.

        A limit of an unknown kind comes first once it is reached: the endpoint calls it the active one.
        """
        usage = self.usage
        reached = [each.id for each in usage.others.values() if is_reached(each)]
        several = len(usage.windows) + bool(usage.spend) + len(usage.others) > 1
        return (reached[0] if reached else usage.first(None, self.now)) if several else None

    @property
    def runs_out(self) -> Mapping[str, int]:
        """When windows are full at the recent pace: epoch seconds by id."""
        return outs_of(self.usage.windows, self.usage.projections, self.now)

    @property
    def expected(self) -> Mapping[str, float]:
        """The percentage that each window would have by now at an even pace, by id, as far as that is known."""
        usage = self.usage
        shares = {id_: elapsed_of(each, self.now, self.options, usage.expected) for id_, each in usage.windows.items()}
        return {id_: 100 * share for id_, share in shares.items() if share is not None}

    @property
    def expected_from(self) -> str:
        """What the pace of a week counts: ``week``, the setting, ``history``, or ``time``, every hour alike.

        What was learned counts where it fits a week that is shown.
        """
        if self.options.week:
            return "week"
        even = replace(self, usage=replace(self.usage, expected=None))
        return "history" if self.usage.expected and self.expected != even.expected else "time"


def render_page(page: Page, width: int, bars: BarStyle, *, colored: bool, wraps: bool) -> list[str]:
    """Return the lines to print, none wider than ``width`` cells; the sentences at the end only if ``wraps``."""
    rows = rows_of(page, bars)
    title, key = sanitize(page.usage.plan) if page.usage.plan and rows else "", legend(rows, bars)
    lines = [render_line([(title, BOLD)], width, colored=colored)] if title else []
    lines += render_limits(rows, width, bars, colored=colored)
    lines += [paint(line, DIM, colored=colored) for line in wrap_words(key, width, hanging=GAP)]
    spent = render_money(page.usage.money, page.usage.account, page.now, page.options, width, colored=colored)
    lines += [*([""] if lines and spent else []), *spent]
    about_limits = (_reached_sentence(page), pace_sentence(page), _trust(page))
    sentences = [each for each in (*about_limits, _prices(page), mcp_sentence(page.mcp), _why(page)) if each]
    if wraps:
        sentences = [line for each in sentences for line in textwrap.wrap(each, width, break_on_hyphens=False)]
    return [*lines, *([""] if lines and sentences else []), *sentences]


def rows_of(page: Page, bars: BarStyle) -> list[Row]:
    """Return a row per window (plan-wide ones first), one for the spend, and one per limit of an unknown kind."""
    usage, windows = page.usage, page.usage.windows
    ids = order_ids({**windows, **usage.spent})
    rows = [_window_row(page, windows[id_], bars) if id_ in windows else _spent_row(page, id_) for id_ in ids]
    rows += [_spend_row(page)] if usage.spend else []
    return rows + [_window_row(page, each, bars) for each in usage.others.values()]


def order_ids(windows: Mapping[str, object]) -> list[str]:
    """Return the ids of windows in display order: 5h, 7d, then the models by name."""
    return sorted(windows, key=lambda id_: (id_ not in PLAN_WIDE, id_))


def _window_row(page: Page, window: Window, bars: BarStyle) -> Row:
    began_at = (window.resets_at or page.now) - pace_of(window.id).length_s
    return Row(
        label=sanitize(window.label),
        percent=window.percent,
        shown=percent_label(window),
        until=_until(page, window),
        source=sanitize(source_text(window, page.now)),
        course=bars.sparkline(page.history.get(window.id, ()), began_at, page.now, SPARKLINE),
        outlook=_outlook(page, window),
        binds=window.id == page.binds,
    )


def _until(page: Page, window: Window) -> str:
    if window.resets_at is not None:
        return f"resets {_moment(page, window.resets_at)}"
    return "reset unknown" if window.percent > 0 else "not started"


def _outlook(page: Page, window: Window) -> str:
    """Return when a window is full, for a week only the day; else how far it is from an even pace, as on the line."""
    if is_reached(window):
        return "limit reached"
    at, expected = page.runs_out.get(window.id), page.expected.get(window.id)
    if at is not None:
        return f"out {page.options.clock(at, page.now) if window.id == FIVE_HOUR else page.options.day(at)}"
    if expected is None:
        return ""
    points = points_of(window.percent, expected / 100)
    return "on pace" if abs(points) <= AHEAD else f"{abs(points)} {'ahead' if points > 0 else 'behind'}"


def _moment(page: Page, at: float) -> str:
    return f"{page.options.clock(to_minute(at), page.now)}, in {span_text(at - page.now)}"


def _spent_row(page: Page, id_: str) -> Row:
    """Return a row for a window without a known percentage: the money spent on this machine."""
    text = f"{'~' if id_ in page.usage.estimated else ''}${page.usage.spent[id_]:.2f} spent here"
    return Row(label=sanitize(LABELS.get(id_, id_)), percent=None, shown="", until=text)


def _spend_row(page: Page) -> Row:
    spend, percent = page.usage.spend, number(page.usage.spend.get("percent"))
    observed_at, unlimited = whole(spend.get("observed_at")), "no limit" if spend.get("uncapped") is True else ""
    return Row(
        label="spend",
        percent=percent,
        shown="" if percent is None else percent_text(percent),
        until=sanitize(", ".join([each for each in (spend_text(spend), unlimited) if each])),
        source="" if observed_at is None else f"{SOURCES[OAUTH]}, {age_label(observed_at, page.now)}",
        outlook="limit reached" if percent is not None and percent >= 100 else "",
        binds=page.binds == SPEND,
    )


def _reached_sentence(page: Page) -> str | None:
    """Return when a reached limit resets, unless money is spent beyond the plan."""
    binds = page.usage.first(None, page.now)
    at = resumes_at(page.usage.windows, binds)
    if at is None or binds == SPEND:
        return None
    return f"A limit is reached. It resets {_moment(page, at)}."


def pace_sentence(page: Page) -> str | None:
    """Return what the outlook follows where nothing is projected, and what the pace counts; None without a pace."""
    windows = page.usage.windows
    paced = [id_ for id_ in page.expected if not is_reached(windows[id_]) and id_ not in page.runs_out]
    if not paced:
        return None
    is_new = not any(has_history(page.history.get(id_, ()), windows[id_]) for id_ in paced)
    subject = "Too few readings for a forecast: ahead" if is_new else "Ahead"
    text = f"{subject} and behind are points from an even pace"
    counted = {
        "week": f"your working time ({sanitize(page.options.week or '')})",
        "history": "the hours when you usually work",
        "time": "every hour",
    }
    is_weekly = any(id_ != FIVE_HOUR for id_ in paced)
    return f"{text}, which in a week counts {counted[page.expected_from]}." if is_weekly else f"{text}."


def _trust(page: Page) -> str | None:
    """Return how good the estimates are if one is shown, or if much of the use is elsewhere."""
    is_shown = any(each.source == ESTIMATE for each in page.usage.windows.values())
    return page.trust.sentence if page.trust and (is_shown or page.trust.elsewhere) else None


def _prices(page: Page) -> str | None:
    """Return that a model's price is unknown, if an amount is marked for that."""
    usage = page.usage
    rows = spent_now(usage.money, usage.account, page.now).values()
    unpriced = {model for row in rows for model in unpriced_in(row)}
    marked = [id_ for id_ in usage.estimated if id_ not in usage.windows]
    return price_sentence(unpriced) if unpriced or marked else None


def _why(page: Page) -> str | None:
    """Return why numbers are missing or old, what to do, and when the next attempt is due."""
    usage = page.usage
    if page.failed:
        return f"{page.failed[0].upper()}{page.failed[1:]}"
    if usage.problem is None or not failure_of(usage.problem).asked or usage.due_at <= page.now:
        return usage.sentence
    return f"{usage.sentence} Next attempt at {page.options.clock(usage.due_at, page.now)}."


def mcp_sentence(logins: Sequence[McpLogin]) -> str | None:
    """Return which MCP servers need a sign-in, by name; None if no server has a login."""
    if not logins:
        return None
    broken = [each for each in logins if each["state"] != "ok" and not (each["state"] == "expired" and each["renews"])]
    if not broken:
        return f"MCP logins: {len(logins)} ok."
    text = ", ".join(f"{sanitize(each['name'])} {each['state']}" for each in broken)
    return f"MCP logins: {text}. Run /mcp in `claude` to sign in."
