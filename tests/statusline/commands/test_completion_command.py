"""``statusline completion``: loaded by each shell without an error, and Tab does what one hopes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cache.jobs import JOBS
from cache.money.ledger import KEYS
from cache.watches.config import EVENTS
from statusline.commands.cli import COMMANDS
from statusline.commands.completion import SHELLS
from statusline.commands.preview import OFFERED_THEMES
from tests.support.kept_numbers import statusline
from tests.support.programs import program, require
from tests.support.typed_terminal import PATH, Console, console

WHERE = {
    "bash": "completion.bash",
    "zsh": "functions/_statusline",
    "fish": ".config/fish/completions/statusline.fish",
}
FILES = {
    "bash": (".bashrc", "PS1='> '\nsource ~/completion.bash\n"),
    "zsh": (".zshrc", "PROMPT='> '\nfpath+=~/functions\nautoload -Uz compinit && compinit -u\n"),
    "fish": (".config/fish/config.fish", "set -g fish_greeting\nfunction fish_prompt; echo -n '> '; end\n"),
}


@pytest.fixture(params=list(WHERE))
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Console]:
    """Start a shell that has the completion where its help says."""
    name: str = request.param
    require("tmux", name)
    ran = statusline(tmp_path, "completion", name)
    assert (ran.returncode, ran.stderr) == (0, "")
    file, text = FILES[name]
    for path, content in ((WHERE[name], ran.stdout), (file, text)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    program_of_that_name = tmp_path / "bin" / "statusline"  # fish completes only what it could run
    program_of_that_name.parent.mkdir()
    program_of_that_name.touch(mode=0o755)
    env = {"HOME": str(tmp_path), "LANG": "C.UTF-8", "SHELL": "/bin/sh", "PATH": f"{tmp_path / 'bin'}:{PATH}"}
    with console(tmp_path, env) as made:
        made.start(program(name), "-i")
        made.until(lambda rows: rows[0] == ">")
        made.settled()
        yield made


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("statusline gu", "> statusline guard"),
        ("statusline guard --min", "> statusline guard --min-left"),
        ("statusline export --format js", "> statusline export --format json"),
        ("statusline export --output data-f", "> statusline export --output data-file.prom"),
        ("statusline completion fi", "> statusline completion fish"),
        ("statusline preview --segment seven", "> statusline preview --segment seven_day"),
        ("statusline doctor --tim", "> statusline doctor --timings"),
        ("statusline refresh transc", "> statusline refresh transcripts"),
    ],
)
def test_tab_completes(shell: Console, typed: str, whole: str) -> None:
    (shell.cwd / "data-file.prom").touch()
    shell.type(typed)
    shell.press("Tab")
    rows = shell.until(lambda rows: rows[0] == whole)
    assert not any(rows[1:])


@pytest.mark.parametrize("name", WHERE)
def test_every_command_is_in_it(tmp_path: Path, name: str) -> None:
    said = statusline(tmp_path, "completion", name).stdout
    assert all(command in said for command in COMMANDS)


@pytest.mark.parametrize("name", WHERE)
def test_it_is_read_without_an_error(tmp_path: Path, name: str) -> None:
    script = tmp_path / "script"
    script.write_text(statusline(tmp_path, "completion", name).stdout)
    load = f'autoload -Uz compinit && compinit -u && eval "$(cat {script})"' if name == "zsh" else f"source {script}"
    words = [program(name), "-c", load]
    ran = subprocess.run(words, capture_output=True, text=True, env={"HOME": str(tmp_path)}, check=False, cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("watch --on ", EVENTS),
        ("cost --by ", KEYS),
        ("preview --theme ", OFFERED_THEMES),
        ("refresh ", JOBS),
        ("completion ", SHELLS),
    ],
)
def test_fish_repeats_no_help_behind_each_value(tmp_path: Path, typed: str, values: tuple[str, ...]) -> None:
    (tmp_path / "script").write_text(statusline(tmp_path, "completion", "fish").stdout)
    words = [program("fish"), "-c", f"source script; complete -C 'statusline {typed}'"]
    ran = subprocess.run(words, capture_output=True, text=True, env={"HOME": str(tmp_path)}, check=False, cwd=tmp_path)
    offered = [each.rstrip("\t") for each in ran.stdout.splitlines() if not each.startswith("-")]
    assert sorted(offered) == sorted(values)
    words[-1] = "source script; complete -C 'statusline watch --o'"
    ran = subprocess.run(words, capture_output=True, text=True, env={"HOME": str(tmp_path)}, check=False, cwd=tmp_path)
    assert ran.stdout.startswith("--on\tthreshold, reset"), "an option keeps its own"


def test_the_script_for_bash_does_not_contradict_the_help(tmp_path: Path) -> None:
    said = statusline(tmp_path, "completion", "bash").stdout
    assert said.startswith("# bash completion for statusline, generated by shtab\n\n_shtab_statusline_subparsers=")


def test_another_shell_is_a_mistake(tmp_path: Path) -> None:
    ran = statusline(tmp_path, "completion", "tcsh")
    assert ran.returncode == 2
    assert "argument SHELL: invalid choice: 'tcsh'" in ran.stderr
