"""Turns rows with colors into SVG, as a terminal with a dark or a light background shows them."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from statusline.commands.support.grounds import DARK, LIGHT, Ground  # noqa: E402 - found through the line above
from statusline.render.width import cells  # noqa: E402

CELL, LINE, EDGE, SIZE = 7.8, 20, 16, 13  # pixels: a cell's width, a row's height, the frame, the letters
FONTS = "ui-monospace, 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
# The first 16 colors, as a terminal has them on such a background.
COLORS = {
    DARK: (
        *("#2b313b", "#e5616f", "#7fc06e", "#e3b35c", "#5fa8f5", "#c586e8", "#4fc1c9", "#c8d0dc"),
        *("#5c6675", "#f2808c", "#98d989", "#f2cb7d", "#85c1ff", "#d9a5f5", "#77dbe2", "#f2f5f9"),
    ),
    LIGHT: (
        *("#24292f", "#cf222e", "#116329", "#7d4e00", "#0969da", "#8250df", "#1b7c83", "#6e7781"),
        *("#57606a", "#a40e26", "#1a7f37", "#633c01", "#218bff", "#8250df", "#3192aa", "#8c959f"),
    ),
}
SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m|\x1b\]8;;[^\x1b]*\x1b\\")


def mixed(one: str, other: str) -> str:
    """Return the color between two of ``#rrggbb``."""
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{(first + second) // 2:02x}" for first, second in pairs)


@dataclass(frozen=True)
class Letters:
    """How letters look on a ground; colors are ``#rrggbb``. Bold alone is not brighter: Claude Code draws it so."""

    on: Ground
    ink: str
    ground: str = ""
    bold: bool = False

    def after(self, codes: str) -> Letters:
        """Return the letters after an SGR sequence."""
        numbers, letters = [int(number or 0) for number in codes.split(";")], self
        while numbers:
            letters = letters.step(numbers)
        return letters

    def step(self, numbers: list[int]) -> Letters:
        """Return the letters after the first of these codes, and take it off the list."""
        code = numbers.pop(0)
        if code in {38, 48} and numbers[:1] == [2]:
            color = "#{:02x}{:02x}{:02x}".format(*numbers[1:4])
            del numbers[:4]
            return replace(self, ink=color) if code == 38 else replace(self, ground=color)
        if code == 7:
            return replace(self, ink=self.on.color, ground=self.ink)
        if code == 2:
            return replace(self, ink=mixed(self.ink, self.on.color))
        if code in {0, 1}:
            return replace(self, bold=True) if code else Letters(self.on, self.on.ink)
        base = next(base for base in (30, 40, 90, 100) if base <= code < base + 8)
        color = COLORS[self.on][code - base + (8 if base >= 90 else 0)]
        return replace(self, ink=color) if base in {30, 90} else replace(self, ground=color)


def styled_texts(row: str, on: Ground) -> list[tuple[str, Letters]]:
    """Return the texts of a row with their letters; a sign that fonts draw at other widths is a text by itself."""
    texts: list[tuple[str, Letters]] = []
    letters, at = Letters(on, on.ink), 0
    for match in [*SEQUENCE.finditer(row), None]:
        text = row[at : match.start() if match else len(row)]
        texts += [(piece, letters) for piece in re.findall(r"[ -~]+|[━─]+|[^ -~━─]", text)]
        if match:
            at = match.end()
            letters = letters.after(match[1]) if match[1] is not None else letters
    return texts


def draw_row(row: str, y: float, on: Ground) -> str:
    """Return a row of the line as SVG, each run in its own cells."""
    x, grounds, texts = float(EDGE), [], []
    for text, letters in styled_texts(row, on):
        width = cells_wide(text)
        if letters.ground:
            grounds.append((x, width, letters.ground))
        if letter := text.strip():
            weight = ' font-weight="bold"' if letters.bold else ""
            at = x + cells_wide(text[: text.index(letter)])
            fit = f'textLength="{cells_wide(letter):.1f}" lengthAdjust="spacingAndGlyphs"'
            texts.append(f'<text x="{at:.1f}" y="{y:.1f}" {fit} fill="{letters.ink}"{weight}>{escape(letter)}</text>')
        x += width
    return "\n".join([*draw_grounds(grounds, y), *texts])


def draw_grounds(grounds: list[tuple[float, float, str]], y: float) -> list[str]:
    """Return the grounds of a row; neighbours of one color are one shape, without a seam."""
    shapes: list[tuple[float, float, str]] = []
    for x, width, color in grounds:
        if shapes and shapes[-1][2] == color and abs(sum(shapes[-1][:2]) - x) < 0.1:
            shapes[-1] = (shapes[-1][0], shapes[-1][1] + width, color)
        else:
            shapes.append((x, width, color))
    return [
        f'<rect x="{x:.1f}" y="{y - 14:.1f}" width="{width:.1f}" height="19" fill="{color}"/>'
        for x, width, color in shapes
    ]


def cells_wide(text: str) -> float:
    """Return the width of a text in pixels."""
    return CELL * cells(text)


def picture(title: str, parts: list[tuple[str, str]], on: Ground, columns: int, *, prompt: str = "") -> str:
    """Return an SVG of captions with rows below them, of a terminal's columns; an empty caption takes no place.

    With a ``prompt`` Claude Code's prompt with this text comes first.
    """
    width = CELL * (columns - 4)
    body, y = draw_prompt(prompt, on, width) if prompt else ([], float(EDGE))
    for caption, rows in parts:
        if caption:
            y += LINE
            body.append(f'<text x="{EDGE}" y="{y - 4:.1f}" font-size="11" fill="{on.ink}">{escape(caption)}</text>')
        for row in rows.split("\n"):
            y += LINE
            body.append(draw_row(row, y - 4, on))
        y += 8
    return frame(title, body, (width + 2 * EDGE, y - 8 + EDGE), on)


def draw_prompt(prompt: str, on: Ground, width: float) -> tuple[list[str], float]:
    """Return Claude Code's prompt with a text in it, and where the next row begins."""
    line, ink = COLORS[on][8], COLORS[on][0 if on == LIGHT else 15]
    rules = [f'<rect x="{EDGE}" y="{y}" width="{width:.1f}" height="1" fill="{line}"/>' for y in (16, 48)]
    return [*rules, f'<text x="{EDGE}" y="37" fill="{ink}">&gt; {escape(prompt)}</text>'], 52.0


def frame(title: str, body: list[str], size: tuple[float, float], on: Ground) -> str:
    """Return the SVG of such a width and height."""
    box = f'viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" width="{size[0]:.0f}"'
    attributes = (
        f'role="img" aria-label="{escape(title)}" font-family="{FONTS}" font-size="{SIZE}" xml:space="preserve"'
    )
    # The line around it is seen only where the page has the same background.
    ground = f'<rect x=".5" y=".5" width="{size[0] - 1:.0f}" height="{size[1] - 1:.0f}" rx="10" fill="{on.color}"'
    edge = f' stroke="{mixed(on.color, COLORS[on][8])}"/>'
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" {box}', f" {attributes}>", ground + edge, *body, "</svg>\n"]
    )
