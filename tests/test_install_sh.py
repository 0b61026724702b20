"""install.sh from a checkout: what it creates, what it leaves unchanged, and how it is uninstalled."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from statusline.commands.claude_settings.settings import set_line
from statusline.commands.claude_settings.tick_command import GONE, command_in, tick_command
from tests.support.installed_home import (
    PYTHON,
    Home,
    clean_env,
    copy_checkout,
    files_below,
    install_sh,
    pip_env,
    without_cache,
)

# --- what it creates -------------------------------------------------------------------------------------------------


def test_it_ends_with_the_line_the_changes_and_how_to_undo_them(installed: Home, scratch: Path, checkout: Path) -> None:
    output = (scratch / "installed" / "said").read_text()
    assert f"\nProgram: {installed.venv}\nCommand: {installed.home}/.local/bin/statusline\n" in output
    assert f"statusLine in {installed.settings}" in output
    assert "\nThis is your line, with example numbers:\n\nOpus 5.5" in output
    undo = f"To undo: sh {installed.venv}/install.sh --uninstall"
    program = f"{installed.home}/.local/bin/statusline"
    assert output.endswith(f"\n\n{undo}\nNext: {program} preview\n")
    not_on_path = f"{installed.home}/.local/bin is not on your PATH"
    assert 0 < output.find(not_on_path) < output.find(f"{program} preview"), "said before a command needs it"


def test_the_command_is_linked_and_runs(installed: Home) -> None:
    link = installed.home / ".local" / "bin" / "statusline"
    assert os.readlink(link) == str(installed.program)
    assert installed.started([str(link), "--version"], "", None, {}).stdout.startswith("hudline ")


def test_the_setting_names_the_interpreter_of_the_environment(installed: Home) -> None:
    assert f"exec {installed.python} -I -S {installed.main} " in installed.command
    assert installed.python.is_symlink()
    assert installed.python.resolve() == Path(PYTHON).resolve()


def test_no_script_in_the_environment_names_the_folder_it_was_created_in(installed: Home) -> None:
    scripts = [each for each in (installed.venv / "bin").iterdir() if not each.is_symlink()]
    assert scripts
    assert not [
        each
        for each in (*scripts, installed.venv / "pyvenv.cfg")
        if os.readlink(installed.venv).encode() in each.read_bytes()
    ]


def test_the_bytecode_is_compiled_and_the_merged_tick_is_there(installed: Home) -> None:
    package = installed.main.parent
    assert list((package / "__pycache__").glob("hot.*.pyc"))


def test_configure_has_its_library(installed: Home, home: Path) -> None:
    assert "this command is interactive and needs a terminal" in installed.run("configure", HOME=str(home)).stderr


def test_the_checkout_is_unchanged(checkout: Path) -> None:
    left = [each for each in files_below(checkout) if "build/" in each.removeprefix(".build") or "egg-info" in each]
    assert left == []


def test_a_second_run_changes_nothing(installed: Home, scratch: Path, checkout: Path) -> None:
    before = files_below(installed.home)
    ran = install_sh(checkout, installed.env, "--python", sys.executable)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "already" in ran.stdout
    assert "Creating" not in ran.stdout
    after = files_below(installed.home)
    assert without_cache(after) == without_cache(before)


def test_a_dry_run_changes_nothing_and_prints_what_it_would_do(home: Path, checkout: Path) -> None:
    ran = install_sh(checkout, clean_env(home), "--dry-run", "--python", sys.executable)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"Would create the environment {home}/.local/share/hudline/venv" in ran.stdout
    assert f"Would link {home}/.local/bin/statusline" in ran.stdout
    assert f"Would set statusLine in {home}/.claude/settings.json" in ran.stdout
    assert f"Would create the cache directory {home}/.cache/hudline.\n" in ran.stdout
    assert list(home.iterdir()) == []


def test_a_dry_run_prints_the_command_that_the_installed_program_would_write(home: Path, checkout: Path) -> None:
    """Without libraries: Python's own, not that of the tests."""
    ran = install_sh(checkout, clean_env(home), "--dry-run", "--python", PYTHON)
    assert (ran.returncode, ran.stderr) == (0, "")
    venv = home / ".local" / "share" / "hudline" / "venv"
    main = venv / "packages" / "statusline" / "__main__.py"
    paths = f"--cache {home}/.cache/hudline --config {home}/.config/hudline/config.json"
    start = f"if [ -x {venv}/bin/python ] && [ -r {main} ]; then exec {venv}/bin/python -I -S {main} {paths}; "
    changed = "hudline: run sh ~/.local/share/hudline/venv/install.sh (its Python has changed)"
    assert f"\n  {start}elif [ -r {main} ]; then echo '{changed}'; else echo '{GONE}" in ran.stdout


