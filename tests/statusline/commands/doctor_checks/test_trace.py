"""`statusline doctor --trace`: the traceback of whatever fails in a tick, without secrets, and nothing is changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.broken_install import broken
from tests.support.package_layout import copy_layout
from tests.support.tick_world import World, payload
from tests.support.warm_command import COLD


@pytest.fixture(scope="module")
def package(doors: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installation to break for a while."""
    return copy_layout(doors["merged"], tmp_path_factory.mktemp("package") / "package")


@pytest.fixture
def world(package: Path, tmp_path: Path) -> World:
    project = tmp_path / "project" / ".git"
    project.mkdir(parents=True)
    (project / "HEAD").write_text("ref: refs/heads/main\n")
    return World(tmp_path, package)


def doctor(world: World, *words: str, given: object = None) -> subprocess.CompletedProcess[str]:
    """Run the doctor in the project, with a payload in a file on its standard input if there is one."""
    command = [world.python, "-I", "-c", COLD, str(world.door.parents[1]), "doctor", *words]
    source = world.home / "payload.json"
    source.write_text(json.dumps(given))
    with source.open() if given else open(os.devnull) as stdin:
        return subprocess.run(
            command, stdin=stdin, capture_output=True, text=True, env=world.env, cwd=world.home / "project", check=False
        )


def test_nothing_failed(world: World) -> None:
    ran = doctor(world, "--trace")
    assert (ran.returncode, ran.stderr) == (0, "")
    told = ran.stdout.splitlines()
    assert told[:2] == ["No part of the line failed.", "The line of an example session:"]
    assert told[2].startswith("  Opus 5.5 · medium │ project › main ")


def test_what_fails_is_shown_with_its_traceback_and_without_secrets(world: World) -> None:
    mistake = "raise ValueError('\\x1b]0;title\\x07 sk-ant-oat01-CANARY-abcdefgh of someone@example.com')"
    with broken(world.door, "statusline/segments/context.py", "context", mistake):
        ran = doctor(world, "--trace")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.startswith("1 part of the line failed:\n\nTraceback (most recent call last):\n")
    assert f'File "{world.door.parent}/segments/context.py", line ' in ran.stdout
    assert "ValueError:" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("  Opus 5.5 · medium │ project › main ")
    for secret in ("CANARY", "someone@example.com", "\x1b", "\x07"):
        assert secret not in ran.stdout


def test_a_saved_payload_is_traced(world: World) -> None:
    mistake = "if session.number('cost', 'total_cost_usd') == 7: raise KeyError('seven')"
    with broken(world.door, "statusline/segments/session.py", "cost", mistake):
        assert doctor(world, "--trace").returncode == 0
        ran = doctor(world, "--trace", given=payload("oauth-01-startup", cost={"total_cost_usd": 7}))
    assert ran.returncode == 1
    assert "KeyError: 'seven'" in ran.stdout


