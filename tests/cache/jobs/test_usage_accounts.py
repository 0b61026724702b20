"""Which numbers are shown: never another account's, in whatever order its files are written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cache.model.entry import Entry
from cache.model.layout import LOCK_SUFFIX
from cache.model.staleness import reason_to_refresh
from cache.model.windows import ESTIMATE, Window
from cache.sources.endpoint.rate_limit_state import rate_limit_file
from cache.work.failures import Unwritable
from tests.support.loopback_server import Answer, Loopback
from tests.support.paths import ROOT
from tests.support.usage_desk import ADA, BOB, Desk, body, limits


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, server: Loopback) -> Desk:
    """Return the desk of Ada, whose numbers are known."""
    desk = Desk(tmp_path, server)
    desk.answers(body(five=40, week=80, model=36, spent=4001))
    desk.sign_in(ADA)
    for process in ("session", "lively", "idle"):
        desk.tick(process)  # a client's first tick has no limits
    desk.now += 60
    assert desk.refresh().state == "refreshed"
    return desk


def reason(desk: Desk) -> str:
    """Return why a tick would start the refresher now; the tick itself sees the files."""
    wanted = desk.snapshot("").wanted
    return reason_to_refresh(desk.entry, desk.now, "auto", "", wanted)


BOBS = 90_000  # seconds by which Bob's windows end later than Ada's


def test_after_a_switch_the_old_numbers_are_hidden_and_they_come_back_with_the_account(desk: Desk) -> None:
    desk.now += 30
    desk.tick("session", limits(five=44, week=81))  # later than the last refresh: known from a session alone
    desk.now += 30
    desk.sign_in(BOB)
    desk.now += 1
    assert reason(desk) == "changed", "the next tick starts the refresher"
    desk.refresh()
    assert desk.shown() == {}
    assert not desk.value["spend"]
    assert reason(desk) == ""
    desk.now += 600
    desk.answers(body(five=7, week=9, model=None, shift_s=BOBS))
    desk.refresh()
    assert desk.shown() == {"five_hour": 7, "seven_day": 9}
    desk.now += 60
    desk.sign_in(ADA)
    desk.now += 1
    desk.refresh()
    assert desk.shown() == {"five_hour": 44, "seven_day": 81, "seven_day:fable": 36}
    assert desk.value["spend"]["used"] == 40.01
    assert all(each["observed_at"] < desk.now - 600 for each in desk.value["windows"]), "with their age"


def test_what_a_session_saw_before_the_switch_does_not_count_and_what_it_sees_afterwards_does(desk: Desk) -> None:
    desk.now += 30
    desk.tick("lively", limits(five=44))
    desk.tick("idle", limits(five=43))
    desk.now += 30
    desk.sign_in(BOB)
    desk.now += 5
    desk.refresh()
    for _ in range(3):
        desk.now += 10
        assert desk.tick("idle", limits(five=43)) == {}
        assert desk.tick("lively", limits(five=44)) == {}
    shown = desk.tick("lively", limits(five=3, week=4, shift_s=BOBS))
    assert {id_: each.percent for id_, each in shown.items()} == {"five_hour": 3, "seven_day": 4}
    assert desk.tick("idle", limits(five=43))["five_hour"].percent == 3


def test_answers_between_a_switch_and_its_detection_count_for_no_account(desk: Desk) -> None:
    desk.now += 60
    desk.sign_in(BOB)
    desk.now += 5
    assert desk.tick("session", limits(five=3, week=4)) == {}  # Bob's, but its resets are Ada's: who knows
    desk.refresh()
    assert desk.shown() == {}
    desk.now += 60
    desk.sign_in(ADA)
    desk.now += 5
    desk.refresh()
    assert desk.shown() == {"five_hour": 40, "seven_day": 80, "seven_day:fable": 36}


def test_a_renewed_login_hides_the_numbers_until_the_endpoint_knows_it(desk: Desk) -> None:
    desk.now += 100
    desk.log_in("sk-ant-oat01-CANARY-renewed")
    desk.now += 1
    desk.answers(body(five=45, week=82))
    assert desk.tick("session", limits(five=45, week=82)) == {}
    assert reason(desk) == "changed"
    desk.refresh()
    assert desk.asked == ["aaa", "renewed"], "once per login, whatever the spacing"
    assert reason(desk) == ""
    assert desk.shown() == {"five_hour": 45, "seven_day": 82, "seven_day:fable": 36}
    assert desk.value["account_since"] == 0


def test_without_an_answer_a_renewed_login_hides_the_numbers_for_twenty_seconds(desk: Desk) -> None:
    desk.now += 100
    desk.log_in("sk-ant-oat01-CANARY-renewed")
    desk.answers(Answer(503))
    desk.refresh()
    desk.now += 19
    assert desk.shown() == {}
    desk.now += 2
    assert desk.shown()["five_hour"] == 40


def test_an_answer_for_a_new_login_is_not_shown_under_the_old_name(desk: Desk) -> None:
    desk.now += 700
    desk.log_in("sk-ant-oat01-CANARY-bbb")
    desk.now += 1
    desk.answers(body(five=7, week=9, model=None, shift_s=BOBS))
    desk.refresh()
    for _ in range(4):
        assert desk.shown() == {}
        desk.now += 10
    desk.name(BOB)
    desk.now += 1
    assert desk.shown() == {}
    desk.refresh()
    assert desk.shown() == {"five_hour": 7, "seven_day": 9}
    assert desk.asked == ["aaa", "bbb", "bbb"]
    assert desk.value["account_since"] > 0


def test_an_answer_for_a_new_login_with_the_same_week_is_not_taken_for_the_old_names(desk: Desk) -> None:
    """Two organizations can have the same week; the other one has no five hours yet."""
    desk.now += 700
    desk.log_in("sk-ant-oat01-CANARY-bbb")
    desk.now += 1
    others = body(five=0, week=9, model=None)
    others["five_hour"]["resets_at"] = None
    desk.answers(others)
    desk.refresh()
    assert desk.shown() == {}
    desk.now += 10
    desk.name(BOB)
    desk.tick("new")
    desk.now += 5
    reported = limits(week=9) | {"five_hour": limits(five=2, shift_s=BOBS)["five_hour"]}
    shown = desk.tick("new", reported)
    assert shown["five_hour"].percent == 2, "it does not fit the former account, whose five hours go on"
    desk.now += 60
    desk.refresh()
    assert desk.shown()["five_hour"] == 2, "it is the later one"


@pytest.mark.parametrize("pause_s", [61, 100, 600])
def test_a_week_that_has_moved_under_a_new_login_shows_after_a_minute(desk: Desk, pause_s: int) -> None:
    desk.now += 700
    desk.log_in("sk-ant-oat01-CANARY-renewed")
    desk.now += 1
    desk.answers(body(five=7, week=9, model=None, shift_s=BOBS))
    desk.refresh()
    desk.now += 60
    assert desk.shown() == {}
    desk.now += pause_s - 60
    assert desk.tick("first") == {}, "a newer answer is asked for"
    assert desk.shown() == {"five_hour": 7, "seven_day": 9}, "whenever the refresher comes"
    assert reason(desk) == "due"
    desk.refresh()
    assert desk.shown() == {"five_hour": 7, "seven_day": 9}
    assert desk.value["account_since"] == 0
    assert desk.asked == ["aaa", "renewed", "renewed"], "the held answer is a minute old by now"


def test_an_answer_for_the_former_account_is_followed_by_a_request_after_a_minute(desk: Desk) -> None:
    """Also where this account's own last answer is only a few minutes old."""
    desk.now += 100
    desk.sign_in(BOB)
    desk.now += 1
    desk.answers(body(five=7, week=9, model=None, shift_s=BOBS), body(five=41))
    desk.refresh()
    for account in (ADA, BOB):
        desk.now += 100
        desk.sign_in(account)
        desk.now += 1
        assert desk.shown() == {}
    desk.refresh()
    assert desk.asked == ["aaa", "bbb", "bbb"]
    assert desk.shown()["five_hour"] == 7, "the second answer, with Ada's resets, was dropped"
    desk.answers(body(five=8, week=9, model=None, shift_s=BOBS))
    desk.now += 62
    assert reason(desk) == "due"
    desk.refresh()
    assert desk.shown()["five_hour"] == 8