def test_a_dry_run_with_a_previous_line_prints_all_that_would_change(home: Path, checkout: Path) -> None:
    settings = home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"statusLine": {"type": "command", "command": "theirs"}, "model": 5}')
    before = files_below(home)
    ran = install_sh(checkout, clean_env(home), "--chain", "--dry-run", "--python", PYTHON)
    assert (ran.returncode, ran.stderr) == (0, "")
    for said in (
        f"The previous status line would be kept in {settings}.hudline-backup for `uninstall`:\n  theirs\n",
        f"Claude Code skips all of {settings}: model must be a string",
        f"Would create the cache directory {home}/.cache/hudline.\n",
        f"would be kept as the last row (its first line, run in the background): {home}/.config/hudline/config.json.\n",
    ):
        assert said in ran.stdout
    assert files_below(home) == before


def test_a_dry_run_in_a_home_that_was_moved_says_that_the_command_would_be_updated(home: Path, checkout: Path) -> None:
    settings = home / ".claude" / "settings.json"
    set_line(settings, command_in(Path("/former/venv"), Path("/former/cache"), Path("/former/config.json")))
    ran = install_sh(checkout, clean_env(home), "--dry-run", "--python", PYTHON)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (
        f"\nWould update hudline's part of the command in {settings}, and nothing else of statusLine:\n" in ran.stdout
    )
    (planned,) = (line.strip() for line in ran.stdout.splitlines() if line.startswith("  if ["))
    set_line(settings, planned)
    ran = install_sh(checkout, clean_env(home), "--dry-run", "--python", PYTHON)
    assert f"\nNothing would change: {settings} already has this line.\nWould create the cache directory" in ran.stdout


def test_a_dry_run_that_the_settings_would_stop_fails(home: Path, checkout: Path) -> None:
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text("{")
    ran = install_sh(checkout, clean_env(home), "--dry-run", "--python", PYTHON)
    assert ran.returncode == 1
    assert "is not a JSON object" in ran.stderr
    assert "so nothing would be installed. To install without them, add --no-settings." in ran.stderr


def test_a_dry_run_over_an_installation_finds_it_up_to_date(installed: Home, checkout: Path) -> None:
    ran = install_sh(checkout, installed.env, "--dry-run", "--python", sys.executable)
    assert "it is up to date" in ran.stdout
    assert "Nothing would change" in ran.stdout


def test_another_choice_of_the_lock_makes_another_environment(installed: Home, checkout: Path) -> None:
    ran = install_sh(checkout, installed.env, "--dry-run", "--python", sys.executable, "--no-lock")
    assert f"Would create the environment {installed.venv}" in ran.stdout


def test_an_uninstall_with_a_damaged_backup_names_the_way_on(home: Path, checkout: Path) -> None:
    settings = home / ".claude" / "settings.json"
    set_line(settings, tick_command(home, home, "/gone/python", Path("/gone/statusline")))
    backup = settings.with_name("settings.json.hudline-backup")
    backup.write_text("junk")
    uninstall = ["--uninstall", "--python", sys.executable]
    ran = install_sh(checkout, clean_env(home), *uninstall)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"{backup} is not a JSON object" in ran.stderr
    assert "move it away and try again: `uninstall` then only removes statusLine." in ran.stderr
    assert ran.stderr.endswith("install.sh: uninstall failed (see above); the program was not removed.\n")
    backup.unlink()
    ran = install_sh(checkout, clean_env(home), *uninstall)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert settings.read_text() == "{}\n"


# --- a whole life: install, change, upgrade, uninstall ---------------------------------------------------------------

BEFORE = b'{"z":1,\r\n "statusLine": {"command": "npx ccstatusline"}}\r\n'
OPUS = '{"model": {"display_name": "Opus 5.5"}}'


@pytest.mark.thorough
def test_install_upgrade_and_uninstall_in_an_odd_home_and_a_locale_that_is_not_utf8(
    tmp_path: Path, scratch: Path
) -> None:
    """One long story, because each installation takes seconds."""
    home = tmp_path / "it's José's home"
    data = home / "my data"
    locale = latin_locale(tmp_path)
    env = clean_env(home, XDG_DATA_HOME=str(data)) | locale | pip_env(scratch)
    person = Home(home, clean_env(home) | locale, data / "hudline" / "venv")
    person.settings.parent.mkdir(parents=True)
    person.settings.write_bytes(BEFORE)
    source = copy_checkout(tmp_path / "a checkout")
    program_first_settings_later(source, env, person)
    # A command in the user's own form, which starts the program whose place a new one takes: nothing to refuse.
    person.settings.write_bytes(person.settings.read_bytes().replace(b"exec ", b"STATUSLINE_START=off exec "))
    command = person.command
    assert f"'{home}/.cache/hudline'".replace("it's José's", "it'\"'\"'s José'\"'\"'s") in command
    for other in ("en_US.ISO-8859-1", "C", "POSIX", "C.UTF-8", "xx_YY.GB2312"):
        assert person.tick(OPUS, LC_ALL=other, NO_COLOR="1").stdout.startswith("Opus"), other
        assert person.run("config", "path", LC_ALL=other).returncode == 0, other
    upgraded_while_lines_are_drawn(source, env, person)
    assert person.command == command
    assert sorted(os.listdir(data / "hudline")) == ["venv", os.readlink(person.venv)]
    damaged(source, env, person)
    ran = install_sh(person.venv, clean_env(home), "--uninstall", "--dry-run")
    assert f"Would remove {person.venv}\n" in ran.stdout, "the installed script knows where it is"
    uninstalled(source, env, person)
    left = [each for each in files_below(home) if not each.startswith(".cache/")]
    edited = ".claude/settings.json.hudline-edited"
    assert left == [".claude/settings.json", edited, ".config/hudline/config.json"]
    assert not (data / "hudline").exists()
    output = person.started(["/bin/sh", "-c", command], "{}", None, {})
    assert output.stdout.startswith(GONE)


