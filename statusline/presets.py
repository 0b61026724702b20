"""The rows of the presets, as a file would have them: read only where a configuration names one."""

from statusline.config_table import DEFAULT_ROW

# The default row without what only fills it: nothing behind the cost.
SHORT_ROW = (
    "model effort fast_mode project branch changed_files git_operation context five_hour seven_day model_week spend"
    " provider cost sessions"
)
# fmt: off
PRESETS: "dict[str, list[object]]" = {
    "minimal": [["project", "branch", "changed_files", "context", "five_hour", "seven_day", "model_week", "spend"]],
    "full": [
        {
            "left": ["model", "effort", "thinking", "fast_mode", {"segment": "directory", "style": "full"}, "branch",
                     "worktree", "git_sync", "git_changes", "stash", "git_operation", "pr"],
            "right": ["output_style", "vim", "agent", "lines", "duration", "cost", "today"],
        },
        {
            "left": ["context", "context_tokens", "compaction", "five_hour", "seven_day", "model_week", "spend",
                     "provider"],
            "right": ["source", "plan"],
        },
        {
            "left": ["last_tool", "running_agents", "todos", {"segment": "cache_ttl", "always": True}, "mcp"],
            "right": ["sessions"],
        },
    ],
    "quiet": [
        ["model", "fast_mode", "git_operation", {"segment": "context", "when": "warn"},
         {"segment": "five_hour", "when": "warn"}, {"segment": "seven_day", "when": "warn"},
         {"segment": "model_week", "when": "warn"}, {"segment": "spend", "when": "warn"},
         "cache_miss", "mcp", "sessions"],
    ],
}
# fmt: on
# The order in which rows take their room, where it is not the usual one.
STEPS = {
    "minimal": [  # of the limits only the one that leads
        "lead context lead.reset project:8 branch:8 changed_files project:16 branch:16 project:999 branch:999",
    ],
    "quiet": [
        (
            "lead five_hour seven_day model_week spend context model lead.reset five_hour.reset seven_day.reset"
            " git_operation sessions fast_mode mcp cache_miss sessions.names cache_miss.cause cache_miss.taken"
            " model_week.reset"
            " model:999"
        ),
    ],
    "full": [
        (
            "model:24 project:24 branch:24 git_operation fast_mode git_changes effort cost lines vim agent pr git_sync"
            " worktree today duration pr.state stash model.million thinking output_style project:999 branch:999"
            " model:999"
        ),
        (
            "lead five_hour seven_day provider context lead.reset five_hour.reset seven_day.reset lead.bar"
            " five_hour.bar seven_day.bar context.bar model_week spend spend.limit bars:7 bars:8 source context_tokens"
            " lead.slack five_hour.slack seven_day.slack lead.out five_hour.out seven_day.out bars:9 bars:10 plan"
            " compaction bars:11 bars:12"
        ),
        (
            "sessions last_tool running_agents todos mcp sessions.names todos.current cache_ttl last_tool.argument"
            " cache_ttl.tokens"
        ),
    ],
}
FILLING = ("default", "full")  # the others stay short, however wide the terminal is


def preset_rows(name: "str", *, fill: "bool" = True) -> "list[object]":
    """Return the rows of a preset; without ``fill``, of the default one only what its short row has."""
    return PRESETS[name] if name in PRESETS else [(DEFAULT_ROW if fill else SHORT_ROW).split()]


def preset_orders() -> "list[tuple[object, str]]":
    """Return the rows that have an order of their own in which they take their room, with that order."""
    return [pair for name, steps in STEPS.items() for pair in zip(PRESETS[name], steps, strict=True)]
