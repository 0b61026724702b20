"""A home with weeks of readings and transcripts, all made up but fixed, and the golden page of `statusline report`.

``python -m tests.support.report_scene --write`` writes the golden page.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from cache.model.entry import Entry
from cache.model.layout import HISTORY_FILE
from cache.model.windows import Window
from cache.usage.history import record
from statusline.commands.report import show
from tests.support.kept_readings import keep_usage
from tests.support.paths import ROOT
from tests.support.transcript_writer import answer_line

NOW = 1795991400  # 2026-11-29 22:30 UTC, a Sunday
DAY = 86400
ACCOUNT = "3f2a9c0d1e4b5a67"
GOLDEN = ROOT / "tests" / "data" / "report.html"
MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5-20251001")


class Names(NamedTuple):
    """The names in a scene that come from outside."""

    projects: tuple[str, ...] = ("webshop", "api", "notes")
    branches: tuple[str, ...] = ("main", "feat/login", "fix/cart-rounding-of-very-long-branch-names")
    models: tuple[str, ...] = MODELS
    limit: str = "Opus"
    plan: str = "Max 20x"
    account: str = "work"


PLAIN = Names()


def environment(home: Path, account: str = "") -> dict[str, str]:
    """Return the variables of a person at home, who has chosen UTC and a name for the account."""
    home.mkdir(parents=True, exist_ok=True)
    config = {"time": {"zone": "utc"}, "accounts": {ACCOUNT: account}}
    (home / "config.json").write_text(json.dumps(config))
    paths = {"STATUSLINE_CACHE_DIR": str(home / "cache"), "STATUSLINE_CONFIG": str(home / "config.json")}
    return {"HOME": str(home), "COLUMNS": "80", **paths}


def fill(home: Path, names: Names = PLAIN, days: int = 20) -> dict[str, str]:
    """Let a person have worked for so many days until `NOW`; return the environment."""
    env, cache = environment(home, names.account), home / "cache"
    keep_usage(cache, _windows(names), Entry({"account": ACCOUNT, "plan": names.plan}, NOW, NOW + 3600))
    cache.chmod(0o700)
    (cache / ".hudline").touch(mode=0o600)
    record(cache / HISTORY_FILE, ACCOUNT, readings(names, days), NOW)
    folder = home / ".claude" / "projects" / "p"
    folder.mkdir(parents=True)
    for number, project in enumerate(names.projects):
        path = folder / f"s{number}.jsonl"
        path.write_bytes(b"".join(_answers(home, names, number, project, days)))
        os.utime(path, (NOW, NOW))
    return env


def _windows(names: Names) -> list[Window]:
    model = Window(f"seven_day:{names.limit}", names.limit, 36, NOW + 2 * DAY, "oauth", NOW - 60)
    five = Window("five_hour", "5h", 42, NOW + 7200, "oauth", NOW - 60)
    return [five, Window("seven_day", "7d", 61, NOW + 2 * DAY, "oauth", NOW - 60), model]


def readings(names: Names, days: int, every_s: int = 1800) -> list[Window]:
    """Return readings of three windows from nine to half past six: some five hours reach the limit, as does a week."""
    found = []
    for at in range(NOW - days * DAY, NOW - 60, every_s):
        day, hour = at // DAY, at % DAY / 3600
        if not 9 <= hour < 18.5:
            continue
        five_end = day * DAY + (14 if hour < 14 else 19) * 3600
        share = (hour - (9 if hour < 14 else 14)) / 5
        found.append(
            Window("five_hour", "5h", min(float(int(share * (60 + day % 5 * 18))), 100), five_end, "oauth", at)
        )
        week_end = NOW + 2 * DAY - (NOW + 2 * DAY - at) // (7 * DAY) * 7 * DAY
        gone = 1 - (week_end - at) / (7 * DAY)
        week = min(float(int(gone * (78 + 9 * (int(gone * 14) % 2) if week_end > NOW else 130))), 100)
        found.append(Window("seven_day", "7d", week, week_end, "oauth", at))
        found.append(Window(f"seven_day:{names.limit}", names.limit, float(int(week / 2)), week_end, "oauth", at))
    return found


def _answers(home: Path, names: Names, number: int, project: str, days: int) -> list[bytes]:
    return [
        answer_line(
            f"m{number}-{day}-{hour}",
            "r",
            NOW - NOW % DAY - day * DAY + hour * 3600 + 60 * number,
            output=2000 * (1 + (day * 7 + hour * 5 + number) % 9) * (4 if hour == 10 else 1),
            folder=str(home / project) if not project.startswith("/") else project,
            branch=names.branches[(day // 3 + number) % len(names.branches)],
            model=names.models[(number + day) % len(names.models)],
            session=f"s{number}",
        )
        for day in range(days)
        for hour in (9, 10, 11, 14, 15, 17)
        if (day + number) % 7 != 0
    ]


def golden_page(home: Path) -> str:
    """Return the page of the scene, made in an empty folder."""
    output = home / "page.html"
    assert show(NOW, 30, str(output), as_text=False, env=fill(home)) == 0
    return output.read_text(encoding="utf-8")


def main(argv: list[str]) -> int:
    """Write the golden page, or compare with it."""
    with tempfile.TemporaryDirectory() as folder:
        page = golden_page(Path(folder) / "home")
    if argv:
        GOLDEN.write_text(page, encoding="utf-8")
    return 0 if GOLDEN.read_text(encoding="utf-8") == page else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
