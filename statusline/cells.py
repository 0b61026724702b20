"""How many cells of a terminal a text takes, as wcwidth counts them.

Wide characters take two cells; combining ones none, but a spacing mark widens its letter to two. A flag (two regional
indicators) takes two, a lone one as well; a skin tone on a pictograph none. What East Asian fonts may draw at either
width (the ambiguous ones: the arrows and lines of our own among them) is counted as one, as all but legacy CJK
terminals draw it. Joiners and variation selectors never come here: see `visible`.
"""

from statusline.widths import PICTOGRAPHS, VIRAMAS, WIDE, WIDENING, ZERO


def cells(text: "str") -> "int":
    """Return the width of a text."""
    if text.isascii():
        return len(text)
    for char in text:
        if not _is_plain(char):
            return sum(width for _, width in clusters(text))
    return len(text)


def cut(text: "str", at_most: "int", more: "str" = "…") -> "str":
    """Return a text of at most so many cells, with ``more`` where something is missing; a cluster stays whole."""
    if cells(text) <= at_most:
        return text
    kept, room = "", at_most - cells(more)
    if room < 0:
        return cut(text, at_most, "") if more else ""
    for cluster, width in clusters(text):
        room -= width
        if room < 0:
            break
        kept += cluster
    return kept + more


def clusters(text: "str") -> "list[tuple[str, int]]":
    """Return the characters of a text with what stands on them, each with its width."""
    found: "list[tuple[str, int]]" = []
    base, flags, joins, widens = "", 0, False, False
    for char in text:
        width = cell(char)
        flags = flags + 1 if "\U0001f1e6" <= char <= "\U0001f1ff" else 0
        if (flags and flags % 2 == 0) or (_is_tone(char) and base and _is_within(PICTOGRAPHS, base)):
            found[-1] = (found[-1][0] + char, found[-1][1])
            base = char if flags else base
        elif width and not joins:
            found.append((char, width))
            base, widens = char, True
        else:
            before, taken = found.pop() if found else ("", 0)
            virama = not width and _is_within(VIRAMAS, char)
            wider = joins if width else widens and not virama and _is_within(WIDENING, char)
            found.append((before + char, 2 if wider else taken))
            base, widens, joins = (char, True, False) if width else (base, widens and not wider, virama)
    return found


def cell(char: "str") -> "int":
    """Return the width of one character on its own: 0, 1 or 2."""
    if _is_plain(char):
        return 1
    if _is_within(ZERO, char):
        return 0
    return 2 if _is_within(WIDE, char) else 1


def _is_plain(char: "str") -> "bool":
    """Say whether a character lies where all take one cell: what most lines are drawn with does."""
    return char < "\u0300" or "\u2190" <= char < "\u231a" or "\u232b" <= char < "\u23e9" or "\u2500" <= char < "\u25f0"


def _is_tone(char: "str") -> "bool":
    return "\U0001f3fb" <= char <= "\U0001f3ff"


def _is_within(ranges: "str", char: "str") -> "bool":
    low, high = 0, len(ranges) // 2
    while low < high:
        middle = (low + high) // 2
        if char > ranges[2 * middle + 1]:
            low = middle + 1
        elif char < ranges[2 * middle]:
            high = middle
        else:
            return True
    return False
