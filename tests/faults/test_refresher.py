"""The refresher as the ticks start it: once, detached, silent, and alive when the tick is cancelled."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.support.examples import QUICK
from tests.support.loopback_server import Answer, Loopback
from tests.support.paths import ANSWERS
from tests.support.processes import running
from tests.support.tick_world import World, payload, until

CAPTURED = ANSWERS / "captured.json"


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    return World(tmp_path, door)


def captured() -> str:
    """Return the captured answer, its resets moved to tomorrow with their odd seconds."""
    tomorrow = (datetime.now(timezone.utc) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: f"{tomorrow}:00.134085+00:00" if k == "resets_at" and v else moved(v) for k, v in value.items()}
        return [moved(each) for each in value] if isinstance(value, list) else value

    return json.dumps(moved(json.loads(CAPTURED.read_text())))


@pytest.fixture
def server(world: World) -> Iterator[Loopback]:
    with Loopback(Answer(body=captured())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        yield server


def test_a_cold_cache_is_filled_by_one_tick_and_the_next_shows_it(world: World, server: Loopback) -> None:
    world.sign_in()
    assert "5h" not in world.line(payload("oauth-01-startup"))
    found = until(world.windows)
    assert {id_: each["percent"] for id_, each in found.items()} == {
        "five_hour": 24,
        "seven_day": 83,
        "seven_day:fable": 36,
    }
    assert {each["source"] for each in found.values()} == {"oauth"}
    assert all(each["resets_at"] % 60 == 0 for each in found.values())
    entry = world.kept()
    assert 300 <= entry["due_at"] - entry["fetched_at"] <= 362
    assert (entry["problem"], entry["failures"]) == (None, 0)
    assert re.search(r"5h .*24%", world.plain(payload("oauth-01-startup")))
    (world.cache / "usage.start").unlink()
    for _ in range(5):
        world.line(payload("oauth-01-startup"))
    until(lambda: not running(world.cache))
    assert len(server.requests) == 1
    assert server.requests[0].headers["user-agent"] == "claude-code/2.1.330"


def test_the_first_answer_of_the_first_session_counts_at_once(world: World, server: Loopback) -> None:
    world.sign_in()
    world.extra["CLAUDE_PID"] = "4711"
    session = payload("oauth-01-startup")
    assert not world.cache.exists()
    world.line(session)  # there is no cache directory to note this process in
    found = until(world.windows)
    resets_at = found["five_hour"]["resets_at"]
    told = {"five_hour": {"used_percentage": 27, "resets_at": resets_at}}
    assert re.search(r"5h .*27%", world.plain({**session, "rate_limits": told}))


HOLD = """
import sys, time, filelock
with filelock.FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_held_lock_stops_no_tick_and_lets_no_second_refresher_in(world: World, server: Loopback) -> None:
    world.sign_in()
    world.line(payload("oauth-01-startup"))
    until(world.windows)
    until(lambda: not running(world.cache))
    (world.cache / "usage.json").write_text(json.dumps(world.kept() | {"due_at": 1}))
    for path in [*world.cache.glob("accounts/*.json"), *world.cache.glob("endpoint.json")]:
        path.unlink()
    lock = str(world.cache / "usage.lock")
    with subprocess.Popen([sys.executable, "-c", HOLD, lock], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        os.utime(world.cache / "usage.start", (1, 1))
        assert re.search(r"5h .*24%", world.plain(payload("oauth-01-startup")))
        assert (world.cache / "usage.start").stat().st_mtime > 1, "a refresher was started"
        until(lambda: not running(world.cache, "cache/__main__.py"))
        done = world.refresh("--force")
        assert (done.returncode, "busy" in done.stdout + done.stderr) == (3, True)
        holder.kill()
    assert len(server.requests) == 1


def descendants(pid: int) -> list[int]:
    """Return all processes below one by parent pid, as Claude Code reads them from the process table."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(after_name[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        for child in parents.get(todo.pop(), []):
            found.append(child)
            todo.append(child)
    return found


def test_a_cancelled_tick_leaves_its_refresher_alive(door: Path, tmp_path: Path) -> None:
    """In every try: SIGTERM, then SIGKILL, to the group and to every descendant on the first byte that is written."""
    with Loopback(Answer(body=captured())) as server:
        cancelled = []
        for number in range(10 if QUICK else 50):
            home = tmp_path / str(number)
            home.mkdir()
            world = World(home, door, extra={"STATUSLINE_API_BASE": server.base})
            cancelled.append(world)
            world.sign_in()
            words = " ".join(f"'{word}'" for word in world.command)
            with subprocess.Popen(
                ["/bin/sh", "-c", f"if [ -x /bin/sh ]; then exec {words}; fi"],
                env=world.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            ) as tick:
                assert tick.stdin is not None
                assert tick.stdout is not None
                tick.stdin.write(json.dumps(payload("oauth-01-startup")).encode())
                tick.stdin.close()
                os.read(tick.stdout.fileno(), 1)
                targets = descendants(tick.pid)
                for sign in (signal.SIGTERM, signal.SIGKILL):
                    for kill, target in ((os.killpg, tick.pid), *((os.kill, pid) for pid in targets)):
                        with contextlib.suppress(ProcessLookupError):
                            kill(target, sign)
        for world in cancelled:
            assert until(world.windows)


def test_a_refresher_holds_nothing_of_the_tick_and_has_its_own_session(world: World) -> None:
    """Seen from outside, in /proc, while it waits for an answer that does not come."""
    with Loopback(Answer(silent=True)) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        world.extra["ANTHROPIC_AUTH_TOKEN"] = "sk-ant-api03-CANARY-not-for-children"
        world.extra["CLAUDE_CODE_MESSAGING_TOKEN"] = "CANARY-messaging"
        world.sign_in()
        reading, writing = os.pipe()
        os.set_inheritable(writing, True)
        world.line(payload("oauth-01-startup"), pass_fds=[writing])
        os.close(writing)
        until(lambda: server.requests)
        (pid,) = running(world.cache, "cache/__main__.py", "usage")
        process = Path(f"/proc/{pid}")
        links = {fd.name: os.readlink(fd) for fd in (process / "fd").iterdir()}
        assert {links[fd] for fd in "012"} == {"/dev/null"}
        assert not [link for link in links.values() if link.startswith("pipe:")]
        assert os.readlink(process / "cwd") == "/"
        assert os.getsid(pid) != os.getsid(0), "it is in a session of its own"
        seen = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        assert b"CANARY" not in seen
        assert b"HOME=" in seen
        os.set_blocking(reading, False)
        assert os.read(reading, 1) == b"", "the pipe has no writer left"
        os.close(reading)
        until(lambda: world.kept().get("problem") == "unreachable")


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("STATUSLINE_OAUTH", "off", "off"),
        ("ANTHROPIC_API_KEY", "sk-ant-api03-CANARY", "api_key"),
        ("CLAUDE_CODE_USE_BEDROCK", "1", "cloud_provider"),
        ("ANTHROPIC_BASE_URL", "https://user:CANARY@gateway.example/v1", "gateway"),
    ],
)
def test_without_a_plan_nothing_is_asked_and_the_cache_says_why(
    world: World, server: Loopback, setting: str, value: str, problem: str
) -> None:
    world.sign_in()
    world.extra[setting] = value
    world.line(payload("oauth-01-startup"))
    assert until(lambda: world.kept().get("problem")) == problem
    assert server.requests == []
    assert "CANARY" not in json.dumps(world.kept())


def test_the_official_base_is_no_gateway(world: World, server: Loopback) -> None:
    world.sign_in()
    world.extra["ANTHROPIC_BASE_URL"] = "https://api.anthropic.com"
    world.line(payload("oauth-01-startup"))
    until(world.windows)


@pytest.mark.parametrize("named", [True, False], ids=["with its name", "without a name"])
def test_no_login_is_remembered_until_there_is_one(world: World, server: Loopback, named: bool) -> None:
    world.line(payload("oauth-01-startup"))
    assert until(lambda: world.kept().get("problem")) == "signed_out"
    until(lambda: not running(world.cache))
    world.sign_in()
    if not named:
        (world.home / ".claude.json").unlink()
    os.utime(world.cache / "usage.start", (time.time() - 3, time.time() - 3))
    world.line(payload("oauth-01-startup"))
    until(lambda: "five_hour" in world.windows())


def test_a_real_token_is_not_sent_to_a_test_server(world: World, server: Loopback) -> None:
    world.sign_in(token="sk-ant-oat01-" + "a1B2" * 20)
    world.line(payload("oauth-01-startup"))
    assert until(lambda: world.kept().get("problem")) == "bad_base"
    assert server.requests == []


def test_files_and_folders_are_private_and_marked(world: World, server: Loopback) -> None:
    world.sign_in()
    world.line(payload("oauth-02-after-message-rate-limits", now=time.time()))
    until(world.windows)
    world.line(payload("oauth-02-after-message-rate-limits", now=time.time()))
    assert (world.cache / ".hudline").is_file()
    assert world.cache.stat().st_mode & 0o777 == 0o700
    for path in world.cache.iterdir():
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    for path in (world.cache / "accounts").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    assert not list(world.cache.glob("*.tmp"))


def test_a_temp_file_that_a_killed_tick_left_is_swept(world: World, server: Loopback) -> None:
    world.sign_in()
    world.line(payload("oauth-01-startup"))
    until(world.windows)
    left = world.cache / "readings.json.tmp"
    left.write_text("half wri")
    os.utime(left, (time.time() - 61, time.time() - 61))
    world.refresh("--force")
    assert not left.exists()


def test_the_refresher_runs_the_packages_beside_it_whatever_else_is_installed(door: Path, tmp_path: Path) -> None:
    """An environment of its own with another ``cache`` and another ``statusline`` in its site-packages."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", str(tmp_path / "venv")], check=True
    )
    (packages,) = (tmp_path / "venv").glob("lib/python3*/site-packages")
    for name in ("cache", "statusline"):
        (packages / f"{name}.py").write_text(f"open({str(tmp_path / 'marker')!r}, 'w').close()\n")
    (packages / "libraries.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    home = tmp_path / "home"
    home.mkdir()
    world = World(home, door, python=str(tmp_path / "venv" / "bin" / "python"))
    world.line(payload("oauth-01-startup"))
    assert until(lambda: world.kept().get("problem")) == "signed_out"
    assert not (tmp_path / "marker").exists()
