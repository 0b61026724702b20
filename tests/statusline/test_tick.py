"""Whole ticks: real processes, whatever stands on their standard input, in their folder and in their cache."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cache.model.entry import Entry
from cache.model.windows import Window
from tests.support.kept_readings import keep_usage
from tests.support.paths import PAYLOADS, ROOT
from tests.support.tick_world import SPARE, World, payload
from tests.support.unprivileged import DROP

NAMES = [path.stem for path in sorted(PAYLOADS.glob("*.json")) if not path.stem.startswith("subagent")]


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    """Return a home in which ticks start no refresher."""
    return World(tmp_path, door, extra={"STATUSLINE_START": "off"})


def keep(world: World, *windows: Window, age_s: int = 0, **value: Any) -> None:
    """Put windows into the cache; nothing is due, so no refresher is started."""
    now = int(time.time())
    world.cache.mkdir(parents=True, exist_ok=True)
    keep_usage(world.cache, windows, Entry(value, now - age_s, now + 3600))


def five_hours(percent: float, *, age_s: int = 0, resets_in_s: int = 7230) -> Window:
    now = int(time.time())
    return Window("five_hour", "5h", percent, now + resets_in_s, "oauth", now - age_s)


def test_the_whole_line_from_a_recorded_payload(world: World) -> None:
    project = world.home / "project"
    (project / ".git").mkdir(parents=True)
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    given = payload("oauth-02-after-message-rate-limits", now=time.time() + 30)
    given["workspace"]["current_dir"] = str(project)
    assert world.plain(given) == ("Opus 5.5 · medium │ project › main │ ctx 12% │ 5h 42% ↻2h00m │ 7d 61% ↻4d0h │ $0.15")


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_payload_gives_its_row(world: World, name: str) -> None:
    given = payload(name)
    row = world.plain(given)
    assert row.startswith(given["model"]["display_name"])
    percent = given["context_window"]["used_percentage"]
    assert (f"ctx {percent}%" in row) == (percent is not None)


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"\n",
        b"{",
        b'{"model": {"display_name": "Opus',
        b"null",
        b"[]",
        b"3",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"model": {"display_name": "\xe9\xff"}}',
        b'{"model": {"display_name": "\\ud800"}}',
        b"[" * 100_000,
        b'{"model": null, "cost": [], "workspace": 3, "context_window": "x", "rate_limits": true, "effort": [5]}',
        b'{"model": {"display_name": "' + b"x" * (1 << 21) + b'"}}',
        b"{}" + b" " * (1 << 21),
    ],
    ids=range(15),
)
def test_a_broken_payload_still_gives_one_row(world: World, given: bytes) -> None:
    assert len(world.plain(given)) < 300


def test_numbers_come_from_the_cache_where_stdin_has_none(world: World) -> None:
    keep(world, five_hours(24.9))
    assert "5h 24% ↻2h00m" in world.plain(payload("oauth-01-startup"))


def test_a_number_older_than_twenty_minutes_says_its_age(world: World) -> None:
    keep(world, five_hours(24, age_s=1190))
    assert "old" not in world.plain(payload("oauth-01-startup"))
    keep(world, five_hours(24, age_s=2130))
    assert "5h 24% 35m old ↻2h00m" in world.plain(payload("oauth-01-startup"))


def test_a_window_behind_its_reset_is_silent(world: World) -> None:
    keep(world, five_hours(24, resets_in_s=-1))
    assert "5h" not in world.plain(payload("oauth-01-startup"))


def test_a_session_paid_by_key_does_not_show_a_plans_numbers(world: World) -> None:
    keep(world, five_hours(24))
    world.extra["ANTHROPIC_API_KEY"] = "sk-ant-api03-FAKE"
    assert "5h" not in world.plain(payload("apikey-02-after-message"))
    assert "$0.04" in world.plain(payload("apikey-02-after-message"))


def test_another_config_directory_has_its_own_numbers(world: World) -> None:
    keep(world, five_hours(24))
    world.extra = {"CLAUDE_CONFIG_DIR": "/home/user/other.claude"}
    assert "5h" not in world.plain(payload("oauth-01-startup"))
    assert (world.cache / "dirs" / "%2Fhome%2Fuser%2Fother%2Eclaude" / "usage.start").exists()
    world.extra["CLAUDE_CONFIG_DIR"] = "/home/" + "long/" * 60
    world.plain(payload("oauth-01-startup"))
    assert max(len(each.name) for each in (world.cache / "dirs").iterdir()) <= 200


def test_ill_text_in_a_payload_does_not_reach_the_line(world: World) -> None:
    given = payload("oauth-01-startup", model={"display_name": "Op\x1b[31mus\u202e\u2028\u200b\x07"})
    row = world.plain(given)
    assert row.startswith("Op[31mus ")
    assert row.isprintable()


def test_colors_are_for_those_who_want_them(world: World) -> None:
    world.extra["NO_COLOR"] = ""
    assert "\x1b[32m12%\x1b[0m" in world.plain(payload("oauth-02-after-message-rate-limits"))
    world.extra["TERM"] = "dumb"
    assert "\x1b" not in world.plain(payload("oauth-02-after-message-rate-limits"))


@pytest.mark.parametrize("columns", [10, 20, 40, 60, 80])
def test_the_row_fits_the_columns(world: World, columns: int) -> None:
    world.extra["COLUMNS"] = str(columns)
    assert len(world.plain(payload("oauth-02-after-message-rate-limits", now=time.time()))) <= columns - 4


def test_a_pipe_that_stays_open_after_the_object_is_not_waited_for(world: World) -> None:
    with subprocess.Popen(world.command, env=world.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(payload("oauth-01-startup")).encode())
        process.stdin.flush()
        assert process.stdout.read().startswith(b"Opus")
        assert process.wait() == 0
        process.stdin.close()


def test_nobody_who_writes_is_waited_for_only_shortly(world: World) -> None:
    with subprocess.Popen(world.command, env=world.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read() == b"hudline\n"
        assert process.wait() == 0
        assert process.stdin is not None
        process.stdin.close()


DEAF = """
import os, signal, sys
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_an_alarm_that_was_off_before_does_not_make_it_wait(world: World) -> None:
    command = [sys.executable, "-I", "-c", DEAF, *world.command]
    with subprocess.Popen(command, env=world.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdin.write(b'{"model": {"display_name": "Opus')
        process.stdin.flush()
        assert process.stdout.read() == b"hudline\n"
        assert process.wait() == 0


def test_who_never_stops_writing_is_waited_for_only_shortly(world: World) -> None:
    with subprocess.Popen(world.command, env=world.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            while process.poll() is None:
                process.stdin.write(b"[")
                process.stdin.flush()
                time.sleep(0.01)
        assert process.stdout.read() == b"hudline\n"
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def test_an_object_that_comes_in_pieces_is_put_together(world: World) -> None:
    data = json.dumps(payload("oauth-01-startup")).encode()
    with subprocess.Popen(world.command, env=world.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for start in range(0, len(data), 200):
            process.stdin.write(data[start : start + 200])
            process.stdin.flush()
        assert process.stdout.read().startswith(b"Opus")
        process.stdin.close()


NOT_WAITING = """
import os, posix, sys
sys.path.insert(0, sys.argv[1])
from statusline import stdin
reading, writing = os.pipe()
os.dup2(reading, 0)
os.set_blocking(0, False)
os.write(writing, b'{"model": ')
read, parse, texts = posix.read, stdin.parse_json, []
def late(fd, size):
    try:
        return read(fd, size)
    except BlockingIOError:
        os.write(writing, b'5}')
        raise
def counted(text):
    texts.append(text)
    return parse(text)
posix.read, stdin.parse_json = late, counted
print(stdin.read_payload(), len(texts), os.get_blocking(0))
"""


def test_a_descriptor_that_does_not_wait_is_waited_for_and_what_it_brings_parsed_once() -> None:
    words = [sys.executable, "-I", "-S", "-c", NOT_WAITING, str(ROOT)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "{'model': 5} 1 False\n"


LATE = """
import os, posix, signal, sys
sys.path.insert(0, sys.argv[1])
from statusline import stdin
reading, writing = os.pipe()
os.dup2(reading, 0)
os.write(writing, b'{"model": ')
read = posix.read
def late(fd, size):
    posix.read = read
    before = sys.argv[2] == "before"
    chunk = b"" if before else read(fd, size)
    os.write(writing, b'5}')
    signal.raise_signal(signal.SIGALRM)
    return read(fd, size) if before else chunk
posix.read = late
print(stdin.read_payload())
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_has_arrived_counts_even_if_the_time_is_up_around_the_first_read(when: str) -> None:
    """As on a machine so busy that the process does not run in between."""
    words = [sys.executable, "-I", "-S", "-c", LATE, str(ROOT), when]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "{'model': 5}\n"


def test_on_a_terminal_the_usage_is_shown_without_waiting(world: World) -> None:
    keep(world, five_hours(24))
    above, below = pty.openpty()
    done = subprocess.run(world.command, stdin=below, capture_output=True, env=world.env, check=True)
    os.close(above)
    os.close(below)
    assert SPARE.sub("", done.stdout.decode()).startswith("5h 24% ↻2h00m")


def test_closed_descriptors_are_no_trouble(world: World) -> None:
    words = " ".join(f"'{word}'" for word in world.command)
    for closed in ("<&-", "2>&-", "<&- 2>&-"):
        done = subprocess.run(["/bin/sh", "-c", f"{words} {closed}"], capture_output=True, env=world.env, check=True)
        assert (done.stdout, done.stderr) == (b"hudline\n", b"")
    done = subprocess.run(
        ["/bin/sh", "-c", f"{words} >&-"], input=b"{}", capture_output=True, env=world.env, check=True
    )
    assert done.stderr == b""


def test_the_flags_of_shared_descriptors_are_left_alone(world: World) -> None:
    reading, writing = os.pipe()
    os.write(writing, json.dumps(payload("oauth-01-startup")).encode())
    before = os.get_blocking(reading)
    subprocess.run(world.command, stdin=reading, capture_output=True, env=world.env, check=True)
    assert os.get_blocking(reading) == before
    os.close(reading)
    os.close(writing)


def test_a_reader_that_has_gone_is_no_error(world: World) -> None:
    with subprocess.Popen(
        world.command, env=world.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, errors = process.communicate(b"{}")
        assert (process.returncode, errors) == (0, b"")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 99}', b"\xff" * 50, b" " * (2 << 20)], ids=range(6))
@pytest.mark.parametrize("name", ["usage.json", "readings.json"])
def test_any_cache_file_is_survived(world: World, name: str, content: bytes) -> None:
    world.cache.mkdir(parents=True)
    (world.cache / name).write_bytes(content)
    assert "5h 42%" in world.plain(payload("oauth-02-after-message-rate-limits", now=time.time()))


def test_cache_files_that_are_no_files_are_survived(world: World) -> None:
    world.cache.mkdir(parents=True)
    os.mkfifo(world.cache / "usage.json")
    (world.cache / "readings.json").mkdir()
    (world.cache / "usage.start").symlink_to("/dev/full")
    assert "5h 42%" in world.plain(payload("oauth-02-after-message-rate-limits", now=time.time()))


def test_a_decoy_in_the_working_directory_is_not_run(world: World) -> None:
    decoys = world.home / "decoys"
    decoys.mkdir()
    for name in ("cache", "statusline", "json", "os", "select", "_json", "time"):
        (decoys / f"{name}.py").write_text(f"open({str(world.home / 'marker')!r}, 'w').close()\n")
    assert world.plain(payload("oauth-01-startup"), cwd=decoys).startswith("Opus")
    assert not (world.home / "marker").exists()


UNPRIVILEGED = (
    """
import os, select, sys  # before the rights are dropped: the interpreter may lie where only root looks
sys.path.insert(0, sys.argv[1])
from statusline.hot import further_module, main
further_module("cache.readings.news")
"""
    + DROP
    + """
main(sys.argv[2:])
"""
)


def test_a_cache_that_cannot_be_written_costs_only_the_refresh(doors: dict[str, Path], open_directory: Path) -> None:
    door = doors["merged"]
    world = World(open_directory, door)
    for mode in (0o555, 0o000):
        world.cache.mkdir(parents=True, exist_ok=True)
        world.cache.chmod(mode)
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", UNPRIVILEGED, str(door.parents[1]), *world.command[4:]],
            input=json.dumps(payload("oauth-02-after-message-rate-limits", now=time.time())).encode(),
            capture_output=True,
            env=world.env,
            check=True,
        )
        assert "5h 42%" in SPARE.sub("", done.stdout.decode())
        assert done.stderr == b""
    world.cache.chmod(0o755)
    assert list(world.cache.iterdir()) == []
