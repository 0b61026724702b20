"""Draws the pictures of the README, always the same ones: ``python .build/pictures.py [FOLDER]``.

Each is the line of a made-up session as a tick draws it, its colours and cells turned into SVG.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from statusline.commands.config_check.descriptions import PRESETS, THEMES  # noqa: E402
from statusline.commands.support.sample import Sample, sample  # noqa: E402
from statusline.config import Config  # noqa: E402
from statusline.render.width import cells  # noqa: E402 - texts through the line above

NOW = 1_790_000_000  # epoch seconds
COLUMNS = 116  # of the terminal in the pictures
CELL, LINE, EDGE, SIZE = 7.8, 20, 16, 13  # pixels: a cell's width, a row's height, the frame, the letters

GROUND, PLAIN, FAINT, TEXT = "#15181e", "#8b95a5", "#5c6675", "#d5dbe5"
# The first 16 colours, as a terminal in a dark theme has them.
DARK = ["#2b313b", "#e5616f", "#7fc06e", "#e3b35c", "#5fa8f5", "#c586e8", "#4fc1c9", "#c8d0dc"]
BRIGHT = ["#5c6675", "#f2808c", "#98d989", "#f2cb7d", "#85c1ff", "#d9a5f5", "#77dbe2", "#f2f5f9"]

SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m|\x1b\]8;;[^\x1b]*\x1b\\")


@dataclass(frozen=True)
class Style:
    """How letters look; colours are ``#rrggbb``."""

    ink: str = PLAIN
    ground: str = ""
    bold: bool = False

    def after(self, codes: str) -> Style:
        """Return the style after an SGR sequence."""
        numbers = [int(number or 0) for number in codes.split(";")]
        style = self
        while numbers:
            style = style.step(numbers)
        return style

    def step(self, numbers: list[int]) -> Style:
        """Return the style after the first of these codes, and take it off the list."""
        code = numbers.pop(0)
        if code in {38, 48} and numbers[:1] == [2]:
            colour = "#{:02x}{:02x}{:02x}".format(*numbers[1:4])
            del numbers[:4]
            return replace(self, ink=colour) if code == 38 else replace(self, ground=colour)
        if code == 7:
            return replace(self, ink=GROUND, ground=self.ink)
        if code in {0, 1}:
            return replace(self, bold=True, ink=TEXT) if code else Style()
        base = next(base for base in (30, 40, 90, 100) if base <= code < base + 8)
        colour = (BRIGHT if base >= 90 else DARK)[code - base]
        return replace(self, ink=colour) if base in {30, 90} else replace(self, ground=colour)


def styled_texts(row: str) -> list[tuple[str, Style]]:
    """Return the texts of a row with their styles; a sign that fonts draw at other widths is a text by itself."""
    texts: list[tuple[str, Style]] = []
    style, at = Style(), 0
    for match in [*SEQUENCE.finditer(row), None]:
        text = row[at : match.start() if match else len(row)]
        texts += [(piece, style) for piece in re.findall(r"[ -~]+|[━─]+|[^ -~━─]", text)]
        if match:
            at = match.end()
            style = style.after(match[1]) if match[1] is not None else style
    return texts


def draw_row(row: str, y: float) -> str:
    """Return a row of the line as SVG, each run in its own cells."""
    x, grounds, letters = float(EDGE), [], []
    for text, style in styled_texts(row):
        width = cells_wide(text)
        if style.ground:
            grounds.append((x, width, style.ground))
        if letter := text.strip():
            weight = ' font-weight="bold"' if style.bold else ""
            at = x + cells_wide(text[: text.index(letter)])
            fit = f'textLength="{cells_wide(letter):.1f}" lengthAdjust="spacingAndGlyphs"'
            letters.append(f'<text x="{at:.1f}" y="{y:.1f}" {fit} fill="{style.ink}"{weight}>{escape(letter)}</text>')
        x += width
    return "\n".join([*draw_grounds(grounds, y), *letters])


def draw_grounds(grounds: list[tuple[float, float, str]], y: float) -> list[str]:
    """Return the grounds of a row; neighbours of one colour are one shape, without a seam."""
    shapes: list[tuple[float, float, str]] = []
    for x, width, colour in grounds:
        if shapes and shapes[-1][2] == colour and abs(sum(shapes[-1][:2]) - x) < 0.1:
            shapes[-1] = (shapes[-1][0], shapes[-1][1] + width, colour)
        else:
            shapes.append((x, width, colour))
    return [
        f'<rect x="{x:.1f}" y="{y - 14:.1f}" width="{width:.1f}" height="19" fill="{colour}"/>'
        for x, width, colour in shapes
    ]


def cells_wide(text: str) -> float:
    """Return the width of a text in pixels."""
    return CELL * cells(text)


def picture(title: str, parts: list[tuple[str, str]], *, prompt: str = "") -> str:
    """Return an SVG of captions with rows below them; an empty caption takes no place."""
    body, y = draw_prompt(prompt) if prompt else ([], float(EDGE))
    for caption, rows in parts:
        if caption:
            y += LINE
            body.append(f'<text x="{EDGE}" y="{y - 4:.1f}" font-size="11" fill="{FAINT}">{escape(caption)}</text>')
        for row in rows.split("\n"):
            y += LINE
            body.append(draw_row(row, y - 4))
        y += 8
    return frame(title, body, y - 8 + EDGE)


def draw_prompt(prompt: str) -> tuple[list[str], float]:
    """Return Claude Code's prompt with a text in it, and where the next row begins."""
    width = CELL * (COLUMNS - 4)
    rules = [f'<rect x="{EDGE}" y="{y}" width="{width:.1f}" height="1" fill="{FAINT}"/>' for y in (16, 48)]
    typed = f'<text x="{EDGE}" y="37" fill="{TEXT}">&gt; {escape(prompt)}</text>'
    return [*rules, typed], 52.0


def frame(title: str, body: list[str], height: float) -> str:
    """Return the SVG of such a height with a dark ground."""
    width = 2 * EDGE + CELL * (COLUMNS - 4)
    fonts = "ui-monospace, 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
    attributes = (
        f'role="img" aria-label="{escape(title)}" font-family="{fonts}" font-size="{SIZE}" xml:space="preserve"'
    )
    ground = f'<rect width="100%" height="100%" rx="10" fill="{GROUND}"/>'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size}', f" {attributes}>", ground, *body, "</svg>\n"])


def rows(session: Sample, **chosen: object) -> str:
    """Return the rows that a configuration gives in a terminal of true colour."""
    return session.rows(Config(chosen), COLUMNS, {"COLORTERM": "truecolor"}, colored=True)


def pictures() -> dict[str, str]:
    """Return the text of each file by its name."""
    nowhere = {"HOME": "/nonexistent", "STATUSLINE_CACHE_DIR": "/nonexistent", "STATUSLINE_CONFIG": "/nonexistent"}
    session = sample(nowhere, "/nonexistent/project", NOW)
    presets = [(f"{name}: {says}", rows(session, preset=name)) for name, says in PRESETS.items()]
    themes = [(f"{name}: {says}", rows(session, theme=name)) for name, says in THEMES.items()]
    return {
        "line.svg": picture(
            "The line under Claude Code's prompt", [("", rows(session))], prompt="make the login test pass"
        ),
        "presets.svg": picture("The presets", presets),
        "themes.svg": picture("The themes", themes),
    }


def main() -> None:
    """Write the files."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else ROOT / ".github" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pictures().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
