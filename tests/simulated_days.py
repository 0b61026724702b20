"""What happens to the simulated person: two ordinary days with everything that goes wrong, and a restless one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from functools import partial

from tests.loopback import Answer
from tests.simulated_account import HOUR, Account
from tests.simulator import START, Period, Session, Simulator

OFTEN, SELDOM = (8, 60), (60, 420)  # seconds between two ticks


def two_accounts() -> tuple[Account, Account]:
    """Return two accounts whose weeks end within the same hour: by their resets alone nobody could tell them apart."""
    week_ends = START + 20 * HOUR
    tier = "default_claude_max_20x"
    ada = Account("ada", "aaaaaaaa-0000-4000-8000-000000000001", ("max", tier), week_ends, random.Random(1))
    bob = Account("bob", "bbbbbbbb-0000-4000-8000-000000000002", ("pro", ""), week_ends + 1200, random.Random(2))
    ada.week, ada.model_week, bob.week = 61, 36, 20
    return ada, bob


def two_days(world: Simulator, ada: Account, bob: Account) -> None:
    """Plan 48 hours: six sessions, two switches, a night with an expired login, 3 h of 429, 2 h offline."""
    world.name(ada)
    world.write_login(ada, good_for_s=8.5 * HOUR)
    sessions = six_sessions(world)
    elsewhere(world, (ada, bob), hours=48)
    world.at(3.0, lambda: world.has_trouble(limited))
    world.at(6.0, lambda: world.has_trouble(None))
    world.at(8.6, lambda: world.write_login(ada))
    world.at(14.0, lambda: logs_out_first(world, bob, 1.3, good_for_s=6 * HOUR))
    crowd(world, 14.0, sessions)
    world.at(21.9, lambda: world.write_login(bob))
    world.at(26.0, lambda: world.goes_offline(True))
    world.at(28.0, lambda: world.goes_offline(False))
    world.at(30.0, lambda: login_first(world, ada, 4.0))
    crowd(world, 30.0, sessions)
    world.at(33.0, lambda: world.has_trouble(broken()))
    world.at(34.0, lambda: world.has_trouble(None))
    world.at(41.5, lambda: world.write_login(ada))


def six_sessions(world: Simulator) -> list[Session]:
    """Open six sessions, one of which has one answer and then replays it for two days; return the lively ones."""
    busy, other, idle = Session("busy"), Session("other", "epochs"), Session("idle", "flickers")
    noisy, texts, few = Session("noisy", "noisy"), Session("texts", "texts"), Session("few", "five hours only")
    for period in (
        Period(busy, (0.0, 5.2), OFTEN, (40, 200)),
        Period(busy, (8.0, 15.5), OFTEN, (40, 300)),
        Period(busy, (22.0, 36.0), OFTEN, (60, 400)),
        Period(busy, (36.0, 47.9), OFTEN, (200, 1500)),
        Period(other, (1.0, 10.0), (10, 120), (100, 600)),
        Period(other, (13.2, 19.0), (10, 120), (60, 500)),
        Period(other, (24.5, 47.5), (20, 200), (300, 2000)),
        Period(idle, (0.4, 0.43), OFTEN, (200, 300)),
        Period(idle, (0.43, 47.9), SELDOM),
        Period(noisy, (2.0, 14.5), (20, 240), (120, 900)),
        Period(noisy, (14.5, 40.0), SELDOM),
        Period(texts, (9.0, 16.0), (20, 240), (100, 900)),
        Period(texts, (23.0, 44.0), (30, 300), (400, 3000)),
        Period(few, (12.0, 31.0), (30, 300), (200, 1500)),
    ):
        world.open(period)
    return [busy, texts, few]


def elsewhere(world: Simulator, accounts: tuple[Account, Account], hours: float) -> None:
    """Let other machines use both accounts, at the same times; and Claude Code keep its copy."""
    for number in range(int(hours * 2)):
        hour = (number + world.rng.random()) / 2
        for account in accounts:
            world.at(hour, partial(use, world, account))
            if world.rng.random() < 0.15:
                world.at(hour + 0.1, partial(correct, world, account))
    for number in range(int(hours * 2)):
        world.at((number + world.rng.random()) / 2, world.fetch_copy)


def use(world: Simulator, account: Account) -> None:
    account.use(world.now, world.rng.uniform(0, 2))


def correct(world: Simulator, account: Account) -> None:
    account.correct(world.now)


def crowd(world: Simulator, hour: float, sessions: list[Session]) -> None:
    """Let ticks and answers come thick and fast around a switch."""
    for seconds in (0.2, 0.6, 1.0, 1.5, 2.2, 3.1, 4.5, 6, 9, 14, 21):
        world.at(hour + seconds / HOUR, partial(world.tick, world.rng.choice(sessions)))
    for seconds in (1.7, 3.3, 8.1, 17):
        world.at(hour + seconds / HOUR, partial(world.answer, world.rng.choice(sessions)))


def limited(rng: random.Random) -> Answer:
    asked_for = rng.choice(("", "", "0", "0", "0", "900"))
    return Answer(429, headers={"Retry-After": asked_for} if asked_for else {})


def broken() -> Callable[[random.Random], Answer]:
    """Return what answers a request after the other in another wrong way."""
    answers = itertools.cycle((Answer(503), Answer(401), Answer(body="<html>")))
    return lambda _: next(answers)


def logs_out_first(world: Simulator, account: Account, seconds: float, good_for_s: float = 12 * HOUR) -> None:
    """Sign in as Claude Code does: everything of the former account goes, the name comes, then the login."""
    world.write_login(None)
    world.in_(seconds * 0.3, lambda: world.name(None))
    world.in_(seconds * 0.6, lambda: world.name(account))
    world.in_(seconds, lambda: world.write_login(account, good_for_s))


def login_first(world: Simulator, account: Account, seconds: float) -> None:
    world.write_login(account)
    world.in_(seconds, lambda: world.name(account))


def name_first(world: Simulator, account: Account, seconds: float) -> None:
    world.name(account)
    world.in_(seconds, lambda: world.write_login(account))


def renews(world: Simulator, account: Account) -> None:
    """Let the login be written anew if it is still this account's."""
    if world.signed_in is account and world.named is account:
        world.write_login(account)


WAYS: tuple[Callable[[Simulator, Account, float], None], ...] = (logs_out_first, login_first, name_first)


def restless_day(world: Simulator, ada: Account, bob: Account, hours: float) -> None:
    """Plan a day of somebody who signs in as the other again and again, in every order of the two files."""
    rng = world.rng
    quirks = ("", "flickers", "noisy", "texts", "epochs", "five hours only")
    sessions = [Session(f"session-{number}", quirk) for number, quirk in enumerate(quirks)]
    world.name(ada)
    world.write_login(ada)
    for session in sessions:
        world.open(Period(session, (rng.uniform(0, 1), hours), (10, 200), (60, 1200)))
    elsewhere(world, (ada, bob), hours)
    world.at(hours / 2, lambda: world.has_trouble(broken()))
    world.at(hours / 2 + 1, lambda: world.has_trouble(None))
    hour, account = 0.5, bob
    while hour < hours:
        world.at(hour, partial(rng.choice(WAYS), world, account, rng.uniform(0.05, 4)))
        crowd(world, hour + 0.5 / HOUR, sessions)
        if rng.random() < 0.5:  # and renews the login, or has just signed in as the same again
            world.at(hour + rng.uniform(0.01, 0.2), partial(renews, world, account))
        hour += rng.choice((0.05, 0.3, 1)) * rng.uniform(0.5, 2)
        account = ada if account is bob else bob
