"""Clocks that jump, time zones, and summer time: no storm of requests, no wait that lasts, and the right times."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from tests.faults.conftest import RowOf
from tests.support.faults.busy_home import BusyHome, plain
from tests.support.faults.rows import some
from tests.support.loopback_server import Answer
from tests.support.transcript_writer import answer_line
from tests.support.usage_desk import FIVE_RESET, body

MINUTE, HOUR, DAY = 60, 3600, 86400
STEP_S = 60
AFTER_S = 20 * MINUTE  # how long is watched after each jump
# Each is a row of jumps, in seconds, with so long after each.
JUMPS: dict[str, list[tuple[int, int]]] = {
    "a second back": [(-1, AFTER_S)],
    "two minutes back": [(-2 * MINUTE, AFTER_S)],
    "an hour back": [(-HOUR, AFTER_S)],
    "three hours back": [(-3 * HOUR, AFTER_S)],
    "a day back": [(-DAY, AFTER_S)],
    "a year back": [(-365 * DAY, AFTER_S)],
    "ten minutes ahead": [(10 * MINUTE, AFTER_S)],
    "an hour ahead": [(HOUR, AFTER_S)],
    "a week ahead": [(7 * DAY, AFTER_S)],
    "ten years ahead": [(3652 * DAY, AFTER_S)],
    "a day ahead and back": [(DAY, 5 * MINUTE), (-DAY, AFTER_S)],
    "a year back and ahead": [(-365 * DAY, 5 * MINUTE), (365 * DAY, AFTER_S)],
    "to and fro": [(HOUR, 2 * MINUTE), (-HOUR, 2 * MINUTE)] * 2 + [(HOUR, AFTER_S)],
}
REQUESTS_AT_MOST = 5  # in 20 minutes: one for the jump, and one every 5 minutes
STARTS_AT_MOST = {"usage": AFTER_S // STEP_S, "transcripts": 9, "git": 9}  # the waits of the last two double
GIT_SHOWN_AFTER = 5  # lines: a clock that was set back a little makes the longest wait a minute longer
LONGEST_WAIT_S = {"transcripts": 5 * MINUTE, "git": 3 * MINUTE}  # while nothing changes


@dataclass
class Clock:
    """A machine whose clock is ``ahead_s`` ahead of the real one; the files have its times, too."""

    busy: BusyHome
    ahead_s: int = 0
    starts: dict[str, int] = field(default_factory=dict)

    @property
    def now(self) -> float:
        return time.time() + self.ahead_s

    def answer_with(self, percent: int) -> None:
        """Let the server answer so, for windows that end two hours from now."""
        text = json.dumps(body(percent, 50, None, shift_s=int(self.now) + 2 * HOUR - FIVE_RESET))
        self.busy.server.answers[:] = [Answer(body=text)]

    def step(self) -> str:
        """Draw a line, and do what it starts; return the line."""
        busy, before = self.busy, _stamps(self.busy)
        given = busy.payload()
        del given["rate_limits"]
        env = {name: value for name, value in busy.world.env.items() if name != "STATUSLINE_START"}
        options = {"cwd": busy.world.home, "ahead_s": self.ahead_s, "patches": {"sys.executable": "/bin/true"}}
        data = json.dumps(given).encode()
        drawn = busy.ticks.run(busy.world.door, busy.world.command[4:], env, stdins=[data], **options)
        assert (drawn.code, drawn.err) == (0, b""), drawn
        after = _stamps(busy)
        self._date()
        for job in STARTS_AT_MOST:
            if after.get(job) != before.get(job):
                self.starts[job] = self.starts.get(job, 0) + 1
                ran = busy.refresh(job, ahead_s=self.ahead_s)
                assert (ran.code in {0, 1}, ran.err) == (True, b""), ran
                self._date()
        return plain(drawn)

    def work(self, number: int) -> None:
        """Let an answer be written to the transcript, and a new file to the checkout."""
        with self.busy.transcript.open("ab") as file:
            file.write(answer_line(f"late{number}", f"late{number}", self.now))
        os.utime(self.busy.transcript, (self.now, self.now))
        (self.busy.work / f"new{number}").touch()

    def ages(self) -> dict[str, float]:
        """Return how long ago money and git were last refreshed, in seconds."""
        cache = self.busy.world.cache
        money = json.loads((cache / "usage.json").read_text())["parts"]["money"]["fetched_at"]
        (git,) = (json.loads(path.read_text())["fetched_at"] for path in (cache / "git").glob("*.json"))
        return {"transcripts": self.now - money, "git": self.now - git}

    def _date(self) -> None:
        """Give the files that were just written the time of this clock: the system's own clock is right."""
        for path in self.busy.world.cache.rglob("*"):
            facts = path.lstat()
            if facts.st_ino not in self._dated or self._dated[facts.st_ino] != facts.st_mtime_ns:
                at = facts.st_mtime + self.ahead_s
                os.utime(path, (at, at))
                self._dated[facts.st_ino] = path.lstat().st_mtime_ns

    _dated: dict[int, int] = field(default_factory=dict)

    def pass_time(self, seconds: int) -> Iterator[str]:
        """Let time pass, with a line every minute."""
        for _ in range(seconds // STEP_S):
            self.ahead_s += STEP_S
            yield self.step()


def _stamps(busy: BusyHome) -> dict[str, tuple[int, int]]:
    found = {}
    cache = busy.world.cache
    for path in (*cache.glob("*.start"), *cache.glob("git/*.start")):
        facts = path.lstat()
        found[path.stem if path.parent == cache else "git"] = (facts.st_ino, facts.st_ctime_ns)
    return found


def starting(busy: BusyHome) -> Clock:
    """Return a machine on which all is well, and has been for some minutes."""
    busy.restore()
    busy.config.write_text(json.dumps({"rows": [["model", "five_hour", "git_changes", "today"]], "fill": False}))
    busy.world.sign_in(expiresAt=99_999_999_999_000)
    for path in busy.world.cache.rglob("*"):
        if path.is_file() and path.name != ".hudline":
            path.unlink()
    clock = Clock(busy)
    clock.answer_with(10)
    lines = list(clock.pass_time(3 * MINUTE))
    assert "5h 10%" in lines[-1], lines
    return clock


@pytest.mark.parametrize("name", some("clocks", JUMPS))
def test_a_clock_that_jumps(row: RowOf, busy: BusyHome, name: str) -> None:
    with row("clocks") as figures:
        clock = starting(busy)
        troubles = []
        for number, (jump_s, seconds) in enumerate(JUMPS[name]):
            clock.ahead_s += jump_s
            clock.answer_with(11 + number)
            clock.work(number)
            asked, clock.starts = len(busy.server.requests), {}
            lines = list(clock.pass_time(seconds))
            requests = len(busy.server.requests) - asked
            if requests > REQUESTS_AT_MOST or any(clock.starts[job] > STARTS_AT_MOST[job] for job in clock.starts):
                troubles.append(f"a storm: {requests} requests, {clock.starts}")
            if seconds == AFTER_S and f"5h {11 + number}%" not in lines[-1]:
                troubles.append(f"it waits: {requests} requests, {clock.starts}, {lines[-1]!r}")
            if len(lines) > GIT_SHOWN_AFTER and f"?{1 + number}" not in lines[GIT_SHOWN_AFTER]:
                troubles.append(f"git waits: {clock.starts}, {lines}")
            late = {job: age for job, age in clock.ages().items() if not 0 <= age <= LONGEST_WAIT_S[job] + STEP_S}
            if late:
                troubles.append(f"not refreshed: {late}, {clock.starts}")
        figures.judge(name, troubles)


ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"),
    *("Africa/Casablanca", "America/St_Johns", "Pacific/Kiritimati", "America/Sao_Paulo"),
)
ODD_ZONES = ("", ":", "Nowhere/Here", "/dev/zero", "../../etc/passwd", "X" * 300, "<+1245>-12:45", ":/etc/localtime")
# A minute before and after the clocks change in Berlin, New York and on Lord Howe, and at a leap day's end.
CHANGES_AT = ("2026-10-25T01", "2027-03-28T01", "2026-11-01T06", "2027-03-14T07", "2027-04-03T15", "2028-03-01T00")
MOMENTS = [
    datetime.fromisoformat(f"{hour}:00:00+00:00").timestamp() + off for hour in CHANGES_AT for off in (-MINUTE, MINUTE)
]