def through_a_pipe(world: World, given: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [world.python, "-I", "-c", COLD, str(world.door.parents[1]), "doctor", *words]
    return subprocess.run(
        command, input=given, capture_output=True, env=world.env, cwd=world.home / "project", check=False
    )


def test_a_payload_from_a_pipe_is_traced_and_a_link_is_its_text(world: World) -> None:
    link = {"number": 128, "url": "https://github.com/o/r/pull/128", "review_state": "approved"}
    given = payload("oauth-01-startup", pr=link)
    world.extra["FORCE_HYPERLINK"] = "1"
    ran = through_a_pipe(world, json.dumps(given).encode(), "--trace")
    assert (ran.returncode, ran.stderr) == (0, b"")
    told = ran.stdout.decode().splitlines()
    assert told[1] == "The line:"
    assert "#128" in told[2]
    assert "]8;;" not in told[2]


@pytest.mark.parametrize("name", [b"Op\tus", b"Op\xffus", b'Opus"}}\n{"x": {"y": "'])
def test_what_the_line_takes_is_a_payload(world: World, name: bytes) -> None:
    ran = through_a_pipe(world, b'{"model": {"display_name": "' + name + b'"}}', "--trace")
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.splitlines()[2].strip().startswith(b"Op")


def test_more_than_the_line_reads_is_said_so(world: World) -> None:
    ran = through_a_pipe(world, b'{"x": "%s"}' % (b"x" * (1 << 20)), "--trace")
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr.startswith(b"statusline doctor: standard input has more than 1 MiB")


@pytest.mark.parametrize("given", [b'{"model": ', b"[]", b"hello", b"[" * 100_000])
def test_what_is_no_payload_is_said_so(world: World, given: bytes) -> None:
    ran = through_a_pipe(world, given, "--trace")
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr.startswith(b"statusline doctor: standard input is not a JSON object. ")


def test_a_pipe_that_stays_open_and_silent_is_not_waited_for_long(world: World) -> None:
    command = [world.python, "-I", "-c", COLD, str(world.door.parents[1]), "doctor", "--trace"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=world.env, cwd=world.home / "project"
    ) as running:
        assert running.stdout is not None
        assert b"The line of an example session:" in running.stdout.read()


@pytest.mark.parametrize(
    "words", [["--trace", "--json"], ["--trace", "--timings"], ["--fix", "--trace"], ["--timings", "--online"]]
)
def test_options_that_it_would_ignore_are_a_usage_error(world: World, words: list[str]) -> None:
    ran = doctor(world, *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert " takes no other option" in ran.stderr


def files_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != "payload.json"]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


def test_it_changes_and_starts_nothing_and_runs_nothing_from_settings(world: World) -> None:
    mark = world.home / "was-run"
    line: dict[str, Any] = {"type": "command", "command": f"touch {mark}; echo hudline is not installed any more"}
    for folder in (world.home / "project" / ".claude", world.home / ".claude"):
        folder.mkdir()
        (folder / "settings.json").write_text(json.dumps({"statusLine": line}))
    config = world.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    shown = ["model", "git_changes", {"segment": "command", "name": "one"}]
    config.write_text(json.dumps({"rows": [shown], "commands": {"one": {"command": f"touch {mark}"}}}))
    world.cache.mkdir(parents=True)
    (world.cache / "observed.json").write_text('{"schema": 1, "readings": {}, "sessions": {}}')
    before = files_in(world.home) | files_in(world.door.parents[1])
    given = payload("oauth-02-after-message-rate-limits", now=time.time())
    assert doctor(world, "--trace", given=given).returncode == 0
    assert doctor(world, "--trace").returncode == 0
    assert files_in(world.home) | files_in(world.door.parents[1]) == before
    assert not mark.exists()


def test_the_readable_files_are_run_not_the_merged_ones(world: World) -> None:
    hot = world.door.parent / "hot.py"
    whole = hot.read_bytes()
    hot.write_text("raise ValueError('merged')")
    try:
        assert doctor(world, "--trace").stdout.startswith("No part of the line failed.")
    finally:
        hot.write_bytes(whole)


def test_a_tick_that_cannot_even_be_loaded_is_traced(doors: dict[str, Path], tmp_path: Path) -> None:
    world = World(tmp_path, copy_layout(doors["readable"], tmp_path / "package"))
    (tmp_path / "project").mkdir()
    with broken(world.door, "statusline/segments/custom.py", "text"):
        custom = world.door.parent / "segments" / "custom.py"
        custom.write_text("def torn(")
        config = tmp_path / ".config" / "hudline" / "config.json"
        config.parent.mkdir(parents=True)
        config.write_text('{"rows": [["model", {"segment": "text", "text": "x"}]]}')
        ran = doctor(world, "--trace")
    assert ran.returncode == 1
    assert "SyntaxError" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "  Opus 5.5"


def test_a_whole_tick_that_fails_is_traced(world: World) -> None:
    with broken(world.door, "statusline/tick.py", "tick"):
        ran = doctor(world, "--trace")
    assert ran.returncode == 1
    assert "in tick\n" in ran.stdout
    assert ran.stdout.endswith("There is no line.\n")


def test_the_doctor_reports_a_failing_part(world: World) -> None:
    def segments() -> dict[str, Any]:
        checks: list[dict[str, Any]] = json.loads(doctor(world, "--json").stdout)["checks"]
        return next(each for each in checks if each["name"] == "segments")

    assert segments()["verdict"] == "ok"
    with broken(world.door, "statusline/segments/context.py", "context"):
        found = segments()
    assert found["verdict"] == "failed"
    assert found["said"].startswith("1 part of the line fails (ValueError: ")
    assert "CANARY" not in found["said"]
    assert found["next_step"] == "Run `statusline doctor --trace` and report its output."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFO")
def test_a_pipe_that_never_ends_is_not_waited_for(world: World) -> None:
    reading, writing = os.pipe()
    command = [world.python, "-I", "-c", COLD, str(world.door.parents[1]), "doctor", "--trace"]
    ran = subprocess.run(command, stdin=reading, capture_output=True, env=world.env, cwd=world.home, check=False)
    os.close(reading)
    os.close(writing)
    assert ran.stdout.startswith(b"No part of the line failed.")
