"""Which segments the configured rows show, in which order, and how each is joined to the one before."""

import sys

from cache.model.lazy import further_module
from cache.model.limits import is_reached
from statusline.attempt import attempt, keep_failure
from statusline.render.ladder import LADDER
from statusline.render.placed_segment import PlacedSegment
from statusline.render.theme import SEPARATOR
from statusline.segments.registry import joint_of, needs_of, segment_function
from statusline.segments.segment import ALERT, WARN, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.readings.snapshot import Snapshot
    from statusline.config import Config
    from statusline.config_parse import Item
    from statusline.payload import Session
    from statusline.render.row import ComposedRow
    from statusline.segments.segment import Options

# What belongs together: a segment in one of these follows another of the same with its own joint.
CLUSTERS = (
    " model effort thinking fast_mode output_style ",
    " project directory added_dirs branch worktree git_operation git_changes git_sync stash changed_files lines ",
    " context context_tokens compaction ",
    " cost cost_per_hour today block week month ",
    " duration api_time ",
)
LATE = (
    "lines",
    "pr",
    "context_tokens",
    "today",
    "duration",
)  # of the default row: made only where a terminal is wide enough
NOT_YET = Segment([])
LADDER_NAMES = {"directory": "project"}  # what the ladder calls a segment, where that is not its name


def rows_of(session: "Session", snapshot: "Snapshot", config: "Config", now: "float") -> "list[ComposedRow]":
    """Return the left and the right group of each row and its steps, for `statusline.render.row.compose_rows`."""
    rows = [[group_of(row[side], session, snapshot, config, now) for side in ("left", "right")] for row in config.rows]
    attempt(rank_limits, [group for row in rows for group in row], session, snapshot, now)
    arranged = [(arrange(left), arrange(right)) for left, right in rows]
    if config.is_default:
        return [(left, right, LADDER) for left, right in arranged]
    own_steps = further_module("statusline.render.own_steps").own_steps
    words = [*config.steps, *[""] * len(rows)]
    composed: "list[ComposedRow]" = []
    for number, (left, right) in enumerate(arranged):
        steps = attempt(own_steps, [*left, *right], words[number], fill=config.fills)
        composed.append((left, right, steps or [(placed.key, 0) for placed in [*left, *right]]))
    return composed


def group_of(
    items: "list[Item]", session: "Session", snapshot: "Snapshot", config: "Config", now: "float"
) -> "list[PlacedSegment]":
    """Return the segments of a group that have something to show; one that fails shows nothing."""
    group = []
    usual = None
    hot = sys.modules.get("statusline.hot")
    merged = {} if hot is None else vars(hot)
    for name, chosen in items:
        if chosen or name in config.thresholds:
            options = config.options_for(name, chosen)
        else:
            options = usual = usual or config.options_for("", chosen)
        try:
            if config.is_default and name in LATE:
                placed = PlacedSegment(NOT_YET, name, chosen)
                placed.pending = later(name, session, snapshot, now, options)
                group.append(placed)
                continue
            segment = (merged.get(name) or segment_function(name))(session, snapshot, now, options)
            if segment is not None:
                group.append(PlacedSegment(segment, name, chosen))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one segment, the others are shown
            keep_failure(error)
    return group


def later(
    name: "str", session: "Session", snapshot: "Snapshot", now: "float", options: "Options"
) -> "Callable[[], Segment | None]":
    """Return what makes a segment when there is room for it."""
    return lambda: segment_function(name)(session, snapshot, now, options)


def rank_limits(groups: "list[list[PlacedSegment]]", session: "Session", snapshot: "Snapshot", now: "float") -> "None":
    """Let the limit lead that ends work first where any of them warns, else the five hours, else the week."""
    pressing = any(is_urgent(placed) for group in groups for placed in group)
    if pressing or any(map(is_reached, snapshot.windows.values())):
        further_module("statusline.render.priority").promote_binding_limit(groups, session, snapshot, now)
        return
    for name in ("five_hour", "seven_day", "binding"):
        for group in groups:
            for placed in group:
                if placed.name == name:
                    placed.key = "lead"
                    return


def is_urgent(placed: "PlacedSegment") -> "bool":
    """Return whether this is usage that warns."""
    return placed.level in {WARN, ALERT} and needs_of(placed.name) == ("usage",)


def arrange(group: "list[PlacedSegment]") -> "list[PlacedSegment]":
    """Return a group without what is not wanted at its level, with keys, labels and joints."""
    arranged: "list[PlacedSegment]" = []
    previous = ""
    for placed in group:
        if not placed.options or attempt(_is_chosen, placed):
            name = placed.name
            joint = joint_of(name)
            if joint != SEPARATOR and belong_together(previous, name):
                placed.joint = joint
            if placed.key == name:
                placed.key = LADDER_NAMES.get(name, name)
            arranged.append(placed)
            previous = name
    return arranged


def belong_together(one: "str", other: "str") -> "bool":
    """Return whether two segments are about one thing, such as the checkout."""
    return any([f" {one} " in names and f" {other} " in names for names in CLUSTERS])  # noqa: C419


def _is_chosen(placed: "PlacedSegment") -> "bool":
    return further_module("statusline.render.own_steps").is_chosen(placed, placed.options)  # type: ignore[no-any-return]
