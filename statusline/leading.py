"""The limit that ends work first: it leads the others, and it alone warns."""

from cache.binding import MODEL_WEEK, SPEND, binding_of, resumes_at
from statusline.segment import ALERT, CALM, WARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.snapshot import Snapshot
    from statusline.rows import Shown
    from statusline.session import Session

LIMITS = ("five_hour", "seven_day", "model_week", "scoped_weeks", "spend", "binding")
RESET = ("glyph", "reset")


def let_lead(groups: "list[list[Shown]]", session: "Session", snapshot: "Snapshot", now: "float") -> "None":
    """Put the limit that ends work first before the other limits of its group, if it is urgent; calm those others.

    While it is reached there is one countdown, to the moment when work goes on: its own, unless ``resumes`` tells it.
    Where that limit is not on the line, the others speak for themselves.
    """
    every = [each for group in groups for each in group]
    limits = [each for each in every if each.name in LIMITS]
    id_ = binding_of(snapshot.windows, snapshot.spend, session.model, now)
    names = {"binding", "model_week" if (id_ or "").startswith(MODEL_WEEK) else id_}
    leading = [each for each in limits if each.name in names]
    if id_ != SPEND and resumes_at(snapshot.windows, id_) is not None:
        _leave_one_countdown(limits, leading, told=any(each.name == "resumes" for each in every))
    for each in limits:
        if leading and each not in leading and each.segment.level is not None:
            each.segment.level = CALM
    for each in leading[::-1]:
        if each.segment.level in {WARN, ALERT}:
            _put_first(each, next(group for group in groups if each in group))


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
