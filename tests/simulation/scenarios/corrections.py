"""Limits that change under a running window: corrections, moved resets, early weeks, another plan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.simulation.account import FIVE, WEEK, Quota
from tests.simulation.habits import (
    clears,
    copies,
    ends_early,
    falls,
    moves,
    opens,
    renews,
    ticks,
    two_accounts,
    workday,
    works,
)
from tests.simulation.oracle import MOVED
from tests.simulation.scenario import Topic
from tests.simulation.scenarios.everyday import limited
from tests.simulation.world import START

if TYPE_CHECKING:
    from tests.simulation.account import Account
    from tests.simulation.world import World

topic = Topic()


HOUR = 3600


def a_workday(world: World, hours: float) -> Account:
    account, _ = two_accounts(world)
    world.sign_in(account)
    workday(world, hours, [world.new_session() for _ in range(3)])
    return account


@topic.scenario()
def corrections_down(world: World, hours: float) -> None:
    account = a_workday(world, hours)
    renews(world, hours)
    for hour, five, week in ((2, 0.8, 0.9), (4.3, 0, 0), (7, 0.25, 0.25), (9.1, 0.9, 0.95), (10.5, 0.5, 0.5)):
        world.at(hour, falls, world, account, five, week)


@topic.scenario(6)
def correction_idle_stdin(world: World, hours: float) -> None:
    """Work in one session; then one answer of another one tells a fall, and both are silent."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    first, second = opens(world, (0.01, 12), 2)
    world.at(0.1, works, world, first, (30, 120), 1.99)
    world.at(1.995, falls, world, account, 0.1, 0.1)
    world.at(2, world.answer, second, 0.1)


@topic.scenario(6)
def correction_then_429(world: World, hours: float) -> None:
    """One answer tells a fall; then that session is silent, and the endpoint refuses."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    session = world.new_session()
    world.at(0.01, ticks, world, session, 12, (10, 60))
    world.at(0.1, works, world, session, (30, 120), 1.99)
    world.at(1.995, falls, world, account, 0.1, 0.1)
    world.at(2, world.answer, session, 0.1)
    world.at(2.001, partial(world.has_trouble, limited))


@topic.in_both_ways(gaps=(MOVED,))
def resets_move(world: World, hours: float) -> None:
    moves(world, a_workday(world, hours))


@topic.scenario(7, quick_hours=7, may_ask=False, gaps=(MOVED,))
def reset_comes_earlier_stdin(world: World, hours: float) -> None:
    """Move a reset forward; one session hears of it, another one does not, and both are silent past the end."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    first, second = opens(world, (0.01, hours), 2)
    world.at(0.1, works, world, first, (30, 120), 1)
    world.at(0.5, world.answer, second, 0.1)
    world.at(1.1, account.move, START + 1.1 * HOUR, FIVE, -1500)
    world.at(1.2, works, world, second, (30, 120), 1.5)


@topic.in_both_ways(gaps=(MOVED,))
def week_early(world: World, hours: float) -> None:
    """End all windows before their time, as the service does now and then."""
    account = a_workday(world, hours)
    for hour in (3.2, 8):
        world.at(hour, ends_early, world, account)


@topic.scenario(gaps=(MOVED,))
def week_early_429(world: World, hours: float) -> None:
    account = a_workday(world, hours)
    world.at(3.1, partial(world.has_trouble, limited))
    world.at(3.2, ends_early, world, account)
    world.at(9, partial(world.has_trouble, None))


def week_moves_overnight(world: World, hours: float, *, morning: float) -> None:
    """Move the week while everything is closed; in the morning new processes are started."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    opens(world, (0.01, 3), 2, works_from=0.1)
    world.at(4, ends_early, world, account)
    for number in range(4):
        session = world.new_session()
        world.at(morning + 0.1 * number, ticks, world, session, hours)
        if number < 3:
            world.at(morning + 0.2 + 0.4 * number, works, world, session, (20, 200), hours - 1)


topic.add_both("week_moved_overnight", partial(week_moves_overnight, morning=13), 19, quick_hours=16, gaps=(MOVED,))
topic.add(
    "week_moved_old_over_stdin",
    partial(week_moves_overnight, morning=45),
    51,
    quick_hours=48,
    may_ask=False,
    gaps=(MOVED,),
)


@topic.scenario(2, may_ask=False, gaps=(MOVED,))
def fall_and_move(world: World, hours: float) -> None:
    """Two sessions come with limits; the week falls, then it moves: one of them tells it, the other one idles."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    idle, busy = world.new_session(), world.new_session()
    account.windows[FIVE] = Quota(10, START + 4.5 * HOUR)
    account.windows[WEEK].percent = 100

    def fall() -> None:
        account.windows[FIVE].percent, account.windows[WEEK].percent = 11, 83
        busy.takes(*account.limits(world.now))
        world.tick(busy)

    def move() -> None:
        week = account.windows[WEEK]
        assert week.resets_at is not None
        account.windows[FIVE].percent = 12
        account.windows[WEEK] = Quota(2, week.resets_at + 200_000, week.generation + 1)
        world.give(busy, *account.limits(world.now))

    def start() -> None:
        idle.takes(*account.limits(world.now))
        world.tick(idle)

    world.at(0.1, start)
    world.at(0.3, fall)
    for session in (idle, busy):
        world.at(0.301, ticks, world, session, hours, (20, 60))
    world.at(0.8, move)


# -- another plan


def changes_plan(
    world: World, account: Account, plan: tuple[str, str], factor: float, *, has_week: bool = True
) -> None:
    account.change_plan(world.now, plan, factor, has_week=has_week)
    world.renew()


PRO, MAX, SEAT = ("pro", ""), ("max", "default_claude_max_5x"), ("enterprise", "")


@topic.in_both_ways(gaps=(MOVED,))
def plan_change(world: World, hours: float) -> None:
    """Change to a larger plan, a smaller one, and one without a week; the login is written with it."""
    account = a_workday(world, hours)
    account.plan = PRO
    copies(world, hours)
    world.at(1.5, changes_plan, world, account, MAX, 0.2)
    world.at(3.2, changes_plan, world, account, PRO, 2.0)
    world.at(5, partial(changes_plan, world, account, SEAT, 1.0, has_week=False))
    world.at(9, changes_plan, world, account, MAX, 0.5)


@topic.in_both_ways(gaps=(MOVED,))
def plan_change_and_clear(world: World, hours: float) -> None:
    """Another plan comes with windows that start over, while ids change, too."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    clears(world, workday(world, hours, [world.new_session() for _ in range(3)]), hours)
    for hour, plan in ((2.5, MAX), (8, PRO)):
        world.at(hour, ends_early, world, account)
        world.at(hour, changes_plan, world, account, plan, 1.0)
