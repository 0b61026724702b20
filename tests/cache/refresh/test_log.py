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
    logged(tmp_path / "x.log", "got\nBearer sk-ant-oat01-CANARY-abcdefgh\nfor person@example.com, 12 tokens")
    text = (tmp_path / "x.log").read_text()
    assert "CANARY" not in text
    assert "example.com" not in text
    assert "12 tokens" in text
    assert len(text.splitlines()) == 2
    assert (tmp_path / "x.log").stat().st_mode & 0o777 == 0o600


def test_it_is_capped_and_keeps_the_newest(tmp_path: Path) -> None:
    for number in range(4000):
        logged(tmp_path / "x.log", f"{number} " + "x" * 100)
    text = (tmp_path / "x.log").read_text()
    assert len(text) <= AT_MOST
    assert text.startswith("# hudline log\n")
    assert text.splitlines()[-1].split()[3] == "3999"


def test_only_a_file_that_is_named_like_a_log_is_made(tmp_path: Path) -> None:
    for name in ("log", ".bashrc", "x.log.txt"):
        logged(tmp_path / name, "hello")
    assert list(tmp_path.iterdir()) == []


def test_a_log_of_an_earlier_version_is_continued(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("hudline log\nbefore\n")
    logged(tmp_path / "x.log", "hello")
    assert (tmp_path / "x.log").read_text().startswith("hudline log\nbefore\n# ")


def test_a_file_that_is_not_ours_is_left_unchanged(tmp_path: Path) -> None:
    theirs = tmp_path / "notes.log"
    theirs.write_text("my notes\n")
    logged(theirs, "hello")
    assert theirs.read_text() == "my notes\n"


def test_a_path_that_is_not_a_file_is_ignored(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.log")
    (tmp_path / "folder.log").mkdir()
    (tmp_path / "real.log").write_text("")
    (tmp_path / "link.log").symlink_to(tmp_path / "real.log")
    reader = os.open(tmp_path / "fifo.log", os.O_RDONLY | os.O_NONBLOCK)
    for name in ("fifo.log", "folder.log", "link.log", "missing/x.log"):
        logged(tmp_path / name, "hello")
    assert (tmp_path / "real.log").read_text() == ""
    assert os.read(reader, 1) == b"", "nor is it written into a pipe"
    os.close(reader)


def test_a_log_that_others_can_read_is_closed_to_them_and_a_file_that_is_not_ours_is_not(tmp_path: Path) -> None:
    for name, content in (("x.log", "hudline log\n"), ("empty.log", ""), ("notes.log", "my notes\n")):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o644)
        logged(tmp_path / name, "hello")
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("x.log", "empty.log", "notes.log")] == [
        0o600,
        0o600,
        0o644,
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_log_is_left_unchanged(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("hudline log\n")
    os.chown(tmp_path / "x.log", 65534, 65534)
    logged(tmp_path / "x.log", "hello")
    assert (tmp_path / "x.log").read_text() == "hudline log\n"
