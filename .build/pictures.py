"""Draws the pictures of the README, always the same ones: ``python .build/pictures.py [FOLDER]``.

Each is the line of a made-up session as a tick draws it, once on a dark and once on a light background. One shows
measurements.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from drawing import ROOT, picture
from growth_chart import KEPT, growth_chart

from cache.model.windows import OAUTH, Window
from statusline.commands.config_check.descriptions import PRESETS, THEMES
from statusline.commands.support.grounds import DARK, GROUND_OF, LIGHT, Ground
from statusline.commands.support.sample import DAY, HOUR, Sample, sample
from statusline.config import Config
from statusline.render.colors import ALIASES
from statusline.render.theme import AUTO

NOW = 1_790_000_000  # epoch seconds
COLUMNS = 120  # of the terminal in the pictures
MINUTE = 60

# What a plan can be like: percent and seconds to the reset of the five hours and of the week.
STATES = {
    "All is well": ((42, 2 * HOUR - 90), (31, 3 * DAY + 4 * HOUR)),
    "Faster than the week allows": ((42, 2 * HOUR - 90), (61, 3 * DAY + 4 * HOUR)),
    "Nearly used up": ((42, 2 * HOUR - 90), (93, 20 * HOUR)),
    "Used up": ((100, 47 * MINUTE), (61, 3 * DAY + 4 * HOUR)),
}


def session() -> Sample:
    """Return the session in the pictures."""
    nowhere = {"HOME": "/nonexistent", "STATUSLINE_CACHE_DIR": "/nonexistent", "STATUSLINE_CONFIG": "/nonexistent"}
    found = sample(nowhere, "/nonexistent/webshop", NOW)
    found.snapshot.branch = "feat/login"
    return found


def in_state(state: str) -> Sample:
    """Return the session where the plan is in one of `STATES`."""
    found = session()
    for id_, label, (percent, left_s) in zip(("five_hour", "seven_day"), ("5h", "7d"), STATES[state], strict=True):
        found.snapshot.windows[id_] = Window(id_, label, percent, NOW + left_s, OAUTH, NOW)
    found.snapshot.windows = {id_: found.snapshot.windows[id_] for id_ in ("five_hour", "seven_day")}
    return found


def rows(drawn: Sample, on: Ground, **chosen: object) -> str:
    """Return the rows that a configuration gives in a terminal of true color with such a background."""
    return drawn.rows(Config(chosen), COLUMNS, {"COLORTERM": "truecolor"}, colored=True, host_theme=on.name)


def themes_on(on: Ground) -> list[str]:
    """Return the themes that can be on such a background: `auto` is one of them."""
    return [name for name in THEMES if GROUND_OF.get(name, on).name == on.name and name not in {*ALIASES, AUTO}]


def pictures(on: Ground) -> dict[str, str]:
    """Return the text of each file by its name, on one background."""
    first, *others = STATES
    states = [("", rows(in_state(first), on)), *((f"{name}:", rows(in_state(name), on)) for name in others)]
    presets = [(f"{name}: {says}", rows(session(), on, preset=name)) for name, says in PRESETS.items()]
    themes = [(f"{name}: {THEMES[name]}", rows(session(), on, theme=name)) for name in themes_on(on)]
    parts = {
        "line": picture("The line under Claude Code's prompt", states, on, COLUMNS, prompt="make the login test pass"),
        "presets": picture("The presets", presets, on, COLUMNS),
        "themes": picture(f"The themes on a {on.name} background", themes, on, COLUMNS),
        "growth": growth_chart(json.loads(KEPT.read_text()), on),
    }
    return {f"{name}-{on.name}.svg": text for name, text in parts.items()}


def main() -> None:
    """Write the files."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else ROOT / ".github" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**pictures(DARK), **pictures(LIGHT)}.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
