"""Every account that was signed in on this machine, with its last numbers and their age: ``statusline usage --all``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping, number, whole
from cache.model.layout import ACCOUNTS_FOLDER, ENTRY_SUFFIX
from cache.model.windows import LABELS, PLAN_WIDE, SPANS_S
from cache.readings.directory import UNKNOWN, is_former_id
from cache.readings.endpoint_answer import model_windows, reading_of
from cache.readings.owner import Owner
from cache.readings.snapshot import ODD
from cache.readings.store import Readings, read_readings
from cache.refresh.storage import cache_directory, config_file
from cache.sources.endpoint.rate_limit_state import read_rate_limit
from statusline.account_names import account_name
from statusline.commands.support.terminal import BOLD, DIM, align, render_line
from statusline.commands.usage_page.format import age_label, ago_text, percent_label, spend_text
from statusline.commands.usage_page.known_numbers import known_usage
from statusline.commands.usage_page.page import order_ids
from statusline.config import read_config
from statusline.render.sanitize import sanitize
from statusline.render.timefmt import span_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cache.model.windows import Window

GAP = "  "
_ACCOUNT_ID = re.compile(r"[0-9a-f]{20}")


@dataclass(frozen=True)
class Account:
    """One account in one organization: ``id`` is the hash of both, ``name`` the user's for it, or empty.

    ``windows`` are the last known ones that have not ended; ``ended`` is by id when others, which were known, did.
    """

    id: str
    name: str
    plan: str | None
    is_signed_in: bool
    windows: Mapping[str, Window]
    ended: Mapping[str, int]
    spend: Mapping[str, object] = field(default_factory=dict)

    @property
    def left(self) -> float | None:
        """The percentage that is left of the plan-wide window that is fullest; None where nothing is known.

        A window that has ended since is empty.
        """
        known = [window.percent for id_, window in self.windows.items() if id_ in PLAN_WIDE]
        known += [0.0 for id_ in self.ended]
        return max(100 - max(known), 0) if known else None

    @property
    def observed_at(self) -> float | None:
        """When the oldest of the shown numbers was made, epoch seconds; None where there is none."""
        times = [window.observed_at for window in self.windows.values()]
        spent_at = number(self.spend.get("observed_at"))
        return min([*times, *([spent_at] if spent_at else [])], default=None)


def known_accounts(now: float, env: Mapping[str, str] = os.environ) -> list[Account]:
    """Return every account of which something is known, the one that is signed in first; reads files only."""
    cache = cache_directory(env)
    readings = read_readings(str(cache)) or Readings()
    current = known_usage(env, now).account
    every = {*_ids_in(readings), *_ids_of_files(cache), current} - {UNKNOWN}
    ids = sorted(every, key=lambda id_: (id_ != current, id_))
    names = read_config(str(config_file(env))).given.get("accounts")
    accounts = [_account(id_, account_name(names, id_, ids), current, readings, cache, now) for id_ in ids]
    return [each for each in accounts if each.is_signed_in or each.left is not None or each.spend]


def _ids_in(readings: Readings) -> set[str]:
    """Return the accounts that any config directory has or had; other logins have no name."""
    found: set[object] = set()
    for fields in readings.directories.values():
        formers = mapping(fields).get("formers")
        found |= {mapping(fields).get("account"), *(formers if isinstance(formers, list) else [])}
    return {each for each in found if isinstance(each, str) and _is_id(each)}


def _ids_of_files(cache: Path) -> set[str]:
    files = (cache / ACCOUNTS_FOLDER).glob(f"*{ENTRY_SUFFIX}")
    return {each.name.removesuffix(ENTRY_SUFFIX) for each in files if _is_id(each.name.removesuffix(ENTRY_SUFFIX))}


def _is_id(text: str) -> bool:
    return bool(_ACCOUNT_ID.fullmatch(text)) or is_former_id(text)


def _account(id_: str, name: str, current: str, readings: Readings, cache: Path, now: float) -> Account:
    """Return an account from what sessions reported of it, and the last answer of the endpoint for it."""
    state = read_rate_limit(cache / ACCOUNTS_FOLDER / (id_ + ENTRY_SUFFIX))
    answer = state.answer if mapping(state.answer).get("account") == id_ else None
    try:
        owner = readings.owners.get(id_) or Owner()
    except ODD:  # a file that is not as we wrote it
        owner = Owner()
    official = reading_of(answer)
    if official is not None and official.made_at > owner.answered_at:
        owner.add(official)
    windows = {**owner.windows(now), **model_windows(mapping(answer).get("windows"), now)}
    spend = mapping(mapping(answer).get("spend"))
    return Account(id_, name, state.plan, id_ == current, windows, _ended(owner, windows, now), spend)


def _ended(owner: Owner, windows: Mapping[str, Window], now: float) -> dict[str, int]:
    """Return when the plan-wide windows ended that were known and are over, epoch seconds by id."""
    ends: dict[str, int] = {}
    for reading in owner.readings:
        for id_, (_, reset) in reading.limits.items():
            end = int(reading.made_at) + SPANS_S[id_] if reset is None and id_ in SPANS_S else reset
            if id_ in PLAN_WIDE and id_ not in windows and end is not None and end <= now:
                ends[id_] = max(end, ends.get(id_, 0))
    return ends


def most_left(accounts: Sequence[Account]) -> Account | None:
    """Return the account of which most is left; None where fewer than two can be compared, or two are equal."""
    ranked = sorted((each for each in accounts if each.left is not None), key=lambda each: -(each.left or 0))
    return ranked[0] if len(ranked) > 1 and ranked[0].left != ranked[1].left else None


def all_as_json(accounts: Sequence[Account]) -> dict[str, object]:
    """Return the accounts in the shape that ``--help`` describes."""
    best = most_left(accounts)
    return {"accounts": [_as_json(each, is_best=each is best) for each in accounts]}


def _as_json(account: Account, *, is_best: bool) -> dict[str, object]:
    return {
        "account": account.id,
        "name": account.name or None,
        "plan": account.plan,
        "signed_in": account.is_signed_in,
        "windows": [account.windows[id_].as_json() for id_ in order_ids(account.windows)],
        "ended": dict(account.ended),
        "spend": dict(account.spend) or None,
        "observed_at": account.observed_at,
        "left": account.left,
        "most_left": is_best,
    }


def render_accounts(accounts: Sequence[Account], now: float, width: int, *, colored: bool) -> list[str]:
    """Return one line per account, none wider than ``width`` cells."""
    if not accounts:
        return ["No account is known yet. Start `claude`, or run `statusline usage --refresh`."]
    best = most_left(accounts)
    table = align([_texts(each, now, is_best=each is best) for each in accounts])
    lines = []
    for account, (name, plan, note, numbers, age, id_) in zip(accounts, table, strict=True):
        head = [(name, BOLD if account.is_signed_in else ""), (GAP + plan, DIM), (GAP + note if note else "", BOLD)]
        tail = [(GAP + numbers, ""), (GAP + age, DIM), (GAP + id_, DIM)]
        lines.append(render_line([*head, *tail], width, colored=colored))
    return lines


def _texts(account: Account, now: float, *, is_best: bool) -> list[str]:
    """Return the columns: name or id, plan, what is special, numbers, age, and the id of one with a name.

    A narrow terminal cuts the end.
    """
    numbers = [_number(account.windows[id_], now) for id_ in order_ids(account.windows)]
    numbers += [f"{LABELS[id_]} reset {ago_text(now - end)}" for id_, end in account.ended.items()]
    if account.spend:
        numbers.append(f"spend {spend_text(account.spend)}")
    age = "" if account.observed_at is None else age_label(account.observed_at, now)
    notes = ["signed in"] * account.is_signed_in + ["most left"] * is_best
    return [
        account.name or account.id,
        sanitize(account.plan or ""),
        ", ".join(notes),
        " · ".join(numbers) or "nothing known",
        age,
        account.id if account.name else "",
    ]


def _number(window: Window, now: float) -> str:
    reset = whole(window.resets_at)
    resets = f", resets in {span_text(reset - now)}" if reset else ""
    return f"{sanitize(window.label)} {percent_label(window)}{resets}"
