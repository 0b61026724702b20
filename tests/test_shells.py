"""The snippets of ``statusline init`` in real shells, in a real terminal: the text, and where the cursor stands."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import tomli

from cache.model.windows import Window
from statusline.commands.claude_settings.tick_command import bake
from statusline.commands.init import SNIPPETS
from tests.support.kept_numbers import estimate, keep, statusline, window
from tests.support.package_layout import copy_layout
from tests.support.programs import program, require
from tests.support.typed_terminal import WIDTH, Console, Cursor, console

USAGE = "5h 42% 7d 95%"
HOSTILE = "#[fg=red]#S$(touch acted)`touch acted`\\u%n%F!"  # each acts in one prompt or another
SHOWN = f"{HOSTILE} ~42% est"
ODD_FOLDER = 'it\'s (an) "odd" #S %d $HOME one) é'
FILES = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
PLAIN = {
    "bash": "PS1='> '\n",
    "zsh": "PROMPT='> '\n",
    "fish": "set -g fish_greeting\nfunction fish_prompt; echo -n '> '; end\n",
}


@dataclass
class Shell:
    """A shell as a person starts it: its program, its file, what stands there before the snippet."""

    name: str
    home: Path
    terminal: Console

    @property
    def snippet(self) -> str:
        ran = statusline(self.home, "init", self.name)
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    def start(self, before: str | None = None, snippet: str | None = None, after: str = "") -> None:
        """Start it on its file, which holds the snippet, and wait for its first prompt."""
        file = self.home / FILES[self.name]
        file.parent.mkdir(parents=True, exist_ok=True)
        begin = PLAIN[self.name] if before is None else before
        file.write_text(begin + (self.snippet if snippet is None else snippet) + after)
        self.terminal.start(program(self.name), "-i")
        self.terminal.until(any)
        self.terminal.settled()


def started(name: str, home: Path) -> Iterator[Shell]:
    require(*{"tmux", name} - {"sh"})
    keep(home / "cache", window("five_hour", 42), window("seven_day", 95))
    env = {"HOME": str(home), "LANG": "C.UTF-8", "SHELL": "/bin/sh"}
    with console(home, env) as made:
        yield Shell(name, home, made)


@pytest.fixture(params=["bash", "zsh"])
def left(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    """Start a shell that has the text before its prompt."""
    yield from started(request.param, tmp_path)


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    yield from started(request.param, tmp_path)


@pytest.fixture
def bash(tmp_path: Path) -> Iterator[Shell]:
    yield from started("bash", tmp_path)


@pytest.fixture
def zsh(tmp_path: Path) -> Iterator[Shell]:
    yield from started("zsh", tmp_path)


@pytest.fixture
def fish(tmp_path: Path) -> Iterator[Shell]:
    yield from started("fish", tmp_path)


def with_text(shell: Shell, text: str = USAGE) -> str:
    """Return a prompt's row with the text in it: before it, or in fish at the right edge."""
    return f"> {text.rjust(WIDTH - 2)}" if shell.name == "fish" else f"{text} >"


def test_the_prompt_has_the_text_in_color(shell: Shell) -> None:
    shell.start()
    shell.terminal.until(lambda rows: rows[0] == with_text(shell))
    assert "\x1b[32m42%" in shell.terminal.colored
    assert "\x1b[91m95%" in shell.terminal.colored


