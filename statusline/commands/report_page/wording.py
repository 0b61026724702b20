"""The sentences of the report, for the page and the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.clock import clock_text, date_text, day_text
from cache.model.limits import FULL
from cache.model.windows import ESTIMATE, reaches, to_minute
from cache.readings.snapshot import is_stale
from cache.work.redact import scrub
from statusline.commands.cost_page.table import UNKNOWN, short
from statusline.commands.support.unpriced import mark_of, price_sentence
from statusline.commands.usage_page.format import ago_text
from statusline.render.sanitize import sanitize
from statusline.segments.pace import points_of
from statusline.segments.segment import percent_text

if TYPE_CHECKING:
    from cache.model.windows import Window
    from cache.money.ledger import Spent
    from statusline.commands.report_page.curves import Curve
    from statusline.commands.report_page.facts import Facts, Week

LISTED = 6  # times that a sentence names
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def clean(text: str) -> str:
    """Return a text from outside without secrets, control characters and anything endless."""
    return sanitize(scrub(text))


def name_of(key: tuple[str, ...], home: str) -> str:
    """Return the names of a row of the ledger as one text."""
    return " · ".join(clean(short(name, home)) if name else UNKNOWN for name in key)


def dollars(amount: float) -> str:
    """Return ``$1,234.50``."""
    return f"${amount:,.2f}"


def spent_text(spent: Spent) -> str:
    """Return ``$1,234.50``, or ``~$1,234.50`` where a model's price is unknown."""
    return f"{mark_of(spent.unpriced)}{dollars(spent.dollars)}"


def when(at: float, facts: Facts) -> str:
    """Return ``12 Nov 14:05``."""
    return f"{date_text(at, facts.zone)} {clock_text(at, at, facts.hours, facts.zone)}"


def hour_text(hour: int, hours: int) -> str:
    """Return an hour of the day, 0 to 24, as ``14:00`` or ``2pm``."""
    return f"{hour:02d}:00" if hours == 24 else f"{(hour + 11) % 12 + 1}{'pm' if 12 <= hour < 24 else 'am'}"


def date_of_row(spent: Spent, facts: Facts) -> str:
    """Return weekday and date of a row of the ledger by day, as ``Sun 29 Nov``."""
    at = facts.moment_of(spent.key[0])
    return f"{day_text(at, facts.zone)} {date_text(at, facts.zone)}"


def title(facts: Facts) -> str:
    """Return the time that the report is about."""
    return f"{date_text(facts.start, facts.zone)} to {when(facts.now, facts)}"


def describe_report(facts: Facts) -> str:
    """Return what the report is about: its days, the account and the plan."""
    return " · ".join([title(facts), *(clean(each) for each in (facts.account, facts.plan) if each)])


def describe_curve(curve: Curve, facts: Facts) -> str:
    """Return what a curve shows: its peak, when the limit was reached, and its resets."""
    peak = f"Highest {percent_text(curve.peak.percent)} ({when(curve.peak.at, facts)})."
    resets = f"{curve.reset_count} {'reset' if curve.reset_count == 1 else 'resets'}."
    if not curve.hit_count:
        before = "was reached before" if reaches(curve.peak.percent, FULL) else "was not reached"
        return f"{peak} The limit {before}. {resets}"
    named = ", ".join(when(at, facts) for at in curve.hits[-LISTED:])
    times = "once" if curve.hit_count == 1 else f"{curve.hit_count} times"
    last = "" if curve.hit_count <= LISTED else "last "
    return f"{peak} Limit reached {times}: {last}{named}. {resets}"


def describe_week(week: Week, facts: Facts) -> str:
    """Return how the running week compares with an even pace, as on the line, and whether it lasts."""
    start = _describe_use(week.window, facts.now)
    if week.elapsed is not None or not is_stale(week.window, facts.now):
        verb = "have" if week.counted == "history" else "has"
        share = percent_text(100 * week.passed)
        start += f", and {share} of {counted(week, facts)} {verb} passed{_describe_pace(week)}"
    reset = f"It resets {day_text(to_minute(week.end), facts.zone)}, {when(to_minute(week.end), facts)}."
    if reaches(week.window.percent, FULL):
        return f"{start}. The limit is reached. {reset}"
    out = f" At the recent pace it is used up on {day_text(week.runs_out, facts.zone)}." if week.runs_out else ""
    return f"{start}.{out} {reset}"


def counted(week: Week, facts: Facts) -> str:
    """Return what the pace of the week counts."""
    if week.counted == "week":
        return f"your working time ({clean(facts.working_week)})"
    return "the hours when you usually work" if week.counted == "history" else "the week"


def _describe_use(window: Window, now: float) -> str:
    """Return how much was used; with the age of an old number, and when one of unknown age was first seen."""
    text, ago = percent_text(window.percent), ago_text(now - window.observed_at)
    if window.source == ESTIMATE:
        return f"An estimated {text} is used"
    if not window.age_known:
        return f"{text} was used at an unknown time, first seen {ago}"
    return f"{text} was used as of {ago}" if is_stale(window, now) else f"{text} is used"


def _describe_pace(week: Week) -> str:
    """Return how far the use is from an even pace; empty where the line has no pace."""
    if week.elapsed is None:
        return ""
    points = points_of(week.window.percent, week.elapsed)
    if points == 0:
        return ": an even pace"
    unit = "point" if abs(points) == 1 else "points"
    return f": {abs(points)} {unit} {'ahead of' if points > 0 else 'behind'} an even pace"


def describe_hours(facts: Facts) -> str:
    """Return the three hours of the week in which most was spent, empty without money."""
    dearest = [each for each in facts.money.hours[:3] if each.dollars > 0] if facts.money else []
    names = [
        f"{DAYS[int(each.key[0])]} {hour_text(int(each.key[1]), facts.hours)} ({spent_text(each)})" for each in dearest
    ]
    return f"Busiest: {', '.join(names)}." if names else ""


def describe_money(facts: Facts) -> str:
    """Return the total, since when it is complete, and why it is an estimate, if it is one."""
    if facts.money is None:
        return facts.why
    total, complete = facts.money.total, facts.money.complete
    text = f"{spent_text(total)} at list prices, {total.answers:,} answers, on this machine."
    if complete is not None and complete > facts.start:
        text = f"{text} Complete since {date_text(complete, facts.zone)}."
    return f"{text} {price_sentence(total.unpriced)}" if total.unpriced else text
