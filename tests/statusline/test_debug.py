"""STATUSLINE_DEBUG: another process writes down where a tick failed, without any value, and only where it may."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cache.refresh.log import AT_MOST, FIRST_LINE, note_failures
from statusline.attempt import FAILURES, FAILURES_AT_MOST, attempt
from statusline.debug import FRAMES_AT_MOST, failure_text
from tests.support.broken_install import SECRET, broken
from tests.support.package_layout import copy_layout
from tests.support.paths import ROOT
from tests.support.processes import running
from tests.support.tick_world import World, payload, until

GIVEN = payload("oauth-01-startup", model="A secret model", cwd="/home/somebody/secret")
LINE = re.compile(r"# \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} (\d+) tick: (.*)")


@pytest.fixture(scope="module")
def packages(doors: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return both kinds of packages, to break for a while."""
    return {kind: copy_layout(door, tmp_path_factory.mktemp(kind) / "package") for kind, door in doors.items()}


@pytest.fixture(params=["merged", "readable"])
def world(request: pytest.FixtureRequest, packages: dict[str, Path], tmp_path: Path) -> World:
    return made(packages[request.param], tmp_path)


@pytest.fixture
def readable(packages: dict[str, Path], tmp_path: Path) -> World:
    return made(packages["readable"], tmp_path)


