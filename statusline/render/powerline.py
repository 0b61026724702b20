"""Segments as colored blocks with an arrow between them, for the theme ``powerline``."""

from cache.model.lazy import further_module
from statusline.render.placed_segment import all_pieces, link_text
from statusline.render.theme import SEPARATOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.render.placed_segment import PlacedSegment
    from statusline.render.theme import Style

# By role or level: the color of the block and of what is written on it; 0-15 and #rrggbb of both.
BLOCK_COLORS = {
    "model": "4 15 #3d59a1 #ffffff",
    "directory": "6 0 #7aa2f7 #16161e",
    "branch": "6 0 #7aa2f7 #16161e",
    "calm": "8 15 #24283b #9ece6a",
    "pace": "0 3 #24283b #e0af68",
    "warn": "3 0 #e0af68 #16161e",
    "alert": "1 15 #b3202f #ffffff",
}
PLAIN_BLOCK = "8 15 #24283b #c0caf5"
SECOND_GROUND = {"8": "0", "#24283b": "#2d2f73"}  # ground of a block behind one of the same color


def blocks_text(group: "list[PlacedSegment]", joints: "list[str]", style: "Style") -> "str":
    """Return a group: `` a > b >``; ``joints`` has one text before each segment."""
    arrow = style.joint(SEPARATOR).strip()
    blocks = blocks_of(group, joints, style)
    grounds = [ground for ground, _, _ in blocks]
    text = ""
    for number, (ground, ink, content) in enumerate(blocks):
        text += f"{style.block(ink, ground)} {content} \x1b[0m"
        if arrow:
            text += f"{style.block(ground, [*grounds, ''][number + 1])}{arrow}\x1b[0m"
    return text


def blocks_of(group: "list[PlacedSegment]", joints: "list[str]", style: "Style") -> "list[tuple[str, str, str]]":
    """Return ground, ink and text of each block: a separator starts a block, other joints are text within it."""
    separator = style.joint(SEPARATOR)
    blocks: "list[tuple[str, str, str]]" = []
    for placed, joint in zip(group, joints, strict=True):
        pieces = all_pieces(placed, style)
        content = link_text("".join([text for _, text in pieces]), placed.segment.link, style)
        if blocks and joint != separator:
            ground, ink, before = blocks[-1]
            blocks[-1] = (ground, ink, before + joint + content)
            continue
        ground, ink = block_colors(placed, pieces, style)
        if blocks and blocks[-1][0] == ground:
            ground = SECOND_GROUND.get(ground, ground)
        blocks.append((ground, ink, content))
    return blocks


def block_colors(placed: "PlacedSegment", pieces: "list[tuple[str, str]]", style: "Style") -> "list[str]":
    """Return ground and ink of the block that starts with a segment: by its level, else by a role in it.

    A color that the user chose, for the segment or for the role, is the ground.
    """
    wanted = [placed.level, *(role for role, text in pieces if text)]
    named = [each for each in wanted if each and each in BLOCK_COLORS]
    words = (BLOCK_COLORS[named[0]] if named else PLAIN_BLOCK).split()
    options = placed.options or {}
    if style.colors or "color" in options:
        chosen = further_module("statusline.render.chosen_colors").chosen_block
        found: "list[str]" = chosen(named[0] if named else "", options.get("color"), style.colors, style.depth)
        words = found or words
    return words[:2] if style.depth == 16 or len(words) == 2 else words[2:]
