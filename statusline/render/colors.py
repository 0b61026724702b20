"""How many colors the terminal has, and what a theme's roles are in them."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

TRUE_COLOR = 1 << 24

# By role: SGR codes, where #rrggbb is a color. A text without a code has the host's plain color. Levels are calm, pace,
# warn and alert; `block` is a limit that is reached. Contrast was measured on the grounds that a theme is for.
COLORS_OF = {
    "default": "model=1 directory=36 branch=95 separator=2 mark= calm=32 pace=33 warn=1;33 alert=1;91 removed=31",
    "mono": "model=1 separator=2 mark= warn=1 alert=1 removed=",
    "dark": "model=1;#e6edf3 directory=#79c0ff branch=#d2a8ff label=#9da7b3 separator=#717a86"
    " calm=#56d364 pace=#e3b341 warn=1;#ffa657 alert=1;#ff7b72 mark=#e6edf3 removed=#ff7b72",
    "light": "model=1;#1f2328 directory=#0550ae branch=#6a3fc4 label=#59636e separator=#7d8590"
    " calm=#116b2e pace=#6e5600 warn=1;#9a4a00 alert=1;#cf222e mark=#1f2328 removed=#cf222e",
    "colorblind": "model=1;#e6edf3 directory=#9da7b3 branch=#cc9bc2 label=#9da7b3 separator=#717a86"
    " calm=#56b4e9 pace=#f0e442 warn=1;#e69f00 alert=1;#ff8a4c mark=#e6edf3 removed=#ff8a4c",
    "colorblind-light": "model=1;#1f2328 directory=#59636e branch=#7a3d69 label=#59636e separator=#7d8590"
    " calm=#005f94 pace=#6e6c00 warn=1;#944a00 alert=1;#6e0f1f mark=#1f2328 removed=#944a00",
    "catppuccin": "model=1;#cdd6f4 directory=#89b4fa branch=#cba6f7 label=#a6adc8 separator=#7f849c"
    " calm=#a6e3a1 pace=#f9e2af warn=1;#fab387 alert=1;#f38ba8 mark=#cdd6f4 removed=#f38ba8",
    "tokyo-night": "model=1;#c0caf5 directory=#7aa2f7 branch=#bb9af7 label=#a9b1d6 separator=#737aa2"
    " calm=#9ece6a pace=#e0af68 warn=1;#ff9e64 alert=1;#f7768e mark=#c0caf5 removed=#f7768e",
}
ALIASES = {"pastel": "catppuccin"}
# In 16 colors a theme with colors of its own is the default one, except for these two.
_COLORBLIND_16 = "model=1 directory=36 branch=95 separator=2 mark= calm=36 pace=33 warn=1;33 alert=1;35 removed=35"
_IN_16 = {"colorblind": _COLORBLIND_16, "colorblind-light": _COLORBLIND_16}

# A role that a theme does not name has the color of another.
SAME_AS = {
    "detail": "label",
    "reset": "label",
    "rail": "separator",
    "added": "calm",
    "conflict": "removed",
}


def roles_of(theme: "str", depth: "int") -> "dict[str, str]":
    """Return the SGR codes of a theme by role at a depth of colors; an unknown theme counts as the default one."""
    spec = COLORS_OF.get(ALIASES.get(theme, theme)) or COLORS_OF["default"]
    if depth == 16 and "#" in spec:
        spec = _IN_16.get(theme) or COLORS_OF["default"]
    return dict([each.split("=") for each in spec.split()])


def code_of(roles: "dict[str, str]", role: "str", depth: "int") -> "str":
    """Return the parameters of a role's SGR sequence, empty for plain text.

    A limit that is reached has the color of an alert, reversed: so its contrast is the same on any ground.
    """
    spec = roles.get(role)
    if spec is None:
        if role == "block":
            return code_of(roles, "alert", depth) + ";7"
        spec = roles.get(SAME_AS.get(role, ""), "")
    weight, _, color = spec.partition("#")
    return weight + ink_of("#" + color, depth) if color else spec


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


def ink_of(color: "str", depth: "int", *, ground: "bool" = False) -> "str":
    """Return the SGR parameters of ``#rrggbb``, or of a number of 0-15, as ink or as ground."""
    if color[0] != "#":
        bright = 52 if int(color) > 7 else 0
        return str(int(color) + bright + (40 if ground else 30))
    number = int(color[1:], 16)
    red, green, blue = number >> 16, number >> 8 & 255, number & 255
    kind = "48" if ground else "38"
    if depth == TRUE_COLOR:
        return f"{kind};2;{red};{green};{blue}"
    red, green, blue = [0 if each < 48 else 1 if each < 115 else (each - 35) // 40 for each in (red, green, blue)]
    return f"{kind};5;{16 + 36 * red + 6 * green + blue}"
