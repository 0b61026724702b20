"""What the configured rows have to say."""

from cache.model.lazy import further_module
from cache.model.limits import is_reached
from statusline.attempt import attempt
from statusline.config import is_wanted
from statusline.render.placed_segment import Part
from statusline.render.theme import SEPARATOR
from statusline.segments.registry import TABLE, segment_function
from statusline.segments.segment import ALERT, WARN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.readings.snapshot import Snapshot
    from statusline.config import Config
    from statusline.config_parse import Item
    from statusline.payload import Session
    from statusline.segments.segment import Segment


HEADS = {
    "model": " · ",
    "project": " ",
    "directory": " ",
    "cost": " · ",
    "duration": " · ",
}  # what others are joined to
URGENT = 100  # more than any weight in the table


class Shown:
    """An item of a row that has something to say: its name, its own options, and what it says."""

    __slots__ = ("chosen", "name", "segment")

    def __init__(self, name: "str", chosen: "dict[str, object]", segment: "Segment") -> None:
        self.name = name
        self.chosen = chosen
        self.segment = segment


def rows_of(
    session: "Session", snapshot: "Snapshot", config: "Config", now: "float"
) -> "list[tuple[list[Part], list[Part]]]":
    """Return the left and the right group of each row."""
    rows = [[shown_of(row[side], session, snapshot, config, now) for side in ("left", "right")] for row in config.rows]
    attempt(order_limits, [group for row in rows for group in row], session, snapshot, now)
    return [(parts_of(left), parts_of(right)) for left, right in rows]


def order_limits(groups: "list[list[Shown]]", session: "Session", snapshot: "Snapshot", now: "float") -> "None":
    """Let the limit that ends work first lead the others, once any of them is urgent."""
    urgent = any(is_urgent(each) for group in groups for each in group) or bool(snapshot.projections)
    if urgent or any(map(is_reached, snapshot.windows.values())):
        further_module("statusline.render.priority").let_lead(groups, session, snapshot, now)


def is_urgent(shown: "Shown") -> "bool":
    """Say whether this tells of usage that warns."""
    return shown.segment.level in {WARN, ALERT} and TABLE[shown.name][3] == ("usage",)


def shown_of(
    items: "list[Item]", session: "Session", snapshot: "Snapshot", config: "Config", now: "float"
) -> "list[Shown]":
    """Return what the items of a group have to say; one that fails says nothing."""
    found = []
    for name, chosen in items:
        segment = attempt(segment_of, name, chosen, session, snapshot, config, now)
        if segment is not None:
            found.append(Shown(name, chosen, segment))
    return found


def segment_of(
    name: "str", chosen: "dict[str, object]", session: "Session", snapshot: "Snapshot", config: "Config", now: "float"
) -> "Segment | None":
    """Return what one item has to say."""
    return segment_function(name)(session, snapshot, now, config.options_for(name, chosen))


def parts_of(group: "list[Shown]") -> "list[Part]":
    """Return a group as the line takes it: relabelled as wished, and without what is not wanted at its level.

    Usage that warns is the last to leave a narrow row.
    """
    found: "list[Part]" = []
    before = ""
    for each in group:
        part = attempt(part_of, each, before)
        if part is not None:
            found.append(part)
            before = each.name
    return found


def part_of(shown: "Shown", before: "str") -> "Part | None":
    """Return an item as the line takes it, behind the segment named ``before``; None where it is not wanted."""
    if shown.chosen:
        if not is_wanted(shown.segment.level, shown.chosen.get("when")):
            return None
        relabel(shown.segment, shown.chosen.get("label"))
    weight = TABLE[shown.name][1] + (URGENT if is_urgent(shown) else 0)
    return Part(shown.segment, weight, joint_between(before, shown.name))


def joint_between(before: "str", name: "str") -> "str":
    """Return what joins a segment to the one before: its own joint only where that is one that it belongs to."""
    joint = TABLE[name][2]
    return joint if before and HEADS.get(before, TABLE[before][2]) == joint else SEPARATOR


def relabel(segment: "Segment", label: "object") -> "None":
    """Put the option ``label`` in place of a segment's own, or in front of one that has none; empty takes it away."""
    if isinstance(label, str):
        piece = [("label", label + " ")] if label else []
        segment.forms = tuple([piece + (form[1:] if form[0][0] == "label" else form) for form in segment.forms])
