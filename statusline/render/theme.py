"""Signs, colors and bars: what a theme, a glyph set and the terminal make of roles."""

from cache.model.lazy import further_module
from cache.model.osapi import setting
from cache.model.windows import round_down
from statusline.render.colors import code_of, depth_of, ink_of, roles_of
from statusline.render.glyphs import UNICODE
from statusline.render.sanitize import sanitize
from statusline.render.width import cells

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SEPARATOR = " │ "  # the joint between two segments; glyph sets and themes have their own for it
POWERLINE = "powerline"
OF_LEVEL = ("value", "word", "bar", "points")  # the roles that have the color of the level
AUTO = "auto"

# By the theme of Claude Code: the theme of the line.
_FOLLOWING = {
    "dark": "dark",
    "light": "light",
    "dark-daltonized": "colorblind",
    "light-daltonized": "colorblind-light",
    "dark-ansi": "default",
    "light-ansi": "default",
}
# By the number of the terminal's background in COLORFGBG, as Claude Code reads it.
_DARK_GROUNDS = ("0", "1", "2", "3", "4", "5", "6", "8")
_LIGHT_GROUNDS = ("7", "9", "10", "11", "12", "13", "14", "15")
_ASCII_JOINTS = {SEPARATOR: " | ", " · ": " - "}
BRANCH_JOINT = " › "  # between directory and branch: each set of signs has its own


class Style:
    """How one run draws; ``glyphs``, ``separator`` and ``colors`` are as in the configuration, ``theme`` not `AUTO`.

    ``depth`` is 0, 16, 256 or `TRUE_COLOR` colors; ``escapes`` is false where no escape sequence is
    allowed. An unknown theme or glyph set counts as the default one. With ``blocks`` segments are colored blocks, which
    take ``edges`` more cells for each group, and there are no bars. ``has_frames`` is whether a limit that ends work
    is drawn as a block.
    """

    __slots__ = (
        *("blocks", "codes", "colors", "depth", "edges", "escapes", "has_frames", "joints", "more", "roles", "signs"),
    )

    def __init__(
        self,
        theme: "str" = "default",
        glyphs: "str" = "unicode",
        separator: "str | None" = None,
        *,
        depth: "int" = 0,
        escapes: "bool" = True,
        colors: "dict[str, str] | None" = None,
    ) -> None:
        self.depth = depth
        self.escapes = escapes
        self.signs = UNICODE if glyphs == "unicode" else signs_of_set(glyphs)
        self.more = self.signs["more"]
        self.roles = roles_of(theme, depth)
        self.colors = colors or {}
        if colors and depth > 0:
            further_module("statusline.render.chosen_colors").recolor(self.roles, colors, depth)
        self.codes: "dict[str, str]" = {}
        self.joints = dict(_ASCII_JOINTS) if glyphs == "ascii" else {}
        self.joints[BRANCH_JOINT] = self.signs["branch"]
        if separator is not None:
            self.joints[SEPARATOR] = sanitize(separator, "")
        self.blocks = theme == POWERLINE and depth > 0
        self.has_frames = depth > 0 and not self.blocks
        self.edges = 0
        if theme == POWERLINE:
            self._set_arrow(separator)

    def _set_arrow(self, wish: "str | None") -> "None":
        """Separate segments as the powerline theme does, with a configured separator as the arrow."""
        arrow = sanitize(wish, "").strip() if wish else self.signs["arrow" if self.blocks else "thin"]
        self.joints[SEPARATOR] = f" {arrow} " if arrow else "  "
        self.edges = 2 + cells(arrow) if self.blocks else 0

    def joint(self, text: "str") -> "str":
        """Return what joins two segments in this style."""
        return self.joints.get(text, text)

    def code(self, role: "str", level: "str | None") -> "str":
        """Return the parameters of the SGR sequence for a role, empty for plain; a value has those of its level."""
        if self.depth == 0:
            return ""
        name = (level or "detail") if role in OF_LEVEL else role
        found = self.codes.get(name)
        if found is None:
            found = self.codes[name] = code_of(self.roles, name, self.depth)
        return found

    def code_with(self, color: "object", role: "str", level: "str | None") -> "str":
        """Return the same in a segment with a color of its own, as the user wrote it: it need not be one."""
        codes = self.code(role, level)
        warns = level in {"pace", "warn", "alert"} and codes == self.code(str(level), None)
        if self.depth == 0 or warns:
            return codes
        return further_module("statusline.render.chosen_colors").segment_code(codes, role, color, self.depth)  # type: ignore[no-any-return]

    def block(self, ink: "str", ground: "str") -> "str":
        """Return the SGR sequence of a block: two colors, each 0-15 or #rrggbb; an empty ground is the host's."""
        codes = ink_of(ink, self.depth)
        return f"\x1b[{codes};{ink_of(ground, self.depth, ground=True)}m" if ground else f"\x1b[{codes}m"


def signs_of_set(glyphs: "str") -> "dict[str, str]":
    """Return the signs of a set by name, of an unknown one those of the usual set."""
    signs: "dict[str, dict[str, str]]" = vars(further_module("statusline.render.other_glyphs"))["SIGNS"]
    return signs.get(glyphs, UNICODE)


def style_for(
    theme: "str",
    glyphs: "str",
    separator: "str | None",
    env: "Callable[[str], str]" = setting,
    *,
    colors: "dict[str, str] | None" = None,
    host_theme: "str" = "",
) -> "Style":
    """Return the style for this terminal; the settings are those of the configuration.

    ``env`` gives an environment variable, empty if it is not set; ``host_theme`` is Claude Code's theme, empty if
    unknown.
    """
    theme = theme_for(theme, host_theme, env)
    return Style(theme, glyphs, separator, depth=depth_of(env), escapes=env("TERM") != "dumb", colors=colors)


def theme_for(theme: "str", host_theme: "str", env: "Callable[[str], str]") -> "str":
    """Return the theme to draw: `AUTO` follows Claude Code's theme, else the terminal's ground, else is ``default``.

    ``colorblind`` is ``colorblind-light`` where the ground is known to be light.
    """
    if theme not in {AUTO, "colorblind"}:
        return theme
    followed = _FOLLOWING.get(host_theme)
    if followed is not None:
        is_light = host_theme[:5] == "light"
    else:
        ground = env("COLORFGBG").rpartition(";")[2]
        is_light = ground in _LIGHT_GROUNDS
        followed = "light" if is_light else "dark" if ground in _DARK_GROUNDS else "default"
    if theme == AUTO:
        return followed
    return "colorblind-light" if is_light else theme


def bar_pieces(percent: "float", size: "int", elapsed: "float | None", signs: "str") -> "list[tuple[str, str]]":
    """Return a bar of ``size`` cells, drawn in half cells and rounded down: only 100 % fills it.

    ``elapsed``, the share of the window's time that has passed, puts a tick where an even pace would be: in the color
    of the level where the bar reaches into its cell.
    """
    halves = min(max(round_down(percent / 50 * size), 0), 2 * size)
    full, half = divmod(halves, 2)
    text = signs[0] * full + signs[1] * half
    if elapsed is None:
        return [("bar", text), ("rail", signs[2] * (size - full - half))]
    at = min(int(elapsed * size), size - 1)
    if halves > 2 * at:
        rail = signs[2] * (size - full - half)
        return [("bar", text[:at] + signs[4] + text[at + 1 :]), ("rail", rail)]
    before, after = signs[2] * (at - full - half), signs[2] * (size - at - 1)
    return [("bar", text), ("rail", before), ("mark", signs[3]), ("rail", after)]
