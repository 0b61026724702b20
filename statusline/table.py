"""The table of segments: what there is to show, where its function stands, and what it reads."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.snapshot import Snapshot
    from statusline.segment import Options, Segment
    from statusline.session import Session

    SegmentFunction = Callable[[Session, Snapshot, float, Options], Segment | None]

# name: topic, weight (the lowest leaves first where the row is too narrow), what joins it to the one before
TABLE: "dict[str, tuple[str, int, str]]" = {
    "model": ("session", 60, " │ "),
    "effort": ("session", 20, " · "),
    "directory": ("place", 50, " │ "),
    "branch": ("place", 40, " "),
    "context": ("context", 80, " │ "),
    "five_hour": ("usage", 100, " │ "),
    "seven_day": ("usage", 90, " │ "),
    "cost": ("session", 30, " │ "),
}


def segment_function(name: "str") -> "SegmentFunction":
    """Return the function of a segment in the table; only the topics in use are imported.

    In the merged module the topics of the default line are there already. A further topic finds what it imports under
    the names of the readable files, which then all stand for the merged one.
    """
    merged = sys.modules.get("statusline.hot")
    if merged is not None:
        found = vars(merged).get(name)
        if found is not None:
            return found  # type: ignore[no-any-return]
        sys.modules.update(dict.fromkeys(vars(merged)["MERGED"], merged))
    module = __import__(f"statusline.segments.{TABLE[name][0]}", fromlist=("*",))
    return vars(module)[name]  # type: ignore[no-any-return]
