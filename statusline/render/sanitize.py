"""Cleaning every text that the line shows: no control characters, nothing invisible, nothing endless."""

from statusline.render.width import cell, clusters

LONGEST = 80  # characters of any one text from outside
LINK_AT_MOST = 2000  # characters; terminals stop at 2083

# Printable for Python and yet invisible or reshaping: selectors, fillers, joiners.
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
_MARKS = 6  # on one character; Burmese and pointed Hebrew use four; a stack of thirty is no name


def sanitize(text: "str", more: "str" = "…") -> "str":
    """Return a text without what could act or hide, with ``more`` where it was longer than `LONGEST`.

    Control characters, bidi controls, zero-width characters, line separators and lone surrogates are all not printable
    in Unicode's terms. A character keeps at most six combining marks, and a mark without a character is dropped.
    """
    if not (text.isascii() and text.isprintable()):
        text = _printable(text)
    return text if len(text) <= LONGEST else _capped(text, LONGEST - len(more)) + more


def _printable(text: "str") -> "str":
    kept, marks = "", _MARKS
    for char in text[: 4 * LONGEST]:
        if char.isspace():
            kept, marks = kept + " ", _MARKS
        elif (char.isprintable() or _is_icon(char)) and not _is_unseen(char):
            marks = 0 if cell(char) else marks + 1
            kept += char if marks <= _MARKS else ""
    return kept


def _capped(text: "str", at_most: "int") -> "str":
    """Return the whole clusters within the first ``at_most`` characters."""
    if text.isascii():
        return text[:at_most]
    kept = ""
    for cluster, _ in clusters(text):
        if len(kept) + len(cluster) > at_most:
            break
        kept += cluster
    return kept


def _is_icon(char: "str") -> "bool":
    """Return whether a character is for private use: terminal fonts keep their icons there."""
    return "\ue000" <= char <= "\uf8ff" or "\U000f0000" <= char <= "\U000ffffd"


def _is_unseen(char: "str") -> "bool":
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0000" <= char <= "\U000e0fff" or char in _UNSEEN


def safe_link(url: "str | None") -> "str":
    """Return an https address that is safe within an escape sequence, else an empty text."""
    if not url or not url.startswith("https://") or len(url) > LINK_AT_MOST:
        return ""
    return url if url.isascii() and url.isprintable() and " " not in url else ""
