"""Without a fresh official number the line shows an estimate, marked as one; an official number replaces it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import time
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cache.model.entry import Entry, read_entry
from cache.model.windows import Window
from cache.readings.login import account_id
from cache.refresh.runner import refresh
from cache.sources.claude.state import former_id
from cache.sources.transcripts.index import open_index
from cache.sources.transcripts.observations import observe, readings
from cache.work.request import Request
from tests.support.kept_readings import keep_usage
from tests.support.processes import running
from tests.support.tick_world import World, payload, until

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "0123456789abcdef"


@pytest.fixture
def world(door: Path, tmp_path: Path) -> World:
    return World(tmp_path, door, extra={"STATUSLINE_OAUTH": "off"})


def answer(number: int, at: float, tokens: int) -> str:
    when = datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    usage = {"input_tokens": tokens, "output_tokens": tokens // 10}
    record: dict[str, Any] = {
        "type": "assistant",
        "timestamp": when,
        "sessionId": "s",
        "requestId": f"req_{number}",
        "isSidechain": False,
        "message": {"id": f"msg_{number}", "model": "claude-opus-5-5", "usage": usage},
    }
    return json.dumps(record, separators=(",", ":")) + "\n"


def worked(world: World, *times_and_tokens: tuple[float, int]) -> None:
    """Write a transcript with an answer at each of these times."""
    folder = world.home / ".claude" / "projects" / "-home-user-project"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [answer(number, at, tokens) for number, (at, tokens) in enumerate(times_and_tokens)]
    (folder / "session.jsonl").write_text("".join(lines))


def keep(world: World, *windows: Window, fetched_ago_s: int) -> None:
    now = int(time.time())
    world.cache.mkdir(parents=True, exist_ok=True)
    keep_usage(world.cache, windows, Entry({"account": ACCOUNT}, now - fetched_ago_s, now + 3600))


def started(world: World) -> subprocess.CompletedProcess[str]:
    """Run the job as the tick starts it."""
    words = [world.python, "-I", str(world.door.parents[1] / "cache" / "__main__.py"), "transcripts"]
    words += ["--cache", str(world.cache), "--config", ""]
    return subprocess.run(words, env=world.env, capture_output=True, text=True, check=False)


def refreshed(world: World) -> dict[str, Any]:
    """Run the job; return what it keeps."""
    done = started(world)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found: dict[str, Any] = json.loads((world.cache / "transcripts.json").read_text())
    return found


def test_without_any_official_number_there_is_an_amount_instead_of_a_percentage(world: World) -> None:
    now = time.time()
    worked(world, *[(now - 3000 + 100 * n, 2000) for n in range(20)])
    world.line(payload("oauth-01-startup"))
    until((world.cache / "transcripts.json").exists)
    until(lambda: not running(world.cache))
    value = json.loads((world.cache / "transcripts.json").read_text())["value"]
    assert value["windows"] == []
    assert value["spent"]["five_hour"] == {
        "usd": 0.24,
        "since": int(now - 3000),
        "resets_at": int(now - 3000) + 18000,
    }
    row = world.plain(payload("oauth-01-startup"))
    assert "%" not in row
    assert "!!" not in row


def test_a_price_in_the_configuration_holds_at_the_next_refresh_without_any_transcript(world: World) -> None:
    now = time.time()
    worked(world, *[(now - 3000 + 100 * n, 2000) for n in range(20)])
    assert refreshed(world)["value"]["spent"]["five_hour"]["usd"] == 0.24
    (world.home / ".claude" / "projects" / "-home-user-project" / "session.jsonl").unlink()
    config = world.home / "config.json"
    config.write_text('{"prices": {"claude-opus-5": {"input": 500}}}')
    words = [world.python, "-I", str(world.door.parents[1] / "cache" / "__main__.py"), "transcripts"]
    words += ["--cache", str(world.cache), "--config", str(config)]
    for dollars in (20.08, 0.24):
        (world.cache / "transcripts.json").unlink()
        assert subprocess.run(words, env=world.env, check=False).returncode == 0
        kept = json.loads((world.cache / "transcripts.json").read_text())
        assert kept["value"]["spent"]["five_hour"]["usd"] == dollars
        config.write_text("{")


def test_a_stale_official_number_gives_way_to_it_plus_what_happened_since(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 5000, 300_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, (now + 7200) // 60 * 60, "oauth", now - 3000), fetched_ago_s=3000)
    refreshed(world)
    assert "5h ~50% est" in world.plain(payload("oauth-01-startup"))


def test_an_official_number_stays_with_its_age_while_nothing_is_done_here(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 12600, 300_000))
    keep(world, Window("five_hour", "5h", 42.0, now + 3600, "oauth", now - 10800), fetched_ago_s=10800)
    assert "five_hour" not in [each["id"] for each in refreshed(world)["value"]["windows"]]
    assert "5h 42% 3h00m old" in world.plain(payload("oauth-01-startup"))
    until(lambda: not running(world.cache))
    worked(world, (now - 12600, 300_000), (now - 60, 9_000))
    (world.cache / "transcripts.json").unlink()
    refreshed(world)
    assert "5h ~43% est" in world.plain(payload("oauth-01-startup"))


def test_a_fresh_official_number_replaces_the_estimate(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 5000, 300_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, (now + 7200) // 60 * 60, "oauth", now - 3000), fetched_ago_s=3000)
    refreshed(world)
    world.line(payload("oauth-01-startup"))  # a client's first tick has no limits
    row = world.plain(payload("oauth-02-after-message-rate-limits", now=now))
    assert "5h 42%" in row
    assert "est" not in row


def test_an_estimate_of_another_account_is_not_shown(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 5000, 300_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, (now + 7200) // 60 * 60, "oauth", now - 3000), fetched_ago_s=3000)
    kept = refreshed(world)
    kept["value"]["account"] = "f" * 16
    (world.cache / "transcripts.json").write_text(json.dumps(kept))
    assert "5h 30% 50m old" in world.plain(payload("oauth-01-startup"))


def test_an_old_estimate_is_not_shown(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 5000, 300_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, (now + 7200) // 60 * 60, "oauth", now - 3000), fetched_ago_s=3000)
    kept = refreshed(world)
    kept["value"]["windows"][0]["observed_at"] = now - 1300
    kept["due_at"] = now + 1000
    (world.cache / "transcripts.json").write_text(json.dumps(kept))
    assert "5h 30% 50m old" in world.plain(payload("oauth-01-startup"))


def test_an_estimate_of_a_window_that_has_reset_since_is_not_shown(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 5000, 300_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, now - 5, "oauth", now - 3000), fetched_ago_s=3000)
    kept = refreshed(world)
    kept["due_at"] = now + 1000
    for resets_at, shown in ((now + 600, True), (now - 5, False)):
        kept["value"]["windows"] = [Window("five_hour", "5h", 50.0, resets_at, "estimate", now - 60).as_json()]
        (world.cache / "transcripts.json").write_text(json.dumps(kept))
        assert ("50%" in world.plain(payload("oauth-01-startup"))) is shown


def test_what_an_earlier_version_learned_of_an_account_belongs_to_the_first_organization_seen(world: World) -> None:
    """The usage job hands it over, too, but finds the index locked where both start at once."""
    now = int(time.time())
    uuid = "11111111-2222-3333-4444-555555555555"
    former, mine, other = former_id(uuid), account_id(uuid, "org-1"), account_id(uuid, "org-2")
    index = world.cache / "transcripts.sqlite3"
    learned = Window("five_hour", "5h", 30.0, now - 86400, "oauth", now - 90000)
    world.cache.mkdir(parents=True)
    with open_index(index) as store:
        observe(store, former, learned)
    for organization, account in (("org-1", mine), ("org-2", other), ("org-1", mine)):
        named = {"accountUuid": uuid, "organizationUuid": organization}
        (world.home / ".claude.json").write_text(json.dumps({"oauthAccount": named}))
        for name in ("readings.json", "transcripts.json", "usage.json"):
            (world.cache / name).unlink(missing_ok=True)
        world.line(payload("oauth-01-startup"))
        until(lambda: not running(world.cache))
        assert refreshed(world)["value"]["account"] == account
        with open_index(index) as store:
            assert len(readings(store, mine, "five_hour")) == 1
            assert readings(store, former, "five_hour") == readings(store, other, "five_hour") == []


def not_ours(content: bytes) -> bytes:
    return b"not a database" * 1000


def readonly(content: bytes) -> bytes:
    return content[:18] + b"\xc8" + content[19:]


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def names(content: bytes) -> bytes:
    return content.replace(b"CREATE TABLE ", b"CREATE \xff\xfe\xfd\xfc\xfb ")


def pages(content: bytes) -> bytes:
    return content[:4096] + b"\xaa" * (len(content) - 4096)


@pytest.mark.parametrize("damage", [not_ours, readonly, cut, names, pages])
def test_a_damaged_index_is_set_aside_and_the_estimate_is_back_after_a_refresh_or_two(
    world: World, damage: Callable[[bytes], bytes]
) -> None:
    now = int(time.time())
    worked(world, (now - 5000, 300_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, (now + 7200) // 60 * 60, "oauth", now - 3000), fetched_ago_s=3000)
    before = refreshed(world)["value"]["windows"]
    index = world.cache / "transcripts.sqlite3"
    damaged = damage(index.read_bytes())
    index.write_bytes(damaged)
    (world.cache / "transcripts.json").unlink()
    worked(world, (now - 5000, 300_000), (now - 1500, 200_000), (now - 4, 1000))
    ran = [started(world) for _ in range(2)]
    assert [each.returncode for each in ran] in ([0, 0], [1, 0])
    assert [each.stdout + each.stderr for each in ran] == ["", ""]
    after = json.loads((world.cache / "transcripts.json").read_text())["value"]["windows"]
    assert [each["id"] for each in after] == [each["id"] for each in before]
    assert index.with_name("transcripts.sqlite3.broken").read_bytes() == damaged
    assert stat.S_IMODE(index.stat().st_mode) == 0o600
    assert "5h ~50% est" in world.plain(payload("oauth-01-startup"))


def test_a_damaged_index_is_reported_with_nothing_to_do(world: World) -> None:
    worked(world, (time.time() - 1800, 400_000))
    refreshed(world)
    index = world.cache / "transcripts.sqlite3"
    index.write_bytes(readonly(index.read_bytes()))
    worked(world, (time.time() - 1800, 400_000), (time.time() - 4, 1000))
    told = world.refresh("transcripts", "--force", "--json")
    outcome = json.loads(told.stdout)["transcripts"]
    assert (told.returncode, told.stderr, outcome["state"], outcome["problem"]) == (1, "", "failed", "damaged")
    assert outcome["next_step"] == "Nothing to do: the file was rebuilt from what could be read."
    told = world.refresh("transcripts", "--force")
    assert (told.returncode, told.stderr) == (0, "")


def waits(folder: Path, begin: int, news: set[int], count: int) -> list[int]:
    """Return after how many seconds each of so many runs is due again; before those in ``news`` there is an answer."""
    moments = [begin]
    session = folder / ".claude" / "projects" / "-home-user-project" / "session.jsonl"
    session.parent.mkdir(parents=True)
    (folder / "config.json").write_text('{"time": {"zone": "utc"}}')
    request = Request("transcripts", folder, folder / "config.json", {"HOME": str(folder)})
    for number in range(count):
        if number in news:
            with session.open("a") as file:
                file.write(answer(number, moments[-1], 1000))
        moments.append(refresh(request, lambda: moments[-1]).entry.due_at)
    return [later - one for one, later in pairwise(moments)]


NOON = int(time.time()) // 86400 * 86400 + 43200


def test_the_longer_nothing_is_new_the_longer_it_waits(tmp_path: Path) -> None:
    assert waits(tmp_path, NOON, {0, 5}, 7) == [60, 120, 240, 300, 300, 60, 120]


def test_it_runs_when_a_day_begins_however_little_is_new(tmp_path: Path) -> None:
    """Until then the line has no amount for the new day."""
    assert waits(tmp_path, NOON + 43200 - 400, {0}, 5) == [60, 120, 221, 300, 300]


def test_an_index_that_cannot_be_kept_leaves_the_estimate_and_is_tried_later(tmp_path: Path) -> None:
    moments = [float(int(time.time()))]
    now = int(moments[0])
    (tmp_path / "transcripts.sqlite3").mkdir()
    known = Entry({"account": ACCOUNT, "windows": [], "complete": True}, now - 60, now)
    (tmp_path / "transcripts.json").write_text(known.to_text())
    request = Request("transcripts", tmp_path, tmp_path / "config.json", {"HOME": str(tmp_path)})
    for wait_s in (300, 600):
        assert refresh(request, lambda: moments[-1]).problem == "unwritable"
        kept = read_entry(str(tmp_path / "transcripts.json"))
        assert (kept.value, kept.fetched_at, kept.due_at) == (known.value, known.fetched_at, moments[-1] + wait_s)
        moments.append(kept.due_at)
    (tmp_path / "transcripts.sqlite3").rmdir()
    assert refresh(request, lambda: moments[-1]).state == "refreshed"
    kept = read_entry(str(tmp_path / "transcripts.json"))
    assert (kept.problem, kept.failures) == (None, 0)


def test_a_transcript_that_grows_is_no_reason_to_fail_again(tmp_path: Path) -> None:
    now = int(time.time())
    (tmp_path / "transcripts.json").write_text(Entry({}, now - 90, now + 100, "unwritable", 1).to_text())
    request = Request("transcripts", tmp_path, Path(), {"HOME": str(tmp_path)}, {"changed": "yes"})
    assert refresh(request, lambda: now).state == "not due"
    assert refresh(request, lambda: now + 100).state == "refreshed"
    assert refresh(request, lambda: now + 101).state == "refreshed"


NICENESS = """
import os, sys
main = sys.argv.pop(1)
def told(code):
    print(os.nice(0))
    sys.stdout.flush()
    os.kill(os.getpid(), 9)
os._exit = told
sys.argv[:] = [main, *sys.argv[1:]]
__file__ = main
exec(compile(open(main).read(), main, "exec"))
"""


@pytest.mark.parametrize(("job", "gives_way"), [("transcripts", True), ("sessions", True), ("usage", False)])
def test_it_gives_way_to_the_first_numbers(world: World, job: str, *, gives_way: bool) -> None:
    door = str(world.door.parents[1] / "cache" / "__main__.py")
    words = [world.python, "-I", "-c", NICENESS, door, job, "--cache", str(world.cache)]
    done = subprocess.run(words, capture_output=True, env=world.env, check=False, stdin=subprocess.DEVNULL)
    assert (int(done.stdout) > os.nice(0)) is gives_way


def test_it_loads_no_http_library(world: World) -> None:
    words = [
        world.python,
        "-I",
        "-c",
        "import sys; sys.path.insert(0, sys.argv[1]); import cache.jobs.transcripts; print('httpx' in sys.modules)",
        str(world.door.parents[1]),
    ]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "False\n"
