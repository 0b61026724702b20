"""Which sources are used when: requests are made only where the others do not suffice, and never too often."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cache.model.layout import HISTORY_FILE
from cache.model.staleness import reason_to_refresh
from cache.usage.history import record
from statusline.segments.pace import elapsed_of
from statusline.segments.segment import Options
from tests.support.habits import WEEK, office, readings
from tests.support.loopback_server import Answer, Loopback
from tests.support.paths import ROOT
from tests.support.tick_world import until
from tests.support.usage_desk import ADA, BOB, NOW, WEEK_RESET, Desk, body, limits


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give the desk of Ada, who is signed in; the server has her numbers."""
    with Loopback() as server:
        desk = Desk(tmp_path, server)
        desk.answers(body())
        desk.sign_in(ADA)
        desk.tick("session")  # a client's first tick has no limits
        desk.now += 60
        yield desk


def next_attempt_s(desk: Desk) -> float:
    return desk.rate_limit.next_at - desk.now


# -- which source


def test_what_claude_code_and_the_sessions_know_is_not_asked_for_again(desk: Desk) -> None:
    desk.copied(body(five=40), age_s=500, stamp=ADA)
    desk.tick("session", limits(five=42))
    assert desk.refresh().state == "refreshed"
    assert desk.asked == []
    assert desk.shown() == {"five_hour": 42, "seven_day": 61, "seven_day:fable": 36}
    sources = {each["id"]: each["source"] for each in desk.value["windows"]}
    assert sources == {"five_hour": "stdin", "seven_day": "stdin", "seven_day:fable": "claude"}


def test_numbers_of_models_and_money_that_are_over_ten_minutes_old_are_asked_for(desk: Desk) -> None:
    desk.copied(body(model=30, spent=100), age_s=590, stamp=ADA)
    desk.tick("session", limits())
    desk.refresh()
    assert desk.asked == []
    desk.now += 61
    desk.tick("session", limits(five=43))
    desk.answers(body(model=31, spent=150))
    assert desk.refresh().state == "refreshed"
    assert desk.asked == ["aaa"]
    assert desk.shown()["seven_day:fable"] == 31
    assert desk.value["spend"]["used"] == 1.5


def test_an_unknown_window_is_requested(desk: Desk) -> None:
    desk.copied({"seven_day": body()["seven_day"], "limits": []}, stamp=ADA)
    desk.refresh()
    assert desk.asked == ["aaa"]
    assert desk.shown()["five_hour"] == 24


def test_a_fresh_answer_is_not_asked_for_again_and_a_stale_one_is(desk: Desk) -> None:
    desk.refresh()
    for _ in range(3):
        desk.now = desk.entry.due_at
        desk.refresh()
    assert len(desk.asked) == 2
    assert desk.now - NOW < 1300


def test_an_older_copy_brings_no_older_money_back(desk: Desk) -> None:
    desk.copied(body(spent=100), age_s=700, stamp=ADA)
    desk.answers(body(spent=150))
    desk.refresh()
    assert desk.value["spend"]["used"] == 1.5
    desk.now = desk.entry.due_at
    desk.refresh()
    assert len(desk.asked) == 1
    assert desk.value["spend"]["used"] == 1.5


def test_a_models_limit_that_the_answer_no_longer_has_is_dropped(desk: Desk) -> None:
    desk.refresh()
    assert "seven_day:fable" in desk.shown()
    desk.answers(body(model=None))
    desk.now += 700
    desk.refresh()
    assert desk.shown() == {"five_hour": 24, "seven_day": 83}


def test_a_copy_of_another_account_is_ignored(desk: Desk) -> None:
    desk.extra["STATUSLINE_OAUTH"] = "off"
    desk.copied(body(), stamp=BOB)
    desk.refresh()
    assert desk.shown() == {}
    desk.copied(body(), stamp=ADA)
    desk.now += 2000
    desk.refresh()
    assert desk.shown()["five_hour"] == 24