def at(columns: int, row: int = 0) -> Cursor:
    """Return where the cursor stands behind so many cells from the beginning of a row."""
    return Cursor(columns % WIDTH, row + columns // WIDTH)


def test_line_editing_knows_where_the_cursor_is(shell: Shell) -> None:
    shell.start()
    line = "echo " + "abcdefghij" * 6
    begin = 2 if shell.name == "fish" else len(USAGE) + 3
    assert shell.terminal.settled()[1] == at(begin)
    shell.terminal.type(line[:20])
    assert shell.terminal.settled()[1] == at(begin + 20)
    shell.terminal.press("Home")
    assert shell.terminal.settled()[1] == at(begin)
    shell.terminal.press("End")
    shell.terminal.type(line[20:])
    rows, cursor = shell.terminal.settled()
    assert cursor == at(begin + len(line))
    shown = rows[0] + rows[1]
    assert shown == f"{'> ' if shell.name == 'fish' else USAGE + ' > '}{line}"
    shell.terminal.press("Home")
    assert shell.terminal.settled()[1] == at(begin)
    shell.terminal.press("End")
    assert shell.terminal.settled()[1] == at(begin + len(line))
    shell.terminal.press("BSpace", "BSpace")
    assert shell.terminal.settled()[1] == at(begin + len(line) - 2)
    shell.terminal.type("ij")
    shell.terminal.press("Enter")
    shell.terminal.until(lambda rows: rows[2] == line[5:] and rows[3].startswith(rows[0][:begin].rstrip()))
    shell.terminal.press("Up")
    rows, cursor = shell.terminal.settled()
    assert (rows[3] + rows[4], cursor) == (shown, at(begin + len(line), row=3))
    shell.terminal.press("Home", "C-k")
    rows, cursor = shell.terminal.settled()
    assert cursor == at(begin, row=3)
    assert rows[3] == with_text(shell)
    assert not any(rows[4:])


def test_without_the_escapes_the_cursor_would_be_elsewhere(left: Shell) -> None:
    """The test above can fail: this is what it sees where the sequences are counted as cells."""
    quote = "%" if left.name == "zsh" else ""
    red = f"PS1=$'\\e[31m42%{quote}\\e[0m 7d \\e[32m95%{quote}\\e[0m > '\n"
    left.start(before=red, snippet="")
    begin, line = len("42% 7d 95% > "), "echo " + "abcdefghij" * 6
    left.terminal.type(line)
    left.terminal.settled()
    left.terminal.press("Home", "End")
    assert left.terminal.settled()[1] != at(begin + len(line))


def test_the_next_prompt_has_the_next_numbers(shell: Shell) -> None:
    shell.start()
    shell.terminal.until(lambda rows: rows[0] == with_text(shell))
    keep(shell.home / "cache", window("five_hour", 43), window("seven_day", 96))
    shell.terminal.press("Enter")
    shell.terminal.until(lambda rows: rows[1] == with_text(shell, "5h 43% 7d 96%"))


def test_nothing_known_is_no_text_and_no_blank(shell: Shell) -> None:
    keep(shell.home / "cache")
    shell.start()
    rows, cursor = shell.terminal.settled()
    assert (rows[0], cursor) == (">", at(2))


def test_a_program_that_has_gone_leaves_the_prompt_as_it_was(shell: Shell) -> None:
    shell.start(snippet=shell.snippet.replace("__main__.py", "gone.py"))
    rows, cursor = shell.terminal.settled()
    assert (rows[0], rows[1], cursor) == (">", "", at(2))


def test_reading_the_file_again_does_not_show_it_twice(shell: Shell) -> None:
    shell.start()
    file = shell.home / FILES[shell.name]
    for _ in range(2):
        shell.terminal.type(f"source {file}; clear")
        shell.terminal.press("Enter")
        shell.terminal.settled()
    shell.terminal.press("Enter")
    shell.terminal.until(lambda rows: rows[:2] == [with_text(shell)] * 2)


def test_the_exit_code_of_the_last_command_is_still_there(shell: Shell) -> None:
    before = {
        "bash": "PS1='$? > '\nPROMPT_COMMAND='seen=$?'\n",
        "zsh": "setopt prompt_subst\nPROMPT='%? > '\n",
        "fish": PLAIN["fish"] + "function fish_right_prompt; echo -n $status; end\n",
    }
    shell.start(before=before[shell.name])
    shell.terminal.type("sh -c 'exit 42'")
    shell.terminal.press("Enter")
    said = f"> {f'42 {USAGE}'.rjust(WIDTH - 2)}" if shell.name == "fish" else f"{USAGE} 42 >"
    shell.terminal.until(lambda rows: rows[1] == said)
    if shell.name == "bash":
        shell.terminal.type("false")
        shell.terminal.press("Enter")
        shell.terminal.type("echo seen $seen")
        shell.terminal.press("Enter")
        shell.terminal.until(lambda rows: "seen 1" in rows)


ENVIRONMENT = """
_OLD_PS1="${PS1-}"; PS1="(venv) ${PS1-}"
"""


def last(rows: list[str]) -> str:
    """Return the row of the newest prompt."""
    return [row for row in rows if row][-1]


def enter(shell: Shell, line: str) -> None:
    shell.terminal.type(line)
    shell.terminal.press("Enter")


def assert_keeps_no_old_numbers(shell: Shell) -> None:
    """Do what activate and deactivate do, with other numbers in between."""
    (shell.home / "activate").write_text(ENVIRONMENT)
    enter(shell, f". {shell.home}/activate")
    shell.terminal.until(lambda rows: "(venv)" in last(rows) and last(rows).count(USAGE) == 1)
    keep(shell.home / "cache", window("five_hour", 43), window("seven_day", 96))
    enter(shell, "")
    shell.terminal.until(lambda rows: last(rows).count("5h 43% 7d 96%") == 1 and "42%" not in last(rows))
    enter(shell, 'PS1="$_OLD_PS1"')
    shell.terminal.until(lambda rows: last(rows) == "5h 43% 7d 96% >")


def test_a_virtualenv_that_keeps_the_prompt_keeps_no_old_numbers(left: Shell) -> None:
    left.start()
    assert_keeps_no_old_numbers(left)


def test_in_zsh_a_virtualenv_keeps_none_with_substitution_either(zsh: Shell) -> None:
    zsh.start(before=f"setopt prompt_subst\n{PLAIN['zsh']}")
    assert_keeps_no_old_numbers(zsh)


def test_a_child_shell_that_inherits_the_prompt_shows_no_old_text(bash: Shell) -> None:
    bash.start(after="export PS1\n")
    bash.terminal.until(lambda rows: last(rows) == f"{USAGE} >")
    enter(bash, f"{program('bash')} --norc -i")
    bash.terminal.until(lambda rows: last(rows) == ">")
    enter(bash, f"{program('bash')} --rcfile {bash.home}/.bashrc -i")
    bash.terminal.until(lambda rows: last(rows) == f"{USAGE} >")


@pytest.mark.parametrize("option", ["setopt prompt_subst", "unsetopt prompt_subst"])
def test_in_zsh_nothing_in_the_text_acts(zsh: Shell, option: str) -> None:
    shows_as_text(zsh, f"{option}\n{PLAIN['zsh']}")


def test_in_bash_nothing_in_the_text_acts(bash: Shell) -> None:
    shows_as_text(bash, PLAIN["bash"])


def test_in_fish_nothing_in_the_text_acts(fish: Shell) -> None:
    shows_as_text(fish, PLAIN["fish"])


def shows_as_text(shell: Shell, before: str) -> None:
    keep_hostile(shell.home / "cache")
    shell.start(before=before)
    shell.terminal.until(lambda rows: rows[0] + rows[1] in {f"{SHOWN} >", with_text(shell, SHOWN)})
    assert not (shell.home / "acted").exists()


def keep_hostile(cache: Path) -> None:
    """Keep an estimate with a hostile label: of the texts in a prompt the only one that is read from a file."""
    keep(cache)
    estimate(cache, Window("five_hour", HOSTILE, 42, None, "estimate", window("five_hour", 0).observed_at))


def test_money_is_shown_with_its_sign(left: Shell) -> None:
    keep(left.home / "cache", spend={"used": 40.01, "limit": 50.0, "currency": "USD", "percent": 80})
    left.start()
    left.terminal.until(lambda rows: rows[0] == "spend $40.01/$50 >")


@pytest.mark.parametrize(
    "before",
    [
        "PROMPT_COMMAND='PS1=\"> \"'\n",
        "PROMPT_COMMAND='PS1=\"> \";'\n",
        "PROMPT_COMMAND=('PS1=\"> \"')\n",
        "PROMPT_COMMAND=('PS1=\"> \"' 'true')\n",
        "set -u\nPS1='> '\n",
    ],
)
def test_in_bash_it_gets_along_with_what_is_there(bash: Shell, before: str) -> None:
    bash.start(before=before)
    bash.terminal.press("Enter")
    bash.terminal.until(lambda rows: rows[:2] == [f"{USAGE} >"] * 2)


@pytest.mark.parametrize(
    "before",
    [
        "autoload -Uz add-zsh-hook\n_theirs() { PROMPT='> ' }\nadd-zsh-hook precmd _theirs\n",
        "precmd() { PROMPT='> ' }\n",
        "setopt no_unset ksh_arrays sh_word_split\nPROMPT='> '\n",
    ],
)
def test_in_zsh_it_gets_along_with_what_is_there(zsh: Shell, before: str) -> None:
    zsh.start(before=before)
    zsh.terminal.press("Enter")
    zsh.terminal.until(lambda rows: rows[:2] == [f"{USAGE} >"] * 2)


def test_in_fish_a_right_prompt_of_ones_own_stays(fish: Shell) -> None:
    functions = fish.home / ".config" / "fish" / "functions"
    functions.mkdir(parents=True)
    (functions / "fish_right_prompt.fish").write_text("function fish_right_prompt; echo -n mine; end\n")
    fish.start()
    fish.terminal.until(lambda rows: rows[0] == f"> {f'mine {USAGE}'.rjust(WIDTH - 2)}")


@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "tmux"])
def test_any_path_can_stand_in_it(door: Path, tmp_path: Path, name: str) -> None:
    door = copy_layout(door, tmp_path / ODD_FOLDER)
    here = bake(tmp_path / ODD_FOLDER / "cache", tmp_path / ODD_FOLDER / "config.json", package=door.parent)
    for shell in started("sh" if name == "tmux" else name, tmp_path):
        keep(here.cache, window("five_hour", 42))
        (tmp_path / "cache" / "usage.json").unlink()
        if name == "tmux":
            in_tmux(shell, SNIPPETS[name](here), lambda row: "5h 42%" in row)
        else:
            shell.start(snippet=SNIPPETS[name](here))
            rows, _ = shell.terminal.settled()
            assert rows[0] == with_text(shell, "5h 42%")


