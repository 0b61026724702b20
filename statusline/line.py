"""Order and width: segments in, rows of text out."""

from statusline.cells import cells, cut
from statusline.clean import safe_link, visible
from statusline.looks import SEPARATOR, bar_pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.looks import Looks
    from statusline.segment import Segment

WIDTH_UNKNOWN = 200  # cells, where COLUMNS is not set
MARGIN = 4  # cells that Claude Code keeps for itself
GAP = 2  # cells at least between the left and the right group


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
        """Take one of the forms, with or without its bars; return the cells that it is wider for that."""
        was, self.shape = self.width, shape
        self.drawn = drawn_form(self.segment, self.segment.forms[shape], looks, bars=bars)
        self.width = sum([cells(text) for _, text in self.drawn])
        return self.width - was


class Row:
    """The two groups of a row, while they are made to fit."""

    __slots__ = ("bars", "gone", "groups", "looks", "width")

    def __init__(self, left: "list[Part]", right: "list[Part]", looks: "Looks") -> None:
        self.groups = (list(left), list(right))
        self.looks = looks
        self.bars = True
        self.gone: "list[Part]" = []
        for group in self.groups:
            for before, part in zip([None, *group], group, strict=False):
                part.before = before
                part.take(0, looks)
        self.measure()

    def measure(self) -> "None":
        """Count the cells of the whole row."""
        left, right = (group_width(group, self.looks) for group in self.groups)
        self.width = left + right + (GAP if left and right else 0)

    def by_weight(self) -> "list[Part]":
        """Return the parts, the lightest first; of equal ones the last."""
        parts = [*self.groups[0], *self.groups[1]]
        parts.reverse()
        return sorted(parts, key=_weight)

    def fit(self, width: "int") -> "None":
        """Shorten from the lightest part on, then do without bars, then let the lightest leave, until the row fits."""
        parts = self.by_weight()
        steps = max([len(part.segment.forms) for part in parts])
        for shape in range(1, steps):
            for part in parts:
                if self.width <= width:
                    return
                if shape < len(part.segment.forms):
                    self.width += part.take(shape, self.looks)
        for part in parts:
            if self.width <= width:
                return
            self.bars = False
            self.width += part.take(part.shape, self.looks, bars=False)
        for part in parts[:-1]:
            if self.width <= width:
                return
            self.leave(part)

    def leave(self, part: "Part") -> "None":
        """Take a part out of the row."""
        for group in self.groups:
            if part in group:
                group.remove(part)
        self.gone.append(part)
        self.measure()

    def grow(self, width: "int") -> "None":
        """Give what room is left to fuller forms, the dearest part first."""
        for part in self.by_weight()[::-1]:
            least = part.shape
            for shape in range(least):
                more = part.take(shape, self.looks, bars=self.bars)
                if self.width + more <= width:
                    self.width += more
                    break
            else:
                part.take(least, self.looks, bars=self.bars)


def _weight(part: "Part") -> "int":
    return part.weight


def compose_rows(
    rows: "list[tuple[list[Part], list[Part]]]", width: "int", looks: "Looks", *, wrap: "bool" = False
) -> "str":
    """Return the rows of ``(left, right)`` groups, each of at most ``width`` cells; an empty one takes no row.

    With ``wrap``, what would leave a row stands in another one below it.
    """
    lines = []
    for left, right in rows:
        row = Row(left, right, looks)
        lines.append(row_text(row, width))
        if wrap and row.gone:
            order = [*left, *right]
            lines.append(row_text(Row(sorted(row.gone, key=order.index), [], looks), width))
    return "\n".join([line for line in lines if line])


def row_text(row: "Row", width: "int") -> "str":
    """Return a row as text, made to fit."""
    left, right = row.groups
    if row.width > width:
        row.fit(width)
        row.grow(width)
    if row.width > width:
        last = (left or right)[0]
        last.drawn = cut_pieces(last.drawn, max(width - row.looks.edges, 1), row.looks.more)
        if width <= row.looks.edges:
            return painted(last, row.looks)
        row.measure()
    text = group_text(left, row.looks)
    if not right:
        return text
    # A row that begins with blanks loses them, unless a sequence stands before them.
    kept = "\x1b[0m" if row.looks.depth and not left else ""
    used = group_width(left, row.looks) + group_width(right, row.looks)
    return kept + text + " " * (width - used) + group_text(right, row.looks)


def group_width(parts: "list[Part]", looks: "Looks") -> "int":
    """Return the cells that a group takes with what joins it."""
    if not parts:
        return 0
    joints = sum([cells(joint) for joint in joints_of(parts, looks)])
    return sum([part.width for part in parts]) + joints + looks.edges


def joints_of(parts: "list[Part]", looks: "Looks") -> "list[str]":
    """Return what stands before each part: the separator where the one before is not the one that it belongs to."""
    found, before = [], None
    for part in parts:
        joint = looks.joint(part.joint if part.before is before else SEPARATOR)
        found.append(joint if before else "")
        before = part
    return found


def group_text(parts: "list[Part]", looks: "Looks") -> "str":
    """Return a group as text."""
    joints = joints_of(parts, looks)
    if looks.blocks and parts:
        from statusline.powerline import blocks_text  # noqa: PLC0415 - for that theme only

        return blocks_text(parts, looks, joints, linked)
    return "".join([joint + painted(part, looks) for joint, part in zip(joints, parts, strict=True)])


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
    url = safe_link(link) if link and looks.links else ""
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


def usable_width(columns: "str", padding: "int" = 0) -> "int":
    """Return the cells that a row may take, from the text of COLUMNS and the cells kept free on each side."""
    if not (columns.isascii() and columns.isdigit()) or len(columns) > 6:
        return WIDTH_UNKNOWN
    return max(int(columns) - MARGIN - 2 * padding, 1)
