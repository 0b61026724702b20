"""The log: private, bounded, redacted, and only where the file is ours."""

from __future__ import annotations

import os
from pathlib import Path

from cache.log import AT_MOST, note


def logged(path: Path, text: str) -> None:
    note({"STATUSLINE_LOG": str(path)}, text)


def test_without_a_file_nothing_is_written(tmp_path: Path) -> None:
    note({}, "quiet")
    assert list(tmp_path.iterdir()) == []


def test_a_line_is_redacted_and_stays_one_line(tmp_path: Path) -> None:
    logged(tmp_path / "log", "got\nBearer sk-ant-oat01-CANARY-abcdefgh\nfor person@example.com, 12 tokens")
    text = (tmp_path / "log").read_text()
    assert "CANARY" not in text
    assert "example.com" not in text
    assert "12 tokens" in text
    assert len(text.splitlines()) == 2
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_it_is_capped_and_keeps_the_newest(tmp_path: Path) -> None:
    for number in range(4000):
        logged(tmp_path / "log", f"{number} " + "x" * 100)
    text = (tmp_path / "log").read_text()
    assert len(text) <= AT_MOST
    assert text.startswith("hudline log\n")
    assert text.splitlines()[-1].split()[2] == "3999"


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "notes.txt"
    theirs.write_text("my notes\n")
    logged(theirs, "hello")
    assert theirs.read_text() == "my notes\n"


def test_what_is_no_file_is_no_trouble(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "real").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for name in ("fifo", "folder", "link", "missing/log"):
        logged(tmp_path / name, "hello")
    assert (tmp_path / "real").read_text() == ""
