"""Each wait of each session alerts once."""

from __future__ import annotations

from cache.sources.claude.sessions import RunningSession
from cache.watches.config import Watch
from cache.watches.waits import KEPT_S, SentWait, still_waiting, waits

NOW = 1_795_320_000.0
WATCH = Watch((), "", "waiting", "desktop")
API = RunningSession(7, "a-1", "api", "api", "/w/api", "waiting", "permission prompt", NOW - 5, NOW, "", "f", [1, 2])


class Desk:
    def __init__(self, *watches: Watch) -> None:
        self.watches, self.sent = watches or (WATCH,), list[SentWait]()

    def look(self, *running: RunningSession, now: float = NOW) -> list[str]:
        self.sent = still_waiting(self.sent, list(running), now)
        told = waits(self.watches, list(running), self.sent, now)
        self.sent += [each.record for each in told]
        return [each.text for each in told]


def test_a_wait_is_told_once_and_the_next_again() -> None:
    desk = Desk()
    assert desk.look(API._replace(status="busy")) == []
    assert desk.look(API) == ["api is waiting: permission prompt"]
    assert desk.look(API._replace(waiting_for="dialog open"), now=NOW + 60) == []
    assert desk.look(API._replace(status="idle")) == []
    assert desk.look(API) == ["api is waiting: permission prompt"]


def test_a_wait_that_began_between_two_looks_is_a_new_one() -> None:
    desk = Desk()
    desk.look(API)
    assert len(desk.look(API._replace(since=NOW + 40), now=NOW + 60)) == 1


def test_a_file_that_cannot_be_read_for_a_moment_is_not_the_end_of_a_wait() -> None:
    desk = Desk()
    desk.look(API)
    assert desk.look() == []
    assert desk.look(API) == []


def test_a_wait_over_days_is_told_once() -> None:
    desk = Desk()
    desk.look(API)
    for day in range(1, 4):
        assert desk.look(API, now=NOW + day * (KEPT_S - 60)) == []
    desk.look(now=NOW + 10 * KEPT_S)
    assert desk.sent == []


def test_each_session_is_told_the_longest_wait_first_and_without_a_reason() -> None:
    docs = API._replace(id="b-2", name="docs", waiting_for="", since=NOW - 60)
    assert Desk().look(API, docs) == ["docs is waiting for you", "api is waiting: permission prompt"]
    assert Desk(Watch((80,), "x")).look(API) == []


def test_the_facts_name_the_session() -> None:
    (told,) = waits([WATCH], [API], [], NOW)
    assert told.facts == {
        "HUDLINE_SESSION": "api",
        "HUDLINE_SESSION_ID": "a-1",
        "HUDLINE_WAITING_FOR": "permission prompt",
        "HUDLINE_SINCE": str(int(NOW - 5)),
    }
