"""The right to start a refresher: one of many gets it, not too often, and never for more than four at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cache.jobs import activity, command, git, transcripts, usage, watch
from cache.model.layout import SLOT_FILES
from statusline import claims
from statusline.claims import SLOT_S, SLOTS_OF, claim, give_back, take_slot
from tests.support.paths import ROOT
from tests.support.unprivileged import DROP

RACE = """
import sys, time
sys.path.insert(0, sys.argv[1])
from statusline.claims import claim
while time.time() < float(sys.argv[3]):
    pass
print(claim(sys.argv[2], time.time(), 30))
"""


def test_the_first_gets_it_and_the_next_only_after_the_spacing(tmp_path: Path) -> None:
    stamp = str(tmp_path / "usage.start")
    assert claim(stamp, time.time(), 30)
    assert not claim(stamp, time.time() + 1, 30)
    os.utime(stamp, (time.time() - 31, time.time() - 31))
    assert claim(stamp, time.time(), 30)


def test_a_change_is_held_back_only_shortly(tmp_path: Path) -> None:
    stamp = str(tmp_path / "usage.start")
    assert claim(stamp, time.time(), 30)
    os.utime(stamp, (time.time() - 3, time.time() - 3))
    assert not claim(stamp, time.time(), 30)
    assert claim(stamp, time.time(), 2)


def test_a_stamp_from_a_clock_that_was_ahead_does_not_hold_for_ever(tmp_path: Path) -> None:
    stamp = str(tmp_path / "usage.start")
    claim(stamp, time.time(), 30)
    os.utime(stamp, (time.time() + 86400, time.time() + 86400))
    assert claim(stamp, time.time(), 30)


def test_of_many_at_once_one_gets_it(tmp_path: Path) -> None:
    stamp = tmp_path / "usage.start"
    for age_s in (None, 3600):
        if age_s:
            os.utime(stamp, (time.time() - age_s, time.time() - age_s))
        words = [sys.executable, "-I", "-S", "-c", RACE, str(ROOT), str(stamp), str(time.time() + 1)]
        racers = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(20)]
        assert [racer.communicate()[0].strip() for racer in racers].count("True") == 1


def test_our_folder_is_made_with_its_marker_and_the_ones_above_without(tmp_path: Path) -> None:
    assert claim(str(tmp_path / ".cache" / "hudline" / "usage.start"), time.time(), 30)
    assert (tmp_path / ".cache" / "hudline" / ".hudline").exists()
    assert (tmp_path / ".cache" / "hudline").stat().st_mode & 0o777 == 0o700
    assert not (tmp_path / ".cache" / ".hudline").exists()


def test_a_folder_that_cannot_be_made_gives_no_right(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not claim(str(tmp_path / "file" / "usage.start"), time.time(), 30)


CLAIMING = (
    """
import sys, time
sys.path.insert(0, sys.argv[1])
from cache.model.osapi import system
from statusline.claims import claim
"""
    + DROP
    + """
