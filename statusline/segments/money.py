"""What was spent on this machine at list prices, over all sessions: by day, block, week, month and branch."""

from cache.model.jsonio import mapping, number, whole
from statusline.segments.segment import Segment, token_text
from statusline.segments.usage import MONEY_AT_MOST, age_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

LEAST_USD = 0.005
BUDGETS = {"today": "day"}  # by segment, where they differ: the name in `budget`


def today(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``today $6.10``: what all sessions on this machine cost today, at list prices; ``budget`` gives it a level.

    Option ``unit``: ``usd``, ``tokens`` or ``both``.
    """
    return spent_segment("today", snapshot, now, options)


def block(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``block $2.10``: what they cost in the running five-hour window."""
    is_mine = snapshot.money.get("account") == snapshot.account
    return spent_segment("block", snapshot, now, options) if is_mine else None


def week(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``week $31.20``: what they cost this week, since Monday."""
    return spent_segment("week", snapshot, now, options)


def month(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``month $84.00``: what they cost this month."""
    return spent_segment("month", snapshot, now, options)


def branch_cost(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``feat/login $12.40``: what the branch cost in this checkout, as far back as transcripts were read."""
    usd, name = snapshot.branch_usd, snapshot.branch
    if usd is None or not name or not LEAST_USD <= usd < MONEY_AT_MOST:
        return None
    mark = "~" if "branch" in snapshot.estimated else ""
    return Segment([("branch", name), ("detail", " "), ("cost", f"{mark}${usd:.2f}")])


def spent_segment(name: "str", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """Return an amount with its age, and with the day from which on it is known where that is later than its start.

    ``~$6.10`` is an estimate: a model in it has no known price.
    Silent once its time is over: after midnight until the transcripts were read again.
    """
    row = mapping(snapshot.money.get(name))
    usd, tokens = number(row.get("usd")), whole(row.get("tokens"))
    start, end = whole(row.get("from")), whole(row.get("until"))
    if usd is None or tokens is None or start is None or end is None or not start <= now < end:
        return None
    if not LEAST_USD <= usd < MONEY_AT_MOST or tokens <= 0:
        return None
    budget = options.budget.get(BUDGETS.get(name, name))
    level = options.level(usd / budget * 100) if budget else None
    unit = options.get("unit")
    mark = "~" if row.get("unpriced") else ""
    texts = [f"{mark}${usd:.2f}"] if unit != "tokens" else []
    if unit in ("tokens", "both"):
        texts.append(token_text(tokens))
    amount = ("value" if level else "cost", " ".join(texts))
    since = whole(snapshot.money.get("complete_from"))
    details = {"since": [("detail", f" since {options.date(since)}")]} if since is not None and since > start else None
    segment = Segment([("label", f"{name} "), amount], details, level=level)
    segment.age = age_text(whole(row.get("at")), now)
    return segment
