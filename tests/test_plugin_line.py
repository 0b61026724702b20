"""The plugin ``hudline-line``: its mod in a stub of Claude Code's mod interface, run by node, and its script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cache.model.billing import PROVIDERS
from cache.model.git_variables import FILES, SWITCHES
from statusline.spawn import FOR_REQUESTS, HANDED_ON
from tests.support.git_checkouts import sessions_below
from tests.support.installed_home import Home, clean_env
from tests.support.paths import ROOT

LINE = ROOT / ".claude-plugin" / "line"
HOST = ROOT / "tests" / "data" / "mod_host.mjs"
NODE = shutil.which("node")  # no test needs it elsewhere, and CI does not install it
LIMITS = [{"kind": "five_hour", "percentUsed": 42.4, "resetsAt": "2036-11-30T00:20:32.000Z"}]
SESSION = {
    "id": "9f86a6ae-0e28-4a21-af19-b3dd7e7d0d75",
    "model": "claude-opus-5-5",
    "cwd": "/",
    "root": "/nowhere",
    "usage": {"context": {"window": 200000, "percent": 12}, "rateLimits": LIMITS, "cost": {"usd": 0.15}},
}


@pytest.fixture
def mod(tmp_path: Path) -> Path:
    """Return a copy of the plugin, at a path with a space, to change."""
    return Path(shutil.copytree(LINE, tmp_path / "a plugin")) / "hooks"


def play(mod: Path, env: dict[str, str], *steps: Any, **scene: Any) -> dict[str, Any]:
    """Play a session; return what was drawn, and how often the program ran."""
    if NODE is None:
        pytest.skip("node is not installed")
    whole = json.dumps({"session": SESSION, "steps": steps, **scene})
    ran = subprocess.run(
        [NODE, str(HOST), str(mod / "register.js"), whole],
        capture_output=True,
        text=True,
        check=True,
        env=env,
        cwd=env["HOME"],
        timeout=60,
    )
    assert ran.stderr == ""
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def script(mod: Path, text: str) -> None:
    (mod / "tick").write_text("#!/bin/sh\n" + text)


def test_it_draws_the_line_of_the_installed_program(mod: Path, installed: Home) -> None:
    found = play(mod, installed.env, "start", "settle", {}, "measure", "settle", {})
    assert found["drawn"][-1].startswith("\x1b[1mOpus 5.5")
    assert "42%" in found["drawn"][-1]
    assert found["everyMs"] == [10_000]


def test_the_last_text_is_drawn_at_once_while_the_program_runs(mod: Path, home: Path) -> None:
    script(mod, "echo first")
    found = play(mod, clean_env(home), "start", {}, "settle", {}, "measure", {})
    assert found["drawn"] == [None, "first", "first"], "nothing is drawn before there is a text"


def test_anyones_own_line_is_left_alone(mod: Path, home: Path) -> None:
    script(mod, "echo ours")
    found = play(mod, clean_env(home), "start", "settle", {"text": "theirs"}, {"isManaged": True}, {"text": ""}, {})
    assert found["drawn"] == ["theirs", None, "", "ours"]


def test_it_runs_once_at_a_time_and_again_after_a_change(mod: Path, home: Path) -> None:
    script(mod, 'sleep 0.2; echo "$COLUMNS"')
    steps = [
        "start",
        "settle",
        {},
        "measure",
        "measure",
        "timer",
        "timer",
        "settle",
        {"columns": 60},
        "settle",
        {"columns": 60},
    ]
    found = play(mod, clean_env(home), *steps)
    assert found["mostAtOnce"] == 1
    assert found["runs"] <= 7
    assert found["drawn"][-1] == "64", "the tick is told the width, with the cells that Claude Code keeps free"


@pytest.mark.parametrize("text", ["exit 3", "echo broken; exit 1", "true", "kill -9 $$", "sleep 20", "echo; echo"])
def test_a_program_that_fails_keeps_the_last_text(mod: Path, home: Path, text: str) -> None:
    script(mod, f'if [ -e "$HOME/again" ]; then {text}; else touch "$HOME/again"; echo good; fi\n')
    found = play(mod, clean_env(home), "start", "settle", {}, "measure", "settle", {}, patienceMs=500)
    assert found["drawn"] == ["good", "good"]


def test_what_it_hands_on_is_a_message_of_claude_code(mod: Path, home: Path) -> None:
    script(mod, 'cat > "$HOME/given"')
    play(mod, clean_env(home), "start", "settle")
    given = json.loads((home / "given").read_text())
    assert given["model"] == {"id": "claude-opus-5-5", "display_name": "Opus 5.5"}
    assert given["rate_limits"] == {"five_hour": {"used_percentage": 42.4, "resets_at": 2111617232}}
    assert (given["context_window"]["used_percentage"], given["cost"]["total_cost_usd"]) == (12, 0.15)
    assert (given["session_id"], given["workspace"]["project_dir"]) == (SESSION["id"], "/nowhere")


def tick(env: dict[str, str], project: str = "/nowhere") -> str:
    ran = subprocess.run(
        ["/bin/sh", str(LINE / "hooks" / "tick")],
        input='{"model": {"display_name": "Opus"}}',
        capture_output=True,
        text=True,
        check=True,
        env=env | {"HUDLINE_PROJECT": project},
        timeout=60,
    )
    assert ran.stderr == ""
    return ran.stdout


def test_the_script_says_what_to_do_before_there_is_a_program(home: Path) -> None:
    assert tick(clean_env(home)) == "hudline is not installed: run its install.sh --no-settings\n"


def test_the_script_passes_on_every_variable_that_is_read() -> None:
    """Without one, a session of a cloud provider got a plan's numbers."""
    files = {*(ROOT / "statusline").rglob("*.py"), *(ROOT / "cache").rglob("*.py")}
    sources = [each.read_text() for each in files - {*(ROOT / "statusline" / "commands").rglob("*.py")}]
    called = r"\b(?:setting|read|env|is_set|variable|get)\(\"([A-Z][A-Z_]{3,})\""
    names = {name for text in sources for name in re.findall(called, text)}
    names |= {*HANDED_ON, *FOR_REQUESTS, *FILES, *SWITCHES, *(f"CLAUDE_CODE_USE_{each}" for each in PROVIDERS)}
    for_tests = {name for name in names if name.endswith("_BIN")} | {"STATUSLINE_API_BASE"}
    of_windows = {"SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"}
    numbered = {"GIT_CONFIG_COUNT"}  # with a key and a value for each
    of_commands = {"CLAUDECODE", "CLAUDE_PROJECT_DIR"}
    passed_on = set(re.findall(r"[A-Za-z_]+", (LINE / "hooks" / "tick").read_text()))
    assert names - passed_on - for_tests - of_windows - numbered - of_commands == set()


