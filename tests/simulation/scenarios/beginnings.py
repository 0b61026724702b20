"""Starting from nothing: an installation or a purge while sessions are open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.simulation.habits import falls, opens, ticks, two_accounts, two_seats, works
from tests.simulation.scenario import Topic

if TYPE_CHECKING:
    from tests.simulation.session import Session
    from tests.simulation.world import World

topic = Topic()


def beginning(world: World, hours: float, *, fall: bool = False, purge: bool = False, idle: bool = False) -> None:
    """Let five sessions have limits of different hours when the first tick is drawn, or the first after a purge."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    account.use(world.now, 20)
    sessions = [world.new_session() for _ in range(5)]

    def answered(session: Session) -> None:
        account.use(world.now, 9)
        session.takes(*account.limits(world.now))
        if purge:  # what runs is drawn after each answer
            world.tick(session)

    for number, session in enumerate(sessions):
        world.at(0.3 * number + 0.01, answered, session)
        if purge:
            world.at(0.001, ticks, world, session, 2)
        world.at(2.02 + 0.003 * number, ticks, world, session, hours)
    if fall:
        world.at(1, falls, world, account, 0.1, 0.5)
    if purge:
        world.at(2.01, world.purge)
    if not idle:
        world.at(2.5, works, world, sessions[4], (30, 200), hours)


topic.add_both("install_5_open", beginning, 6)
topic.add("install_5_open_stdin_idle", partial(beginning, idle=True), 6, may_ask=False)
topic.add_both("install_after_a_fall", partial(beginning, fall=True), 6)
topic.add_both("purge", partial(beginning, purge=True), 6)
topic.add("purge_after_a_fall_stdin", partial(beginning, fall=True, purge=True), 6, may_ask=False)


@topic.scenario(4, may_ask=False)
def install_after_org_switch_stdin(world: World, hours: float) -> None:
    """Claude Code's copy is another organization's, and nothing was seen of the switch."""
    personal, team = two_seats(world, 40, 70)
    personal.use(world.now, 50)
    world.sign_in(personal)
    world.at(0.1, world.fetch_copy)
    world.at(0.2, world.sign_in, team)
    opens(world, (0.5, hours), works_from=1)
