"""One person's files and a server, at a time that the test sets; refreshes and ticks happen in this process."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cache.model.billing import proves_plan
from cache.model.entry import Entry, read_entry
from cache.model.stdin_limits import reported_limits
from cache.model.windows import Window
from cache.readings.snapshot import Snapshot, place_of, process_key
from cache.refresh.runner import refresh
from cache.refresh.storage import make_ours
from cache.sources.endpoint.rate_limit_state import RateLimitState, rate_limit_file, read_rate_limit
from cache.work.request import Outcome, Request
from tests.support.claude_files import account_state, login_text
from tests.support.kept_readings import saved_snapshot
from tests.support.loopback_server import Answer, Loopback

NOW = 1795320000.0  # 2026-11-22 04:00 UTC
TOKEN = "sk-ant-oat01-CANARY-ada"
ADA, BOB = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
FIVE_RESET, WEEK_RESET = int(NOW) + 7200, int(NOW) + 300_000


def body(
    five: float = 24, week: float = 83, model: float | None = 36, spent: int | None = None, *, shift_s: int = 0
) -> dict[str, Any]:
    """Return an answer of the endpoint: two windows, the limit of one model, and what was spent in EUR cents.

    ``shift_s`` moves the resets: those of another account.
    """
    resets = FIVE_RESET + shift_s, WEEK_RESET + shift_s
    five_text, week_text = (datetime.fromtimestamp(each, timezone.utc).isoformat() for each in resets)
    scope = {"model": {"display_name": "Fable"}}
    row = {"kind": "weekly_scoped", "percent": model, "resets_at": week_text, "scope": scope}
    return {
        "five_hour": {"utilization": five, "resets_at": five_text},
        "seven_day": {"utilization": week, "resets_at": week_text},
        "limits": [] if model is None else [row],
        "spend": spent and {"used": {"amount_minor": spent, "currency": "EUR", "exponent": 2}, "enabled": True},
    }


def limits(five: float = 42, week: float = 61, *, shift_s: int = 0) -> dict[str, Any]:
    """Return ``rate_limits`` as a payload has them."""
    return {
        "five_hour": {"used_percentage": five, "resets_at": FIVE_RESET + shift_s},
        "seven_day": {"used_percentage": week, "resets_at": WEEK_RESET + shift_s},
    }


@dataclass
class Desk:
    """``now`` is the time by the clock on the wall; files are written with it."""

    home: Path
    server: Loopback
    now: float = NOW
    extra: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=lambda: {"claude-version": "2.1.330"})
    state: dict[str, Any] = field(default_factory=dict)
    look_s: float = 0  # what each look at the stopwatch takes: a job that works and waits

    def __post_init__(self) -> None:
        make_ours(self.cache)
        make_ours(self.place)

    @property
    def env(self) -> dict[str, str]:
        """Return the environment; to load the usual authorities would take longest of a request."""
        base = {"HOME": str(self.home), "STATUSLINE_API_BASE": self.server.base, "SSL_CERT_DIR": str(self.home)}
        return {**base, **self.extra}

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def place(self) -> Path:
        return Path(place_of(str(self.cache), self.extra.get("CLAUDE_CONFIG_DIR", "")))

    @property
    def login_file(self) -> Path:
        return Path(self.extra.get("CLAUDE_CONFIG_DIR") or self.home / ".claude") / ".credentials.json"

    @property
    def state_file(self) -> Path:
        return Path(self.extra.get("CLAUDE_CONFIG_DIR") or self.home) / ".claude.json"

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (self.now, self.now))

    def name(self, uuid: str | None, organization: str | None = None, **more: Any) -> None:
        """Write Claude Code's state; further keys stay as they were."""
        self.state = account_state(uuid, organization, **{**self.state, **more})
        self.write(self.state_file, json.dumps(self.state))

    def log_in(self, token: str = TOKEN, plan: str = "max", **changes: Any) -> None:
        """Write the login as Claude Code does."""
        self.write(self.login_file, login_text(token, expires_at=self.now + 8 * 3600, plan=plan, **changes))

    def sign_in(self, uuid: str, token: str = "", **changes: Any) -> None:
        self.log_in(token or f"sk-ant-oat01-CANARY-{uuid[:3]}", **changes)
        self.name(uuid)

    def copied(self, answer: dict[str, Any], age_s: float = 0, stamp: str | None = None) -> None:
        """Put a copy of an answer into Claude Code's state."""
        copy: dict[str, Any] = {"fetchedAtMs": int((self.now - age_s) * 1000), "utilization": answer}
        if stamp is not None:
            copy["accountUuid"] = stamp
        account = self.state.get("oauthAccount") or {}
        self.name(account.get("accountUuid"), cachedUsageUtilization=copy)

    def answers(self, *answers: Answer | dict[str, Any]) -> None:
        """Let the server answer so from now on."""
        made = [each if isinstance(each, Answer) else Answer(body=json.dumps(each)) for each in answers]
        self.server.answers[:] = [Answer()] * len(self.server.requests) + made

    def refresh(self, *, force: bool = False, **options: str) -> Outcome:
        request = Request("usage", self.cache, self.home / "none", self.env, self.options | options, force=force)
        return refresh(replace(request, monotonic=self._stopwatch), lambda: self.now)

    def _stopwatch(self) -> float:
        self.now += self.look_s
        return self.now

    def tick(self, session: str = "session", rate_limits: Any = None, **options: Any) -> dict[str, Window]:
        """Draw a line; return the windows on it. Without a session nothing is reported, as for a prompt."""
        return self.snapshot(session, rate_limits, **options).windows

    def snapshot(self, session: str, rate_limits: Any = None, *, of_plan: bool = True, project: str = "") -> Snapshot:
        """Return what a tick knows; ``project`` is the folder that the session was started in."""
        key = process_key(self.variable, session)
        reported, proved = reported_limits(rate_limits, self.now), proves_plan(rate_limits)
        settings_of = None if proved else project
        cache, read = str(self.cache), self.variable
        return saved_snapshot(cache, key, reported, self.now, of_plan=of_plan, project=settings_of, read=read)

    def variable(self, name: str) -> str:
        """Return a variable of the environment, empty where it is not set."""
        return self.env.get(name, "")

    def shown(self) -> dict[str, float]:
        """Return the percentages that a session without numbers of its own shows."""
        return {id_: each.percent for id_, each in self.tick("").items()}

    @property
    def entry(self) -> Entry:
        return read_entry(str(self.place / "usage.json"))

    @property
    def rate_limit(self) -> RateLimitState:
        """What is remembered of the requests for the account that is signed in."""
        account = str(self.value.get("account", "unknown"))
        return read_rate_limit(rate_limit_file(self.cache, self.place, account))

    @property
    def value(self) -> dict[str, Any]:
        return dict(self.entry.value or {})

    @property
    def asked(self) -> list[str]:
        """The tokens that the server was sent, without what all have in common."""
        return [each.headers["authorization"].rpartition("CANARY-")[2] for each in self.server.requests]
