"""`statusline configure`: in a real terminal, on every kind of file, and where it cannot be."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from statusline.commands.claude_settings.atomic_edit import EditRefused
from statusline.commands.configure import save
from statusline.commands.support.purge import purge
from tests.support.paths import ROOT
from tests.support.tick_world import until
from tests.support.tmux_screen import Terminal, terminal
from tests.support.unprivileged import DROP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


SAVING = (
    """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from statusline.commands.configure import save
from statusline.commands.claude_settings.atomic_edit import EditRefused
"""
    + DROP
    + """
try:
    save(Path(sys.argv[2]), {"theme": "mono"})
except EditRefused as refusal:
    print("refused" if "cannot be written" in str(refusal) and "Fix its permissions" in str(refusal) else refusal)
"""
)
PROGRAM = [sys.executable, "-m", "statusline.commands.cli"]


@pytest.fixture
def file(home: Path) -> Path:
    return home / ".config" / "hudline" / "config.json"


def written(path: Path) -> object:
    return json.loads(path.read_text())


@contextmanager
def configuring(home: Path, columns: int = 100) -> Iterator[tuple[Callable[..., None], Callable[[str], None]]]:
    """Run it in a terminal; return what presses keys, and what waits for a text on the screen."""
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "tmux-256color"}
    script = f"cd {shlex.quote(str(home))} && {shlex.join([*PROGRAM, 'configure'])}; echo ended $?"
    with terminal(script, columns, env, last="1/5") as made:
        yield lambda *keys: pressed(made, keys), lambda text: shown(made, text)


def pressed(made: Terminal, keys: tuple[str, ...]) -> None:
    for key in keys:
        made.ask("send-keys", key)


def shown(made: Terminal, text: str) -> None:
    until(lambda: any(text in line for line in made.screen()))


def test_the_preview_follows_the_cursor_and_what_is_chosen_is_written(home: Path, file: Path) -> None:
    with configuring(home) as (press, see):
        see("> default")
        see("  Opus 5.5 │ ~ › main *4 │ ctx 42%")
        press("Down")
        see("> minimal")
        see("  ~ › main *4 │ ctx 42%")
        press("Enter", "Down", "Down", "Down", "Enter")
        see("3/5")
        press("Down")
        see("> ascii")
        see("  ~ > main *4 | ctx 42%")
        press("Enter")
        see("4/5")
        press("Space")
        see("[ ] project")
        see("  main *4 | ctx ")
        press("Down", ">")
        see("  *4 > main | ctx ")
        press("Enter")
        see('rows: [["changed_files", "branch", "context", "five_hour"')
        press("Enter")
        see("ended 0")
    assert written(file) == {
        "theme": "light",
        "glyphs": "ascii",
        "preset": "minimal",
        "rows": [["changed_files", "branch", "context", "five_hour", "seven_day", "model_week", "spend"]],
    }
    row = '["changed_files", "branch", "context", "five_hour", "seven_day", "model_week", "spend"]'
    assert f'"rows": [\n    {row}\n  ]' in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", ["q", "Escape", "C-c"])
def test_leaving_writes_nothing(home: Path, file: Path, key: str) -> None:
    with configuring(home) as (press, see):
        press("Down", "Enter", "Down")
        see("2/5")
        press(key)
        see("Nothing was changed.")
        see("ended 0")
    assert not file.parent.exists()


def test_going_back_keeps_what_was_chosen_and_a_narrow_terminal_is_enough(home: Path, file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text('{"preset": "quiet", "padding": 1}\n')
    with configuring(home, columns=44) as (press, see):
        see("> quiet")
        press("Up", "Enter", "Left")
        see("> full")
        press("Enter", "Enter", "Enter", "Enter")
        see('preset: "full"')
        press("Enter")
        see("ended 0")
    assert file.read_text() == '{"preset": "full", "padding": 1}\n'
    assert (file.parent / "config.json.hudline-backup").read_text() == '{"preset": "quiet", "padding": 1}\n'


def test_without_a_terminal_it_prints_an_error(home: Path, file: Path) -> None:
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [*PROGRAM, "configure"], capture_output=True, text=True, env=env, check=False, stdin=subprocess.DEVNULL
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"statusline configure: this command is interactive and needs a terminal. You can also edit {file} by hand.\n"
    )


def test_only_its_own_file_imports_the_library() -> None:
    found = {
        path.name for path in (ROOT / "statusline").rglob("*.py") if "prompt_toolkit" in imports_of(path.read_text())
    }
    assert found == {"screen.py"}


def imports_of(source: str) -> str:
    return "".join(line for line in source.splitlines() if line.lstrip().startswith(("import ", "from ")))


BEFORE = (
    '{\r\n\t"$schema": "./s.json",\r\n\t"rows":[["model"]] ,\r\n\t"later": {"x": [1,  2]},\r\n\t"theme": "mono"\r\n}'
)


def test_every_other_byte_of_the_file_stays(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(BEFORE.encode())
    save(file, {"theme": "pastel", "rows": [["cost"], {"left": ["model"], "right": ["pr"]}], "glyphs": "ascii"})
    assert file.read_bytes().decode().split("\r\n") == [
        "{",
        '\t"$schema": "./s.json",',
        '\t"rows":[',
        '\t\t["cost"],',
        '\t\t{"left": ["model"], "right": ["pr"]}',
        "\t] ,",
        '\t"later": {"x": [1,  2]},',
        '\t"theme": "pastel",',
        '\t"glyphs": "ascii"',
        "}",
    ]


def test_removing_leaves_no_trace_and_can_be_repeated(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text('{"rows": [], "padding": 1, "rows": [["model"]]}')
    save(file, {"rows": None, "preset": "full"})
    assert file.read_text() == '{"padding": 1, "preset": "full"}'
    file.write_text('{"rows": []}')
    save(file, {"rows": None})
    assert written(file) == {}


def test_a_link_is_followed_and_the_copy_is_beside_it(file: Path, home: Path) -> None:
    """As dotfile managers have it."""
    real = home / "dotfiles" / "hud.json"
    real.parent.mkdir()
    real.write_text('{"theme": "mono"}')
    real.chmod(0o640)
    file.parent.mkdir(parents=True)
    file.symlink_to(real)
    save(file, {"theme": "pastel"})
    assert file.is_symlink()
    assert written(real) == {"theme": "pastel"}
    assert real.stat().st_mode & 0o777 == 0o640
    assert file.with_name("config.json.hudline-backup").read_text() == '{"theme": "mono"}'
    save(file, {"theme": "default"})
    assert file.with_name("config.json.hudline-backup").read_text() == '{"theme": "pastel"}'


def test_nothing_of_it_is_left_behind_by_a_purge(file: Path) -> None:
    save(file, {"theme": "pastel"})
    save(file, {"theme": "mono"})
    assert purge([], [file]) == [f"{file} was removed."]
    assert not file.parent.exists()


def test_a_folder_that_may_not_be_written_to_is_told(open_directory: Path) -> None:
    """As an ordinary user: root may write anywhere."""
    (open_directory / "hudline").mkdir(mode=0o555)
    program = [sys.executable, "-c", SAVING, str(ROOT), str(open_directory / "hudline" / "config.json")]
    ran = subprocess.run(program, capture_output=True, text=True, check=False)
    assert ran.stdout == "refused\n", ran.stderr
    assert list((open_directory / "hudline").iterdir()) == []


@pytest.mark.parametrize("text", ["[]", "{", '{"theme": "mono",}', "5"])
def test_a_file_that_is_no_object_is_left_alone(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(EditRefused, match="statusline config check"):
        save(file, {"theme": "pastel"})
    assert [each.name for each in file.parent.iterdir()] == ["config.json"]
    assert file.read_text() == text


@pytest.mark.parametrize("text", [None, "", "\ufeff", " \n"])
def test_an_empty_file_is_as_good_as_none(file: Path, text: str | None) -> None:
    if text is not None:
        file.parent.mkdir(parents=True)
        file.write_text(text)
    save(file, {"theme": "pastel"})
    assert json.loads(file.read_text().lstrip("\ufeff")) == {"theme": "pastel"}
