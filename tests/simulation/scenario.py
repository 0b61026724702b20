"""What a scenario is: a plan for a world, how long it runs, and under which conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.driver import Driver

Plan = Callable[[World, float], None]

STDIN_ONLY = "_stdin"  # ends the name of a scenario in which the endpoint may not be asked


@dataclass(frozen=True)
class Scenario:
    """``plan`` gets the world and the hours; ``quick_hours`` is how long it runs in a quick run, at least."""

    name: str
    plan: Plan
    hours: float = 24.0
    quick_hours: float = 6.0
    may_ask: bool = True
    keychain: bool = False

    def run(self, driver: Driver, seed: int, *, quick: bool = False) -> World:
        """Return the world after its hours."""
        world = World(driver, seed, keychain=self.keychain)
        self.plan(world, self.hours)
        world.run(min(self.hours, self.quick_hours) if quick else self.hours)
        return world


SCENARIOS: dict[str, Scenario] = {}


def add(name: str, plan: Plan, hours: float = 24.0, **more: float | bool) -> None:
    """Register one scenario; ``more`` are fields of `Scenario`."""
    assert name not in SCENARIOS, name
    SCENARIOS[name] = Scenario(name, plan, hours, **more)  # type: ignore[arg-type]


def add_both(name: str, plan: Plan, hours: float = 24.0, **more: float | bool) -> None:
    """Register a scenario twice: with the endpoint, and with what stdin tells alone."""
    add(name, plan, hours, **more)
    add(name + STDIN_ONLY, plan, hours, may_ask=False, **more)


def scenario(hours: float = 24.0, **more: float | bool) -> Callable[[Plan], Plan]:
    """Register a plan under its function's name."""

    def register(plan: Plan) -> Plan:
        add(plan.__name__, plan, hours, **more)
        return plan

    return register


def in_both_ways(hours: float = 24.0, **more: float | bool) -> Callable[[Plan], Plan]:
    """Register a plan under its function's name, with and without the endpoint."""

    def register(plan: Plan) -> Plan:
        add_both(plan.__name__, plan, hours, **more)
        return plan

    return register
