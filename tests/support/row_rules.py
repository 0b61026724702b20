"""What every answer of a tick must be, whatever it was given: rows, within their width, with nothing that acts."""

from __future__ import annotations

import re
import unicodedata

from wcwidth import wcswidth

SGR = r"\x1b\[(?:[0-9]+(?:;[0-9]+)*)m"
LINK = r"\x1b\]8;;(?:https://[!-~]+)?\x1b\\"
SEQUENCE = re.compile(f"{SGR}|{LINK}")
HARMFUL = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}  # Unicode's categories


def judge(text: str, width: int, at_most: int) -> None:
    """Fail unless a text is 1 to ``at_most`` rows of 1 to ``width`` cells by wcwidth, clean, and closed row by row."""
    rows = text.split("\n")
    assert len(rows) <= at_most
    for row in rows:
        bare = SEQUENCE.sub("", row)
        assert not {unicodedata.category(char) for char in bare} & HARMFUL, ascii(row)
        assert 0 < wcswidth(bare) <= width, ascii(row)
        assert bare.strip(), "a blank row would remove the line"
        assert closed(SEQUENCE.findall(row)), ascii(row)


def closed(sequences: list[str]) -> bool:
    """Say whether every color and every link that is opened is closed before another is, and by the end."""
    color = link = False
    for each in sequences:
        if each.endswith("m"):
            if color and each != "\x1b[0m":
                return False
            color = each != "\x1b[0m"
        else:
            opens = "https:" in each
            if link is opens:
                return False
            link = opens
    return not color and not link
