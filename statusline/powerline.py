"""Segments as coloured blocks with an arrow between them, for the theme ``powerline``."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from statusline.looks import Looks
    from statusline.part import Part

    Linked = Callable[[str, str | None, Looks], str]

# By role or level: the colour of the block and of what is written on it; 0-15 and #rrggbb of both.
_BLOCKS = {
    "model": "4 15 #3b4261 #c0caf5",
    "directory": "6 0 #7aa2f7 #16161e",
    "branch": "6 0 #7aa2f7 #16161e",
    "calm": "8 15 #24283b #9ece6a",
    "warn": "3 0 #e0af68 #16161e",
    "alert": "1 15 #db4b4b #ffffff",
}
_PLAIN = "8 15 #24283b #c0caf5"
_OTHER = {"8": "0", "#24283b": "#363c58"}  # ground of a block behind one of the same colour


def blocks_text(parts: "list[Part]", looks: "Looks", joints: "list[str]", linked: "Linked") -> "str":
    """Return a group: `` a > b >``. A separator among the ``joints`` begins a block; another is written within it."""
    separator = looks.joint(" │ ")
    blocks: "list[tuple[Part, str]]" = []
    for part, joint in zip(parts, joints, strict=True):
        said = linked("".join([text for _, text in part.drawn]), part.segment.link, looks)
        if blocks and joint != separator:
            first, before = blocks[-1]
            blocks[-1] = (first, before + joint + said)
        else:
            blocks.append((part, said))
    arrow = separator.strip()
    colours: "list[list[str]]" = []
    for first, _ in blocks:
        ground, ink = colours_of(first, looks.depth)
        alike = bool(colours) and colours[-1][0] == ground
        colours.append([_OTHER.get(ground, ground) if alike else ground, ink])
    text = ""
    for number, (_, said) in enumerate(blocks):
        ground, ink = colours[number]
        text += f"{looks.block(ink, ground)} {said} \x1b[0m"
        if arrow:
            behind = colours[number + 1][0] if number + 1 < len(blocks) else ""
            text += f"{looks.block(ground, behind)}{arrow}\x1b[0m"
    return text


def colours_of(part: "Part", depth: "int") -> "list[str]":
    """Return ground and ink of the block that begins with a part: by its level, else by a role in it."""
    wanted = [part.segment.level, *(role for role, text in part.drawn if text)]
    named = [_BLOCKS[each] for each in wanted if each and each in _BLOCKS]
    words = (named[0] if named else _PLAIN).split()
    return words[:2] if depth == 16 else words[2:]
