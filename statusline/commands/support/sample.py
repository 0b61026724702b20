"""An example session for previews, with the user's own numbers if they are known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.entry import NOTHING_YET
from cache.model.git_head import repository_of
from cache.model.windows import OAUTH, Window
from cache.readings.snapshot import Snapshot
from statusline.commands.support.branch import branch_of
from statusline.commands.usage_page.known_numbers import known_usage
from statusline.config import Config
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows, usable_width
from statusline.render.theme import Style, style_for

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR, DAY = 3600, 86400
REPOSITORY = "https://github.com/example-owner/example-repo"


@dataclass(frozen=True)
class Sample:
    """The input of the line; ``is_own`` is whether the percentages are the user's own."""

    session: Session
    snapshot: Snapshot
    now: float
    is_own: bool

    def rows(
        self, config: Config, columns: int, env: Mapping[str, str], *, colored: bool, host_theme: str | None = None
    ) -> str:
        """Return the rows as a tick draws them in a terminal of ``columns``.

        ``host_theme`` is the theme of Claude Code, None for the one that is known.
        """
        style = style_for(
            config.theme,
            config.glyphs,
            config.separator,
            lambda name: _lookup(name, env, colored=colored),
            colors=config.colors,
            host_theme=self.snapshot.theme if host_theme is None else host_theme,
        )
        return self._compose(config, columns, style)

    def visible(self, config: Config, columns: int) -> set[str]:
        """Return the names of the segments that the rows show in a terminal of ``columns``."""
        marked, names = Config(config.given), list[str]()
        for row in marked.rows:
            for items in row.values():
                for at, (name, chosen) in enumerate(items):
                    items[at] = (name, {**chosen, "color": f"58;5;{len(names)}"})
                    names.append(name)
        style = _Numbered(config.theme, config.glyphs, config.separator, depth=16)
        style.blocks = False  # as wide, but not in blocks
        text = self._compose(marked, columns, style)
        return {names[int(number)] for number in re.findall("\x1b\\[58;5;([0-9]+)m", text)}

    def _compose(self, config: Config, columns: int, style: Style) -> str:
        self.snapshot.commands = {name: f"({name})" for name in config.commands}
        width = usable_width(str(columns), config.padding)
        return compose_rows(rows_of(self.session, self.snapshot, config, self.now), width, style, wrap=config.wrap)


class _Numbered(Style):
    """Draws each segment in a color that tells which one it is."""

    def code_with(self, color: object, role: str, level: str | None) -> str:  # noqa: ARG002
        """Return the color as it is: a parameter without a meaning here."""
        return str(color)


def _lookup(name: str, env: Mapping[str, str], *, colored: bool) -> str:
    """Return an environment variable, or those of a terminal without colors unless ``colored``."""
    return env.get(name, "") if colored else {"TERM": "dumb", "NO_COLOR": "1"}.get(name, "")


def sample(env: Mapping[str, str], directory: str, now: float) -> Sample:
    """Return an hour-old session in this directory, with the user's limits as far as they are known."""
    known = known_usage(env, now)
    snapshot = Snapshot(NOTHING_YET, known.windows if known.anything else _windows(int(now)))
    snapshot.home = env.get("HOME", "").rstrip("/")
    snapshot.branch = branch_of(repository_of(directory)) or "main"
    snapshot.theme = known.theme
    snapshot.plan = known.plan if known.anything else "Max 5x"
    snapshot.spend, snapshot.projections, snapshot.spent = known.spend, known.projections, known.spent
    snapshot.expected = known.expected
    snapshot.money, snapshot.branch_usd = known.money or _money(int(now), snapshot.account), 12.4
    snapshot.git = {"staged": 1, "modified": 2, "untracked": 1, "ahead": 1, "behind": 0, "stash": 1}
    snapshot.activity = {
        "last_tool": "Edit",
        "tool_argument": "cart.py",
        "running_agents": 2,
        "todos": {"done": 3, "total": 5, "current": "Write the tests"},
        "turns": 12,
    }
    snapshot.waiting, snapshot.account_name = ["api"], "work"
    return Sample(Session(payload(directory, int(now))), snapshot, now, known.anything)


def _windows(now: int) -> dict[str, Window]:
    reset, week = now + 2 * HOUR - 90, now + 4 * DAY - 90
    return {
        "five_hour": Window("five_hour", "5h", 42.0, reset, OAUTH, now),
        "seven_day": Window("seven_day", "7d", 76.0, week, OAUTH, now),
        "seven_day:opus": Window("seven_day:opus", "Opus", 36.0, week, OAUTH, now),
    }


def _money(now: int, account: str) -> dict[str, object]:
    spent = {"today": 6.1, "block": 2.1, "week": 31.2, "month": 84.0}
    rows = {
        name: {"usd": usd, "tokens": int(usd * 150_000), "from": now - 1, "until": now + 1, "at": now}
        for name, usd in spent.items()
    }
    return {**rows, "account": account, "complete_from": None}


def payload(directory: str, now: int) -> dict[str, object]:
    """Return the JSON that Claude Code would pass."""
    return {
        "session_id": "00000000-0000-4000-8000-000000000000",
        "cwd": directory,
        "model": {"id": "claude-opus-5-5", "display_name": "Opus 5.5"},
        "effort": {"level": "medium"},
        "thinking": {"enabled": True},
        "fast_mode": False,
        "version": "2.1.330",
        "output_style": {"name": "default"},
        "workspace": {
            "current_dir": directory,
            "project_dir": directory,
            "added_dirs": [],
            "repo": {"host": "github.com", "owner": "example-owner", "name": "example-repo"},
        },
        "cost": {
            "total_cost_usd": 1.84,
            "total_duration_ms": 47 * 60_000,
            "total_api_duration_ms": 11 * 60_000,
            "total_lines_added": 156,
            "total_lines_removed": 23,
        },
        "context_window": {
            "total_input_tokens": 84_000,
            "total_output_tokens": 5_200,
            "context_window_size": 200_000,
            "used_percentage": 42,
            "remaining_percentage": 58,
            "current_usage": {
                "input_tokens": 12,
                "output_tokens": 321,
                "cache_creation_input_tokens": 3_988,
                "cache_read_input_tokens": 80_000,
            },
        },
        "prompt_cache": {
            "warm": True,
            "caching_observed": True,
            "ttl": "1h",
            "expires_at": now + 3000,
            "requests": 40,
            "misses": 0,
            "hit_ratio": 0.93,
        },
        "pr": {"number": 128, "url": f"{REPOSITORY}/pull/128", "review_state": "approved"},
    }
