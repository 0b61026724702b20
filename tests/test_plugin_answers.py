"""The plugin's hook: it answers its own commands with JSON, without a model, and leaves everything else alone."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.support.git_checkouts import sessions_below
from tests.support.installed_home import Home, clean_env
from tests.support.paths import ROOT

PROMPTS = json.loads((ROOT / "tests" / "data" / "plugin_prompts.json").read_text())  # recorded with 2.1.332


@pytest.fixture
def plugin(checkout: Path, tmp_path: Path) -> Path:
    """Return the plugin where Claude Code puts it."""
    folder = tmp_path / "cache" / "hudline" / "0.1.0"
    shutil.copytree(checkout, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / ".claude-plugin", folder / ".claude-plugin")
    return folder


def prompt(name: str, words: str = "", **fields: object) -> dict[str, Any]:
    return {**PROMPTS[name], "command_args": words, **fields}


def hooked(plugin: Path, event: object, env: dict[str, str]) -> str:
    """Run the hook of this command as Claude Code does; return what it prints."""
    (entry,) = [
        each
        for each in json.loads((plugin / ".claude-plugin" / "hooks.json").read_text())["hooks"]["UserPromptExpansion"]
        if "usage" in each["matcher"]
    ]
    data = event if isinstance(event, str) else json.dumps(event)
    done = subprocess.run(
        ["/bin/sh", "-c", entry["hooks"][0]["command"]],
        input=data,
        capture_output=True,
        text=True,
        check=True,
        env=env | {"CLAUDE_PLUGIN_ROOT": str(plugin)},
        cwd=env["HOME"],
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout


def answer(plugin: Path, event: object, env: dict[str, str]) -> str:
    """Return the text of a valid answer."""
    said = json.loads(hooked(plugin, event, env))
    assert said["decision"] == "block"
    assert said["hookSpecificOutput"] == {"hookEventName": "UserPromptExpansion", "suppressOriginalPrompt": True}
    text: str = said["reason"]
    assert text.startswith("\n"), "it begins below Claude Code's own words"
    assert not [each for each in text if each != "\n" and unicodedata.category(each).startswith("C")]
    return text[1:]


def outside(installed: Home, person: Home) -> dict[str, str]:
    """Return the environment of a person whose program is the installation that all tests share."""
    return person.env | {"XDG_DATA_HOME": str(installed.home / ".local" / "share")}


def test_usage_and_doctor_answer_from_the_installed_program(plugin: Path, installed: Home, person: Home) -> None:
    env = outside(installed, person)
    assert answer(plugin, prompt("usage"), env) == installed.started(
        [str(installed.program), "usage"], "", None, env | {"COLUMNS": "70", "NO_COLOR": "1"}
    ).stdout.rstrip("\n")
    assert answer(plugin, prompt("doctor"), env).startswith("The line works:")


@pytest.mark.parametrize("name", ["usage", "doctor"])
def test_before_setup_they_say_what_to_do(plugin: Path, home: Path, name: str) -> None:
    assert answer(plugin, prompt(name), clean_env(home)) == "hudline is not installed yet. Run /hudline:setup"


def test_setup_and_uninstall_act_only_with_the_word_yes(plugin: Path, installed: Home, person: Home) -> None:
    env = outside(installed, person)
    before = person.settings.read_text()
    told = answer(plugin, prompt("uninstall"), env)
    assert f"Would remove {installed.venv}" in told
    assert "Nothing has changed yet. To do it: /hudline:uninstall yes" in told
    assert "/hudline:uninstall yes purge" in told
    assert "To do it: /hudline:setup yes" in answer(plugin, prompt("setup"), env)
    for words in ("no", "yes please", "--purge", "; touch x", "purge"):
        assert answer(plugin, prompt("uninstall", words), env) == f"/hudline:uninstall does not know: {words}"
    assert person.settings.read_text() == before
    assert installed.program.exists()


def test_setup_yes_and_uninstall_yes_do_it(plugin: Path, home: Path, tmp_path: Path) -> None:
    """By a script in place of install.sh, which has tests of its own: what it is called with, and what it is given."""
    (plugin / "install.sh").write_text('echo "args:$*"; env | cut -d= -f1 | sort | tr "\\n" " "\n')
    env = clean_env(home) | {"ANTHROPIC_API_KEY": "sk-ant-api03-FAKE", "HTTPS_PROXY": "http://127.0.0.1:1"}
    for name, words, given in (
        ("setup", "yes", "args:"),
        ("setup", "", "args:--dry-run"),
        ("uninstall", " YES ", "args:--uninstall"),
        ("uninstall", "yes  purge", "args:--uninstall --purge"),
    ):
        told = answer(plugin, prompt(name, words), env)
        assert told.startswith(given + "\n")
        assert "HTTPS_PROXY" in told
        assert "ANTHROPIC_API_KEY" not in told


FOREIGN = {
    "a command of the project": prompt("setup", "yes", command_source="projectSettings"),
    "one of the user": prompt("setup", "yes", command_source="userSettings"),
    "no source": {key: value for key, value in prompt("usage").items() if key != "command_source"},
    "another plugin": prompt("usage", command_name="other:usage"),
    "an unknown command": prompt("usage", command_name="hudline:frob"),
    "a name that is no text": prompt("usage", command_name=["hudline:usage"]),
    "words that are no text": prompt("setup", command_args=["yes"]),
    "another event": prompt("usage", hook_event_name="UserPromptSubmit"),
    "no object": [],
    "no JSON": "{",
    "nothing": "",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_anything_else_gets_no_answer(plugin: Path, home: Path, name: str) -> None:
    assert hooked(plugin, FOREIGN[name], clean_env(home)) == ""


def test_a_program_that_the_project_brings_is_not_run(plugin: Path, home: Path, tmp_path: Path) -> None:
    """The settings of a repository can set variables: neither HOME nor XDG_DATA_HOME nor PATH leads into it."""
    project = tmp_path / "project"
    marks = tmp_path / "ran"
    for folder in ("data/hudline/venv/bin", "home/.local/bin", "home/.local/share/hudline/venv/bin", "bin"):
        for name in ("statusline", "python", "python3"):
            made = project / folder / name
            made.parent.mkdir(parents=True, exist_ok=True)
            made.write_text(f"#!/bin/sh\ntouch '{marks}'\necho hudline 9.9.9\n")
            made.chmod(0o755)
    settings = {
        "XDG_DATA_HOME": {"XDG_DATA_HOME": str(project / "data")},
        "HOME": {"HOME": str(project / "home")},
        "PATH": {"PATH": f"{project / 'bin'}:{os.environ['PATH']}"},
    }
    (tmp_path / "link").symlink_to(project)
    settings["a link"] = {"XDG_DATA_HOME": str(tmp_path / "link" / "data")}
    for what, env in settings.items():
        given = clean_env(home) | {"CLAUDE_PROJECT_DIR": str(project)} | env
        assert "not installed" in answer(plugin, prompt("usage"), given), what
        assert not marks.exists(), what
    for what, started_in in sessions_below(project).items():
        given = clean_env(home) | {"CLAUDE_PROJECT_DIR": str(started_in)} | settings["XDG_DATA_HOME"]
        assert "not installed" in answer(plugin, prompt("usage"), given), what
        assert not marks.exists(), what
    given = clean_env(home) | {"CLAUDE_PROJECT_DIR": str(home)} | settings["XDG_DATA_HOME"]
    hooked(plugin, prompt("usage"), given)
    assert marks.exists(), "the test can fail"


def test_a_home_that_is_the_project_is_named(plugin: Path, installed: Home) -> None:
    """Unless it is the home directory that the system knows, where `claude` may be started."""
    env = {**installed.env, "CLAUDE_PROJECT_DIR": str(installed.home)}
    assert f"{installed.program} is in this project, so it is not run here" in answer(plugin, prompt("usage"), env)
    system_home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    for project in (system_home, system_home.parent, Path("/")):
        env["CLAUDE_PROJECT_DIR"] = str(project)
        assert "is in this project" not in answer(plugin, prompt("usage"), env), project


def test_setup_gets_a_path_without_the_project(plugin: Path, home: Path, tmp_path: Path) -> None:
    (plugin / "install.sh").write_text('echo "$PATH"\n')
    (tmp_path / "project" / "bin").mkdir(parents=True)
    path = f"{tmp_path}/project/bin:.:bin::/usr/bin:{tmp_path}/project:/opt/some tool/bin:/bin"
    env = clean_env(home) | {"CLAUDE_PROJECT_DIR": str(tmp_path / "project"), "PATH": path}
    assert answer(plugin, prompt("setup", "yes"), env) == "/usr/bin:/opt/some tool/bin:/bin"


@pytest.mark.parametrize(("version", "says"), [("9.10.0", True), ("0.0.9", False)])
def test_a_plugin_that_is_newer_says_so(plugin: Path, installed: Home, person: Home, version: str, says: bool) -> None:
    manifest = plugin / ".claude-plugin" / "plugin.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"version": version}, indent=2))
    told = answer(plugin, prompt("usage"), outside(installed, person))
    assert (f"This plugin is hudline {version}, the program is " in told) == says


def test_what_it_prints_is_cleaned_and_bounded(plugin: Path, home: Path) -> None:
    text = r"a\033]0;title\007b\302\205c\342\200\256d\033[31me\r\tf"
    (plugin / "install.sh").write_text(f"printf '{text}'; yes 'a long line' | head -n 100000\n")
    told = answer(plugin, prompt("setup", "yes"), clean_env(home))
    assert told.startswith("a]0;titlebcd[31mefa long line\n")
    assert len(told) <= 20_000


def test_both_matchers_name_the_four_commands() -> None:
    entries = json.loads((ROOT / ".claude-plugin" / "hooks.json").read_text())["hooks"]["UserPromptExpansion"]
    assert [each["matcher"] for each in entries] == ["hudline:(usage|doctor)", "hudline:(setup|uninstall)"]
