"""The usage job: who is signed in, what is known without a request, and if needed the answer of the endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cache.model.entry import Entry
from cache.model.files import times_of
from cache.model.jsonio import mapping, words
from cache.model.layout import HISTORY_FILE, KEYCHAIN_FILE
from cache.model.run_out import out_of
from cache.model.trust import HOST_THEMES, chosen_theme
from cache.model.version import is_version
from cache.model.windows import AHEAD_S, FIVE_HOUR, LABELS, PLAN_WIDE, Window
from cache.money.periods import zone_of
from cache.readings.directory import IN_FLIGHT_S, UNKNOWN
from cache.readings.endpoint_answer import (
    HELD_S,
    add_answer,
    answer_json,
    answered_at,
    is_held,
    is_waiting,
    model_windows,
    models_in,
    reading_of,
)
from cache.readings.login import LOGIN_GAP_S, record_login
from cache.readings.owner import fits
from cache.readings.ownership import add_official
from cache.readings.reading import limits_of
from cache.refresh.log import note
from cache.sources.claude.credentials import credentials_file, read_login
from cache.sources.claude.keychain import ask_keychain
from cache.sources.claude.mcp import failing_logins
from cache.sources.claude.paths import home_of
from cache.sources.claude.settings import user_settings_file
from cache.sources.claude.state import claude_json_file, read_claude_state, usage_copy
from cache.sources.configuration import read_configuration
from cache.sources.endpoint.fetch_policy import fetch_if_allowed
from cache.sources.endpoint.rate_limit_state import write_rate_limit
from cache.usage.accounts import hold_rate_limit, rename_former
from cache.usage.history import record, samples
from cache.usage.money_limits import is_only_limit
from cache.usage.payer import api_key_projects, payer_of
from cache.usage.projection import projections_of
from cache.usage.readings_update import change_directory
from cache.usage.working_time import LOOKED_BACK_S, expected_points
from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cache.readings.directory import Directory
    from cache.sources.claude.credentials import Login
    from cache.sources.claude.state import ClaudeState
    from cache.sources.endpoint.rate_limit_state import RateLimitState
    from cache.sources.endpoint.response import Usage
    from cache.work.request import Request

LIMIT_S = 12  # the Keychain may take 4, the version 2, the endpoint 5
FRESH_S = 600  # an older number is requested again, where that is allowed
WINDOWS_AT_MOST = 24
SAMPLES_S = 8 * 86400  # the longest window, and a day


@dataclass
class Case:
    """The data of one refresh.

    ``login_times`` and ``settings_times`` are those of the login file and of the settings before they were read.
    """

    request: Request
    before: Entry
    state: ClaudeState
    login: Login | None
    login_times: list[int]
    settings_times: list[int]
    now: float
    answer: dict[str, Any] | None = None  # the last one of this account, as in `cache.readings.endpoint_answer`
    held: dict[str, Any] | None = None
    is_asked_for: bool = False

    def change(self, directory_change: Callable[[Directory], None]) -> Directory:
        """Apply a change to the config directory's part of ``readings.json``."""
        return change_directory(self.request, self.before, self.now, directory_change)


def collect(request: Request, before: Entry, now: float) -> tuple[Entry, errors.Failure | None]:
    """Return the entry to keep, and why there is no answer of the endpoint, if that failed."""
    began = request.monotonic()

    def clock() -> float:
        return now + request.monotonic() - began

    # The times are read before the files, so that a later change is seen as one.
    login_times = times_of(str(credentials_file(request.env)))
    settings_times = times_of(str(user_settings_file(request.env)))
    state = read_claude_state(request.env)
    login, failure = _login(request, now)
    case = Case(request, before, state, login, login_times, settings_times, round(now, 2))
    rename_former(request, before, state)
    directory = case.change(partial(_update_login, case))
    account = directory.account or UNKNOWN
    with hold_rate_limit(request, before, account, state.former_id, login_times) as rate_limit:
        has_new_login = bool(before.watch) and before.watch.get(str(credentials_file(request.env))) != login_times
        if has_new_login and rate_limit.end_refusal():
            write_rate_limit(request, rate_limit)
        case.answer = rate_limit.answer
        directory = case.change(partial(_add_known_answers, case))
        rate_limit.keep_answer(case.answer)
        if login is not None:
            try:
                directory = _fetch(case, directory, rate_limit, clock)
            except errors.Failure as stopped:
                failure = stopped
        rate_limit.keep_answer(case.answer)
        rate_limit.plan = login.plan if login and login.plan else rate_limit.plan
        write_rate_limit(request, rate_limit)
    return _entry(case, directory, rate_limit, failure), failure


