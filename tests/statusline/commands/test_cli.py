"""The door: commands, help, version and mistakes, in the installed program."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

import statusline
from statusline.commands.cli import COMMANDS, main, report_os_error, run
from statusline.commands.support.bare_line import NOTHING_YET
from tests.support.kept_numbers import keep, window
from tests.support.kept_numbers import statusline as command
from tests.support.paths import ROOT
from tests.support.tick_world import payload
from tests.support.warm_command import run_command

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.installed_home import Home

LOADED = """
import sys
from statusline.commands.cli import main
try:
    main(["uninstall", "--help"])
finally:
    print("LOADED", *(name for name in sys.modules if name.startswith("statusline.commands.")))
"""

AT_ONCE = """
import sys
from statusline.commands.cli import main
main(["--version"])
main(["usage", "--version"])
try:
    main(["usgae"])
finally:
    ours = {f"statusline.commands.{name}" for name in ("cli", "support", "support.output")}
    libraries = ("httpx", "filelock", "msgspec", "shtab", "platformdirs")
    print("LOADED", *(
        name for name in sys.modules
        if name in libraries or (name.startswith("statusline.commands.") and name not in ours)
    ))
"""
CLOSED = """
import sys
from statusline.commands.cli import main
codes = [main(words.split()) for words in sys.argv[1:]]
print(*codes, file=sys.stderr)
"""


def test_the_version_is_printed(installed: Home) -> None:
    ran = installed.run("--version")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"hudline {statusline.__version__}\n", "")


def test_help_names_every_command_by_the_first_line_of_its_file(installed: Home) -> None:
    ran = installed.run("--help", COLUMNS="300")
    assert (ran.returncode, ran.stderr) == (0, "")
    said = " ".join(ran.stdout.split())
    for name, module in COMMANDS.items():
        first_line = (import_module(module).__doc__ or "").partition("\n")[0]
        assert f" {name} {first_line} " in said
    assert "examples:" in ran.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(installed: Home, name: str) -> None:
    ran = installed.run(name, "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"usage: statusline {name} ")


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["--no-such-option"],
        ["install", "--no-such"],
        ["install", "--scope", "x"],
        ["install", "y"],
        ["-"],
    ],
)
def test_a_mistake_in_the_words_ends_with_2_and_the_usage(person: Home, words: list[str]) -> None:
    before = person.settings.read_bytes()
    ran = person.run(*words)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith("usage: statusline")
    assert person.settings.read_bytes() == before


def test_the_version_and_a_mistake_need_nothing_but_the_door(tmp_path: Path) -> None:
    """A usage error takes no time, and --version works with broken libraries."""
    ran = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=False, timeout=60)
    assert ran.stdout.splitlines() == [*[f"hudline {statusline.__version__}"] * 2, "LOADED"]
    assert "invalid choice: 'usgae'" in ran.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_the_version(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(name, ["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"hudline {statusline.__version__}\n")


def test_a_command_loads_no_other_commands_file() -> None:
    argv = [sys.executable, "-c", LOADED]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    load_command = ran.stdout.rpartition("LOADED ")[2].split()
    assert "statusline.commands.uninstall" in load_command
    assert "statusline.commands.install" not in load_command


@pytest.mark.parametrize("words", ["install --dry-run", "uninstall", "preview --preset minimal", "doctor --brief"])
def test_commands_work_in_a_removed_folder(person: Home, words: str) -> None:
    """As in a terminal whose worktree was removed."""
    script = f"mkdir gone && cd gone && rmdir ../gone && exec '{person.program}' {words}"
    ran = person.started(["/bin/sh", "-c", script], "", None, {"TERM": "xterm"})
    assert ran.returncode == 0
    assert "Traceback" not in ran.stderr
    assert ("the current folder no longer exists" in ran.stderr) == words.startswith("doctor")


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_a_removed_project_is_refused_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main([name, "--scope", "local"]) == 1
    assert "the current folder no longer exists. Go to the project, then try again." in capsys.readouterr().err


@pytest.mark.parametrize("words", [["config", "path"], ["prompt"]])
def test_nothing_of_a_pythonpath_is_run_in_place_of_ours(person: Home, tmp_path: Path, words: list[str]) -> None:
    for name in ("cache", "statusline", "platformdirs", "argparse"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('decoy')")
    ran = person.run(*words, PYTHONPATH=str(tmp_path))
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_command_that_pip_has_made_finds_its_own_package_before_a_pythonpath(door: Path, tmp_path: Path) -> None:
    """Its first line has no -I, so the user's folders are searched, after all others."""
    (tmp_path / "cache.py").write_text("raise SystemExit('decoy')")
    (tmp_path / "extra.py").write_text("")
    script = tmp_path / "bin" / "statusline"
    script.parent.mkdir()
    script.write_text(
        f"import sys; sys.path.insert(0, {str(door.parents[1])!r}); from statusline.commands.cli import main; "
        "code = main(['config', 'path']); import extra; sys.exit(code)"
    )
    env = {"HOME": str(tmp_path), "PYTHONPATH": f"{tmp_path}:relative"}
    argv = [sys.executable, str(script)]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, env=env, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_without_a_command_it_is_the_line(person: Home) -> None:
    said = '{"model": {"display_name": "Opus 5.5"}}'
    ran = person.run(stdin=said)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Opus 5.5" in ran.stdout
    assert ran.stdout == person.tick(said).stdout


