"""Without a fresh official number the line shows an estimate, marked as one; an official number replaces it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from cache.entry import Entry
from cache.window import Window
from tests.layout import lay_out
from tests.world import World, payload, running, until

ACCOUNT = "0123456789abcdef"


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("package"), sys.executable)


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
    value = {"account": ACCOUNT, "account_since": 0, "windows": [each.as_json() for each in windows]}
    (world.cache / "usage.json").write_text(Entry(value, now - fetched_ago_s, now + 3600).to_text())


def refreshed(world: World) -> dict[str, Any]:
    """Run the job as the tick starts it; return what it keeps."""
    words = [world.python, "-I", str(world.door.parents[1] / "cache" / "__main__.py"), "transcripts"]
    subprocess.run([*words, "--cache", str(world.cache), "--config", ""], env=world.env, check=True)
    found: dict[str, Any] = json.loads((world.cache / "transcripts.json").read_text())
    return found


def test_the_share_of_the_largest_block_is_shown_where_nothing_official_was_ever_known(world: World) -> None:
    now = time.time()
    worked(world, (now - 90000, 1_000_000), (now - 1800, 400_000))
    world.line(payload("oauth-01-startup"))
    until((world.cache / "transcripts.json").exists)
    until(lambda: not running(str(world.cache)))
    assert "5h ~40% est" in world.line(payload("oauth-01-startup"))


def test_a_stale_official_number_gives_way_to_it_plus_what_happened_since(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 90000, 1_000_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, (now + 7200) // 60 * 60, "oauth", now - 3000), fetched_ago_s=3000)
    refreshed(world)
    assert "5h ~50% est" in world.line(payload("oauth-01-startup"))


def test_a_fresh_official_number_replaces_the_estimate(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 90000, 1_000_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, (now + 7200) // 60 * 60, "oauth", now - 3000), fetched_ago_s=3000)
    refreshed(world)
    row = world.line(payload("oauth-02-after-message-rate-limits", now=now))
    assert "5h 42%" in row
    assert "est" not in row


def test_an_estimate_of_another_account_is_not_shown(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 90000, 1_000_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, (now + 7200) // 60 * 60, "oauth", now - 3000), fetched_ago_s=3000)
    kept = refreshed(world)
    kept["value"]["account"] = "f" * 16
    (world.cache / "transcripts.json").write_text(json.dumps(kept))
    assert "5h 30% 50m old" in world.line(payload("oauth-01-startup"))


def test_an_old_estimate_is_not_shown(world: World) -> None:
    now = int(time.time())
    worked(world, (now - 90000, 1_000_000), (now - 1500, 200_000))
    keep(world, Window("five_hour", "5h", 30.0, (now + 7200) // 60 * 60, "oauth", now - 3000), fetched_ago_s=3000)
    kept = refreshed(world)
    kept["value"]["windows"][0]["observed_at"] = now - 1300
    kept["due_at"] = now + 1000
    (world.cache / "transcripts.json").write_text(json.dumps(kept))
    assert "5h 30% 50m old" in world.line(payload("oauth-01-startup"))


def test_it_loads_no_http_library(world: World) -> None:
    words = [
        world.python,
        "-I",
        "-c",
        "import sys; sys.path.append(sys.argv[1]); import cache.jobs.transcripts; print('httpx' in sys.modules)",
        str(world.door.parents[1]),
    ]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "False\n"
