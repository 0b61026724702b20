"""Aligned and styled text, and progress that is shown only on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import sys
import termios
from pathlib import Path

import pytest

from statusline.commands.doctor_checks.context import Context
from statusline.commands.doctor_checks.endpoint import endpoint
from statusline.commands.support.output import complain
from statusline.commands.support.terminal import BOLD, DIM, align, columns_for_a_line, render_line, wrap_words


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """Return a home without a login: the endpoint is not asked."""
    paths = {"STATUSLINE_CACHE_DIR": str(tmp_path / "cache"), "STATUSLINE_CONFIG": str(tmp_path / "config.json")}
    return Context(env={"HOME": str(tmp_path), "PATH": "", **paths}, cwd=tmp_path, managed=tmp_path, online=True)


def test_a_request_shows_progress_on_a_terminal(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with open(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        found = endpoint(context)
        said = os.read(ours, 1024)
        while said.count(b"\x1b[K") < 2:
            said += os.read(ours, 1024)
    os.close(ours)
    assert said == b"\r\x1b[Kquerying the endpoint ...\r\x1b[K"
    assert "signed out" in found.said


def test_there_is_no_progress_in_a_pipe(context: Context, capfd: pytest.CaptureFixture[str]) -> None:
    endpoint(context)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("width", "line"),
    [(20, "\x1b[1mlabel  \x1b[0m42%"), (9, "\x1b[1mlabel  \x1b[0m4…"), (5, "\x1b[1mlabe…\x1b[0m"), (0, "")],
)
def test_a_line_of_styled_parts_is_cut_to_its_width(width: int, line: str) -> None:
    assert render_line([("label  ", BOLD), ("42%", ""), ("   ", DIM)], width, colored=True) == line


def test_a_line_without_colors_is_plain_text() -> None:
    assert render_line([("label  ", BOLD), ("42%", "1;31")], 80, colored=False) == "label  42%"


def test_columns_are_as_wide_as_their_widest_text_in_cells() -> None:
    assert align([("a", "b"), ("漢字", "")]) == [["a   ", "b"], ["漢字", " "]]


def test_a_line_for_a_terminal_has_its_width_unless_columns_says_another() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
    with open(theirs, "w") as terminal:
        assert columns_for_a_line(terminal, {}) == {"COLUMNS": "50"}
        assert columns_for_a_line(terminal, {"COLUMNS": "0"}) == {"COLUMNS": "50"}
        assert columns_for_a_line(terminal, {"COLUMNS": "70"}) == {}
    os.close(ours)
    with open(os.devnull, "w") as pipe:
        assert columns_for_a_line(pipe, {}) == {}


def test_a_sentence_is_broken_between_words_and_a_path_stays_whole() -> None:
    text = "/home/ada/.config/hudline/config.json:3: theme: expected one of dark-blue, light"
    assert wrap_words(text, 24, hanging="  ") == [
        "/home/ada/.config/hudline/config.json:3:",
        "  theme: expected one of",
        "  dark-blue, light",
    ]
    assert wrap_words("", 24) == []


def test_an_error_is_broken_between_words_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "45")
    sentence = "No answers in the transcripts. Send a message in `claude`, or name a longer span."
    complain("statusline cost", sentence)
    assert capsys.readouterr().err == f"statusline cost: {sentence}\n"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    complain("statusline cost", sentence)
    lines = capsys.readouterr().err.splitlines()
    assert " ".join(lines) == f"statusline cost: {sentence}"
    assert max(map(len, lines)) <= 45
