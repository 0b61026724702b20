"""The wheel, installed by pip, pipx and uv, then `statusline install`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from statusline.commands.claude_settings.tick_command import GONE
from tests.support.installed_home import PYTHON, WITHIN_S, clean_env, files_below, pip_env
from tests.support.paths import ROOT
from tests.support.processes import running
from tests.support.tick_world import until

if TYPE_CHECKING:
    from collections.abc import Callable

BEFORE = '{\n    "statusLine": {"command": "npx ccstatusline"}, "z": 1\n}\n'


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel as it is published."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (made,) = out.glob("hudline-*.whl")
    return made


def ran(env: dict[str, str], *argv: str, given: str = "") -> str:
    """Run a program in a home and return its output; it has to succeed."""
    done = subprocess.run(
        argv, input=given, capture_output=True, text=True, check=False, env=env, cwd=env["HOME"], timeout=WITHIN_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def by_pip(wheel: Path, env: dict[str, str]) -> Path:
    venv = Path(env["HOME"], "my venv")
    ran(env, PYTHON, "-m", "venv", "--without-pip", str(venv))  # to install pip there takes longer than all else
    ran(env, sys.executable, "-m", "pip", "--python", str(venv), "install", "--quiet", str(wheel))
    return venv / "bin" / "statusline"


def by_pipx(wheel: Path, env: dict[str, str]) -> Path:
    home = Path(env["HOME"], "pipx")
    env = env | {"PIPX_HOME": str(home), "PIPX_BIN_DIR": str(home / "bin")}
    ran(env, sys.executable, "-m", "pipx", "install", "--quiet", "--python", PYTHON, str(wheel))
    return home / "bin" / "statusline"


def by_uv(wheel: Path, env: dict[str, str]) -> Path:
    home = Path(env["HOME"], "uv")
    places = {
        "UV_TOOL_DIR": str(home / "tools"),
        "UV_TOOL_BIN_DIR": str(home / "bin"),
        "UV_CACHE_DIR": str(home / "cache"),
    }
    ran(env | places, sys.executable, "-m", "uv", "tool", "install", "--quiet", "--python", PYTHON, str(wheel))
    return home / "bin" / "statusline"


@pytest.mark.thorough
@pytest.mark.parametrize("put", [pytest.param(by_pip, marks=pytest.mark.lengthy), by_pipx, by_uv])
def test_the_wheel_is_installed_as_the_status_line_and_uninstalled(
    wheel: Path, home: Path, scratch: Path, put: Callable[[Path, dict[str, str]], Path]
) -> None:
    program = put(wheel, clean_env(home) | pip_env(scratch))
    env = clean_env(home, NO_COLOR="1")
    settings = home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(BEFORE)
    others = set(files_below(home))
    assert "This is your line" in ran(env, str(program), "install")
    command = json.loads(settings.read_text())["statusLine"]["command"]
    assert "Opus" in ran(env, "/bin/sh", "-c", command, given='{"model": {"display_name": "Opus"}}')
    checks = json.loads(ran(env, str(program), "doctor", "--json"))["checks"]
    assert [each for each in checks if each["verdict"] in {"warning", "failed"}] == []
    assert {each["verdict"] for each in checks if each["name"] in {"files", "bytecode", "line"}} == {"ok"}
    refused = subprocess.run([program, "configure"], capture_output=True, text=True, check=False, env=env)
    assert refused.returncode == 1
    assert "needs a terminal" in refused.stderr  # not a library
    until(lambda: not running(home, "__main__.py"))
    ran(env, str(program), "uninstall", "--purge")
    assert settings.read_text() == BEFORE
    assert {each for each in files_below(home) if not each.endswith(".pyc")} <= others


def test_a_moved_program_repairs_its_command_and_keeps_the_rest(wheel: Path, home: Path, scratch: Path) -> None:
    """The former environment is gone, with the interpreter in it; a new one elsewhere takes over."""
    env = clean_env(home) | pip_env(scratch)
    program = by_uv(wheel, env)
    ran(env, str(program), "install")
    settings = home / ".claude" / "settings.json"
    edited = settings.read_text().replace('"padding": 0', '"padding": 0,\n    "mine": true')
    settings.write_text(edited)
    config = home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"rows": [["model"]]}')
    until(lambda: not running(home, "__main__.py"))
    kept = {name: text for name, text in files_below(home / ".cache" / "hudline").items() if name.endswith(".json")}
    shutil.move(home / "uv", home / "former")
    command = json.loads(settings.read_text())["statusLine"]["command"]
    shutil.rmtree(home / "former")
    assert GONE in ran(env, "/bin/sh", "-c", command)

    (home / "elsewhere").mkdir()
    elsewhere = by_uv(wheel, env | {"HOME": str(home / "elsewhere")})
    assert "Updated hudline's part of the command" in ran(env, str(elsewhere), "install")
    assert json.loads(settings.read_text())["statusLine"]["mine"] is True
    command = json.loads(settings.read_text())["statusLine"]["command"]
    assert "Opus" in ran(env, "/bin/sh", "-c", command, given='{"model": {"display_name": "Opus"}}')
    assert config.read_text() == '{"rows": [["model"]]}'
    assert kept.keys() <= files_below(home / ".cache" / "hudline").keys()
