"""Names in what commands print cannot act on the terminal: paths and variables can come from a repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.kept_numbers import statusline

NAME = "a\x1b[31m\u202eb\nstatusline: all is well\x9b31m"


def cleaned(text: str) -> list[str]:
    """Return the lines of a text without anything that acts on a terminal."""
    lines = text.removesuffix("\n").split("\n")
    assert [line for line in lines if not line.isprintable()] == []
    assert "statusline: all is well" not in [line[:23] for line in lines]
    return lines


@pytest.mark.parametrize(
    "words",
    [
        "install --dry-run --scope project",
        "install --scope project",
        "install --dry-run",
        "install",
        "uninstall --dry-run --scope project",
        "uninstall --scope project --purge",
        "uninstall --dry-run",
        "uninstall --purge",
        "config",
        "config path",
        "config check",
        "config show",
        "watch",
        "watch --at 80 --command true",
        "watch --remove",
        "hint --on",
        "hint --off",
        "configure",
        "report",
        "refresh",
        "doctor",
        "usage",
        "cost",
    ],
)
@pytest.mark.parametrize("is_broken", [False, True])
def test_a_name_of_a_folder_does_not_act_on_the_terminal(tmp_path: Path, words: str, is_broken: bool) -> None:
    folder = tmp_path / NAME
    (folder / ".claude").mkdir(parents=True)
    if is_broken:
        (folder / "config.json").write_text("{")
        (folder / "cache").touch()
        for name in ("settings.json", "settings.local.json"):
            (folder / ".claude" / name).write_text("[]")
    else:
        (folder / ".claude" / "settings.json").write_text(
            '{"statusLine": {"type": "command", "command": "echo \\u001b[31m"}}'
        )
        (folder / ".claude" / "settings.local.json").write_text(
            '{"statusLine": {"type": "command", "command": "true"}}'
        )
    done = statusline(
        folder,
        *words.split(),
        CLAUDE_CONFIG_DIR=str(folder / ".claude"),
        STATUSLINE_CONFIG=str(folder / "config.json"),
        STATUSLINE_CACHE_DIR=str(folder / "cache"),
    )
    assert cleaned(done.stdout + done.stderr) != [""]


@pytest.mark.parametrize("words", ["report --output", "export --output"])
def test_nor_does_the_name_of_a_file(tmp_path: Path, words: str) -> None:
    for target in (f"/nowhere/{NAME}", str(tmp_path / NAME)):
        done = statusline(tmp_path, *words.split(), target)
        cleaned(done.stdout + done.stderr)
