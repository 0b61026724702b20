"""The table of segments: what there is to show, where its function stands, and what it reads."""

import sys

from cache.model.lazy import further_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options, Segment

    SegmentFunction = Callable[[Session, Snapshot, float, Options], Segment | None]

# name: topic, weight (the lowest leaves first where the row is too narrow), what joins it to the one before, and what
# the tick reads for it. What a segment shows stands in the docstring of its function, what may be chosen for it in
# statusline/commands/config_check/segment_options.py.
TABLE: "dict[str, tuple[str, int, str, tuple[str, ...]]]" = {
    "model": ("session", 60, " │ ", ()),
    "effort": ("session", 20, " · ", ()),
    "thinking": ("modes", 12, " · ", ()),
    "fast_mode": ("modes", 58, " · ", ()),
    "output_style": ("modes", 14, " · ", ()),
    "vim": ("modes", 35, " │ ", ()),
    "agent": ("modes", 34, " │ ", ()),
    "session_name": ("modes", 18, " │ ", ()),
    "version": ("modes", 5, " │ ", ()),
    "clock": ("modes", 16, " │ ", ()),
    "project": ("place", 50, " │ ", ()),
    "directory": ("folders", 50, " │ ", ()),
    "added_dirs": ("folders", 10, " ", ()),
    "branch": ("place", 40, " ", ("branch",)),
    "worktree": ("git", 22, " ", ()),
    "git_operation": ("git", 56, " ", ("operation",)),
    "git_changes": ("git", 38, " ", ("git",)),
    "git_sync": ("git", 36, " ", ("git",)),
    "stash": ("git", 15, " ", ("git",)),
    "repo": ("git", 17, " │ ", ()),
    "pr": ("git", 33, " │ ", ()),
    "context": ("context", 80, " │ ", ()),
    "context_tokens": ("tokens", 24, " │ ", ()),
    "context_left": ("tokens", 25, " │ ", ()),
    "compaction": ("tokens", 45, " │ ", ()),
    "cache_hits": ("caching", 11, " │ ", ()),
    "cache_ttl": ("caching", 48, " │ ", ()),
    "cache_miss": ("caching", 47, " │ ", ()),
    "five_hour": ("usage", 100, " │ ", ("usage",)),
    "seven_day": ("usage", 90, " │ ", ("usage",)),
    "model_week": ("usage", 85, " │ ", ("usage",)),
    "scoped_weeks": ("limits", 65, " │ ", ("usage",)),
    "spend": ("usage", 44, " │ ", ("usage",)),
    "binding": ("limits", 95, " │ ", ("usage",)),
    "resumes": ("limits", 94, " │ ", ("usage",)),
    "runs_out": ("usage", 75, " │ ", ("usage",)),
    "source": ("limits", 28, " │ ", ("usage",)),
    "plan": ("limits", 13, " │ ", ("usage",)),
    "cost": ("session", 30, " │ ", ()),
    "cost_per_hour": ("spent", 21, " · ", ()),
    "duration": ("spent", 19, " │ ", ()),
    "api_time": ("spent", 8, " · ", ()),
    "lines": ("spent", 23, " │ ", ()),
    "last_tool": ("activity", 26, " │ ", ("activity",)),
    "running_agents": ("activity", 32, " │ ", ("activity",)),
    "todos": ("activity", 31, " │ ", ("activity",)),
    "turns": ("activity", 7, " │ ", ("activity",)),
    "mcp": ("activity", 46, " │ ", ("mcp",)),
    "text": ("own", 27, " │ ", ()),
    "command": ("own", 29, " │ ", ("command",)),
}


def segment_function(name: "str") -> "SegmentFunction":
    """Return the function of a segment in the table; only the topics in use are imported.

    In the merged module the topics of the default line are there already.
    """
    merged = sys.modules.get("statusline.hot")
    found = None if merged is None else vars(merged).get(name)
    return found or vars(further_module(f"statusline.segments.{TABLE[name][0]}"))[name]  # type: ignore[no-any-return]
