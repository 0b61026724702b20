"""Asking the endpoint with manners: not before it is time, each attempt remembered before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache import errors
from cache.files import times_of
from cache.sources.claude_json import read_claude_state
from cache.sources.credentials import credentials_file
from cache.sources.endpoint import fetch_usage
from cache.sources.ledger import next_attempt, write_ledger
from cache.sources.usage import parse_usage
from cache.sources.version import find_version

if TYPE_CHECKING:
    from cache.refresh import Request
    from cache.sources.credentials import Login
    from cache.sources.ledger import Ledger
    from cache.sources.usage import Usage

SETTLING_S = 10  # seconds between the writes of the login and of the account's name, at most


def ask(
    request: Request, login: Login, ledger: Ledger, account: str, now: float, *, changed: bool
) -> tuple[int, Usage] | None:
    """Return the answer and its time, None where it is not time yet; raise the failure that it ended with."""
    if not ledger.opens(now, changed=changed) and not (request.force and not ledger.cooling):
        if ledger.problem:
            raise errors.BY_NAME.get(ledger.problem, errors.Failure)(f"next attempt not before {ledger.next_text()}")
        return None
    version = find_version(request.options.get("claude-version"), request.env)
    login_times = times_of(str(credentials_file(request.env)))
    if changed and not request.force and 0 <= now - login_times[0] / 1e9 < SETTLING_S and ledger.answered_at:
        raise errors.Unsettled("the login has just changed")
    ledger.attempted_at, ledger.next_at = int(now), next_attempt(now)
    write_ledger(request.place / "endpoint.json", ledger)
    try:
        usage = parse_usage(fetch_usage(login.token, version, request.env), now=now)
        _still_the_same(request, account, login_times)
    except errors.Failure as failure:
        ledger.problem, ledger.failures = failure.name, ledger.failures + 1
        ledger.next_at = max(int(now + failure.wait_s(ledger.failures)), int(now) + 1)
        write_ledger(request.place / "endpoint.json", ledger)
        raise
    ledger.problem, ledger.failures, ledger.answered_at, ledger.account = None, 0, int(now), account
    ledger.other = usage.other
    write_ledger(request.place / "endpoint.json", ledger)
    return int(now), usage


def _still_the_same(request: Request, account: str, login_times: list[int]) -> None:
    """Raise Unsettled if somebody signed in while the answer was on its way: it may be another account's."""
    same_login = times_of(str(credentials_file(request.env))) == login_times
    if not same_login or read_claude_state(request.env).account not in {account, "unknown"}:
        raise errors.Unsettled("the login changed meanwhile")
