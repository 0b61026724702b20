"""What ``guard`` says as a number gets older: yes at once, two hours later that it is not known, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from statusline.commands.guard import UNKNOWN, YES, Verdict, judge, limits_of
from statusline.commands.usage_page.known_numbers import known_usage
from tests.support.loopback_server import Loopback
from tests.support.usage_desk import ADA, Desk, limits


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Loopback() as server:
        desk = Desk(tmp_path, server)
        desk.sign_in(ADA)
        desk.now += 60
        yield desk


def verdict(desk: Desk, min_left: float) -> Verdict:
    """Return what the command would say now."""
    env = {**desk.env, "STATUSLINE_CACHE_DIR": str(desk.cache), "STATUSLINE_CONFIG": str(desk.home / "none")}
    return judge(limits_of(known_usage(env, desk.now), None, desk.now), min_left)


def test_a_correction_counts_at_once_and_shows_its_age_later(desk: Desk) -> None:
    desk.tick("session")
    desk.now += 10
    desk.tick("session", limits(five=29, week=5))
    assert verdict(desk, 80).code != YES
    desk.now += 100
    assert desk.tick("session", limits(five=3, week=5))["five_hour"].percent == 3
    assert verdict(desk, 80) == Verdict(YES, "yes: 5h 97% left, 7d 95% left")
    desk.now += 7000
    shown = desk.tick("session", limits(five=3, week=5))["five_hour"]
    assert (shown.percent, desk.now - shown.observed_at) == (3, 7000)
    late = verdict(desk, 80)
    assert late == Verdict(UNKNOWN, "not known: 5h 97% left (1h56m old), 7d 95% left (1h56m old)")


def test_the_first_answer_of_an_unknown_process_has_an_unknown_age(desk: Desk) -> None:
    desk.tick("resumed", limits(five=3, week=5))
    assert verdict(desk, 80) == Verdict(UNKNOWN, "not known: 5h 97% left (age unknown), 7d 95% left (age unknown)")
    desk.now += 3600
    assert "at least 1h00m old" in verdict(desk, 80).sentence
