"""A disk that is full, has no more inodes, or is read-only: the line stays, the doctor says so, and nothing is lost."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.conftest import COMMAND_LINE, REFRESHER_MODULES, TICK_MODULES, RowOf
from tests.support.faults.busy_home import JOBS, BusyHome, plain
from tests.support.faults.kept_files import grow_old, leftovers, make_due, troubles_of
from tests.support.faults.rows import some
from tests.support.faults.small_disk import SmallDisk, small_disk
from tests.support.fork_server import ForkServer

NUMBERS = {"five_hour": 24, "seven_day": 83, "seven_day:fable": 36}


@dataclasses.dataclass
class OnDisk:
    """A home whose cache is on a small disk; all programs see that, and ``seen`` is the home for the test."""

    busy: BusyHome
    seen: BusyHome
    disk: SmallDisk
    commands: ForkServer

    def fill(self) -> None:
        """Put the kept cache on the disk."""
        for each in self.disk.inside.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        shutil.copytree(self.busy.kept / ".cache" / "hudline", self.disk.inside, dirs_exist_ok=True)

    def complaints(self) -> set[str]:
        ran = self.commands.run(COMMAND_LINE, ["doctor", "--json"], self.busy.world.env, cwd=self.busy.world.home)
        assert ran.err == b"", ran
        return {each["said"] for each in json.loads(ran.out)["checks"] if each["verdict"] in {"warning", "failed"}}


@pytest.fixture
def on_disk(busy: BusyHome, door: Path) -> Iterator[OnDisk]:
    busy.restore()
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(busy.world.cache))
        root, library = door.parents[1], busy.ticks.library
        ticks = stack.enter_context(ForkServer(root, TICK_MODULES, library, bare=True, prefix=disk.prefix))
        refreshers = stack.enter_context(ForkServer(root, REFRESHER_MODULES, library, prefix=disk.prefix))
        modules = ["statusline.commands.cli", "statusline.commands.doctor"]
        commands = stack.enter_context(ForkServer(root, modules, library, prefix=disk.prefix))
        inside = dataclasses.replace(busy.world, home=Path(f"{disk.inside}".removesuffix("/.cache/hudline")))
        made = object.__new__(BusyHome)
        vars(made).update(vars(busy), ticks=ticks, refreshers=refreshers)
        seen = object.__new__(BusyHome)
        vars(seen).update(vars(busy), world=inside)
        yield OnDisk(made, seen, disk, commands)


def full(disk: SmallDisk) -> Callable[[], object]:
    filler = disk.inside / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            while True:
                try:
                    file.write(b"x" * size)
                except OSError:
                    break
    return filler.unlink


def without_inodes(disk: SmallDisk) -> Callable[[], object]:
    disk.remount(f"nr_inodes={disk.used()[1]}")
    return lambda: disk.remount("nr_inodes=1000")


def read_only(disk: SmallDisk) -> Callable[[], object]:
    disk.remount("ro")
    return lambda: disk.remount("rw")


CASES = [(spoil, is_new) for spoil in (full, without_inodes, read_only) for is_new in (False, True)]


@pytest.mark.parametrize(("spoil", "is_new"), some("full and odd disks", CASES))
def test_a_disk_that_takes_no_more(
    row: RowOf, on_disk: OnDisk, spoil: Callable[[SmallDisk], Callable[[], object]], is_new: bool
) -> None:
    busy, inside = on_disk.busy, on_disk.disk.inside
    on_disk.fill()
    usual = on_disk.complaints()
    if is_new:
        for each in inside.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    grow_old(inside)
    make_due(inside)
    mend = spoil(on_disk.disk)
    with row("full and odd disks") as figures:
        drawn = busy.tick()
        is_row = (drawn.code, drawn.err) == (0, b"") and "5h 2" in plain(drawn)
        figures.judge("the line", troubles_of(inside) + ([] if is_row else [str(drawn)]))
        for job in JOBS:
            ran = busy.refresh(job)
            found = troubles_of(inside) + ([] if ran.code in {0, 1, 3} and not ran.err else [str(ran)])
            figures.judge(job, found + ([] if is_new or on_disk.seen.percents() == NUMBERS else ["numbers are lost"]))
        figures.judge("the doctor", [] if on_disk.complaints() - usual else ["says nothing"])
        mend()
        grow_old(inside)
        make_due(inside)
        for job in JOBS:
            ran = busy.refresh(job)
            found = [] if ran.code == 0 and not ran.err else [f"{ran} {on_disk.seen.log[-300:]}"]
            figures.judge(f"{job} afterwards", found + troubles_of(inside) + leftovers(inside))
        figures.judge("the numbers afterwards", [] if on_disk.seen.percents() == NUMBERS else ["are not there"])
