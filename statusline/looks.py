"""Signs, colours and bars: what a theme, a glyph set and the terminal make of roles."""

from cache.system import setting
from statusline.cells import cells
from statusline.clean import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

TRUE_COLOUR = 1 << 24
SEPARATOR = " │ "  # the joint between two segments; every glyph set and theme has its own for it
BAR_LONGEST = 100  # cells, whatever a segment asks for

# By role: an SGR code, and behind a bar, where the terminal has more than 16 colours, another in which #rrggbb is one.
# A value has the colour of its level. Without a code a text is what the host draws as plain.
_THEMES = {
    "default": "model=1 directory=34 branch=35 calm=32 warn=33 alert=1;31 added=32 removed=31 conflict=31",
    "mono": "model=1 warn=1 alert=1;7 conflict=1",
    "colorblind": "model=1 directory=34|#56b4e9 branch=35|#cc79a7 calm=36|#56b4e9 warn=33|#e69f00"
    " alert=1;35|1;#d55e00 added=36|#56b4e9 removed=33|#e69f00 conflict=35|#d55e00",
    "pastel": "model=1;95|1;#cba6f7 directory=94|#89b4fa branch=95|#f5c2e7 calm=92|#a6e3a1 warn=93|#f9e2af"
    " alert=1;91|1;#f38ba8 cost=96|#94e2d5 label=37|#bac2de detail=37|#a6adc8 added=92|#a6e3a1 removed=91|#f38ba8"
    " conflict=91|#f38ba8",
}

_JOINTS = {"ascii": {SEPARATOR: " | ", " · ": " - "}}

# `bar` is what is full, half full and empty.
_SIGNS = {
    "unicode": {
        "reset": "↻",
        "branch": "⎇ ",
        "worktree": "⊞ ",
        "operation": "⟳ ",
        "ahead": "⇡",
        "behind": "⇣",
        "stash": "⚑",
        "dirty": "*",
        "staged": "+",
        "modified": "~",
        "untracked": "?",
        "conflict": "×",
        "pr": "#",
        "fast": "↯",
        "tool": "▸ ",
        "agent": "◆ ",
        "todo": "✓ ",
        "mcp": "mcp ",
        "clock": "",
        "folder": "",
        "dash": "–",
        "times": "×",
        "warn": "!",
        "alert": "!!",
        "more": "…",
        "bar": "━╾─",
        "arrow": "",
        "thin": "›",
    },
    "ascii": {
        "reset": "->",
        "branch": "@",
        "worktree": "wt:",
        "operation": "",
        "ahead": "^",
        "behind": "v",
        "stash": "$",
        "dirty": "*",
        "staged": "+",
        "modified": "~",
        "untracked": "?",
        "conflict": "x",
        "pr": "#",
        "fast": "",
        "tool": "> ",
        "agent": "",
        "todo": "",
        "mcp": "mcp ",
        "clock": "",
        "folder": "",
        "dash": "-",
        "times": "x",
        "warn": "!",
        "alert": "!!",
        "more": "...",
        "bar": "#--",
        "arrow": ">",
        "thin": ">",
    },
    "nerd": {
        "reset": "\uf01e ",
        "branch": "\ue0a0 ",
        "worktree": "\uf1bb ",
        "operation": "\uf126 ",
        "ahead": "\uf062 ",
        "behind": "\uf063 ",
        "stash": "\uf01c ",
        "dirty": "\uf111",
        "staged": "\uf067 ",
        "modified": "\uf040 ",
        "untracked": "\uf128 ",
        "conflict": "\uf00d ",
        "pr": "\uf407 #",
        "fast": "\uf0e7 ",
        "tool": "\uf0ad ",
        "agent": "\uf085 ",
        "todo": "\uf046 ",
        "mcp": "\uf1e6 mcp ",
        "clock": "\uf017 ",
        "folder": "\uf07b ",
        "dash": "–",
        "times": "×",
        "warn": " \uf071",
        "alert": " \uf06a",
        "more": "…",
        "bar": "━╾─",
        "arrow": "\ue0b0",
        "thin": "\ue0b1",
    },
}