def test_where_sessions_and_the_endpoint_contradict_each_other_requests_do_not_double(desk: Desk) -> None:
    """The state file names Ada, the login is Bob's, and a session of Ada goes on."""
    desk.answers(body(five=7, week=9, model=None, shift_s=BOBS))
    for number in range(60):
        desk.now += 60
        desk.tick("lively", limits(five=41 + number / 10))
        if reason(desk):
            desk.refresh()
    assert len(desk.asked) - 1 <= 7


def test_no_account_is_asked_for_more_than_twelve_times_in_an_hour(desk: Desk) -> None:
    desk.now += 400
    asked_at: list[float] = []
    for number in range(160):
        desk.now += 49.99
        desk.log_in(f"sk-ant-oat01-CANARY-{number}")
        desk.refresh(force=number % 3 == 0)
        asked_at += [desk.now] * (len(desk.asked) - 1 - len(asked_at))
        assert len([at for at in asked_at if desk.now - 3600 < at]) <= 12
    assert len(asked_at) > 20


def test_another_organization_of_an_account_has_separate_limits(desk: Desk) -> None:
    """One account can have seats in several organizations."""
    personal = desk.value["account"]
    desk.now += 60
    desk.answers(body(five=3, week=5, model=None, shift_s=BOBS))
    desk.log_in("sk-ant-oat01-CANARY-team", plan="team")
    desk.name(ADA, "cccccccc-0000-4000-8000-000000000003")
    desk.now += 1
    assert desk.tick("idle") == {}
    desk.refresh()
    assert desk.shown() == {"five_hour": 3, "seven_day": 5}
    assert desk.value["account"] != personal


