"""Whole days with everything at once: clients that word their limits oddly, trouble of every kind, many switches."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

from tests.simulation.account import FIVE, HOUR, WEEK, Account, Answer, Told
from tests.simulation.driver import Reply
from tests.simulation.habits import SELDOM, falls, ticks, two_accounts, used_elsewhere, works
from tests.simulation.oracle import UNNAMED_COPY
from tests.simulation.scenario import Topic
from tests.simulation.scenarios.everyday import limited
from tests.simulation.scenarios.switches import SWITCH

if TYPE_CHECKING:
    import random

    from tests.simulation.session import Limits, Session
    from tests.simulation.world import World

topic = Topic()


OFTEN = (8, 60)  # seconds between two ticks


# -- how clients word their limits


def noisy(limits: Limits, answer: Answer, rng: random.Random) -> tuple[Limits, Answer]:
    """Percentages with the noise of a float, as older clients have them (``14.000000000000002``)."""
    told = {id_: each._replace(percent=each.percent * (1 + 2**-52)) for id_, each in answer.told.items()}
    for id_, each in told.items():
        limits[id_]["used_percentage"] = each.percent
    return limits, _saying(answer, told)


def texts(limits: Limits, answer: Answer, rng: random.Random) -> tuple[Limits, Answer]:
    """Write resets as RFC 3339."""
    for row in limits.values():
        row["resets_at"] = datetime.fromtimestamp(row["resets_at"], timezone.utc).isoformat()
    return limits, answer


def epochs(limits: Limits, answer: Answer, rng: random.Random) -> tuple[Limits, Answer]:
    """Now and then the reset in place of the percentage (claude-code #52326)."""
    if FIVE not in limits or rng.random() >= 0.1:
        return limits, answer
    limits[FIVE]["used_percentage"] = limits[FIVE]["resets_at"]
    return limits, _saying(answer, {WEEK: answer.told[WEEK]})


def five_hours_only(limits: Limits, answer: Answer, rng: random.Random) -> tuple[Limits, Answer]:
    limits.pop(WEEK)
    return limits, _saying(answer, {id_: each for id_, each in answer.told.items() if id_ != WEEK})


def _saying(answer: Answer, told: dict[str, Told]) -> Answer:
    return Answer(answer.account, answer.made_at, told)


# -- two days


def near_accounts(world: World) -> tuple[Account, Account]:
    """Return two accounts whose weeks end within 20 minutes, the first one after 20 hours."""
    first, other = two_accounts(world, 20, 20.33, has_model=True)
    first.windows[WEEK].percent, other.windows[WEEK].percent = 61, 20
    other.plan = ("pro", "")
    return first, other


def is_open(world: World, session: Session, hours: tuple[float, float], every: Any, answers: Any = None) -> None:
    """Open a session from one hour to another: a tick every so many seconds, and an answer every so many."""
    world.at(hours[0], ticks, world, session, hours[1], every)
    if answers is not None:
        world.at(hours[0] + 0.01, works, world, session, answers, hours[1], (0.05, 0.9))


def crowds(world: World, hour: float, sessions: list[Session]) -> None:
    """Let ticks and answers come fast around a switch."""
    for seconds in (0.2, 0.6, 1.0, 1.5, 2.2, 3.1, 4.5, 6, 9, 14, 21):
        world.at(hour + seconds / HOUR, lambda: world.tick(world.rng.choice(sessions)))
    for seconds in (1.7, 3.3, 8.1, 17):
        world.at(hour + seconds / HOUR, lambda: world.answer(world.rng.choice(sessions), world.rng.uniform(0.05, 0.9)))


def used_and_corrected(world: World, accounts: tuple[Account, Account], hours: float) -> None:
    """Let other machines use both accounts; now and then something is taken back, and Claude Code keeps copies."""
    for account in accounts:
        used_elsewhere(world, account, hours)
        for number in range(int(hours * 2)):
            if world.rng.random() < 0.15:
                world.at((number + world.rng.random()) / 2, falls, world, account, 0.8, 0.9)
    for number in range(int(hours * 2)):
        hour = (number + world.rng.random()) / 2
        world.at(hour, partial(world.fetch_copy, stamped=world.rng.random() < 0.7))


def logs_out_first(world: World, account: Account, seconds: float) -> None:
    """Sign in as Claude Code does: all of the former account goes, then the name comes, then the login."""
    world.write_login(None)
    world.after(seconds * 0.3, world.name, None)
    world.after(seconds * 0.6, world.name, account)
    world.after(seconds, world.write_login, account)


def login_first(world: World, account: Account, seconds: float) -> None:
    world.write_login(account)
    world.after(seconds, world.name, account)


def name_first(world: World, account: Account, seconds: float) -> None:
    world.name(account)
    world.after(seconds, world.write_login, account)


def renews_its_own(world: World, account: Account) -> None:
    """Let the login be written again if it is still this account's."""
    if world.home.named is account and world.home.login is not None and world.home.login.account is account:
        world.renew()


@topic.scenario(48, gaps=SWITCH)
def two_days(world: World, hours: float) -> None:
    """Six sessions, two switches, a night with an expired login, 3 h of 429, 2 h offline, a broken endpoint."""
    ada, bob = near_accounts(world)
    world.sign_in(ada, good_for_s=8.5 * HOUR)
    world.trouble.torn = 0.01
    lively = six_sessions(world)
    used_and_corrected(world, (ada, bob), hours)
    wrong = cycle((Reply(503), Reply(401), Reply(200, "<html>")))
    world.at(1.5, partial(login_first, world, bob, 0.4))
    crowds(world, 1.5, lively)
    world.at(1.9, partial(logs_out_first, world, ada, 1.3))
    world.at(3, partial(world.has_trouble, limited))
    world.at(6, partial(world.has_trouble, None))
    world.at(8.6, partial(renews_its_own, world, ada))
    world.at(14, partial(logs_out_first, world, bob, 1.3))
    crowds(world, 14, lively)
    world.at(25.5, partial(renews_its_own, world, bob))
    world.at(26, partial(world.goes_offline, True))
    world.at(28, partial(world.goes_offline, False))
    world.at(30, partial(login_first, world, ada, 4))
    crowds(world, 30, lively)
    world.at(33, partial(world.has_trouble, lambda _: next(wrong)))
    world.at(34, partial(world.has_trouble, None))
    world.at(43.5, partial(renews_its_own, world, ada))


def six_sessions(world: World) -> list[Session]:
    """Open six sessions, one of which has one answer and hands it in for two days; return the lively ones."""
    busy, other, idle = world.new_session(), world.new_session(wording=epochs), world.new_session(flickers=True)
    loud, dated, few = (world.new_session(wording=each) for each in (noisy, texts, five_hours_only))
    for session, hours, every, answers in (
        (busy, (0.0, 5.2), OFTEN, (40, 200)),
        (busy, (8.0, 15.5), OFTEN, (40, 300)),
        (busy, (22.0, 36.0), OFTEN, (60, 400)),
        (busy, (36.0, 47.9), OFTEN, (200, 1500)),
        (other, (1.0, 10.0), (10, 120), (100, 600)),
        (other, (13.2, 19.0), (10, 120), (60, 500)),
        (other, (24.5, 47.5), (20, 200), (300, 2000)),
        (idle, (0.4, 0.43), OFTEN, (200, 300)),
        (idle, (0.43, 47.9), SELDOM, None),
        (loud, (2.0, 14.5), (20, 240), (120, 900)),
        (loud, (14.5, 40.0), SELDOM, None),
        (dated, (9.0, 16.0), (20, 240), (100, 900)),
        (dated, (23.0, 44.0), (30, 300), (400, 3000)),
        (few, (2.0, 31.0), (30, 300), (200, 1500)),
    ):
        is_open(world, session, hours, every, answers)
    return [busy, dated, few]


WAYS = (logs_out_first, login_first, name_first)


@topic.scenario(8, gaps=(*SWITCH, UNNAMED_COPY))
def restless_day(world: World, hours: float) -> None:
    """Somebody signs in as the other one again and again, in every order of the two files."""
    ada, bob = near_accounts(world)
    world.sign_in(ada)
    world.trouble.torn = 0.01
    wordings = (None, None, noisy, texts, epochs, five_hours_only)
    sessions = [world.new_session(wording=each, flickers=number == 1) for number, each in enumerate(wordings)]
    for session in sessions:
        is_open(world, session, (world.rng.uniform(0, 1), hours), (10, 200), (60, 1200))
    used_and_corrected(world, (ada, bob), hours)
    wrong = cycle((Reply(503), Reply(401), Reply(200, "<html>")))
    world.at(hours / 2, partial(world.has_trouble, lambda _: next(wrong)))
    world.at(hours / 2 + 1, partial(world.has_trouble, None))
    hour, account = 0.5, bob
    while hour < hours:
        world.at(hour, partial(world.rng.choice(WAYS), world, account, world.rng.uniform(0.05, 4)))
        crowds(world, hour + 0.5 / HOUR, sessions)
        if world.rng.random() < 0.5:
            world.at(hour + world.rng.uniform(0.01, 0.2), partial(renews_its_own, world, account))
        hour += world.rng.choice((0.05, 0.3, 1)) * world.rng.uniform(0.5, 2)
        account = ada if account is bob else bob
