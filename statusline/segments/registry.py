"""The registry of segments: what there is to show, in which file its function is, and what it needs."""

import sys

from cache.model.lazy import further_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.readings.snapshot import Snapshot
    from statusline.payload import Session
    from statusline.segments.segment import Options, Segment

    SegmentFunction = Callable[[Session, Snapshot, float, Options], Segment | None]

# name: topic (the file), weight (the lowest leaves a narrow row first), joint to the segment before, and what the tick
# must read for it: branch, operation, git, activity, usage, mcp, command, sessions, account, money, branch_money; () if
# stdin is enough. The docstring of its function says what a segment shows.
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
    "account": ("limits", 43, " │ ", ("account",)),
    "cost": ("session", 30, " │ ", ()),
    "sessions": ("session", 55, " │ ", ("sessions",)),
    "cost_per_hour": ("spent", 21, " · ", ()),
    "today": ("money", 6, " · ", ("money",)),
    "block": ("money", 4, " · ", ("money",)),
    "week": ("money", 3, " · ", ("money",)),
    "month": ("money", 1, " · ", ("money",)),
    "branch_cost": ("money", 2, " │ ", ("branch", "money", "branch_money")),
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


def topic_of(name: "str") -> "str":
    """Return the name of the file in `statusline.segments` that has the segment's function."""
    return TABLE[name][0]


def weight_of(name: "str") -> "int":
    """Return how long a segment stays in a narrow row: the lowest weight leaves first."""
    return TABLE[name][1]


def joint_of(name: "str") -> "str":
    """Return what joins a segment to the one before."""
    return TABLE[name][2]


def needs_of(name: "str") -> "tuple[str, ...]":
    """Return what the tick reads for a segment, such as ``usage`` or ``git``."""
    return TABLE[name][3]


def segment_function(name: "str") -> "SegmentFunction":
    """Return the function of a segment; only the topics in use are imported.

    In the merged module the topics of the default line are there already.
    """
    merged = sys.modules.get("statusline.hot")
    function = None if merged is None else vars(merged).get(name)
    return function or vars(further_module(f"statusline.segments.{topic_of(name)}"))[name]  # type: ignore[no-any-return]
