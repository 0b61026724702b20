"""Two virtual days with everything that goes wrong, over HTTP with nothing left out; and a restless one."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import pairwise

import pytest

from tests.simulation.account import FIVE, HOUR, MODEL, WEEK
from tests.simulation.judging import assert_right
from tests.simulation.program import Program
from tests.simulation.scenarios.days import topic
from tests.simulation.table import SILENT
from tests.simulation.world import START, World
from tests.support.loopback_server import Loopback

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="where there is a Keychain, the login of whoever runs the tests would be asked for"
)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the machine after two days."""
    with Loopback() as server, Program(tmp_path_factory.mktemp("days"), server=server, whole=True) as program:
        return topic.scenarios["two_days"].run(program, 7)


@pytest.mark.lengthy
def test_in_two_days_no_number_is_wrong(days: World) -> None:
    verdict = days.oracle.verdict
    assert not verdict.violations, verdict.examples
    assert verdict.judged > 20_000
    assert verdict.notes[SILENT] < 0.03 * verdict.judged, "silence is no way out"


@pytest.mark.lengthy
def test_the_two_days_were_as_bad_as_planned(days: World) -> None:
    happened = days.happened
    assert happened["ticks"] > 5000
    assert happened["answers"] > 500
    assert happened["answered"] > 100
    assert happened["requests"] > happened["answered"] + 20, "troubles"
    assert happened["torn"] > 20
    assert happened["copies"] > 50


@pytest.mark.lengthy
def test_every_window_of_both_accounts_was_shown(days: World) -> None:
    shown = days.oracle.verdict.shown
    for account in ("ada", "bob"):
        for window in (FIVE, WEEK, MODEL):
            assert shown[account, window] > 1000, (account, window)


@pytest.mark.lengthy
def test_requests_are_spaced_also_in_trouble(days: World) -> None:
    attempts = days.attempts
    close = Counter(after - before < 300 for before, after in pairwise(attempts))
    assert close[True] <= 12, "only a switch, and an answer in doubt, let a request follow so soon"
    limited = [at for at in attempts if 3 * HOUR <= at - START < 6 * HOUR]
    offline = [at for at in attempts if 26 * HOUR <= at - START < 28 * HOUR]
    assert 20 <= len(limited) <= 36
    assert 4 <= len(offline) <= 8, "5, 10, 20 and 30 minutes apart"


def test_whoever_signs_in_as_another_all_the_time_sees_no_wrong_number() -> None:
    assert_right("restless_day")