def row_at(busy: BusyHome, moment: float, zone: str) -> str:
    """Return the line at a time in a zone; the five hours end in 90 minutes."""
    ahead_s = int(moment - time.time())
    limits = {"five_hour": {"used_percentage": 33, "resets_at": int(moment) + 90 * MINUTE}}
    given = json.dumps(busy.payload(rate_limits=limits, session_id=f"{moment}")).encode()
    env = {**busy.world.env, "TZ": zone, "STATUSLINE_CACHE_DIR": str(busy.world.home / "none")}
    drawn = busy.ticks.run(
        busy.world.door, busy.world.command[4:], env, stdins=[given], cwd=busy.world.home, ahead_s=ahead_s
    )
    assert (drawn.code, drawn.err) == (0, b""), drawn
    return plain(drawn)


def known_zones() -> list[str]:
    found = []
    for name in ZONES:
        try:
            ZoneInfo(name)
        except ZoneInfoNotFoundError:
            continue
        found.append(name)
    return found


def test_zones_and_summer_time(row: RowOf, busy: BusyHome) -> None:
    busy.restore()
    busy.config.write_text(json.dumps({"rows": [["five_hour"]], "time": {"style": "both"}, "fill": False}))
    with row("clocks") as figures:
        for moment in some(figures.row, MOMENTS):
            for zone in known_zones():
                line = row_at(busy, moment, zone)
                expected = datetime.fromtimestamp(moment + 90 * MINUTE, ZoneInfo(zone)).strftime("%H:%M")
                is_right = expected in line and re.search(r"1h(30|29)m", line)
                figures.judge(f"{zone} at {moment}", [] if is_right else [f"{line!r} instead of {expected}"])
        for zone in ODD_ZONES:
            line = row_at(busy, MOMENTS[0], zone)
            figures.judge(f"{zone[:30]!r}", [] if "5h 33%" in line else [line])