@pytest.mark.parametrize("stamp", [None, BOB])
def test_a_copy_from_before_the_switch_never_counts(desk: Desk, stamp: str | None) -> None:
    """Bob may have been signed in to another organization then."""
    desk.extra["STATUSLINE_OAUTH"] = "off"
    desk.refresh()
    desk.now += 100
    desk.sign_in(BOB)
    desk.copied(body(five=99), age_s=50, stamp=stamp)
    desk.refresh()
    desk.now += 20
    desk.refresh()
    assert desk.shown() == {}
    desk.now += 2000
    desk.copied(body(five=11), age_s=70, stamp=stamp)
    desk.refresh()
    assert desk.shown()["five_hour"] == 11


def test_a_copy_from_the_future_is_ignored(desk: Desk) -> None:
    desk.copied(body(five=99), age_s=-4000, stamp=ADA)
    desk.refresh()
    assert desk.asked == ["aaa"]
    assert desk.shown()["five_hour"] == 24


# -- how often


def test_force_asks_even_where_nothing_is_lacking(desk: Desk) -> None:
    desk.refresh()
    desk.now += 5
    assert desk.refresh().state == "not due"
    assert desk.refresh(force=True).state == "refreshed"
    assert len(desk.asked) == 2


def test_a_doubt_that_comes_up_within_the_spacing_is_asked_about_as_soon_as_it_ends(desk: Desk) -> None:
    """The endpoint alone can say whether a five-hour window has moved, or another login has an equal week."""
    desk.refresh()
    desk.tick("session", limits())
    desk.now += 100
    moved = limits(five=43)
    moved["five_hour"]["resets_at"] += 1500
    desk.tick("session", moved)
    assert reason_to_refresh(desk.entry, desk.now, "auto", "", desk.snapshot("session", moved).wanted) == "due"
    desk.refresh()
    assert len(desk.asked) == 1
    assert desk.entry.due_at == desk.rate_limit.next_at
    assert not desk.snapshot("session", moved).wanted, "no refresher is started in vain until then"
    desk.now = desk.entry.due_at
    desk.refresh()
    assert len(desk.asked) == 2
    desk.now = desk.entry.due_at
    desk.refresh()
    assert len(desk.asked) == 2, "one answer is enough"


def test_force_does_not_shorten_a_cool_down(desk: Desk) -> None:
    desk.answers(Answer(429))
    desk.refresh()
    for _ in range(3):
        desk.now += 95
        outcome = desk.refresh(force=True)
        assert (outcome.state, outcome.problem, outcome.exit_code) == ("failed", "rate_limited", 1)
    assert len(desk.asked) == 1
    desk.now += 20
    desk.answers(body())
    assert desk.refresh(force=True).state == "refreshed"


@pytest.mark.parametrize(
    ("asked_for", "wait_s"), [(None, 300), ("0", 300), ("120", 300), ("1700", 1700), ("9999", 3600)]
)
def test_a_429_waits_five_minutes_or_what_it_asks_for_up_to_an_hour(
    desk: Desk, asked_for: str | None, wait_s: int
) -> None:
    desk.answers(Answer(429, headers={} if asked_for is None else {"Retry-After": asked_for}))
    for times in (1, 2):
        desk.refresh()
        assert wait_s < next_attempt_s(desk) <= wait_s + 1, "flat, and never a second too early"
        assert desk.entry.due_at == desk.rate_limit.next_at
        assert len(desk.asked) == times
        desk.now = desk.entry.due_at


