"""Rows that are too narrow for anything whole, numbers that are equally old, and the last resort."""

from statusline.attempt import attempt
from statusline.render.placed_segment import plain_text, prepare, render_pieces
from statusline.render.theme import SEPARATOR
from statusline.render.width import cells, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.render.placed_segment import Pieces, PlacedSegment
    from statusline.render.theme import Style

    Group = list[PlacedSegment]


def cut_segment(placed: "PlacedSegment", room: "int", style: "Style") -> "None":
    """Cut a segment so that a row of it alone has room."""
    placed.is_block, placed.age, placed.size = False, "", placed.width
    placed.pieces = cut_pieces(placed.pieces, max(room - style.edges, 1), style.more)


def share_ages(parts: "Group", style: "Style") -> "None":
    """Say an age once, behind the last number that has it, where several have the same."""
    for placed in parts:
        same = [each for each in parts if placed.age and each.age == placed.age]
        if len(same) > 1:
            last, age = same[-1], placed.age
            for each in same:
                each.age = ""
            last.age, last.tells_all = style.joint(" · ") + age[1:], True


def plain_row(group: "Group", width: "int", style: "Style") -> "str":
    """Return the segments one after the other, without colors, cut where the row ends: the last resort."""
    texts = [attempt(whole_text, placed, style) for placed in group if placed.pending is None]
    return cut(SEPARATOR.join([text for text in texts if text]), width, style.more)


def whole_text(placed: "PlacedSegment", style: "Style") -> "str":
    """Return a segment with its details, without colors."""
    prepare(placed, style)
    placed.size = placed.width
    placed.shown = {name: render_pieces(each, style) for name, each in (placed.segment.details or {}).items()}
    return plain_text(placed, style).strip()


def cut_pieces(pieces: "Pieces", width: "int", more: "str") -> "Pieces":
    """Return the beginning of a segment in at most ``width`` cells, with ``more`` at its end."""
    kept, room = [], width
    for role, text in pieces:
        needed = cells(text)
        if needed >= room:
            kept.append((role, cut(text + more, room, more)))
            break
        kept.append((role, text))
        room -= needed
    return kept
