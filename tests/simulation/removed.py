"""Each rule, what goes wrong without it, and how to remove it: a simulator that finds nothing then proves nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Removed:
    """``scenario`` has a violation of ``kind`` (see `oracle`) without the rule.

    ``reference`` are fields of `reference_readings.Rules`. ``program`` replaces what dotted names mean in the program,
    such as ``{"cache.merge.AGREE_S": 0}``; without any there is no way yet to remove the rule from it.
    """

    rule: str
    scenario: str
    kind: str
    reference: Mapping[str, object]
    program: Mapping[str, object] = field(default_factory=dict)


REMOVED: dict[str, Removed] = {}