def in_tmux(shell: Shell, snippet: str, condition: Callable[[str], bool], before: str = "") -> list[str]:
    """Run a tmux within the terminal on this configuration; return the rows once its last one is as wanted."""
    file = shell.home / ".tmux.conf"
    file.write_text(before + snippet)
    inner = [program("tmux"), "-S", str(shell.home / "inner"), "-f", str(file)]
    try:
        shell.terminal.start("env", "-u", "TMUX", *inner, "new-session", "-s", "inner", "sleep 600")
        shell.terminal.until(any)
        shell.terminal.tmux("resize-window", "-x", "120", "-y", "10")
        return shell.terminal.until(lambda rows: condition(([""] + [row for row in rows if row])[-1]))
    finally:
        shell.terminal.tmux("run-shell", "-b", f"{program('tmux')} -S '{shell.home / 'inner'}' kill-server")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Shell]:
    yield from started("tmux", tmp_path)


def test_in_tmux_it_stands_at_the_right_edge_behind_what_is_there(tmux: Shell) -> None:
    rows = in_tmux(tmux, tmux.snippet, lambda row: row.endswith(USAGE))
    assert '"' in rows[9]  # tmux's own text, which begins with the title in quotes


def test_in_tmux_the_numbers_are_colored(tmux: Shell) -> None:
    file = tmux.home / "colored"
    done = f"{tmux.snippet}set -g status-right-style fg=white\n"
    in_tmux(tmux, done, lambda row: USAGE in row and file.write_text(tmux.terminal.colored) > 0)
    last = file.read_text().rstrip().split("\n")[-1]
    assert "\x1b[32m42%" in last
    assert "\x1b[91m" in last.partition("7d")[2]


