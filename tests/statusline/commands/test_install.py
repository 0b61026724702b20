"""`statusline install` and `uninstall` as users run them."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from statusline.commands.claude_settings.settings import set_line
from statusline.commands.claude_settings.tick_command import GONE, NEXT_STEP, tick_command
from statusline.commands.cli import main
from tests.support.installed_home import Home, clean_env, files_below
from tests.support.kept_numbers import keep, window

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = {"type": "command", "command": "npx ccstatusline"}


@pytest.fixture
def visitor(installed: Home, tmp_path: Path) -> Home:
    """Return a home in which nothing has been set yet; the program is there."""
    home = tmp_path / "home"
    (home / ".claude").mkdir(parents=True)
    return Home(home, clean_env(home, STATUSLINE_START="off"), installed.venv, warm=True)


def everything_below(folder: Path) -> Iterator[str]:
    return (str(each.relative_to(folder)) for each in folder.rglob("*"))


def test_install_prints_the_line_then_what_changed_and_how_to_undo_it(visitor: Home) -> None:
    ran = visitor.run("install")
    assert (ran.returncode, ran.stderr) == (0, "")
    first, *rest = ran.stdout.splitlines()
    assert str(visitor.settings) in first
    assert f"Cache: {visitor.cache}" in rest
    assert rest[-7:-4] == ["", "This is your line, with example numbers:", ""]
    assert rest[-4].startswith("Opus 5.5 ")
    assert rest[-3:] == ["", "To undo: statusline uninstall", "Next: statusline preview"]


def test_install_shows_the_limits_of_the_user_where_they_are_known(visitor: Home) -> None:
    keep(visitor.cache, window("five_hour", 7))
    said = visitor.run("install").stdout
    assert "This is your line, with your limits:" in said
    assert "7% ↻" in said
    assert "│ 5h " in said


def test_the_setting_is_what_the_contract_asks_for(person: Home) -> None:
    assert json.loads(person.settings.read_text()) == {
        "statusLine": {"type": "command", "command": person.command, "padding": 0, "refreshInterval": 10}
    }
    paths = f"--cache {person.home}/.cache/hudline --config {person.home}/.config/hudline/config.json"
    start = f"exec {person.python} -I -S {person.main} {paths}"
    changed = f"hudline: run sh {person.venv}/install.sh (its Python has changed)"
    notices = f"elif [ -r {person.main} ]; then echo '{changed}'; else echo '{GONE}: {NEXT_STEP}'; fi"
    assert person.command == f"if [ -x {person.python} ] && [ -r {person.main} ]; then {start}; {notices}"


def test_the_configured_command_draws_the_line_whatever_is_in_the_working_directory(
    person: Home, tmp_path: Path
) -> None:
    for name in ("cache", "statusline", "json", "sys"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('decoy')")
    ran = person.tick('{"model": {"display_name": "Opus 5.5"}}', cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Opus 5.5" in ran.stdout
    assert ran.stdout.count("\n") == 1


def test_the_cache_directory_is_private_to_the_user(person: Home) -> None:
    assert stat.S_IMODE(person.cache.stat().st_mode) == 0o700
    assert (person.cache / ".hudline").is_file()


def test_a_second_install_changes_nothing(person: Home) -> None:
    before = person.settings.read_bytes()
    ran = person.run("install")
    assert "already" in ran.stdout
    assert person.settings.read_bytes() == before
    assert sorted(os.listdir(person.settings.parent)) == ["settings.json", "settings.json.hudline-backup"]


def test_a_previous_line_is_shown_kept_and_restored(visitor: Home) -> None:
    before = json.dumps({"statusLine": OTHER, "z": 1}, indent=4)
    visitor.settings.write_text(before)
    ran = visitor.run("install")
    assert f"kept in {visitor.settings}.hudline-backup" in ran.stdout
    assert "npx ccstatusline" in ran.stdout
    ran = visitor.run("uninstall")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"The previous statusLine was restored in {visitor.settings}: npx ccstatusline\n"
    assert visitor.settings.read_text() == before


@pytest.mark.parametrize("chained", [[], ["--chain"]])
def test_the_vim_mode_stays_hidden(visitor: Home, chained: list[str]) -> None:
    before = json.dumps({"statusLine": {**OTHER, "hideVimModeIndicator": True}})
    visitor.settings.write_text(before)
    assert visitor.run("install", *chained).returncode == 0
    assert json.loads(visitor.settings.read_text())["statusLine"]["hideVimModeIndicator"] is True
    visitor.run("uninstall")
    assert visitor.settings.read_text() == before


@pytest.mark.parametrize("old", ["5", '{"type": null}', '["é"]'])
def test_an_old_line_without_a_command_is_shown_as_it_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], old: str
) -> None:
    settings = home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(f'{{"statusLine": {old}}}')
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    assert main(["install", "--dry-run"]) == 0
    assert f"\n  {old}\n" in capsys.readouterr().out
    set_line(settings, tick_command(home, home))
    assert main(["uninstall"]) == 0
    assert capsys.readouterr().out.endswith(f": {old}\n")


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_without_a_home_nothing_is_changed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv("HOME", "")
    assert main([name, "--dry-run"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"statusline {name}: HOME is not an absolute path. Set it")


def test_text_around_the_command_is_kept_in_a_copy_on_uninstall(person: Home) -> None:
    edited = person.settings.read_text().replace("if [ -x", "export STATUSLINE_OAUTH=off; if [ -x")
    person.settings.write_text(edited)
    assert "already" in person.run("install").stdout
    ran = person.run("uninstall")
    kept = person.settings.with_name("settings.json.hudline-edited")
    assert ran.stdout.splitlines()[1] == f"You had edited the command: a copy of the file was kept in {kept}."
    assert kept.read_text() == edited


def test_a_secret_in_the_old_line_is_not_shown(visitor: Home) -> None:
    secret = "sk-ant-oat01-CANARYcanaryCANARYcanary"
    visitor.settings.write_text(json.dumps({"statusLine": {"command": f"TOKEN={secret} mine"}}))
    said = [visitor.run(*words) for words in (["install", "--dry-run"], ["install"], ["uninstall"])]
    assert all(secret not in each.stdout + each.stderr for each in said)
    assert secret in visitor.settings.read_text()


def test_another_install_updates_a_moved_interpreter(person: Home) -> None:
    before = person.settings.read_text()
    moved = before.replace(str(person.python), "/gone/python").replace('"padding": 0', '"padding": 1')
    person.settings.write_text(moved)
    assert "its Python has changed" in person.tick("{}").stdout
    planned = person.run("install", "--dry-run").stdout.splitlines()
    assert planned[0].startswith("Would update hudline's part of the command")
    assert len(planned) == 2, "the cache directory is there"
    ran = person.run("install")
    assert "Updated hudline's part of the command" in ran.stdout
    assert person.settings.read_text() == before.replace('"padding": 0', '"padding": 1')


HIDDEN = {
    "a value": ('{"model": 5}', "model must be a string"),
    "a value of the previous line": (
        '{"statusLine": {"command": "mine", "hideVimModeIndicator": "yes"}}',
        "statusLine.hideVimModeIndicator must be true or false",
    ),
    "hooks turned off": ('{"disableAllHooks": true}', "disableAllHooks"),
    "hooks turned off by a text": ('{"disableAllHooks": "true"}', "disableAllHooks must be true or false"),
}


@pytest.mark.parametrize(("before", "why"), HIDDEN.values(), ids=HIDDEN)
def test_settings_that_hide_the_line_are_named_as_by_the_doctor(visitor: Home, before: str, why: str) -> None:
    """Before, after and again; no success is announced that is none."""
    visitor.settings.write_text(before)
    said = [visitor.run("install", *words).stdout for words in (["--dry-run"], [], [], ["--dry-run"])]
    assert all(why in each for each in said)
    assert "next message" not in said[1]
    doctor = json.loads(visitor.run("doctor", "--json").stdout)["checks"]
    found = next(each for each in doctor if each["verdict"] == "failed")
    if "must be" in why:
        assert all(f"But {found['said']}. {found['next_step']}\n" in f"{each}\n" for each in said)


def test_settings_with_a_number_that_python_refuses_are_no_obstacle(visitor: Home) -> None:
    visitor.settings.write_text(f'{{"cleanupPeriodDays": {"9" * 5000}}}')
    ran = visitor.run("install")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("words", [["install", "--dry-run"], ["uninstall", "--dry-run"], ["uninstall"]])
def test_a_dry_run_and_a_needless_uninstall_change_nothing(visitor: Home, words: list[str]) -> None:
    visitor.settings.write_text(json.dumps({"statusLine": OTHER}))
    ran = visitor.run(*words)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert str(visitor.settings) in ran.stdout
    assert visitor.settings.read_text() == json.dumps({"statusLine": OTHER})
    assert sorted(everything_below(visitor.home)) == [".claude", ".claude/settings.json"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (None, "has no statusLine"),
        ("{}", "has no statusLine"),
        ('{"statusLine": {"command": "mine"}}', "is not hudline's"),
    ],
)
def test_an_uninstall_with_nothing_to_restore_explains_why(visitor: Home, settings: str | None, said: str) -> None:
    if settings is not None:
        visitor.settings.write_text(settings)
    ran = visitor.run("uninstall")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Nothing to restore: ")
    assert f"{said}.\n" in ran.stdout
    assert files_below(visitor.home).get(".claude/settings.json") == (settings.encode() if settings else None)


def test_an_uninstall_without_a_backup_says_that_no_earlier_line_can_be_restored(visitor: Home) -> None:
    """Without the backup, nobody knows whether hudline created the file."""
    visitor.settings.write_text("{}")
    visitor.run("install")
    backup = visitor.settings.with_name("settings.json.hudline-backup")
    backup.unlink()
    for words, has_been in ((["--dry-run"], "would be"), ([], "was")):
        ran = visitor.run("uninstall", *words)
        assert (ran.returncode, ran.stderr) == (0, "")
        what = f"statusLine {has_been} removed from {visitor.settings}"
        assert ran.stdout == f"{what}: without {backup}, no earlier one can be restored.\n"
    assert files_below(visitor.settings.parent) == {"settings.json": b"{}\n"}


def test_a_backup_that_is_no_longer_needed_is_named(visitor: Home) -> None:
    backup = visitor.settings.with_name("settings.json.hudline-backup")
    for before, said in ((None, f"{backup} only says that there was no such file"), ("{}", f"hudline are in {backup}")):
        visitor.settings.unlink(missing_ok=True)
        if before is not None:
            visitor.settings.write_text(before)
        visitor.run("install")
        visitor.settings.write_text('{"statusLine": {"command": "mine"}}')
        assert said in visitor.run("uninstall").stdout
        assert backup.exists()


def test_a_damaged_backup_is_named_with_the_way_on(visitor: Home) -> None:
    visitor.run("install")
    backup = visitor.settings.with_name("settings.json.hudline-backup")
    backup.write_text("junk\n")
    for words in (["uninstall"], ["uninstall", "--dry-run"], ["install", "--chain"]):
        ran = visitor.run(*words)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert ran.stderr.startswith(f"statusline {words[0]}: {backup} is not a JSON object (line 1, column 1")
        assert "It is hudline's backup of the earlier settings, which Claude Code does not read." in ran.stderr
    visitor.settings.write_text("{}")
    assert f"{backup}, the backup of the settings from before hudline, is damaged" in visitor.run("uninstall").stdout


def test_a_broken_shared_file_does_not_stop_the_uninstall_of_a_project(visitor: Home, tmp_path: Path) -> None:
    (tmp_path / "project" / ".claude").mkdir(parents=True)
    (tmp_path / "project" / ".claude" / "settings.json").write_text("{")
    visitor.run("install", "--scope", "project", cwd=tmp_path / "project")
    ran = visitor.run("uninstall", "--scope", "project", cwd=tmp_path / "project")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "settings.local.json was removed" in ran.stdout


def test_a_dry_run_shows_the_command_that_install_would_write(visitor: Home) -> None:
    planned = visitor.run("install", "--dry-run").stdout
    visitor.run("install")
    assert f"  {visitor.command}\n" in planned


def test_a_dry_uninstall_shows_what_would_be_restored(person: Home) -> None:
    before = person.settings.read_bytes()
    ran = person.run("uninstall", "--dry-run")
    assert f"{person.settings} would be removed" in ran.stdout
    assert person.settings.read_bytes() == before


def test_a_broken_settings_file_is_refused_and_nothing_is_made(visitor: Home) -> None:
    visitor.settings.write_text("{,}")
    for name in ("install", "uninstall"):
        ran = visitor.run(name)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert ran.stderr.startswith(f"statusline {name}: {visitor.settings} is not a JSON object (line 1, column 2")
        assert "Fix it" in ran.stderr
    assert visitor.settings.read_text() == "{,}"
    assert os.listdir(visitor.settings.parent) == ["settings.json"]


def test_a_cache_path_that_is_not_text_is_refused(visitor: Home) -> None:
    ran = visitor.run("install", STATUSLINE_CACHE_DIR=os.fsdecode(os.fsencode(visitor.home) + b"/caf\xe9"))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "is not UTF-8" in ran.stderr
    assert "then try again" in ran.stderr
    assert not visitor.settings.exists()


def test_a_cache_that_cannot_be_made_is_refused_with_the_next_step(visitor: Home) -> None:
    (visitor.home / "file").write_text("")
    ran = visitor.run("install", STATUSLINE_CACHE_DIR=str(visitor.home / "file" / "cache"))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "STATUSLINE_CACHE_DIR" in ran.stderr
    assert not visitor.settings.exists()


def test_the_paths_of_the_environment_are_baked_in(visitor: Home) -> None:
    chosen = visitor.home / "my cache"
    visitor.run("install", STATUSLINE_CACHE_DIR=str(chosen), STATUSLINE_CONFIG=str(visitor.home / "c.json"))
    assert f"--cache '{chosen}' --config {visitor.home}/c.json;" in visitor.command


def test_several_config_directories_each_get_their_own_line_back(visitor: Home) -> None:
    work = visitor.home / "work"
    work.mkdir()
    (work / "settings.json").write_text(json.dumps({"statusLine": OTHER}))
    visitor.settings.write_text("{}")
    visitor.run("install")
    visitor.run("install", CLAUDE_CONFIG_DIR=str(work))
    assert GONE in (work / "settings.json").read_text()
    visitor.run("uninstall", CLAUDE_CONFIG_DIR=str(work))
    assert (work / "settings.json").read_text() == json.dumps({"statusLine": OTHER})
    assert GONE in visitor.settings.read_text()
    visitor.run("uninstall")
    assert visitor.settings.read_text() == "{}"


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["--scope", "project"], "settings.local.json"),
        (["--scope", "local"], "settings.local.json"),
        (["--scope", "project", "--shared"], "settings.json"),
    ],
)
def test_a_scope_is_the_projects_file(visitor: Home, tmp_path: Path, options: list[str], name: str) -> None:
    """A line with paths of this machine goes into the shared settings only where that was asked for."""
    project = tmp_path / "project"
    project.mkdir()
    ran = visitor.run("install", *options, cwd=project)
    assert f"\nTo undo: statusline uninstall {' '.join(options)}\n" in ran.stdout
    assert sorted(each.name for each in (project / ".claude").iterdir()) == [name, f"{name}.hudline-backup"]
    assert GONE in (project / ".claude" / name).read_text()
    assert not visitor.settings.exists()
    if "--shared" in options:
        said = visitor.run("uninstall", "--scope", "project", cwd=project).stdout
        assert "is hudline's, too. To remove it for everyone: add --shared." in said
    visitor.run("uninstall", *options, cwd=project)
    assert list(project.iterdir()) == []


def test_only_a_projects_settings_can_be_shared(visitor: Home) -> None:
    for command in ("install", "uninstall"):
        ran = visitor.run(command, "--shared")
        assert (ran.returncode, ran.stdout) == (1, "")
        assert "--shared needs --scope project" in ran.stderr


def test_uninstalling_one_of_two_installations_leaves_the_line_of_the_other(visitor: Home, tmp_path: Path) -> None:
    other = tmp_path / "other" / "statusline" / "__main__.py"
    other.parent.mkdir(parents=True)
    other.write_text("")
    visitor.run("install")
    ours = visitor.settings.read_text()
    visitor.settings.write_text(ours.replace(str(visitor.main), str(other)))
    before = visitor.settings.read_text()
    for options in ([], ["--purge"]):
        ran = visitor.run("uninstall", *options)
        assert f"starts another installation of hudline, {other.parent}: it was left unchanged." in ran.stdout
        assert visitor.settings.read_text() == before
    other.unlink()
    assert "removed" in visitor.run("uninstall").stdout, "a program that is gone cannot remove its own line"
    assert not visitor.settings.exists()


def test_a_program_that_draws_no_line_is_not_put_into_the_settings(visitor: Home, tmp_path: Path) -> None:
    """An installation that was damaged: half its files are gone."""
    broken = tmp_path / "venv"
    shutil.copytree(visitor.venv, broken, symlinks=True)
    (package,) = broken.glob("lib/python3*/site-packages/statusline")
    (package / "__main__.py").write_text("raise SystemExit(3)")
    ran = visitor.started(
        [str(broken / "bin" / "python"), "-I", "-m", "statusline.commands.cli", "install"], "", None, {}
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "the command printed no line (exit code 3" in ran.stderr
    assert not visitor.settings.exists()


CONDITIONAL = '{"rows": [[{"segment": "five_hour", "when": "warn"}, {"segment": "seven_day", "when": "warn"}]]}'


@pytest.mark.parametrize("rows", ['{"rows": [["pr"]]}', CONDITIONAL])
def test_a_configuration_that_can_leave_only_the_name_is_valid_and_named(visitor: Home, rows: str) -> None:
    """Claude Code shows `hudline` then, which is a line. Before, after and again, all say the same of it."""
    config = visitor.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(rows)
    check = visitor.run("config", "check")
    assert check.returncode == 0
    assert check.stdout.startswith(f"{config}:1: rows: warning: no segment in them always shows something")
    for words in (["--dry-run"], [], [], ["--dry-run"]):
        ran = visitor.run("install", *words)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert check.stdout in ran.stdout
    assert visitor.tick("{}").stdout == "hudline\n"
    config.write_text('{"rows": [["pr", "model"]]}')
    assert "warning" not in visitor.run("install").stdout


def test_an_empty_example_line_is_the_name(visitor: Home) -> None:
    config = visitor.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text('{"rows": [["vim"]]}')
    assert "This is your line, with example numbers:\n\nhudline\n\nTo undo" in visitor.run("install").stdout


def test_the_bytecode_is_there_after_install(visitor: Home, tmp_path: Path) -> None:
    """A tick has no time to compile, and may not be allowed to write beside the program."""
    bare = tmp_path / "venv"
    shutil.copytree(visitor.venv, bare, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    ran = visitor.started(
        [str(bare / "bin" / "python"), "-I", "-m", "statusline.commands.cli", "install"], "", None, {}
    )
    assert ran.returncode == 0, ran.stderr
    (site,) = bare.glob("lib/python3*/site-packages")
    for package in ("statusline", "cache"):
        sources = {each.stem for each in (site / package).glob("*.py")}
        assert sources == {each.name.partition(".")[0] for each in (site / package / "__pycache__").iterdir()}
