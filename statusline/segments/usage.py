"""How full the plan's windows are, what is spent beyond it, and whether it lasts."""

from cache.model.billing import payer_of
from cache.model.jsonio import number, whole, words
from cache.model.lenient import parse_percent
from cache.model.limits import SPEND, ends_at, is_reached, model_window
from cache.model.run_out import first_limit, outs_of
from cache.model.windows import AHEAD_S, ESTIMATE, LABELS, STDIN, Window, round_down
from cache.readings.snapshot import STALE_S
from statusline.render.timefmt import span_text
from statusline.segments.pace import AHEAD, elapsed_of, points_of
from statusline.segments.segment import CALM, PACE, WARN, Segment, percent_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

TOGETHER_APART_S = 3600  # two weeks that end this close end together
LONGEST_WAIT_S = 8 * 86400  # no window is longer than a week
MONEY_AT_MOST = 10**9  # a larger number is no amount


def five_hour(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``5h 42% ↻1h58m``: the five-hour window, with ``▲6`` where it is 6 points ahead of an even pace.

    ``5h $0.16`` where no percentage is known: what was spent on this machine in the window.
    """
    return plan_window("five_hour", snapshot, now, options)


def seven_day(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``7d 61% ↻4d15h``: the weekly window, with ``▲6`` where it is 6 points ahead of an even pace."""
    return plan_window("seven_day", snapshot, now, options)


def plan_window(id_: "str", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """Return one of the two windows that count for every model; when it is out, if it is projected to be."""
    window = snapshot.windows.get(id_)
    if window is None:
        return spent_here(id_, snapshot)
    out_at = outs_of(snapshot.windows, snapshot.projections, now).get(id_) if snapshot.projections else None
    return window_segment(window, now, options, out_at=out_at, expected=snapshot.expected)


def model_week(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``Fable 36%``: the weekly limit of the model in use, if any; with its reset if that is not the week's."""
    window, week = model_window(snapshot.windows, session.model), snapshot.windows.get("seven_day")
    if window is None:
        return None
    together = week is not None and abs(ends_at(window) - ends_at(week)) <= TOGETHER_APART_S
    with_reset = is_reached(window) or not together
    return window_segment(window, now, options, with_reset=with_reset, expected=snapshot.expected)


def spend(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``spend $40.01/$50``: money beyond the plan; silent while there is none, unless nothing else limits the login.

    It has a level only where it is what ends work, or what work goes on with: until the plan's windows are full nothing
    is taken from it. From then on it is a warning at least. A gateway's own limit, which stdin reports, is
    ``spend 45%``.
    """
    texts = spend_texts(snapshot.spend)
    if not texts:
        return _gateways_limit(session, now, options)
    counts = first_limit(snapshot.windows, snapshot.spend, snapshot.projections, session.model, now) == SPEND
    percent = number(snapshot.spend.get("percent")) or 0
    if snapshot.windows and not counts and not (number(snapshot.spend.get("used")) or percent):
        return None
    level = options.level(percent) if counts else None
    if level == CALM and snapshot.windows:
        level = WARN
    # Of money that is not what ends work, the limit can wait for room.
    of_limit = texts[0][len(texts[-1]) :] if not counts and texts[0].startswith(texts[-1]) else ""
    details = {"limit": [("value", of_limit)]} if of_limit else None
    segment = Segment([("label", "spend "), ("value", texts[-1 if of_limit else 0])], details, level=level)
    segment.age = age_text(whole(snapshot.spend.get("observed_at")), now)
    return segment


def spend_texts(spend: "dict[str, object]") -> "list[str]":
    """Return how to say what is spent, the fullest first: ``$40.01/$50`` and ``$40.01``, or ``96%`` without an amount.

    ``no limit`` where not even that is known of money that has none; nothing where there is nothing to say.
    """
    used, limit = number(spend.get("used")), number(spend.get("limit"))
    if used is None:
        percent = parse_percent(spend.get("percent"))
        unlimited = ["no limit"] if spend.get("uncapped") is True else []
        return unlimited if percent is None else [percent_text(percent)]
    currency = words(spend.get("currency")) or ""
    if not 0 <= used < MONEY_AT_MOST:
        return []
    if limit is None or not 0 <= limit < MONEY_AT_MOST:
        return [money_text(used, currency)]
    amount = money_text(used, currency if currency == "USD" else "")
    return [f"{amount}/{money_text(limit, currency)}", money_text(used, currency)]


def _gateways_limit(session: "Session", now: "float", options: "Options") -> "Segment | None":
    percent = session.percent("rate_limits", "spend_limit", "used_percentage")
    at = session.moment("rate_limits", "spend_limit", "resets_at")
    if percent is None or (at is not None and at <= now):
        return None
    return window_segment(Window("spend", "spend", percent, at, STDIN, int(now)), now, options)


def provider(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``API key``: who is billed, if not a plan; also ``Bedrock``, ``Vertex``, ``Foundry``, ``AWS``, ``gateway``."""
    if snapshot.windows:
        return None
    payer = "API key" if snapshot.keyed else payer_of(session.setting)
    return Segment([("label", payer)]) if payer else None


def out_text(id_: "str", at: "float", now: "float", options: "Options") -> "str":
    """Return when a window is used up, such as ``16:40``, or ``Thu`` for a week; empty for a moment without a date."""
    if at >= now + LONGEST_WAIT_S:
        return ""
    return options.clock(at, now) if id_ == "five_hour" else options.day(at)


def window_segment(
    window: "Window",
    now: "float",
    options: "Options",
    *,
    with_reset: "bool" = True,
    out_at: "int | None" = None,
    expected: "object" = None,
) -> "Segment":
    """Return label, percentage, pace, reset and, where it matters, age or ``est`` of one window.

    ``out_at`` is when it is projected to be used up, epoch seconds; ``expected`` is that of a `Snapshot`.
    """
    percent, level, details = window.percent, options.level(window.percent), {}
    pieces = [("label", f"{window.label} "), ("value", percent_text(percent))]
    elapsed, age = None, ""
    if window.source == ESTIMATE:
        pieces[1:] = [("value", f"~{pieces[1][1]}"), ("detail", " est")]
    else:
        age, elapsed = age_text(window.observed_at, now), elapsed_of(window, now, options, expected)
    if elapsed is not None and not is_reached(window):
        points = points_of(percent, elapsed)
        if points > AHEAD:
            pieces += [("sign", "fast"), ("points", str(points))]
            level = PACE if level == CALM else level
        elif points < -AHEAD:
            details["slack"] = [("sign", "slow"), ("detail", str(-points))]
    if out_at is not None:
        text = out_text(window.id, out_at, now, options)
        details.update({"out": [("detail" if level == CALM else "points", f" out {text}")]} if text else {})
    ahead_s = 0 if window.resets_at is None else window.resets_at - now
    if with_reset and 0 < ahead_s < LONGEST_WAIT_S:
        details["reset"] = [("sign", "reset"), ("detail", options.reset(now + ahead_s, now))]
    segment = Segment(pieces, details, level=level, bar=percent, elapsed=elapsed)
    segment.age = age
    return segment


def spent_here(id_: "str", snapshot: "Snapshot") -> "Segment | None":
    """Return ``5h $0.16``: dollars at list prices, where no percentage of the window is known; without a level."""
    usd = snapshot.spent.get(id_, 0)
    if not 0.005 <= usd < MONEY_AT_MOST:
        return None
    # As all that was spent here, such as `today`. Only amounts that have a limit are rounded down.
    mark = "~" if id_ in snapshot.estimated else ""
    return Segment([("label", f"{LABELS.get(id_, id_)} "), ("value", f"{mark}${usd:.2f}")])


def age_text(observed_at: "int | None", now: "float") -> "str":
    """Return ``35m old`` for what was observed over 20 minutes ago, else nothing.

    What was observed before the clock was set back is of unknown age.
    """
    if observed_at is None or -AHEAD_S <= now - observed_at <= STALE_S:
        return ""
    return f"{span_text(now - observed_at)} old" if observed_at <= now else "age unknown"


def money_text(amount: "float", currency: "str") -> "str":
    """Return ``$40.01``, ``$40`` or ``40.01 EUR``: an amount in major units, rounded down to hundredths."""
    cents = round_down(amount * 100)
    text = str(cents // 100) if cents % 100 == 0 else f"{cents / 100:.2f}"
    if currency == "USD":
        return f"${text}"
    return f"{text} {currency}" if len(currency) == 3 and currency.isalpha() else text
