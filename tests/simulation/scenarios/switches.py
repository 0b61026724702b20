"""Another account signs in: in every order of the two writes, with answers under way, with weeks that end alike."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.simulation.habits import clears, in_flight, opens, renews, switches, three, ticks, two_accounts, works
from tests.simulation.oracle import BETWEEN, TAKEN_BETWEEN
from tests.simulation.scenario import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.world import World

topic = Topic()


SWITCH = (BETWEEN, TAKEN_BETWEEN)  # where the program may show another account's number
SOON, MINUTES = (4, 15, 35, 70), (30, 130, 200, 240)  # seconds after a switch, when a former account's answer arrives


def switching(world: World, hours: float, *, login_first: bool = True, seconds: float = 1) -> None:
    """Switch; ``seconds`` lie between the two writes."""
    accounts = two_accounts(world)
    world.sign_in(accounts[0])
    three(world, hours)
    renews(world, hours)
    switches(world, accounts, login_first, seconds)


for name, options, where in (
    ("switch_login_first_1s", {"seconds": 1}, {}),
    ("switch_login_first_8s", {"seconds": 8}, {}),
    ("switch_login_first_40s", {"seconds": 40}, {}),
    ("switch_name_first_1s", {"login_first": False, "seconds": 1}, {}),
    ("switch_name_first_40s", {"login_first": False, "seconds": 40}, {}),
    ("switch_stdin_only", {"seconds": 1}, {"may_ask": False}),
    ("switch_stdin_only_40s", {"seconds": 40}, {"may_ask": False}),
    ("keychain_login_first_1s", {"seconds": 1}, {"keychain": True}),
    ("keychain_login_first_40s", {"seconds": 40}, {"keychain": True}),
    ("keychain_name_first_1s", {"login_first": False, "seconds": 1}, {"keychain": True}),
    ("keychain_name_first_40s", {"login_first": False, "seconds": 40}, {"keychain": True}),
    ("keychain_stdin_only", {"login_first": False, "seconds": 5}, {"keychain": True, "may_ask": False}),
):
    topic.add(name, partial(switching, **options), gaps=SWITCH, **where)  # type: ignore[arg-type]


def flying(world: World, hours: float, *, seconds: Sequence[float] = SOON, other_h: float = 70, **more: Any) -> None:
    """Switch while answers of the former account are under way."""
    accounts = two_accounts(world, other_h=other_h, **more)
    world.sign_in(accounts[0])
    sessions = three(world, hours)
    switches(world, accounts, True, 1)
    in_flight(world, accounts, sessions, seconds)


topic.add_both("in_flight", flying, gaps=SWITCH)
topic.add_both("in_flight_4min", partial(flying, seconds=MINUTES), gaps=SWITCH)
topic.add("in_flight_keychain", flying, keychain=True, gaps=SWITCH)
topic.add_both("weeks_within_1h", partial(flying, other_h=40.5), gaps=SWITCH)
topic.add_both("weeks_equal", partial(flying, other_h=40), gaps=SWITCH)
topic.add_both("no_week", partial(flying, has_week=False), gaps=SWITCH)


@topic.scenario()
def no_week_plain(world: World, hours: float) -> None:
    """Work on a plan without a week; nobody switches."""
    account, _ = two_accounts(world, has_week=False)
    world.sign_in(account)
    clears(world, three(world, hours), hours)


@topic.in_both_ways(gaps=SWITCH)
def switch_and_clear(world: World, hours: float) -> None:
    accounts = two_accounts(world)
    world.sign_in(accounts[0])
    sessions = three(world, hours)
    switches(world, accounts, True, 1)
    clears(world, sessions, hours)


@topic.scenario(gaps=SWITCH)
def logout_login(world: World, hours: float) -> None:
    """Sign out, and in again as another: within minutes, and after an hour."""
    first, other = two_accounts(world)
    world.sign_in(first)
    three(world, hours)
    world.at(3, world.sign_out)
    world.at(3.05, world.sign_in, other)
    world.at(8, world.sign_out)
    world.at(9, world.sign_in, first)


@topic.scenario(12, may_ask=False)
def sleep_switch_asleep(world: World, hours: float) -> None:
    """Somebody else signs in while no session draws a line."""
    first, other = two_accounts(world)
    world.sign_in(first)
    sessions = opens(world, (0.01, 3), 3, works_from=0.1)
    for session in sessions:
        world.at(3.5 + world.rng.uniform(0, 0.02), ticks, world, session, hours)
    world.at(3.2, world.sign_in, other)
    world.at(4, works, world, sessions[0], (20, 200), 9)
