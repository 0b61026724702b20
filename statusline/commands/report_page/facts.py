"""Everything that the report shows, read once: readings of the limits, and money."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from cache.model.layout import HISTORY_FILE
from cache.model.limits import MODEL_WEEK
from cache.model.run_out import outs_of
from cache.model.windows import LABELS, PLAN_WIDE, SEVEN_DAY, span_of
from cache.money.ledger import HOUR, NOTHING, Spent, spent_by
from cache.money.periods import DAY_S, date_of, start_of, zone_of
from cache.sources.transcripts.coverage import complete_from
from cache.sources.transcripts.index import open_index
from cache.usage.history import KEPT_S, samples, window_ids
from cache.usage.projection import samples_of_window
from cache.work.failures import Failure
from statusline.commands.cost import since_of
from statusline.commands.cost_page.reading import read_all
from statusline.commands.report_page.curves import curve_of
from statusline.commands.support.plain_text import one_line
from statusline.commands.usage_page.all_accounts import known_accounts
from statusline.commands.usage_page.known_numbers import known_usage
from statusline.segments.pace import elapsed_of, passed_share

if TYPE_CHECKING:
    from datetime import tzinfo

    from cache.model.windows import Window
    from cache.work.request import Request
    from statusline.commands.report_page.curves import Curve
    from statusline.commands.usage_page.known_numbers import KnownUsage
    from statusline.segments.segment import Options

WINDOWS_AT_MOST = 12  # curves
SAME_PERCENT = 0.01
COURSE_STEP_S = 1800  # working time begins and ends at whole or half hours; on the chart a quarter is one pixel


@dataclass(frozen=True)
class Money:
    """What was spent on this machine at list prices, by key of the ledger; ``complete``: nothing is missing since."""

    days: list[Spent]
    projects: list[Spent]
    models: list[Spent]
    branches: list[Spent]
    hours: list[Spent]
    total: Spent
    complete: int | None


@dataclass(frozen=True)
class Week:
    """The running week: its window and readings, and when it is full at the recent pace (None: it lasts).

    ``curve`` is None without a reading in the history. ``passed`` is the share of the week that has passed, 0 to 1, and
    ``elapsed`` the same where there is a pace, as on the line. ``even`` is the course of an even pace, as epoch seconds
    and percent. What these count is ``counted``: ``week``, the setting, ``history`` or ``time``, every hour alike.
    """

    window: Window
    start: int
    end: int
    runs_out: int | None
    curve: Curve | None
    elapsed: float | None
    passed: float
    even: list[tuple[float, float]]
    counted: str


@dataclass(frozen=True)
class Facts:
    """The contents of a report at ``now``, which begins at ``start``; epoch seconds.

    ``zone`` and ``hours`` (12 or 24) are how times are shown; ``account`` is the user's name for the account. ``why``
    says what could not be read, and the next step. ``working_week`` is the setting ``week``, or empty.
    """

    now: int
    start: int
    zone: str = "local"
    hours: int = 24
    home: str = ""
    account: str = ""
    plan: str = ""
    curves: list[Curve] = field(default_factory=list)
    week: Week | None = None
    money: Money | None = None
    why: str = ""
    working_week: str = ""

    @property
    def anything(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.curves or self.week or (self.money and self.money.days))

    @property
    def dates(self) -> list[str]:
        """All days from the first to the last, as ``2026-11-29``."""
        zone = zone_of(self.zone)
        first, last = date_of(self.start, zone).toordinal(), date_of(self.now, zone).toordinal()
        return [date_of(self.now, zone).fromordinal(day).isoformat() for day in range(first, last + 1)]

    def moment_of(self, day: str) -> int:
        """Return when a day of ``dates`` begins, epoch seconds."""
        zone = zone_of(self.zone)
        return start_of(date_of(self.now, zone).fromisoformat(day), zone)


def read_facts(request: Request, now: float, days: int, options: Options) -> Facts:
    """Read transcripts and history; never fails: what cannot be read is missing, and ``why`` says so.

    ``options`` have the zone and the hours of times, and the working week.
    """
    zone = zone_of(options.zone)
    start = since_of(f"{days}d", now, zone)
    usage = known_usage(request.env, now)
    money, why = _read_money(request, now, start, zone)
    return Facts(
        now=int(now),
        start=start,
        zone=options.zone,
        hours=12 if options.hours == 12 else 24,
        home=request.env.get("HOME", ""),
        account=next((each.name for each in known_accounts(now, request.env) if each.is_signed_in), ""),
        plan=usage.plan or "",
        curves=_curves(usage, start, int(now)),
        week=_week(usage, int(now), options),
        money=money,
        why=why,
        working_week=options.week or "",
    )


def _read_money(request: Request, now: float, start: int, zone: tzinfo | None) -> tuple[Money | None, str]:
    try:
        index, prices = read_all(request, now)
        with open_index(index, prices) as store:
            days, projects, models, branches, hours = (
                spent_by(store, key, start, now + DAY_S, zone) for key in ("day", "project", "model", "branch", HOUR)
            )
            money = Money(days, projects, models, branches, hours, sum(days, NOTHING), complete_from(store, now))
    except Failure as failure:
        reason = f"{failure.label}: {failure}" if str(failure) else failure.label
        return None, one_line(f"The transcripts cannot be read: {reason}. {failure.next_step}")
    return money, ""


def _curves(usage: KnownUsage, start: int, now: int) -> list[Curve]:
    path, begin = usage.place / HISTORY_FILE, max(start, now - KEPT_S)
    ids = sorted(window_ids(path, usage.account), key=lambda id_: (id_ not in PLAN_WIDE, id_))[:WINDOWS_AT_MOST]
    found = [
        curve_of(id_, _label(usage, id_), samples(path, usage.account, id_, begin - span_of(id_)), begin, now)
        for id_ in ids
    ]
    return [each for each in found if each is not None]


def _label(usage: KnownUsage, id_: str) -> str:
    window = usage.windows.get(id_)
    return window.label if window else LABELS.get(id_) or id_.removeprefix(MODEL_WEEK)


def _week(usage: KnownUsage, now: int, options: Options) -> Week | None:
    window = usage.windows.get(SEVEN_DAY)
    if window is None or window.resets_at is None:
        return None
    start = window.resets_at - span_of(SEVEN_DAY)
    known = samples_of_window(samples(usage.place / HISTORY_FILE, usage.account, SEVEN_DAY, start), window)
    out = outs_of(usage.windows, usage.projections, now).get(SEVEN_DAY)
    curve = curve_of(SEVEN_DAY, window.label, known, start, now)
    return week_of(window, window.resets_at, now, options, usage.expected, runs_out=out, curve=curve)


def week_of(
    window: Window,
    end: int,
    now: int,
    options: Options,
    expected: object = None,
    *,
    runs_out: int | None = None,
    curve: Curve | None = None,
) -> Week:
    """Return the week of a window that ends then, with the pace of the line; ``expected`` as in `KnownUsage`."""
    start = end - span_of(SEVEN_DAY)
    moments = [*range(start, end, COURSE_STEP_S), end]
    even, by_time = (
        [(at, passed_share(SEVEN_DAY, end, at, options, points) * 100) for at in moments] for points in (expected, None)
    )
    return Week(
        window=window,
        start=start,
        end=end,
        runs_out=runs_out,
        curve=curve,
        elapsed=elapsed_of(window, now, options, expected),
        passed=min(max(passed_share(SEVEN_DAY, end, now, options, expected), 0.0), 1.0),
        even=without_straight(even),
        counted="week" if options.week else "time" if even == by_time else "history",
    )


def without_straight(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points without those on a straight line between their neighbors."""
    kept = points[:1]
    for (at, percent), (next_at, next_percent) in pairwise(points[1:]):
        last_at, last_percent = kept[-1]
        between = last_percent + (next_percent - last_percent) * (at - last_at) / (next_at - last_at)
        if abs(percent - between) > SAME_PERCENT:
            kept.append((at, percent))
    return [*kept, *points[1:][-1:]]
