"""How well each theme can be read: ``python -m tests.support.contrast`` prints the table.

Contrast as WCAG defines it, of every role on the grounds that its theme is for, in true color, in the 256-color cube
and, where the terminal has 16 colors, in the palettes of five terminals.
"""

from __future__ import annotations

from dataclasses import dataclass

from statusline.render.chosen_colors import ROLES
from statusline.render.colors import TRUE_COLOR
from statusline.render.powerline import BLOCK_COLORS, PLAIN_BLOCK, SECOND_GROUND
from statusline.render.theme import Style

LEAST, LEAST_LINE, LEAST_16 = 4.5, 3.0, 3.0
LINES = ("separator", "rail")
DARK = ("#15181e", "#000000", "#1e1e1e", "#282c34")
LIGHT = ("#ffffff", "#fdf6e3", "#fafafa", "#eff1f5")
# The themes with colors of their own, and the grounds that they are for.
GROUNDS = {
    "dark": DARK,
    "light": LIGHT,
    "colorblind": DARK,
    "colorblind-light": LIGHT,
    "catppuccin": ("#1e1e2e",),
    "tokyo-night": ("#1a1b26",),
}
# Those with the terminal's colors, and all others in a terminal of 16 colors.
IN_16 = ("default", "colorblind", "mono")


@dataclass(frozen=True)
class Terminal:
    """The 16 colors of a terminal as published, its ground, and its usual ink."""

    colors: tuple[str, ...]
    ground: str
    ink: str


_SOLARIZED = (
    *("#073642", "#dc322f", "#859900", "#b58900", "#268bd2", "#d33682", "#2aa198", "#eee8d5"),
    *("#002b36", "#cb4b16", "#586e75", "#657b83", "#839496", "#6c71c4", "#93a1a1", "#fdf6e3"),
)
TERMINALS = {
    "xterm": Terminal(
        (
            *("#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5"),
            *("#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"),
        ),
        "#000000",
        "#e5e5e5",
    ),
    "VS Code": Terminal(
        (
            *("#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5"),
            *("#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#e5e5e5"),
        ),
        "#1e1e1e",
        "#cccccc",
    ),
    "Terminal.app": Terminal(
        (
            *("#000000", "#c23621", "#25bc24", "#adad27", "#492ee1", "#d338d3", "#33bbc8", "#cbcccd"),
            *("#818383", "#fc391f", "#31e722", "#eaec23", "#5833ff", "#f935f8", "#14f0f0", "#e9ebeb"),
        ),
        "#000000",
        "#cbcccd",
    ),
    "Solarized dark": Terminal(_SOLARIZED, "#002b36", "#839496"),
    "Solarized light": Terminal(_SOLARIZED, "#fdf6e3", "#657b83"),
}


def luminance(color: str) -> float:
    """Return the relative luminance of ``#rrggbb``, 0-1."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors, 1-21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def color_in(codes: str, terminal: Terminal | None = None) -> str | None:
    """Return the ink of SGR codes as ``#rrggbb``, None for the host's own; ``terminal`` knows the first 16 colors."""
    numbers = [int(each) for each in codes.split(";") if each]
    while numbers:
        code = numbers.pop(0)
        if code in {38, 48}:
            return extended(numbers)
        for first, bright in ((30, 0), (90, 8), (40, 0), (100, 8)):
            if terminal is not None and first <= code < first + 8:
                return terminal.colors[code - first + bright]
    return None


def extended(numbers: list[int]) -> str:
    """Return the color behind 38 or 48: ``5;N`` of the cube, or ``2;R;G;B``."""
    if numbers[0] == 2:
        return "#{:02x}{:02x}{:02x}".format(*numbers[1:4])
    steps = (0, 95, 135, 175, 215, 255)
    red, rest = divmod(numbers[1] - 16, 36)
    return "#{:02x}{:02x}{:02x}".format(steps[red], *(steps[each] for each in divmod(rest, 6)))


@dataclass(frozen=True)
class Measured:
    """The least contrast of a role of a theme, and where that is; ``where`` is a ground or a terminal."""

    theme: str
    colors: str  # how many
    role: str
    contrast: float
    where: str

    @property
    def least(self) -> float:
        """What it has to be."""
        return LEAST_LINE if self.role in LINES else LEAST_16 if self.colors == "16" else LEAST


def measure_fixed() -> list[Measured]:
    """Return the roles of the themes with colors of their own, in true color and in 256 colors."""
    found = []
    for theme, grounds in GROUNDS.items():
        for depth, colors in ((TRUE_COLOR, "24 bit"), (256, "256")):
            for role, ink in inks_of(theme, depth).items():
                value, where = min((contrast(ink, ground), ground) for ground in grounds)
                found.append(Measured(theme, colors, role, value, where))
    return found


def inks_of(theme: str, depth: int, terminal: Terminal | None = None) -> dict[str, str]:
    """Return the ink of every role that has one."""
    style = Style(theme, depth=depth)
    found = {role: color_in(style.code(role, None), terminal) for role in ROLES}
    return {role: ink for role, ink in found.items() if ink is not None}


def measure_16() -> list[Measured]:
    """Return the roles of the themes that use the terminal's 16 colors, in each terminal."""
    return [
        Measured(theme, "16", role, contrast(ink, terminal.ground), name)
        for theme in IN_16
        for name, terminal in TERMINALS.items()
        for role, ink in inks_of(theme, 16, terminal).items()
    ]


def measure_blocks() -> list[Measured]:
    """Return the blocks of the theme powerline, whose ground is their own; of two grounds, the worse."""
    found = []
    for role in (*BLOCK_COLORS, "other"):
        for depth, colors in ((TRUE_COLOR, "24 bit"), (256, "256")):
            value, where = min((contrast(*each), each[1]) for each in blocks_of(role, depth))
            found.append(Measured("powerline", colors, role, value, where))
        for name, terminal in TERMINALS.items():
            value = min(contrast(*each) for each in blocks_of(role, 16, terminal))
            found.append(Measured("powerline", "16", role, value, name))
    return found


def blocks_of(role: str, depth: int, terminal: Terminal | None = None) -> list[tuple[str, str]]:
    """Return ink and ground of a role's block, and of one behind another of the same color."""
    words = BLOCK_COLORS.get(role, PLAIN_BLOCK).split()
    ground, ink = words[:2] if depth == 16 else words[2:]
    style, found = Style("powerline", depth=depth), []
    for each in dict.fromkeys([ground, SECOND_GROUND.get(ground, ground)]):
        codes = style.block(ink, each).removeprefix("\x1b[").removesuffix("m").split(";")
        half = len(codes) // 2
        halves = [color_in(";".join(part), terminal) or "" for part in (codes[:half], codes[half:])]
        found.append((halves[0], halves[1]))
    return found


def table(rows: list[Measured]) -> str:
    """Return one line per theme, role and number of colors, marked where it is too little."""
    lines = [f"{'theme':<17} {'colors':<7} {'role':<10} {'least':>6}  where"]
    for each in rows:
        mark = "" if each.contrast >= each.least else f"  below {each.least}"
        lines.append(f"{each.theme:<17} {each.colors:<7} {each.role:<10} {each.contrast:6.1f}  {each.where}{mark}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table([*measure_fixed(), *measure_blocks(), *measure_16()]))
