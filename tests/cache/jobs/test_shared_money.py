"""What was spent reaches the line through the entry that every tick reads, with any login and with none."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from cache.model.entry import Entry
from statusline.due import has_grown
from statusline.payload import Session
from tests.support.processes import running
from tests.support.tick_world import World, payload, until
from tests.support.transcript_writer import answer_line, lines_of, naive_totals

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    return World(tmp_path, door, extra={"STATUSLINE_OAUTH": "off"})


def configure(world: World, **settings: Any) -> None:
    path = world.home / ".config" / "hudline" / "config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))


def work(world: World, *times: float, folder: str = "/p", branch: str = "main") -> Path:
    path = world.home / ".claude" / "projects" / "p" / "session.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        for at in times:
            file.write(answer_line(f"m{at}", "r", at, output=40_000, folder=folder, branch=branch))
    return path


def parts_of(world: World) -> Any:
    return world.kept().get("parts", {}).get("money")


def shown(world: World, **changes: Any) -> str:
    """Return the row after what a tick has started is done."""
    world.line(payload("apikey-02-after-message", **changes))
    until(lambda: not running(world.cache) and (world.cache / "transcripts.json").exists() and world.kept())
    world.refresh("transcripts")  # it may have ended before there was an entry to share it in; not due, it shares
    until(lambda: parts_of(world) and not running(world.cache))
    return world.line(payload("apikey-02-after-message", **changes))


@pytest.mark.parametrize("key", [{}, {"ANTHROPIC_API_KEY": "sk-ant-api03-FAKE"}])
def test_without_a_login_the_line_shows_what_was_spent_today_by_its_budget(world: World, key: dict[str, str]) -> None:
    world.extra |= key
    configure(
        world, rows=[["model", "cost", "today", "week", "month", "block"]], budget={"day": 1}, time={"zone": "utc"}
    )
    now = time.time()
    path = work(world, *[now - now % 86400 + 1 + n for n in range(2)])
    total = naive_totals([lines_of(path)])
    row = shown(world)
    assert f"today ${total.dollars:.2f}!!" in row
    assert row.count(f"${total.dollars:.2f}") >= 3
    part = parts_of(world)
    assert part["value"]["today"]["tokens"] == total.tokens
    assert part["due_at"] > now


def test_a_refresh_of_the_usage_keeps_what_the_other_job_has_shared(world: World) -> None:
    configure(world, rows=[["today"]])
    work(world, time.time() - 5)
    shown(world)
    before = world.kept()
    world.refresh("usage", "--force")
    after = world.kept()
    assert after["fetched_at"] >= before["fetched_at"]
    assert after["parts"] == before["parts"]


def test_only_a_line_with_money_on_it_lets_the_transcripts_be_read_every_minute(world: World) -> None:
    work(world, time.time() - 5)
    configure(world, rows=[["today"]])
    shown(world)
    kept = world.kept()
    kept["due_at"] = int(time.time()) + 3000
    kept["parts"]["money"]["due_at"] = 1
    for rows, starts in ((["model"], False), (["today"], True)):
        configure(world, rows=[rows])
        (world.cache / "usage.json").write_text(json.dumps(kept))
        stamp = world.cache / "transcripts.start"
        os.utime(stamp, (1, 1))
        world.line(payload("oauth-02-after-message-rate-limits", now=time.time()))
        assert (stamp.stat().st_mtime > 1) is starts
        until(lambda: not running(world.cache))


def test_a_branch_shows_what_it_took_in_its_checkout(world: World) -> None:
    checkout = world.home / "webshop"
    (checkout / ".git").mkdir(parents=True)
    (checkout / "src").mkdir()
    (checkout / ".git" / "HEAD").write_text("ref: refs/heads/feat/login\n")
    now = time.time()
    configure(world, rows=[["branch_cost"]])
    work(world, now - 50, folder=str(checkout), branch="feat/login")
    work(world, now - 40, folder=str(checkout / "src"), branch="feat/login")
    work(world, now - 30, folder=str(checkout), branch="main")
    path = work(world, now - 20, folder=f"{checkout}2", branch="feat/login")
    total = naive_totals([list(lines_of(path))[:2]])
    where = {"workspace": {"current_dir": str(checkout / "src"), "project_dir": str(checkout)}}
    assert shown(world, **where).endswith(f"feat/login ${total.dollars:.2f}")


@pytest.mark.parametrize(
    ("written", "added_up", "row", "starts"),
    [
        (-5, {}, ["today"], True),
        (-400, {}, ["today"], False),  # and added up since
        (-5, {"fetched_at": -50}, ["today"], False),  # as often as where it is always due
        (500, {}, ["today"], False),  # by a clock that went ahead
        (-5, {"fetched_at": 3600, "due_at": 3660}, ["today"], True),  # the job ran while it did
        (-5, {"problem": "unwritable"}, ["today"], False),  # the job waits for another attempt
        (-5, {}, ["model"], False),  # neither money nor an estimate is shown
    ],
)
def test_a_transcript_that_has_grown_is_read_however_long_nothing_was_new(
    world: World, written: int, added_up: dict[str, Any], row: list[str], starts: bool
) -> None:
    path = work(world, time.time() - 500)
    configure(world, rows=[["today"]])
    shown(world)
    now = int(time.time())
    before = {"fetched_at": -300, "due_at": 300, **added_up}
    before = {name: now + value if isinstance(value, int) else value for name, value in before.items()}
    for kept in (world.cache / "usage.json", world.cache / "transcripts.json"):
        content = json.loads(kept.read_text())
        content |= {"due_at": now + 3000} if "parts" in content else before
        content.get("parts", {}).get("money", {}).update(before)
        kept.write_text(json.dumps(content))
    configure(world, rows=[row])
    work(world, now - 5)
    os.utime(path, (now + written, now + written))
    told = payload("oauth-02-after-message-rate-limits", now=now, transcript_path=str(path))
    stamp = world.cache / "transcripts.start"
    os.utime(stamp, (1, 1))
    world.line(told)
    assert (stamp.stat().st_mtime > 1) is starts
    until(lambda: not running(world.cache))
    assert (parts_of(world)["fetched_at"] >= now) is starts
    assert (parts_of(world)["value"]["today"]["tokens"] > 80_000) is starts


def test_an_estimate_is_made_again_when_the_transcript_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only of a file whose path says where it is: a tick can start anywhere."""
    log, now = tmp_path / "session.jsonl", 1_800_000_000
    log.touch()
    os.utime(log, (now - 5, now - 5))
    told = Session({"transcript_path": str(log)})
    assert has_grown(told, Entry({}, now - 60, now + 200), now)
    assert not has_grown(told, Entry({}, now - 59, now + 200), now)
    assert not has_grown(told, None, now)
    assert not has_grown(Session({}), Entry({}, now - 60, now + 200), now)
    monkeypatch.chdir(tmp_path)
    assert not has_grown(Session({"transcript_path": log.name}), Entry({}, now - 60, now + 200), now)