def test_an_account_that_is_signed_out_shows_nothing_until_it_is_back(desk: Desk) -> None:
    desk.now += 60
    desk.name(None)
    desk.now += 1
    assert desk.shown() == {}
    desk.name(ADA)
    desk.now += 60
    desk.shown()
    assert desk.shown() == {"five_hour": 40, "seven_day": 80, "seven_day:fable": 36}


def test_while_only_the_name_is_new_nothing_is_asked_with_the_old_login(desk: Desk) -> None:
    desk.now += 700
    desk.name(BOB)
    assert desk.refresh().problem == "unsettled"
    assert desk.shown() == {}
    desk.now += 3
    desk.tick("session", limits(five=41))  # still with the old login
    desk.now += 1
    desk.log_in("sk-ant-oat01-CANARY-bbb")
    desk.now += 1
    desk.answers(body(five=7, week=9, model=None, shift_s=BOBS))
    assert reason(desk) == "changed"
    desk.refresh()
    assert desk.asked == ["aaa", "bbb"]
    assert desk.shown() == {"five_hour": 7, "seven_day": 9}


def test_an_answer_during_a_sign_in_counts_for_no_account(desk: Desk, server: Loopback) -> None:
    desk.now += 700
    desk.answers(body(five=99))

    def signs_in() -> None:
        desk.now += 1
        desk.sign_in(BOB)

    server.happens = signs_in
    outcome = desk.refresh()
    assert outcome.problem == "unsettled"
    assert desk.asked == ["aaa", "aaa"]
    desk.now += 2
    assert reason(desk) == "changed"
    desk.refresh()
    assert desk.shown() == {}
    desk.now += 20
    desk.refresh()
    assert desk.asked == ["aaa", "aaa", "bbb"], "another account has a budget of its own"


def test_an_answer_for_no_account_still_ends_the_failure(desk: Desk, server: Loopback) -> None:
    desk.now += 700
    desk.answers(Answer(429))
    assert desk.refresh().problem == "rate_limited"
    desk.now = desk.entry.due_at
    desk.answers(body(five=99))

    def signs_in() -> None:
        desk.now += 1
        desk.sign_in(BOB)

    server.happens = signs_in
    assert desk.refresh().problem == "unsettled"
    desk.now += 11
    assert desk.refresh(force=True).state == "refreshed", "there is no cool-down left to wait for"