def program_in(data: Path, text: str) -> None:
    """Put a program where install.sh puts Python."""
    bin_, package = data / "hudline/venv/bin", data / "hudline/venv/packages/statusline"
    for each in (bin_, package):
        each.mkdir(parents=True)
    (package / "__main__.py").touch()
    (bin_ / "python").write_text(f"#!/bin/sh\n{text}\n")
    (bin_ / "python").chmod(0o755)


def test_a_configuration_and_a_cache_of_the_project_are_not_those_of_the_program(home: Path, tmp_path: Path) -> None:
    """The program trusts both: a configuration names commands, a cache numbers."""
    program_in(tmp_path / "data", 'shift 3; echo "$*"')
    project, env = tmp_path / "project", clean_env(home) | {"XDG_DATA_HOME": str(tmp_path / "data")}
    for folder in (project, tmp_path / "xdg"):
        (folder / "hudline").mkdir(parents=True)
    (tmp_path / "link").symlink_to(project)
    own = f"--cache {home}/.cache/hudline --config {home}/.config/hudline/config.json\n"
    sessions = {"the project": project, **sessions_below(project)}
    for name, started_in in sessions.items():
        assert tick(env, str(started_in)) == own, name
        for folder in (project, tmp_path / "link"):
            given = env | {"XDG_CONFIG_HOME": str(folder)}
            assert tick(given, str(started_in)) == f"--cache {home}/.cache/hudline\n", name
            given = env | {"XDG_CACHE_HOME": str(folder)}
            assert tick(given, str(started_in)) == f"--config {home}/.config/hudline/config.json\n", name
        elsewhere = {name: str(tmp_path / "xdg") for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
        assert tick(env | elsewhere, str(started_in)) == "--cache {0} --config {0}/config.json\n".format(
            tmp_path / "xdg" / "hudline"
        )


def test_the_script_passes_on_no_secret(home: Path, tmp_path: Path) -> None:
    program_in(tmp_path / "data", "env")
    env = clean_env(home) | {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "ANTHROPIC_API_KEY": "sk-ant-api03-FAKE",
        "CLAUDE_CODE_MESSAGING_TOKEN": "FAKE",
        "MY_PASSWORD": "FAKE",
        "CLAUDE_CONFIG_DIR": "/a dir; touch x",
    }
    told = tick(env)
    assert "FAKE" not in told
    assert "ANTHROPIC_API_KEY=set\n" in told, "that an API key pays is no secret"
    assert "CLAUDE_CONFIG_DIR=/a dir; touch x\n" in told
    assert tick(env, str(tmp_path)) == "", "a program in the project is not run"