def test_other_failures_wait_longer_and_longer_up_to_half_an_hour(desk: Desk) -> None:
    desk.answers(Answer(503))
    waits = []
    for _ in range(6):
        desk.refresh()
        waits.append(int(next_attempt_s(desk)) // 10 * 10)
        desk.now = desk.entry.due_at
    assert waits == [300, 600, 1200, 1800, 1800, 1800]
    desk.answers(body())
    desk.refresh()
    assert (desk.entry.problem, desk.entry.failures) == (None, 0)
    assert 300 < next_attempt_s(desk) <= 361


def test_while_the_endpoint_cools_down_the_cheap_sources_are_still_read(desk: Desk) -> None:
    desk.answers(Answer(429, headers={"Retry-After": "3000"}))
    desk.refresh()
    desk.now += 10
    desk.copied(body(five=55), stamp=ADA)
    desk.tick("session", limits(five=55))
    assert desk.refresh(force=True).problem == "rate_limited"
    assert desk.shown()["five_hour"] == 55
    assert len(desk.asked) == 1


def test_a_refused_login_is_asked_with_again_in_half_an_hour_and_another_at_once(desk: Desk) -> None:
    desk.answers(Answer(401))
    desk.refresh()
    assert 1800 < next_attempt_s(desk) <= 1801
    desk.now += 100
    assert desk.refresh().state == "not due"
    desk.log_in("sk-ant-oat01-CANARY-ada-renewed")
    desk.answers(body())
    desk.now += 15
    assert desk.refresh().state == "refreshed"
    assert desk.asked == ["aaa", "ada-renewed"]
    desk.now += 15
    desk.log_in("sk-ant-oat01-CANARY-ada-again")
    assert desk.refresh().state == "refreshed"
    assert desk.asked == ["aaa", "ada-renewed", "ada-again"], "once per login"
    desk.now += 15
    assert desk.refresh(force=False).state == "not due"


def test_an_attempt_that_is_killed_has_been_one(desk: Desk) -> None:
    """A separate process, on the real clock, is killed while it waits for its answer."""
    desk.now = time.time()
    desk.sign_in(ADA)
    desk.answers(Answer(silent=True))
    command = [sys.executable, "-I", str(ROOT / "cache" / "__main__.py"), "usage", "--cache", str(desk.cache)]
    command += ["--claude-version", "2.1.330"]
    with subprocess.Popen(command, env=desk.env) as first:
        until(lambda: desk.asked)
        first.kill()
    desk.answers(body())
    assert subprocess.run(command, env=desk.env, check=False).returncode in {0, 1}
    assert desk.asked == ["aaa"]
    rate_limit = desk.rate_limit
    assert 300 <= rate_limit.next_at - rate_limit.attempted_at <= 361


@pytest.mark.parametrize(
    ("by_s", "before"),
    [(3600, body(five=98)), (2 * 86400, body(five=98)), (2 * 86400, Answer(503)), (2 * 86400, Answer(429))],
    ids=["an hour", "two days", "after a failure", "during a cool-down"],
)
def test_a_clock_that_was_set_back_stops_nothing(desk: Desk, by_s: int, before: Answer) -> None:
    desk.now += by_s
    desk.log_in()
    desk.answers(before)
    desk.refresh()
    desk.tick("session", limits(five=99))
    desk.now -= by_s
    desk.answers(body())
    desk.now += 20
    desk.look_s = 0.1
    assert desk.refresh().state == "refreshed"
    assert len(desk.asked) == 2
    desk.now += 301  # until then a number of unknown age could be the newer one
    assert desk.shown() == {"five_hour": 24, "seven_day": 83, "seven_day:fable": 36}
    assert desk.tick("session", limits(five=25))["five_hour"].percent == 25


@pytest.mark.parametrize("asked_for", [1600, 3600])
def test_a_cool_down_outlasts_a_clock_that_was_set_back_and_grows_no_longer(desk: Desk, asked_for: int) -> None:
    desk.answers(Answer(429, headers={"Retry-After": str(asked_for)}))
    desk.refresh()
    desk.now -= 62
    assert desk.refresh(force=True).problem == "rate_limited"
    assert asked_for < next_attempt_s(desk) <= asked_for + 1
    desk.now += asked_for - 10
    assert desk.refresh(force=True).problem == "rate_limited"
    assert len(desk.asked) == 1
    desk.now += 12
    desk.answers(body())
    assert desk.refresh().state == "refreshed"


def test_the_spacing_counts_from_the_request_whatever_was_waited_for_before(desk: Desk) -> None:
    asked_at = []
    desk.look_s = 1.5
    desk.server.happens = lambda: asked_at.append(desk.now)
    assert desk.refresh().state == "refreshed"
    rate_limit = desk.rate_limit
    assert asked_at[0] > NOW + 65
    assert 0 <= asked_at[0] - rate_limit.attempted_at < 2.5, "but for the first look"
    assert 300 < rate_limit.next_at - rate_limit.attempted_at <= 361
    assert desk.entry.due_at == rate_limit.next_at


def test_a_cool_down_counts_from_the_answer_that_asks_for_it(desk: Desk) -> None:
    def late() -> None:
        desk.now += 4

    desk.answers(Answer(429, headers={"Retry-After": "1600"}))
    desk.server.happens = late
    assert desk.refresh().problem == "rate_limited"
    assert 1600 < next_attempt_s(desk) <= 1601


# -- what is in the way


def test_a_cooldown_of_the_keychain_that_cannot_be_kept_backs_off(desk: Desk) -> None:
    desk.extra["STATUSLINE_SECURITY_BIN"] = "/not/asked"
    desk.login_file.unlink()
    (desk.place / "keychain.json").mkdir()
    for wait_s in (300, 600, 1200):
        assert desk.refresh().problem == "unwritable"
        assert desk.entry.due_at == int(desk.now) + wait_s
        desk.now = desk.entry.due_at


def test_only_a_person_makes_it_ask_the_keychain_again_after_a_refusal(desk: Desk) -> None:
    """Its next step says so: allow access, then ``statusline refresh --force``."""
    desk.extra |= {"STATUSLINE_SECURITY_BIN": str(ROOT / "tests" / "fakes" / "security"), "PATH": "/usr/bin:/bin"}
    room = Path(desk.env["HOME"]) / ".fake-security"
    room.mkdir()
    (room / "any.out").write_text(desk.login_file.read_text())
    (room / "any.exit").write_text("128")
    desk.login_file.unlink()
    assert desk.refresh().problem == "keychain_refused"
    (room / "any.exit").write_text("0")
    desk.now = desk.entry.due_at
    assert desk.refresh().problem == "keychain_refused"
    assert desk.refresh(force=True).state == "refreshed"
    desk.now = desk.entry.due_at
    assert desk.refresh().state == "refreshed"


def test_a_state_nested_beyond_all_measure_stops_nothing(desk: Desk) -> None:
    desk.write(desk.state_file, '{"oauthAccount":' + "[" * 3000 + "]" * 3000 + "}")
    assert desk.refresh().state == "refreshed"
    assert desk.shown()["five_hour"] == 24


def test_a_state_too_large_to_be_read_stops_no_renewed_login(desk: Desk) -> None:
    """It names no account, as a missing one does; taken for a torn one, it would be waited for for ever."""
    desk.refresh()
    account = desk.value["account"]
    os.truncate(desk.state_file, 17 << 20)
    desk.now += 700
    desk.log_in("sk-ant-oat01-CANARY-renewed")
    desk.now += 20
    assert desk.refresh().state == "refreshed"
    assert desk.asked == ["aaa", "renewed"]
    assert desk.value["account"] == account


def test_a_config_directory_with_too_long_a_name_is_one_without_a_login(desk: Desk) -> None:
    desk.extra["CLAUDE_CONFIG_DIR"] = "/" + "x" * 300
    assert desk.refresh().problem == "signed_out"
    assert desk.entry.due_at == int(desk.now) + 300


# -- logins that have no plan


def test_a_clock_that_was_set_back_is_a_reason_once_for_all_sessions(desk: Desk) -> None:
    desk.refresh()
    desk.tick("session", limits(five=42))
    desk.now -= 3600
    reasons = [reason_to_refresh(desk.entry, desk.now, "auto", billing) for billing in ("", "api_key")]
    assert reasons == ["due", "due"]
    desk.refresh()
    reasons = [reason_to_refresh(desk.entry, desk.now + 10, "auto", billing) for billing in ("", "api_key")]
    assert reasons == ["", ""]


@pytest.mark.parametrize("billing", ["api_key", "cloud_provider", "gateway"])
def test_a_session_without_a_plan_makes_no_request_and_leaves_the_entry_to_those_with_one(
    desk: Desk, billing: str
) -> None:
    desk.refresh()
    desk.tick("of a plan")
    desk.tick("of a plan", limits(five=42))
    kept = desk.entry.to_text()
    assert desk.tick("by key", None, of_plan=False) == {}
    desk.now = desk.entry.due_at + 1
    assert reason_to_refresh(desk.entry, desk.now, "auto", "") == "due"
    assert reason_to_refresh(desk.entry, desk.now, "auto", billing) == "", "the plan's sessions come first"
    assert desk.refresh(billing=billing).state == "not due"
    assert desk.entry.to_text() == kept
    desk.now += 120  # nobody of the plan has come
    assert desk.refresh(billing=billing).problem == billing
    assert len(desk.asked) == 1
    assert desk.shown()["five_hour"] == 42
    assert desk.value["plan"] == "Max"
    assert reason_to_refresh(desk.entry, desk.now, "auto", billing) == ""
    assert reason_to_refresh(desk.entry, desk.now, "auto", "") == "changed", "one with a plan does not wait"
    desk.now += 400
    assert desk.refresh().state == "refreshed"
    assert len(desk.asked) == 2
    assert desk.entry.problem is None


def test_only_sessions_without_a_plan_look_at_what_is_cheap_now_and_then(desk: Desk) -> None:
    for _ in range(3):
        assert desk.refresh(billing="api_key").problem == "api_key"
        assert desk.entry.due_at == int(desk.now) + 300
        desk.now = desk.entry.due_at
    assert desk.asked == []


HELPER = '{"apiKeyHelper": "touch ran; echo sk-ant-api03-FAKE"}'


@pytest.mark.parametrize("where", ["home", "chosen folder"])
def test_with_a_program_for_keys_in_the_persons_settings_the_plan_is_not_asked_for(desk: Desk, where: str) -> None:
    if where == "chosen folder":
        desk.extra["CLAUDE_CONFIG_DIR"] = str(desk.home / "chosen")
        desk.place.mkdir(parents=True, mode=0o700)
        desk.sign_in(ADA)
    settings = desk.login_file.parent / "settings.json"
    desk.write(settings, HELPER)
    desk.tick("by plan", limits(five=42))
    assert desk.refresh().problem == "api_key"
    assert desk.asked == []
    assert desk.tick("by key") == {}
    assert desk.tick("by plan", limits(five=42))["five_hour"].percent == 42
    assert not list(desk.home.rglob("ran"))
    assert len(desk.entry.watch) == 2
    desk.now += 60
    desk.write(settings, "{}")
    assert reason_to_refresh(desk.entry, desk.now, "auto", "api_key") == "changed", "its like notices"
    desk.now += 400
    desk.refresh()
    assert desk.asked == ["aaa"]
    assert desk.tick("by key")["five_hour"].percent == 24


def test_a_session_with_a_plan_on_stdin_makes_requests_despite_an_api_key_helper(desk: Desk) -> None:
    desk.write(desk.login_file.parent / "settings.json", HELPER)
    assert desk.refresh(proved="yes").state == "refreshed"
    assert desk.asked == ["aaa"]
    assert desk.tick("by key") == {}, "not for the others"
    assert desk.tick("by plan", limits(five=42))["seven_day:fable"].percent == 36
    desk.now = desk.entry.due_at + 1
    assert desk.refresh().state == "not due", "those of the plan come first"
    desk.now += 120
    assert desk.refresh().problem == "api_key"


def test_a_program_for_keys_in_a_projects_settings_concerns_its_sessions_only(desk: Desk) -> None:
    one, two = desk.home / "one", desk.home / "two"
    desk.write(one / ".claude" / "settings.json", HELPER)
    assert desk.refresh(project=str(one)).problem == "api_key"
    assert desk.asked == []
    desk.now += 60
    assert desk.refresh(project=str(two)).state == "refreshed", "the note binds only its like"
    assert desk.asked == ["aaa"]
    shown = [desk.tick("session", project=str(each)) for each in (one, two)]
    assert [sorted(each) for each in shown] == [[], ["five_hour", "seven_day", "seven_day:fable"]]
    assert desk.tick("session", limits(five=42), project=str(one))["five_hour"].percent == 42
    (one / ".claude" / "settings.json").unlink()
    desk.now += 400
    desk.refresh(project=str(two))
    assert desk.tick("session", project=str(one)), "every refresh looks at the noted projects"


def test_a_changed_settings_file_is_not_a_changed_login(desk: Desk) -> None:
    desk.refresh()
    desk.tick("session", limits(five=44))
    desk.now += 30
    desk.write(desk.login_file.parent / "settings.json", '{"theme": "dark"}')
    assert desk.tick("session", limits(five=44))["five_hour"].percent == 44
    desk.tick("session", limits(five=46))
    desk.refresh()
    assert desk.shown()["five_hour"] == 46
    assert desk.value["account_since"] == 0


def test_a_changed_settings_file_does_not_end_the_wait_of_a_refused_login(desk: Desk) -> None:
    desk.answers(Answer(401))
    assert desk.refresh().problem == "refused"
    desk.now += 400
    desk.write(desk.login_file.parent / "settings.json", '{"theme": "dark"}')
    desk.refresh()
    assert desk.asked == ["aaa"]


def test_money_that_is_spent_while_the_windows_stay_at_nothing_is_the_only_limit(desk: Desk) -> None:
    """Whatever the plan is called: another one's windows would have risen before."""
    for spent, windows in ((1000, ["five_hour", "seven_day"]), (1200, []), (1200, [])):
        desk.answers(body(five=0, week=0, model=None, spent=spent))
        desk.refresh()
        assert sorted(desk.shown()) == windows
        desk.now += 700
    desk.answers(body(five=3, week=0, model=None, spent=1200))
    desk.refresh()
    assert sorted(desk.shown()) == ["five_hour", "seven_day"]
    assert "alone" not in desk.value["spend"]


def test_a_key_beside_a_login_in_claude_codes_state_changes_nothing(desk: Desk) -> None:
    desk.name(ADA, primaryApiKey="sk-ant-api03-FAKE")
    assert desk.refresh().state == "refreshed"
    assert desk.asked == ["aaa"]
    assert desk.tick("session")["five_hour"].percent == 24
    assert "FAKE" not in desk.entry.to_text()


def test_money_is_as_old_as_the_answer_and_keeps_its_age_while_nothing_is_asked(desk: Desk) -> None:
    desk.answers(body(spent=4001))
    desk.refresh()
    asked_at = desk.value["spend"]["observed_at"]
    assert asked_at == int(desk.now)
    desk.now += 700
    desk.answers(Answer(503))
    desk.refresh()
    assert desk.value["spend"]["observed_at"] == asked_at


def test_a_login_without_the_usage_scope_is_reported_without_a_request(desk: Desk) -> None:
    desk.refresh()
    desk.now += 700
    desk.log_in(scopes=["user:inference"])
    desk.now += 20
    outcome = desk.refresh()
    assert (outcome.problem, len(desk.asked)) == ("no_scope", 1)
    assert desk.shown() == {}, "whose login it is, nothing tells yet"
    desk.now += 20
    assert desk.shown()["five_hour"] == 24, "the numbers are the account's all the same"


def test_a_missing_login_differs_from_an_expired_one_and_ends_with_the_next(desk: Desk) -> None:
    desk.refresh()
    desk.now += 8 * 3600
    assert desk.refresh().problem == "expired"
    desk.login_file.unlink()
    assert reason_to_refresh(desk.entry, desk.now, "auto", "") == "changed"
    assert desk.refresh().problem == "signed_out"
    assert len(desk.asked) == 1
    desk.log_in()
    assert reason_to_refresh(desk.entry, desk.now, "auto", "") == "changed"
    desk.now += 20
    assert desk.refresh().state == "refreshed"
    assert len(desk.asked) == 2


@pytest.mark.parametrize("how", ["setting", "variable"])
def test_with_oauth_off_nothing_is_asked_and_no_login_is_read(desk: Desk, how: str) -> None:
    if how == "variable":
        desk.extra["STATUSLINE_OAUTH"] = "off"
    desk.login_file.unlink()
    os.mkfifo(desk.login_file)  # reading it would show
    desk.copied(body(), stamp=ADA)
    outcome = desk.refresh(oauth="off" if how == "setting" else "auto")
    assert (outcome.problem, desk.asked) == ("off", [])
    desk.now += 20  # the login file has changed
    assert desk.shown()["five_hour"] == 24
    assert desk.value["plan"] is None


def test_a_session_with_oauth_off_waits_like_its_like_and_holds_up_no_other(desk: Desk) -> None:
    desk.refresh(oauth="off")
    assert reason_to_refresh(desk.entry, desk.now, "off", "") == ""
    assert reason_to_refresh(desk.entry, desk.now, "auto", "") == "changed"
    assert desk.refresh().state == "refreshed"
    assert desk.asked == ["aaa"]


def test_a_missing_version_is_made_good_by_the_first_session_that_reports_one(desk: Desk) -> None:
    desk.options = {}
    desk.extra["STATUSLINE_CLAUDE_BIN"] = "/nowhere/claude"
    assert desk.refresh().problem == "no_version"
    desk.now += 10
    assert reason_to_refresh(desk.entry, desk.now, "auto", "") == ""
    for odd in ("", "2.1", "v2.1.330", "2.1.330-", "2.1.330-a b", "2.1.٣٣", "123456.1.1"):
        assert reason_to_refresh(desk.entry, desk.now, "auto", "", version=odd) == ""
    assert reason_to_refresh(desk.entry, desk.now, "auto", "", version="2.1.330") == "changed"
    assert reason_to_refresh(desk.entry, desk.now, "auto", "", version="2.1.330-beta.1") == "changed"
    desk.options = {"claude-version": "2.1.330"}
    assert desk.refresh().state == "refreshed"
    assert len(desk.asked) == 1


def test_the_version_that_a_session_reported_is_kept_for_the_doctor(desk: Desk) -> None:
    desk.refresh()
    assert desk.value["claude_version"] == "2.1.330"
    desk.now += 400
    desk.options = {"claude-version": "2.1.332"}
    desk.refresh()
    assert desk.value["claude_version"] == "2.1.332"
    for odd in ("", "2.1.332 x"):  # as `statusline refresh` starts it, and as no client reports it
        desk.now += 400
        desk.options = {"claude-version": odd}
        desk.refresh()
        assert desk.value["claude_version"] == "2.1.332"


# -- Claude Code's theme


def test_the_theme_is_that_of_the_settings_then_of_the_state(desk: Desk) -> None:
    """Earlier versions of Claude Code kept it in the state file."""
    settings = desk.home / ".claude" / "settings.json"
    desk.refresh()
    assert "theme" not in desk.value
    desk.name(ADA, theme="light-ansi")
    desk.refresh(force=True)
    assert desk.value["theme"] == "light-ansi"
    desk.write(settings, '{"theme": "dark-daltonized"}')
    desk.refresh(force=True)
    assert desk.value["theme"] == "dark-daltonized"
    for unclear in ("auto", "custom:mine", "no such"):
        desk.write(settings, f'{{"theme": "{unclear}"}}')
        desk.refresh(force=True)
        assert "theme" not in desk.value


def test_a_state_file_that_is_being_written_takes_no_theme_away(desk: Desk) -> None:
    desk.name(ADA, theme="light")
    desk.refresh()
    desk.write(desk.state_file, '{"theme": "li')
    desk.now += 700
    desk.refresh()
    assert desk.value["theme"] == "light"


def test_changed_settings_make_the_entry_due(desk: Desk) -> None:
    settings = desk.home / ".claude" / "settings.json"
    desk.refresh()
    assert reason_to_refresh(desk.entry, desk.now, "auto", "") == ""
    desk.write(settings, '{"theme": "light"}')
    assert reason_to_refresh(desk.entry, desk.now, "auto", "") == "changed"


# -- the working time of a week


def test_what_the_history_says_of_working_time_is_what_the_line_gets(desk: Desk) -> None:
    """Four weeks of an office: the refresher writes the points into the entry that a tick reads anyway."""
    desk.answers(body(), body(), body())
    desk.refresh()
    assert "expected" not in desk.value
    work = readings(office, int(NOW), 4.1, reset=WEEK_RESET)
    for number in sorted({each.observed_at // WEEK for each in work}):
        news = [each for each in work if each.observed_at // WEEK == number]
        record(desk.place / HISTORY_FILE, desk.value["account"], news, news[-1].observed_at)
    desk.now += 600
    desk.write(desk.home / "none", json.dumps({"time": {"zone": "utc"}}))
    desk.refresh(force=True)
    points = desk.value["expected"]
    assert (points[0], points[-1]) == ([WEEK_RESET - WEEK, 0], [WEEK_RESET, 100])
    known = desk.snapshot("session")
    assert known.expected == points
    week = known.windows["seven_day"]
    learned = elapsed_of(week, desk.now, Options(), known.expected)
    said = elapsed_of(week, desk.now, Options(week="mon-fri 9-18", zone="utc"))
    assert learned == pytest.approx(said, abs=0.03)
    assert elapsed_of(week, desk.now, Options()) != pytest.approx(said, abs=0.04)
    desk.sign_in(BOB)
    assert desk.snapshot("session").expected is None, "it is another account's"
