"""What the configured rows have to say, with the limit that ends work first in front of the others."""

from cache.binding import SPEND, binding_of, resumes_at
from statusline.config import is_wanted
from statusline.part import Part
from statusline.segment import ALERT, CALM, WARN
from statusline.table import TABLE, segment_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cache.snapshot import Snapshot
    from statusline.config import Config, Item
    from statusline.segment import Segment
    from statusline.session import Session

LIMITS = ("five_hour", "seven_day", "model_week", "scoped_weeks", "spend", "binding")
RESET = ("glyph", "reset")


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
    limits = [each for group in groups for each in group if each.name in LIMITS]
    if limits:
        resumes = any(each.name == "resumes" for group in groups for each in group)
        for each in settled_limits(limits, session, snapshot, now, resumes=resumes)[::-1]:
            for group in groups:
                if each in group:
                    put_first(each, group)
    return [(parts_of(left), parts_of(right)) for left, right in rows]


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


def settled_limits(
    limits: "list[Shown]", session: "Session", snapshot: "Snapshot", now: "float", *, resumes: "bool"
) -> "list[Shown]":
    """Let the limit that ends work first warn alone, and return it where it does, in its places on the line.

    While it is reached there is one countdown, to the moment when work goes on: its own, unless ``resumes`` tells it.
    Where that limit is not on the line the others speak for themselves.
    """
    id_ = binding_of(snapshot.windows, snapshot.spend, session.model, now)
    names = {"binding", "model_week" if (id_ or "").startswith("seven_day:") else id_}
    first = [each for each in limits if each.name in names]
    reached = id_ != SPEND and resumes_at(snapshot.windows, id_) is not None
    if reached and (first or resumes):
        for each in limits:
            if resumes or each not in first:
                each.segment.forms = tuple([without_reset(form) for form in each.segment.forms])
    if not any(each.segment.level in {WARN, ALERT} for each in first):
        return []
    for each in limits:
        if each not in first and each.segment.level is not None:
            each.segment.level = CALM
    return first


def without_reset(form: "list[tuple[str, str]]") -> "list[tuple[str, str]]":
    """Return a form without the countdown at its end: a blank, the sign, the time."""
    return form[: form.index(RESET) - 1] if RESET in form else form


def put_first(limit: "Shown", group: "list[Shown]") -> "None":
    """Move a limit to where the first limit of its group stands."""
    at = [each.name in LIMITS for each in group].index(True)
    group.remove(limit)
    group.insert(at, limit)


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
    if not isinstance(label, str):
        return
    piece = [("label", label + " ")] if label else []
    segment.forms = tuple([piece + (form[1:] if form[0][0] == "label" else form) for form in segment.forms])
