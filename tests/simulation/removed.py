"""Each rule, what goes wrong without it, and how to remove it: a simulation that finds nothing then proves nothing."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from cache.jobs import usage
from cache.readings import attribution, owner, reading
from cache.readings.directory import Content
from cache.readings.login import short_hash
from cache.sources.claude.state import usage_copy
from tests.simulation.oracle import ENDED, FALL_LATE, NO_AGE, OLDER, OTHER, REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cache.readings.directory import Directory
    from cache.readings.reading import Limits, Reading


@dataclass(frozen=True)
class Removed:
    """What a rule prevents: a violation of ``kind`` in ``scenario``.

    ``reference`` are fields of `reference_readings.Rules`; ``program`` replaces ``module:name`` in the program.
    """

    scenario: str
    kind: str
    reference: Mapping[str, object]
    program: Mapping[str, object]


@contextmanager
def without(rule: str) -> Iterator[None]:
    """Run the program without a rule; an empty name removes nothing."""
    with ExitStack() as stack:
        for target, value in REMOVED[rule].program.items() if rule else ():
            module, _, names = target.partition(":")
            where: Any = importlib.import_module(module)
            *path, name = names.split(".")
            for step in path:
                where = getattr(where, step)
            stack.enter_context(mock.patch.object(where, name, value))  # raises where there is no such name any more
        yield


# -- what replaces functions of the program; the right ones are kept, as they are replaced under their names

_fits, _in_force, _owner_of = owner.fits, reading._in_force, attribution.owner_of
_answer = usage._answer


def _weeks_fit(limits: Limits, resets: dict[str, int], now: float) -> tuple[bool | None, str | None]:
    return _fits(limits, {id_: reset for id_, reset in resets.items() if id_ == "seven_day"}, now)


def _all_fit(limits: Limits, resets: dict[str, int], now: float) -> tuple[bool | None, str | None]:
    fit, by = _fits(limits, resets, now)
    return fit or None, by


def _named_alone(readings: list[Reading], id_: str, now: float) -> tuple[list[Reading], list[Reading]]:
    return _in_force([each for each in readings if id_ in each.limits], id_, now)


def _owner_of_stranger(directory: Directory, limits: Limits, owner: str | None, now: float) -> str | None:
    return _owner_of(directory, limits, None if owner == directory.account else owner, now)


def _any_copy(case: usage.Case, directory: Directory) -> dict[str, Any] | None:
    copied = usage_copy(case.state)
    return copied and _answer(case, directory, *copied)


def _dated_content(first_seen_at: float, by: str, limits: Limits, owner: str | None, *, dated: bool) -> Content:
    return Content(first_seen_at, by, limits, owner, dated=True)


def _by_session(read: Callable[[str], str], session_id: str) -> str:
    return "s" + session_id


def _never_recognized(directory: Directory, *_: object) -> Content | None:
    return None


def _account_alone(account: str, organization: object) -> str:
    return short_hash(account)


def _of_directory(cache: Path, place: Path, account: str) -> Path:
    return place / "endpoint.json"


def _no_peak(*_: object) -> float:
    return 0.0


def _nothing(*_: object) -> None:
    return None


def _always(*_: object) -> bool:
    return True


def _never(*_: object) -> bool:
    return False


REMOVED = {
    "the highest of what came within 300 s counts": Removed(
        "long_answers", OLDER, {"tie_s": 0}, {"cache.readings.reading:TOGETHER_S": 0}
    ),
    "what is up to 3 points higher stays": Removed(
        "long_answers_in_spells_stdin", OLDER, {"small": 0}, {"cache.readings.reading:SLIGHT": 0}
    ),
    "no numbers for 20 s after the login changed": Removed(
        "switch_stdin_only_40s", OTHER, {"settle_s": 0}, {"cache.readings.login:SETTLING_S": 0}
    ),
    "what does not fit waits for a name for 60 s": Removed(
        "switch_stdin_only_40s",
        OTHER,
        {"gap_s": 0},
        {
            "cache.readings.login:LOGIN_GAP_S": 0,
            "cache.readings.news:LOGIN_GAP_S": 0,
            "cache.jobs.usage:LOGIN_GAP_S": 0,
        },
    ),
    "what fits both accounts just after a switch is neither's": Removed(
        "weeks_equal_stdin", OTHER, {"wait_s": 0}, {"cache.readings.attribution:JUST_SWITCHED_S": 0}
    ),
    "a process keeps its login": Removed(
        "week_early_stdin", ENDED, {"keeps_owner": False}, {"cache.readings.news:owner_of": _owner_of_stranger}
    ),
    "the five hours are part of the fingerprint": Removed(
        "pinned_equal_weeks",
        OTHER,
        {"five_hours": False},
        {
            f"cache.{module}:fits": _weeks_fit
            for module in ("readings.attribution", "readings.news", "readings.ownership", "jobs.usage")
        },
    ),
    "an unknown age counts only above the peak": Removed(
        "overflow_100_sessions",
        FALL_LATE,
        {"peaks": False},
        {"cache.readings.owner:Owner.peak": _no_peak, "cache.readings.ownership:UNPROVEN_S": 0},
    ),
    "the resets of former accounts are kept": Removed(
        "in_flight", OTHER, {"formers": False}, {"cache.readings.switch:FORMERS_AT_MOST": 0}
    ),
    "a former account's answer is not shown": Removed(
        "switch_to_the_pinned", OTHER, {"hush": False}, {"cache.readings.snapshot:IN_FLIGHT_S": 0}
    ),
    "a process is known by its number": Removed(
        "resume_in_process_stdin",
        OLDER,
        {"by_process": False},
        {"tests.simulation.program:process_key": _by_session},
    ),
    "an answer is its content": Removed(
        "clear_idle_stdin",
        OLDER,
        {"by_content": False},
        {
            "tests.simulation.program:process_key": _by_session,
            "cache.readings.hearing:find_content": _never_recognized,
            "cache.readings.news:Content": _dated_content,
        },
    ),
    "the age of a first sighting is unknown": Removed(
        "install_5_open_stdin_idle", NO_AGE, {"unknown_ages": False}, {"cache.readings.news:Content": _dated_content}
    ),
    "an account is one in each organization": Removed(
        "organization_keychain",
        OTHER,
        {"organizations": False},
        {"cache.readings.login:account_id": _account_alone, "cache.sources.claude.state:account_id": _account_alone},
    ),
    "where the newest reading has ended, all have": Removed(
        "reset_comes_earlier_stdin", ENDED, {"ended_newest": False}, {"cache.readings.reading:newest_of": _nothing}
    ),
    "a window that the endpoint does not name has ended": Removed(
        "plan_change", ENDED, {"named_windows": False}, {"cache.readings.reading:_in_force": _named_alone}
    ),
    "an endpoint's answer that does not fit waits": Removed(
        "switch_login_first_40s", OTHER, {"holds": False}, {"cache.jobs.usage:fits": _all_fit}
    ),
    "a clock that was set back makes ages unknown": Removed(
        "clock_jumps_stdin", OLDER, {"clock": False}, {"cache.readings.switch:set_back": _nothing}
    ),
    "a copy counts only for the account it was made for": Removed(
        "install_after_org_switch_stdin", OTHER, {"copies": False}, {"cache.jobs.usage:_answer_copy": _any_copy}
    ),
    "an account is asked for 12 times an hour": Removed(
        "many_logins",
        REQUESTS,
        {"budget": False},
        {"cache.sources.endpoint.rate_limit_state:RateLimitState.has_budget": _always},
    ),
    "directories share an account's requests": Removed(
        "many_logins",
        REQUESTS,
        {"shared_budget": False},
        {
            f"cache.{module}:rate_limit_file": _of_directory
            for module in ("sources.endpoint.rate_limit_state", "usage.accounts")
        },
    ),
    "what is older than 20 minutes has an age": Removed(
        "trouble_429", NO_AGE, {"ages": False}, {"tests.simulation.program:is_stale": _never}
    ),
}
