"""The usage job: whose numbers they are, what the cheap sources know, and where that is not enough the endpoint."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cache import errors
from cache.accounts import SETTLING_S
from cache.entry import Entry
from cache.files import times_of
from cache.history import FILE_NAME, record, samples
from cache.known import FRESH_S, Known, known_so_far
from cache.log import note
from cache.merge import believe, worth_keeping
from cache.observed import read_observed
from cache.projection import first_out
from cache.sources.asking import ask
from cache.sources.claude_json import UNKNOWN, claude_json_file, copied_usage, read_claude_state
from cache.sources.credentials import credentials_file, read_login
from cache.sources.keychain import ask_keychain
from cache.sources.ledger import read_ledger, write_ledger
from cache.sources.mcp import failing_logins
from cache.turn import Turn, take_turn
from cache.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from cache.refresh import Request
    from cache.sources.credentials import Login
    from cache.sources.ledger import Ledger

LIMIT_S = 12  # a Keychain that hands a login out has up to 4, the version 2, the endpoint 5
WINDOWS_AT_MOST = 24
SAMPLES_S = 8 * 86400  # how far back the longest window reaches, and a day


def collect(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
    """Return the entry to keep, and what kept the endpoint from answering, if anything did."""
    began = request.monotonic()

    def clock() -> float:
        return now + request.monotonic() - began

    # The order matters: what changes after it was looked at is seen as a change, and nothing that was observed under
    # one account is put under the next.
    times = times_of(str(credentials_file(request.env)))
    observed = read_observed(str(request.place / "observed.json"))
    state = read_claude_state(request.env)
    login, failure = _login(request, now)
    turn = take_turn(request, before, observed, state, login, times, now)
    ledger = read_ledger(request.place / "endpoint.json")
    if turn.changed and ledger.forgive():
        write_ledger(request.place / "endpoint.json", ledger)
    known = known_so_far(turn.account, login.plan if login else None, turn.observed, ledger, now)
    known.take(copied_usage(state, since=turn.account.since), now)
    if login is not None:
        failure = _ask(request, login, ledger, known, turn, clock)
    return _entry(request, known, before, failure, ledger, turn, now), failure


def _login(request: Request, now: float) -> tuple[Login | None, errors.Failure | None]:
    """Return the login, or why there is none to ask with; where the network is off, none is even looked for."""
    try:
        if request.oauth == "off":
            raise errors.Off
        if request.billing:
            raise errors.BY_NAME.get(request.billing, errors.NoPlan)
        return read_login(request.env, now=now, keychain=lambda: _from_keychain(request, now)), None
    except errors.Failure as failure:
        return None, failure


def _from_keychain(request: Request, now: float) -> Login | None:
    return ask_keychain(request.env, cooldown=request.place / "keychain.json", now=now)


def _ask(
    request: Request, login: Login, ledger: Ledger, known: Known, turn: Turn, clock: Callable[[], float]
) -> errors.Failure | None:
    """Ask the endpoint if that is needed and allowed; return what went wrong."""
    now = clock()
    if not request.force and not known.lacks(now):
        return None
    try:
        # Of the login and the account's name one is written first: asked now, an answer could come under the wrong
        # name. Only the very first login cannot be mixed up with another, once it has a name or where none can come.
        is_nameless = turn.account.id == UNKNOWN and os.path.exists(claude_json_file(request.env))
        half_known = turn.in_flux and (ledger.answered_at > 0 or is_nameless)
        if half_known or (turn.account.switched and not turn.changed):
            raise errors.Unsettled("the login has just changed")
        known.take(ask(request, login, ledger, turn.account, clock, turn.times), clock())
    except errors.Failure as failure:
        return failure
    return None


def _remember(request: Request, known: Known, now: float) -> int | None:
    """Add the official readings to the history; return when the first window runs out at its recent pace."""
    path, account = request.place / FILE_NAME, known.account.id
    windows = list(believe(known.readings, now).values())
    try:
        record(path, account, known.readings, now)
    except errors.Unwritable as failure:  # the numbers are worth more than their history
        note(request.env, f"history: {failure}")
        return None
    return first_out(windows, lambda id_: samples(path, account, id_, now - SAMPLES_S), now)


def _entry(
    request: Request,
    known: Known,
    before: Entry,
    failure: errors.Failure | None,
    ledger: Ledger,
    turn: Turn,
    now: float,
) -> Entry:
    """Return what is known as the entry to keep, with the next appointment."""
    readings = worth_keeping(known.readings, now, at_most=4 * WINDOWS_AT_MOST)
    newest: dict[str, Window] = {each.id: each for each in readings}  # oldest first, so that the newest stays
    value = {
        "account": known.account.id,
        "account_since": known.account.since,
        "plan": known.plan,
        "windows": [each.as_json() for each in list(newest.values())[:WINDOWS_AT_MOST]],
        "spend": known.spend,
        "runs_out_at": _remember(request, known, now),
    }
    failing = {} if request.oauth == "off" else failing_logins(request.env, now=now)
    entry = Entry({**value, "mcp": failing} if failing else value, int(now), _due_at(known, ledger, now))
    entry.watch = {str(credentials_file(request.env)): turn.times}
    entry.readings = [each.as_json() for each in readings if newest[each.id] is not each]
    if failure is not None:
        entry.problem, entry.failures = failure.name, before.failures + 1
        entry.fetched_at = min(before.fetched_at, int(now))
        entry.due_at = ledger.next_at if failure.asked else int(now + failure.wait_s(entry.failures))
    if turn.in_flux:  # to the ticks it stays a changed file until the account's name has had its time
        entry.watch, entry.due_at = before.watch, min(entry.due_at, int(now) + SETTLING_S)
    return entry


def _due_at(known: Known, ledger: Ledger, now: float) -> int:
    """Return when to look again: when the endpoint may be asked and will be needed, and at the cheap sources before."""
    needed_at = min(known.whole_at, int(now)) + FRESH_S + 1
    look_at = max(int(now) + 60, min(int(now) + FRESH_S // 2, needed_at))
    return look_at if ledger.problem else max(look_at, ledger.next_at)
