"""The signs of the line by name, in the usual set: a blank that belongs to a sign is part of it.

One sign has one meaning on a row; a test holds that. A word that says it all, such as ``rebase``, has a sign among the
icons only.
"""

# `bar` is full, half full and empty, then the tick in the empty and in the full part; `more` marks what was cut off;
# `fast` and `slow` are ahead of the pace and behind it.
UNICODE = {
    "reset": "↻",
    "branch": " › ",
    "worktree": "wt ",
    "operation": "",
    "fast_mode": "",
    "ahead": "↑",
    "behind": "↓",
    "stash": "≡",
    "dirty": "*",
    "staged": "+",
    "modified": "~",
    "untracked": "?",
    "conflict": "×",
    "pr": "#",
    "fast": "▲",
    "slow": "▼",
    "tool": "▸ ",
    "agent": "",
    "todo": "todo ",
    "mcp": "mcp ",
    "clock": "",
    "folder": "",
    "dash": "–",
    "times": "×",
    "warn": "!",
    "alert": "!!",
    "more": "…",
    "bar": "━╾─┴┷",
    "arrow": "",
    "thin": "›",
}
