"""The pictures of the README: the line as it is today, drawn the same way every time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from statusline.commands.config_check.descriptions import PRESETS, THEMES
from tests.support.paths import ROOT

KEPT = ROOT / ".github" / "pictures"
NAMES = ["line.svg", "presets.svg", "themes.svg"]


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


def test_every_preset_and_every_theme_has_its_place(drawn: Path) -> None:
    for name, kinds in (("presets.svg", PRESETS), ("themes.svg", THEMES)):
        captions = re.findall(r'font-size="11"[^>]*>(\w+):', (drawn / name).read_text(encoding="utf-8"))
        assert captions == list(kinds)
