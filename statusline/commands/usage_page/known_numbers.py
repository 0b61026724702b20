"""What a command may show without a session: the numbers that are kept, and in one sentence why others are missing."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.billing import BILLINGS, billing_of
from cache.model.jsonio import mapping, whole
from cache.model.run_out import first_limit, out_of
from cache.readings.endpoint_answer import answered_at
from cache.readings.snapshot import place_of, take_snapshot
from cache.refresh.storage import cache_directory, config_file
from cache.sources.claude.settings import api_key_helper
from cache.work.failures import BY_NAME, Failure, Off
from statusline.commands.usage_page.other_limits import near_limits
from statusline.config import read_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.model.windows import Window
    from cache.readings.snapshot import Snapshot

NOT_ASKED = "Run `statusline usage --refresh`, or `claude` for a message or two."

# Where a label of two words is too short for a sentence.
_SAID = {
    "api_key": "Signed in with an API key: no plan limits.",
    "cloud_provider": "Paid through a cloud provider: no plan limits.",
    "gateway": "ANTHROPIC_BASE_URL names a gateway: no plan limits.",
    "off": "The usage endpoint is not asked: oauth is off.",
}


@dataclass(frozen=True)
class KnownUsage:
    """The merged usage of one config directory, in the words of ``usage.json``; times are epoch seconds.

    ``windows`` by id are what to believe, without those that have ended; ``spent`` are the dollars of answers on this
    machine in windows of which no percentage is known. ``out`` is when the first of the plan-wide windows is used up,
    and its id, as the line says it. ``others`` are limits of kinds that we do not know, at or near 100 %; ``other`` is
    all that the endpoint said beyond windows and spend. ``place`` is the folder of the files.
    ``problem`` is the name of a failure in `cache.work.failures`, None if the last refresh went well or there was none.
    """

    place: Path
    account: str
    account_since: int
    plan: str | None
    windows: dict[str, Window]
    spend: dict[str, object]
    out: tuple[int, str] | None
    other: dict[str, object]
    problem: str | None
    due_at: int
    projections: dict[str, object] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    others: dict[str, Window] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether there is a number at all."""
        return bool(self.windows or self.spend or self.spent)

    def first(self, model: str | None, now: float) -> str | None:
        """Return the limit that is used up first with a model (None: whatever the model), as the line has it."""
        return first_limit(self.windows, self.spend, self.projections, model, now)

    @property
    def next_step(self) -> str | None:
        """What a person can do, None where all is well."""
        if self.problem is not None:
            return failure_of(self.problem).next_step
        return None if self.anything else NOT_ASKED

    @property
    def sentence(self) -> str | None:
        """Why numbers are missing or old, and what to do; None where all is well."""
        if self.problem is None:
            return None if self.anything else f"No usage numbers yet. {NOT_ASKED}"
        label = failure_of(self.problem).label
        return f"{_SAID.get(self.problem) or f'{label[0].upper()}{label[1:]}.'} {self.next_step}"


def failure_of(problem: str) -> type[Failure]:
    """Return the failure of this name; a name that a newer version wrote is just a failure."""
    return BY_NAME.get(problem, Failure)


def known_usage(env: Mapping[str, str] = os.environ, now: float | None = None) -> KnownUsage:
    """Return what is known in the name of ``env``, the user's environment; reads files only, and never fails.

    Where that environment is not paid by a plan (API key, cloud provider, gateway), the kept numbers are not its own
    and are left out.
    """
    at = time.time() if now is None else now
    billing = billing_of(lambda name: env.get(name, "")) or ("api_key" if api_key_helper(env) else "")
    cache = str(cache_directory(env))
    place = place_of(cache, env.get("CLAUDE_CONFIG_DIR", ""))
    snapshot = take_snapshot(cache, "", {}, at, of_plan=not billing, read=lambda name: env.get(name, ""))
    billing = billing or ("api_key" if snapshot.keyed else "")
    value = mapping(snapshot.entry.value)
    is_current = value.get("account") == snapshot.account
    other, told_at = ({}, 0.0) if billing else _beyond(snapshot)
    return KnownUsage(
        place=Path(place),
        account=snapshot.account,
        account_since=(whole(value.get("account_since")) or 0) if is_current else int(at),
        plan=snapshot.plan,
        windows=snapshot.windows,
        spend=snapshot.spend,
        out=out_of(snapshot.windows, snapshot.projections, at),
        other=other,
        problem=_problem(snapshot, billing, env),
        due_at=snapshot.entry.due_at,
        projections=snapshot.projections,
        spent=snapshot.spent,
        others=near_limits(other, int(told_at), at),
    )


def _beyond(snapshot: Snapshot) -> tuple[dict[str, object], float]:
    """Return what the endpoint's last answer for this account had beyond windows and spend, and when it was made."""
    value, answer = mapping(snapshot.entry.value), mapping(snapshot.entry.answer)
    for kept, at in ((answer, answered_at(answer)), (value, snapshot.entry.fetched_at)):
        if mapping(kept.get("other")) and kept.get("account") == snapshot.account:
            return mapping(kept.get("other")), at or 0.0
    return {}, 0.0


def _problem(snapshot: Snapshot, billing: str, env: Mapping[str, str]) -> str | None:
    """Return what stands in the way: a setting of now, before what the last refresh met with under others."""
    if is_off(env):
        return billing or Off.name
    kept = snapshot.entry.problem
    return billing or (None if kept in {Off.name, *BILLINGS} else kept)


def is_off(env: Mapping[str, str]) -> bool:
    """Say whether no credential may be read and no request be made."""
    return env.get("STATUSLINE_OAUTH") == "off" or read_config(str(config_file(env))).oauth == "off"
