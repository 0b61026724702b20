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

# name: topic (the file), weight (where a segment stands that the ladder does not name: the heaviest comes first), joint
# to a segment before that it belongs to, and what the tick must read for it: branch, operation, git, activity, usage,
# mcp, command, sessions, account, money, branch_money; () if standard input and the environment are enough. The
# docstring of its function says what a segment shows. The weights of those that the ladder names fall in its order.
TABLE: "dict[str, tuple[str, int, str, tuple[str, ...]]]" = {
    "model": ("session", 70, " │ ", ()),
    "effort": ("session", 40, " · ", ()),
    "thinking": ("modes", 12, " · ", ()),
    "fast_mode": ("session", 46, " · ", ()),
    "output_style": ("modes", 14, " · ", ()),
    "vim": ("modes", 37, " │ ", ()),
    "agent": ("modes", 36, " │ ", ()),
    "session_name": ("modes", 18, " │ ", ()),
    "version": ("modes", 5, " │ ", ()),
    "clock": ("modes", 16, " │ ", ()),
    "project": ("place", 60, " │ ", ()),
    "directory": ("folders", 60, " │ ", ()),
    "added_dirs": ("folders", 10, " ", ()),
    "branch": ("place", 55, " › ", ("branch",)),
    "worktree": ("git", 25, " ", ()),
    "git_sync": ("git", 42, " ", ("git",)),
    "git_changes": ("git", 52, " ", ("git",)),
    "changed_files": ("place", 53, " ", ("git",)),
    "stash": ("git", 15, " ", ("git",)),
    "git_operation": ("place", 58, " ", ("operation",)),
    "repo": ("host", 17, " │ ", ()),
    "pr": ("host", 34, " │ ", ()),
    "context": ("context", 80, " │ ", ()),
    "context_tokens": ("tokens", 22, " ", ()),
    "context_left": ("tokens", 29, " │ ", ()),
    "compaction": ("tokens", 43, " · ", ()),
    "cache_hits": ("caching", 11, " │ ", ()),
    "cache_ttl": ("caching", 49, " │ ", ()),
    "cache_miss": ("caching", 44, " │ ", ()),
    "five_hour": ("usage", 100, " │ ", ("usage",)),
    "seven_day": ("usage", 90, " │ ", ("usage",)),
    "model_week": ("usage", 50, " │ ", ("usage",)),
    "scoped_weeks": ("limits", 65, " │ ", ("usage",)),
    "spend": ("usage", 48, " │ ", ("usage",)),
    "provider": ("usage", 88, " │ ", ()),
    "binding": ("limits", 95, " │ ", ("usage",)),
    "resumes": ("limits", 94, " │ ", ("usage",)),
    "runs_out": ("limits", 75, " │ ", ("usage",)),
    "source": ("limits", 28, " │ ", ("usage",)),
    "plan": ("limits", 13, " │ ", ("usage",)),
    "account": ("limits", 45, " │ ", ("account",)),
    "cost": ("session", 38, " │ ", ()),
    "sessions": ("session", 57, " │ ", ("sessions",)),
    "cost_per_hour": ("spent", 21, " · ", ()),
    "today": ("money", 30, " · ", ("money",)),
    "block": ("money", 6, " · ", ("money",)),
    "week": ("money", 4, " · ", ("money",)),
    "month": ("money", 3, " · ", ("money",)),
    "branch_cost": ("money", 2, " │ ", ("branch", "money", "branch_money")),
    "duration": ("spent", 24, " │ ", ()),
    "api_time": ("spent", 8, " · ", ()),
    "lines": ("spent", 32, " ", ()),
    "last_tool": ("activity", 26, " │ ", ("activity",)),
    "running_agents": ("activity", 33, " │ ", ("activity",)),
    "todos": ("activity", 35, " │ ", ("activity",)),
    "turns": ("activity", 7, " │ ", ("activity",)),
    "mcp": ("activity", 47, " │ ", ("mcp",)),
    "text": ("custom", 27, " │ ", ()),
    "command": ("custom", 31, " │ ", ("command",)),
}


def topic_of(name: "str") -> "str":
    """Return the name of the file in `statusline.segments` that has the segment's function."""
    return TABLE[name][0]


def weight_of(name: "str") -> "int":
    """Return where a segment stands in the ladder if it is not in it: before those that are lighter."""
    return TABLE[name][1]


def joint_of(name: "str") -> "str":
    """Return what joins a segment to one before that it belongs to."""
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
