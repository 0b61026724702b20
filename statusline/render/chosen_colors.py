"""Colors that the user chose, by role or for one segment: read only where there is a configuration."""

from cache.model.jsonio import mapping
from statusline.render.colors import ink_of

ROLES = (
    *("model", "directory", "branch", "label", "detail", "separator", "rail", "mark"),
    *("calm", "pace", "warn", "alert", "block", "added", "removed"),
)
# A segment's own color leaves these as they are: what is wrong must be seen, and a bar needs its empty part.
KEEP_COLOR = ("separator", "rail", "mark", "pace", "warn", "alert", "block")
_SHORT_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
COLOR_NAMES = (*_SHORT_NAMES, *[f"bright-{name}" for name in _SHORT_NAMES])  # in the order of their numbers
_DARK_NUMBERS = (0, 1, 4, 5, 8)  # the colors on which white can be read, in most terminals
_MIDDLE_BRIGHTNESS = 115  # of 255: above it black is easier to read than white; at worst the contrast is 3.9


def parse_colors(given: "object") -> "dict[str, str]":
    """Return the colors by role in an object of a configuration, without what is no role or no color."""
    colors = mapping(given)
    return {role: str(colors[role]) for role in ROLES if is_color(colors.get(role))}


def recolor(roles: "dict[str, str]", colors: "dict[str, str]", depth: "int") -> "None":
    """Give the roles of a theme the user's colors; what is bold stays bold."""
    for role, color in colors.items():
        code = color_code(color, depth)
        if code:
            roles[role] = f"1;{code};7" if role == "block" else with_color(roles.get(role, ""), code)


def segment_code(codes: "str", role: "str", color: "object", depth: "int") -> "str":
    """Return the SGR codes of a role in a segment with a color of its own, from those in any other."""
    code = "" if role in KEEP_COLOR else color_code(color, depth)
    return with_color(codes, code) if code else codes


def chosen_block(role: "str", color: "object", colors: "dict[str, str]", depth: "int") -> "list[str]":
    """Return ground and ink of a block in a color of the user's, nothing where there is none for this block.

    ``role`` is what the block is named by, ``color`` the segment's own, ``colors`` are those by role. The ink is black
    or white.
    """
    chosen = colors.get(role) if role in KEEP_COLOR or not color_code(color, depth) else color
    if not isinstance(chosen, str) or not color_code(chosen, depth):
        return []
    if chosen[0] != "#":
        number = COLOR_NAMES.index(chosen)
        return [str(number), "15" if number in _DARK_NUMBERS else "0"]
    red, green, blue = [int(chosen[at : at + 2], 16) for at in (1, 3, 5)]
    brightness = ((2 * red * red + 7 * green * green + blue * blue) / 10) ** 0.5
    return [chosen, "#000000" if brightness > _MIDDLE_BRIGHTNESS else "#ffffff"]


def with_color(codes: "str", color: "str") -> "str":
    """Return SGR codes with another color; bold stays, dim goes."""
    return f"1;{color}" if codes == "1" or codes[:2] == "1;" else color


def color_code(color: "object", depth: "int") -> "str":
    """Return the SGR code of a color as `is_color` knows them.

    Empty for anything else, and for #rrggbb where there are only 16 colors: there the theme's own color stays.
    """
    if not isinstance(color, str) or not is_color(color):
        return ""
    if color[0] != "#":
        return ink_of(str(COLOR_NAMES.index(color)), depth)
    return ink_of(color, depth) if depth > 16 else ""


def is_color(color: "object") -> "bool":
    """Return whether a value is a name such as ``magenta`` or ``bright-magenta``, or ``#rrggbb``."""
    if color in COLOR_NAMES:
        return True
    is_hex = isinstance(color, str) and len(color) == 7 and color[0] == "#"
    return is_hex and all(digit in "0123456789abcdefABCDEF" for digit in str(color)[1:])
