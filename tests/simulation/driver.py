"""What a simulated world moves: anything that draws numbers at a tick and refreshes them in the background.

The world hands over what Claude Code leaves on disk (`Directory`), and what a tick gets on stdin and in its
environment. A driver never sees the accounts themselves: it has to find out whose numbers are whose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from tests.simulation.account import Account


class Shown(NamedTuple):
    """One number on the line: ``percent``, the age beside it in seconds or None where it is plain, and its reset.

    ``age_known`` is false where the program itself says that it does not know the true age.
    """

    percent: float
    age_s: float | None
    age_known: bool
    resets_at: float | None


class Drawn(NamedTuple):
    """What a tick did: the numbers by window id, and whether it started a refresher."""

    windows: Mapping[str, Shown]
    starts_refresher: bool


@dataclass(frozen=True)
class Login:
    """What the credentials file or the Keychain holds; ``expires_at`` is epoch seconds."""

    account: Account
    token: str
    plan: tuple[str, str]
    expires_at: float


@dataclass(frozen=True)
class Copy:
    """Claude Code's copy of an endpoint answer; ``stamp`` is the account's uuid, which older clients leave out."""

    fetched_at: float
    stamp: str | None
    body: Mapping[str, Any]


@dataclass(eq=False)
class Directory:
    """One config directory: the login and the state file, each with a count of its writes and the time of the last.

    ``path`` is empty for the default directory. ``torn``: the state file is half written just now.
    """

    path: str = ""
    in_keychain: bool = False
    login: Login | None = None
    login_writes: int = 0
    login_at: float = 0.0
    named: Account | None = None
    copy: Copy | None = None
    state_writes: int = 0
    state_at: float = 0.0
    torn: bool = False


class Reply(NamedTuple):
    """What the endpoint answers: ``text`` is the body of an answer with this status; 0 means that nothing came."""

    status: int
    text: str = ""
    retry_after_s: int | None = None


Ask = Callable[[str], Reply]  # the endpoint: from the token of a request to its reply


class Driver(Protocol):
    """The program under test, or the reference."""

    def tick(
        self, session_id: str, pid: int, limits: Mapping[str, Any] | None, directory: Directory, now: float
    ) -> Drawn:
        """Draw the line of one session; ``limits`` is ``rate_limits`` as on stdin."""

    def refresh(self, directory: Directory, now: float, ask: Ask) -> bool:
        """Run the refresher that a tick of this directory started; return whether there was anything to do."""

    def purge(self) -> None:
        """Forget everything, as a purge followed by a new installation does."""
