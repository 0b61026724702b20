"""Asking the endpoint with manners: not before it is time, each attempt remembered before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.files import times_of
from cache.readings.directory import UNKNOWN
from cache.sources.claude.credentials import credentials_file
from cache.sources.claude.state import read_claude_state
from cache.sources.claude.version import find_version
from cache.sources.endpoint.rate_limit_state import write_ledger
from cache.sources.endpoint.response import parse_usage
from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.sources.claude.credentials import Login
    from cache.sources.endpoint.rate_limit_state import Ledger
    from cache.sources.endpoint.response import Usage
    from cache.work.request import Request

JUST_ASKED_S = 5  # even a changed login waits this long


def ask(
    request: Request,
    login: Login,
    ledger: Ledger,
    clock: Callable[[], float],
    login_times: list[int],
    *,
    is_news: bool,
) -> tuple[float, Usage] | None:
    """Return the answer and when it was asked for, None where it is not time yet; raise the failure that it ended with.

    ``ledger`` is the account's. ``clock`` tells epoch seconds: pauses count from the request and its
    end, not from the start of the job, which may have waited seconds for a Keychain. ``login_times`` are those of the
    login's file before it was read: one that is another by the end of the request may be another account's.
    ``is_news``: the login or its account has changed since the last attempt, which is worth one more.
    """
    if ledger.restart_wait(clock()):
        write_ledger(request, ledger)
    if not _may_ask(request, ledger, clock(), is_news=is_news):
        if ledger.problem:
            raise errors.BY_NAME.get(ledger.problem, errors.Failure)(f"next attempt not before {ledger.next_text()}")
        if request.force:
            raise errors.Overasked
        return None
    version = find_version(request.options.get("claude-version"), request.env)
    from cache.sources.endpoint.client import fetch_usage  # noqa: PLC0415 - httpx takes longer than all before; most never ask

    asked_at = clock()
    ledger.stamp(asked_at, _spacing_s(request))
    write_ledger(request, ledger)
    try:
        usage = parse_usage(fetch_usage(login.token, version, request.env), now=asked_at)
    except errors.Failure as failure:
        ledger.fail(failure, clock())
        write_ledger(request, ledger)
        raise
    ledger.end_trouble()
    write_ledger(request, ledger)
    if not _is_still_the_same(request, ledger.account, login_times):
        raise errors.Unsettled("the login changed meanwhile")
    return round(asked_at, 2), usage


def _may_ask(request: Request, ledger: Ledger, now: float, *, is_news: bool) -> bool:
    """Return whether an attempt may be made: a wish or a changed login ends the spacing, but nothing else."""
    if ledger.opens(now):
        return True
    is_urgent = request.force or (is_news and abs(now - ledger.attempted_at) > JUST_ASKED_S)
    return is_urgent and not ledger.cooling and ledger.has_budget(now)


def _spacing_s(request: Request) -> int:
    """Return how many seconds a person wishes between two attempts, 0 where nothing sensible is said."""
    every = request.options.get("every", "")
    return int(every) if every.isdecimal() and len(every) <= 4 else 0  # up to FAR_S of the ledger


def _is_still_the_same(request: Request, account: str, login_times: list[int]) -> bool:
    named = read_claude_state(request.env).account
    return times_of(str(credentials_file(request.env))) == login_times and named in {account, UNKNOWN}
