"""Segments as coloured blocks with an arrow between them, for the theme ``powerline``."""

from statusline.render.placed_segment import linked
from statusline.render.theme import SEPARATOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.render.placed_segment import Part
    from statusline.render.theme import Looks

# By role or level: the colour of the block and of what is written on it; 0-15 and #rrggbb of both.
_BLOCK_COLOURS = {
    "model": "4 15 #3b4261 #c0caf5",
    "directory": "6 0 #7aa2f7 #16161e",
    "branch": "6 0 #7aa2f7 #16161e",
    "calm": "8 15 #24283b #9ece6a",
    "warn": "3 0 #e0af68 #16161e",
    "alert": "1 15 #db4b4b #ffffff",
}
_PLAIN_BLOCK = "8 15 #24283b #c0caf5"
_SECOND_GROUND = {"8": "0", "#24283b": "#363c58"}  # ground of a block behind one of the same colour


def blocks_text(parts: "list[Part]", joints: "list[str]", looks: "Looks") -> "str":
    """Return a group: `` a > b >``; ``joints`` are what stands before each part."""
    arrow = looks.joint(SEPARATOR).strip()
    blocks = blocks_of(parts, joints, looks)
    grounds = [ground for ground, _, _ in blocks]
    text = ""
    for number, (ground, ink, said) in enumerate(blocks):
        text += f"{looks.block(ink, ground)} {said} \x1b[0m"
        if arrow:
            text += f"{looks.block(ground, [*grounds, ''][number + 1])}{arrow}\x1b[0m"
    return text


def blocks_of(parts: "list[Part]", joints: "list[str]", looks: "Looks") -> "list[tuple[str, str, str]]":
    """Return ground, ink and text of each block: a separator begins one, another joint is written within it."""
    separator = looks.joint(SEPARATOR)
    blocks: "list[tuple[str, str, str]]" = []
    for part, joint in zip(parts, joints, strict=True):
        said = linked("".join([text for _, text in part.drawn]), part.segment.link, looks)
        if blocks and joint != separator:
            ground, ink, before = blocks[-1]
            blocks[-1] = (ground, ink, before + joint + said)
            continue
        ground, ink = block_colours(part, looks.depth)
        if blocks and blocks[-1][0] == ground:
            ground = _SECOND_GROUND.get(ground, ground)
        blocks.append((ground, ink, said))
    return blocks


def block_colours(part: "Part", depth: "int") -> "list[str]":
    """Return ground and ink of the block that begins with a part: by its level, else by a role in it."""
    wanted = [part.segment.level, *(role for role, text in part.drawn if text)]
    named = [_BLOCK_COLOURS[each] for each in wanted if each and each in _BLOCK_COLOURS]
    words = (named[0] if named else _PLAIN_BLOCK).split()
    return words[:2] if depth == 16 else words[2:]
