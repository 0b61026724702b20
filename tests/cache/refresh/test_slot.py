"""A refresher's slot: it is given back if it is still ours, and nobody else's is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cache.refresh.slot import Slot
from statusline.claims import take_slot
from tests.support.loopback_server import Answer, Loopback
from tests.support.paths import ROOT
from tests.support.tick_world import World


def test_it_is_given_back_at_the_end_also_after_an_error(tmp_path: Path) -> None:
    for error in (None, ZeroDivisionError):
        text = take_slot("git", str(tmp_path), time.time())
        try:
            with Slot(tmp_path, text):
                assert [path.name for path in tmp_path.iterdir()] == ["slot-3"]
                if error:
                    raise error
        except ZeroDivisionError:
            pass
        assert not list(tmp_path.iterdir())


def test_it_can_be_renewed_as_long_as_it_is_ours(tmp_path: Path) -> None:
    text = take_slot("git", str(tmp_path), time.time())
    os.utime(tmp_path / "slot-3", (1, 1))
    with Slot(tmp_path, text) as slot:
        assert slot.renew()
        assert (tmp_path / "slot-3").stat().st_mtime > 1
        os.utime(tmp_path / "slot-3", (1, 1))
        assert take_slot("git", str(tmp_path), time.time()).startswith("slot-3:"), "it has run out"
        os.utime(tmp_path / "slot-3", (1, 1))
        assert not slot.renew()
        assert (tmp_path / "slot-3").stat().st_mtime == 1, "another refresher's"
    assert (tmp_path / "slot-3").exists()


def test_one_that_was_removed_is_not_made_again(tmp_path: Path) -> None:
    with Slot(tmp_path, "slot-1:git-1-1") as slot:
        assert slot.renew()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "slot-1", "slot-1:", "usage.json:x", "../usage.json:x", "slot-9:x", ":x"])
def test_what_is_no_slot_is_left_alone(tmp_path: Path, text: str) -> None:
    for name in ("usage.json", "slot-1", "slot-9"):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (1, 1))
    with Slot(tmp_path, text) as slot:
        assert slot.renew()
    assert {path.stat().st_mtime for path in tmp_path.iterdir()} == {1}
    assert len(list(tmp_path.iterdir())) == 3


def test_a_link_is_not_followed_and_a_folder_is_no_slot(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("git-1-1")
    (tmp_path / "slot-1").symlink_to("precious")
    (tmp_path / "slot-2").mkdir()
    for name in ("slot-1", "slot-2"):
        with Slot(tmp_path, f"{name}:git-1-1") as slot:
            assert slot.renew()
    assert (tmp_path / "slot-1").is_symlink()
    assert (tmp_path / "slot-2").is_dir()


def test_a_refresher_whose_slot_has_gone_to_another_does_nothing(tmp_path: Path) -> None:
    words = [sys.executable, "-I", str(ROOT / "cache" / "__main__.py"), "transcripts", "--cache", str(tmp_path)]
    slot, entry = tmp_path / "slot-2", tmp_path / "transcripts.json"
    slot.write_text("transcripts-2-2")
    for holder, code in (("transcripts-1-1", 3), ("transcripts-2-2", 0)):
        ran = subprocess.run([*words, "--slot", f"slot-2:{holder}"], env={"HOME": str(tmp_path)}, check=False)
        assert ran.returncode == code
        assert slot.exists() == (code == 3)
        assert entry.exists() == (code == 0)


def test_it_is_renewed_before_the_watches_which_have_a_time_limit_of_their_own(door: Path, tmp_path: Path) -> None:
    """The program that is asked for Claude Code's version makes the slot old; the command of a watch looks at it."""
    world = World(tmp_path, door)
    world.sign_in()
    slot, claude, config = world.cache / "slot-0", tmp_path / "claude", tmp_path / "config.json"
    claude.write_text(f"#!/bin/sh\ntouch -t 200001010000 '{slot}'\necho '2.1.330 (Claude Code)'\n")
    claude.chmod(0o755)
    look = f"ls '{slot}' >'{tmp_path}/there'; find '{slot}' -newer '{claude}' >'{tmp_path}/renewed'"
    config.write_text(json.dumps({"watch": [{"at": [10], "command": look}]}))
    world.cache.mkdir(parents=True)
    slot.write_text("usage-1-1")
    body = json.dumps({"five_hour": {"utilization": 24.0, "resets_at": "2099-01-01T00:00:00+00:00"}})
    with Loopback(Answer(body=body)) as server:
        env = world.env | {"STATUSLINE_API_BASE": server.base, "STATUSLINE_CLAUDE_BIN": str(claude)}
        main = str(door.parents[1] / "cache" / "__main__.py")
        words = [sys.executable, "-I", main, "usage", "--cache", str(world.cache), "--config", str(config)]
        subprocess.run([*words, "--slot", "slot-0:usage-1-1"], env=env, check=True)
    assert (tmp_path / "there").read_text() == (tmp_path / "renewed").read_text() == f"{slot}\n"
    assert not slot.exists()