def test_in_tmux_reading_the_file_again_does_not_show_it_twice(tmux: Shell) -> None:
    again = f"source-file {tmux.home / 'again.conf'}\n"
    (tmux.home / "again.conf").write_text(tmux.snippet)
    rows = in_tmux(tmux, again + again, lambda row: USAGE in row, before="set -g status-right 'mine'\n")
    assert rows[9].endswith(f"mine {USAGE}")


def test_in_tmux_nothing_in_the_text_acts(tmux: Shell) -> None:
    keep_hostile(tmux.home / "cache")
    in_tmux(tmux, tmux.snippet, lambda row: row.endswith(SHOWN))
    assert not (tmux.home / "acted").exists()


def test_in_tmux_a_program_that_has_gone_leaves_its_line_as_it_was(tmux: Shell) -> None:
    rows = in_tmux(
        tmux,
        tmux.snippet.replace("__main__.py", "gone.py"),
        lambda row: row.endswith("mine"),
        before="set -g status-right 'mine'\n",
    )
    assert "5h" not in rows[9]


def test_starship_is_told_a_command_that_its_shell_runs(tmp_path: Path) -> None:
    keep(tmp_path / "cache", window("five_hour", 42), window("seven_day", 95))
    module = tomli.loads(statusline(tmp_path, "init", "starship").stdout)["custom"]["hudline"]
    assert module["format"] == "([$output]($style) )"
    assert (module["when"], module["use_stdin"]) == (True, False)
    words = [*module["shell"], module["command"]]
    done = subprocess.run(words, capture_output=True, env={"HOME": str(tmp_path)}, check=True)
    assert (done.stdout, done.stderr) == (f"{USAGE}\n".encode(), b"")
    gone = [*module["shell"], module["command"].replace("__main__.py", "gone.py")]
    done = subprocess.run(gone, capture_output=True, env={"HOME": str(tmp_path)}, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_starships_snippet_is_toml_whatever_the_path(door: Path, tmp_path: Path) -> None:
    door = copy_layout(door, tmp_path / ODD_FOLDER)
    here = bake(tmp_path / "cache", tmp_path / "config.json", package=door.parent)
    command = tomli.loads(SNIPPETS["starship"](here))["custom"]["hudline"]["command"]
    assert str(door) in shlex.split(command)


def test_a_tool_that_is_not_known_is_a_mistake(tmp_path: Path) -> None:
    ran = statusline(tmp_path, "init", "nushell")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert all(name in ran.stderr for name in SNIPPETS)
