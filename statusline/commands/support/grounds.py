"""The backgrounds that themes are for, and rows as they look on one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from statusline.render.colors import ink_of
from statusline.render.width import cells

RESET = "\x1b[0m"
_SEQUENCE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")


@dataclass(frozen=True)
class Ground:
    """A terminal's background: ``name`` is Claude Code's theme there, ``ink`` the color of text without one."""

    name: str
    color: str
    ink: str


# Claude Code draws plain text so in its themes `dark` and `light`, whatever ink the terminal has.
DARK = Ground("dark", "#15181e", "#999999")
LIGHT = Ground("light", "#ffffff", "#666666")
# By theme; those that are not here take what they get.
GROUND_OF = {
    "dark": DARK,
    "light": LIGHT,
    "colorblind": DARK,
    "colorblind-light": LIGHT,
    "catppuccin": Ground("dark", "#1e1e2e", DARK.ink),
    "tokyo-night": Ground("dark", "#1a1b26", DARK.ink),
}


def without_escapes(row: str) -> str:
    """Return the text of a row without its colors and links."""
    return _SEQUENCE.sub("", row)


def on_ground(row: str, ground: Ground, width: int, depth: int) -> str:
    """Return a row of ``width`` cells as a terminal with this background shows it; ``depth`` is 256 or more colors."""
    start = f"\x1b[{ink_of(ground.ink, depth)};{ink_of(ground.color, depth, ground=True)}m"
    rest = " " * (width - cells(without_escapes(row)))
    return f"{start} {row.replace(RESET, RESET + start)}{rest} {RESET}"
