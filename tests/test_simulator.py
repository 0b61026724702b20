"""Two virtual days with everything that goes wrong: a number on the line is the right one, or there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.loopback import Loopback
from tests.oracle import Rule, Verdict, judge
from tests.simulated_account import HOUR, Account
from tests.simulated_days import crowd, login_first, restless_day, six_sessions, two_accounts, two_days
from tests.simulator import START, Simulator

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="where there is a Keychain, the login of whoever runs the tests would be asked for"
)


class Lived:
    """A world after its hours, with the accounts in it and the verdict on all that was shown."""

    def __init__(self, home: Path, plan: Callable[[Simulator, Account, Account], None], hours: float) -> None:
        self.ada, self.bob = two_accounts()
        with Loopback() as server:
            self.world = Simulator(home, server)
            plan(self.world, self.ada, self.bob)
            self.world.run(hours)
        self.verdict: Verdict = judge(self.world.notes)

    @property
    def most_requests(self) -> int:
        """The most requests, tried ones included, in any sliding hour."""
        attempts = self.world.attempts
        return max(sum(at <= each < at + HOUR for each in attempts) for at in attempts)

    def tell(self) -> None:
        verdict, happened = self.verdict, dict(sorted(self.world.happened.items()))
        print(f"\nviolations: {len(verdict.violations)}; windows at ticks: {dict(verdict.counts)}; {happened}")
        print(f"requests: {len(self.world.attempts)}, at most {self.most_requests} in an hour")
        print("\n".join(verdict.violations[:20]))


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return Lived(tmp_path_factory.mktemp("home"), two_days, 48)


@pytest.fixture(scope="module")
def restless(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return Lived(tmp_path_factory.mktemp("home"), partial(restless_day, hours=8), 8)


def test_in_two_days_every_number_shown_is_the_one_that_the_rule_gives(
    days: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        days.tell()
    assert days.verdict.violations == []


def test_the_two_days_were_as_bad_as_planned(days: Lived) -> None:
    happened, counts, shown_of = days.world.happened, days.verdict.counts, days.verdict.shown_of
    assert happened["ticks"] > 5000
    assert happened["answers"] > 500
    assert len(days.verdict.between_s) == 2, "two switches were noticed"
    assert max(days.verdict.between_s) < 10
    assert days.ada.rolled >= 6
    assert days.bob.rolled >= 6
    assert days.ada.corrected + days.bob.corrected >= 10
    for problem in ("rate_limited", "unreachable", "expired", "signed_out", "server_trouble"):
        assert happened[f"refresh: {problem}"] > 0, problem
    assert happened["torn"] > 0
    assert happened["copies"] > 50
    assert counts["right"] > 20_000
    assert counts["silent"] < 0.03 * counts["right"], "silence is not the way out"
    for account in ("ada", "bob"):
        for window in ("five_hour", "seven_day", "seven_day:fable"):
            assert shown_of[f"{account} {window}"] > 1000


def test_a_limit_is_kept_to_and_no_token_is_mixed_up(days: Lived) -> None:
    assert days.most_requests <= 12
    gaps = [after - before for before, after in zip(days.world.attempts, days.world.attempts[1:], strict=False)]
    assert min(gaps) >= 300
    assert days.world.wrong_tokens == []


def test_during_the_hours_of_429_and_offline_attempts_go_on_spaced(days: Lived) -> None:
    limited = [at for at in days.world.attempts if 3 * HOUR <= at - START < 6 * HOUR]
    offline = [at for at in days.world.attempts if 26 * HOUR <= at - START < 28 * HOUR]
    assert 20 <= len(limited) <= 36
    assert 4 <= len(offline) <= 8, "5, 10, 20 and 30 minutes apart"


@pytest.mark.parametrize("rule", [Rule(agree_s=0), Rule(agree_s=3000), Rule(by_account=False)], ids=repr)
def test_another_rule_would_not_go_unnoticed(days: Lived, rule: Rule) -> None:
    assert judge((note for note in days.world.notes if note.at < START + 16 * HOUR), rule).violations


def test_a_replay_that_counted_as_news_would_not_go_unnoticed(days: Lived) -> None:
    assert judge(days.world.notes[:4000], Rule(replays_are_old=False)).violations


def test_whoever_signs_in_as_another_all_the_time_is_never_shown_the_others_numbers(
    restless: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        restless.tell()
    assert restless.verdict.violations == []
    assert len(restless.verdict.between_s) >= 8
    assert restless.verdict.counts["right"] > 3000
    assert restless.most_requests <= 12
    assert restless.world.wrong_tokens == []


def test_a_reading_from_before_the_switch_that_counted_would_not_go_unnoticed(restless: Lived) -> None:
    assert judge(restless.world.notes, Rule(since=False)).violations


def test_a_name_that_is_never_rewritten_would_not_go_unnoticed(tmp_path: Path) -> None:
    """The world is wrong here: the login is another's, and Claude Code's state does not say so."""

    def plan(world: Simulator, ada: Account, bob: Account) -> None:
        world.name(ada)
        world.write_login(ada)
        sessions = six_sessions(world)
        world.at(1.5, lambda: login_first(world, bob, 8 * HOUR))
        crowd(world, 1.5, sessions)

    assert Lived(tmp_path, plan, 3).verdict.violations
