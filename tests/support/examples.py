"""How much the tests try: a tenth in CI, a twentieth (``HUDLINE_EXAMPLES=quick``), 200 times as many (``long``)."""

from __future__ import annotations

import os
from collections.abc import Collection

from hypothesis import HealthCheck, settings

SHARE = {"quick": 0.05, "": 0.1, "long": 200.0}[os.environ.get("HUDLINE_EXAMPLES", "")]
QUICK = SHARE < 0.1
FEWEST = 20  # below, a property would hardly be looked at


def examples(count: int, *, without: Collection[HealthCheck] = ()) -> settings:
    """Return the settings of a test with so many examples; a busy machine is no failure, so none has a deadline."""
    return settings(max_examples=max(FEWEST, int(count * SHARE)), deadline=None, suppress_health_check=without)


def trials(count: int, *, fewest: int) -> int:
    """Return how often to repeat what takes seconds: ``count`` times, in a short run less, but ``fewest`` at least."""
    return min(count, max(fewest, int(count * SHARE)))
