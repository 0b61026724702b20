"""How many cells of a terminal a text takes, as wcwidth counts them.

Wide characters take two cells; combining ones none, but a spacing mark widens its letter to two. A flag (two regional
indicators) takes two, a lone one as well; a skin tone on a pictograph none. What East Asian fonts may draw at either
width (the ambiguous ones: our arrows and lines among them) is counted as one, as all but legacy CJK
terminals draw it. Joiners and variation selectors never come here: see `sanitize`.
"""

from cache.model.lazy import further_module


def cells(text: "str") -> "int":
    """Return the width of a text."""
    if text.isascii():
        return len(text)
    for char in text:
        if char > "~" and not is_plain(char):
            return sum([width for _, width in clusters(text)])
    return len(text)


def cut(text: "str", at_most: "int", more: "str" = "…") -> "str":
    """Return a text of at most ``at_most`` cells, ending in ``more`` if it was cut; a cluster stays whole."""
    if cells(text) <= at_most:
        return text
    room = at_most - cells(more)
    if room < 0:
        return cut(text, at_most, "") if more else ""
    return cut_to(clusters(text), room) + more


def cut_middle(text: "str", at_most: "int", more: "str" = "…") -> "str":
    """Return a text of at most ``at_most`` cells: its two ends with ``more`` between them; a cluster stays whole."""
    if cells(text) <= at_most:
        return text
    room = at_most - cells(more)
    if room < 2:
        return cut(text, at_most, more)
    found = [(char, 1) for char in text] if text.isascii() else clusters(text)
    return cut_to(found, (room + 1) // 2) + more + cut_to(found[::-1], room // 2, reverse=True)


def cut_to(found: "list[tuple[str, int]]", room: "int", *, reverse: "bool" = False) -> "str":
    """Return the first clusters that fit into so many cells; in reading order where they come last first."""
    kept = ""
    for cluster, width in found:
        room -= width
        if room < 0:
            break
        kept = cluster + kept if reverse else kept + cluster
    return kept


def clusters(text: "str") -> "list[tuple[str, int]]":
    """Return the grapheme clusters of a text, each with its width in cells."""
    return further_module("statusline.render.graphemes").clusters_of(text)  # type: ignore[no-any-return]


def cell(char: "str") -> "int":
    """Return the width of one character without others: 0, 1 or 2."""
    return 1 if is_plain(char) else further_module("statusline.render.graphemes").width_of(char)


def is_plain(char: "str") -> "bool":
    """Return whether a character is in a range where all take one cell, as most of a line is."""
    return char < "\u0300" or "\u2030" <= char < "\u205f" or "\u2190" <= char < "\u231a" or "\u2500" <= char < "\u25f0"
