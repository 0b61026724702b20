"""One segment in its row: the form that is used, its pieces of text, and their colors."""

from statusline.attempt import attempt
from statusline.render.sanitize import safe_link, sanitize
from statusline.render.theme import bar_pieces
from statusline.render.width import cells, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.render.theme import Style
    from statusline.segments.segment import Segment

    Pieces = list[tuple[str, str]]  # role and text, fit for the terminal


class PlacedSegment:
    """A segment in its row.

    ``name`` and ``options`` are those of its item; ``label`` replaces the segment's own unless it is None; ``level``
    is the segment's, or calm where another limit matters more; ``shows_reset`` is false where another segment shows
    the one countdown. The lightest ``weight`` leaves a narrow row first; ``joint`` comes before the segment if
    ``before`` is its neighbor. ``shape`` is the number of the form in use, ``pieces`` its text, ``width`` its cells.
    """

    __slots__ = (
        "before",
        "joint",
        "label",
        "level",
        "name",
        "options",
        "pieces",
        "segment",
        "shape",
        "shows_reset",
        "weight",
        "width",
    )

    def __init__(
        self,
        segment: "Segment",
        weight: "int",
        joint: "str",
        name: "str" = "",
        options: "dict[str, object] | None" = None,
    ) -> None:
        self.segment = segment
        self.weight = weight
        self.joint = joint
        self.name = name
        self.options = options
        self.level = segment.level
        self.label: "str | None" = None
        self.shows_reset = True
        self.before: "PlacedSegment | None" = None
        self.pieces: "Pieces" = []
        self.shape = self.width = 0

    def use_form(self, shape: "int", style: "Style", *, bars: "bool" = True) -> "int":
        """Use one of the forms, with or without its bars; return by how many cells it is wider than the one before.

        One that cannot be rendered is not used.
        """
        width = self.width
        attempt(self._use_form, shape, style, bars=bars)
        return self.width - width

    def _use_form(self, shape: "int", style: "Style", *, bars: "bool") -> "None":
        pieces = render_pieces(self, shape, style, bars=bars)
        self.width = sum([cells(text) for _, text in pieces])
        self.shape, self.pieces = shape, pieces


def render_pieces(placed: "PlacedSegment", shape: "int", style: "Style", *, bars: "bool" = True) -> "Pieces":
    """Return a form as roles and clean text: signs for glyphs and bars, and a mark for an urgent level.

    The mark follows the last value, so that a level never depends on color alone.
    """
    pieces: "Pieces" = []
    level, form, label = placed.level, placed.segment.forms[shape], placed.label
    is_marked = level in {None, "calm"} or ("glyph", level) in form
    mark_at = -1
    if label:
        pieces.append(("label", sanitize(label + " ", style.more)))
    for role, text in form:
        if role == "bar":
            pieces += [*bar_pieces(text, style.signs["bar"]), ("detail", " ")] if bars else []
        elif role == "glyph":
            pieces.append((text, style.signs.get(text, "")))
        elif role == "reset":
            if placed.shows_reset:
                pieces += [("detail", " "), ("reset", style.signs["reset"]), ("detail", sanitize(text, style.more))]
        elif role != "label" or label is None:
            pieces.append((role, sanitize(text, style.more)))
        if role == "value":
            mark_at = len(pieces)
    if not is_marked and level:
        pieces.insert(mark_at if mark_at >= 0 else len(pieces), (level, style.signs[level]))
    return pieces


def paint(placed: "PlacedSegment", style: "Style") -> "str":
    """Return a segment in its colors, each of them ended within it, and as a link if it has one."""
    row, current, level = "", "", placed.level
    color = placed.options.get("color") if placed.options else None
    for role, text in placed.pieces:
        code = style.code(role, level) if color is None else style.code_with(color, role, level)
        if text and code != current:
            row += ("\x1b[0m" if current else "") + (f"\x1b[{code}m" if code else "")
            current = code
        row += text
    return link_text(row + ("\x1b[0m" if current else ""), placed.segment.link, style)


def link_text(text: "str", link: "str | None", style: "Style") -> "str":
    """Return a text as an OSC 8 link to an https address, where there is one and the terminal may have it."""
    url = safe_link(link) if link and style.escapes else ""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if url else text


def cut_pieces(pieces: "Pieces", width: "int", more: "str") -> "Pieces":
    """Return the beginning of a form in at most ``width`` cells, with ``more`` at its end."""
    kept, room = [], width
    for role, text in pieces:
        needed = cells(text)
        if needed >= room:
            kept.append((role, cut(text + more, room, more)))
            break
        kept.append((role, text))
        room -= needed
    return kept
