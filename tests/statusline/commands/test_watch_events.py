"""``statusline watch --on EVENT --notify desktop``: whole processes, and a program that notes the notifications."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cache.model.clock import clock_text
from cache.model.entry import Entry, read_entry
from cache.model.windows import Window, to_minute
from cache.refresh.lock import hold_lock
from statusline.commands.cli import main
from statusline.commands.config_check.config_check import find_problems
from tests.support.claude_files import login_text
from tests.support.fake_notifier import FakeNotifier
from tests.support.kept_numbers import keep, statusline, window
from tests.support.processes import running
from tests.support.session_files import WAITING, processes, session_file
from tests.support.tick_world import World, payload, until


@pytest.fixture
def fake(tmp_path: Path) -> FakeNotifier:
    return FakeNotifier(tmp_path / "bin")


def watch(home: Path, *words: str, **env: Any) -> str:
    """Run the command; return what it prints."""
    ran = statusline(home, "watch", *words, **env)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def refresh(home: Path, fake: FakeNotifier, *windows: Window) -> list[str]:
    """Let the refresher look at these windows; return all notifications so far."""
    if windows:
        keep(home / "cache", *windows, due_in_s=-1)
    assert statusline(home, "refresh", **fake.env).stderr == ""
    return fake.texts


# --- the events -------------------------------------------------------------------------------------------------------


def test_a_threshold_notifies_once(tmp_path: Path, fake: FakeNotifier) -> None:
    watch(tmp_path, "--at", "80", "--notify", "desktop", **fake.env)
    full = window("five_hour", 85.7)
    assert len(refresh(tmp_path, fake, full)) == 1
    resets = clock_text(to_minute(full.resets_at or 0), time.time(), 24, "utc")
    assert refresh(tmp_path, fake, full) == [f"5h limit at 85%, resets at {resets}"]


def test_a_window_that_resets_soon_fires_one_notification(tmp_path: Path, fake: FakeNotifier) -> None:
    watch(tmp_path, "--on", "reset", "--notify", "desktop", "--command", "echo $HUDLINE_EVENT >> told", **fake.env)
    full = window("five_hour", 95, resets_in_s=10)
    assert refresh(tmp_path, fake, full) == []
    until(lambda: time.time() > (full.resets_at or 0))
    assert refresh(tmp_path, fake) == ["5h limit has reset"]
    assert refresh(tmp_path, fake, window("five_hour", 2, resets_in_s=18000)) == ["5h limit has reset"]
    assert (tmp_path / "told").read_text() == "reset\n"


def test_a_login_that_is_missing_notifies_once(tmp_path: Path, fake: FakeNotifier) -> None:
    watch(tmp_path, "--on", "expired", "--notify", "desktop", **fake.env)
    told = refresh(tmp_path, fake)
    assert [each.partition(".")[0] for each in told] == ["Signed out"]
    assert refresh(tmp_path, fake) == told


def test_a_login_that_expires_notifies_until_it_works_again(tmp_path: Path, fake: FakeNotifier) -> None:
    watch(tmp_path, "--on", "expired", "--notify", "desktop", **fake.env)
    (tmp_path / ".claude").mkdir()
    login = login_text("sk-ant-oat01-FAKE", expires_at=time.time() - 60)
    (tmp_path / ".claude" / ".credentials.json").write_text(login)
    expired = "Login expired. Run `claude`: it renews the login by itself."
    assert refresh(tmp_path, fake) == [expired]
    keep(tmp_path / "cache", window("five_hour", 1), problem="unreachable")
    assert refresh(tmp_path, fake) == [expired]
    keep(tmp_path / "cache", window("five_hour", 1))  # it worked
    assert refresh(tmp_path, fake) == [expired]
    assert refresh(tmp_path, fake, window("five_hour", 1)) == [expired] * 2


def test_a_notifier_that_kills_the_refresher_is_not_run_again(tmp_path: Path, fake: FakeNotifier) -> None:
    watch(tmp_path, "--at", "80", "--notify", "desktop", **fake.env)
    fake.program.write_text(fake.program.read_text() + "kill -KILL $PPID\n")
    keep(tmp_path / "cache", window("five_hour", 85), due_in_s=-1)
    assert statusline(tmp_path, "refresh", **fake.env).returncode < 0
    assert len(refresh(tmp_path, fake, window("five_hour", 86))) == 1


# --- sessions that wait -----------------------------------------------------------------------------------------------


@pytest.fixture
def world(door: Path, tmp_path: Path, fake: FakeNotifier) -> World:
    """Return a home whose line shows no sessions, but whose watch tells of those that wait."""
    made = World(tmp_path / "home", door, extra={"STATUSLINE_OAUTH": "off", **fake.env})
    config = made.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"rows": [["model"]], "watch": [{"on": "waiting", "notify": "desktop"}]}))
    made.cache.mkdir(parents=True)
    now = int(time.time())
    (made.cache / "usage.json").write_text(Entry({}, now, now + 3600).to_text())  # the usage job has run
    return made


def tick(world: World, pid: int) -> None:
    """Run the tick of a session, ten seconds after the last one, and wait until all that it started has ended."""
    (world.cache / "sessions.start").unlink(missing_ok=True)
    world.line(payload("oauth-01-startup", session_id=f"{pid:08d}-d88d-4c00-be5b-22872a083a00"))
    until(lambda: not running(world.cache, "__main__.py"))


def test_each_wait_of_a_session_notifies_once(world: World, fake: FakeNotifier) -> None:
    folder = world.home / ".claude" / "sessions"
    with processes(2) as (mine, other):
        session_file(folder, mine)
        session_file(folder, other, "/w/docs", status="busy")
        tick(world, mine)
        assert fake.texts == []
        for since in (1795320700000, 1795320800000):
            session_file(folder, other, "/w/docs", **WAITING, statusUpdatedAt=since)
            tick(world, mine)
            tick(world, other)
            session_file(folder, other, "/w/docs", **WAITING | {"waitingFor": "dialog open"}, statusUpdatedAt=since)
            tick(world, mine)
        assert fake.texts == ["docs is waiting: permission prompt"] * 2
    assert "told" not in (world.cache / "usage.json").read_text()


def test_the_only_session_is_looked_at_as_well(world: World, fake: FakeNotifier) -> None:
    folder = world.home / ".claude" / "sessions"
    with processes(1) as (mine,):
        session_file(folder, mine)
        tick(world, mine)
        session_file(folder, mine, **WAITING)
        tick(world, mine)
        assert fake.texts == ["api is waiting: permission prompt"]


def test_where_another_refresher_checks_the_watches_a_wait_is_told_at_the_next_look(
    world: World, fake: FakeNotifier
) -> None:
    folder = world.home / ".claude" / "sessions"
    with processes(1) as (mine,):
        session_file(folder, mine, **WAITING)
        with hold_lock(world.cache / "watch.lock"):
            tick(world, mine)
        assert fake.texts == []
        session_file(folder, mine, **WAITING, version="2.1.333")
        tick(world, mine)
        assert len(fake.texts) == 1


def test_a_hostile_name_is_only_text(world: World, fake: FakeNotifier) -> None:
    name = "\x1b[31m<b>$(x)\u202e & \\033"
    with processes(1) as (mine,):
        session_file(world.home / ".claude" / "sessions", mine, name=name, nameSource="user", **WAITING)
        tick(world, mine)
    assert fake.texts == ["31m&lt;b&gt;$(x) &amp; \\\\033 is waiting: permission prompt"]  # `texts` splits at "["
    assert fake.calls[0].isprintable()


def test_a_watch_of_the_project_notifies_of_nothing(world: World, fake: FakeNotifier) -> None:
    installed = world.home / ".config" / "hudline" / "config.json"
    (world.home / "repo").mkdir()
    installed.rename(world.home / "repo" / "c.json")
    world.extra["STATUSLINE_CONFIG"] = str(world.home / "repo" / "c.json")
    with processes(1) as (mine,):
        session_file(world.home / ".claude" / "sessions", mine, **WAITING)
        given = payload("oauth-01-startup")
        given["workspace"]["project_dir"] = str(world.home / "repo")
        world.line(given)
        until(lambda: not running(world.cache, "__main__.py"))
    assert fake.calls == []


def test_without_a_watch_for_waits_the_sessions_job_keeps_nothing(world: World, fake: FakeNotifier) -> None:
    config = world.home / ".config" / "hudline" / "config.json"
    config.write_text(json.dumps({"watch": [{"at": [80], "notify": "desktop"}]}))
    with processes(1) as (mine,):
        session_file(world.home / ".claude" / "sessions", mine, **WAITING)
        tick(world, mine)
    assert read_entry(str(world.cache / "usage.json")).parts
    assert not (world.cache / "watch.json").exists()
    assert fake.calls == []


@pytest.mark.parametrize("is_of_project", [False, True])
def test_a_notifier_of_the_project_is_not_run(world: World, tmp_path: Path, is_of_project: bool) -> None:
    repo = FakeNotifier(world.home / "repo")
    world.extra |= repo.env
    with processes(1) as (mine,):
        session_file(world.home / ".claude" / "sessions", mine, **WAITING)
        given = payload("oauth-01-startup")
        given["workspace"]["project_dir"] = str(repo.folder if is_of_project else tmp_path / "other")
        if is_of_project:
            world.extra["STATUSLINE_API_BASE"] = "http://127.0.0.1:9"
            (world.home / ".config" / "hudline" / "config.json").write_text(
                json.dumps({"watch": [{"on": "waiting", "command": "echo >> ~/ran"}]})  # no real notification in a test
            )
        world.line(given)
        until(lambda: not running(world.cache, "__main__.py"))
    assert bool(repo.calls) != is_of_project


# --- the command ------------------------------------------------------------------------------------------------------


def test_it_is_written_listed_and_removed(tmp_path: Path, fake: FakeNotifier) -> None:
    config = tmp_path / "config.json"
    for words in (
        ["--on", "waiting", "--notify", "desktop"],
        ["--on", "reset", "--at", "95", "--command", "first"],
        ["--on", "threshold", "--command", "first"],
        ["--at", "80", "--command", "first", "--notify", "desktop"],
        ["--on", "reset", "--at", "90", "--command", "first"],
    ):
        listed = watch(tmp_path, *words, **fake.env)
    assert json.loads(config.read_text())["watch"] == [
        {"on": "waiting", "notify": "desktop"},
        {"at": [90], "command": "first"},
        {"at": [80], "command": "first", "notify": "desktop"},
        {"on": "reset", "at": [90], "command": "first"},
    ]
    assert find_problems(config.read_text()) == []
    assert listed.splitlines()[:4] == [
        "waiting: a notification",
        "90%: first",
        "80%: first, and a notification",
        "reset after 90%: first",
    ]
    watch(tmp_path, "--remove", "--on", "reset")
    watch(tmp_path, "--remove", "--notify", "desktop")
    assert json.loads(config.read_text())["watch"] == [{"at": [90], "command": "first"}]


@pytest.mark.parametrize(
    ("words", "mistake"),
    [
        (["--on", "waiting"], "--command CMD or --notify desktop is missing"),
        (["--at", "80"], "--command CMD or --notify desktop is missing"),
        (["--notify", "desktop"], "--at PERCENT or --on EVENT is missing"),
        (["--on", "waiting", "--at", "80", "--notify", "desktop"], "--on waiting takes no --at"),
        (["--try", "--on", "waiting"], "--try runs the existing watches"),
        (["--on", "never", "--notify", "desktop"], "invalid choice: 'never'"),
        (["--on", "waiting", "--notify", "phone"], "invalid choice: 'phone'"),
    ],
)
def test_a_mistake_in_the_words_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str], mistake: str
) -> None:
    monkeypatch.setenv("STATUSLINE_CONFIG", str(tmp_path / "config.json"))
    with pytest.raises(SystemExit) as ended:
        sys.exit(main(["watch", *words]))
    out, err = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert mistake in err
    assert not (tmp_path / "config.json").exists()


def test_trying_does_each_with_example_values(tmp_path: Path, fake: FakeNotifier) -> None:
    watches = [{"on": event, "command": "echo $HUDLINE_TEXT >> told"} for event in ("reset", "waiting", "expired")]
    (tmp_path / "config.json").write_text(json.dumps({"watch": [*watches, {"at": [80], "notify": "desktop"}]}))
    ran = statusline(tmp_path, "watch", "--try", **fake.env)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "done: a notification")
    assert (tmp_path / "told").read_text().splitlines() == [
        "5h limit has reset",
        "api is waiting: permission prompt",
        "Login expired. Run `claude`: it renews the login by itself.",
    ]
    assert fake.texts[0].startswith("5h limit at 80%, resets at ")
    (fake.folder / "exit").write_text("1")
    ran = statusline(tmp_path, "watch", "--try", **fake.env)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (1, f"failed: {fake.program} exited with 1: a notification")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"on": "waiting"}, "watch[0]: expected an object with at or on, and with command or notify"),
        ({"notify": "desktop"}, 'watch[0]: "at" is missing'),
        ({"on": "waiting", "at": [80], "notify": "desktop"}, "watch[0].at: unknown key"),
        ({"on": "wait", "notify": "desktop"}, 'watch[0].on: expected "threshold", "reset", "waiting" or "expired"'),
        ({"on": "reset", "notify": "phone"}, 'watch[0].notify: expected "desktop"'),
    ],
)
def test_the_strict_check_explains_a_wrong_watch(entry: object, problem: str) -> None:
    (found,) = find_problems(json.dumps({"watch": [entry]}))
    assert f"{found.key}: {found.says}".startswith(problem)
