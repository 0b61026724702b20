"""What each setting is for, by its key; kinds and bounds are in statusline/config_table.py."""

from __future__ import annotations

PRESETS = {
    "default": "One row as wide as the terminal: session, directory, context, limits, cost.",
    "minimal": "Directory, context and the leading limit, at any width.",
    "full": "Three rows: session and repository, limits, activity.",
    "quiet": "The model, and otherwise only what needs attention.",
}
THEMES = {
    "auto": "Follows Claude Code's theme; where that is unknown, the terminal's background, else `default`.",
    "default": "The terminal's own 16 colors.",
    "dark": "For a dark background.",
    "light": "For a light background.",
    "colorblind": "Blue, yellow and orange, distinct with any kind of color vision.",
    "colorblind-light": "Blue, olive and brown on a light background, distinct with any kind of color vision.",
    "catppuccin": "Soft colors: Catppuccin Mocha.",
    "tokyo-night": "Tokyo Night.",
    "mono": "Bold, dim and reverse only.",
    "powerline": "Colored blocks; with `nerd` glyphs, arrows between them.",
    "pastel": "The former name of `catppuccin`.",
}
GLYPHS = {
    "unicode": "Symbols that most fonts have.",
    "ascii": "ASCII only.",
    "nerd": "Nerd Font icons.",
}
# What the values of a choice mean.
CHOICES = {
    "preset": PRESETS,
    "theme": THEMES,
    "glyphs": GLYPHS,
    "time.style": {"countdown": "1h58m", "clock": "16:40", "both": "1h58m (16:40)"},
    "oauth": {"auto": "Use a login if there is one.", "off": "Read no credential, make no request."},
}

# In the order in which the settings are listed.
DESCRIPTIONS = {
    "preset": "A ready-made set of rows. `rows` takes precedence.",
    "rows": "The rows, top to bottom.",
    "rows.left": "Segments, left to right.",
    "rows.right": "Segments at the right edge.",
    "theme": "The colors.",
    "colors": "Your own colors by role, over those of the theme.",
    "glyphs": "The glyph set.",
    "separator": "Text between two segments, instead of the theme's.",
    "fill": "Use spare width for bars and details. `false` keeps the row short.",
    "wrap": "Move segments that do not fit to a second row instead of dropping the least important ones.",
    "padding": "Cells on each side. Use the value of `padding` in Claude Code's `statusLine`.",
    "thresholds": "Percentages at which a segment turns to `warn` and `alert`, by segment.",
    "week": "When you work, such as `mon-fri 9-18`. The pace of weekly limits then counts only this time. By"
    " default it is learned from the last weeks.",
    "hint": "Tell the model, by the plugin's hook, when a limit or the context is nearly used up.",
    "time": "Time format.",
    "time.style": "How resets are shown.",
    "time.hours": "24-hour or 12-hour clock.",
    "time.zone": "Time zone for clock times.",
    "oauth": "Whether to query Anthropic's usage endpoint with the login.",
    "refresh": "Refresh intervals, in seconds.",
    "refresh.usage": "Usage limits: the shortest interval between two requests.",
    "refresh.git": "Git status, while nothing seems to change in the repository.",
    "refresh.activity": "Tools, agents and todos, read from the transcript.",
    "budget": "Budgets in dollars. The segments `today`, `block`, `week` and `month` warn at 70% and alert at 90% of"
    " them, or at their `thresholds`.",
    "budget.day": "A day, from midnight in `time.zone`.",
    "budget.block": "A five-hour window.",
    "budget.week": "A week, from Monday.",
    "budget.month": "A month, from its first day.",
    "commands": "Your own commands by name, for the segment `command`. They run in the background.",
    "commands.command": "Run by the shell in the session's directory, with the session's JSON on stdin.",
    "commands.every": "Interval, in seconds.",
    "commands.timeout": "Time limit, in seconds.",
    "commands.shared": "Run once for all sessions in a directory, without a session's JSON on stdin.",
    "accounts": "Your names for accounts, by the id that `statusline usage --all` prints, or its first 8 characters.",
    "prices": "Your own prices by the beginning of a model's id. The longest match wins.",
    "prices.input": "Input tokens that were not cached.",
    "prices.output": "Output tokens.",
    "prices.cache_write_5m": "Tokens written to the 5-minute cache.",
    "prices.cache_write_1h": "Tokens written to the 1-hour cache.",
    "prices.cache_read": "Tokens read from the cache.",
    "watch": "Commands to run, or notifications to show, once at an event such as a limit that is nearly used up.",
    "watch.on": "The event: usage crosses a threshold, a limit has reset, a session waits, or the login has expired.",
    "watch.at": "Thresholds in percent. For `reset`, how high usage must have been (default: 90).",
    "watch.command": "Run by the shell, with HUDLINE_TEXT and other variables in its environment.",
    "watch.notify": "Where to show a notification.",
}
SECTIONS = tuple(key for key in DESCRIPTIONS if "." not in key)

# Options of segments.
OPTION_DESCRIPTIONS = {
    "when": "When to show the segment: always, or only from this level up.",
    "color": "A color for the whole segment, except for what warns.",
    "label": "Label to show instead of the segment's own. Empty: no label.",
    "bar": "Show a bar wherever the percentage is shown, not only in spare room; a number sets its width in cells.",
    "style": "Shorten the path as fish does, show it in full, or show only the last component.",
    "always": "Show the segment at all times, not only when little time is left.",
    "window": "`autoCompactWindow` from Claude Code's settings, in tokens.",
    "text": "The text to show.",
    "name": "Which of `commands` to show.",
    "unit": "Show dollars at list prices, tokens, or both.",
}

# What each sign means; sets of signs are in statusline/render/glyphs.py.
SIGN_MEANINGS = {
    "reset": "the time until a limit resets",
    "warn": "a limit at 70% or more, or where `thresholds` puts it",
    "alert": "a limit at 90% or more",
    "bar": "a bar: full, half full, empty, and where an even pace would be, in the empty and in the full part",
    "more": "a text that was cut",
    "branch": "between the directory and the branch",
    "worktree": "a linked worktree",
    "operation": "git is in the middle of a rebase, merge, ...",
    "dirty": "changed files",
    "staged": "staged files, added lines or folders",
    "modified": "modified files",
    "untracked": "untracked files",
    "conflict": "files in conflict",
    "ahead": "commits to push",
    "behind": "commits to pull",
    "stash": "stashes",
    "pr": "a pull request",
    "fast_mode": "fast mode",
    "fast": "points ahead of an even pace",
    "slow": "points behind an even pace",
    "tool": "the last tool",
    "agent": "sub-agents at work",
    "todo": "tasks",
    "mcp": "logins of MCP servers",
    "clock": "the time of day",
    "folder": "added folders",
}
# How numbers are marked.
NUMBERS = {
    "35m old": "the number was last confirmed 35 minutes ago",
    "~47% est": "an estimate: the last official number plus the work done on this machine since",
    "$0.16": "what this machine spent, where no percentage is known",
    "100%": "reached: percentages are rounded down",
}
