"""The text for a prompt: real processes, on a cache with known numbers."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cache.model.windows import Window
from statusline.prompt import escape_for, tmux_style
from tests.support import kept_numbers as cached
from tests.support.kept_numbers import window
from tests.support.tick_world import World, until


@pytest.fixture(scope="module", params=["merged", "readable"])
def door(request: pytest.FixtureRequest, doors: dict[str, Path]) -> Path:
    return doors[request.param]


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    return World(tmp_path, door, extra={"STATUSLINE_START": "off"})


def keep(world: World, *windows: Window, **more: Any) -> None:
    cached.keep(world.cache, *windows, **more)


def ask(world: World, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.CompletedProcess[bytes]:
    start, paths = world.command[:4], world.command[4:]
    return subprocess.run(
        [*start, "prompt", *words, *paths], stdin=stdin, capture_output=True, env=world.env, check=False, timeout=30
    )


def text(world: World, *words: str) -> str:
    done = ask(world, *words)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def test_both_windows_in_a_few_words(world: World) -> None:
    keep(world, window("five_hour", 42.9), window("seven_day", 61.2))
    assert text(world) == "5h 42% 7d 61%\n"


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("plain", "5h 42% 7d 95%\n"),
        ("bash", "5h \\[\x1b[32m\\]42%\\[\x1b[0m\\] 7d \\[\x1b[1;91m\\]95%\\[\x1b[0m\\]\n"),
        ("zsh", "5h %{\x1b[32m%}42%%%{\x1b[0m%} 7d %{\x1b[1;91m%}95%%%{\x1b[0m%}\n"),
        ("fish", "5h \x1b[32m42%\x1b[0m 7d \x1b[1;91m95%\x1b[0m\n"),
        ("tmux", "5h #[fg=colour2]42%#[default] 7d #[bold,fg=colour9]95%#[default]\n"),
        ("no-such-shell", "5h 42% 7d 95%\n"),
    ],
)
def test_each_shell_has_its_own_escapes(world: World, shell: str, said: str) -> None:
    keep(world, window("five_hour", 42), window("seven_day", 95))
    world.extra["NO_COLOR"] = ""
    world.extra["TERM"] = "xterm"
    assert text(world, "--shell", shell) == said


@pytest.mark.parametrize("off", [{"NO_COLOR": "1", "TERM": "xterm"}, {"NO_COLOR": "", "TERM": "dumb"}], ids=str)
def test_without_colors_only_the_signs_are_escaped(world: World, off: dict[str, str]) -> None:
    keep(world, window("five_hour", 42))
    world.extra |= off
    assert [text(world, "--shell", each) for each in ("bash", "zsh", "fish", "tmux")] == [
        "5h 42%\n",
        "5h 42%%\n",
        "5h 42%\n",
        "5h 42%\n",
    ]


def test_the_theme_and_the_thresholds_are_those_of_the_line(world: World) -> None:
    keep(world, window("five_hour", 42))
    config = world.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"theme": "colorblind", "thresholds": {"five_hour": [30, 40]}}))
    world.extra |= {"NO_COLOR": "", "TERM": "xterm-256color"}
    assert text(world, "--shell", "fish") == "\x1b[38;5;145m5h \x1b[0m\x1b[1;38;5;209m42%\x1b[0m\n"
    assert text(world, "--shell", "tmux") == "#[fg=colour145]5h #[default]#[bold,fg=colour209]42%#[default]\n"


@pytest.mark.parametrize(
    ("code", "style"),
    [
        ("32", "fg=colour2"),
        ("1;31", "bold,fg=colour1"),
        ("1;91", "bold,fg=colour9"),
        ("1;7", "bold,reverse"),
        ("38;5;166", "fg=colour166"),
        ("1;38;2;213;94;0", "bold,fg=#d55e00"),
    ],
)
def test_a_color_in_tmuxs_words(code: str, style: str) -> None:
    assert tmux_style(code) == style


def test_old_numbers_show_their_age_and_estimates_are_marked(world: World) -> None:
    keep(world, window("five_hour", 47, source="estimate"), window("seven_day", 61, age_s=2130))
    assert text(world) == "5h ~47% est 7d 61% 35m old\n"


def test_without_windows_it_is_the_money(world: World) -> None:
    keep(world, spend={"used": 40.01, "limit": 50.0, "currency": "USD", "percent": 80})
    assert text(world) == "spend $40.01/$50\n"
    assert text(world, "--shell", "bash") == "spend \\\\$40.01/\\\\$50\n"


def test_nothing_is_printed_if_nothing_is_known(world: World) -> None:
    assert text(world, "--shell", "bash") == ""


def test_a_login_by_key_has_no_numbers_of_a_plan(world: World) -> None:
    keep(world, window("five_hour", 42))
    world.extra["ANTHROPIC_API_KEY"] = "sk-ant-api03-FAKE"
    assert text(world) == ""


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff\xfe", b'{"schema": 1, "value": 3}'], ids=range(4))
def test_a_broken_cache_or_configuration_is_no_broken_prompt(world: World, broken: bytes) -> None:
    for path in (world.cache / "usage.json", world.home / ".config" / "hudline" / "config.json"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(broken)
    assert text(world, "--shell", "zsh") == ""


def test_it_neither_reads_nor_waits_for_standard_input(world: World) -> None:
    keep(world, window("five_hour", 42))
    reading, writing = os.pipe()
    os.write(writing, b"the next command\n")
    assert ask(world, stdin=reading).stdout == b"5h 42%\n"  # the pipe stays open all the while
    assert os.read(reading, 100) == b"the next command\n"
    os.close(reading)
    os.close(writing)


def test_a_closed_pipe_is_no_failure(world: World) -> None:
    keep(world, window("five_hour", 42))
    reading, writing = os.pipe()
    os.close(reading)
    words = [*world.command[:4], "prompt", *world.command[4:]]
    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, env=world.env, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_numbers_that_are_due_start_the_refresher_and_others_do_not(world: World) -> None:
    del world.extra["STATUSLINE_START"]
    keep(world, window("five_hour", 42))
    assert text(world) == "5h 42%\n"
    assert not (world.cache / "usage.start").exists()
    keep(world, window("five_hour", 42), due_in_s=-1)
    assert text(world) == "5h 42%\n"
    assert (world.cache / "usage.start").exists()
    until(lambda: world.kept()["problem"] == "signed_out")  # the transcripts job writes its part there, too


@pytest.mark.unmeasured
def test_it_imports_no_more_than_a_tick_does(world: World) -> None:
    keep(world, window("five_hour", 42))
    told = (
        "import posix, sys\n"
        "def told(code, before=set(sys.modules), leave=posix._exit):\n"
        '    posix.write(2, "\\n".join(sorted(set(sys.modules) - before)).encode())\n'
        "    leave(code)\n"
        "posix._exit = told\nsys.argv[:] = sys.argv[1:]\n__file__ = sys.argv[0]\n"
        '__loader__ = sys.modules["_frozen_importlib_external"].SourceFileLoader("__main__", __file__)\n'
        "exec(compile(open(__file__).read(), __file__, 'exec'))\n"
    )
    python, _, _, script, *paths = world.command
    done = subprocess.run(
        [python, "-I", "-S", "-c", told, script, "prompt", "--shell", "zsh", *paths],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=world.env,
        check=True,
    )
    load_command = set(done.stderr.decode().split())
    foreign = {name for name in load_command if name.split(".")[0] not in {"statusline", "cache"}}
    assert done.stdout == b"5h 42%%\n"
    assert foreign <= {"gc", "sys", "posix", "time", "_json"}
    assert "statusline.prompt" in load_command
    assert ("statusline.hot" in load_command) == (world.door.parent / "hot.py").exists()


@pytest.mark.parametrize("shell", ["plain", "fish"])
def test_a_shell_that_acts_on_nothing_gets_the_text_as_it_is(shell: str) -> None:
    assert escape_for(shell, "$%#`\\!") == "$%#`\\!"


@pytest.mark.parametrize(("shell", "said"), [("plain", "5h 42%\n"), ("zsh", "5h %{\x1b[32m%}42%%%{\x1b[0m%}\n")])
def test_the_command_prints_the_same(tmp_path: Path, shell: str, said: str) -> None:
    cached.keep(tmp_path / "cache", cached.window("five_hour", 42))
    ran = cached.statusline(tmp_path, "prompt", "--shell", shell, TERM="xterm")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, said, "")


def test_the_command_knows_its_shells(tmp_path: Path) -> None:
    assert cached.statusline(tmp_path, "prompt", "--shell", "tcsh").returncode == 2
