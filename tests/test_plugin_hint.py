"""The plugin's hook on every prompt: off, which is the default, it starts no Python and never stops a prompt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.installed_home import Home, clean_env
from tests.support.kept_numbers import keep, window
from tests.support.paths import ROOT

EVENT = json.dumps({"session_id": "one", "hook_event_name": "UserPromptSubmit", "prompt": "hello"})


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """Return the plugin where Claude Code puts it."""
    folder = tmp_path / "cache" / "hudline" / "0.1.0"
    shutil.copytree(ROOT / ".claude-plugin", folder / ".claude-plugin")
    return folder


def hooked(plugin: Path, env: dict[str, str], cwd: Path) -> str:
    """Run the hook as Claude Code does; any exit code but 0 would be shown, and 2 would stop the prompt."""
    (entry,) = json.loads((plugin / ".claude-plugin" / "hooks.json").read_text())["hooks"]["UserPromptSubmit"]
    (hook,) = entry["hooks"]
    assert hook["timeout"] <= 5
    ran = subprocess.run(
        ["/bin/sh", "-c", hook["command"]],
        input=EVENT,
        capture_output=True,
        text=True,
        check=False,
        env=env | {"CLAUDE_PLUGIN_ROOT": str(plugin)},
        cwd=cwd,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def program(folder: Path, text: str) -> Path:
    """Write a program of ours that notes how it was called; return that note."""
    note = folder / "called"
    for name in ("statusline", "python"):
        file = folder / "hudline" / "venv" / "bin" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        does = f'case $1 in --version) echo "hudline 9.9.9" ;; *) {text} ;; esac'
        file.write_text(f'#!/bin/sh\necho "{name} $*" >> "{note}"\n{does}\n')
        file.chmod(0o755)
    return note


def configure(home: Path, text: str) -> Path:
    file = home / ".config" / "hudline" / "config.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


OFF = {
    "no file": None,
    "an empty file": "",
    "another setting": '{"theme": "mono"}',
    "false": '{"hint": false}',
    "a text": '{"hint": "true"}',
    "in a text": '{"commands": {"x": {"command": "echo \\"hint\\":true"}}}',
}


@pytest.mark.parametrize("name", OFF)
def test_off_it_starts_no_python(plugin: Path, home: Path, tmp_path: Path, name: str) -> None:
    called = program(tmp_path / "data", "echo no")
    if (text := OFF[name]) is not None:
        configure(home, text)
    assert hooked(plugin, clean_env(home, XDG_DATA_HOME=str(tmp_path / "data")), home) == ""
    assert not called.exists()


@pytest.mark.parametrize("text", ['{"hint": true}', '{"theme": "mono",\n\t"hint"\r\n :\n  true\n}\n'])
@pytest.mark.parametrize("folder", [".config", "Library/Application Support", "xdg"])
def test_on_it_asks_the_installed_program(plugin: Path, home: Path, tmp_path: Path, text: str, folder: str) -> None:
    called = program(tmp_path / "data", "cat")
    file = home / folder / "hudline" / "config.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    env = clean_env(home, XDG_DATA_HOME=str(tmp_path / "data"))
    if folder == "xdg":
        env["XDG_CONFIG_HOME"] = str(home / "xdg")
    assert hooked(plugin, env, home) == EVENT, "the event reaches the program"
    assert called.read_text().splitlines()[-1] == "statusline hint --hook"


@pytest.mark.parametrize(("version", "is_ours"), [("hudline 1.2.3", True), ("statusline 4.0", False), ("", False)])
def test_elsewhere_only_a_program_that_is_hudline_is_asked(
    plugin: Path, home: Path, version: str, is_ours: bool
) -> None:
    """As pipx and uv install it; other programs have this name, too."""
    file = home / ".local" / "bin" / "statusline"
    file.parent.mkdir(parents=True)
    file.write_text(f'#!/bin/sh\ncase $1 in --version) echo "{version}" ;; *) echo "$*,${{PYTHONPATH-none}}" ;; esac\n')
    file.chmod(0o755)
    configure(home, '{"hint": true}')
    assert hooked(plugin, clean_env(home, PYTHONPATH="/evil"), home) == ("hint --hook,none\n" if is_ours else "")


def test_the_file_that_a_variable_names_counts_alone(plugin: Path, home: Path, tmp_path: Path) -> None:
    called = program(tmp_path / "data", "cat")
    configure(home, '{"hint": true}')
    (tmp_path / "own.json").write_text("{}")
    env = clean_env(home, XDG_DATA_HOME=str(tmp_path / "data"), STATUSLINE_CONFIG=str(tmp_path / "own.json"))
    assert hooked(plugin, env, home) == ""
    assert not called.exists()
    (tmp_path / "own.json").write_text('{"hint": true}')
    assert hooked(plugin, env, home) == EVENT


def test_a_repository_does_not_turn_it_on_nor_bring_the_program(plugin: Path, home: Path, tmp_path: Path) -> None:
    """Its settings can set variables."""
    project = tmp_path / "project"
    theirs = program(project / "data", "cat")
    ours = program(tmp_path / "data", "cat")
    (project / "hudline").mkdir()
    (project / "hudline" / "config.json").write_text('{"hint": true}')
    config = {"STATUSLINE_CONFIG": str(project / "hudline" / "config.json")}
    for more in (config, {"XDG_CONFIG_HOME": str(project)}):
        env = clean_env(home, XDG_DATA_HOME=str(tmp_path / "data"), CLAUDE_PROJECT_DIR=str(project), **more)
        assert hooked(plugin, env, project) == ""
    configure(home, '{"hint": true}')
    env = clean_env(home, XDG_DATA_HOME=str(project / "data"), CLAUDE_PROJECT_DIR=str(project))
    assert hooked(plugin, env, project) == ""
    assert not ours.exists()
    assert not theirs.exists()


@pytest.mark.parametrize("does", ["exit 2", "echo usage: >&2; exit 2", "kill -9 $$", "false"])
def test_a_program_that_fails_never_stops_a_prompt(plugin: Path, home: Path, tmp_path: Path, does: str) -> None:
    program(tmp_path / "data", does)
    configure(home, '{"hint": true}')
    assert hooked(plugin, clean_env(home, XDG_DATA_HOME=str(tmp_path / "data")), home) == ""


def test_an_odd_environment_never_stops_a_prompt(plugin: Path, home: Path) -> None:
    env = clean_env(home)
    del env["HOME"]
    assert hooked(plugin, env, home) == ""
    assert hooked(plugin, {}, home) == ""
    configure(home, '{"hint": true}')
    assert hooked(plugin, clean_env(home), home) == "", "it is not installed"
    for odd in (str(home), "/dev/zero", "-h"):
        assert hooked(plugin, clean_env(home, STATUSLINE_CONFIG=odd), home) == ""
    os.mkfifo(home / "fifo")
    assert hooked(plugin, clean_env(home, STATUSLINE_CONFIG=str(home / "fifo")), home) == ""


def test_the_real_program_answers_once(plugin: Path, installed: Home, person: Home) -> None:
    keep(person.cache, window("five_hour", 92.4))
    env = person.env | {"XDG_DATA_HOME": str(installed.home / ".local" / "share")}
    assert hooked(plugin, env, person.home) == ""
    assert person.run("hint", "--on").returncode == 0
    answer = json.loads(hooked(plugin, env, person.home))
    assert answer["hookSpecificOutput"]["hookEventName"] == "UserPromptSubmit"
    assert answer["hookSpecificOutput"]["additionalContext"].startswith("Claude Code limits: 5h at 92%, resets ")
    assert hooked(plugin, env, person.home) == ""
