"""The log: private, bounded, redacted, and only where the file is ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cache.refresh.log import AT_MOST, note


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


def test_a_file_that_is_not_ours_is_left_unchanged(tmp_path: Path) -> None:
    theirs = tmp_path / "notes.txt"
    theirs.write_text("my notes\n")
    logged(theirs, "hello")
    assert theirs.read_text() == "my notes\n"


def test_a_path_that_is_not_a_file_is_ignored(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "real").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    for name in ("fifo", "folder", "link", "missing/log"):
        logged(tmp_path / name, "hello")
    assert (tmp_path / "real").read_text() == ""
    assert os.read(reader, 1) == b"", "nor is it written into a pipe"
    os.close(reader)


def test_a_log_that_others_can_read_is_closed_to_them_and_a_file_that_is_not_ours_is_not(tmp_path: Path) -> None:
    for name, content in (("log", "hudline log\n"), ("empty", ""), ("notes", "my notes\n")):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o644)
        logged(tmp_path / name, "hello")
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("log", "empty", "notes")] == [0o600, 0o600, 0o644]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_log_is_left_unchanged(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("hudline log\n")
    os.chown(tmp_path / "log", 65534, 65534)
    logged(tmp_path / "log", "hello")
    assert (tmp_path / "log").read_text() == "hudline log\n"
