"""The jobs behind a line, as whole processes: what ticks start, how often, with what, and what they then show."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from cache.model.entry import Entry
from cache.model.layout import SLOT_FILES
from tests.support.git_checkouts import checkout, commit, git
from tests.support.kept_readings import keep_usage
from tests.support.processes import running
from tests.support.tick_world import World, payload, until

ROWS = {
    "git": ["directory", "branch", "git_changes", "git_sync", "git_operation"],
    "activity": ["model", "last_tool", "todos", "turns"],
}


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    """Return a home in which the numbers are not due, so that only the jobs of this file run."""
    made, now = World(tmp_path, door, extra={"STATUSLINE_OAUTH": "off"}), int(time.time())
    made.cache.mkdir(parents=True, mode=0o700)
    keep_usage(made.cache, [], Entry({}, now, now + 3600))
    (made.cache / "transcripts.json").write_text(Entry({"complete": True}, now, now + 3600).to_text())
    return made


@pytest.fixture
def work(world: World) -> Path:
    return checkout(world.home / "work", one="1\n")


def configure(world: World, *names: object, **more: object) -> None:
    folder = world.home / ".config" / "hudline"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"rows": [list(names)], "glyphs": "ascii", **more}))


def given(folder: Path, **changes: Any) -> dict[str, Any]:
    found = payload("apikey-01-startup", **changes)
    found["workspace"]["current_dir"] = found["cwd"] = str(folder)
    return found


def entries(world: World, folder: str, suffix: str = "json") -> list[Path]:
    return sorted((world.cache / folder).glob(f"*.{suffix}"))


def rest(world: World) -> None:
    """Wait until no refresher of this world is running."""
    until(lambda: not running(world.cache, "__main__.py"))


def let_pass(world: World, seconds: float) -> None:
    """Move everything in the cache into the past."""
    for folder in ("git", "sessions", "commands"):
        for path in (*entries(world, folder), *entries(world, folder, "start")):
            at = path.stat().st_mtime - seconds
            if path.suffix == ".json":
                kept = json.loads(path.read_text())
                kept["fetched_at"] -= int(seconds)
                kept["due_at"] -= int(seconds)
                path.write_text(json.dumps(kept))
            os.utime(path, (at, at))


def settle(world: World, folder: Path) -> None:
    """Let the jobs of every line be done, so that only those of the test take slots."""
    configure(world, "model")
    world.line(given(folder))
    rest(world)


def starts(world: World, folder: str) -> list[float]:
    return [path.stat().st_mtime for path in entries(world, folder, "start")]


def test_the_readable_files_do_the_same(work: Path, tmp_path: Path, doors: dict[str, Path]) -> None:
    readable = World(tmp_path, doors["readable"])
    configure(readable, *ROWS["git"], {"segment": "command", "name": "mine"}, commands={"mine": {"command": "echo hi"}})
    (work / "new").write_text("x")
    readable.line(given(work))
    rest(readable)
    row = readable.line(given(work))
    assert "?1" in row
    assert "hi" in row


def counted(world: World, work: Path) -> Path:
    """Let one new file be counted, and no job start from then on; return the entry."""
    configure(world, "model", "git_changes")
    (work / "new").write_text("x")
    world.line(given(work))
    rest(world)
    world.extra["STATUSLINE_START"] = "off"
    (file,) = entries(world, "git")
    return file


def test_changes_that_were_counted_are_shown_until_the_next_look_and_a_while_longer(world: World, work: Path) -> None:
    file = counted(world, work)
    for due_in_s, age_s, problem, is_shown in (
        (60, 400, None, True),
        (60, 450, None, False),
        (1200, 1400, None, True),
        (1200, 1600, None, False),
        (1200, 1400, "refused", False),
        (10**9, 8000, None, False),  # no job is due so far ahead
    ):
        kept = json.loads(file.read_text())
        at = int(time.time()) - age_s
        file.write_text(json.dumps(kept | {"fetched_at": at, "due_at": at + due_in_s, "problem": problem}))
        assert ("?1" in world.line(given(work))) == is_shown


def test_a_count_stays_until_the_look_that_a_change_starts(world: World, work: Path) -> None:
    """Without a count the checkout would seem clean, just when its session begins to write."""
    file = counted(world, work)
    kept, at = json.loads(file.read_text()), int(time.time()) - 1000
    file.write_text(json.dumps(kept | {"fetched_at": at, "due_at": at + 1800}))
    git(work, "add", "new")
    assert "?1" in world.line(given(work))


@pytest.mark.parametrize("config_dir", ["", "/home/someone/other"])
def test_the_folders_that_a_first_tick_makes_are_marked_as_ours(world: World, work: Path, config_dir: str) -> None:
    shutil.rmtree(world.cache)
    configure(world, *ROWS["git"])
    world.extra["CLAUDE_CONFIG_DIR"] = config_dir
    world.line(given(work))
    rest(world)
    ours = {world.cache, world.cache / "git"} | set((world.cache / "dirs").glob("*"))
    assert {path.parent for path in world.home.rglob(".hudline")} == ours
    assert len(ours) == (3 if config_dir else 2)


# --- git --------------------------------------------------------------------------------------------------------------


def test_the_changes_are_found_by_one_tick_and_shown_by_the_next(world: World, work: Path) -> None:
    configure(world, *ROWS["git"])
    (work / "one").write_text("2\n")
    (work / "new").write_text("x")
    first = world.line(given(work))
    assert "main" in first
    (kept,) = until(lambda: entries(world, "git"))
    assert "+" not in first
    assert "~1 ?1" in world.line(given(work))
    assert kept.name == f"{'/'.join(work.parts)[1:].replace('/', '%2F').replace('-', '%2D').replace('_', '%5F')}.json"
    rest(world)
    assert {path.stat().st_mode & 0o777 for path in (world.cache / "git").iterdir()} == {0o600}


def test_nothing_is_started_while_nothing_changes(world: World, work: Path) -> None:
    configure(world, *ROWS["git"])
    world.line(given(work))
    until(lambda: entries(world, "git"))
    rest(world)
    let_pass(world, 15)
    before = starts(world, "git")
    for _ in range(3):
        world.line(given(work))
    assert starts(world, "git") == before
    let_pass(world, 50)
    world.line(given(work))
    assert starts(world, "git") > before
    rest(world)


@pytest.mark.parametrize("change", ["index", "head", "lines"])
def test_a_change_is_looked_at_after_ten_seconds_at_most(world: World, work: Path, change: str) -> None:
    configure(world, *ROWS["git"])
    world.line(given(work))
    until(lambda: entries(world, "git"))
    rest(world)
    changed = given(work)
    if change == "index":
        (work / "one").write_text("2\n")
        git(work, "add", "one")
    elif change == "head":
        git(work, "checkout", "-q", "-b", "other")
    else:
        changed["cost"]["total_lines_added"] += 5
    before = starts(world, "git")
    world.line(changed)
    assert starts(world, "git") == before, "the last start was just now"
    let_pass(world, 11)
    before = starts(world, "git")
    world.line(changed)
    assert starts(world, "git") > before
    rest(world)
    before = starts(world, "git")
    let_pass(world, 11)
    before = starts(world, "git")
    world.line(changed)
    assert starts(world, "git") == before, "it has been looked at"


def test_two_sessions_in_one_checkout_do_not_wake_each_other(world: World, work: Path) -> None:
    configure(world, *ROWS["git"])
    one, two = given(work, session_id="one"), given(work, session_id="two")
    one["cost"]["total_lines_added"], two["cost"]["total_lines_added"] = 5, 9
    for each in (one, two):
        world.line(each)
        rest(world)
        let_pass(world, 11)
    before = starts(world, "git")
    for each in (one, two, one):
        world.line(each)
    assert starts(world, "git") == before


def test_a_slow_checkout_is_asked_less_often(world: World, work: Path) -> None:
    configure(world, *ROWS["git"])
    world.line(given(work))
    (kept,) = until(lambda: entries(world, "git"))
    rest(world)
    entry = json.loads(kept.read_text())
    entry["value"]["took_s"] = 3.0
    kept.write_text(json.dumps(entry))
    git(work, "checkout", "-q", "-b", "other")
    for passed_s, started in ((30, False), (40, True)):
        let_pass(world, passed_s)
        before = starts(world, "git")
        world.line(given(work))
        assert (starts(world, "git") > before) == started, passed_s
    rest(world)


def test_numbers_that_could_not_be_renewed_leave_the_line(world: World, work: Path) -> None:
    configure(world, *ROWS["git"])
    (work / "one").write_text("2\n")
    world.line(given(work))
    until(lambda: entries(world, "git"))
    rest(world)
    world.extra["STATUSLINE_START"] = "off"
    assert "~1" in world.line(given(work))
    let_pass(world, 360)
    assert "~1" in world.line(given(work))
    let_pass(world, 100)
    assert "~1" not in world.line(given(work))


def test_each_worktree_has_its_own_numbers(world: World, work: Path) -> None:
    configure(world, *ROWS["git"])
    git(work, "worktree", "add", "-q", "../side")
    (world.home / "side" / "one").write_text("2\n")
    for folder in (work, world.home / "side"):
        world.line(given(folder))
        rest(world)
    until(lambda: len(entries(world, "git")) == 2)
    rest(world)
    assert "~1" in world.line(given(world.home / "side"))
    assert "~" not in world.line(given(work)).replace("~/", "")


def test_what_is_under_way_is_on_the_line_at_once_with_its_branch(world: World, work: Path) -> None:
    configure(world, *ROWS["git"])
    git(work, "checkout", "-q", "-b", "topic")
    commit(work, "a", one="a\n")
    git(work, "checkout", "-q", "main")
    commit(work, "b", one="b\n")
    git(work, "checkout", "-q", "topic")
    git(work, "rebase", "main", check=False)
    row = world.line(given(work))
    assert "rebase 1/1" in row
    assert "topic" in row
    configure(world, "branch")
    assert "topic" in world.line(given(work)), "a hash would name no branch"


def test_the_default_line_asks_git_for_the_changed_files_and_minimal_rows_of_ones_own_do_not(
    world: World, work: Path
) -> None:
    (work / "new").write_text("")
    assert "main" in world.line(given(work))
    until(lambda: "*1" in world.line(given(work)))
    rest(world)
    shutil.rmtree(world.cache / "git")
    configure(world, "model", "branch")
    assert "main" in world.line(given(work))
    rest(world)
    assert not (world.cache / "git").exists()


@pytest.mark.unmeasured
def test_a_hundred_ticks_at_once_start_one_git(world: World, work: Path) -> None:
    configure(world, *ROWS["git"])
    file = world.home / "payload.json"
    file.write_text(json.dumps(given(work)))
    counting = world.home / "bin"
    counting.mkdir()
    (counting / "git").write_text(
        f'#!/bin/sh\necho run >>"{world.home}/runs"\nexec /usr/bin/env -i PATH=/usr/bin:/bin git "$@"\n'
    )
    (counting / "git").chmod(0o755)
    world.extra["PATH"] = f"{counting}:/usr/bin:/bin"
    ticks = []
    for _ in range(100):
        with file.open("rb") as stdin:
            ticks.append(subprocess.Popen(world.command, env=world.env, stdin=stdin, stdout=subprocess.PIPE))
    assert all(b"main" in tick.communicate()[0] for tick in ticks)
    until(lambda: entries(world, "git"))
    rest(world)
    assert (world.home / "runs").read_text().count("run") == 4, "two for the folders, one each for filters and status"


def test_after_the_clock_was_set_back_every_job_starts_once_more(world: World, work: Path) -> None:
    log = world.home / "session.jsonl"
    log.write_text("{}\n")
    rows = ["git_changes", *ROWS["activity"], {"segment": "command", "name": "mine"}]
    configure(world, *rows, commands={"mine": {"command": "cat count", "every": 3600}})
    (work / "count").write_text("first")
    message = given(work, transcript_path=str(log))
    for _ in range(2):  # there are slots for two of them at once
        world.line(message)
        rest(world)
    assert "first" in world.line(message)
    let_pass(world, -3600)
    (work / "count").write_text("second")
    for _ in range(2):
        world.line(message)
        rest(world)
    row = world.line(message)
    assert ("?1" in row, "second" in row) == (True, True)
    for folder in ("git", "sessions", "commands"):
        (file,) = entries(world, folder)
        assert json.loads(file.read_text())["fetched_at"] <= time.time(), folder
    times = [starts(world, folder) for folder in ("git", "sessions", "commands")]
    world.line(message)
    assert [starts(world, folder) for folder in ("git", "sessions", "commands")] == times


# --- activity ---------------------------------------------------------------------------------------------------------


def test_what_the_transcript_tells_is_shown_by_the_next_tick(world: World) -> None:
    configure(world, *ROWS["activity"])
    transcript = world.home / "projects" / "s.jsonl"
    transcript.parent.mkdir()
    use = {"type": "tool_use", "id": "t1", "name": "Edit", "input": {}}
    transcript.write_text(
        '{"type":"user","message":{"content":"hello"}}\n'
        + json.dumps({"type": "assistant", "message": {"content": [use]}}, separators=(",", ":"))
        + "\n"
    )
    asked = given(world.home, session_id="0b9c1f9e-3c1c", transcript_path=str(transcript))
    assert "Edit" not in world.line(asked)
    (kept,) = until(lambda: entries(world, "sessions"))
    assert kept.name == "0b9c1f9e%2D3c1c.json"
    row = world.line(asked)
    assert "Edit" in row
    assert "1 turn" in row
    rest(world)
    let_pass(world, 11)
    before = starts(world, "sessions")
    world.line(asked)
    assert starts(world, "sessions") == before, "nothing was written"
    with transcript.open("a") as file:
        file.write(
            json.dumps({"type": "assistant", "message": {"content": [{**use, "name": "Bash"}]}}, separators=(",", ":"))
        )
        file.write("\n")
    world.line(asked)
    until(lambda: "Bash" in world.line(asked))
    rest(world)


@pytest.mark.parametrize("path", [None, "", "relative.jsonl", "/not/there.jsonl", "/dev/zero", "/", 7])
def test_a_session_without_a_transcript_says_nothing_of_it(world: World, path: object) -> None:
    configure(world, *ROWS["activity"])
    for _ in range(2):
        assert world.line(given(world.home, transcript_path=path)).startswith("Haiku")
        rest(world)


def test_another_sessions_transcript_is_not_shown(world: World) -> None:
    configure(world, *ROWS["activity"])
    transcript = world.home / "s.jsonl"
    transcript.write_text('{"type":"user","message":{"content":"a"}}\n{"type":"assistant","message":{"content":[]}}\n')
    world.line(given(world.home, session_id="one", transcript_path=str(transcript)))
    until(lambda: entries(world, "sessions"))
    rest(world)
    assert "1 turn" in world.line(given(world.home, session_id="one", transcript_path=str(transcript)))
    assert "turn" not in world.line(given(world.home, session_id="two", transcript_path=str(transcript)))
    rest(world)


# --- the person's own commands ----------------------------------------------------------------------------------------


def with_command(world: World, command: str, **more: object) -> None:
    configure(world, "model", {"segment": "command", "name": "mine"}, commands={"mine": {"command": command, **more}})


def test_a_command_gets_the_payload_and_its_output_is_on_the_line(world: World, work: Path) -> None:
    with_command(
        world, 'printf \'\\033[31m%s\\033[0m in %s\\n\' "$(grep -o \'"session_id":"[^"]*"\')" "$(basename "$PWD")"'
    )
    asked = given(work, session_id="this-one")
    assert "this-one" not in world.line(asked)
    until(lambda: entries(world, "commands"))
    assert '"session_id":"this-one" in work' in world.line(asked)
    rest(world)


def test_a_command_is_run_as_often_as_the_person_wants(world: World, work: Path) -> None:
    with_command(world, f"echo run >>'{world.home}/runs'; wc -l <'{world.home}/runs'", every=300)
    runs = world.home / "runs"
    for passed_s, expected in ((0, 1), (1, 1), (150, 1), (160, 2)):
        let_pass(world, passed_s)
        world.line(given(work))
        rest(world)
        assert runs.read_text().count("run") == expected, passed_s
    assert world.line(given(work)).endswith("2")


def test_a_command_that_is_not_on_the_line_is_not_run(world: World, work: Path) -> None:
    configure(world, "model", commands={"mine": {"command": f"touch '{world.home}/ran'"}})
    world.line(given(work))
    rest(world)
    assert not (world.home / "ran").exists()
    assert not (world.cache / "commands").exists()


def test_each_session_and_directory_has_its_own_output(world: World, work: Path) -> None:
    with_command(world, "pwd; cat >/dev/null")
    for folder in (work, world.home):
        for session in ("a", "b"):
            world.line(given(folder, session_id=session))
            rest(world)
    until(lambda: len(entries(world, "commands")) == 4)
    rest(world)
    assert str(work) in world.line(given(work, session_id="a"))
    assert str(work) not in world.line(given(world.home, session_id="a"))


def test_a_shared_command_runs_once_for_all_sessions_in_a_directory_and_gets_no_payload(
    world: World, work: Path
) -> None:
    with_command(world, f"echo run >>'{world.home}/runs'; echo $(cat | wc -c) in $(basename $PWD)", shared=True)
    for folder in (work, world.home):
        for session in ("a", "b", "c"):
            world.line(given(folder, session_id=session))
        rest(world)
    assert (world.home / "runs").read_text().count("run") == 2
    assert len(entries(world, "commands")) == 2
    for session in ("a", "d"):
        assert world.line(given(work, session_id=session)).endswith("0 in work")
    let_pass(world, 61)
    world.line(given(work, session_id="e"))
    rest(world)
    assert (world.home / "runs").read_text().count("run") == 3


def test_of_many_commands_the_one_that_waits_longest_is_next(world: World, work: Path) -> None:
    names = ["a", "b", "c", "d", "e"]
    commands = {name: {"command": f"echo {name} >>'{world.home}/runs'", "every": 5} for name in names}
    settle(world, work)
    configure(world, "model", *({"segment": "command", "name": name} for name in names), commands=commands)
    runs: list[str] = []
    for _ in range(4):
        world.line(given(work))
        rest(world)
        runs += sorted((world.home / "runs").read_text().split()[len(runs) :])
        let_pass(world, 10)
    assert runs[:4] == ["a", "b", "c", "d"], "two by each tick"
    assert "e" in runs[4:6]
    assert {"a", "b", "e"} < {*runs[4:8]}, "of two that a tick started, either may wait longer"


def test_without_a_free_slot_nothing_is_started_and_a_slot_that_was_left_is_free_again(
    world: World, work: Path
) -> None:
    settle(world, work)
    configure(world, *ROWS["git"])
    slots = [world.cache / name for name in SLOT_FILES]
    for slot in slots:
        slot.write_text("command-1-1")
    assert "main" in world.line(given(work))
    assert not running(world.cache, "__main__.py")
    assert not starts(world, "git"), "the next tick tries again"
    os.utime(slots[3], (time.time() - 16, time.time() - 16))
    world.line(given(work))
    until(lambda: entries(world, "git"))
    rest(world)
    assert [slot for slot in slots if slot.exists()] == slots[:3]
    assert not list(world.cache.rglob("*.tmp"))


def test_output_that_could_not_be_renewed_leaves_the_line(world: World, work: Path) -> None:
    with_command(world, "echo fine; exit $(cat code 2>/dev/null || echo 0)", every=60)
    world.line(given(work))
    until(lambda: entries(world, "commands"))
    rest(world)
    (work / "code").write_text("1")
    let_pass(world, 100)
    world.line(given(work))
    rest(world)
    (kept,) = entries(world, "commands")
    assert json.loads(kept.read_text())["problem"] == "command_failed"
    assert "fine" in world.line(given(work))
    let_pass(world, 900)
    assert "fine" not in world.line(given(work))
    rest(world)


SECRETS = {
    "ANTHROPIC_API_KEY": "sk-ant-api03-CANARY",
    "CLAUDE_CODE_MESSAGING_TOKEN": "CANARY-messaging",
    "GITHUB_TOKEN": "CANARY-github",
    "PLAIN": "sk-ant-oat01-CANARY",
}


def test_secrets_reach_neither_the_command_nor_the_refresher_nor_the_disk(world: World, work: Path) -> None:
    world.extra |= SECRETS | {"KEPT": "yes"}
    files = "/proc/$PPID/environ /proc/$PPID/cmdline /proc/$$/environ"  # the refresher's, and the shell's
    with_command(world, f"env >'{world.home}/env'; cat {files} >'{world.home}/seen'")
    world.line(given(work))
    until(lambda: entries(world, "commands"))
    rest(world)
    seen = (world.home / "seen").read_bytes()
    assert b"__main__.py" in seen
    assert seen.count(b"HOME=") == 2
    assert b"CANARY" not in seen
    environment = (world.home / "env").read_text()
    assert "KEPT=yes" in environment
    for path in world.home.rglob("*"):
        assert not path.is_file() or b"CANARY" not in path.read_bytes(), path


def test_a_command_survives_the_end_of_its_tick_and_has_the_null_device_behind_it(world: World, work: Path) -> None:
    with_command(world, "sleep 0.5; echo there")
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    world.line(given(work), pass_fds=[writing])
    os.close(writing)
    until(lambda: running(world.cache, "__main__.py", "command"))
    os.set_blocking(reading, False)
    until(lambda: read_end(reading))
    os.close(reading)
    rest(world)
    assert "there" in world.line(given(work))


def read_end(reading: int) -> bool:
    """Say whether a pipe has no writer left."""
    try:
        return os.read(reading, 1) == b""
    except BlockingIOError:
        return False


def test_a_payload_that_no_pipe_holds_starts_nothing_and_costs_nothing(world: World, work: Path) -> None:
    with_command(world, f"touch '{world.home}/ran'")
    assert world.line(given(work, more="x" * 200_000)).startswith("Haiku")
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    assert world.line(given(work, more=deep)).startswith("Haiku")
    rest(world)
    assert not (world.home / "ran").exists()
    assert not list(world.cache.glob("slot-*")), "a slot without a refresher is given back"


def test_a_very_large_environment_is_handed_on_as_far_as_it_goes(world: World, work: Path) -> None:
    world.extra |= {f"LARGE_{number}": "x" * 20_000 for number in range(6)} | {"SMALL": "kept"}
    with_command(world, 'echo "$SMALL $(env | grep -c LARGE_)"; cat >/dev/null')
    world.line(given(work))
    until(lambda: entries(world, "commands"))
    rest(world)
    row = world.line(given(work))
    assert "kept 2" in row


@pytest.mark.parametrize(
    "commands",
    [
        None,
        3,
        [],
        {},
        {"mine": None},
        {"mine": {}},
        {"mine": {"command": 3}},
        {"mine": {"command": ""}},
        {"other": {"command": "x"}},
    ],
)
def test_odd_commands_in_the_configuration_are_silent(world: World, work: Path, commands: object) -> None:
    configure(
        world, "model", {"segment": "command", "name": "mine"}, {"segment": "command"}, "command", commands=commands
    )
    assert world.line(given(work)) == "Haiku 4.5"
    rest(world)


# --- anything in the cache --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema":99}', "\0" * 50, " " * (2 << 20)], ids=range(6))
def test_any_entry_is_survived_and_made_anew(world: World, work: Path, content: str) -> None:
    configure(
        world,
        *ROWS["git"],
        *ROWS["activity"],
        {"segment": "command", "name": "mine"},
        commands={"mine": {"command": "echo hi"}},
    )
    for _ in range(2):
        world.line(given(work))
        rest(world)
        let_pass(world, 70)
    found = [path for folder in ("git", "sessions", "commands") for path in entries(world, folder)]
    assert len(found) == 3
    for path in found:
        path.write_text(content)
    assert "main" in world.line(given(work))
    rest(world)
    assert "hi" in world.line(given(work))
    rest(world)


@pytest.mark.parametrize(
    "value",
    [
        {"modified": "x", "staged": -3, "untracked": [], "took_s": "x", "lines": 3, "upstream": 7},
        {"modified": 10**30, "took_s": 1e300, "lines": {"s": {}}},
        {"last_tool": "Bash", "tool_argument": 3, "todos": [], "turns": {}, "running_agents": "x"},
        {"text": 3},
        {},
    ],
)
def test_any_value_in_an_entry_is_survived(world: World, work: Path, value: dict[str, object]) -> None:
    configure(
        world,
        *ROWS["git"],
        *ROWS["activity"],
        {"segment": "command", "name": "mine"},
        commands={"mine": {"command": "true"}},
    )
    world.line(given(work))
    rest(world)
    now = int(time.time())
    for folder in ("git", "sessions", "commands"):
        for path in entries(world, folder):
            path.write_text(Entry(value, now, now + 3600).to_text())
    assert "main" in world.line(given(work))
    rest(world)
