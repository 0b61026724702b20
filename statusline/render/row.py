"""Order and width: segments in, rows of text out."""

from cache.model.lazy import further_module
from statusline.attempt import attempt
from statusline.render.placed_segment import Part, cut_pieces, painted
from statusline.render.theme import SEPARATOR
from statusline.render.width import cells, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.render.theme import Looks

WIDTH_UNKNOWN = 200  # cells, where COLUMNS is not set
MARGIN = 4  # cells that Claude Code keeps for itself
GAP = 2  # cells at least between the left and the right group


class Row:
    """The two groups of a row, while they are made to fit."""

    __slots__ = ("bars", "gone", "groups", "looks", "width")

    def __init__(self, left: "list[Part]", right: "list[Part]", looks: "Looks") -> None:
        self.groups = (_ready(left, looks), _ready(right, looks))
        self.looks = looks
        self.bars = True
        self.gone: "list[Part]" = []
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
            least, others = part.shape, self.width - part.width
            for shape in range(least + 1):
                part.take(shape, self.looks, bars=self.bars)
                if others + part.width <= width:
                    break
            self.width = others + part.width


def _ready(parts: "list[Part]", looks: "Looks") -> "list[Part]":
    """Return the parts of a group in their fullest form; one without anything to see is left out."""
    ready: "list[Part]" = []
    for part in parts:
        part.take(0, looks)
        if any(text.strip() for _, text in part.drawn):
            part.before = ready[-1] if ready else None
            ready.append(part)
    return ready


def _weight(part: "Part") -> "int":
    return part.weight


def compose_rows(
    rows: "list[tuple[list[Part], list[Part]]]", width: "int", looks: "Looks", *, wrap: "bool" = False
) -> "str":
    """Return the rows of ``(left, right)`` groups, each of at most ``width`` cells; an empty one takes no row.

    With ``wrap``, what would leave a row stands in another one below it.
    """
    lines: "list[str]" = []
    for left, right in rows:
        lines += attempt(lines_of, left, right, width, looks, wrap=wrap) or [plain_row([*left, *right], width, looks)]
    return "\n".join([line for line in lines if line])


def lines_of(left: "list[Part]", right: "list[Part]", width: "int", looks: "Looks", *, wrap: "bool") -> "list[str]":
    """Return the row of two groups, and the one below it of what left that row."""
    row = Row(left, right, looks)
    lines = [row_text(row, width)]
    if wrap and row.gone:
        order = [*left, *right]
        lines.append(row_text(Row(sorted(row.gone, key=order.index), [], looks), width))
    return lines


def plain_row(parts: "list[Part]", width: "int", looks: "Looks") -> "str":
    """Return the parts one after the other, without colours, cut where the row ends: where all else has failed."""
    return cut(SEPARATOR.join([text for part in parts if (text := plain_text(part))]), width, looks.more)


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
            return attempt(painted, last, row.looks) or plain_text(last)
        row.measure()
    text = group_text(left, row.looks)
    if not right:
        return text
    # A row that begins with blanks loses them, unless a sequence stands before them.
    kept = "\x1b[0m" if row.looks.escapes and not left else ""
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
    blocks = attempt(_blocks_text, parts, joints, looks) if looks.blocks and parts else None
    if blocks is not None:
        return blocks
    texts = [attempt(painted, part, looks) or plain_text(part) for part in parts]
    return "".join([joint + text for joint, text in zip(joints, texts, strict=True)])


def plain_text(part: "Part") -> "str":
    """Return a part without colours."""
    return "".join([text for _, text in part.drawn])


def usable_width(columns: "str", padding: "int" = 0) -> "int":
    """Return the cells that a row may take, from the text of COLUMNS and the cells kept free on each side.

    0 is what terminals say that do not know.
    """
    wide = int(columns) if columns.isascii() and columns.isdigit() and len(columns) <= 6 else 0
    return max(wide - MARGIN - 2 * padding, 1) if wide else WIDTH_UNKNOWN


def _blocks_text(parts: "list[Part]", joints: "list[str]", looks: "Looks") -> "str":
    return further_module("statusline.render.powerline").blocks_text(parts, joints, looks)  # type: ignore[no-any-return]
