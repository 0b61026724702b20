"""A login that has expired or is signed out: once until it works again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cache.model.jsonio import mapping
from cache.watches.config import EXPIRED, WATCHES_AT_MOST
from cache.work import failures as errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cache.watches.config import Watch

ENDED = {each.name: each for each in (errors.Expired, errors.SignedOut)}


@dataclass(frozen=True)
class LoginEnded:
    """The login no longer works; ``problem`` is one of `ENDED`."""

    watch: Watch
    problem: str

    @property
    def record(self) -> str:
        """What is kept, so that it happens once: the watch's id."""
        return self.watch.id

    @property
    def text(self) -> str:
        """``Login expired. Run `claude`: it renews the login by itself.``."""
        return f"{ENDED[self.problem].label.capitalize()}. {ENDED[self.problem].next_step}"

    @property
    def facts(self) -> dict[str, str]:
        """The variables for the command's environment."""
        return {"HUDLINE_PROBLEM": self.problem}


def ended_logins(watches: Iterable[Watch], problem: str | None, sent: list[str]) -> list[LoginEnded]:
    """Return the watches to tell of the usage entry's problem, unless they know already."""
    if problem not in ENDED:
        return []
    return [LoginEnded(watch, problem) for watch in watches if watch.on == EXPIRED and watch.id not in sent]


def still_ended(sent: list[str], problem: str | None) -> list[str]:
    """Return the records, none once the login works; any other problem leaves that open."""
    return [] if problem is None else sent[-WATCHES_AT_MOST:]


def ended_logins_in(value: object) -> list[str]:
    """Return the records in the value of an entry."""
    rows = mapping(value).get("expired")
    return [each for each in rows if isinstance(each, str)] if isinstance(rows, list) else []
