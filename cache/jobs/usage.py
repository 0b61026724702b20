"""The usage job: whose numbers they are, what the cheap sources know, and where that is not enough the endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache import errors
from cache.accounts import Account, settle_account
from cache.entry import Entry
from cache.files import times_of
from cache.history import FILE_NAME, record, samples
from cache.log import note
from cache.merge import believe, worth_keeping
from cache.observed import read_observed
from cache.projection import first_out
from cache.sources.asking import ask
from cache.sources.claude_json import copied_usage, read_claude_state
from cache.sources.credentials import credentials_file, read_login
from cache.sources.keychain import ask_keychain
from cache.sources.ledger import read_ledger
from cache.window import STDIN, Window, windows_in
from cache.wire import mapping, words

if TYPE_CHECKING:
    from typing import Any

    from cache.refresh import Request
    from cache.sources.credentials import Login
    from cache.sources.ledger import Ledger
    from cache.sources.usage import Usage

LIMIT_S = 12  # Keychain and version share 4, the endpoint has 5
FRESH_S = 600  # a number older than this is asked for again, where that may be done
SHOWN = ("five_hour", "seven_day")
WINDOWS_AT_MOST = 24
SAMPLES_S = 8 * 86400  # how far back the longest window reaches, and a day


def collect(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
    """Return the entry to keep, and what kept the endpoint from answering, if anything did."""
    login_file = str(credentials_file(request.env))
    watch = {login_file: times_of(login_file)}  # looked at before it is read: a later change is seen as one
    changed = bool(before.watch) and watch != before.watch
    login, failure = _login(request, now)
    state = read_claude_state(request.env)
    other_login = changed and login is not None and login.plan != mapping(before.value).get("plan")
    account = settle_account(state.account, before, request.place, now, login_changed=other_login)
    plan = login.plan if login is not None and login.plan else words(account.value.get("plan"))
    known = Known(account, plan, _readings(request, before, account), mapping(account.value.get("spend")) or None)
    known.take(copied_usage(state, since=account.since))
    ledger = read_ledger(request.place / "endpoint.json")
    if login is not None:
        failure = _ask(request, login, ledger, known, now, changed=changed)
    return _entry(request, known, before, failure, ledger, watch, now), failure


def _login(request: Request, now: float) -> tuple[Login | None, errors.Failure | None]:
    """Return the login, or why there is none to ask with; where the network is off, none is even looked for."""
    billing = request.options.get("billing", "")
    try:
        if "off" in {request.env.get("STATUSLINE_OAUTH"), request.options.get("oauth")}:
            raise errors.Off
        if billing:
            raise errors.BY_NAME.get(billing, errors.NoPlan)
        return read_login(request.env, now=now, keychain=lambda: _from_keychain(request, now)), None
    except errors.Failure as failure:
        return None, failure


def _from_keychain(request: Request, now: float) -> Login | None:
    return ask_keychain(request.env, cooldown=request.place / "keychain.json", now=now)


@dataclass
class Known:
    """What is known of one account: readings of any source, the spend, and when a whole answer was last seen."""

    account: Account
    plan: str | None
    readings: list[Window]
    spend: dict[str, Any] | None
    whole_at: int = 0  # epoch seconds of the last answer with per-model limits and spend

    def take(self, answer: tuple[int, Usage] | None) -> None:
        """Take in a whole answer, copied or fetched: a limit that it no longer names is gone."""
        if answer is None or answer[0] < self.whole_at:
            return
        self.whole_at, usage = answer
        named = {each.id for each in usage.windows}
        self.readings = [
            each
            for each in self.readings
            if each.id in named or each.source == STDIN or each.observed_at > self.whole_at
        ] + usage.windows
        self.spend = usage.spend

    def lacks(self, now: float) -> bool:
        """Say whether the cheap sources leave something open that the line shows."""
        if now - self.whole_at > FRESH_S:
            return True
        shown = believe(self.readings, now)
        return any(id_ not in shown or now - shown[id_].observed_at > FRESH_S for id_ in SHOWN)


def _readings(request: Request, before: Entry, account: Account) -> list[Window]:
    kept = windows_in(account.value.get("windows"))
    if not account.switched:
        kept += windows_in(before.readings)
    observed = read_observed(str(request.place / "observed.json"))
    return kept + [each for each in observed.readings if each.observed_at >= account.since]


def _ask(
    request: Request, login: Login, ledger: Ledger, known: Known, now: float, *, changed: bool
) -> errors.Failure | None:
    """Ask the endpoint if that is needed and allowed; return what went wrong."""
    if ledger.account == known.account.id:
        known.whole_at = max(known.whole_at, ledger.answered_at)
    if not request.force and not known.lacks(now):
        return None
    try:
        known.take(ask(request, login, ledger, known.account.id, now, changed=changed))
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
    watch: dict[str, list[int]],
    now: float,
) -> Entry:
    readings = worth_keeping(known.readings, now, at_most=4 * WINDOWS_AT_MOST)
    newest: dict[str, Window] = {each.id: each for each in readings}  # oldest first, so that the newest stays
    runs_out_at = _remember(request, known, now)
    value = {
        "account": known.account.id,
        "account_since": known.account.since,
        "plan": known.plan,
        "windows": [each.as_json() for each in list(newest.values())[:WINDOWS_AT_MOST]],
        "spend": known.spend,
        "runs_out_at": runs_out_at,
    }
    failures = before.failures + 1 if failure is not None else 0
    entry = Entry(value, int(now), 0, None, failures, watch)
    entry.readings = [each.as_json() for each in readings if newest[each.id] is not each and each.source != STDIN]
    if failure is None:
        entry.due_at = max(ledger.next_at, int(now) + 60, min(known.whole_at, int(now)) + FRESH_S // 2)
    else:
        entry.problem, entry.fetched_at = failure.name, before.fetched_at
        entry.due_at = max(int(now + failure.wait_s(failures)), ledger.next_at if failure.asked else 0)
    return entry