def _login(request: Request, now: float) -> tuple[Login | None, errors.Failure | None]:
    """Return the login, or why there is none; where the network is off, none is looked for."""
    try:
        if request.oauth == "off":
            raise errors.Off
        if payer := payer_of(request):
            raise errors.BY_NAME.get(payer, errors.NoPlan)
        return read_login(request.env, now=now, keychain=lambda: _from_keychain(request, now)), None
    except errors.Failure as failure:
        return None, failure


def _from_keychain(request: Request, now: float) -> Login | None:
    cooldown = request.folder / KEYCHAIN_FILE
    return ask_keychain(request.env, cooldown=cooldown, now=now, ignore_cooldown=request.force)


def _update_login(case: Case, directory: Directory) -> None:
    """Record who is signed in now."""
    path, state = claude_json_file(case.request.env), case.state
    legacy = str(path) if path.name == ".config.json" else None
    directory.is_changed = directory.is_changed or directory.state_path != legacy
    directory.state_path = legacy
    mark = directory.state_mark if state.torn else list(state.mark)
    name = None if state.torn or state.unread else state.account
    record_login(directory, case.login_times, mark, name, case.now, is_held=is_held(directory, case.before, case.now))
    if directory.account is None:
        directory.account = UNKNOWN
    case.is_asked_for = case.is_asked_for or directory.ask
    directory.is_changed = directory.is_changed or directory.ask
    directory.ask = False


def _add_known_answers(case: Case, directory: Directory) -> None:
    """Add what needs no request: the account's last answer, Claude Code's copy of one, and an answer that was held."""
    add_answer(directory, case.before, case.now)
    copy = _answer_copy(case, directory)
    for answer in (case.answer, copy):
        if answer is not None and answer.get("account") == directory.account:
            _add_answer(case, directory, answer)
    if is_waiting(directory, case.before):
        at = answered_at(case.before.held) or 0
        case.held = None if case.now - at > HELD_S else case.before.held
        if case.held is None:  # the account is still the same, so its week has moved
            _add_answer(case, directory, dict(mapping(case.before.held)))
            directory.login_at = None


def _add_answer(case: Case, directory: Directory, answer: dict[str, Any]) -> None:
    """Add the readings of an answer to the account, and keep the answer if it is the latest."""
    reading = reading_of(answer)
    if reading is None or reading.made_at > case.now + AHEAD_S:
        return
    if directory.owner(directory.account).answered_at + 0.01 < reading.made_at:
        add_official(directory, reading, case.now, models_in(answer))
    if reading.made_at >= (answered_at(case.answer) or 0):
        case.answer = answer


def _answer_copy(case: Case, directory: Directory) -> dict[str, Any] | None:
    """Return Claude Code's copy of an answer, if it is certainly this account's and newer than what is known."""
    copied = usage_copy(case.state)
    if copied is None:
        return None
    at, usage = copied
    fit = fits(limits_of(usage.windows), directory.resets_of(directory.account), case.now)[0]
    is_since = at > directory.account_at
    is_first = directory.switched_at is None and (not case.state.has_organization or fit is True)
    is_newer = directory.owner(directory.account).answered_at < at <= case.now + AHEAD_S
    if fit is False or not is_newer or not (is_since or is_first):
        return None
    return _answer(case, directory, at, usage)


def _answer(case: Case, directory: Directory, at: float, usage: Usage) -> dict[str, Any]:
    """Return an answer as it is kept: its windows, the spend, and the rest.

    For parts that were not understood the former values stay.
    """
    former = mapping(case.answer)
    if usage.unread and former.get("account") == directory.account:
        usage = usage.complete_with(model_windows(former.get("windows"), case.now).values(), former.get("spend"))
    windows = usage.windows[:WINDOWS_AT_MOST]
    return {**answer_json(directory.account or UNKNOWN, at, windows), "spend": usage.spend, "other": usage.other}


