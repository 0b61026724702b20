"""The rows of every recorded payload, in every preset, width and set of signs: kept as text to be looked at.

python -m tests.support.golden_rows           compares
python -m tests.support.golden_rows --write   writes them again, for a person to read the difference
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from cache.model.entry import Entry
from cache.model.stdin_limits import reported_limits
from cache.model.windows import OAUTH, Window
from cache.readings.snapshot import Snapshot
from statusline.config import Config
from statusline.config_table import PRESET_NAMES
from statusline.payload import Session
from statusline.render.compose import rows_of
from statusline.render.row import compose_rows, usable_width
from statusline.render.theme import style_for
from statusline.tick import NOTHING_TO_SAY
from tests.support.kept_readings import keep_usage, saved_snapshot
from tests.support.paths import DATA, PAYLOADS, ROOT

FOLDER = DATA / "golden"
NOW = 1795320860  # some seconds after the payloads were recorded: 2026-11-22 04:14:20 UTC
WEEK_ENDS = 1795666440  # as the payloads have it
COLUMNS = (40, 80, 120, 200)
GLYPHS = ("unicode", "ascii")
PLAIN = {"NO_COLOR": "1", "TERM": "dumb"}


def keep(place: Path, five_hours_end: int) -> None:
    """Write what the refresher found ten minutes ago."""
    then = NOW - 600
    windows = [
        Window("five_hour", "5h", 24.0, five_hours_end, OAUTH, then),
        Window("seven_day", "7d", 61.0, WEEK_ENDS, OAUTH, then),
        Window("seven_day:opus", "Opus", 36.0, WEEK_ENDS, OAUTH, then),
    ]
    value: dict[str, object] = {
        "account": "0123456789abcdef",
        "account_since": then - 86400,
        "plan": "Max 20x",
        "spend": {"used": 12.5, "limit": 50.0, "currency": "USD", "percent": 25},
        "runs_out_at": NOW + 5400,
        "runs_out_window": "five_hour",
        "mcp": {"expired": 1, "missing": 0},
    }
    keep_usage(place, windows, Entry(value, then, NOW + 300))


def filled(payload: dict[str, Any], *, of_plan: bool) -> Snapshot:
    """Return what a tick knows where there is something to know of everything."""
    with tempfile.TemporaryDirectory() as place:
        limits = reported_limits(payload.get("rate_limits"), NOW)
        keep(Path(place), limits.get("five_hour", (0, None))[1] or NOW + 7200)
        saved_snapshot(place, "p1", {}, NOW - 60, read=lambda _: "")  # else the age of its answer would be unknown
        found = saved_snapshot(place, "p1", limits, NOW, of_plan=of_plan, read=lambda _: "")
    found.home = "/home/user"
    found.branch = payload.get("worktree", {}).get("branch", "main")
    found.operation = "rebase 2/5"
    found.git = {"staged": 2, "modified": 3, "untracked": 1, "conflicts": 0, "ahead": 1, "behind": 2, "stash": 1}
    found.activity = {
        "last_tool": "Edit",
        "tool_argument": "cart.py",
        "running_agents": 2,
        "todos": {"done": 3, "total": 7, "current": "Write the tests"},
        "turns": 12,
    }
    return found


def rows(name: str, preset: str, glyphs: str, columns: int) -> str:
    """Return the rows of a recorded payload as a tick prints them, without colors."""
    payload = json.loads((PAYLOADS / f"{name}.json").read_text())
    config = Config({"preset": preset, "glyphs": glyphs, "time": {"zone": "utc"}})
    known = filled(payload, of_plan=not name.startswith("apikey"))
    style = style_for(config.theme, config.glyphs, config.separator, lambda variable: PLAIN.get(variable, ""))
    width = usable_width(str(columns), config.padding)
    return compose_rows(rows_of(Session(payload), known, config, NOW), width, style) or NOTHING_TO_SAY


def page(preset: str, glyphs: str) -> str:
    """Return the text of one golden file: a heading per payload, and its rows at each width."""
    said = [f"Preset {preset}, signs {glyphs}. Written by golden_rows --write; the numbers are COLUMNS."]
    for path in sorted(PAYLOADS.glob("*.json")):
        said += ["", f"== {path.stem}"]
        for columns in COLUMNS:
            said += [f"-- {columns}", rows(path.stem, preset, glyphs, columns)]
    return "\n".join(said) + "\n"


def pages() -> dict[Path, tuple[str, str]]:
    """Return preset and signs of every golden file."""
    pairs = [(preset, glyphs) for preset in PRESET_NAMES for glyphs in GLYPHS]
    return {FOLDER / f"{preset}-{glyphs}.txt": (preset, glyphs) for preset, glyphs in pairs}


def main(argv: list[str]) -> int:
    """Compare, or write where that is wished."""
    FOLDER.mkdir(exist_ok=True)
    different = 0
    for path, (preset, glyphs) in pages().items():
        text = page(preset, glyphs)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        different += 1
        print(f"{'written' if argv else 'different'}: {path.relative_to(ROOT)}")
        if argv:
            path.write_text(text, encoding="utf-8")
    return 0 if argv or not different else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
