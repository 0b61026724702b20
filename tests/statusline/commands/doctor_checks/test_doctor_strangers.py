"""`statusline doctor` in a cloned repository: nothing that its settings name is run, followed or changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from statusline.commands.claude_settings.tick_command import (
    GONE,
    NEXT_STEP,
    own_package,
    paths_in_command,
    tick_command,
)
from statusline.commands.cli import main
from statusline.commands.doctor import run_checks
from statusline.commands.doctor_checks.context import Context
from tests.support.installed_home import files_below

FILES = ["settings.json", "settings.local.json"]
WAYS = [[], ["--fix"]]

MAIN, PYTHON = own_package() / "__main__.py", sys.executable
GUARD = "if [ -x {0} ] && [ -r {1} ]; then exec {0} -I -S {1} --cache {2} --config {3}; fi; echo {4}"
SAYS = f"'{GONE}: {NEXT_STEP}'"


@dataclass
class World:
    """A home with hudline as its status line, and an untrusted repository in it."""

    home: Path
    repository: Path
    mark: Path

    @property
    def settings(self) -> Path:
        return self.home / ".claude" / "settings.json"

    @property
    def ours(self) -> str:
        """The command that `install` would write."""
        return tick_command(self.home / ".cache" / "hudline", self.home / ".config" / "hudline" / "config.json")

    def form(self, words: str) -> str:
        """Fill in what a hostile command names: the mark that it leaves when it runs, its own files, and ours."""
        names = {"MARK": self.mark, "REPO": self.repository, "PYTHON": PYTHON, "MAIN": MAIN, "HOME": self.home}
        for name, path in names.items():
            words = words.replace(f"@{name}", str(path))
        return words.replace("@OURS", self.ours)

    def set(self, path: Path, command: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"statusLine": {"type": "command", "command": command, "refreshInterval": 10}}))

    def checks(self, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, str]]:
        main(["doctor", "--json", *words])
        return {each["name"]: each for each in json.loads(capsys.readouterr().out)["checks"]}


@pytest.fixture
def world(home: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    repository = home / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / ".claude").mkdir()
    made = World(home, repository, home / "MARK")
    python = repository / "py"
    python.write_text(f"#!/bin/sh\ntouch {made.mark}\necho 3.11.0\n")
    python.chmod(0o755)
    package = repository / "statusline"
    package.mkdir()
    for main_file in (repository / "__main__.py", package / "__main__.py"):
        main_file.write_text(f"open({str(made.mark)!r}, 'w')\n")
    config = {"commands": {"x": {"command": f"touch {made.mark}", "every": 1}}, "rows": [[{"segment": "command"}]]}
    (repository / "c.json").write_text(json.dumps(config))
    for folder in (repository / "cache", repository / "cache" / "dirs" / "x"):
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        for name in (".hudline", "usage.json.tmp"):
            (folder / name).write_text("")
            os.utime(folder / name, (0, 0))
    for name in list(os.environ):
        if name.startswith(("STATUSLINE_", "CLAUDE_", "XDG_", "ANTHROPIC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("STATUSLINE_OAUTH", "off")
    monkeypatch.setenv("STATUSLINE_START", "off")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(repository)
    made.set(made.settings, made.ours)
    return made


STRANGERS = {
    "a command that only quotes our words": f"touch @MARK; echo x # {GONE}",
    "our form, with an interpreter and a program of the repository": GUARD.format(
        "@REPO/py", "@REPO/__main__.py", "@REPO/cache", "@REPO/c.json", SAYS
    ),
    "our form, with an interpreter of the repository": GUARD.format(
        "@REPO/py", "@MAIN", "@REPO/cache", "@REPO/c.json", SAYS
    ),
    "our form, with a program of the repository": GUARD.format(
        "@PYTHON", "@REPO/statusline/__main__.py", "@REPO/cache", "@REPO/c.json", SAYS
    ),
    "our form, with a cache and a configuration of the repository": GUARD.format(
        "@PYTHON", "@MAIN", "@REPO/cache", "@REPO/c.json", SAYS
    ),
    "an older form, with an interpreter of the repository": (
        "if [ -x @REPO/py ]; then exec @REPO/py -S @REPO/statusline/__main__.py; fi; echo gone"
    ),
    "a substitution instead of a path": GUARD.format("$(touch @MARK)", "@MAIN", "@REPO/cache", "@REPO/c.json", SAYS),
    "a substitution behind echo": GUARD.format("@REPO/py", "@MAIN", "@REPO/cache", "@REPO/c.json", '"$(touch @MARK)"'),
    "a wrapper around our very command": "touch @MARK; @OURS; touch @MARK",
    "our very command behind a pipe": "@OURS | sh -c 'touch @MARK'",
    "an edited command of ours": "exec @REPO/py -I -S @MAIN --cache @REPO/cache --config @REPO/c.json",
}


@pytest.mark.parametrize("how", WAYS, ids=" ".join)
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("command", STRANGERS.values(), ids=STRANGERS)
def test_nothing_that_a_repositorys_settings_name_is_run_or_changed(
    world: World, capsys: pytest.CaptureFixture[str], command: str, file: str, how: list[str]
) -> None:
    world.set(world.repository / ".claude" / file, world.form(command))
    before = files_below(world.repository), modes_below(world.repository), world.settings.read_bytes()
    main(["doctor", *how])
    assert not world.mark.exists()
    assert (files_below(world.repository), modes_below(world.repository), world.settings.read_bytes()) == before
    assert "was not run" in capsys.readouterr().out


def modes_below(folder: Path) -> dict[Path, int]:
    return {each: each.lstat().st_mode for each in folder.rglob("*")}


@pytest.mark.parametrize("file", FILES)
def test_paths_in_a_repositorys_settings_are_not_followed(
    world: World, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    command = GUARD.format("@PYTHON", "@MAIN", "@REPO/cache", "@REPO/c.json", SAYS)
    world.set(world.repository / ".claude" / file, world.form(command))
    checks = world.checks(capsys)
    for name in ("cache", "leftovers", "configuration", "lock", "interpreter"):
        assert str(world.repository) not in checks[name]["said"], name
    assert checks["settings"]["verdict"] == "failed"
    assert "it overrides hudline's" in checks["settings"]["said"]


def test_a_fifo_in_place_of_the_interpreter_does_not_hang(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(world.repository / "fifo", 0o755)
    theirs = GUARD.format("@REPO/fifo", "@MAIN", "@REPO/fifo", "@REPO/fifo", SAYS)
    own = GUARD.format("@REPO/fifo", "@MAIN", "@HOME/cache", "@HOME/c.json", SAYS)
    for path, command in ((world.settings, own), (world.repository / ".claude" / "settings.json", theirs)):
        world.set(path, world.form(command))
        assert not world.checks(capsys)["interpreter"]["said"].startswith(f"{world.repository}/fifo does not run")


@pytest.mark.parametrize("file", FILES)
def test_our_own_command_in_a_projects_settings_is_drawn_by_this_installation(
    world: World, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    """As `install --scope local` writes it, and with other words behind echo."""
    for command in (world.ours, f"{world.ours.partition('; elif ')[0]}; fi; echo another notice"):
        world.set(world.repository / ".claude" / file, command)
        checks = world.checks(capsys)
        assert checks["settings"]["verdict"] == "ok"
        assert checks["line"]["said"].startswith("drawn in ")
        assert "not run" not in checks["line"]["said"]


def test_a_config_directory_in_the_repository_is_the_repositorys(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that is named through a link, or from a repository within the repository."""
    (world.home / "link").symlink_to(world.repository)
    inner = world.repository / "inner"
    (inner / ".git").mkdir(parents=True)
    for folder, cwd in (
        (world.repository / ".claude", world.repository),
        (world.home / "link" / ".claude", world.repository),
        (world.repository / ".claude", inner),
    ):
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(folder))
        monkeypatch.chdir(cwd)
        for command in list(STRANGERS.values())[1:5]:
            world.set(folder / "settings.json", world.form(command))
            before = files_below(world.repository), modes_below(world.repository / "cache")
            assert world.checks(capsys, "--fix")["settings"]["verdict"] in {"failed", "ok"}
            assert not world.mark.exists()
            assert (files_below(world.repository), modes_below(world.repository / "cache")) == before


