"""The limit that ends work first leads where any limit warns, and it alone warns."""

from cache.model.limits import MODEL_WEEK, SPEND, ends_at, is_reached, model_window, resumes_at
from cache.model.run_out import first_limit, outs_of
from statusline.segments.segment import ALERT, CALM, PACE, WARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.model.windows import Window
    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.render.placed_segment import PlacedSegment

LIMITS = ("five_hour", "seven_day", "model_week", "scoped_weeks", "spend", "binding")


def promote_binding_limit(
    groups: "list[list[PlacedSegment]]", session: "Session", snapshot: "Snapshot", now: "float"
) -> "None":
    """Let the limit that ends work first lead the others of its group, and calm those; it moves only if any warns.

    The limit that is reached is a block with the word ``full``, and no countdown of another ends before its own; one is
    enough where ``resumes`` shows it. Where that limit is not on the line, the others keep their levels.
    """
    every = [placed for group in groups for placed in group]
    limits = [placed for placed in every if placed.name in LIMITS]
    id_ = first_limit(snapshot.windows, snapshot.spend, snapshot.projections, session.model, now)
    names = {"binding", "model_week" if (id_ or "").startswith(MODEL_WEEK) else id_}
    leaders = [placed for placed in limits if placed.name in names]
    followers = [placed for placed in limits if placed not in leaders] if leaders else []
    resumes = None if id_ == SPEND else resumes_at(snapshot.windows, id_)
    if resumes is not None:
        has_resumes = any(placed.name == "resumes" for placed in every)
        for placed in limits if has_resumes else followers:
            window = _window_of(placed.name, session, snapshot)
            if has_resumes or (window is not None and ends_at(window) <= resumes):
                (placed.segment.details or {}).pop("reset", None)
    out_at = outs_of(snapshot.windows, snapshot.projections, now).get(id_ or "")
    warns = any(placed.level in {WARN, ALERT} for placed in leaders)
    for placed in followers:
        comes_later = out_at is None or (warns and not _may_come_before(out_at, placed.name, session, snapshot))
        if placed.level is not None and comes_later:
            placed.level = PACE if ("sign", "fast") in placed.segment.pieces else CALM
    for placed in leaders or limits:
        window = _window_of(placed.name, session, snapshot)
        if resumes is not None and window is not None and is_reached(window):
            _become_block(placed)
    for placed in leaders[::-1]:
        placed.key = "lead"
        if out_at is not None or placed.level in {WARN, ALERT}:
            _put_first(placed, next(group for group in groups if placed in group))
    if not leaders and limits:
        limits[0].key = "lead"


def _become_block(placed: "PlacedSegment") -> "None":
    """Make a limit that is reached the block ``5h full``."""
    placed.is_block = True
    pieces = placed.segment.pieces
    placed.segment.pieces = [(role, "full" if role == "value" else text) for role, text in pieces]


def _window_of(name: "str", session: "Session", snapshot: "Snapshot") -> "Window | None":
    """Return the window that a segment shows, None for one that shows several, or none."""
    windows = snapshot.windows
    if name == "binding":
        reached = [each for each in windows.values() if is_reached(each)]
        return max(reached, key=ends_at) if reached else None
    return model_window(windows, session.model) if name == "model_week" else windows.get(name)


def _may_come_before(out_at: "int", name: "str", session: "Session", snapshot: "Snapshot") -> "bool":
    """Return whether a limit without a projection could still end work before another one is projected to.

    It could where it resets before that: five hours at 95% matter today, although only the week has a projection.
    """
    window = _window_of(name, session, snapshot)
    return window is not None and ends_at(window) < out_at


def _put_first(limit: "PlacedSegment", group: "list[PlacedSegment]") -> "None":
    first = [placed.name in LIMITS for placed in group].index(True)
    group.remove(limit)
    group.insert(first, limit)
