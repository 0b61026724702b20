"""What the configured rows have to say."""

from cache.binding import is_reached
from statusline.config import is_wanted
from statusline.part import Part
from statusline.segment import ALERT, WARN
from statusline.table import TABLE, further_module, segment_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.snapshot import Snapshot
    from statusline.config import Config, Item
    from statusline.segment import Segment
    from statusline.session import Session


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
    groups = [group for row in rows for group in row]
    if any(is_urgent(each) for group in groups for each in group) or any(map(is_reached, snapshot.windows.values())):
        further_module("statusline.leading").let_lead(groups, session, snapshot, now)
    return [(parts_of(left), parts_of(right)) for left, right in rows]


def is_urgent(shown: "Shown") -> "bool":
    """Say whether this tells of usage that warns."""
    return shown.segment.level in {WARN, ALERT} and TABLE[shown.name][3] == ("usage",)


def shown_of(
    items: "list[Item]", session: "Session", snapshot: "Snapshot", config: "Config", now: "float"
) -> "list[Shown]":
    """Return what the items of a group have to say."""
    found = []
    for name, chosen in items:
        segment = segment_function(name)(session, snapshot, now, config.options_for(name, chosen))
        if segment is not None:
            found.append(Shown(name, chosen, segment))
    return found


def parts_of(group: "list[Shown]") -> "list[Part]":
    """Return a group as the line takes it: relabelled as wished, and without what is not wanted at its level."""
    found = []
    for each in group:
        if each.chosen:
            if not is_wanted(each.segment.level, each.chosen.get("when")):
                continue
            relabel(each.segment, each.chosen.get("label"))
        _, weight, joint, _ = TABLE[each.name]
        found.append(Part(each.segment, weight, joint))
    return found


def relabel(segment: "Segment", label: "object") -> "None":
    """Put the option ``label`` in place of a segment's own, or in front of one that has none; empty takes it away."""
    if isinstance(label, str):
        piece = [("label", label + " ")] if label else []
        segment.forms = tuple([piece + (form[1:] if form[0][0] == "label" else form) for form in segment.forms])