def test_a_torn_state_file_is_not_a_sign_of_another_account(desk: Desk) -> None:
    desk.now += 700
    desk.write(desk.state_file, desk.state_file.read_text()[:-5])
    desk.log_in("sk-ant-oat01-CANARY-pro", plan="pro")
    desk.now += 60
    desk.refresh()
    assert desk.shown()["seven_day:fable"] == 36
    desk.sign_in(BOB)
    desk.now += 2
    assert reason(desk) == "changed"
    desk.answers(body(five=7, model=None))
    desk.now += 600
    desk.refresh()
    assert desk.shown() == {"five_hour": 7, "seven_day": 83}


def test_an_account_that_gets_its_name_keeps_its_numbers_unless_its_login_is_another(tmp_path: Path) -> None:
    for number, again in enumerate((False, True)):
        with Loopback() as server:
            desk = Desk(tmp_path / str(number), server)
            desk.answers(body())
            desk.log_in()
            desk.refresh()
            assert desk.value["account"] == "unknown"
            desk.now += 400
            if again:
                desk.log_in("sk-ant-oat01-CANARY-bbb")
            desk.name(BOB)
            desk.now += 1
            desk.answers(Answer(503))
            desk.refresh()
            assert desk.value["account"] != "unknown"
            assert desk.shown() == ({} if again else {"five_hour": 24, "seven_day": 83, "seven_day:fable": 36})


def test_after_a_switch_even_a_lost_cache_file_brings_no_old_number_back(desk: Desk) -> None:
    desk.now += 30
    desk.tick("session", limits(five=44))
    desk.now += 30
    desk.sign_in(BOB)
    desk.now += 5
    desk.refresh()
    (desk.place / "usage.json").unlink()
    desk.now += 5
    desk.refresh()
    assert desk.shown() == {}
    desk.sign_in(ADA)
    (desk.place / "usage.json").write_text("{")
    desk.now += 15
    desk.refresh()
    assert desk.shown() == {"five_hour": 44, "seven_day": 80, "seven_day:fable": 36}


def test_with_the_keychain_alone_a_switch_shows_at_the_next_refresh(tmp_path: Path, server: Loopback) -> None:
    desk = Desk(tmp_path, server)
    desk.extra |= {"STATUSLINE_SECURITY_BIN": str(ROOT / "tests" / "fakes" / "security"), "PATH": "/usr/bin:/bin"}
    room = tmp_path / ".fake-security"
    room.mkdir()

    def keep(uuid: str) -> None:
        desk.sign_in(uuid)
        (room / "any.out").write_text(desk.login_file.read_text())
        (room / "any.exit").write_text("0")
        desk.login_file.unlink()

    desk.answers(body(five=40), body(five=7, week=9, model=None, shift_s=BOBS))
    keep(ADA)
    assert desk.refresh().state == "refreshed"
    desk.now += 60
    keep(BOB)
    desk.now += 5
    desk.tick("session", limits(five=6, week=8, shift_s=BOBS))
    assert reason(desk) == "changed", "the name tells, though no login file does"
    desk.refresh()
    assert desk.asked == ["aaa", "bbb"], "the Keychain has no time that could say whether its login is the old one"
    assert desk.shown() == {"five_hour": 7, "seven_day": 9}
    desk.now = desk.entry.due_at
    desk.refresh()
    desk.now += 60
    keep(ADA)
    desk.now = desk.entry.due_at
    desk.refresh()
    assert desk.shown()["five_hour"] == 40, "what was seen before the switch was noticed could be either's"


