"""Limits of unknown kinds that the endpoint reports: shown and checked once they are nearly used up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.jsonio import mapping, whole, words
from cache.model.lenient import parse_percent
from cache.model.windows import OAUTH, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

NEAR = 80.0  # percent
ENDS_S = 5 * 3600  # a limit without a reset expires after this
AT_MOST = 8


def near_limits(other: Mapping[str, object], observed_at: int, now: float) -> dict[str, Window]:
    """Return the active limits at `NEAR` or more that have not ended, as windows by id (``other:<label>``).

    ``other`` is the field of that name in the endpoint's `Usage`: its ``limits`` are rows of ``{"label", "percent",
    "resets_at", "active"}``, observed at ``observed_at`` (epoch seconds). Invalid rows are left out.
    """
    rows = other.get("limits")
    found = [_limit(mapping(row), observed_at) for row in rows] if isinstance(rows, list) else []
    alive = [each for each in found if each is not None and _ends_at(each) > now]
    return {each.id: each for each in alive[:AT_MOST]}


def _limit(row: dict[str, object], observed_at: int) -> Window | None:
    percent = parse_percent(row.get("percent"))
    if row.get("active") is not True or percent is None or percent < NEAR:
        return None
    label = words(row.get("label")) or "another limit"
    return Window(f"other:{label}", label, percent, whole(row.get("resets_at")), OAUTH, observed_at)


def _ends_at(window: Window) -> int:
    return window.observed_at + ENDS_S if window.resets_at is None else window.resets_at
