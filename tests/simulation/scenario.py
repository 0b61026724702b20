"""What a scenario is: a plan for a world, how long it runs, and under which conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.driver import Driver

Plan = Callable[[World, float], None]

STDIN_ONLY = "_stdin"  # ends the name of a scenario in which the endpoint may not be asked
QUICK_PACE = 3.0  # in a quick run idle sessions tick a third as often


@dataclass(frozen=True)
class Scenario:
    """``plan`` gets the world and the hours; a quick run takes ``quick_hours``. ``gaps`` are those that may be found.

    ``may_ask``: whether the endpoint may be asked; ``keychain``: whether the login is kept there.
    """

    name: str
    plan: Plan
    hours: float = 24.0
    quick_hours: float = 6.0
    may_ask: bool = True
    keychain: bool = False
    gaps: tuple[str, ...] = ()

    def run(self, driver: Driver, seed: int, *, quick: bool = False) -> World:
        """Return the world after its hours."""
        world = World(driver, seed, keychain=self.keychain, pace=QUICK_PACE if quick else 1.0)
        self.plan(world, self.hours)
        world.run(min(self.hours, self.quick_hours) if quick else self.hours)
        return world


@dataclass
class Topic:
    """Scenarios that belong together. What is registered takes further fields of `Scenario`."""

    scenarios: dict[str, Scenario] = field(default_factory=dict)

    def add(self, name: str, plan: Plan, hours: float = 24.0, **more: object) -> None:
        assert name not in self.scenarios, name
        self.scenarios[name] = Scenario(name, plan, hours, **more)  # type: ignore[arg-type]

    def add_both(self, name: str, plan: Plan, hours: float = 24.0, **more: object) -> None:
        """Register a scenario twice: with the endpoint, and with what stdin tells alone."""
        self.add(name, plan, hours, **more)
        self.add(name + STDIN_ONLY, plan, hours, may_ask=False, **more)

    def scenario(self, hours: float = 24.0, **more: object) -> Callable[[Plan], Plan]:
        """Register a plan under its function's name."""

        def register(plan: Plan) -> Plan:
            self.add(plan.__name__, plan, hours, **more)
            return plan

        return register

    def in_both_ways(self, hours: float = 24.0, **more: object) -> Callable[[Plan], Plan]:
        """Register a plan under its function's name, with and without the endpoint."""

        def register(plan: Plan) -> Plan:
            self.add_both(plan.__name__, plan, hours, **more)
            return plan

        return register
