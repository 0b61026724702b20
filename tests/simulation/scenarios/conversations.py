"""Ids and processes: `/clear`, `/resume`, and one conversation that is open twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.habits import (
    SELDOM,
    clears,
    copies,
    falls,
    moments,
    renews,
    ticks,
    two_accounts,
    workday,
    works,
)
from tests.simulation.scenario import Topic

if TYPE_CHECKING:
    from tests.simulation.world import World

topic = Topic()


@topic.in_both_ways()
def clear_idle(world: World, hours: float) -> None:
    """`/clear` in idle and in busy sessions: a new id, and the same limits at once."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    clears(world, workday(world, hours, [world.new_session() for _ in range(3)]), hours)
    renews(world, hours)


@topic.in_both_ways()
def resume_in_process(world: World, hours: float) -> None:
    """`/resume`: a process goes on under another conversation's id, with its own limits."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    sessions = workday(world, hours, [world.new_session() for _ in range(4)])
    ids = [*(session.id for session in sessions), "yesterday", "last week"]

    def resume() -> None:
        session = world.rng.choice(sessions)
        session.id = world.rng.choice(ids)
        world.tick(session)

    for hour in moments(world, 0.8, hours, (0.2, 1.2)):
        world.at(hour, resume)


@topic.in_both_ways()
def two_processes_one_id(world: World, hours: float) -> None:
    account, _ = two_accounts(world)
    world.sign_in(account)
    sessions = [world.new_session() for _ in range(3)]
    sessions[1].id = sessions[0].id
    workday(world, hours, sessions)
    copies(world, hours)
    world.at(4, falls, world, account, 0.3, 0.6)


@topic.in_both_ways()
def windows_come_and_go(world: World, hours: float) -> None:
    """Leave windows out of what two idle sessions hand in, now and then, as some clients do."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    sessions = [world.new_session(), *(world.new_session(flickers=True) for _ in range(2))]
    workday(world, hours, sessions[:1])
    for session in sessions[1:]:
        world.at(0.02, ticks, world, session, hours, SELDOM)
        world.at(world.rng.uniform(0.5, 1), works, world, session, (30, 150), 1.2)
