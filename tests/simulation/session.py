"""A process of Claude Code, and the trouble that a machine can have."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.account import Account, Answer
    from tests.simulation.driver import Directory, Reply

Limits = dict[str, Any]
Wording = Callable[[Limits, "Answer", random.Random], tuple[Limits, "Answer"]]


@dataclass(eq=False)
class Session:
    """A process: ``id`` changes at ``/clear`` and ``/resume``, ``pid`` only when it is started again.

    ``limits`` are what is left of its last ``answer``. With ``pinned`` it has a token of that account, whatever the
    directory says. ``wording`` is how its client words limits; one that ``flickers`` leaves windows out now and then.
    ``unchanged_since`` is when the first answer was made that said the same as the last one.
    """

    id: str
    pid: int
    directory: Directory
    pinned: Account | None = None
    wording: Wording | None = None
    flickers: bool = False
    limits: Limits | None = None
    answer: Answer | None = None
    unchanged_since: float = 0.0
    has_ticked: bool = False

    @property
    def account(self) -> Account | None:
        """Whose answers it gets."""
        login = self.directory.login
        return self.pinned or (login.account if login else None)

    @property
    def is_between(self) -> bool:
        """Whether the login and the name in the state file are two accounts'."""
        login = self.directory.login
        return self.pinned is None and login is not None and login.account is not self.directory.named

    def takes(self, limits: Limits, answer: Answer) -> None:
        if self.answer is None or self.answer.told != answer.told:
            self.unchanged_since = answer.made_at
        self.limits, self.answer = limits, answer

    def drop_ended(self, now: float) -> None:
        """Let windows disappear whose reset has passed, as the client does."""
        if self.limits is None or self.answer is None:
            return
        for id_, told in self.answer.told.items():
            if id_ in self.limits and told.resets_at is not None and told.resets_at <= now:
                self.limits = {other: row for other, row in self.limits.items() if other != id_}


@dataclass
class Trouble:
    """``offline`` is the whole machine; ``answers`` replaces the endpoint's; ``lag_s`` is how old its state is.

    ``torn`` is the share of looks at the state file that find it half written.
    """

    offline: bool = False
    answers: Callable[[random.Random], Reply] | None = None
    lag_s: float = 0.0
    torn: float = 0.0
