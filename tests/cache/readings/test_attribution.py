"""Which account an answer belongs to, and how old it is: by its content, and by the resets of logins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cache.model.entry import NOTHING_YET
from cache.model.windows import OAUTH
from cache.readings.attribution import OTHERS_AT_MOST
from cache.readings.directory import UNKNOWN, Directory, Owners
from cache.readings.hearing import hear
from cache.readings.login import record_login
from cache.readings.news import CONTENTS_AT_MOST, PROCESSES_AT_MOST, settle_waiting
from cache.readings.owner import fits
from cache.readings.ownership import add_official
from cache.readings.reading import ENDPOINT, Reading
from cache.readings.snapshot import Snapshot, fill_in_numbers

if TYPE_CHECKING:
    from cache.readings.reading import Limits

NOW = 1_795_320_000.0
ADA, BOB = "a" * 20, "b" * 20
SHIFT = {ADA: 0, BOB: 40_000}


WEEK_AND_FIVE = {"seven_day": int(NOW) + 90_000, "five_hour": int(NOW) + 3}


@pytest.mark.parametrize(
    ("known", "told", "fit"),
    [
        ({}, {}, (True, "seven_day")),  # in three seconds the five hours are over
        ({"five_hour": 60}, {}, (False, "five_hour")),
        ({}, {"five_hour": 4}, (True, "five_hour")),
        ({"five_hour": -1}, {"five_hour": -1}, (True, "seven_day")),
        ({"seven_day": 3}, {"seven_day": 3 + 7 * 86400}, (True, "seven_day")),
        ({"seven_day": 60}, {"seven_day": 60 + 7 * 86400}, (False, "seven_day")),
        ({"seven_day": 3}, {}, (False, "seven_day")),
    ],
)
def test_a_window_that_ends_in_a_few_seconds_may_have_ended(
    known: dict[str, int], told: dict[str, int], fit: tuple[bool, str]
) -> None:
    """Resets jitter by a second, so an answer can have the next window before the known one is over."""
    resets = WEEK_AND_FIVE | {id_: int(NOW) + ahead for id_, ahead in known.items()}
    answer = {"seven_day": WEEK_AND_FIVE["seven_day"], "five_hour": int(NOW) + 18_000}
    limits: Limits = {id_: (1.0, int(NOW) + told[id_] if id_ in told else reset) for id_, reset in answer.items()}
    assert fits(limits, resets, NOW) == fit


class Desk:
    """A config directory without files: ticks and answers at times that the test sets."""

    def __init__(self, account: str = ADA) -> None:
        self.directory = Directory(Owners())
        self.now, self.state, self.login = NOW, 0, 0
        self.account = account
        self.look()

    def look(self, *, login: bool = False) -> bool:
        self.state += 1
        self.login += login
        return record_login(self.directory, [self.login, 1], [self.state, 1], self.account, self.now)

    def switch(self, account: str) -> None:
        self.account = account
        self.look(login=True)

    def start(self, *processes: str) -> None:
        """Run the first tick of processes, which has no limits."""
        for process in processes:
            hear(self.directory, process, {}, self.now)

    def tick(self, process: str, limits: Limits | None = None) -> dict[str, tuple[float, int | None]]:
        """Return percent and age by window; None for an unknown age."""
        settle_waiting(self.directory, self.now)
        found, content = hear(self.directory, process, limits or {}, self.now)
        snapshot = Snapshot(NOTHING_YET, {}, self.account)
        fill_in_numbers(snapshot, self.directory, found, content, self.now)
        return {
            id_: (each.percent, int(self.now - each.observed_at) if each.age_known else None)
            for id_, each in snapshot.windows.items()
        }

    def answer(self, limits: Limits) -> None:
        add_official(self.directory, Reading(self.now, self.now, ENDPOINT, limits, OAUTH, dated=True), self.now)


def limits(five: float, week: float = 60, *, of: str = ADA, jitter: int = 0) -> Limits:
    reset = int(NOW) + SHIFT[of] // 10 + jitter
    return {"five_hour": (five, reset + 7200), "seven_day": (week, reset + SHIFT[of] + 300_000)}


def test_a_content_keeps_its_age_whichever_process_reports_it() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    assert desk.tick("p1", limits(42)) == {"five_hour": (42, 0), "seven_day": (60, 0)}
    desk.now += 3000
    assert desk.tick("p1", limits(42))["five_hour"] == (42, 3000)
    assert desk.tick("p2", limits(42))["five_hour"] == (42, 3000)
    assert desk.tick("p9", limits(42))["five_hour"] == (42, 3000), "after /clear, where no process is named"


def test_an_old_lower_number_under_a_new_session_does_not_count() -> None:
    desk = Desk()
    desk.start("s1", "s2")
    desk.tick("s1", limits(42))
    desk.now += 1800
    desk.tick("s2", limits(71))
    desk.now += 1200
    assert desk.tick("s3", limits(42))["five_hour"] == (71, 1200)


def test_what_is_left_of_a_content_after_a_window_has_ended_is_that_content() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    desk.tick("p1", limits(42))
    desk.now += 7200
    week = {"seven_day": limits(42)["seven_day"]}
    assert desk.tick("p1", week) == {"seven_day": (60, 7200)}
    assert desk.tick("p2", week) == {"seven_day": (60, 7200)}


def test_a_process_that_leaves_a_window_out_has_no_new_answer() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    desk.tick("p1", limits(42))
    desk.now += 60
    desk.tick("p2", limits(71))
    desk.now += 3600
    five = {"five_hour": limits(42)["five_hour"]}
    assert desk.tick("p1", five)["five_hour"] == (71, 3600), "some clients leave windows out now and then"
    assert desk.tick("p1", limits(42))["five_hour"] == (71, 3600)
    assert desk.tick("p2", five)["five_hour"] == (42, 0), "of another process it is another answer"


def test_a_new_answer_of_an_unlisted_process_has_an_unknown_age() -> None:
    desk = Desk()
    assert desk.tick("p1", limits(42)) == {"five_hour": (42, None), "seven_day": (60, None)}
    desk.now += 2000
    desk.start("p2")
    assert desk.tick("p2", limits(41, 59, jitter=1)) == {"five_hour": (41, 0), "seven_day": (59, 0)}


def test_a_higher_number_of_unknown_age_was_made_after_the_newest_known_one() -> None:
    desk = Desk()
    desk.start("p1")
    desk.tick("p1", limits(42, 60))
    desk.now += 600
    assert desk.tick("p2", limits(50, 40, jitter=1)) == {"five_hour": (50, 600), "seven_day": (40, 600)}


def test_a_lower_number_of_unknown_age_is_ignored() -> None:
    desk = Desk()
    desk.start("p1")
    desk.tick("p1", limits(42))
    desk.now += 600
    assert desk.tick("p2", limits(30, 50))["five_hour"] == (42, 600)


def test_an_unknown_age_does_not_replace_a_fresh_answer_of_the_endpoint() -> None:
    desk = Desk()
    desk.answer(limits(24))
    desk.now += 200
    assert desk.tick("p1", limits(42))["five_hour"] == (24, 200)
    desk.now += 200
    assert desk.tick("p2", limits(43))["five_hour"][0] == 43


def test_the_highest_ever_known_is_what_an_unknown_age_must_exceed() -> None:
    desk = Desk()
    desk.start("p1")
    desk.tick("p1", limits(80))
    desk.now += 60
    desk.tick("p1", limits(20))  # a correction
    desk.now += 600
    assert desk.tick("p2", limits(70))["five_hour"] == (20, 600), "70 may be from before the correction"
    assert desk.tick("p3", limits(81))["five_hour"][0] == 81


def test_a_full_list_forgets_the_process_without_news_and_an_arrival_must_prove_itself() -> None:
    desk = Desk()
    for number in range(PROCESSES_AT_MOST):
        desk.start(f"p{number}")
        desk.now += 1
        desk.tick(f"p{number}", limits(10 + number / 10, jitter=number % 3))
    desk.now += 400
    assert desk.tick("p900", limits(9))["five_hour"][0] == 10 + (PROCESSES_AT_MOST - 1) / 10
    assert len(desk.directory.processes) == PROCESSES_AT_MOST
    assert desk.directory.process("p900") is not None
    desk.tick("p901", limits(8))
    assert desk.directory.process("p900") is None, "it leaves before all others"
    desk.tick("p901", limits(50))
    desk.tick("p902", limits(7))
    assert desk.directory.process("p901") is not None, "it had news"
    assert len(desk.directory.contents) <= PROCESSES_AT_MOST + 3


def test_sessions_without_a_process_share_a_bounded_list_of_contents() -> None:
    desk = Desk()
    for number in range(200):
        desk.start(f"s{number % 20}")
        desk.now += 10
        desk.tick(f"s{number % 20}", limits(number / 10, jitter=number % 2))
    assert len(desk.directory.contents) <= CONTENTS_AT_MOST
    assert {each.key for each in desk.directory.processes if each.content is None} == set()


def test_after_a_switch_a_former_accounts_answer_is_not_shown() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    desk.tick("p1", limits(42))
    desk.now += 60
    desk.switch(BOB)
    desk.now += 5
    assert desk.tick("p1", limits(42)) == {}, "nothing tells yet which login this process has"
    assert desk.tick("p1", limits(43)) == {}, "an answer that was under way"
    assert desk.tick("p2", limits(5, of=BOB)) == {"five_hour": (5, 0), "seven_day": (60, 0)}
    desk.switch(ADA)
    desk.now += 5
    assert desk.tick("p3")["five_hour"][0] == 43, "it counted for its own account"


def test_an_account_that_is_back_after_a_sign_out_is_not_a_former_one() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    desk.tick("p1", limits(42))
    desk.switch(BOB)
    desk.tick("p2", limits(5, of=BOB))
    desk.now += 600
    desk.switch(UNKNOWN)
    desk.now += 1
    desk.switch(ADA)
    assert desk.directory.formers == [BOB]
    desk.now += 5
    assert desk.tick("p1", limits(43))["five_hour"] == (43, 0)


def test_a_sign_in_long_after_a_sign_out_is_the_time_of_the_switch() -> None:
    desk = Desk()
    desk.start("p1")
    desk.tick("p1", limits(42))
    desk.switch(UNKNOWN)
    desk.now += 3600
    desk.switch(BOB)
    assert (desk.directory.switched_at, desk.directory.ask) == (desk.now, True)
    desk.now += 5
    assert desk.tick("p1", limits(43)) == {}, "an answer that was under way"


def test_a_process_that_keeps_its_login_long_after_a_switch_shows_that_login() -> None:
    """A token pinned for one project."""
    desk = Desk()
    desk.start("p1", "p2")
    desk.tick("p1", limits(42))
    desk.switch(BOB)
    desk.now += 10
    desk.tick("p2", limits(5, of=BOB))
    desk.now += 700
    assert desk.tick("p1", limits(44))["five_hour"] == (44, 0)
    assert desk.tick("p2", limits(5, of=BOB))["five_hour"] == (5, 700)


def test_an_answer_that_fits_no_account_is_another_logins_and_shown_by_its_process_alone() -> None:
    desk = Desk()
    desk.start("p1", "p2", "p3")
    desk.tick("p1", limits(88, 91))
    assert desk.tick("p2", limits(5, 7, of=BOB)) == {"five_hour": (5, 0), "seven_day": (7, 0)}
    desk.now += 10
    assert desk.tick("p1", limits(88, 91))["five_hour"] == (88, 10)
    assert desk.tick("p3")["five_hour"] == (88, 10)
    desk.tick("p3", limits(6, 8, of=BOB))
    assert desk.tick("p2", limits(5, 7, of=BOB))["five_hour"][0] == 6, "the two share that login's numbers"


def test_a_week_that_moves_stays_the_accounts_in_its_own_processes() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    desk.tick("p1", limits(42))
    desk.now += 600
    assert desk.tick("p1", limits(3, 1, of=BOB))["seven_day"] == (1, 0)
    assert desk.tick("p2")["seven_day"] == (1, 0)


def test_equal_weeks_with_other_five_hours_are_another_login_once_the_endpoint_has_spoken() -> None:
    desk = Desk()
    desk.start("p1")
    desk.tick("p1", limits(42))
    desk.answer(limits(42))
    other = {"five_hour": (7.0, int(NOW) + 9000), "seven_day": limits(42)["seven_day"]}
    assert desk.tick("p1", other)["five_hour"] == (7, 0)
    assert desk.directory.ask, "the endpoint is asked which it is"
    assert desk.tick("p2")["five_hour"][0] == 42


def test_an_answer_waits_a_minute_while_a_new_login_has_no_name() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    desk.tick("p1", limits(42))
    desk.look(login=True)
    desk.now += 5
    assert desk.tick("p1", limits(5, 7, of=BOB))["five_hour"] == (5, 0), "its own process shows it"
    assert desk.tick("p2")["five_hour"] == (42, 5)
    desk.account = BOB
    desk.now += 1
    desk.look()
    assert desk.tick("p2")["five_hour"] == (5, 1)


def test_a_waiting_answer_is_the_accounts_after_a_minute_without_a_switch() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    desk.tick("p1", limits(42))
    desk.look(login=True)
    desk.now += 5
    desk.tick("p1", limits(3, 1, of=BOB))
    desk.now += 61
    assert desk.tick("p2")["seven_day"] == (1, 61)


def test_another_login_is_merged_once_the_endpoint_reports_its_resets() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    desk.answer(limits(42))
    desk.tick("p1", limits(5, 7, of=BOB))
    assert desk.directory.others
    desk.answer(limits(6, 8, of=BOB))
    assert not desk.directory.others
    assert desk.tick("p2")["five_hour"][0] == 6


def test_the_account_that_was_silent_for_an_hour_takes_a_moved_week_after_a_minute() -> None:
    desk = Desk()
    desk.start("p1", "p2", "p3")
    desk.tick("p1", limits(42))
    desk.now += 3700
    assert desk.tick("p2", limits(3, 1, of=BOB))["seven_day"] == (1, 0)
    assert desk.tick("p3")["seven_day"] == (60, 3700)
    desk.now += 61
    assert desk.tick("p3")["seven_day"] == (1, 61)


def test_after_the_clock_was_set_back_ages_are_unknown() -> None:
    desk = Desk()
    desk.start("p1")
    desk.now += 7000
    desk.tick("p1", {"seven_day": limits(0)["seven_day"]})
    desk.directory.written_at = desk.now
    desk.now -= 7000
    desk.look()
    assert desk.tick("p2") == {"seven_day": (60, None)}


def test_the_process_of_another_login_stays_with_it_until_the_resets_are_the_accounts() -> None:
    desk = Desk()
    desk.start("p1", "p2")
    desk.tick("p1", limits(42))
    desk.tick("p2", limits(5, 7, of=BOB))
    desk.now += 10
    assert desk.tick("p2", limits(6, 8, of=BOB))["five_hour"] == (6, 0)
    assert desk.tick("p1", limits(42))["five_hour"] == (42, 10)
    desk.now += 10
    assert desk.tick("p2", limits(43))["five_hour"] == (43, 0), "it has signed in to this account"
    assert desk.tick("p1", limits(42))["five_hour"] == (43, 0)


def test_its_answer_waits_once_the_account_was_silent_for_an_hour() -> None:
    desk = Desk()
    desk.start("p1", "p2", "p3")
    desk.tick("p1", limits(42))
    desk.tick("p2", limits(5, 7, of=BOB))
    desk.now += 3700
    assert desk.tick("p2", limits(6, 8, of=BOB))["five_hour"] == (6, 0)
    assert desk.tick("p3")["seven_day"] == (60, 3700)
    desk.now += 61
    assert desk.tick("p3")["seven_day"] == (8, 61), "its week has moved"


def test_a_waiting_answer_is_another_logins_if_the_account_goes_on_as_before() -> None:
    desk = Desk()
    desk.start("p1", "p2", "p3")
    desk.tick("p1", limits(42))
    desk.look(login=True)
    desk.now += 5
    desk.tick("p2", limits(5, 7, of=BOB))
    desk.now += 30
    desk.tick("p1", limits(43))
    desk.now += 31
    assert desk.tick("p3")["five_hour"] == (43, 31)
    assert desk.tick("p2", limits(5, 7, of=BOB))["five_hour"] == (5, 61), "its own process still shows it"


def test_of_many_other_logins_the_latest_are_kept() -> None:
    desk = Desk()
    desk.start("p0")
    desk.tick("p0", limits(42))
    for number in range(1, OTHERS_AT_MOST + 3):
        desk.start(f"p{number}")
        desk.now += 1
        reset = int(NOW) + number * 20_000
        desk.tick(f"p{number}", {"five_hour": (5, reset + 7200), "seven_day": (7, reset + 300_000)})
    assert len(desk.directory.others) == OTHERS_AT_MOST
    assert desk.tick("p0", limits(42))["five_hour"][0] == 42
    known = {desk.directory.resets_of(each)["seven_day"] for each in desk.directory.others}
    assert min(known) == int(NOW) + 3 * 20_000 + 300_000, "the first two are gone"


def test_a_number_of_unknown_age_is_compared_by_what_is_known_of_the_resets() -> None:
    ends = int(NOW) + 300_000
    for kept, heard, shown in [
        ((60, ends), (61, None), 60),  # nothing tells when it was true
        ((60, None), (10, ends), 60),  # its window began before the number that is kept
        ((60, None), (10, ends + 400_000), 10),  # it began after it
        ((60, ends), (10, ends + 604_800), 10),
    ]:
        desk = Desk()
        desk.start("p1")
        desk.tick("p1", {"seven_day": kept})
        desk.now += 600
        assert desk.tick("p2", {"seven_day": heard})["seven_day"][0] == shown, (kept, heard)


def test_a_login_that_gets_its_name_keeps_its_processes_and_numbers() -> None:
    desk = Desk(UNKNOWN)
    desk.start("p1")
    desk.tick("p1", limits(42))
    desk.account = ADA
    desk.now += 5
    desk.look()
    assert [each.owner for each in desk.directory.processes] == [ADA]
    assert [each.owner for each in desk.directory.contents] == [ADA]
    assert desk.tick("p2")["five_hour"] == (42, 5)


def test_a_clock_set_back_also_moves_the_times_of_logins_and_of_waiting_answers() -> None:
    desk = Desk()
    desk.start("p1")
    desk.now += 7000
    desk.switch(BOB)
    desk.tick("p1", limits(5, of=BOB))
    desk.look(login=True)
    desk.directory.written_at = desk.now
    desk.now -= 7000
    desk.look()
    directory = desk.directory
    assert directory.switched_at == directory.account_at == desk.now
    assert [(each.first_seen_at, each.dated) for each in directory.contents] == [(desk.now, False)]


def test_five_hours_that_end_early_do_not_make_the_account_another_login() -> None:
    """A new plan starts with new windows; the endpoint says so before a session has an answer in them."""
    desk = Desk()
    desk.start("p1")
    desk.answer(limits(42))
    desk.now += 60
    desk.answer({"five_hour": (0.0, None), "seven_day": (0.0, int(NOW) + 300_000)})
    desk.now += 60
    shown = desk.tick("p1", {"five_hour": (1.0, int(desk.now) + 18_000), "seven_day": (0.0, int(NOW) + 300_000)})
    assert shown == {"five_hour": (1.0, 0), "seven_day": (0.0, 0)}
    assert desk.tick("p2")["five_hour"] == (1.0, 0)
