"""The limit that ends work first comes before the other limits, and it alone warns."""

from cache.model.limits import MODEL_WEEK, SPEND, ends_at, model_window, resumes_at
from cache.model.run_out import first_limit, outs_of
from statusline.segments.segment import ALERT, CALM, WARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.render.placed_segment import PlacedSegment

LIMITS = ("five_hour", "seven_day", "model_week", "scoped_weeks", "spend", "binding")


def promote_binding_limit(
    groups: "list[list[PlacedSegment]]", session: "Session", snapshot: "Snapshot", now: "float"
) -> "None":
    """Put the limit that ends work first before the other limits of its group, if it is urgent; calm those others.

    Urgent is one that warns, and one that is projected to be full. While it is reached there is one countdown, to the
    moment when work goes on: its own, unless ``resumes`` shows it. Where that limit is not on the line, the others
    keep their levels.
    """
    every = [placed for group in groups for placed in group]
    limits = [placed for placed in every if placed.name in LIMITS]
    id_ = first_limit(snapshot.windows, snapshot.spend, snapshot.projections, session.model, now)
    names = {"binding", "model_week" if (id_ or "").startswith(MODEL_WEEK) else id_}
    leaders = [placed for placed in limits if placed.name in names]
    followers = [placed for placed in limits if placed not in leaders] if leaders else []
    if id_ != SPEND and resumes_at(snapshot.windows, id_) is not None:
        has_resumes = any(placed.name == "resumes" for placed in every)
        for placed in limits if has_resumes else followers:
            placed.shows_reset = False
    out_at = outs_of(snapshot.windows, snapshot.projections, now).get(id_ or "")
    warns = any(placed.level in {WARN, ALERT} for placed in leaders)
    for placed in followers:
        comes_later = out_at is None or (warns and not _may_come_before(out_at, placed.name, session, snapshot))
        if placed.level is not None and comes_later:
            placed.level = CALM
    for placed in leaders[::-1]:
        if out_at is not None or placed.level in {WARN, ALERT}:
            _put_first(placed, next(group for group in groups if placed in group))


def _may_come_before(out_at: "int", name: "str", session: "Session", snapshot: "Snapshot") -> "bool":
    """Return whether a limit without a projection could still end work before another one is projected to.

    It could where it resets before that: five hours at 95% matter today, although only the week has a projection.
    """
    windows = snapshot.windows
    window = model_window(windows, session.model) if name == "model_week" else windows.get(name)
    return window is not None and ends_at(window) < out_at


def _put_first(limit: "PlacedSegment", group: "list[PlacedSegment]") -> "None":
    first = [placed.name in LIMITS for placed in group].index(True)
    group.remove(limit)
    group.insert(first, limit)
