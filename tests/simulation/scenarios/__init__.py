"""All scenarios, by topic; importing this package registers them."""

from tests.simulation.scenarios import (  # noqa: F401
    beginnings,
    conversations,
    corrections,
    days,
    everyday,
    logins,
    switches,
)
