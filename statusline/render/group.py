"""Segments beside each other as text: what joins them, and their colors."""

from cache.model.lazy import further_module
from statusline.attempt import attempt, keep_failure
from statusline.render.placed_segment import all_pieces, paint
from statusline.render.theme import SEPARATOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.render.placed_segment import PlacedSegment
    from statusline.render.theme import Style

    Group = list[PlacedSegment]


def group_text(group: "Group", style: "Style") -> "str":
    """Return a group as text."""
    joints, before = [], 0
    for placed in group:
        joints.append(style.joint(placed.joint if placed.cluster == before else SEPARATOR) if before else "")
        before = placed.cluster
    blocks = attempt(_blocks_text, group, joints, style) if style.blocks and group else None
    if blocks is not None:
        return blocks
    code, text = style.code("separator", None), ""
    for placed, joint in zip(group, joints, strict=True):
        text += f"\x1b[{code}m{joint}\x1b[0m" if code and joint.strip() else joint
        try:
            text += paint(placed, style)
        except Exception as error:  # noqa: BLE001 - what has no color is shown without
            keep_failure(error)
            text += plain_text(placed, style)
    return text


def plain_text(placed: "PlacedSegment", style: "Style") -> "str":
    """Return a segment without colors."""
    return "".join([text for _, text in all_pieces(placed, style)])


def _blocks_text(group: "Group", joints: "list[str]", style: "Style") -> "str":
    return further_module("statusline.render.powerline").blocks_text(group, joints, style)  # type: ignore[no-any-return]
