"""Many ticks and refreshers at once: every row is right, and the endpoint is asked once."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

from tests.faults.conftest import RowOf
from tests.support.faults.busy_home import BusyHome, plain
from tests.support.faults.kept_files import grow_old, leftovers, make_due, troubles_of
from tests.support.faults.rows import FORM
from tests.support.loopback_server import Answer
from tests.support.processes import running
from tests.support.tick_world import until

AT_ONCE = 200 if FORM == "long" else 50
REFRESHERS = 5  # besides those that the ticks start
LATE_S = 0.3  # an answer takes so long that the other refreshers start meanwhile
MOST = 90  # percent


def round_of_ticks(busy: BusyHome, percent: int, old: int) -> list[str]:
    """Let all be due and draw many lines at once; return what is wrong with them, and with what they leave."""
    world, asked = busy.world, len(busy.server.requests)
    busy.server.answers[:] = [Answer(body=json.dumps(busy.answer(five=percent)), late_s=LATE_S)]
    grow_old(world.cache)
    make_due(world.cache)
    messages = []
    for number in range(AT_ONCE):
        model = {"id": "claude-opus-5-5", "display_name": f"Opus {number}"}
        given = busy.payload(session_id=f"session-{number}", model=model)
        del given["rate_limits"]
        messages.append(json.dumps(given).encode())
    env = {name: value for name, value in world.env.items() if name != "STATUSLINE_START"}
    with ThreadPoolExecutor(1) as beside:
        refreshed = beside.submit(busy.refresh_at_once, "usage", REFRESHERS)
        drawn = busy.ticks.many(world.door, [world.command[4:]] * AT_ONCE, env, stdins=messages, cwd=world.home)
    troubles = [str(ran) for ran in refreshed.result() if ran.code not in {0, 3} or ran.err]
    for number, ran in enumerate(drawn):
        shown = re.search(r"5h (\d+)%", plain(ran))
        if (ran.code, ran.err) != (0, b"") or f"Opus {number} " not in plain(ran) or shown is None:
            troubles.append(f"tick {number}: {ran}")
        elif int(shown[1]) not in {old, percent}:
            troubles.append(f"tick {number} shows {shown[1]!r}, not {old} or {percent}")
    until(lambda: not running(world.cache, "cache/__main__.py"))
    following = busy.refresh("usage")  # it looks itself whether there is something to do
    if following.code or following.err:
        troubles.append(f"the next refresh: {following}")
    if len(busy.server.requests) != asked + 1:
        troubles.append(f"{len(busy.server.requests) - asked} requests")
    after = busy.tick(messages[0])
    if f"5h {percent}%" not in plain(after):
        troubles.append(f"the next line: {after}")
    return troubles + troubles_of(world.cache) + leftovers(world.cache)


def test_ticks_and_refreshers_at_once(row: RowOf, busy: BusyHome) -> None:
    busy.config.write_text(
        json.dumps({"rows": [["model", "five_hour", "seven_day"]], "fill": False})
    )  # no job for each session
    with row("ticks at once, in rounds") as figures:
        old = int(busy.percents()["five_hour"])
        for number in range(figures.count):
            percent = MOST if figures.count == 1 else old + (MOST - old) * (number + 1) // figures.count
            figures.judge(f"round {number}", round_of_ticks(busy, percent, old))
            old = percent
