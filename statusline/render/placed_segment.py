"""One segment on its way to the row: its forms as clean text with signs, and in colour."""

from statusline.attempt import attempt
from statusline.render.sanitize import safe_link, visible
from statusline.render.theme import bar_pieces
from statusline.render.width import cells, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.render.theme import Looks
    from statusline.segments.segment import Segment


class Part:
    """A segment on its way to the row: its ways to be drawn, the fullest first, and how dear it is.

    ``shape`` is which of them is taken, ``width`` its cells; ``before`` is the part that it was put behind.
    """

    __slots__ = ("before", "drawn", "joint", "segment", "shape", "weight", "width")

    def __init__(self, segment: "Segment", weight: "int", joint: "str") -> None:
        self.segment = segment
        self.weight = weight
        self.joint = joint
        self.before: "Part | None" = None
        self.drawn: "list[tuple[str, str]]" = []
        self.shape = self.width = 0

    def take(self, shape: "int", looks: "Looks", *, bars: "bool" = True) -> "int":
        """Take one of the forms, with or without its bars; return the cells that it is wider for that.

        One that cannot be drawn is not taken.
        """
        was = self.width
        attempt(self._take, shape, looks, bars=bars)
        return self.width - was

    def _take(self, shape: "int", looks: "Looks", *, bars: "bool") -> "None":
        drawn = drawn_form(self.segment, self.segment.forms[shape], looks, bars=bars)
        self.width = sum([cells(text) for _, text in drawn])
        self.shape, self.drawn = shape, drawn


def drawn_form(
    segment: "Segment", form: "list[tuple[str, str]]", looks: "Looks", *, bars: "bool" = True
) -> "list[tuple[str, str]]":
    """Return a form as ``(role, clean text)``, with signs for glyphs and bars, and a mark for a level that is urgent.

    The mark stands behind the last value, so that a level is never told by colour alone. Without bars the blank behind
    a bar goes as well.
    """
    drawn: "list[tuple[str, str]]" = []
    marked = segment.level in {None, "calm"} or ("glyph", segment.level) in form
    after_bar = False
    for role, text in form:
        if role == "bar":
            drawn += bar_pieces(text, looks.signs["bar"]) if bars else []
        elif role == "glyph":
            drawn.append((text, looks.signs.get(text, "")))
        else:
            drawn.append((role, visible(text.lstrip() if after_bar else text, looks.more)))
        after_bar = role == "bar" and not bars
    if not marked:
        drawn.insert(_behind_value(drawn), (segment.level or "", looks.signs[segment.level or ""]))
    return drawn


def _behind_value(drawn: "list[tuple[str, str]]") -> "int":
    values = [number for number, (role, _) in enumerate(drawn) if role == "value"]
    return values[-1] + 1 if values else len(drawn)


def painted(part: "Part", looks: "Looks") -> "str":
    """Return a part in its colours, each of them ended within it, and as a link if it has one."""
    text, code, level = "", "", part.segment.level
    for role, said in part.drawn:
        wanted = looks.code(role, level)
        if said and wanted != code:
            text += ("\x1b[0m" if code else "") + (f"\x1b[{wanted}m" if wanted else "")
            code = wanted
        text += said
    return linked(text + ("\x1b[0m" if code else ""), part.segment.link, looks)


def linked(text: "str", link: "str | None", looks: "Looks") -> "str":
    """Return a text as an OSC 8 link to an https address, where there is one and the terminal may have it."""
    url = safe_link(link) if link and looks.escapes else ""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if url else text


def cut_pieces(pieces: "list[tuple[str, str]]", width: "int", more: "str") -> "list[tuple[str, str]]":
    """Return the beginning of a form in at most ``width`` cells, with ``more`` at its end."""
    kept, room = [], width
    for role, text in pieces:
        taken = cells(text)
        if taken >= room:
            kept.append((role, cut(text + more, room, more)))
            break
        kept.append((role, text))
        room -= taken
    return kept
