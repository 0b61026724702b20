"""Ordinary days: sessions come and go, other machines use the account, the endpoint fails, the clock jumps."""

from __future__ import annotations

from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING

from tests.simulation.account import DAY
from tests.simulation.driver import Reply
from tests.simulation.habits import (
    copies,
    falls,
    moments,
    opens,
    renews,
    ticks,
    two_accounts,
    used_elsewhere,
    workday,
    works,
    works_long,
)
from tests.simulation.oracle import LATE, WRONG_CLOCK
from tests.simulation.scenario import Topic

if TYPE_CHECKING:
    import random

    from tests.simulation.world import World

topic = Topic()


def plain(world: World, hours: float) -> None:
    account, _ = two_accounts(world)
    world.sign_in(account)
    workday(world, hours, [world.new_session() for _ in range(3)])
    renews(world, hours)
    copies(world, hours)


topic.add("plain", plain, 48)
topic.add("stdin_only", plain, 48, may_ask=False)


@topic.scenario()
def other_machines(world: World, hours: float) -> None:
    plain(world, hours)
    used_elsewhere(world, world.signed_in, hours)


@topic.scenario()
def forty_sessions(world: World, hours: float) -> None:
    account, _ = two_accounts(world)
    world.sign_in(account)
    for number in range(40):
        session = world.new_session()
        world.at(0.01 + number * 0.01, ticks, world, session, hours, (200, 400))
        for _ in range(6):
            hour = world.rng.uniform(0.1, hours - 2)
            world.at(hour, works, world, session, (40, 200), hour + 0.2)


@topic.in_both_ways(10)
def overflow_100_sessions(world: World, hours: float) -> None:
    """More sessions than anybody remembers have one answer each; a few go on, and a correction comes."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    sessions = [world.new_session() for _ in range(100)]
    for number, session in enumerate(sessions):
        world.at(0.01 + number * 0.004, ticks, world, session, hours, (200, 400))
        world.at(0.6 + number * 0.003, world.answer, session, 0.2)
    for number in range(5):
        world.at(2 + 0.3 * number, works, world, sessions[number], (20, 90), hours)
    world.at(5, falls, world, account, 0.3, 0.5)


@topic.scenario(96)
def restarts_96h(world: World, hours: float) -> None:
    account, _ = two_accounts(world)
    world.sign_in(account)
    sessions = workday(world, hours, [world.new_session() for _ in range(3)])
    for hour in (3.5, 10.5, 24.5, 49, 73):
        world.at(hour, lambda: world.restart(world.rng.choice(sessions)))


@topic.scenario(quick_hours=15)
def sleep_10h(world: World, hours: float) -> None:
    """Sleep from hour 3 to 13, while another machine uses the account."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    sessions = opens(world, (0.01, 3), 3, works_from=0.1)
    for session in sessions:
        world.at(13, ticks, world, session, hours)
    world.at(14, works, world, sessions[0], (20, 200), 20)
    for hour in moments(world, 3.1, 13, (0.2, 0.2)):
        world.at(hour, lambda: account.use(world.now, 0.8))


@topic.in_both_ways(12, gaps=(LATE,))
def long_answers(world: World, hours: float) -> None:
    account, _ = two_accounts(world)
    world.sign_in(account)
    for session in opens(world, (0.01, hours), 4):
        world.at(world.rng.uniform(0.02, 0.2), works_long, world, session, hours - 1)
    for hour in (4, 8):
        world.at(hour, falls, world, account, 0.3, 0.8)


@topic.in_both_ways(12, gaps=(LATE,))
def long_answers_in_spells(world: World, hours: float) -> None:
    """Get long answers for a few minutes, then none for a while: the last one told may not be the last one made."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    sessions = opens(world, (0.01, hours), 4)
    for hour in moments(world, 0.1, hours - 1, (0.4, 0.8)):
        for session in sessions:
            world.at(hour, works_long, world, session, hour + 0.15)


@topic.scenario(may_ask=False)
def whole_percents(world: World, hours: float) -> None:
    """Stdin tells whole percents, so that different answers often have the same content."""
    account, _ = two_accounts(world, whole=True)
    world.sign_in(account)
    sessions = workday(world, hours, [world.new_session() for _ in range(3)])
    for hour in moments(world, 1.0, hours, (0.3, 2)):
        world.at(hour, lambda: world.clear(world.rng.choice(sessions)))
    world.at(3, falls, world, account, 0.5, 0.9)


@topic.scenario(gaps=(LATE,))
def endpoint_lags_60s(world: World, hours: float) -> None:
    plain(world, hours)
    world.trouble.lag_s = 60
    world.at(4, lambda: falls(world, world.signed_in, 0.3, 0.8))


# -- trouble


def limited(rng: random.Random) -> Reply:
    """Return a 429, now and then with a pause that it asks for."""
    return Reply(429, retry_after_s=rng.choice((None, None, None, 0, 0, 900)))


@topic.scenario()
def trouble_429(world: World, hours: float) -> None:
    plain(world, hours)
    world.at(3, partial(world.has_trouble, limited))
    world.at(8, partial(world.has_trouble, None))


@topic.scenario()
def offline_expired(world: World, hours: float) -> None:
    """Three hours offline; later a login that is not renewed for three hours."""
    account, _ = two_accounts(world)
    world.sign_in(account, good_for_s=8 * 3600)
    workday(world, hours, [world.new_session() for _ in range(3)])
    world.at(2, partial(world.goes_offline, True))
    world.at(5, partial(world.goes_offline, False))
    world.at(11, world.renew)
    world.at(20, world.renew)


@topic.scenario()
def server_trouble(world: World, hours: float) -> None:
    """Answer requests in every wrong way; the state file is often found half written."""
    plain(world, hours)
    world.trouble.torn = 0.03
    wrong = cycle((Reply(503), Reply(401), Reply(200, "<html>"), Reply(200, "[]"), Reply(403), Reply(302)))
    world.at(1.5, partial(world.has_trouble, lambda _: next(wrong)))
    world.at(4, partial(world.has_trouble, None))
    world.at(9, partial(world.has_trouble, lambda _: next(wrong)))
    world.at(12, partial(world.has_trouble, None))


@topic.in_both_ways(gaps=(WRONG_CLOCK,))
def clock_jumps(world: World, hours: float) -> None:
    account, _ = two_accounts(world)
    world.sign_in(account)
    workday(world, hours, [world.new_session() for _ in range(3)])
    for hour, by_s in ((1, 900), (1.3, -900), (3, 7200), (3.5, -7200), (6, -5400), (6.5, 5400), (9, 3 * DAY)):
        world.at(hour, world.set_clock, by_s)
    world.at(9.2, world.set_clock, -3 * DAY)
