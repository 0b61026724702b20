"""What a command may show without a session: the numbers that are kept, and in one sentence why others are missing."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cache.billing import BILLINGS, billing_of
from cache.disk import cache_directory, config_file
from cache.errors import BY_NAME, Failure, Off
from cache.snapshot import place_of, take_snapshot
from cache.wire import mapping, whole
from statusline.config import read_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.snapshot import Snapshot
    from cache.window import Window

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

    ``windows`` by id are what to believe, without those that have ended. ``place`` is the folder of the files.
    ``problem`` is the name of a failure in `cache.errors`, None if the last refresh went well or there was none.
    """

    place: Path
    account: str
    account_since: int
    plan: str | None
    windows: dict[str, Window]
    spend: dict[str, object]
    runs_out_at: int | None
    other: dict[str, object]
    problem: str | None
    due_at: int

    @property
    def anything(self) -> bool:
        """Whether there is a number at all."""
        return bool(self.windows or self.spend)

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
    billing = billing_of(lambda name: env.get(name, ""))
    cache = str(cache_directory(env))
    place = place_of(cache, env.get("CLAUDE_CONFIG_DIR", ""))
    snapshot = take_snapshot(cache, "", {}, at, of_plan=not billing, read=lambda name: env.get(name, ""))
    value, answer = mapping(snapshot.entry.value), mapping(snapshot.entry.answer)
    is_current, out_at = value.get("account") == snapshot.account, snapshot.runs_out_at
    return KnownUsage(
        place=Path(place),
        account=snapshot.account,
        account_since=(whole(value.get("account_since")) or 0) if is_current else int(at),
        plan=snapshot.plan,
        windows=snapshot.windows,
        spend=snapshot.spend,
        runs_out_at=out_at if out_at is not None and out_at > at else None,
        other=mapping(answer.get("other")) if answer.get("account") == snapshot.account and not billing else {},
        problem=_problem(snapshot, billing, env),
        due_at=snapshot.entry.due_at,
    )


def _problem(snapshot: Snapshot, billing: str, env: Mapping[str, str]) -> str | None:
    """Return what stands in the way: a setting of now, before what the last refresh met with under others."""
    if is_off(env):
        return billing or Off.name
    kept = snapshot.entry.problem
    return billing or (None if kept in {Off.name, *BILLINGS} else kept)


def is_off(env: Mapping[str, str]) -> bool:
    """Say whether no credential may be read and no request be made."""
    return env.get("STATUSLINE_OAUTH") == "off" or read_config(str(config_file(env))).oauth == "off"
