"""Order, width, colour and cleanliness: segments in, one row of text out."""

from statusline.cells import cells, cut
from statusline.segment import Segment

WIDTH_UNKNOWN = 200  # cells, where COLUMNS is not set
MARGIN = 4  # cells that Claude Code keeps for itself
LONGEST = 80  # characters of any one text that is not ours

# SGR codes by role, and by level for values. Text without a code is what the host draws as plain.
COLOURS = {
    "model": "1",
    "directory": "34",
    "branch": "35",
    "calm": "32",
    "warn": "33",
    "alert": "1;31",
}

# Printable for Python and yet invisible or reshaping: selectors, fillers, joiners.
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"


class Part:
    """A named segment on its way to the row: which of its forms is taken, and how dear it is."""

    __slots__ = ("form", "joint", "segment", "weight", "widths")

    def __init__(self, segment: "Segment", weight: "int", joint: "str") -> None:
        self.segment = segment
        self.weight = weight
        self.joint = joint
        self.form = 0
        self.widths = [sum(cells(visible(text)) for _, text in form) for form in segment.forms]


def compose(parts: "list[Part]", width: "int", *, coloured: "bool") -> "str":
    """Return one row of at most ``width`` cells: shorter forms first, then fewer segments, then a cut."""
    shown = fit(parts, width)
    if len(shown) == 1 and row_width(shown) > width:
        shown[0].segment = Segment([("value", cut(visible(plain(shown[0])), width))], level=shown[0].segment.level)
        shown[0].form = 0
    row = ""
    for part in shown:
        row += part.joint if row else ""
        for role, text in part.segment.forms[part.form]:
            row += painted(visible(text), role, part.segment.level) if coloured else visible(text)
    return row


def plain(part: "Part") -> "str":
    """Return the text of a part's form without colours."""
    return "".join(text for _, text in part.segment.forms[part.form])


def fit(parts: "list[Part]", width: "int") -> "list[Part]":
    """Shorten from the lightest part on, then let the lightest leave, until the row fits or one part is left."""
    shown = list(parts)
    by_weight = sorted(parts, key=_weight)
    for part in by_weight:
        if row_width(shown) <= width:
            return shown
        part.form = len(part.widths) - 1
    for part in by_weight[:-1]:
        if row_width(shown) <= width:
            return shown
        shown.remove(part)
    return shown


def _weight(part: "Part") -> "int":
    return part.weight


def row_width(parts: "list[Part]") -> "int":
    """Return the cells that the parts take with what joins them."""
    return sum(part.widths[part.form] for part in parts) + sum(cells(part.joint) for part in parts[1:])


def painted(text: "str", role: "str", level: "str | None") -> "str":
    """Return a text in the colour of its role; a value has that of its level."""
    code = COLOURS.get(level or "") if role == "value" else COLOURS.get(role)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def visible(text: "str") -> "str":
    """Return a text without what could act or hide: the one exit that every text passes.

    Control characters, bidi controls, zero-width characters, line separators and lone surrogates are all not printable
    in Unicode's terms; a marked stack is kept to two marks a character.
    """
    if text.isascii() and text.isprintable():
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    kept, marks = "", 0
    for char in text[: 4 * LONGEST]:
        if char.isspace():
            kept += " "
        elif (char.isprintable() or "\ue000" <= char <= "\uf8ff") and not _is_unseen(char):
            marks = 0 if cells(char) else marks + 1
            kept += char if marks <= 2 else ""
    return kept if len(kept) <= LONGEST else kept[: LONGEST - 1] + "…"


def _is_unseen(char: "str") -> "bool":
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0000" <= char <= "\U000e0fff" or char in _UNSEEN


def usable_width(columns: "str") -> "int":
    """Return the cells that a row may take, from the text of COLUMNS."""
    if not (columns.isascii() and columns.isdigit()) or len(columns) > 6:
        return WIDTH_UNKNOWN
    return max(int(columns) - MARGIN, 1)