def _fetch(case: Case, directory: Directory, rate_limit: RateLimitState, clock: Callable[[], float]) -> Directory:
    """Request the usage if that is needed and allowed, and decide whose it is; raise the failure."""
    is_news = rate_limit.attempted_at < _changed_at(directory)
    # If the spacing does not allow the request yet, it is made once it does.
    rate_limit.is_wanted = rate_limit.is_wanted or case.is_asked_for
    if not (case.request.force or is_news or rate_limit.is_wanted or _needs_answer(case, directory, rate_limit)):
        return directory
    if case.login is None:
        return directory
    if _is_name_alone(case, directory):
        raise errors.Unsettled("the account has just changed, but its login has not")
    answered = fetch_if_allowed(case.request, case.login, rate_limit, clock, case.login_times, is_news=is_news)
    if answered is None:
        return directory
    rate_limit.is_wanted = False
    at, usage = answered
    return case.change(partial(_judge, case, rate_limit, _answer(case, directory, at, usage)))


def _changed_at(directory: Directory) -> float:
    """Return when the login or its account changed last, 0 if that is not known."""
    return max(each for each in (directory.switched_at, directory.login_at, 0.0) if each is not None)


def _is_name_alone(case: Case, directory: Directory) -> bool:
    """Return whether the account has changed since the last refresh, but the login file, which may follow, has not.

    The Keychain has no time: its login is used at once, and an answer that does not fit the account is held.
    """
    former = words(mapping(case.before.value).get("account"))
    has_switched = directory.switched_at is not None and former != directory.account
    is_same_login = case.before.watch.get(str(credentials_file(case.request.env))) == case.login_times
    return has_switched and is_same_login and 0 < case.login_times[0] / 1e9 < case.now - LOGIN_GAP_S


def _needs_answer(case: Case, directory: Directory, rate_limit: RateLimitState) -> bool:
    """Return whether a plan-wide window or the last answer is missing or too old."""
    oldest = case.now - FRESH_S
    if not oldest <= rate_limit.answered_at <= case.now + AHEAD_S:
        return True
    shown = directory.owner(directory.account).windows(case.now)
    return any(id_ not in shown or shown[id_].observed_at < oldest for id_ in PLAN_WIDE)


def _judge(case: Case, rate_limit: RateLimitState, answer: dict[str, Any], directory: Directory) -> None:
    """Use an answer, hold it, or drop it: it is the login's, but after a switch perhaps not the account's."""
    reading = reading_of(answer)
    if reading is None or answer["account"] != directory.account:
        return
    resets = directory.resets_of(directory.account)
    mine = fits(reading.limits, resets, case.now)[0]
    five_hours_go_on = resets.get(FIVE_HOUR, 0) > case.now
    answer_has_none = reading.limits.get(FIVE_HOUR, (0, None))[1] is None
    if directory.login_at is not None and five_hours_go_on and answer_has_none:
        mine = False  # the new login may be of another account, even one with the same week
    is_young = directory.switched_at is not None and case.now - directory.switched_at < LOGIN_GAP_S
    formers = [each for each in directory.formers if fits(reading.limits, directory.resets_of(each), case.now)[0]]
    if is_young and mine is not True and formers:
        rate_limit.allow_soon(reading.made_at, is_wanted=True)
    elif mine is False:
        case.held = answer
        has_changed = case.now - _changed_at(directory) < IN_FLIGHT_S  # else such answers may come again and again
        rate_limit.allow_soon(reading.made_at, is_wanted=has_changed)
    else:
        case.held, directory.login_at = None, None
        case.answer = answer
        add_official(directory, reading, case.now, models_in(answer))


def _entry(case: Case, directory: Directory, rate_limit: RateLimitState, failure: errors.Failure | None) -> Entry:
    """Return the entry to keep, with the time of the next refresh."""
    request, now = case.request, case.now
    account, answer = directory.account or UNKNOWN, mapping(case.answer)
    windows = {**directory.owner(account).windows(now), **model_windows(answer.get("windows"), now)}
    value = {
        "account": account,
        "account_since": int(directory.account_at) if directory.switched_at is not None else 0,
        "plan": _plan(case, account) or rate_limit.plan,
        "windows": [each.as_json() for each in list(windows.values())[:WINDOWS_AT_MOST]],
        "spend": _spend(case, answer, windows),
        **_record_history(case, directory, windows),
    }
    if version := _claude_version(case):
        value["claude_version"] = version
    if theme := _theme(case):
        value["theme"] = theme
    if keyed := api_key_projects(request, case.before):
        value["keyed"] = keyed
    failing = {} if request.oauth == "off" else failing_logins(request.env, now=now)
    entry = Entry({**value, "mcp": failing} if failing else value, int(now), _due_at(case, rate_limit))
    entry.watch = {
        str(credentials_file(request.env)): case.login_times,
        str(user_settings_file(request.env)): case.settings_times,
    }
    entry.answer, entry.held = case.answer, case.held
    if failure is not None:
        entry.problem, entry.failures = failure.name, case.before.failures + 1
        entry.fetched_at = min(case.before.fetched_at, int(now))
        entry.due_at = rate_limit.next_at if failure.asked else int(now + failure.wait_s(entry.failures))
    if case.held is not None:
        entry.due_at = min(entry.due_at, int(answered_at(case.held) or now) + HELD_S + 1)
    return entry


