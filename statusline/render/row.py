"""Fitting segments into rows: order, width, and the text of each row."""

from cache.model.lazy import further_module
from statusline.attempt import attempt
from statusline.render.placed_segment import PlacedSegment, cut_pieces, paint
from statusline.render.theme import SEPARATOR
from statusline.render.width import cells, cut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.render.theme import Style

    Group = list[PlacedSegment]

WIDTH_UNKNOWN = 200  # cells, where COLUMNS is not set
MARGIN = 4  # cells that Claude Code keeps for itself
GAP = 2  # cells at least between the left and the right group


class Row:
    """The two groups of a row while they are made to fit; ``removed`` is what had no room."""

    __slots__ = ("bars", "groups", "removed", "style", "width")

    def __init__(self, left: "Group", right: "Group", style: "Style") -> None:
        self.groups = (_in_full(left, style), _in_full(right, style))
        self.style = style
        self.bars = True
        self.removed: "Group" = []
        self.measure()

    def measure(self) -> "None":
        """Count the cells of the whole row."""
        left, right = (group_width(group, self.style) for group in self.groups)
        self.width = left + right + (GAP if left and right else 0)

    def by_weight(self) -> "Group":
        """Return the segments, the lightest first; of equal ones the last."""
        group = [*self.groups[0], *self.groups[1]]
        group.reverse()
        return sorted(group, key=_weight)

    def fit(self, width: "int") -> "None":
        """Shorten from the lightest segment on, then drop bars, then remove the lightest, until the row fits."""
        group = self.by_weight()
        steps = max([len(placed.segment.forms) for placed in group])
        for shape in range(1, steps):
            for placed in group:
                if self.width <= width:
                    return
                if shape < len(placed.segment.forms):
                    self.width += placed.use_form(shape, self.style)
        for placed in group:
            if self.width <= width:
                return
            self.bars = False
            self.width += placed.use_form(placed.shape, self.style, bars=False)
        for placed in group[:-1]:
            if self.width <= width:
                return
            self.remove(placed)

    def remove(self, placed: "PlacedSegment") -> "None":
        """Take a segment out of the row."""
        for group in self.groups:
            if placed in group:
                group.remove(placed)
        self.removed.append(placed)
        self.measure()

    def grow(self, width: "int") -> "None":
        """Give the room that is left to fuller forms, the heaviest segment first."""
        for placed in self.by_weight()[::-1]:
            shortest, others = placed.shape, self.width - placed.width
            for shape in range(shortest + 1):
                placed.use_form(shape, self.style, bars=self.bars)
                if others + placed.width <= width:
                    break
            self.width = others + placed.width


def _in_full(group: "Group", style: "Style") -> "Group":
    """Return the segments of a group in their fullest form, without those that have nothing to see."""
    visible_ones: "Group" = []
    for placed in group:
        placed.use_form(0, style)
        if any(text.strip() for _, text in placed.pieces):
            placed.before = visible_ones[-1] if visible_ones else None
            visible_ones.append(placed)
    return visible_ones


def _weight(placed: "PlacedSegment") -> "int":
    return placed.weight


def compose_rows(rows: "list[tuple[Group, Group]]", width: "int", style: "Style", *, wrap: "bool" = False) -> "str":
    """Return the rows of ``(left, right)`` groups, each of at most ``width`` cells; an empty one takes no row.

    With ``wrap``, what has no room in a row goes to another one below it.
    """
    lines: "list[str]" = []
    for left, right in rows:
        lines += attempt(render_row, left, right, width, style, wrap=wrap) or [plain_row([*left, *right], width, style)]
    return "\n".join([line for line in lines if line])


def render_row(left: "Group", right: "Group", width: "int", style: "Style", *, wrap: "bool") -> "list[str]":
    """Return the row of two groups, and the one below it with what was removed from the first."""
    row = Row(left, right, style)
    lines = [row_text(row, width)]
    if wrap and row.removed:
        order = [*left, *right]
        lines.append(row_text(Row(sorted(row.removed, key=order.index), [], style), width))
    return lines


def plain_row(group: "Group", width: "int", style: "Style") -> "str":
    """Return the segments one after the other, without colors, cut where the row ends: the last resort."""
    return cut(SEPARATOR.join([text for placed in group if (text := plain_text(placed))]), width, style.more)


def row_text(row: "Row", width: "int") -> "str":
    """Return a row as text, made to fit."""
    left, right = row.groups
    if row.width > width:
        row.fit(width)
        row.grow(width)
    if row.width > width:
        last = (left or right)[0]
        last.pieces = cut_pieces(last.pieces, max(width - row.style.edges, 1), row.style.more)
        if width <= row.style.edges:
            return attempt(paint, last, row.style) or plain_text(last)
        row.measure()
    text = group_text(left, row.style)
    if not right:
        return text
    # Claude Code trims a row that begins with blanks, unless a sequence comes before them.
    guard = "\x1b[0m" if row.style.escapes and not left else ""
    used = group_width(left, row.style) + group_width(right, row.style)
    return guard + text + " " * (width - used) + group_text(right, row.style)


def group_width(group: "Group", style: "Style") -> "int":
    """Return the cells that a group takes with its joints."""
    if not group:
        return 0
    joints = sum([cells(joint) for joint in joints_of(group, style)])
    return sum([placed.width for placed in group]) + joints + style.edges


def joints_of(group: "Group", style: "Style") -> "list[str]":
    """Return the joint before each segment: the separator where the one that it belongs to is not there."""
    joints, before = [], None
    for placed in group:
        joint = style.joint(placed.joint if placed.before is before else SEPARATOR)
        joints.append(joint if before else "")
        before = placed
    return joints


def group_text(group: "Group", style: "Style") -> "str":
    """Return a group as text."""
    joints = joints_of(group, style)
    blocks = attempt(_blocks_text, group, joints, style) if style.blocks and group else None
    if blocks is not None:
        return blocks
    texts = [attempt(paint, placed, style) or plain_text(placed) for placed in group]
    return "".join([joint + text for joint, text in zip(joints, texts, strict=True)])


def plain_text(placed: "PlacedSegment") -> "str":
    """Return a segment without colors."""
    return "".join([text for _, text in placed.pieces])


def usable_width(columns: "str", padding: "int" = 0) -> "int":
    """Return the cells that a row may take, from the text of COLUMNS and the cells kept free on each side.

    0 is what terminals say that do not know.
    """
    wide = int(columns) if columns.isascii() and columns.isdigit() and len(columns) <= 6 else 0
    return max(wide - MARGIN - 2 * padding, 1) if wide else WIDTH_UNKNOWN


def _blocks_text(group: "Group", joints: "list[str]", style: "Style") -> "str":
    return further_module("statusline.render.powerline").blocks_text(group, joints, style)  # type: ignore[no-any-return]
