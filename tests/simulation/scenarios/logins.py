"""Several logins at once: organizations of one account, tokens pinned per project, two config directories."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.simulation.habits import (
    clears,
    copies,
    in_flight,
    moments,
    renews,
    switches,
    three,
    two_accounts,
    two_seats,
    used_elsewhere,
    workday,
    works,
)
from tests.simulation.oracle import AFTER_SILENCE, PIN_IS_NEW, PIN_WAS_LOGIN
from tests.simulation.scenario import Topic
from tests.simulation.scenarios.switches import SOON, SWITCH

if TYPE_CHECKING:
    from tests.simulation.world import World

topic = Topic()

PINNED = (PIN_IS_NEW, PIN_WAS_LOGIN)


def organizations(world: World, hours: float, *, other_h: float = 70, flight: bool = False) -> None:
    """Switch between two organizations in which one account has a seat each."""
    accounts = two_seats(world, 40, other_h)
    world.sign_in(accounts[0])
    sessions = three(world, hours)
    copies(world, hours)
    switches(world, accounts, True, 1)
    if flight:
        in_flight(world, accounts, sessions, SOON)


topic.add_both("organization_switch", organizations, gaps=SWITCH)
topic.add_both("organization_equal_resets", partial(organizations, other_h=40, flight=True), gaps=SWITCH)
topic.add("organization_keychain", organizations, keychain=True, gaps=SWITCH)


def pinned(world: World, hours: float, *, other_h: float = 70, switching: bool = False, **more: Any) -> None:
    """Two sessions have a token of another account, which their project sets."""
    first, other = two_accounts(world, other_h=other_h, **more)
    world.sign_in(first)
    sessions = [world.new_session(pinned=pin) for pin in (None, None, other, other)]
    workday(world, hours, sessions)
    clears(world, sessions, hours)
    if switching:
        third = world.new_account("cleo", 100)
        world.at(3.5, world.sign_in, third)
        world.at(8, world.sign_in, first)


topic.add_both("pinned_token", pinned, gaps=PINNED)
topic.add("pinned_weeks_within_1h", partial(pinned, other_h=40.5), gaps=PINNED)
topic.add_both("pinned_equal_weeks", partial(pinned, other_h=40), gaps=PINNED)
topic.add("pinned_no_week", partial(pinned, has_week=False), gaps=PINNED)
topic.add_both("pinned_and_switch", partial(pinned, switching=True), gaps=(*PINNED, AFTER_SILENCE))


@topic.scenario(12, gaps=PINNED)
def switch_to_the_pinned(world: World, hours: float) -> None:
    """Sign the directory in to the account that one project's token has all the time, and back."""
    first, other = two_accounts(world)
    world.sign_in(first)
    *_, busy = workday(world, hours, [world.new_session(pinned=pin) for pin in (None, None, other)])
    for hour in (2.9, 4.9):
        world.at(hour, works, world, busy, (15, 150), hour + 0.5)
    world.at(3, world.sign_in, other)
    world.at(5, world.sign_in, first)


# -- two config directories


def add_directory(world: World, hours: float, path: str = "work") -> None:
    """Sign the first account in to another directory, in which two sessions work."""
    account = world.signed_in
    directory = world.new_directory(path)
    world.sign_in(account, directory)
    workday(world, hours, [world.new_session(directory) for _ in range(2)])
    renews(world, hours, directory)
    copies(world, hours, directory)


@topic.in_both_ways()
def two_directories(world: World, hours: float) -> None:
    """Both are signed in to one account."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    three(world, hours)
    add_directory(world, hours)
    used_elsewhere(world, account, hours)


@topic.in_both_ways(gaps=SWITCH)
def two_directories_switch(world: World, hours: float) -> None:
    """One of them switches to another account and back."""
    accounts = two_accounts(world)
    world.sign_in(accounts[0])
    three(world, hours)
    add_directory(world, hours)
    switches(world, accounts, True, 1)


@topic.scenario(12)
def many_logins(world: World, hours: float) -> None:
    """Write the login again every few minutes, in two directories: each time is a reason to ask."""
    account, _ = two_accounts(world)
    world.sign_in(account)
    three(world, hours)
    add_directory(world, hours)
    for directory in (world.home, world.directories[-1]):
        for hour in moments(world, 1.0, hours, (0.03, 0.3)):
            world.at(hour, world.renew, directory)
