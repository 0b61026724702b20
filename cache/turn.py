"""Whose turn it is at the cache: the account that Claude Code names, and whether somebody is signing in just now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.accounts import SETTLING_S, Account, Sign, settle_account
from cache.observed import mark_of
from cache.sources.claude_json import UNKNOWN
from cache.sources.credentials import credentials_file
from cache.sources.keychain import has_keychain
from cache.wire import mapping, words

if TYPE_CHECKING:
    from cache.entry import Entry
    from cache.observed import Observed
    from cache.refresh import Request
    from cache.sources.claude_json import ClaudeState
    from cache.sources.credentials import Login
    from cache.window import Window

NO_FILE = [0, 0]  # as `times_of` has it


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: the account, and the login's file as it was found (``times``).

    ``changed``: it is another than at the last refresh; ``in_flux``: so much so that the account's name may follow.
    ``observed`` are the readings of sessions that are this account's beyond doubt.
    """

    account: Account
    times: list[int]
    changed: bool
    in_flux: bool
    observed: list[Window]


def take_turn(
    request: Request,
    before: Entry,
    observed: Observed,
    state: ClaudeState,
    login: Login | None,
    times: list[int],
    now: float,
) -> Turn:
    """Settle whose numbers count, given what was looked at in the order of the arguments."""
    watch = {str(credentials_file(request.env)): times}
    changed = bool(before.watch) and watch != before.watch
    former = words(mapping(before.value).get("account")) or UNKNOWN
    plans = {login.plan if login else None, words(mapping(before.value).get("plan"))}
    sign = Sign(former if state.torn else state.account, changed, len(plans) == 2 and None not in plans)
    before_mark, mark = mark_of(before.watch), mark_of(watch)
    # Where a Keychain holds the login, an unchanged file proves nothing.
    proved = before.watch.get(str(credentials_file(request.env)), NO_FILE) != NO_FILE and not has_keychain(request.env)
    own = observed.by_login.get(before_mark, []) if proved else []
    account = settle_account(sign, before, request.place, now, own)
    in_flux = changed and not account.switched and (state.torn or 0 <= now - times[0] / 1e9 < SETTLING_S)
    marks = {"", before_mark} if in_flux else {"", before_mark, mark}
    seen = [each for found in marks for each in observed.by_login.get(found, []) if each.observed_at >= account.since]
    return Turn(account, times, changed, in_flux, seen)