def test_two_config_directories_at_once_never_mix(tmp_path: Path) -> None:
    with Loopback() as server:
        ada = Desk(tmp_path, server, extra={"CLAUDE_CONFIG_DIR": str(tmp_path / "a")})
        bob = Desk(tmp_path, server, extra={"CLAUDE_CONFIG_DIR": str(tmp_path / "b")})
        nobody = Desk(tmp_path, server)
        ada.sign_in(ADA)
        bob.sign_in(BOB)
        for minute in range(0, 60, 6):
            for desk, five in ((ada, 40.0 + minute), (bob, 1.0 + minute / 10)):
                desk.now += 360
                desk.answers(body(five=five, week=five))
                desk.refresh()
                desk.tick("same id", limits(five=five, week=five))
                assert nobody.shown() == {}
                for other, own in ((ada, five if desk is ada else None), (bob, five if desk is bob else None)):
                    shown = set(other.shown().values()) - {36}
                    assert own is None or shown == {own}
                    assert all((each >= 40) is (other is ada) for each in shown)
        assert {*ada.asked} == {"aaa", "bbb"}
        assert ada.place != bob.place != nobody.place


def test_the_time_of_an_answer_counts_only_with_the_answer(desk: Desk) -> None:
    """A file of an early version has one without the other."""
    desk.now += 400
    path = rate_limit_file(desk.cache, desk.place, desk.value["account"])
    path.write_text(json.dumps({**json.loads(path.read_text()), "answer": None, "answered_at": int(desk.now)}))
    (desk.place / "usage.json").unlink()
    desk.refresh()
    assert desk.asked == ["aaa", "aaa"]


@pytest.mark.parametrize(("answered_at", "is_asked"), [(0, True), ("now", False), (None, False)])
def test_an_answer_is_as_old_as_its_account_says(desk: Desk, answered_at: int | str | None, is_asked: bool) -> None:
    """A file of an earlier version has the time in the answer alone."""
    desk.now += 400
    path = rate_limit_file(desk.cache, desk.place, desk.value["account"])
    kept = json.loads(path.read_text())
    del kept["answered_at"]
    if answered_at is not None:
        kept["answered_at"] = int(desk.now) if answered_at == "now" else answered_at
    path.write_text(json.dumps(kept))
    desk.tick("lively", limits(five=41, week=80))
    desk.refresh()
    assert desk.asked == ["aaa"] * (2 if is_asked else 1)
    assert desk.rate_limit.answered_at > desk.now - 600


def percents(desk: Desk, process: str, rate_limits: object = None) -> dict[str, float]:
    """Return what a process shows; neither a plan nor money of the account may be beside it."""
    snapshot = desk.snapshot(process, rate_limits)
    assert (snapshot.plan, snapshot.spend, snapshot.spent, snapshot.login) == (None, {}, {}, "")
    return {id_: each.percent for id_, each in snapshot.windows.items()}


def test_a_session_with_another_login_shows_nothing_of_the_account(desk: Desk) -> None:
    """Neither the week of a model nor an estimate, however old its own numbers are."""
    bobs = limits(five=7, week=9, shift_s=BOBS)
    assert percents(desk, "lively", bobs) == {"five_hour": 7, "seven_day": 9}
    desk.now += 1500
    estimate = Window("five_hour", "5h", 47.0, int(desk.now) + 600, ESTIMATE, int(desk.now))
    value = {"account": desk.value["account"], "windows": [estimate.as_json()]}
    path = desk.place / "transcripts.json"
    path.write_text(Entry(value, int(desk.now), int(desk.now) + 60).to_text())
    path.chmod(0o600)
    assert desk.shown() == {"five_hour": 47, "seven_day": 80, "seven_day:fable": 36}
    assert percents(desk, "lively", bobs) == {"five_hour": 7, "seven_day": 9}


def test_a_session_that_may_have_the_former_login_shows_nothing_of_the_new_one(desk: Desk) -> None:
    desk.now += 60
    desk.sign_in(BOB)
    desk.now += 1
    desk.answers(body(five=7, week=9, model=50, shift_s=BOBS))
    desk.refresh()
    assert desk.shown() == {"five_hour": 7, "seven_day": 9, "seven_day:fable": 50}
    desk.now += 60
    assert percents(desk, "lively", limits(five=45, week=82)) == {}
    assert percents(desk, "lively") == {}, "nor does a command, or a tick without limits"


