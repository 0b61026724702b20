"""One segment in its row: which of its details are shown, its pieces of text, and their colors."""

from statusline.render.sanitize import LONGEST, safe_link, sanitize
from statusline.render.theme import bar_pieces
from statusline.render.width import cells, cut_middle
from statusline.segments.segment import CALM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from statusline.render.theme import Style
    from statusline.segments.segment import Segment

    Pieces = list[tuple[str, str]]  # role and text, fit for the terminal


class PlacedSegment:
    """A segment in its row.

    ``name`` and ``options`` are those of its item, ``key`` is what the ladder calls it; ``label`` replaces the
    segment's own unless it is None; ``level`` is the segment's, or a lower one where another limit matters more;
    ``is_block`` is a limit that ends work now; ``pending`` makes the segment where it is made only if there may be room
    for it. ``joint`` is what joins it to a segment before that it belongs to, else empty; segments that belong together
    have one ``cluster``. ``order`` counts the segments of a row.

    The rest is what the row has room for: ``is_shown``, and by name the ``shown`` details. ``pieces`` is the text
    without them, ``width`` its cells, or of a name those of the whole name. ``size`` is how many cells a name takes,
    or an option wants for the bar; ``bar`` those that the bar has. ``age`` says how old the number is, with what is
    before it; it is the last thing where ``tells_all`` speaks for several numbers.
    """

    __slots__ = (
        "age",
        "bar",
        "cluster",
        "is_block",
        "is_shown",
        "joint",
        "key",
        "label",
        "level",
        "name",
        "options",
        "order",
        "pending",
        "pieces",
        "segment",
        "shown",
        "size",
        "tells_all",
        "width",
    )

    def __init__(self, segment: "Segment", name: "str" = "", options: "dict[str, object] | None" = None) -> None:
        self.segment = segment
        self.name = self.key = name
        self.options = options
        self.level = segment.level
        self.label: "str | None" = None
        self.is_block = self.is_shown = self.tells_all = False
        self.joint = self.age = ""
        self.pending: "Callable[[], Segment | None] | None" = None
        self.cluster = self.order = self.size = self.bar = self.width = 0
        self.shown: "dict[str, Pieces]" = {}
        self.pieces: "Pieces" = []


def prepare(placed: "PlacedSegment", style: "Style") -> "bool":
    """Set the pieces of a segment without its details, and how wide they are; return whether there is any to see."""
    level, label, segment = placed.level, placed.label, placed.segment
    given = segment.pieces
    if segment.is_name and len(given[-1][1]) > LONGEST:  # its end says as much as its beginning
        role, name = given[-1]
        half = LONGEST // 2
        given = [*given[:-1], (role, name[:half] + style.more + name[len(style.more) - half :])]
    placed.pieces = pieces = render_pieces(given, style, label)
    if label:
        pieces.insert(0, ("label", sanitize(label + " ", style.more)))
    if level in style.signs and not (placed.is_block and style.depth):
        mark_value(pieces, level or "", style)
    if segment.age:
        placed.age = f" {segment.age}"
    text = "".join([text for _, text in pieces])
    placed.width = cells(pieces[-1][1] if segment.is_name and pieces else text)
    if placed.is_block and style.has_frames:
        placed.width += 2
    return not (text.isspace() or text == "")


def cells_of(pieces: "Pieces") -> "int":
    """Return the width of pieces."""
    return cells("".join([text for _, text in pieces]))


def mark_value(pieces: "Pieces", level: "str", style: "Style") -> "None":
    """Put the sign of a level behind the last value, so that a level never depends on color alone."""
    for at in range(len(pieces) - 1, -1, -1):
        if pieces[at][0] == "value":
            pieces.insert(at + 1, (level, style.signs[level]))
            return


def render_pieces(given: "Pieces", style: "Style", label: "str | None" = None) -> "Pieces":
    """Return pieces as roles and clean text; a sign joins the text behind it, after a blank if it is a ``sign``."""
    pieces: "Pieces" = []
    sign = ""
    for role, text in given:
        if role == "glyph":
            sign = style.signs.get(text, "")
        elif role == "sign":
            sign = " " + style.signs.get(text, "")
        elif role != "label" or label is None:
            pieces.append((role, sign + sanitize(text, style.more)))
            sign = ""
    return pieces


def all_pieces(placed: "PlacedSegment", style: "Style") -> "Pieces":
    """Return the text of a segment as far as there is room for it, in order."""
    pieces, segment = placed.pieces, placed.segment
    if segment.is_name and placed.size < placed.width:
        role, name = pieces[-1]
        pieces = [*pieces[:-1], (role, cut_middle(name, placed.size, style.more))]
    elif placed.bar and segment.bar is not None:
        at = 0
        while at < len(pieces) - 1 and pieces[at][0] != "value":
            at += 1
        bar = bar_pieces(segment.bar, placed.bar, segment.elapsed, style.signs["bar"])
        pieces = [*pieces[:at], *bar, ("detail", " "), *pieces[at:]]
    if placed.age and not placed.tells_all:
        pieces = [*pieces, ("detail", placed.age)]
    if placed.shown:
        pieces = [*pieces]
        for name in segment.details or ():
            pieces += placed.shown.get(name, ())
    return [*pieces, ("detail", placed.age)] if placed.tells_all else pieces


def paint(placed: "PlacedSegment", style: "Style") -> "str":
    """Return a segment in its colors, each of them ended within it, and as a link if it has one."""
    pieces = all_pieces(placed, style)
    color = placed.options.get("color") if placed.options else None
    if placed.is_block and style.has_frames:
        return paint_pieces([("block", f" {''.join([text for _, text in pieces])} ")], None, style, color)
    level = placed.level
    if level == CALM and placed.segment.age:
        level = "detail"
    return link_text(paint_pieces(pieces, level, style, color), placed.segment.link, style)


def paint_pieces(pieces: "Pieces", level: "str | None", style: "Style", color: "object" = None) -> "str":
    """Return pieces in their colors; ``color`` is the segment's own, as the user wrote it."""
    row, current = "", ""
    if not style.depth:
        return "".join([text for _, text in pieces])
    for role, text in pieces:
        code = style.code(role, level) if color is None else style.code_with(color, role, level)
        if code != current and text:
            row += ("\x1b[0m" if current else "") + (f"\x1b[{code}m" if code else "")
            current = code
        row += text
    return row + ("\x1b[0m" if current else "")


def link_text(text: "str", link: "str | None", style: "Style") -> "str":
    """Return a text as an OSC 8 link to an https address, where there is one and the terminal may have it."""
    url = safe_link(link) if link and style.escapes else ""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if url else text


def plain_text(placed: "PlacedSegment", style: "Style") -> "str":
    """Return a segment without colors."""
    return "".join([text for _, text in all_pieces(placed, style)])
