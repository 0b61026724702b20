"""The table of segments: one pure function per thing shown, by topic; only the topics in use are imported."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.snapshot import Snapshot
    from statusline.segment import Segment
    from statusline.session import Session

    SegmentFunction = Callable[[Session, Snapshot, float], Segment | None]

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
    """Return the function of a segment in the table; in the merged module all of them are in one namespace."""
    merged = sys.modules.get("statusline.hot")
    module = merged or __import__(f"statusline.segments.{TABLE[name][0]}", fromlist=("*",))
    return vars(module)[name]  # type: ignore[no-any-return]
