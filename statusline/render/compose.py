"""Which segments the configured rows show, in which order, and how each is joined to the one before."""

from cache.model.lazy import further_module
from cache.model.limits import is_reached
from statusline.attempt import attempt
from statusline.config import is_wanted
from statusline.render.placed_segment import PlacedSegment
from statusline.render.theme import SEPARATOR
from statusline.segments.registry import joint_of, needs_of, segment_function, weight_of
from statusline.segments.segment import ALERT, WARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.config import Config
    from statusline.config_parse import Item
    from statusline.payload import Session
    from statusline.segments.segment import Segment

    Group = list[PlacedSegment]

# What a segment lets its followers join: a branch follows a directory after a blank.
FOLLOWERS = {"model": " · ", "project": " ", "directory": " ", "cost": " · ", "duration": " · "}
URGENT = 100  # more than any weight in the registry


def rows_of(session: "Session", snapshot: "Snapshot", config: "Config", now: "float") -> "list[tuple[Group, Group]]":
    """Return the left and the right group of each row, for `statusline.render.row.compose_rows`."""
    rows = [[group_of(row[side], session, snapshot, config, now) for side in ("left", "right")] for row in config.rows]
    attempt(rank_limits, [group for row in rows for group in row], session, snapshot, now)
    return [(arrange(left), arrange(right)) for left, right in rows]


def group_of(
    items: "list[Item]", session: "Session", snapshot: "Snapshot", config: "Config", now: "float"
) -> "list[PlacedSegment]":
    """Return the segments of a group that have something to show; one that fails shows nothing."""
    group = []
    for name, options in items:
        segment = attempt(segment_of, name, options, session, snapshot, config, now)
        if segment is not None:
            group.append(PlacedSegment(segment, weight_of(name), SEPARATOR, name, options))
    return group


def segment_of(
    name: "str", options: "dict[str, object]", session: "Session", snapshot: "Snapshot", config: "Config", now: "float"
) -> "Segment | None":
    """Return what one item shows."""
    return segment_function(name)(session, snapshot, now, config.options_for(name, options))


def rank_limits(groups: "list[list[PlacedSegment]]", session: "Session", snapshot: "Snapshot", now: "float") -> "None":
    """Put the limit that ends work first before the other limits, once any of them is urgent."""
    is_pressing = bool(snapshot.projections) or any(is_urgent(each) for group in groups for each in group)
    if is_pressing or any(map(is_reached, snapshot.windows.values())):
        further_module("statusline.render.priority").promote_binding_limit(groups, session, snapshot, now)


def is_urgent(placed: "PlacedSegment") -> "bool":
    """Return whether this is usage that warns."""
    return placed.level in {WARN, ALERT} and needs_of(placed.name) == ("usage",)


def arrange(group: "list[PlacedSegment]") -> "list[PlacedSegment]":
    """Return a group without what is not wanted at its level, with labels, weights and joints."""
    arranged: "list[PlacedSegment]" = []
    previous = ""
    for placed in group:
        if attempt(settle, placed, previous) is not False:
            arranged.append(placed)
            previous = placed.name
    return arranged


def settle(placed: "PlacedSegment", previous: "str") -> "bool":
    """Set the label, weight and joint of a segment that follows ``previous``; return whether it is wanted at all.

    Usage that warns is the last to leave a narrow row.
    """
    if placed.options:
        if not is_wanted(placed.level, placed.options.get("when")):
            return False
        label = placed.options.get("label")
        placed.label = label if isinstance(label, str) else None
    if is_urgent(placed):
        placed.weight += URGENT
    placed.joint = joint_between(previous, placed.name)
    return True


def joint_between(previous: "str", name: "str") -> "str":
    """Return what joins two segments: a special joint only where the second belongs to the first."""
    joint = joint_of(name)
    return joint if previous and FOLLOWERS.get(previous, joint_of(previous)) == joint else SEPARATOR
