"""The line as it is looked at: every recorded payload in every preset, width and set of signs, letter for letter."""

from __future__ import annotations

from pathlib import Path

import pytest
from wcwidth import wcswidth

from statusline.config_table import PRESET_NAMES
from tests.support import golden_rows as golden


@pytest.mark.parametrize("path", golden.pages(), ids=lambda path: path.stem)
def test_the_rows_are_those_that_were_looked_at(path: Path) -> None:
    """Where this fails on purpose: ``python -m tests.support.golden_rows --write``, and read the difference."""
    assert golden.page(*golden.pages()[path]) == path.read_text(encoding="utf-8")


def test_there_is_no_file_that_nothing_compares() -> None:
    assert set(golden.FOLDER.iterdir()) == set(golden.pages())


@pytest.mark.parametrize("path", golden.pages(), ids=lambda path: path.stem)
def test_no_row_is_wider_than_what_claude_code_shows(path: Path) -> None:
    width = 0
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if line.startswith("-- "):
            width = int(line[3:]) - 4
        elif line and not line.startswith("== "):
            assert 0 < wcswidth(line) <= width


@pytest.mark.parametrize("preset", PRESET_NAMES)
def test_with_ascii_signs_nothing_else_is_on_the_line(preset: str) -> None:
    assert golden.page(preset, "ascii").isascii()
