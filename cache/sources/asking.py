"""Asking the endpoint with manners: not before it is time, each attempt remembered before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache import errors
from cache.files import times_of
from cache.sources.claude_json import UNKNOWN, read_claude_state
from cache.sources.credentials import credentials_file
from cache.sources.ledger import write_ledger
from cache.sources.usage import parse_usage
from cache.sources.version import find_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.accounts import Account
    from cache.refresh import Request
    from cache.sources.credentials import Login
    from cache.sources.ledger import Ledger
    from cache.sources.usage import Usage


def ask(
    request: Request, login: Login, ledger: Ledger, account: Account, clock: Callable[[], float], login_times: list[int]
) -> tuple[int, Usage] | None:
    """Return the answer and when it was asked for, None where it is not time yet; raise the failure that it ended with.

    ``clock`` tells epoch seconds: pauses count from the request and its end, not from the start of the job, which may
    have waited seconds for a Keychain. ``login_times`` are those of the login's file before it was read: one that is
    another by the end of the request may be another account's.
    """
    if ledger.count_anew(clock()):
        write_ledger(request.place / "endpoint.json", ledger)
    if not ledger.opens(clock()) and not (request.force and not ledger.cooling):
        if ledger.problem:
            raise errors.BY_NAME.get(ledger.problem, errors.Failure)(f"next attempt not before {ledger.next_text()}")
        return None
    version = find_version(request.options.get("claude-version"), request.env)
    from cache.sources.endpoint import fetch_usage  # noqa: PLC0415 - httpx takes longer than all before; most never ask

    ledger.stamp(clock(), _spacing_s(request))
    write_ledger(request.place / "endpoint.json", ledger)
    try:
        usage = parse_usage(fetch_usage(login.token, version, request.env), now=ledger.attempted_at)
    except errors.Failure as failure:
        ledger.fail(failure, clock())
        write_ledger(request.place / "endpoint.json", ledger)
        raise
    if not _still_the_same(request, account, login_times):
        ledger.end_trouble()
        write_ledger(request.place / "endpoint.json", ledger)
        raise errors.Unsettled("the login changed meanwhile")
    ledger.succeed(account.id, usage.other)
    write_ledger(request.place / "endpoint.json", ledger)
    return ledger.answered_at, usage


def _spacing_s(request: Request) -> int:
    """Return how many seconds a person wishes between two attempts, 0 where nothing sensible is said."""
    every = request.options.get("every", "")
    return int(every) if every.isdecimal() and len(every) <= 4 else 0  # up to FAR_S of the ledger


def _still_the_same(request: Request, account: Account, login_times: list[int]) -> bool:
    named = read_claude_state(request.env).account
    return times_of(str(credentials_file(request.env))) == login_times and named in {account.id, UNKNOWN}
