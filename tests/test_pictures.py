"""The pictures of the README: the line as it is today, drawn the same way every time, on dark and on light."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from statusline.commands.config_check.descriptions import PRESETS, THEMES
from statusline.render.colors import ALIASES
from statusline.render.theme import AUTO
from tests.support.paths import ROOT

KEPT = ROOT / ".github" / "pictures"
NAMES = [f"{name}-{ground}.svg" for name in ("line", "presets", "themes", "growth") for ground in ("dark", "light")]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with new pictures, as another person on another machine draws them."""
    folder = tmp_path_factory.mktemp("pictures")
    env = {"HOME": str(folder), "TERM": "dumb", "TZ": "Asia/Tokyo", "COLUMNS": "33", "NO_COLOR": "1"}
    script = ROOT / ".build" / "pictures.py"
    subprocess.run([sys.executable, str(script), str(folder)], env=env, cwd=folder, check=True)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_the_kept_pictures_show_the_line_as_it_is(drawn: Path, name: str) -> None:
    """If not: ``python .build/pictures.py``."""
    assert (KEPT / name).read_text(encoding="utf-8") == (drawn / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_whole_and_needs_nothing_from_elsewhere(drawn: Path, name: str) -> None:
    text = (drawn / name).read_text(encoding="utf-8")
    root = Xml.fromstring(text)  # noqa: S314 - our own file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert "\x1b" not in text


def captions(drawn: Path, name: str) -> list[str]:
    return re.findall(r'font-size="11"[^>]*>([\w-]+):', (drawn / name).read_text(encoding="utf-8"))


def test_every_preset_and_every_theme_has_its_place(drawn: Path) -> None:
    """A theme is on the background that it is for; those for any are on both."""
    for ground in ("dark", "light"):
        assert captions(drawn, f"presets-{ground}.svg") == list(PRESETS)
    dark, light = (set(captions(drawn, f"themes-{ground}.svg")) for ground in ("dark", "light"))
    assert dark | light == set(THEMES) - {AUTO, *ALIASES}
    assert (dark & light, light - dark) == ({"default", "mono", "powerline"}, {"light", "colorblind-light"})


@pytest.mark.parametrize(("ground", "ink", "faint"), [("dark", "#999999", "#57585b"), ("light", "#666666", "#b2b2b2")])
def test_text_without_a_color_has_the_ink_of_claude_code(drawn: Path, ground: str, ink: str, faint: str) -> None:
    """Bold alone is not brighter; dim is halfway to the background."""
    text = (drawn / f"themes-{ground}.svg").read_text(encoding="utf-8")
    mono = text[text.index(">mono:") : text.index(">powerline:")]
    assert f'fill="{ink}" font-weight="bold">Opus 5.5<' in mono
    inks = re.findall(r'<text [^>]*textLength[^>]*fill="([^"]+)"', mono)
    assert ink in inks
    assert set(inks) <= {ink, faint}


def test_the_readme_shows_each_picture_by_the_readers_background() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    by_light = r'<source media="\(prefers-color-scheme: light\)" srcset="(.+)">'
    pairs = re.findall(rf'{by_light}\n  <img alt=".+" src="(.+)">', readme)
    named = [name for light, dark in pairs for name in (dark, light)]
    assert named == [f".github/pictures/{name}" for name in NAMES]
    assert {path.name for path in KEPT.iterdir()} == set(NAMES)
