"""`statusline install --chain`: the previous line stays as a row, and is restored by uninstall."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from statusline.commands.claude_settings.atomic_edit import EditRefused
from statusline.commands.claude_settings.chain import NAME, ROW, chain, unchain
from statusline.commands.claude_settings.settings import set_line
from statusline.commands.claude_settings.tick_command import tick_command
from statusline.commands.cli import main
from statusline.commands.config_check.config_check import find_problems
from statusline.config import read_config
from statusline.config_table import COMMAND_AT_MOST, DEFAULT_ROW
from tests.support.installed_home import Home, clean_env
from tests.support.tick_world import until

THEIRS = "~/my line.sh --fancy"

TEXTS = {
    "no rows": '{\n  "theme": "mono"\n}\n',
    "a preset": '{"preset":"minimal"}',
    "rows on one line": '{"rows": [["model"], ["cost"]], "theme": "mono"}\n',
    "rows on many lines": '{\r\n\t"rows": [\r\n\t\t["model",\r\n\t\t "cost"]\r\n\t]\r\n}\r\n',
    "other commands": '{\n  "commands": {\n    "jobs": {"command": "jobs"}\n  },\n  "rows": [ ["model"] ]\n}',
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "hudline" / "config.json"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_row_is_added_and_removed_and_every_other_byte_stays(config: Path, text: str) -> None:
    config.parent.mkdir()
    config.write_bytes(text.encode())
    before = read_config(str(config)).rows
    for _ in range(2):
        once = chain(config, THEIRS).after
        assert chain(config, THEIRS).after == once
        assert find_problems(config.read_bytes().decode()) == []
        found = read_config(str(config))
        assert found.rows == [*before, {"left": [("command", ROW[0])], "right": []}]
        assert found.commands[NAME] == {"command": THEIRS, "every": 10, "timeout": 5, "shared": False}
        assert unchain(config, "another line").after == config.read_bytes().decode()
        unchain(config, THEIRS)
        assert config.read_bytes() == text.encode()


def test_without_a_configuration_one_is_made_and_removed_again(config: Path) -> None:
    chain(config, THEIRS)
    assert json.loads(config.read_text())["rows"] == [DEFAULT_ROW.split(), ROW]
    unchain(config, THEIRS)
    assert not config.parent.exists()
    config.parent.mkdir()
    config.write_text("{}")  # as good as none
    chain(config, THEIRS)
    unchain(config, THEIRS)
    assert not config.exists()


def test_a_configuration_behind_a_link_is_emptied_and_not_removed(config: Path, tmp_path: Path) -> None:
    """As dotfile managers make them: the file is in their repository."""
    (tmp_path / "mine.json").write_text("{}\n")
    config.parent.mkdir()
    config.symlink_to(tmp_path / "mine.json")
    chain(config, THEIRS)
    unchain(config, THEIRS)
    assert config.is_symlink()
    assert (tmp_path / "mine.json").read_text() == "{}\n"


def test_a_reformatted_row_is_removed_too(config: Path) -> None:
    config.parent.mkdir()
    config.write_text('{"rows": [["cost"]]}')
    chain(config, THEIRS)
    config.write_text(json.dumps(json.loads(config.read_text()), indent=4))
    unchain(config, THEIRS)
    assert json.loads(config.read_text()) == {"rows": [["cost"]]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"rows": ', "is not a JSON object"),
        ('{"rows": 1}', "no room for another row"),
        (json.dumps({"rows": [["model"]] * 8}), "no room for another row"),
        ('{"commands": []}', r'"commands" in .* is not an object: run `statusline config check`'),
        (json.dumps({"commands": {NAME: {"command": "mine", "every": 60}}}), "already has a command named"),
        (json.dumps({"commands": {NAME: None}}), "already has a command named"),
        (json.dumps({"commands": {str(each): {"command": "x"} for each in range(16)}}), "has 16 commands already"),
    ],
)
def test_where_there_is_no_room_nothing_is_changed(config: Path, text: str, said: str) -> None:
    config.parent.mkdir()
    config.write_text(text)
    with pytest.raises(EditRefused, match=said):
        chain(config, THEIRS)
    assert config.read_text() == text
    assert os.listdir(config.parent) == ["config.json"]


def test_a_former_line_that_is_too_long_for_a_command_is_refused(config: Path) -> None:
    chain(config, "x" * COMMAND_AT_MOST, dry_run=True)
    with pytest.raises(EditRefused, match="Put it in a script"):
        chain(config, "x" * (COMMAND_AT_MOST + 1))
    assert not config.exists()


def test_another_former_line_takes_the_place_of_the_first(config: Path) -> None:
    config.parent.mkdir()
    config.write_text('{\n  "rows": [["model"]]\n}\n')
    first = chain(config, "another").after or ""
    assert chain(config, THEIRS).after == first.replace('"another"', json.dumps(THEIRS))


@pytest.mark.parametrize("content", [b'{"rows": ', b"\xff", b'{"commands": [], "rows": 1}', b'{"former line": 1}'])
def test_a_broken_configuration_without_the_row_does_not_block_uninstall(config: Path, content: bytes) -> None:
    config.parent.mkdir()
    config.write_bytes(content)
    change = unchain(config, THEIRS)
    assert change.after == change.before
    assert config.read_bytes() == content


def test_rows_that_are_none_stay_as_they_are(config: Path) -> None:
    config.parent.mkdir()
    config.write_text(json.dumps({"commands": {NAME: {"command": THEIRS}}, "rows": 1}))
    unchain(config, THEIRS)
    assert json.loads(config.read_text()) == {"rows": 1}


@pytest.mark.parametrize("broken", [b"\xff", b"{"])
def test_an_uninstall_that_could_not_take_the_row_out_changes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: bytes
) -> None:
    """After the old line is restored, nothing shows that it was chained."""
    settings, config = home / ".claude" / "settings.json", home / "hudline" / "config.json"
    settings.parent.mkdir()
    before = json.dumps({"statusLine": {"type": "command", "command": THEIRS}})
    settings.write_text(before)
    chain(config, THEIRS)
    installed = set_line(settings, tick_command(home, config)).after
    sound = config.read_bytes()
    config.write_bytes(broken + sound)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    assert main(["uninstall"]) == 1
    assert str(config) in capsys.readouterr().err
    assert settings.read_text() == installed
    config.write_bytes(sound)
    assert main(["uninstall"]) == 0
    assert settings.read_text() == before
    assert not config.exists()


def test_the_previous_line_is_shown_below_ours_and_restored(installed: Home, home: Path) -> None:
    """A real foreign line: it reads the payload, has colors, and is slow."""
    script = home / "my line.sh"
    script.write_text(
        '#!/bin/sh\nsleep 0.1\nprintf "\\033[31mtheirs\\033[0m: "\nsed "s/.*display_name\\": *\\"//; s/\\".*//"\n'
    )
    script.chmod(0o755)
    person = Home(home, clean_env(home, NO_COLOR="1"), installed.venv, warm=True)
    person.settings.parent.mkdir()
    before = json.dumps({"statusLine": {"type": "command", "command": f"'{script}'"}, "z": 1})
    person.settings.write_text(before)
    config = home / ".config" / "hudline" / "config.json"

    dry = person.run("install", "--chain", "--dry-run").stdout
    assert f"would be kept as the last row (its first line, run in the background): {config}" in dry
    assert not config.exists()
    ran = person.run("install", "--chain")
    assert ran.returncode == 0, ran.stderr
    assert (
        f"The previous status line is kept as the last row (its first line, run in the background): {config}."
        in ran.stdout
    )
    assert "The previous status line is kept as the last row" in person.run("install", "--chain", "--dry-run").stdout
    payload = json.dumps({"session_id": "s", "cwd": str(home), "model": {"display_name": "Opus"}})
    rows = until(lambda: _two(person.tick(payload).stdout))
    assert rows[0].startswith("Opus")
    assert rows[1] == "theirs: Opus"
    assert person.run("doctor", "--json").returncode == 0

    ran = person.run("uninstall")
    assert ran.stdout.splitlines()[1:] == [f"Its row was removed from {config}."]
    assert person.settings.read_text() == before
    assert not config.exists()


def _two(drawn: str) -> list[str]:
    rows = drawn.splitlines()
    return rows if len(rows) == 2 else []


def test_a_line_is_chained_after_the_fact_too(installed: Home, home: Path) -> None:
    person = Home(home, clean_env(home), installed.venv, warm=True)
    person.settings.parent.mkdir()
    person.settings.write_text(json.dumps({"statusLine": {"type": "command", "command": THEIRS}}))
    person.run("install")
    person.run("install", "--chain")
    config = json.loads((home / ".config" / "hudline" / "config.json").read_text())
    assert config["commands"][NAME]["command"] == THEIRS


def test_without_a_former_line_there_is_nothing_to_chain(installed: Home, home: Path) -> None:
    person = Home(home, clean_env(home), installed.venv, warm=True)
    ran = person.run("install", "--chain")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "There is no previous status line to chain." in ran.stdout
    assert not (home / ".config").exists()


def test_what_cannot_be_chained_stops_before_anything_is_changed(installed: Home, home: Path) -> None:
    person = Home(home, clean_env(home), installed.venv, warm=True)
    person.settings.parent.mkdir()
    before = json.dumps({"statusLine": {"type": "command", "command": THEIRS}})
    person.settings.write_text(before)
    config = home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"rows": ')
    for words in (["--dry-run"], []):
        ran = person.run("install", "--chain", *words)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert f"{config} is not a JSON object" in ran.stderr
        assert person.settings.read_text() == before
