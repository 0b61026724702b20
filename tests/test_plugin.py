"""The plugin folder: its two manifests and its commands. Source: Claude Code's plugin reference."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import statusline
from tests.support.installed_home import PYTHON, Home, clean_env, files_below, install_sh
from tests.support.paths import ROOT

FOLDER = ROOT / ".claude-plugin"
COMMANDS = ("doctor", "setup", "uninstall", "usage")
KEBAB_CASE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

# The documented fields that a manifest of ours may use, with their types; a wrong type keeps the plugin from loading.
PLUGIN: dict[str, Any] = {
    "$schema": str,
    "name": str,
    "displayName": str,
    "version": str,
    "description": str,
    "author": dict,
}
PLUGIN |= {
    "homepage": str,
    "repository": str,
    "license": str,
    "keywords": list,
    "commands": (str, list),
    "hooks": (str, dict),
}
MARKETPLACE: dict[str, Any] = {
    "$schema": str,
    "name": str,
    "description": str,
    "owner": dict,
    "plugins": list,
    "metadata": dict,
}
LISTED: dict[str, Any] = {
    "name": str,
    "source": (str, dict),
    "description": str,
    "category": str,
    "tags": list,
    "keywords": list,
}
FRONTMATTER = {"description", "argument-hint", "allowed-tools", "model", "disable-model-invocation"}
RESERVED = re.compile(r"(?:official|anthropic|claude)", re.IGNORECASE)


def read(name: str) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((FOLDER / name).read_text())
    return manifest


def fits(found: dict[str, Any], fields: dict[str, Any]) -> None:
    assert set(found) <= set(fields)
    assert all(isinstance(value, fields[name]) for name, value in found.items())


def test_the_plugin_manifest_has_the_documented_fields() -> None:
    found = read("plugin.json")
    fits(found, PLUGIN)
    assert KEBAB_CASE.fullmatch(found["name"])
    assert found["version"] == statusline.__version__  # Claude Code brings a new one only where this changes
    assert found["author"]["name"]
    assert found["commands"].startswith("./")
    assert (ROOT / found["commands"]).resolve().is_relative_to(ROOT)


def test_the_marketplace_lists_the_plugin_in_this_folder() -> None:
    found = read("marketplace.json")
    fits(found, MARKETPLACE)
    assert KEBAB_CASE.fullmatch(found["name"])
    assert not RESERVED.search(found["name"])
    assert found["owner"]["name"]
    assert [each["name"] for each in found["plugins"]] == ["hudline", "hudline-line"]
    for each in found["plugins"]:
        fits(each, LISTED)
        manifest = json.loads((ROOT / each["source"] / ".claude-plugin" / "plugin.json").read_text())
        fits(manifest, PLUGIN)
        assert (manifest["name"], manifest["version"]) == (each["name"], statusline.__version__)
    assert "modules" not in read("hooks.json"), "the mod is a plugin of its own"


def test_each_command_has_a_file_and_there_is_no_other() -> None:
    folder = ROOT / read("plugin.json")["commands"]
    assert sorted(each.name for each in folder.iterdir()) == [f"{name}.md" for name in COMMANDS]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_runs_one_executable_script(name: str) -> None:
    """Claude Code asks no question: exactly this command is allowed. Its description costs no context."""
    text = (ROOT / read("plugin.json")["commands"] / f"{name}.md").read_text()
    _, head, body = text.split("---\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    assert set(fields) <= FRONTMATTER
    assert len(fields["description"]) <= 60
    assert fields["disable-model-invocation"] == "true"
    (run,) = re.findall(r"^!`(.*)`$", body, re.MULTILINE)
    assert fields["allowed-tools"] == f"Bash({run})"
    script, word = re.fullmatch(r'"\$\{CLAUDE_PLUGIN_ROOT\}/(.*)" (\w+)', run).groups()  # type: ignore[union-attr]  # None fails, too
    assert word == name
    assert os.access(ROOT / script, os.X_OK)
    assert len(text) < 400


# --- what the commands do --------------------------------------------------------------------------------------------


@pytest.fixture
def plugin(checkout: Path, tmp_path: Path) -> Path:
    """Return the plugin where Claude Code puts it: a folder that its next version replaces."""
    folder = tmp_path / "cache" / "hudline" / "0.1.0"
    shutil.copytree(checkout, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(FOLDER, folder / ".claude-plugin")
    return folder


def ran(plugin: Path, word: str, env: dict[str, str]) -> str:
    """Run what a command runs. It never fails, because Claude Code shows nothing of a command that does."""
    argv = [str(plugin / ".claude-plugin" / "run"), word]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env=env, cwd=env["HOME"], timeout=120)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("word", ["usage", "doctor"])
def test_before_setup_the_commands_say_what_to_do(plugin: Path, home: Path, word: str) -> None:
    assert ran(plugin, word, clean_env(home)) == "hudline is not installed yet. Run /hudline:setup\n"


def test_setup_writes_paths_that_outlive_the_plugin(plugin: Path, installed: Home, tmp_path: Path) -> None:
    """It runs install.sh; the environment exists already, so this is quick."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").write_text(f'#!/bin/sh\nexec {PYTHON} "$@"\n')
    (tmp_path / "bin" / "python3").chmod(0o755)
    claude = tmp_path / "claude"
    env = installed.env | {"CLAUDE_CONFIG_DIR": str(claude), "PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    output = ran(plugin, "setup", env)
    assert f"hudline is now the status line, from Claude Code's next message on: statusLine in {claude}" in output
    command = json.loads((claude / "settings.json").read_text())["statusLine"]["command"]
    assert str(installed.python) in command
    assert str(plugin) not in command
    shutil.rmtree(plugin)
    drawn = installed.started(["/bin/sh", "-c", command], '{"model": {"display_name": "Opus"}}', None, {})
    assert "Opus" in drawn.stdout


def test_doctor_and_usage_run_the_installed_program(plugin: Path, installed: Home, person: Home) -> None:
    env = person.env | {"XDG_DATA_HOME": str(installed.home / ".local" / "share")}
    assert ran(plugin, "doctor", env).startswith("The line works:\n  Claude │ ~")
    person.settings.write_text("{}")
    assert "-> Run `statusline install`." in ran(plugin, "doctor", env)
    assert ran(plugin, "usage", env).strip()


def test_a_program_installed_by_pipx_is_found(plugin: Path, installed: Home, person: Home) -> None:
    (person.home / ".local" / "bin").mkdir(parents=True)
    (person.home / ".local" / "bin" / "statusline").symlink_to(installed.program)
    assert ran(plugin, "doctor", person.env).startswith("The line works:")


def test_uninstall_leaves_only_the_cache(plugin: Path, installed: Home, home: Path) -> None:
    """It uses the installed program, or the plugin's copy if that is broken."""
    person = Home(home, clean_env(home), home / ".local" / "share" / "hudline" / "venv")
    person.settings.parent.mkdir()
    person.settings.write_text('{"a": 1}')
    assert installed.started([str(installed.program), "install"], "", None, person.env).returncode == 0
    shutil.copytree(installed.venv, person.venv, symlinks=True)
    output = ran(plugin, "uninstall", person.env)
    assert f"statusLine was removed from {person.settings}" in output
    assert f"Removed {person.venv}" in output
    assert [each for each in files_below(home) if not each.startswith(".cache/")] == [".claude/settings.json"]
    assert person.settings.read_text() == '{"a": 1}'


def test_a_failure_is_printed_and_the_script_still_exits_with_0(plugin: Path, home: Path) -> None:
    settings = home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"statusLine": "hudline')
    assert install_sh(plugin, clean_env(home), "--uninstall").returncode == 1
    assert "is not a JSON object" in ran(plugin, "uninstall", clean_env(home))
    assert ran(plugin, "frob", clean_env(home)) == "usage: run setup | usage | doctor | uninstall | answer | hint\n"