def made(door: Path, home: Path) -> World:
    return World(home, door, extra={"STATUSLINE_START": "off", "STATUSLINE_DEBUG": str(home / "debug.log")})


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Forget what failed on purpose."""
    yield
    FAILURES.clear()


def written(world: World) -> list[tuple[int, str]]:
    """Return the lines of the file as process and text, once there are some."""
    path = world.home / "debug.log"
    lines = until(lambda: path.exists() and path.read_bytes().count(b"\n") > 1 and path.read_text().splitlines())
    assert lines[0].encode() + b"\n" == FIRST_LINE
    found = [LINE.fullmatch(line) for line in lines[1:]]
    assert all(found), lines
    return [(int(each[1]), each[2]) for each in found if each]


def settled(world: World) -> None:
    """Wait until no process of ours is left that could still write."""
    until(lambda: not running(world.door.parents[1], "debug"))


def test_a_failure_is_written_down_by_its_place_and_type_alone(readable: World) -> None:
    with broken(readable.door, "statusline/segments/session.py", "model"):
        process = subprocess.Popen(
            readable.command, env=readable.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=readable.home
        )
        out, _ = process.communicate(json.dumps(GIVEN).encode())
        ((writer, text),) = written(readable)
    assert out.decode().startswith("medium")
    assert writer != process.pid
    places = r"model \(statusline/segments/session.py:\d+\) < group_of \(statusline/render/compose.py:\d+\)"
    assert re.fullmatch(f"ValueError in {places}", text)
    whole = (readable.home / "debug.log").read_text()
    for value in (SECRET, "CANARY", "secret", str(readable.home), str(readable.door.parents[1])):
        assert value not in whole
    assert (readable.home / "debug.log").stat().st_mode & 0o777 == 0o600


def test_the_merged_modules_name_their_places_too(packages: dict[str, Path], tmp_path: Path) -> None:
    world = made(packages["merged"], tmp_path)
    with broken(world.door, "statusline/segments/session.py", "cost"):
        assert world.plain(payload("oauth-02-after-message-rate-limits")).startswith("Opus")
        ((_, text),) = written(world)
    assert re.fullmatch(r"ValueError in cost \(statusline/hot.py:\d+\) < group_of \(statusline/hot.py:\d+\)", text)


def test_every_kind_of_failure_of_a_tick_is_told_once(readable: World) -> None:
    for file, function, what in (
        ("cache/model/git_head.py", "repository_of", "repository_of"),
        ("statusline/render/placed_segment.py", "paint", "paint"),
        ("statusline/tick.py", "tick", "tick"),
        ("statusline/due.py", "start_due", "start_due"),
        ("statusline/config.py", "read_config", "read_config"),
    ):
        with broken(readable.door, file, function):
            assert readable.line(GIVEN)
            found = [text for _, text in written(readable)]
        settled(readable)
        assert [text.startswith(f"ValueError in {what} (") for text in found] == [True], found
        (readable.home / "debug.log").unlink()


def test_a_file_that_is_torn_is_named_by_who_needs_it(doors: dict[str, Path], tmp_path: Path) -> None:
    world = made(copy_layout(doors["readable"], tmp_path / "package"), tmp_path)
    (world.door.parent / "segments" / "session.py").write_text("def")
    assert world.plain(payload("oauth-02-after-message-rate-limits")) == "project │ ctx 12%"
    (_, text), *_ = written(world)
    assert text.startswith("ImportError from SyntaxError in further_module (cache/model/lazy.py:")


def test_a_failing_prompt_is_told_too_and_shows_its_other_half(readable: World) -> None:
    readable.cache.mkdir(parents=True)
    now = 4_000_000_000
    rows = [
        {"id": id_, "label": id_, "percent": 7, "resets_at": now, "source": "oauth", "observed_at": 1}
        for id_ in ("five_hour", "seven_day")
    ]
    entry = {"schema": 1, "value": {"account_since": 0, "windows": rows}, "fetched_at": 1, "due_at": now, "watch": {}}
    (readable.cache / "usage.json").write_text(json.dumps(entry))
    command = [*readable.command[:4], "prompt", *readable.command[4:]]
    with broken(readable.door, "statusline/segments/usage.py", "five_hour"):
        done = subprocess.run(command, env=readable.env, capture_output=True, check=True, cwd=readable.home)
        ((_, text),) = written(readable)
    assert done.stdout.decode().startswith("7d 7%")
    assert text.startswith("ValueError in five_hour (")


def test_nothing_is_written_where_nothing_fails_or_nobody_asks(readable: World) -> None:
    assert readable.line(GIVEN)
    del readable.extra["STATUSLINE_DEBUG"]
    with broken(readable.door, "statusline/segments/session.py", "model"):
        assert readable.line(GIVEN).startswith("medium")
    settled(readable)
    assert sorted(os.listdir(readable.home)) == []


@pytest.mark.parametrize(
    "path", ["debug.log", "./debug.log", "../debug.log", "HOME/debug.txt", "HOME/debug", "HOME/.log/"]
)
def test_a_relative_path_and_another_kind_of_file_are_not_written(readable: World, path: str) -> None:
    repository = readable.home / "repository"
    repository.mkdir()
    readable.extra["STATUSLINE_DEBUG"] = path.replace("HOME", str(readable.home))
    with broken(readable.door, "statusline/segments/session.py", "model"):
        assert readable.line(GIVEN, cwd=repository).startswith("medium")
    settled(readable)
    assert sorted(os.listdir(readable.home)) == ["repository"]
    assert os.listdir(repository) == []


def test_what_is_no_file_of_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("")
    (tmp_path / "link.log").symlink_to(tmp_path / "real")
    (tmp_path / "lost.log").symlink_to(tmp_path / "missing")
    (tmp_path / "folder.log").mkdir()
    (tmp_path / "notes.log").write_text("my notes\n")
    os.mkfifo(tmp_path / "fifo.log")
    reader = os.open(tmp_path / "fifo.log", os.O_RDONLY | os.O_NONBLOCK)
    for name in ("link", "lost", "folder", "notes", "fifo", "missing/x", "nul\0"):
        note_failures(f"{tmp_path}/{name}.log", "ValueError in model")
    assert (tmp_path / "real").read_text() == ""
    assert (tmp_path / "notes.log").read_text() == "my notes\n"
    assert os.read(reader, 1) == b""
    os.close(reader)
    assert sorted(os.listdir(tmp_path)) == ["fifo.log", "folder.log", "link.log", "lost.log", "notes.log", "real"]


def test_an_empty_file_and_one_of_ours_are_taken_and_closed_to_others(tmp_path: Path) -> None:
    for name, content in (("empty.log", b""), ("ours.log", FIRST_LINE)):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o644)
        note_failures(str(tmp_path / name), "ValueError in model\nKeyError in cost")
        assert [line.split(" tick: ")[1] for line in (tmp_path / name).read_text().splitlines()[1:]] == [
            "ValueError in model",
            "KeyError in cost",
        ]
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_the_file_stays_bounded_and_keeps_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "debug.log"
    for number in range(40):
        note_failures(str(path), "\n".join([f"{number} " + "x" * 1200] * FAILURES_AT_MOST))
        assert path.stat().st_size <= AT_MOST
    assert path.read_bytes().startswith(FIRST_LINE)
    assert path.read_text().splitlines()[-1].split()[4] == "39"


class Odd(Exception):
    """One whose message is nobody's business, and cannot even be had."""

    def __str__(self) -> str:
        raise AssertionError("nobody asks for it")

    __repr__ = __str__


def test_a_deep_recursion_and_an_odd_exception_are_told_in_bounds() -> None:
    def deep() -> None:
        deep()

    def odd() -> None:
        raise Odd from KeyError("secret")

    assert attempt(deep) is None
    assert attempt(odd) is None
    root = str(ROOT)
    texts = [failure_text(each, root) for each in FAILURES]
    assert [text.partition(" in ")[0] for text in texts] == ["RecursionError", "Odd from KeyError"]
    assert all(text.count("(statusline/") <= FRAMES_AT_MOST and "tests/" not in text for text in texts)


def test_only_so_many_failures_are_kept_and_what_works_is_handed_on() -> None:
    def fail() -> None:
        raise ValueError

    assert [attempt(fail) for _ in range(3 * FAILURES_AT_MOST)] == [None] * 3 * FAILURES_AT_MOST
    assert len(FAILURES) == FAILURES_AT_MOST
    assert attempt(max, [3, 5], key=lambda number: -number) == 3


def test_leaving_is_no_failure_of_a_part() -> None:
    for leaving in (SystemExit, KeyboardInterrupt):
        with pytest.raises(leaving):
            attempt(_raise, leaving)
    assert FAILURES == []


def _raise(kind: type[BaseException]) -> None:
    raise kind