def _plan(case: Case, account: str) -> str | None:
    """Return the plan's label: the login's, or the one kept for this account."""
    value = mapping(case.before.value)
    kept = words(value.get("plan")) if value.get("account") == account else None
    return (case.login.plan if case.login else None) or kept


def _claude_version(case: Case) -> str | None:
    """Return Claude Code's version as the last session reported it to a tick, for the doctor."""
    reported = case.request.options.get("claude-version", "")
    return reported if is_version(reported) else words(mapping(case.before.value).get("claude_version"))


def _theme(case: Case) -> str | None:
    """Return the theme that the user chose in Claude Code, for the line's theme ``auto``; None if it tells nothing."""
    request, state = case.request, case.state
    path, home, project = user_settings_file(request.env), home_of(request.env), request.options.get("project", "")
    chosen = chosen_theme(str(path), request.env.get("CLAUDE_CONFIG_DIR", ""), str(home), project)
    if chosen is not None:
        return chosen
    if state.torn or state.unread:
        return words(mapping(case.before.value).get("theme"))
    return state.theme if state.theme in HOST_THEMES else None


def _spend(case: Case, answer: Mapping[str, Any], windows: dict[str, Window]) -> dict[str, Any] | None:
    """Return the spend of the account's last answer, marked where it is the only limit."""
    spend, former = mapping(answer.get("spend")), mapping(case.before.value)
    if not spend or former.get("account") != answer.get("account"):
        return spend or None
    return {**spend, "alone": True} if is_only_limit(spend, windows, former) else spend


def _record_history(case: Case, directory: Directory, windows: dict[str, Window]) -> dict[str, Any]:
    """Add the official readings to the history; return what it says of the windows.

    That is when they run out at their recent pace, and what share of the week's working time has passed when.
    """
    path, account, now = case.request.folder / HISTORY_FILE, directory.account or UNKNOWN, case.now
    try:
        record(path, account, list(_official_windows(case, directory)), now)
    except errors.Unwritable as failure:  # the numbers matter more than their history
        note(case.request.env, f"history: {failure}")
        return {"runs_out_at": None, "runs_out_window": None}
    projections = projections_of(windows.values(), lambda id_: samples(path, account, id_, now - SAMPLES_S), now)
    at, window = out_of(windows, projections, now) or (None, None)
    zone = zone_of(mapping(read_configuration(str(case.request.config)).get("time")).get("zone"))
    points = expected_points(windows.values(), lambda id_: samples(path, account, id_, now - LOOKED_BACK_S), now, zone)
    learned = {"expected": points} if points else {}
    return {"runs_out_at": at, "runs_out_window": window, "projections": projections, **learned}


def _official_windows(case: Case, directory: Directory) -> Iterator[Window]:
    """Yield the readings of known age as windows: those of all sessions, and the models' of the last answer."""
    for reading in directory.owner(directory.account).readings:
        if reading.dated:
            for id_, (percent, reset) in reading.limits.items():
                yield Window(id_, LABELS[id_], percent, reset, reading.source, int(reading.made_at))
    yield from model_windows(mapping(case.answer).get("windows"), case.now).values()


def _due_at(case: Case, rate_limit: RateLimitState) -> int:
    """Return when the next refresh is due: when a request is allowed and needed, sooner for the other sources."""
    now = int(case.now)
    needed_at = min(rate_limit.answered_at, now) + FRESH_S + 1
    look_at = max(now + 60, min(now + FRESH_S // 2, needed_at))
    if rate_limit.is_wanted and now < rate_limit.next_at:
        return min(look_at, rate_limit.next_at)
    return look_at if rate_limit.problem else max(look_at, rate_limit.next_at)
