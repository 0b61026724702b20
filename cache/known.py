"""What is known of one account's usage while a refresh goes from source to source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.merge import AHEAD_S, believe
from cache.window import CLAUDE, OAUTH, Window
from cache.wire import mapping, words

if TYPE_CHECKING:
    from typing import Any

    from cache.accounts import Account
    from cache.sources.ledger import Ledger
    from cache.sources.usage import Usage

FRESH_S = 600  # a number older than this is asked for again, where that may be done
SHOWN = ("five_hour", "seven_day")


@dataclass
class Known:
    """What is known of one account: readings of any source, the spend, and when a whole answer was last seen."""

    account: Account
    plan: str | None
    readings: list[Window]
    spend: dict[str, Any] | None
    whole_at: int = 0  # epoch seconds of the last answer with per-model limits and spend

    def take(self, answer: tuple[int, Usage] | None, now: float) -> None:
        """Take in a whole answer, copied or fetched: a model's limit that it no longer names is gone."""
        if answer is None or not self.whole_at <= answer[0] <= now + AHEAD_S:
            return
        self.whole_at, usage = answer
        named = {each.id for each in usage.windows} | set(SHOWN)
        self.readings = [each for each in self.readings if each.id in named or each.observed_at > self.whole_at]
        self.readings += usage.windows
        self.spend = usage.spend

    def lacks(self, now: float) -> bool:
        """Say whether the cheap sources leave something open that the line shows."""
        if now - self.whole_at > FRESH_S:
            return True
        shown = believe(self.readings, now)
        return any(id_ not in shown or now - shown[id_].observed_at > FRESH_S for id_ in SHOWN)


def known_so_far(account: Account, plan: str | None, observed: list[Window], ledger: Ledger, now: float) -> Known:
    """Return what is known before any source is asked; ``plan`` is the login's, if it tells one."""
    value, kept = account.value, account.readings
    whole_at = [each.observed_at for each in kept if each.source in {CLAUDE, OAUTH}]
    if ledger.account == account.id:
        whole_at.append(ledger.answered_at)
    return Known(
        account,
        plan or words(value.get("plan")),
        kept + observed,
        mapping(value.get("spend")) or None,
        max((each for each in whole_at if each <= now + AHEAD_S), default=0),
    )