def test_an_answer_without_an_owner_yet_is_shown_alone(desk: Desk) -> None:
    desk.now += 100
    desk.log_in("sk-ant-oat01-CANARY-renewed")
    desk.answers(Answer(503))
    desk.refresh()
    desk.now += 21
    assert desk.shown()["seven_day:fable"] == 36
    desk.log_in("sk-ant-oat01-CANARY-again")
    desk.tick("lively")
    desk.now += 21
    bobs = limits(five=3, week=4, shift_s=BOBS)
    for rate_limits in (bobs, None):
        assert percents(desk, "lively", rate_limits) == {"five_hour": 3, "seven_day": 4}


def test_an_answer_that_fits_the_other_login_of_its_session_does_not_wait_for_a_name(desk: Desk) -> None:
    """A token for one project, while the account's login is renewed and nothing else is heard for minutes."""
    assert percents(desk, "lively", limits(five=7, week=9, shift_s=BOBS)) == {"five_hour": 7, "seven_day": 9}
    desk.now += 1000
    desk.log_in("sk-ant-oat01-CANARY-renewed")
    desk.answers(Answer(503))
    desk.refresh()
    desk.tick("lively", limits(five=8, week=9, shift_s=BOBS))
    for _ in range(3):
        desk.now += 61
        assert desk.shown() == {"five_hour": 40, "seven_day": 80, "seven_day:fable": 36}
        assert percents(desk, "lively") == {"five_hour": 8, "seven_day": 9}


def test_all_config_directories_of_an_account_show_its_last_answer(tmp_path: Path) -> None:
    """The weeks of single models, too, which the endpoint alone reports."""
    with Loopback() as server:
        one, two = (Desk(tmp_path, server, extra={"CLAUDE_CONFIG_DIR": str(tmp_path / name)}) for name in "ab")
        for desk in (one, two):
            desk.answers(body(five=40, week=80, model=36))
            desk.sign_in(ADA)
            desk.refresh()
        for desk, model in ((one, 37), (two, 38)):
            one.now = two.now = max(one.now, two.now) + 700
            desk.answers(body(five=41, week=81, model=model))
            desk.refresh()
            assert one.shown() == two.shown() == {"five_hour": 41, "seven_day": 81, "seven_day:fable": model}
        one.now = two.now = two.now + 700
        two.answers(body(five=42, week=81, model=None))
        two.refresh()
        assert one.shown() == {"five_hour": 42, "seven_day": 81}, "a whole answer ends what it does not name"


@pytest.mark.parametrize(
    ("old", "new"),
    [('"five_hour":[', '"five_hours":['), ('"seven_day":[80.0,', '"seven_day":[80.0,9'), ('"answered_at":', '"was":')],
)
def test_odd_values_in_the_readings_do_not_break_a_refresh(desk: Desk, old: str, new: str) -> None:
    """A window that this version does not know, a reset of the year 60,000, a time that is missing."""
    path = desk.cache / "readings.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    desk.now += 700
    outcome = desk.refresh()
    assert (outcome.state, outcome.problem) == ("refreshed", None)
    assert desk.shown() == {"five_hour": 40, "seven_day": 80, "seven_day:fable": 36}


def test_a_kept_answer_without_an_account_does_not_break_a_refresh(desk: Desk) -> None:
    path = rate_limit_file(desk.cache, desk.place, desk.value["account"])
    path.write_text(json.dumps({**json.loads(path.read_text()), "answer": {"at": desk.now}}))
    desk.now += 700
    assert desk.refresh().state == "refreshed"


def test_an_account_that_cannot_be_locked_is_named_with_what_helps(desk: Desk, server: Loopback) -> None:
    """It is not taken for one that another config directory is refreshing."""
    lock = rate_limit_file(desk.cache, desk.place, str(desk.value["account"])).with_suffix(LOCK_SUFFIX)
    lock.unlink()
    lock.mkdir()
    requests = len(server.requests)
    desk.now += 600
    failed = desk.refresh()
    assert (failed.state, failed.exit_code, failed.problem) == ("failed", 1, Unwritable.name)
    assert f"cannot lock {lock}" in failed.sentence
    assert failed.next_step == Unwritable.next_step
    assert len(server.requests) == requests
    lock.rmdir()
    desk.now += 600
    assert desk.refresh().state == "refreshed"
