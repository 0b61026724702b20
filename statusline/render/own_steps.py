"""What a row of one's own has beyond the default one: the steps of what is not in the usual list, and options."""

from statusline.config import is_wanted
from statusline.render.ladder import LADDER, WHOLE
from statusline.segments.registry import TABLE, weight_of
from statusline.segments.segment import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from statusline.render.ladder import Step
    from statusline.render.placed_segment import PlacedSegment

BAR_CELLS_OF_OPTION, BAR_AT_MOST = 8, 40  # where the option `bar` is true, and at most
LAST_OF_SHORT = ("cost", 0)
OTHER_LIMITS = ("model_week", "spend")


def own_steps(group: "list[PlacedSegment]", words: "str", *, fill: "bool") -> "list[Step]":
    """Return the steps for the segments of a row, whose keys become unique.

    ``words`` is the preset's own list, complete, such as ``model:24 context context.bar bars:8``; empty for the usual
    one. There, a segment that is not in the list comes by its weight, its details after all others, and a bar that an
    option asks for right behind its segment. Without ``fill`` the list is the short one, and there are no other bars.
    """
    seen: "set[str]" = set()
    for placed in group:
        while placed.key in seen:
            placed.key += "'"  # the same segment once more
        seen.add(placed.key)
    if words:
        steps = [step_of(word) for word in words.split()]
        _let_another_lead(group, {key for key, _ in steps})
        return steps if fill else [step for step in steps if step[0] != "bars" and step[0][-4:] != ".bar"]
    usual = LADDER if fill else short_steps()
    known = {key for key, _ in usual}
    others = [placed for placed in group if placed.key not in known]
    others.sort(key=_lightness)
    found: "list[Step]" = []
    barred = {placed.key for placed in group if placed.size}
    for step in usual:
        while others and step[0] in TABLE and weight_of(others[0].name) > weight_of(step[0]):
            found += base_steps(others.pop(0).key, barred)
        if "." not in step[0]:
            found += base_steps(step[0], barred, step[1])
        elif fill or step[0][-4:] != ".bar":
            found.append(step)
    for placed in others:
        found += base_steps(placed.key, barred)
    known.update([key for key, _ in LADDER])
    keys = [f"{placed.key}.{name}" for placed in group for name in placed.segment.details or ()]
    return found + [(key, 0) for key in keys if key not in known]


def _let_another_lead(group: "list[PlacedSegment]", known: "set[str]") -> "None":
    """Let another limit lead if no window of the plan is shown: the first that has no step in ``known``."""
    if "lead" not in known or any([placed.key == "lead" for placed in group]):  # noqa: C419
        return
    for placed in group:
        if placed.name in OTHER_LIMITS and placed.key not in known:
            placed.key = "lead"
            return


def step_of(word: "str") -> "Step":
    """Return the step in a word."""
    key, _, size = word.partition(":")
    return key, int(size or 0)


def base_steps(key: "str", barred: "set[str]", size: "int" = 0) -> "list[Step]":
    """Return the step of a segment, with that of a bar that an option asks for."""
    return [(key, size), (key + ".bar", 0)] if key in barred else [(key, size)]


def short_steps() -> "list[Step]":
    """Return the steps up to the cost; a name may take more of a short row, as nothing else does."""
    return [*LADDER[: LADDER.index(LAST_OF_SHORT) + 1], *[step for step in LADDER if step[1] == WHOLE]]


def _lightness(placed: "PlacedSegment") -> "int":
    return -weight_of(placed.name)


def is_chosen(placed: "PlacedSegment", options: "dict[str, object]") -> "bool":
    """Return whether the options of an item want it at its level; take its label and bar from them."""
    if not is_wanted(placed.level, options.get("when")):
        return False
    label = options.get("label")
    placed.label = label if isinstance(label, str) else None
    if placed.segment.bar is not None:
        placed.size = bar_cells(options.get("bar"))
    return True


def bar_cells(wanted: "object") -> "int":
    """Return the cells of a bar that the option ``bar`` asks for: true, or a number of cells; 0 for none."""
    return BAR_CELLS_OF_OPTION if wanted is True else min(count_of(wanted), BAR_AT_MOST) if wanted else 0
