"""Fitting segments into rows: which steps of the ladder have room, and the text of each row."""

from cache.model.lazy import further_module
from statusline.attempt import attempt, keep_failure
from statusline.render.ladder import BAR_CELLS, WHOLE
from statusline.render.placed_segment import cells_of, paint, plain_text, prepare, render_pieces
from statusline.render.theme import SEPARATOR
from statusline.render.width import cells

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from statusline.render.ladder import Step
    from statusline.render.placed_segment import PlacedSegment
    from statusline.render.theme import Style

    Group = list[PlacedSegment]
    Steps = Sequence[Step]
    ComposedRow = tuple[Group, Group, Steps]

WIDTH_UNKNOWN = 200  # cells, where COLUMNS is not set
MARGIN = 4  # cells that Claude Code keeps for itself
GAP = 2  # cells beyond a separator from which the right group stands at the edge; below, the groups are one


class Row:
    """The two groups of a row while they take their steps; ``used`` are the cells taken, of ``room``."""

    __slots__ = ("entries", "heads", "parts", "room", "separator", "style", "used")

    def __init__(self, left: "Group", right: "Group", room: "int", style: "Style") -> None:
        self.room = room
        self.style = style
        self.separator = cells(style.joint(SEPARATOR))
        self.used = style.edges - self.separator  # the first segment has none before it
        self.heads: "dict[int, PlacedSegment]" = {}  # the first segment that is shown of each cluster
        self.entries: "dict[str, tuple[PlacedSegment, str]]" = {}  # by key of the ladder: the segment and its detail
        self.parts: "Group" = []
        cluster = 0
        for group in (left, right):
            cluster += 1
            for placed in group:
                if not placed.joint:
                    cluster += 1
                placed.cluster, placed.order = cluster, len(self.parts)
                self.parts.append(placed)
                if placed.pending is not None:
                    self.entries[placed.key] = (placed, "pending")
                else:
                    self.enter(placed)

    def enter(self, placed: "PlacedSegment") -> "None":
        """Note the segment and its details under their keys, if there is anything to see."""
        try:
            if not prepare(placed, self.style):
                return
        except Exception as error:  # noqa: BLE001 - one that cannot be rendered is not shown
            keep_failure(error)
            return
        key, segment = placed.key, placed.segment
        self.entries[key] = (placed, "")
        if segment.bar is not None and not (placed.is_block or self.style.blocks):
            self.entries[key + ".bar"] = (placed, "bar")
        for name in segment.details or ():
            self.entries[f"{key}.{name}"] = (placed, name)

    def climb(self, steps: "Steps") -> "int":
        """Take the steps in their order, up to the first that does not fit; return how many were taken or silent."""
        for number, (key, size) in enumerate(steps):
            if key == "bars":
                if not self.lengthen_bars(size):
                    return number
                continue
            entry = self.entries.get(key)
            if entry is None:
                continue
            placed, detail = entry
            if detail == "pending":
                self.make(placed)
                if self.entries[key][1] == detail:
                    continue  # it has nothing to say
                detail = ""
            step = self.add_detail if detail else self.grow if placed.is_shown else self.add
            if not step(placed, detail, size):
                return number
        return len(steps)

    def make(self, placed: "PlacedSegment") -> "None":
        """Make a segment that the row has room for, perhaps."""
        segment = attempt(placed.pending) if placed.pending is not None else None
        if segment is not None:
            placed.segment, placed.level = segment, segment.level
            self.enter(placed)

    def add(self, placed: "PlacedSegment", _: "str", size: "int") -> "bool":
        """Show a segment without its details; return whether there was room for it."""
        head, style = self.heads.get(placed.cluster), self.style
        if head is None:
            cost = self.separator
        else:
            cost = cells(style.joint((head if placed.order < head.order else placed).joint))
        if placed.segment.is_name:
            placed.size = min(size or WHOLE, placed.width)
            cost += placed.size + cells_of(placed.pieces[:-1])
        else:
            cost += placed.width
        if placed.age:
            cost += self.cost_of_age(placed.age)
        if self.used + cost > self.room:
            return False
        self.used += cost
        placed.is_shown = True
        if head is None or placed.order < head.order:
            self.heads[placed.cluster] = placed
        return True

    def cost_of_age(self, age: "str") -> "int":
        """Return the cells for an age: what several numbers have in common is said once, behind the last of them."""
        same = sum([each.is_shown and each.age == age for each in self.parts])
        return 0 if same > 1 else cells(self.style.joint(" · ")) - 1 if same else cells(age)

    def add_detail(self, placed: "PlacedSegment", detail: "str", _: "int") -> "bool":
        """Show a detail; return whether there was room for it."""
        pieces: "list[tuple[str, str]]" = []
        if detail == "bar":
            size = placed.size or BAR_CELLS
            cost = size + 1
        else:
            pieces = render_pieces((placed.segment.details or {})[detail], self.style)
            cost = cells_of(pieces)
        if self.used + cost > self.room:
            return False
        self.used += cost
        if detail == "bar":
            placed.bar = size
        else:
            placed.shown[detail] = pieces
        return True

    def grow(self, placed: "PlacedSegment", _: "str", size: "int") -> "bool":
        """Show more of a name, cell by cell; return whether there was room for all of it."""
        missing = min(size, placed.width) - placed.size
        if missing <= 0 or not placed.segment.is_name:
            return True
        more = min(missing, self.room - self.used)
        placed.size += more
        self.used += more
        return more == missing

    def lengthen_bars(self, size: "int") -> "bool":
        """Make all bars that are shown so long, but for those that an option sets; return whether there was room."""
        barred = [placed for placed in self.parts if placed.bar and not placed.size]
        more = sum([size - placed.bar for placed in barred])
        if more <= 0:
            return True
        if self.used + more > self.room:
            return False
        self.used += more
        for placed in barred:
            placed.bar = size
        return True


