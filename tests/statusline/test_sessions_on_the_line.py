"""Who waits, on the lines of other sessions: whole processes, with files as Claude Code writes them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from cache.model.entry import WATCHED_OF_PART, Entry, part_of, read_entry
from statusline.gather import waiting_in
from statusline.payload import Session
from tests.support.session_files import WAITING, processes, session_file, stale_files
from tests.support.tick_world import World, payload, until


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    made = World(tmp_path, door, extra={"STATUSLINE_OAUTH": "off"})
    now = int(time.time())
    made.cache.mkdir(parents=True)
    (made.cache / "usage.json").write_text(Entry({}, now, now + 3600).to_text())  # the usage job has run
    return made


@pytest.fixture
def folder(world: World) -> Path:
    return world.home / ".claude" / "sessions"


def part(world: World) -> Entry:
    return part_of(read_entry(str(world.cache / "usage.json")), "sessions")


def line(world: World, pid: int) -> str:
    """Return the row of the session with this process, ten seconds after the last tick of any."""
    (world.cache / "sessions.start").unlink(missing_ok=True)
    world.extra["CLAUDE_PID"] = str(pid)
    return world.line(payload("oauth-01-startup", session_id=f"{pid:08d}-d88d-4c00-be5b-22872a083a00"))


def settle(world: World, number: int) -> None:
    """Wait until the job that a tick started has written that so many wait."""
    until(lambda: len((part(world).value or {}).get("waiting", "none")) == number)  # type: ignore[arg-type]


def test_the_row_says_within_two_ticks_who_waits_and_stops_within_two(world: World, folder: Path) -> None:
    with processes(2) as (mine, other):
        session_file(folder, mine)
        session_file(folder, other, "/w/docs")
        line(world, mine)
        settle(world, 0)
        session_file(folder, other, "/w/docs", **WAITING)
        line(world, mine)
        settle(world, 1)
        assert line(world, mine).endswith("│ 1 waiting: docs")
        assert "waiting" not in line(world, other)  # whoever sits there sees it
        session_file(folder, other, "/w/docs", status="busy")
        line(world, mine)
        settle(world, 0)
        assert "waiting" not in line(world, mine)
        session_file(folder, other, "/w/docs", **WAITING)
        line(world, mine)
        settle(world, 1)
        (folder / f"{other}.json").unlink()  # it has ended
        line(world, mine)
        settle(world, 0)
        assert "waiting" not in line(world, mine)


def test_the_job_waits_for_the_usage_job_which_keeps_its_entry(world: World, folder: Path) -> None:
    """Before, it could not write anything, and took the time of the usage job."""
    (world.cache / "usage.json").unlink()
    with processes(1) as (mine,):
        session_file(folder, mine)
        line(world, mine)
        assert not (world.cache / "sessions.start").exists()
        until((world.cache / "usage.json").exists)
        line(world, mine)
        assert (world.cache / "sessions.start").exists()
        settle(world, 0)


def test_a_hostile_name_never_acts_on_the_terminal(world: World) -> None:
    """Here the job has kept it as it is: the row cleans it once more."""
    names = ["\x1b]0;title\x07", "a\nb", "\u202eevil", "x" * 5000]
    rows = [{"pid": number, "session": "s", "name": name} for number, name in enumerate(names)]
    entry = read_entry(str(world.cache / "usage.json"))
    entry.parts["sessions"] = Entry({"waiting": rows}, int(time.time()), int(time.time()) + 3600).as_json()
    (world.cache / "usage.json").write_text(entry.to_text())
    row = line(world, 77)
    assert row.isprintable()
    assert "4 waiting" in row
    assert len(row) < 250


def test_500_stale_files_cost_a_tick_nothing(world: World, folder: Path) -> None:
    stale_files(folder, 500)
    with processes(1) as (mine,):
        session_file(folder, mine)
        line(world, mine)
        settle(world, 0)
        assert list(part(world).watch) == [str(folder)]


def test_a_row_without_the_segment_starts_no_job(world: World, folder: Path) -> None:
    config = world.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"rows": [["model", "five_hour"]]}))
    with processes(1) as (mine,):
        session_file(folder, mine, **WAITING)
        line(world, mine)
        assert not (world.cache / "sessions.start").exists()
        assert part(world).value is None


NOW = 1_795_320_000.0
ROWS = [{"pid": 7, "session": "a", "name": "api"}, {"pid": 8, "session": "b", "name": "docs"}]


def shown(rows: object, *, age_s: float = 0, session_id: str = "x", **env: str) -> list[str]:
    session = Session({"session_id": session_id}, lambda name: env.get(name, ""))
    return waiting_in(Entry({"waiting": rows}, int(NOW - age_s)), session, NOW)


def test_a_session_does_not_wait_for_itself() -> None:
    assert shown(ROWS) == ["api", "docs"]
    assert shown(ROWS, CLAUDE_PID="7") == ["docs"]
    assert shown(ROWS, session_id="b") == ["api"]


@pytest.mark.parametrize("age_s", [91, 86_400, -91])
def test_old_news_is_not_shown(age_s: float) -> None:
    assert shown(ROWS, age_s=age_s) == []
    assert shown(ROWS, age_s=89) == ["api", "docs"]


@pytest.mark.parametrize("rows", [None, 7, "api", {}, [], {"0": ROWS[0]}])
def test_an_odd_entry_says_that_nobody_waits(rows: object) -> None:
    assert shown(rows) == []


def test_a_torn_row_still_counts() -> None:
    assert shown([None, {"name": 7}, {"pid": 7, "name": "api"}]) == ["?", "?", "api"]


def test_a_hostile_entry_makes_a_tick_look_at_a_few_files_only() -> None:
    fields: dict[str, Any] = Entry({}, 1, 1).as_json()
    fields["watch"] = {f"/nowhere/{number}": [0, 0] for number in range(500)}
    entry = Entry()
    entry.parts = {"sessions": fields}
    assert len(part_of(entry, "sessions").watch) == WATCHED_OF_PART
    assert time.time() > part_of(Entry(), "sessions").due_at