print(claim(sys.argv[2], time.time(), 30))
"""
)
# An ordinary user cannot make a file that is another's: then it is the user who is another.
AS_ANOTHER = CLAIMING if os.geteuid() == 0 else CLAIMING.replace(DROP, "system.geteuid = lambda: -2\n")


def test_a_stamp_of_another_user_gives_no_right_and_is_left_alone(open_directory: Path) -> None:
    """Even an old one, in a folder where it could be replaced."""
    stamp = open_directory / "usage.start"
    stamp.write_text("")
    os.utime(stamp, (0, 0))
    before = stamp.stat()
    words = [sys.executable, "-I", "-S", "-c", AS_ANOTHER, str(ROOT), str(stamp)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "False\n"
    assert stamp.stat() == before
    stamp.unlink()
    if os.geteuid() == 0:  # what kept it was its owner: without it the right is given
        assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "True\n"
        assert stamp.stat().st_uid != 0
    else:
        assert claim(str(stamp), time.time(), 30)


def test_an_old_stamp_of_our_own_gives_the_right(open_directory: Path) -> None:
    stamp = open_directory / "usage.start"
    stamp.write_text("")
    os.utime(stamp, (0, 0))
    if os.geteuid() == 0:
        os.chown(stamp, 65534, 65534)
        assert not claim(str(stamp), time.time(), 30)  # root asks for no more than an ordinary user
    words = [sys.executable, "-I", "-S", "-c", CLAIMING, str(ROOT), str(stamp)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "True\n"


@pytest.mark.parametrize("kind", ["folder", "full folder", "other's"])
def test_what_is_no_old_claim_of_ours_is_left_alone(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = tmp_path / "usage.start"
    stamp.touch() if kind == "other's" else stamp.mkdir()
    if kind == "full folder":
        (stamp / "file").touch()
    if kind == "other's":
        monkeypatch.setattr("statusline.claims.owned", lambda _: False)
    os.utime(stamp, (0, 0))
    before = stamp.stat()
    assert not claim(str(stamp), time.time(), 30)
    assert stamp.stat() == before
    assert [path.name for path in tmp_path.iterdir()] == ["usage.start"]


def test_an_old_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "slot-2").symlink_to("precious")
    os.utime(tmp_path / "slot-2", (0, 0), follow_symlinks=False)
    assert claim(str(tmp_path / "slot-2"), time.time(), SLOT_S, b"holder")
    assert (tmp_path / "slot-2").read_text() == "holder"
    assert not (tmp_path / "slot-2").is_symlink()
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_process_that_replaces_an_old_claim_keeps_others_out_until_it_is_dead(tmp_path: Path) -> None:
    stamp, new = tmp_path / "slot-1", tmp_path / "slot-1.tmp"
    stamp.write_text("old")
    os.utime(stamp, (0, 0))
    new.write_text("another's")
    assert not claim(str(stamp), time.time(), SLOT_S)
    assert (stamp.read_text(), new.read_text()) == ("old", "another's")
    os.utime(new, (0, 0))
    assert not claim(str(stamp), time.time(), SLOT_S)
    assert not new.exists()
    assert claim(str(stamp), time.time(), SLOT_S)


def test_an_old_claim_that_was_replaced_in_between_is_not_replaced_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp, create = tmp_path / "slot-1", claims._create
    stamp.write_text("old")
    os.utime(stamp, (0, 0))

    def create_late(path: str, content: bytes) -> None:
        if path.endswith(".tmp"):  # another process, which saw the old one too, has just replaced it
            stamp.write_text("another's")
        create(path, content)

    monkeypatch.setattr(claims, "_create", create_late)
    assert not claim(str(stamp), time.time(), SLOT_S, b"ours")
    assert stamp.read_text() == "another's"
    assert [path.name for path in tmp_path.iterdir()] == ["slot-1"]


def test_at_most_two_of_a_kind_and_four_in_total_have_a_slot(tmp_path: Path) -> None:
    cache, now = str(tmp_path), time.time()
    taken = [take_slot("command", cache, now) for _ in range(3)]
    assert [bool(slot) for slot in taken] == [True, True, False]
    assert (tmp_path / taken[0].partition(":")[0]).read_text() == taken[0].partition(":")[2]
    for job in ("git", "activity", "transcripts", "command") * 2:
        take_slot(job, cache, now)
    assert len(list(tmp_path.iterdir())) == 3
    assert take_slot("usage", cache, now), "one is kept for it"
    assert not take_slot("usage", cache, now)
    assert sorted(path.name for path in tmp_path.iterdir()) == list(SLOT_FILES)
    give_back(taken[0], cache)
    assert take_slot("command", cache, now)


def test_each_kind_has_two_slots_and_the_first_is_for_usage() -> None:
    assert all(len(set(numbers)) == 2 for numbers in SLOTS_OF.values())
    assert [job for job, numbers in SLOTS_OF.items() if 0 in numbers] == ["usage"]
    assert {number for numbers in SLOTS_OF.values() for number in numbers} == set(range(len(SLOT_FILES)))


def test_the_jobs_of_a_first_line_have_a_slot_each(tmp_path: Path) -> None:
    """In the order in which a tick starts them."""
    assert all(take_slot(job, str(tmp_path), time.time()) for job in ("usage", "transcripts", "git", "activity"))


def test_every_job_ends_before_its_slot_is_free() -> None:
    assert max(each.LIMIT_S for each in (activity, command, git, transcripts, usage, watch)) < SLOT_S


FULL = """
import resource, sys, time
sys.path.insert(0, sys.argv[1])
from statusline.claims import take_slot
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
print([take_slot("usage", sys.argv[2], time.time())])
"""


def test_where_nothing_can_be_written_there_is_no_slot_and_none_is_lost(tmp_path: Path) -> None:
    words = [sys.executable, "-I", "-S", "-c", FULL, str(ROOT), str(tmp_path)]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "['']\n"
    assert not list(tmp_path.iterdir())