CALM = [{"segment": name, "when": "warn"} for name in ("five_hour", "seven_day")]
SILENT = [{"preset": "quiet"}, {"rows": [["model", "cost"]]}, {"rows": [["branch", "lines"]]}, {"rows": [CALM]}]


def bare(home: Path, config: dict[str, object], given: object = None) -> str:
    """Return what ``statusline`` alone prints in this home, with a payload or without."""
    (home / "config.json").write_text(json.dumps(config))
    env = {
        "HOME": str(home),
        "STATUSLINE_CACHE_DIR": str(home / "cache"),
        "STATUSLINE_CONFIG": str(home / "config.json"),
        "STATUSLINE_START": "off",
        "NO_COLOR": "1",
        "COLUMNS": "50",
    }
    ran = run_command(env=env, cwd=home, stdin=json.dumps(given) if given else "")
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


@pytest.mark.parametrize("config", SILENT)
def test_alone_it_shows_the_limits_where_the_configured_rows_are_empty(
    tmp_path: Path, config: dict[str, object]
) -> None:
    keep(tmp_path / "cache", window("five_hour", 42), window("seven_day", 31, resets_in_s=300_000))
    shown = bare(tmp_path, config)
    assert re.fullmatch(r"5h \S+ 42% ↻\S+ │ 7d \S+ 31% ↻\S+\n", shown)
    assert bare(tmp_path, {**config, "glyphs": "ascii"}).isascii(), "in the user's style"


def test_limits_of_a_payload_that_its_rows_keep_silent_are_shown_too(tmp_path: Path) -> None:
    """In a new home, in which nothing was kept yet."""
    given = payload("oauth-02-after-message-rate-limits", now=time.time())
    shown = bare(tmp_path, {"rows": [CALM]}, given)
    assert shown.startswith("5h ")
    assert " │ 7d " in shown


def test_alone_it_says_that_nothing_is_known_only_where_that_is_so(tmp_path: Path) -> None:
    assert bare(tmp_path, {"rows": [["model", "cost"]]}) == f"{NOTHING_YET}\n"
    assert bare(tmp_path, {"rows": [["branch"]]}, {"cost": {"total_cost_usd": 2.5}}) == "hudline\n"


def test_the_line_takes_its_paths_from_the_words_too(person: Home) -> None:
    other = person.home / "other"
    ran = person.run("--cache", str(other), "--config", str(other / "none.json"), stdin="{}")
    assert ran.returncode == 0
    assert ran.stdout.strip()


def test_a_reader_that_goes_away_is_no_traceback(installed: Home) -> None:
    script = f"'{installed.program}' --help | true; '{installed.program}' install --help | head -n 1"
    ran = installed.started(["/bin/sh", "-c", script], "", None, {})
    assert ran.stderr == ""


def test_a_closed_output_is_no_traceback_and_no_failure(tmp_path: Path) -> None:
    commands = [
        "guard --min-left 20",
        "export",
        "preview --preset quiet",
        "init bash",
        "completion fish",
        "usage",
        "--version",
    ]
    env = {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    words = shlex.join([sys.executable, "-c", CLOSED, *commands])
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{words} >&-"], stderr=subprocess.PIPE, text=True, check=False, env=env, timeout=60
    )
    assert ran.stderr.splitlines()[-1] == "3 0 0 0 0 1 0"
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")
@pytest.mark.parametrize("words", [["export"], ["config", "schema"], ["--version"]])
def test_a_full_disk_is_reported_in_a_sentence(tmp_path: Path, words: list[str]) -> None:
    ran = command(tmp_path, *words, to="/dev/full")
    assert ran.returncode == 1
    assert ran.stderr.endswith(": standard output cannot be written (No space left on device).\n")
    assert ran.stderr.count("\n") == 1


def test_a_file_that_cannot_be_used_is_named_with_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    denied = PermissionError(13, "Permission denied", "/home/ada/.cache/hudline/accounts")
    for name, step in (("usage", " Run `statusline doctor`."), ("doctor", "")):
        assert report_os_error([name, "--all"], denied) == 1
        said = f"statusline {name}: cannot use /home/ada/.cache/hudline/accounts: Permission denied.{step}\n"
        assert capsys.readouterr().err == said


def test_a_terminal_that_knows_ascii_only_gets_question_marks(tmp_path: Path) -> None:
    """Python's default with LC_ALL=C, which fails at our first non-ASCII character."""
    words = ("preview", "--preset", "default")
    ran = command(tmp_path, *words, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert ran.returncode == 0
    assert " ? " in ran.stdout
