"""Decides whether the endpoint may be asked now, and records each attempt before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.files import times_of
from cache.model.trust import project_folders
from cache.readings.directory import UNKNOWN
from cache.sources.claude.credentials import credentials_file
from cache.sources.claude.state import read_claude_state
from cache.sources.claude.version import find_version
from cache.sources.endpoint.rate_limit_state import write_rate_limit
from cache.sources.endpoint.response import parse_usage
from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.sources.claude.credentials import Login
    from cache.sources.endpoint.rate_limit_state import RateLimitState
    from cache.sources.endpoint.response import Usage
    from cache.work.request import Request

JUST_ASKED_S = 5  # even a changed login waits this long


def fetch_if_allowed(
    request: Request,
    login: Login,
    rate_limit: RateLimitState,
    clock: Callable[[], float],
    login_times: list[int],
    *,
    is_news: bool,
) -> tuple[float, Usage] | None:
    """Return the usage and when it was requested, None where it is not time yet; raise the failure it ended with.

    ``clock`` returns epoch seconds: waits count from the request and its end, not from the start of the job, which may
    have waited seconds for the Keychain. ``login_times`` are those of the login file before it was read: if it has
    changed by the end of the request, the answer may be another account's. ``is_news`` means that the login or its
    account has changed since the last attempt, which allows one more.
    """
    if rate_limit.restart_cool_down(clock()):
        write_rate_limit(request, rate_limit)
    if not _may_ask(request, rate_limit, clock(), is_news=is_news):
        if rate_limit.problem:
            raise errors.BY_NAME.get(rate_limit.problem, errors.Failure)(
                f"next attempt not before {rate_limit.next_text()}"
            )
        if request.force:
            raise errors.Overasked
        return None
    handed, project = request.options.get("claude-version"), project_folders(*request.session)
    version = find_version(handed, request.env, project=project)
    from cache.sources.endpoint.client import fetch_usage  # noqa: PLC0415 - httpx takes longer than all before; most never ask

    asked_at = clock()
    rate_limit.record_attempt(asked_at, _spacing_s(request))
    write_rate_limit(request, rate_limit)
    try:
        usage = parse_usage(fetch_usage(login.token, version, request.env), now=asked_at)
    except errors.Failure as failure:
        rate_limit.record_failure(failure, clock())
        write_rate_limit(request, rate_limit)
        raise
    rate_limit.record_answer()
    write_rate_limit(request, rate_limit)
    if not _is_same_login(request, rate_limit.account, login_times):
        raise errors.Unsettled("the login changed during the request")
    return round(asked_at, 2), usage


def _may_ask(request: Request, rate_limit: RateLimitState, now: float, *, is_news: bool) -> bool:
    """Return whether an attempt may be made; ``--force`` or a changed login ends the spacing, but no other wait."""
    if rate_limit.allows(now):
        return True
    is_urgent = request.force or (is_news and abs(now - rate_limit.attempted_at) > JUST_ASKED_S)
    return is_urgent and not rate_limit.is_cooling_down and rate_limit.has_budget(now)


def _spacing_s(request: Request) -> int:
    """Return the configured number of seconds between two attempts, 0 where there is none."""
    every = request.options.get("every", "")
    return int(every) if every.isdecimal() and len(every) <= 4 else 0  # up to FAR_S


def _is_same_login(request: Request, account: str, login_times: list[int]) -> bool:
    named = read_claude_state(request.env).account
    return times_of(str(credentials_file(request.env))) == login_times and named in {account, UNKNOWN}