class Looks:
    """What one run draws with; ``theme``, ``glyphs`` and ``separator`` are as in the configuration.

    ``depth`` is 0, 16, 256 or `TRUE_COLOUR` colours. An unknown theme or glyph set is as good as the default one.
    ``blocks`` says that segments stand in coloured blocks, which takes ``edges`` cells more for each group.
    """

    __slots__ = ("blocks", "codes", "depth", "edges", "links", "more", "roles", "separator", "signs", "swaps")

    def __init__(
        self,
        theme: "str" = "default",
        glyphs: "str" = "unicode",
        separator: "str | None" = None,
        *,
        depth: "int" = 0,
        links: "bool" = False,
    ) -> None:
        self.depth = depth
        self.links = links
        self.signs = _SIGNS.get(glyphs) or _SIGNS["unicode"]
        self.more = self.signs["more"]
        self.roles = dict([each.split("=") for each in (_THEMES.get(theme) or _THEMES["default"]).split()])
        self.codes: "dict[str, str]" = {}
        self.blocks = theme == "powerline" and depth > 0
        self.swaps = _JOINTS.get(glyphs) or {}
        arrow = self.signs["arrow" if self.blocks else "thin"] if theme == "powerline" else ""
        if separator is not None:
            separator = visible(separator, "")
            arrow = separator.strip()
        self.separator = separator if separator is not None else self.swaps.get(SEPARATOR, SEPARATOR)
        if theme == "powerline":
            self.separator = f" {arrow} " if arrow else "  "
        self.edges = 2 + cells(arrow) if self.blocks else 0

    def joint(self, text: "str") -> "str":
        """Return what joins two segments in this glyph set."""
        return self.separator if text == SEPARATOR else self.swaps.get(text, text)

    def code(self, role: "str", level: "str | None") -> "str":
        """Return the parameters of the SGR sequence for a role, empty for plain; a value has that of its level."""
        if self.depth == 0:
            return ""
        name = level if level and role in {"value", "bar"} else role
        found = self.codes.get(name)
        if found is None:
            found = self.codes[name] = self.resolved(self.roles.get(name, ""))
        return found

    def paint(self, ink: "str", ground: "str") -> "str":
        """Return the SGR sequence for two colours, each 0-15, #rrggbb or empty for plain."""
        codes = [
            _colour(each, self.depth, str(base + 8)) if each[0] == "#" else str(base + int(each) + 52 * (int(each) > 7))
            for each, base in ((ink, 30), (ground, 40))
            if each
        ]
        return f"\x1b[{';'.join(codes)}m"

    def resolved(self, spec: "str") -> "str":
        """Return a theme's ``code|code with #rrggbb`` for this terminal."""
        plain, _, rich = spec.partition("|")
        if not rich or self.depth == 16:
            return plain
        return ";".join(_colour(each, self.depth) if "#" in each else each for each in rich.split(";"))


def _colour(token: "str", depth: "int", ground: "str" = "38") -> "str":
    rgb = [int(token[at : at + 2], 16) for at in (1, 3, 5)]
    if depth == TRUE_COLOUR:
        return ";".join([ground, "2", *map(str, rgb)])
    red, green, blue = (0 if each < 48 else 1 if each < 115 else (each - 35) // 40 for each in rgb)
    return f"{ground};5;{16 + 36 * red + 6 * green + blue}"


def looks_of(theme: "str", glyphs: "str", separator: "str | None", env: "Callable[[str], str]" = setting) -> "Looks":
    """Return the looks for this terminal: ``env`` gives an environment variable, empty if it is not set."""
    links = env("TERM") != "dumb"
    return Looks(theme, glyphs, separator, depth=depth_of(env), links=links)


def depth_of(env: "Callable[[str], str]") -> "int":
    """Return how many colours to use: 0, 16, 256 or `TRUE_COLOUR`.

    ``NO_COLOR`` comes first, then ``FORCE_COLOR`` (0 none, 2 256, 3 true colour, else at least 16), then the terminal.
    """
    forced = env("FORCE_COLOR")
    if env("NO_COLOR") or forced in {"0", "false"}:
        return 0
    if forced in {"2", "3"}:
        return 256 if forced == "2" else TRUE_COLOUR
    term = env("TERM")
    if term == "dumb":
        return 16 if forced else 0
    return _told_depth(term, env)


def _told_depth(term: "str", env: "Callable[[str], str]") -> "int":
    """Return what the terminal says; a multiplexer hands on the outer terminal's COLORTERM, which it may not speak."""
    if env("TMUX") or term.startswith("tmux"):
        return TRUE_COLOUR if "direct" in term or env("CLAUDE_CODE_TMUX_TRUECOLOR") else 256
    if env("COLORTERM") in {"truecolor", "24bit"} and not (env("STY") or term.startswith("screen")):
        return TRUE_COLOUR
    if "direct" in term or "kitty" in term or "ghostty" in term or env("WT_SESSION"):
        return TRUE_COLOUR
    return 256 if "256" in term else 16


def bar_pieces(spec: "str", signs: "str") -> "list[tuple[str, str]]":
    """Return a bar of ``percent:cells`` as its full and its empty part; only 100 % and more fill it wholly."""
    percent, _, size = spec.partition(":")
    width = min(int(size), BAR_LONGEST)
    halves = min(max(int(float(percent) / 100 * width * 2 + 1e-6), 0), 2 * width)
    full, half = divmod(halves, 2)
    done = signs[0] * full + signs[1] * half
    return [("bar", done), ("rest", signs[2] * (width - full - half))]
