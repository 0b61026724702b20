"""How many colors the terminal has, and what a theme's roles are in them."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

TRUE_COLOR = 1 << 24

# By role: an SGR code, and behind a bar, where the terminal has more than 16 colors, another in which #rrggbb is one.
# A value has the color of its level. A text without a code has the host's plain color.
COLORS_OF = {
    "default": "model=1 directory=34 branch=35 calm=32 warn=33 alert=1;31 added=32 removed=31 conflict=31",
    "mono": "model=1 warn=1 alert=1;7 conflict=1",
    "colorblind": "model=1 directory=34|#56b4e9 branch=35|#cc79a7 calm=36|#56b4e9 warn=33|#e69f00"
    " alert=1;35|1;#d55e00 added=36|#56b4e9 removed=33|#e69f00 conflict=35|#d55e00",
    "pastel": "model=1;95|1;#cba6f7 directory=94|#89b4fa branch=95|#f5c2e7 calm=92|#a6e3a1 warn=93|#f9e2af"
    " alert=1;91|1;#f38ba8 cost=96|#94e2d5 label=37|#bac2de detail=37|#a6adc8 added=92|#a6e3a1 removed=91|#f38ba8"
    " conflict=91|#f38ba8",
}


def depth_of(env: "Callable[[str], str]") -> "int":
    """Return how many colors to use: 0, 16, 256 or `TRUE_COLOR`.

    ``NO_COLOR`` comes first, then ``FORCE_COLOR`` (0 none, 2 256, 3 true color, else at least 16), then the terminal.
    """
    forced = env("FORCE_COLOR")
    if env("NO_COLOR") or forced in {"0", "false"}:
        return 0
    if forced in {"2", "3"}:
        return 256 if forced == "2" else TRUE_COLOR
    term = env("TERM")
    if term == "dumb":
        return 16 if forced else 0
    return _depth_of_terminal(term, env)


def _depth_of_terminal(term: "str", env: "Callable[[str], str]") -> "int":
    """Return the depth by the terminal's variables; a multiplexer passes on a COLORTERM that it may not support."""
    if env("TMUX") or term.startswith("tmux"):
        return TRUE_COLOR if "direct" in term or env("CLAUDE_CODE_TMUX_TRUECOLOR") else 256
    if env("COLORTERM") in {"truecolor", "24bit"} and not (env("STY") or term.startswith("screen")):
        return TRUE_COLOR
    if "direct" in term or "kitty" in term or "ghostty" in term or env("WT_SESSION"):
        return TRUE_COLOR
    return 256 if "256" in term else 16


def sgr_of(spec: "str", depth: "int") -> "str":
    """Return the SGR parameters of a theme's ``code|code with #rrggbb`` at a depth of 16 or more colors."""
    plain, _, rich = spec.partition("|")
    if not rich or depth == 16:
        return plain
    return ";".join([ink_of(each, depth) if each[0] == "#" else each for each in rich.split(";")])


def ink_of(color: "str", depth: "int", *, ground: "bool" = False) -> "str":
    """Return the SGR parameters of ``#rrggbb``, or of a number of 0-15, as ink or as ground."""
    if color[0] != "#":
        bright = 52 if int(color) > 7 else 0
        return str(int(color) + bright + (40 if ground else 30))
    rgb = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    kind = "48" if ground else "38"
    if depth == TRUE_COLOR:
        return ";".join([kind, "2", *map(str, rgb)])
    red, green, blue = [0 if each < 48 else 1 if each < 115 else (each - 35) // 40 for each in rgb]
    return f"{kind};5;{16 + 36 * red + 6 * green + blue}"
