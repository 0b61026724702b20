"""Made-up sessions in the states that matter, and their rows at some widths: kept as text to be looked at.

python -m tests.support.looks           compares
python -m tests.support.looks --write   writes them again, for a person to read the difference
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cache.model.entry import NOTHING_YET
from cache.model.windows import ESTIMATE, OAUTH, Window
from cache.readings.snapshot import Snapshot
from statusline.config import Config
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows, usable_width
from statusline.render.theme import Style
from tests.support.paths import DATA

if TYPE_CHECKING:
    from statusline.render.row import ComposedRow

FOLDER = DATA / "looks"
NOW = 1795493660  # Tuesday, 2026-11-24, 04:14:20 UTC
MINUTE, HOUR, DAY = 60, 3600, 86400
FIVE, WEEK = ("five_hour", "5h", 42, 118 * MINUTE), ("seven_day", "7d", 61, 3 * DAY + 4 * HOUR)
FULL_GIT = {"staged": 1, "modified": 2, "untracked": 1, "ahead": 1, "stash": 1}
USED = {"input_tokens": 0, "cache_creation_input_tokens": 4_000, "cache_read_input_tokens": 80_000}


@dataclass(frozen=True)
class State:
    """What a tick knows. A window is ``(id, label, percent, seconds to its reset)``."""

    five: tuple[str, str, float, int] | None = FIVE
    week: tuple[str, str, float, int] | None = WEEK
    more: tuple[tuple[str, str, float, int], ...] = ()
    age_s: int = 0
    estimated: tuple[str, ...] = ()
    context: float | None = 42
    size: int = 200_000
    model: str = "Opus 5.5"
    directory: str = "/home/user/work/webshop"
    branch: str = "feat/login"
    git: dict[str, int] = field(default_factory=lambda: {"modified": 2})
    operation: str | None = None
    out: bool = True
    is_new: bool = False
    env: dict[str, str] = field(default_factory=dict)
    today: float = 6.1
    waiting: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    activity: dict[str, Any] = field(default_factory=dict)
    plan: str | None = "Max 20x"

    def session(self) -> Session:
        """Return Claude Code's message."""
        cost = {"total_cost_usd": 1.84, "total_duration_ms": 47 * MINUTE * 1000}
        cost |= {"total_lines_added": 156, "total_lines_removed": 23}
        window = {"used_percentage": self.context, "context_window_size": self.size, "current_usage": USED}
        later = {"cost": cost, "context_window": window, "pr": {"number": 123, "review_state": "approved"}}
        given = {"model": {"display_name": self.model}, "effort": {"level": "high"}, "cwd": self.directory}
        return Session({**given, **({} if self.is_new else later), **self.payload}, lambda name: self.env.get(name, ""))

    def snapshot(self) -> Snapshot:
        """Return what is known besides."""
        rows = [row for row in (self.five, self.week, *self.more) if row is not None]
        found = {
            id_: Window(
                id_, label, percent, NOW + ahead_s, ESTIMATE if id_ in self.estimated else OAUTH, NOW - self.age_s
            )
            for id_, label, percent, ahead_s in rows
        }
        snapshot = Snapshot(NOTHING_YET, found)
        snapshot.home, snapshot.branch, snapshot.operation = "/home/user", self.branch, self.operation
        snapshot.git, snapshot.activity, snapshot.plan = dict(self.git), self.activity, self.plan
        snapshot.waiting = [self.waiting] if self.waiting else []
        if self.today and not self.is_new:
            row = {"usd": self.today, "tokens": 900_000, "from": NOW - DAY, "until": NOW + DAY, "at": NOW}
            snapshot.money = {"today": row, "complete_from": None}
        if self.out:
            snapshot.projections = {"seven_day": {"at": NOW + 3 * DAY}}
        return snapshot

    def rows(self, config: Config) -> list[ComposedRow]:
        """Return the composed rows."""
        return rows_of(self.session(), self.snapshot(), config, NOW)


