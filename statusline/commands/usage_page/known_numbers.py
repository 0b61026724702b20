"""What a command can show without a session: the kept numbers, and why others are missing."""

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
from cache.work.failures import BY_NAME, ApiKey, Failure, Off
from statusline.commands.usage_page.other_limits import near_limits
from statusline.config import read_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cache.model.windows import Window
    from cache.readings.snapshot import Snapshot

FETCH = "Run `statusline usage --refresh`, or send a message or two in `claude`."
KEY_SET = (
    "ANTHROPIC_API_KEY is set: sessions in this shell may be billed by API key. These are the plan's last numbers."
)
UNSET_KEY = "Unset ANTHROPIC_API_KEY to use the plan here."

# Sentences for failures whose label is too short for one.
_SENTENCES = {
    "api_key": "Billed by API key: no plan limits.",
    "cloud_provider": "Billed through a cloud provider: no plan limits.",
    "gateway": "ANTHROPIC_BASE_URL points to a gateway: no plan limits.",
    "off": "No usage requests are made: oauth is off.",
}


@dataclass(frozen=True)
class KnownUsage:
    """The merged usage of one config directory, with the keys of ``usage.json``; times are epoch seconds.

    ``windows`` by id are the current ones; ``spent`` are the dollars of answers on this machine in windows without a
    known percentage, ``estimated`` the ids of those that are estimates. ``out`` is when the first plan-wide window is
    used up, and its id, as on the line. ``others`` are limits of unknown kinds, at or near 100%; ``other`` is
    whatever else the endpoint reported. ``place`` is the folder of the files, ``theme`` Claude Code's theme.
    ``problem`` is the name of a failure in `cache.work.failures`, None if the last refresh succeeded or there was
    none. ``money`` is what was spent on this machine and ``expected`` the learned course of a week, both as in a
    `Snapshot`.
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
    estimated: tuple[str, ...] = ()
    others: dict[str, Window] = field(default_factory=dict)
    theme: str = ""
    money: dict[str, object] = field(default_factory=dict)
    expected: object = None

    @property
    def anything(self) -> bool:
        """Whether there is any number of a limit."""
        return bool(self.windows or self.spend or self.spent)

    @property
    def is_key_set(self) -> bool:
        """Whether the numbers are a plan's, while ANTHROPIC_API_KEY may make this shell's sessions someone else's."""
        return self.problem == ApiKey.name and self.anything

    def first(self, model: str | None, now: float) -> str | None:
        """Return the limit that is used up first with a model (None: any model), as on the line."""
        return first_limit(self.windows, self.spend, self.projections, model, now)

    @property
    def next_step(self) -> str | None:
        """What the user can do, None if there is nothing to do."""
        if self.is_key_set:
            return UNSET_KEY
        if self.problem is not None:
            return failure_of(self.problem).next_step
        return None if self.anything else FETCH

    @property
    def sentence(self) -> str | None:
        """Why numbers are missing or old, and what to do; None without a problem."""
        if self.is_key_set:
            return f"{KEY_SET} {UNSET_KEY}"
        if self.problem is None:
            return None if self.anything else f"No usage numbers yet. {FETCH}"
        label = failure_of(self.problem).label
        return f"{_SENTENCES.get(self.problem) or f'{label[0].upper()}{label[1:]}.'} {self.next_step}"


def failure_of(problem: str) -> type[Failure]:
    """Return the failure of this name; a plain `Failure` for a name that only a newer version knows."""
    return BY_NAME.get(problem, Failure)


def known_usage(env: Mapping[str, str] = os.environ, now: float | None = None, process: str = "") -> KnownUsage:
    """Return what is known for ``env``, the user's environment; reads files only, and never fails.

    With the key of a ``process`` (see `process_key`) it is what this one's line shows: it may have another login.

    If a cloud provider, a gateway or an ``apiKeyHelper`` pays in that environment, the kept numbers are not its own and
    are left out. With ANTHROPIC_API_KEY they stay: Claude Code asks before it uses the key, and a plan session with the
    key in its environment is common.
    """
    at = time.time() if now is None else now
    helper = api_key_helper(env)
    billing = billing_of(lambda name: env.get(name, "")) or (ApiKey.name if helper else "")
    of_plan = not billing or (billing == ApiKey.name and not helper)
    cache = str(cache_directory(env))
    place = place_of(cache, env.get("CLAUDE_CONFIG_DIR", ""))
    snapshot = take_snapshot(cache, process, {}, at, of_plan=of_plan, read=lambda name: env.get(name, ""))
    if snapshot.keyed:
        billing, of_plan = billing or ApiKey.name, False
    value = mapping(snapshot.entry.value)
    is_current = not value or value.get("account") == snapshot.account
    other, told_at = _beyond(snapshot) if of_plan else ({}, 0.0)
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
        estimated=snapshot.estimated,
        money=snapshot.money,
        others=near_limits(other, int(told_at), at),
        theme=snapshot.theme,
        expected=snapshot.expected,
    )


def _beyond(snapshot: Snapshot) -> tuple[dict[str, object], float]:
    """Return the rest of the endpoint's last answer for this account, beyond windows and spend, and its time."""
    value, answer = mapping(snapshot.entry.value), mapping(snapshot.entry.answer)
    for kept, at in ((answer, answered_at(answer)), (value, snapshot.entry.fetched_at)):
        if mapping(kept.get("other")) and kept.get("account") == snapshot.account:
            return mapping(kept.get("other")), at or 0.0
    return {}, 0.0


def _problem(snapshot: Snapshot, billing: str, env: Mapping[str, str]) -> str | None:
    """Return the problem of the present settings, else that of the last refresh unless other settings caused it."""
    if is_off(env):
        return billing or Off.name
    kept = snapshot.entry.problem
    return billing or (None if kept in {Off.name, *BILLINGS} else kept)


def is_off(env: Mapping[str, str]) -> bool:
    """Return whether reading credentials and making requests is turned off."""
    return env.get("STATUSLINE_OAUTH") == "off" or read_config(str(config_file(env))).oauth == "off"
