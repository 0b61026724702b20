"""Whether money is the only limit of a login: its windows stay at 0 % while money is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.jsonio import mapping, number
from cache.model.windows import windows_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.model.windows import Window


def is_only_limit(spend: Mapping[str, object], windows: Mapping[str, Window], before: Mapping[str, object]) -> bool:
    """Return whether money was spent while all windows stayed at 0 %, now or at an earlier refresh.

    A plan's windows rise before money is spent, so those of such a login are meaningless. ``windows`` are the current
    ones; ``before`` is the former value of this account's entry.
    """
    former, former_windows = mapping(before.get("spend")), windows_in(before.get("windows"))
    if any(each.percent > 0 for each in [*windows.values(), *former_windows]):
        return False
    if former.get("alone") is True:
        return True
    used, was = number(spend.get("used")), number(former.get("used"))
    return bool(windows and former_windows) and used is not None and was is not None and used > was
