"""The rows of the presets, as a file would have them: read only where a configuration names one."""

from statusline.config_table import DEFAULT_ROW

# fmt: off
PRESETS: "dict[str, list[object]]" = {
    "default": [DEFAULT_ROW.split()],
    "minimal": [["directory", "branch", "context", "five_hour"]],
    "full": [
        {
            "left": ["model", "effort", "thinking", "fast_mode", "directory", "branch", "worktree", "git_operation",
                     "git_changes", "git_sync", "stash", "pr"],
            "right": ["output_style", "vim", "agent", "duration", "lines", "cost"],
        },
        {
            "left": [{"segment": "context", "bar": True}, "compaction", "cache_ttl",
                     {"segment": "five_hour", "bar": True}, {"segment": "seven_day", "bar": True},
                     "model_week", "spend", "runs_out"],
            "right": ["source", "plan"],
        },
        ["last_tool", "running_agents", "todos", "mcp"],
    ],
    "quiet": [
        ["model", "fast_mode", "git_operation", {"segment": "context", "when": "warn"},
         {"segment": "five_hour", "when": "warn"}, {"segment": "seven_day", "when": "warn"},
         {"segment": "model_week", "when": "warn"}, {"segment": "spend", "when": "warn"},
         "runs_out", "cache_miss", "mcp"],
    ],
}
# fmt: on


def preset_rows(name: "str") -> "object":
    """Return the rows of a preset."""
    return PRESETS[name]
