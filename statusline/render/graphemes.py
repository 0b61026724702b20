"""A text as grapheme clusters, each with its width in cells."""

from statusline.render.width_table import PICTOGRAPHS, VIRAMAS, WIDE, WIDENING, ZERO


def clusters_of(text: "str") -> "list[tuple[str, int]]":
    """Return the clusters of a text, each with its width in cells."""
    result: "list[tuple[str, int]]" = []
    base, flags, joins, widens = "", 0, False, False
    for char in text:
        width = width_of(char)
        flags = flags + 1 if "\U0001f1e6" <= char <= "\U0001f1ff" else 0
        if (flags and flags % 2 == 0) or (_is_tone(char) and base and _is_within(PICTOGRAPHS, base)):
            result[-1] = (result[-1][0] + char, result[-1][1])
            base = char if flags else base
        elif width and not joins:
            result.append((char, width))
            base, widens = char, True
        else:
            before, taken = result.pop() if result else ("", 0)
            virama = not width and _is_within(VIRAMAS, char)
            wider = joins if width else widens and not virama and _is_within(WIDENING, char)
            result.append((before + char, 2 if wider else taken))
            base, widens, joins = (char, True, False) if width else (base, widens and not wider, virama)
    return result


def width_of(char: "str") -> "int":
    """Return the width of one character without others: 0, 1 or 2."""
    if _is_within(ZERO, char):
        return 0
    return 2 if _is_within(WIDE, char) else 1


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