SAMPLE = State()
CALM = replace(SAMPLE, five=("five_hour", "5h", 58, 118 * MINUTE), week=("seven_day", "7d", 31, WEEK[3]), out=False)
STATES = {
    "sample": SAMPLE,
    "fresh": replace(SAMPLE, five=None, week=None, branch="main", git={}, out=False, is_new=True),
    "calm": replace(CALM, git={}),
    "warn": replace(CALM, five=("five_hour", "5h", 78, 52 * MINUTE)),
    "warn, fast": replace(CALM, five=("five_hour", "5h", 78, 118 * MINUTE)),
    "alert": replace(SAMPLE, week=("seven_day", "7d", 93, 20 * HOUR), out=False),
    "reached": replace(SAMPLE, five=("five_hour", "5h", 100, 47 * MINUTE)),
    "week reached": replace(SAMPLE, week=("seven_day", "7d", 100, 20 * HOUR), out=False),
    "old": replace(CALM, five=FIVE, age_s=35 * MINUTE),
    "estimate": replace(CALM, five=("five_hour", "5h", 47, 118 * MINUTE), estimated=("five_hour",)),
    "API key": replace(SAMPLE, five=None, week=None, out=False, env={"ANTHROPIC_API_KEY": "sk-ant-FAKE"}, plan=None),
    "long names": replace(SAMPLE, directory="/home/user/infrastructure-live", branch="feature/payment-webhook-retries"),
    "rebase": replace(SAMPLE, branch="4f2a9c1", operation="rebase 2/5"),
    "waiting": replace(SAMPLE, waiting="api"),
    "1M, Fable": replace(SAMPLE, context=12, size=1_000_000, more=(("seven_day:opus", "Fable", 36, WEEK[3]),)),
    "CJK": replace(SAMPLE, directory="/home/user/顧客管理システム", branch="機能/ログイン"),
    "ctx alert": replace(SAMPLE, context=92),
}
FULL = replace(
    SAMPLE,
    git=FULL_GIT,
    waiting="api",
    more=(("seven_day:opus", "Fable", 36, WEEK[3]),),
    activity={
        "last_tool": "Bash",
        "tool_argument": "npm test",
        "running_agents": 2,
        "todos": {"done": 3, "total": 5, "current": "Write the tests"},
    },
    payload={
        "thinking": {"enabled": True},
        "prompt_cache": {"caching_observed": True, "warm": True, "expires_at": NOW + 38 * MINUTE},
    },
)


def row(
    state: State, columns: int, glyphs: str = "unicode", *, depth: int = 0, theme: str = "default", **chosen: Any
) -> str:
    """Return the rows of a state."""
    config = Config({"glyphs": glyphs, "time": {"zone": "utc"}, **chosen})
    return compose_rows(state.rows(config), usable_width(str(columns)), Style(theme, glyphs, depth=depth))


def page(glyphs: str) -> str:
    """Return the text of one golden file: a heading per state, and its rows behind the columns of the terminal.

    A limit that is reached is a block where there are colors: there, the rows are drawn with them and stripped.
    """
    found = [f"Signs {glyphs}. Written by `python -m tests.support.looks --write`; the numbers are COLUMNS."]
    for name, state in STATES.items():
        found += ["", f"== {name}"]
        for columns in (40, 60, 80, 100, 120, 140, 160, 200) if name == "sample" else (80, 120):
            found.append(f"{columns:3}  {row(state, columns, glyphs)}")
    for preset, columns, state in (
        *[("full", columns, FULL) for columns in (80, 120, 160)],
        *[("minimal", 120, STATES[name]) for name in ("sample", "alert")],
        ("quiet", 120, SAMPLE),
        ("quiet", 120, replace(STATES["alert"], operation="rebase 2/5", waiting="api")),
    ):
        found += ["", f"== {preset}, {columns}", row(state, columns, glyphs, preset=preset)]
    return "\n".join(found) + "\n"


def main(argv: list[str]) -> int:
    """Compare, or write where that is wished."""
    FOLDER.mkdir(exist_ok=True)
    different = 0
    for glyphs in ("unicode", "ascii"):
        path = FOLDER / f"{glyphs}.txt"
        text = page(glyphs)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            different += 1
            print(f"{'written' if argv else 'different'}: {path.name}")
            if argv:
                path.write_text(text, encoding="utf-8")
    return 0 if argv or not different else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