def latin_locale(folder: Path) -> dict[str, str]:
    """Return the variables for a locale in ISO-8859-1, which is made in a folder; nothing where it cannot be made."""
    words = ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(folder / "en_US.ISO-8859-1")]
    if shutil.which("localedef") is None or subprocess.run(words, capture_output=True, check=False).returncode > 1:
        return {}
    return {"LC_ALL": "en_US.ISO-8859-1", "LOCPATH": str(folder)}


def program_first_settings_later(source: Path, env: dict[str, str], person: Home) -> None:
    link = person.home / ".local" / "bin" / "statusline"
    link.parent.mkdir(parents=True)
    link.write_text("another program")
    ran = install_sh(source, env, "--no-settings", "--python", sys.executable)
    assert ran.returncode == 0, ran.stderr
    assert person.settings.read_bytes() == BEFORE
    told = ran.stdout.partition("To use hudline there: ")[2].partition("\n")[0]
    assert shlex.split(told) == [str(person.program), "install"]
    assert f"{link} already exists and is not hudline's; it was left unchanged." in ran.stdout
    assert link.read_text() == "another program"

    link.unlink()
    ran = install_sh(source, env, "--python", sys.executable)
    assert ran.returncode == 0, ran.stderr
    assert "Creating" not in ran.stdout
    assert "npx ccstatusline" in ran.stdout
    assert os.readlink(link) == str(person.program)
    assert "Opus 5.5" in person.tick(OPUS).stdout


def upgraded_while_lines_are_drawn(source: Path, env: dict[str, str], person: Home) -> None:
    """Check that each line finds a whole program, the old one or the new one, and that the person's files stay."""
    config = person.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"rows": [["model"]]}')
    (person.cache / "mine").write_text("kept")
    command, former = person.command, os.readlink(person.venv)
    done = threading.Event()
    rows: list[str] = []

    def draw() -> None:
        while not done.is_set():
            ran = person.started(["/bin/sh", "-c", command], OPUS, None, {"NO_COLOR": "1"})
            rows.append(f"{ran.returncode} {ran.stdout}{ran.stderr}")
            if not list(person.venv.parent.glob("venv.*/install.sh"))[1:]:  # the new one is not yet complete
                time.sleep(0.1)

    drawing = threading.Thread(target=draw)
    drawing.start()
    try:
        (source / "statusline" / "__init__.py").write_text('"""Newer."""\n\n__version__ = "9.9.9"\n')
        ran = install_sh(source, env, "--python", sys.executable, "--no-lock")
        assert ran.returncode == 0, ran.stderr
    finally:
        done.set()
        drawing.join()
    assert len(rows) > 20
    assert set(rows) == {"0 Opus 5.5\n"}
    assert person.run("--version").stdout == "hudline 9.9.9\n"
    assert os.readlink(person.venv) != former
    assert config.read_text() == '{"rows": [["model"]]}'
    assert (person.cache / "mine").read_text() == "kept"


def damaged(source: Path, env: dict[str, str], person: Home) -> None:
    """Check that a damaged environment would be replaced, and a repaired one kept."""
    kept = person.program.read_bytes()
    person.program.write_text("#!/bin/sh\nexit 1\n")
    ran = install_sh(source, env, "--dry-run", "--no-settings", "--no-lock", "--python", sys.executable)
    assert f"Would create the environment {person.venv}" in ran.stdout
    person.program.write_bytes(kept)
    ran = install_sh(source, env, "--dry-run", "--no-settings", "--no-lock", "--python", sys.executable)
    assert f"Would keep the environment {person.venv}" in ran.stdout


def uninstalled(source: Path, env: dict[str, str], person: Home) -> None:
    ran = install_sh(source, env, "--uninstall", "--dry-run")
    assert "Would remove" in ran.stdout
    assert person.run("--version").returncode == 0
    ran = install_sh(source, env, "--uninstall")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert person.settings.read_bytes() == BEFORE
    assert f"Your cache and configuration were kept (--purge removes them too):\n{person.cache}\n" in ran.stdout
    ran = install_sh(source, env, "--uninstall", "--python", sys.executable)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("hudline is not installed here: ")
