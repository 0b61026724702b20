"""What people and Claude Code do over the hours of a simulated day: the building blocks of the scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tests.simulation.account import DAY, FIVE, HOUR, Account
from tests.simulation.world import START, World

if TYPE_CHECKING:
    from tests.simulation.driver import Directory
    from tests.simulation.session import Session

Range = tuple[float, float]

OFTEN, AT_NIGHT = (30, 120), (150, 600)  # seconds between two ticks of a session
SELDOM = (60, 420)
AWAKE_H = 13  # of each day
POINTS = (0.05, 0.6)  # what one answer uses up of five hours
SWITCH_HOURS = (2.0, 4.6, 9.0, 19.0)  # to the other account, back, and again


def two_accounts(world: World, first_h: float = 40, other_h: float = 70, **more: Any) -> tuple[Account, Account]:
    """Return two accounts, of weeks that end at these hours; the other one has been used already."""
    first = world.new_account("ada", first_h, 37.0, **more)
    return first, world.new_account("bob", other_h, 71.0, (44.0, 2.3), **more)


def two_seats(world: World, first_h: float, other_h: float) -> tuple[Account, Account]:
    """Return two organizations' limits of one account."""
    first = world.new_account("personal", first_h, 37.0, uuid="uuid-of-one", organization="personal")
    more: dict[str, Any] = {"uuid": "uuid-of-one", "organization": "team"}
    return first, world.new_account("team", other_h, 71.0, (44.0, 2.3), **more)


# -- sessions


def ticks(world: World, session: Session, until: float, every: Range = OFTEN) -> None:
    """Draw a line every so many seconds until an hour, at night less often."""
    world.tick(session)
    hour = (world.now - START) / HOUR
    if hour < until:
        pause = AT_NIGHT if hour % 24 > AWAKE_H and every is OFTEN else every
        world.after(world.rng.uniform(*pause) * world.pace, ticks, world, session, until, every)


def works(world: World, session: Session, every: Range, until: float, points: Range = POINTS) -> None:
    """Let a session get answers until an hour."""
    if world.now <= START + until * HOUR:
        world.answer(session, world.rng.uniform(*points))
        world.after(world.rng.uniform(*every), works, world, session, every, until, points)


def works_long(world: World, session: Session, until: float) -> None:
    """Let a session get answers that are reported only when they are complete, minutes after they were made."""
    account = session.account
    if account is None or world.now > START + until * HOUR:
        return
    account.use(world.now, world.rng.uniform(0.05, 0.9))
    seconds = world.rng.uniform(5, 240)
    world.after(seconds, world.give, session, *world.worded(session, account))
    world.after(seconds + world.rng.uniform(5, 60), works_long, world, session, until)


def workday(world: World, hours: float, sessions: Sequence[Session]) -> Sequence[Session]:
    """Let sessions be open all the time, and work in spells during eleven hours of each day."""
    for number, session in enumerate(sessions):
        world.at(0.01 + number * 0.02, ticks, world, session, hours)
        for day in range(int(hours // 24) + 1):
            hour = 24 * day + 0.05 + number * 0.7
            while hour < 24 * day + 11:
                spell = world.rng.uniform(0.2, 1.6)
                world.at(hour, works, world, session, (15, 150), hour + spell)
                hour += spell + world.rng.uniform(0.3, 2)
    return sessions


def three(world: World, hours: float) -> Sequence[Session]:
    """Open three sessions that work through the day."""
    return workday(world, hours, [world.new_session() for _ in range(3)])


def opens(world: World, hours: Range, number: int = 1, works_from: float | None = None) -> list[Session]:
    """Open sessions from one hour to another; all work from ``works_from`` on, until just before the end."""
    sessions = [world.new_session() for _ in range(number)]
    for session in sessions:
        world.at(hours[0], ticks, world, session, hours[1])
        if works_from is not None:
            world.at(works_from, works, world, session, (20, 200), hours[1] - 0.1)
    return sessions


def clears(world: World, sessions: Sequence[Session], hours: float) -> None:
    """Type ``/clear`` in busy and in idle sessions."""
    for hour in moments(world, 1.0, hours, (0.3, 2)):
        world.at(hour, lambda: world.clear(world.rng.choice(sessions)))


# -- logins and files


def moments(world: World, first: float, until: float, apart: Range) -> Iterable[float]:
    """Give hours from the first one on, at random distances."""
    while first < until:
        yield first
        first += world.rng.uniform(*apart)


def renews(world: World, hours: float, directory: Directory | None = None) -> None:
    """Let Claude Code renew the login every eight hours."""
    for hour in range(8, int(hours), 8):
        world.at(hour, world.renew, directory)


def copies(world: World, hours: float, directory: Directory | None = None) -> None:
    for hour in moments(world, 0.3, hours, (0.2, 3)):
        world.at(hour, world.fetch_copy, directory)


def used_elsewhere(world: World, account: Account, hours: float, points: Range = (0.2, 2)) -> None:
    """Let other machines use an account."""
    for hour in moments(world, 0.2, hours, (0.05, 0.6)):
        world.at(hour, lambda: account.use(world.now, world.rng.uniform(*points)))


def switches(
    world: World,
    accounts: tuple[Account, Account],
    login_first: bool,
    seconds: float,
    hours: Iterable[float] = SWITCH_HOURS,
) -> None:
    """Switch to the other account and back; the second of the two writes comes ``seconds`` after the first."""
    for number, hour in enumerate(hours):
        writes = [world.write_login, world.name] if login_first else [world.name, world.write_login]
        for write, delay in zip(writes, (0.0, seconds), strict=True):
            world.at(hour + delay / HOUR, write, accounts[(number + 1) % 2])


def in_flight(
    world: World, accounts: tuple[Account, Account], sessions: Sequence[Session], seconds: Sequence[float]
) -> None:
    """Let answers of the former account arrive so many seconds after each switch."""
    for number, hour in enumerate(SWITCH_HOURS):
        for delay in seconds:
            world.at(
                hour + delay / HOUR,
                lambda whose=accounts[number % 2]: world.answer(world.rng.choice(sessions), 0.2, whose),
            )


# -- limits


def falls(world: World, account: Account, five: float, week: float) -> None:
    account.correct(world.now, five, week)


def ends_early(world: World, account: Account) -> None:
    account.end_early(world.now)


def moves(world: World, account: Account) -> None:
    """Let resets move: by seconds, minutes, and a day."""
    for hour, id_, seconds in (
        (1, FIVE, 40),
        (2, FIVE, -300),
        (3.5, FIVE, 900),
        (4.2, "seven_day", 600),
        (9, FIVE, 1500),
        (10, "seven_day", 3000),
        (10.5, "seven_day", DAY),
    ):
        world.at(hour, lambda id_=id_, seconds=seconds: account.move(world.now, id_, seconds))
