"""How full the plan's windows are, what is spent beyond it, and whether it lasts."""

from cache.binding import SPEND, binding_of, ends_at, is_reached, model_window
from cache.snapshot import is_stale
from cache.window import ESTIMATE, STDIN, Window
from cache.wire import number, words
from statusline.moment import span_text
from statusline.segment import CALM, WARN, Segment, percent_text, with_bar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.snapshot import Snapshot
    from statusline.segment import Options
    from statusline.session import Session

TOGETHER_APART_S = 3600  # two weeks that end this close end together
LONGEST_WAIT_S = 8 * 86400  # no window is longer than a week
MONEY_AT_MOST = 10**9  # nobody spends more; a larger number is no amount


def five_hour(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``5h 42% ↻1h58m``: the five-hour window; with a bar by the option ``bar``."""
    return window_segment(snapshot.windows.get("five_hour"), now, options)


def seven_day(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``7d 61% ↻4d15h``: the weekly window; with a bar by the option ``bar``."""
    return window_segment(snapshot.windows.get("seven_day"), now, options)


def model_week(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``Fable 36%``: the weekly limit of the model in use, where it has one; its reset if that is not the week's."""
    window, week = model_window(snapshot.windows, session.model), snapshot.windows.get("seven_day")
    if window is None:
        return None
    together = week is not None and abs(ends_at(window) - ends_at(week)) <= TOGETHER_APART_S
    return window_segment(window, now, options, with_reset=is_reached(window) or not together)


def spend(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``spend $40.01/$50``: money beyond the plan; silent while there is none, unless nothing else limits the login.

    It has a level only where it is what ends work: until the plan's windows are full nothing is taken from it. From
    then on it is a warning at least. A gateway's own limit, which stdin tells, is ``spend 45%``.
    """
    used, limit = number(snapshot.spend.get("used")), number(snapshot.spend.get("limit"))
    if used is None:
        return _gateways_limit(session, now, options)
    if not 0 <= used < MONEY_AT_MOST or (used == 0 and snapshot.windows):
        return None
    currency = words(snapshot.spend.get("currency")) or ""
    label, percent = ("label", "spend "), number(snapshot.spend.get("percent")) or 0
    binds = binding_of(snapshot.windows, snapshot.spend, session.model, now) == SPEND
    level = options.level(percent) if binds else None
    if level == CALM and snapshot.windows:
        level = WARN
    short = [label, ("value", money_text(used, currency))]
    if limit is None or not 0 <= limit < MONEY_AT_MOST:
        return Segment(short, level=level)
    amount = money_text(used, currency if currency == "USD" else "")
    return Segment([label, ("value", f"{amount}/{money_text(limit, currency)}")], short, level=level)


def _gateways_limit(session: "Session", now: "float", options: "Options") -> "Segment | None":
    percent = session.percent("rate_limits", "spend_limit", "used_percentage")
    at = session.moment("rate_limits", "spend_limit", "resets_at")
    if percent is None or (at is not None and at <= now):
        return None
    return window_segment(Window("spend", "spend", percent, at, STDIN, int(now)), now, options)


def runs_out(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``out 16:40``: when the plan's windows are used up at the recent pace; silent where they last.

    Silent too where that is known no better than from numbers that are old, and once a window is used up.
    """
    at = snapshot.runs_out_at
    windows = [each for id_ in ("five_hour", "seven_day") if (each := snapshot.windows.get(id_)) is not None]
    if at is None or not now < at < now + LONGEST_WAIT_S or any(is_reached(each) for each in windows):
        return None
    if all(is_stale(each, now) or each.source == ESTIMATE for each in windows):
        return None
    return Segment([("label", "out "), ("value", options.clock(at, now))], level=WARN)


def window_segment(
    window: "Window | None", now: "float", options: "Options", *, with_reset: "bool" = True
) -> "Segment | None":
    """Return label, percentage, reset and, where it matters, age or ``est`` of one window."""
    if window is None:
        return None
    form = with_bar([("label", f"{window.label} "), *number_pieces(window, now)], window.percent, options)
    level = options.level(window.percent)
    ahead_s = 0 if window.resets_at is None else window.resets_at - now
    if not with_reset or not 0 < ahead_s < LONGEST_WAIT_S:
        return Segment(form, level=level)
    reset = [("detail", " "), ("glyph", "reset"), ("detail", options.reset(now + ahead_s, now))]
    return Segment([*form, *reset], form, level=level)


def number_pieces(window: "Window", now: "float") -> "list[tuple[str, str]]":
    """Return ``42%``, ``42% 35m old`` or ``~47% est``: every number says where it comes from."""
    said = percent_text(window.percent)
    if window.source == ESTIMATE:
        return [("value", f"~{said}"), ("detail", " est")]
    age = [("detail", f" {span_text(now - window.observed_at)} old")] if is_stale(window, now) else []
    return [("value", said), *age]


def money_text(amount: "float", currency: "str") -> "str":
    """Return ``$40.01``, ``$40`` or ``40.01 EUR``: an amount in major units, rounded down to hundredths."""
    cents = int(amount * 100 + 1e-6)
    said = str(cents // 100) if cents % 100 == 0 else f"{cents / 100:.2f}"
    if currency == "USD":
        return f"${said}"
    return f"{said} {currency}" if len(currency) == 3 and currency.isalpha() else said
