"""What follows from the limits: the one that stops you first, when work resumes, and where the numbers come from."""

from cache.model.jsonio import whole
from cache.model.limits import MODEL_WEEK, SPEND, model_window, resumes_at
from cache.model.run_out import first_limit, out_of
from cache.model.windows import ESTIMATE, Window
from cache.readings.snapshot import is_stale
from statusline.render.timefmt import span_text
from statusline.segments.segment import ALERT, WARN, Segment, percent_text
from statusline.segments.usage import age_text, out_text, spend, window_segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options

MODELS_AT_MOST = 6


def binding(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``5h 42% ↻1h58m``: the one limit that ends work first, whichever it is."""
    id_ = first_limit(snapshot.windows, snapshot.spend, snapshot.projections, session.model, now)
    if id_ == SPEND:
        return spend(session, snapshot, now, options)
    window = snapshot.windows.get(id_ or "")
    return None if window is None else window_segment(window, now, options, expected=snapshot.expected)


def scoped_weeks(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``Fable 36% Haiku 12%``: the weekly limits of single models, the fullest first."""
    found = [each for id_, each in snapshot.windows.items() if id_.startswith(MODEL_WEEK)]
    found.sort(key=_emptiness)
    if not found:
        return None
    others = [("detail", f" {each.label} {number_text(each, now)}") for each in found[1:MODELS_AT_MOST]]
    first = window_segment(found[0], now, options, with_reset=False, expected=snapshot.expected)
    first.details = {"others": others} if others else None
    return first


def number_text(window: "Window", now: "float") -> "str":
    """Return ``42%``, ``42% 35m old`` or ``~47% est``: every number says where it comes from."""
    percent = percent_text(window.percent)
    if window.source == ESTIMATE:
        return f"~{percent} est"
    return f"{percent} {age_text(window.observed_at, now)}".rstrip()


def runs_out(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``5h out 16:40``: which of the plan's windows is used up first at the recent pace, and when; silent if they last.

    Of a week only the day is known: ``7d out Thu``.
    """
    out = out_of(snapshot.windows, snapshot.projections, now)
    if out is None:
        return None
    at, id_ = out
    text = out_text(id_, at, now, options)
    return Segment([("label", f"{snapshot.windows[id_].label} out "), ("word", text)], level=WARN) if text else None


def plan(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``Max 20x``: the plan that the login has."""
    return Segment([("detail", snapshot.plan)]) if snapshot.plan else None


def account(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``work``: your name for the account whose limits are shown, else the beginning of its id."""
    return Segment([("detail", snapshot.account_name)]) if snapshot.account_name else None


def source(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``live``, ``35m old``, ``age unknown`` or ``est``: where the numbers come from; the least reliable one counts.

    Where only money limits, it speaks of what is spent.
    """
    windows = snapshot.windows
    known = [windows.get("five_hour"), windows.get("seven_day"), model_window(windows, session.model)]
    found = [each for each in known if each is not None]
    if not found:
        return _source_of_spend(snapshot, now)
    oldest = min(found, key=_observed_at)
    if any(each.source == ESTIMATE for each in found):
        return Segment([("detail", "est")])
    if is_stale(oldest, now):
        return Segment([("detail", f"{span_text(now - oldest.observed_at)} old")])
    return Segment([("detail", "live" if all(each.age_known for each in found) else "age unknown")])


def _source_of_spend(snapshot: "Snapshot", now: "float") -> "Segment | None":
    observed_at = whole(snapshot.spend.get("observed_at"))
    if observed_at is None:
        return None
    return Segment([("detail", age_text(observed_at, now) or "live")])


def resumes(session: "Session", snapshot: "Snapshot", now: "float", options: "Options") -> "Segment | None":
    """``resumes 1h58m``: at 100%, when you can continue; hidden if extra usage lets you continue."""
    id_ = first_limit(snapshot.windows, snapshot.spend, snapshot.projections, session.model, now)
    at = resumes_at(snapshot.windows, id_)
    if at is None or at <= now or id_ == SPEND:
        return None
    return Segment([("label", "resumes "), ("value", options.reset(at, now))], level=ALERT)


def _emptiness(window: "Window") -> "float":
    return -window.percent


def _observed_at(window: "Window") -> "int":
    return window.observed_at