def test_a_config_directory_outside_repositories_is_the_users(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(world.home / ".claude-work"))
    kept = world.home / "kept"
    world.set(world.home / ".claude-work" / "settings.json", tick_command(kept, world.home / "c.json"))
    assert str(kept) in world.checks(capsys)["cache"]["said"]


FOLLOWED = "our form, with a cache and a configuration of the repository"  # in a file that is not the repository's


@pytest.mark.parametrize("command", [each for name, each in STRANGERS.items() if name != FOLLOWED])
def test_an_administrators_command_is_shown_and_not_run(world: World, tmp_path: Path, command: str) -> None:
    managed = tmp_path / "managed"
    world.set(managed / "managed-settings.json", world.form(command))
    findings = {each.name: each for each in run_checks(Context(managed=managed))}
    assert not world.mark.exists()
    assert findings["line"].fix is None
    assert findings["interpreter"].fix is None
    assert "was not run" in findings["settings"].said + findings["line"].said + findings["interpreter"].said


# --- the user's settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", STRANGERS.values(), ids=STRANGERS)
def test_the_users_command_is_not_run_either(world: World, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """A repository's script may have written it."""
    world.set(world.settings, world.form(command))
    for how in WAYS:
        main(["doctor", *how])
        assert not world.mark.exists()
    capsys.readouterr()


def test_the_rest_of_a_command_is_shown_and_not_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.set(world.settings, f"touch {world.mark}; {world.ours} | cat")
    main(["doctor"])
    said = capsys.readouterr().out
    assert said.startswith("hudline's part of the line works (the rest was not run):\n")
    assert f"the rest of the command in {world.settings} was not run" in said
    assert f"the command has other parts: touch {world.mark}; if [" in said
    assert not world.mark.exists()


def test_another_installation_is_named_and_not_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    words = (PYTHON, "@REPO/statusline/__main__.py", "@HOME/cache", "@HOME/c.json", SAYS)
    world.set(world.settings, world.form(GUARD.format(*words)))
    before = world.settings.read_bytes()
    checks = world.checks(capsys, "--fix")
    assert checks["interpreter"]["verdict"] == "warning"
    assert "starts another installation" in checks["interpreter"]["said"]
    assert checks["line"]["verdict"] == "skipped"
    assert world.settings.read_bytes() == before
    main(["doctor"])
    assert capsys.readouterr().out.startswith("The line was not run: the settings start a different program")


def test_an_edited_command_is_shown_and_not_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.set(world.settings, world.ours.replace("exec", f"touch {world.mark}; exec"))
    found = world.checks(capsys)["settings"]
    assert found["verdict"] == "warning"
    assert "was edited, so it was not run" in found["said"]
    main(["doctor"])
    assert capsys.readouterr().out.startswith("The line was not run. Possible reasons for a blank status line:\n")


@pytest.mark.parametrize("file", FILES)
def test_shown_commands_cannot_imitate_the_doctors_output(
    world: World, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    hostile = "x\x1b]0;title\x07\x1b[2J\r\nok      settings  all is well\u202e\u200b\x9b1m\u2028" + "y" * 5000
    world.set(world.repository / ".claude" / file, hostile)
    main(["doctor"])
    said = capsys.readouterr().out
    assert not any(line.startswith("ok      settings") for line in said.splitlines())
    assert all(char.isprintable() or char == "\n" for char in said)
    assert max(map(len, said.splitlines())) < 700


# --- install and uninstall -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["project", "local"])
@pytest.mark.parametrize("command", STRANGERS.values(), ids=STRANGERS)
def test_install_into_a_project_runs_only_its_own_command(
    world: World, capsys: pytest.CaptureFixture[str], command: str, scope: str
) -> None:
    path = world.repository / ".claude" / ("settings.json" if scope == "project" else "settings.local.json")
    world.set(path, world.form(command) + "\x1b[2J")
    main(["install", "--scope", scope])
    main(["uninstall", "--scope", scope, "--dry-run"])
    assert not world.mark.exists()
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err


@pytest.mark.parametrize("scope", ["project", "local"])
def test_a_projects_line_is_not_chained(world: World, capsys: pytest.CaptureFixture[str], scope: str) -> None:
    """It would be run in every session: also one that the repository has put where `install` keeps the former line."""
    name = "settings.json" if scope == "project" else "settings.local.json"
    world.set(world.repository / ".claude" / name, world.ours)
    world.set(world.repository / ".claude" / f"{name}.hudline-backup", f"touch {world.mark}")
    before = files_below(world.home)
    assert main(["install", "--chain", "--scope", scope]) == 1
    assert "not with a project's" in capsys.readouterr().err
    assert files_below(world.home) == before


def test_uninstall_removes_nothing_that_only_a_projects_settings_name(world: World) -> None:
    theirs = world.home / "other" / "hudline"
    (theirs / "cache").mkdir(parents=True)
    for path in (theirs / "config.json", theirs / "cache" / ".hudline", theirs / "cache" / "usage.json"):
        path.write_text("{}")
    path = world.repository / ".claude" / "settings.json"
    world.set(path, tick_command(theirs / "cache", theirs / "config.json"))
    before = files_below(theirs)
    assert main(["uninstall", "--purge", "--scope", "project"]) == 0
    assert files_below(theirs) == before
    assert not path.exists() or paths_in_command(path.read_text()) is None


@pytest.mark.parametrize("older", ["-I -S", "-S", ""])
def test_install_rewrites_an_older_form_and_keeps_what_is_around_it(world: World, older: str) -> None:
    form = f"if [ -x /gone/python ]; then exec /gone/python {older} /gone/statusline/__main__.py; fi; echo 'gone'"
    world.set(world.settings, f"export X=1; {form.replace('  ', ' ')}; true")
    assert main(["install"]) == 0
    assert json.loads(world.settings.read_text())["statusLine"]["command"] == f"export X=1; {world.ours}; true"
    assert not world.settings.with_name("settings.json.hudline-backup").exists()


def test_the_real_program_runs_nothing_either(world: World) -> None:
    for name in list(STRANGERS)[:2]:
        world.set(world.repository / ".claude" / "settings.json", world.form(STRANGERS[name]))
        argv = [sys.executable, "-I", "-m", "statusline.commands.cli", "doctor", "--fix"]
        env = {"HOME": str(world.home), "PATH": "/usr/bin:/bin", "STATUSLINE_OAUTH": "off", "STATUSLINE_START": "off"}
        ran = subprocess.run(
            argv, capture_output=True, text=True, env=env, cwd=world.repository, timeout=60, check=False
        )
        assert ran.stderr == ""
        assert not world.mark.exists()
