"""The limit that ends work first: it leads the others, and it alone warns."""

from cache.model.limits import MODEL_WEEK, SPEND, ends_at, model_window, resumes_at
from cache.model.run_out import first_limit, outs_of
from statusline.segments.segment import ALERT, CALM, WARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.render.compose import Shown

LIMITS = ("five_hour", "seven_day", "model_week", "scoped_weeks", "spend", "binding")
RESET = ("glyph", "reset")


def let_lead(groups: "list[list[Shown]]", session: "Session", snapshot: "Snapshot", now: "float") -> "None":
    """Put the limit that ends work first before the other limits of its group, if it is urgent; calm those others.

    Urgent is one that warns, and one that is projected to be full. While it is reached there is one countdown, to the
    moment when work goes on: its own, unless ``resumes`` tells it. Where that limit is not on the line, the others
    speak for themselves.
    """
    every = [each for group in groups for each in group]
    limits = [each for each in every if each.name in LIMITS]
    id_ = first_limit(snapshot.windows, snapshot.spend, snapshot.projections, session.model, now)
    names = {"binding", "model_week" if (id_ or "").startswith(MODEL_WEEK) else id_}
    leading = [each for each in limits if each.name in names]
    if id_ != SPEND and resumes_at(snapshot.windows, id_) is not None:
        _leave_one_countdown(limits, leading, told=any(each.name == "resumes" for each in every))
    out_at = outs_of(snapshot.windows, snapshot.projections, now).get(id_ or "")
    warns = any(each.segment.level in {WARN, ALERT} for each in leading)
    for each in limits:
        comes_later = out_at is None or (warns and not _may_come_before(out_at, each.name, session, snapshot))
        if leading and each not in leading and each.segment.level is not None and comes_later:
            each.segment.level = CALM
    for each in leading[::-1]:
        if out_at is not None or each.segment.level in {WARN, ALERT}:
            _put_first(each, next(group for group in groups if each in group))


def _may_come_before(out_at: "int", name: "str", session: "Session", snapshot: "Snapshot") -> "bool":
    """Return whether a limit that has no projection could end work all the same before another one is projected to.

    It could where it resets before that: five hours at 95 % matter today, although only the week has a projection.
    """
    windows = snapshot.windows
    window = model_window(windows, session.model) if name == "model_week" else windows.get(name)
    return window is not None and ends_at(window) < out_at


def _leave_one_countdown(limits: "list[Shown]", leading: "list[Shown]", *, told: "bool") -> "None":
    for each in limits:
        if told or (leading and each not in leading):
            each.segment.forms = tuple([_without_reset(form) for form in each.segment.forms])


def _without_reset(form: "list[tuple[str, str]]") -> "list[tuple[str, str]]":
    """Return a form without the countdown at its end: a blank, the sign, the time."""
    return form[: form.index(RESET) - 1] if RESET in form else form


def _put_first(limit: "Shown", group: "list[Shown]") -> "None":
    at = [each.name in LIMITS for each in group].index(True)
    group.remove(limit)
    group.insert(at, limit)