def compose_rows(rows: "Sequence[ComposedRow]", width: "int", style: "Style", *, wrap: "bool" = False) -> "str":
    """Return the rows of ``(left, right, steps)``, each of at most ``width`` cells; an empty one takes no row.

    With ``wrap``, what has no room in a row goes to another one below it.
    """
    lines: "list[str]" = []
    for left, right, steps in rows:
        found = attempt(render_row, left, right, width, style, steps, wrap=wrap)
        lines += found or [further_module("statusline.render.unusual_rows").plain_row([*left, *right], width, style)]
    return "\n".join([line for line in lines if line])


def render_row(
    left: "Group", right: "Group", width: "int", style: "Style", ladder: "Steps", *, wrap: "bool"
) -> "list[str]":
    """Return the row of two groups, and the one below it with what had no room in the first."""
    lines = [row_text(left, right, width, style, ladder)]
    rest = [placed for placed in [*left, *right] if not placed.is_shown] if wrap else []
    before = 0
    for placed in rest:
        if placed.cluster != before:  # what it joined is in the first row
            placed.joint = ""
        before = placed.cluster
    return [*lines, row_text(rest, [], width, style, ladder)] if rest and lines[0] else lines


def row_text(left: "Group", right: "Group", width: "int", style: "Style", ladder: "Steps") -> "str":
    """Return a row as text, made to fit."""
    row = Row(left, right, width, style)
    row.climb(ladder)
    parts = [placed for placed in row.parts if placed.is_shown]
    if not parts:
        return cut_row(row, ladder) if row.entries else ""
    if any([placed.age for placed in parts]):  # noqa: C419 - a list takes less time
        further_module("statusline.render.unusual_rows").share_ages(parts, style)
    if not right:
        return group_text(parts, style)
    left_text = group_text([placed for placed in parts if placed in left], style)
    right_text = group_text([placed for placed in parts if placed in right], style)
    if not right_text:
        return left_text
    if not left_text:
        # Claude Code trims a row that begins with blanks, unless a sequence comes before them.
        return ("\x1b[0m" if style.escapes else "") + " " * (row.room - row.used) + right_text
    free = row.room - row.used
    if free >= GAP:
        return left_text + " " * (row.separator + free - style.edges) + right_text
    joint = "" if style.blocks else style.joint(SEPARATOR)
    code = style.code("separator", None)
    return left_text + (f"\x1b[{code}m{joint}\x1b[0m" if code and joint.strip() else joint) + right_text


def cut_row(row: "Row", ladder: "Steps") -> "str":
    """Return the dearest segment, cut where the row ends: nothing fits as a whole."""
    made = {key: placed for key, (placed, detail) in row.entries.items() if detail != "pending"}
    first = next((made[key] for key, _ in ladder if key in made), None)
    if first is None:
        return ""
    first.is_shown = True
    further_module("statusline.render.unusual_rows").cut_segment(first, row.room, row.style)
    if row.room > row.style.edges:
        return group_text([first], row.style)
    return attempt(paint, first, row.style) or plain_text(first, row.style)


def group_text(group: "list[PlacedSegment]", style: "Style") -> "str":
    """Return a group as text."""
    joints, before = [], 0
    for placed in group:
        joints.append(style.joint(placed.joint if placed.cluster == before else SEPARATOR) if before else "")
        before = placed.cluster
    blocks = attempt(_blocks_text, group, joints, style) if style.blocks and group else None
    if blocks is not None:
        return blocks
    code, text = style.code("separator", None), ""
    for placed, joint in zip(group, joints, strict=True):
        text += f"\x1b[{code}m{joint}\x1b[0m" if code and joint.strip() else joint
        try:
            text += paint(placed, style)
        except Exception as error:  # noqa: BLE001 - what has no color is shown without
            keep_failure(error)
            text += plain_text(placed, style)
    return text


def _blocks_text(group: "list[PlacedSegment]", joints: "list[str]", style: "Style") -> "str":
    return further_module("statusline.render.powerline").blocks_text(group, joints, style)  # type: ignore[no-any-return]


def usable_width(columns: "str", padding: "int" = 0) -> "int":
    """Return the cells that a row may take, from the text of COLUMNS and the cells kept free on each side.

    0 is what terminals say that do not know.
    """
    wide = int(columns) if columns.isascii() and columns.isdigit() and len(columns) <= 6 else 0
    return max(wide - MARGIN - 2 * padding, 1) if wide else WIDTH_UNKNOWN
