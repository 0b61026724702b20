"""The real program as a driver, in this process: a scratch home with files of virtual times, its tick, its refresher.

This is the one file that knows the program's entry points. Requests go through the program's own client, whose
transport ends in the simulated endpoint; with ``over_http`` they go to a server on loopback instead.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx

from cache.due import reason_to_refresh
from cache.refresh import Request, refresh
from cache.snapshot import STALE_S, place_of, take_snapshot
from cache.sources import endpoint
from cache.window import ESTIMATE
from statusline.spawn import CHANGED_SPACING_S, SPACING_S, claim
from tests.loopback import Answer, Loopback
from tests.simulation.driver import Drawn, Shown

if TYPE_CHECKING:
    from tests import loopback
    from tests.simulation.driver import Ask, Directory, Reply

NOWHERE = "http://127.0.0.1:9"  # a base is needed for test tokens; nothing is sent there
SCOPES = ["user:inference", "user:profile"]


class Program:
    """hudline in a folder that is its own home and cache."""

    def __init__(self, root: Path, *, may_ask: bool = True, server: Loopback | None = None) -> None:
        self._home, self._cache, self._server = root / "home", root / "cache", server
        self._oauth = "auto" if may_ask else "off"
        self._written: dict[Directory, tuple[int, int]] = {}

    def purge(self) -> None:
        shutil.rmtree(self._cache)

    # -- the two doors

    def tick(
        self, session_id: str, pid: int, limits: Mapping[str, Any] | None, directory: Directory, now: float
    ) -> Drawn:
        self._write_files(directory)
        place = place_of(str(self._cache), self._env(directory).get("CLAUDE_CONFIG_DIR", ""))
        snapshot = take_snapshot(place, session_id, limits, now)
        windows = {
            id_: Shown(
                each.percent, now - each.observed_at if now - each.observed_at > STALE_S else None, True, each.resets_at
            )
            for id_, each in snapshot.windows.items()
            if each.source != ESTIMATE
        }
        reason = reason_to_refresh(snapshot.entry, now, self._oauth, "")
        return Drawn(windows, bool(reason) and _claims(place, reason, now))

    def refresh(self, directory: Directory, now: float, ask: Ask) -> None:
        self._write_files(directory)
        random.seed(now)  # the program's own jitter
        options = {"claude-version": "2.1.332", "oauth": self._oauth}
        request = Request(
            "usage", self._cache, self._home / "none", self._env(directory), options, monotonic=lambda: now
        )
        with self._endpoint(ask):
            refresh(request, lambda: now)

    # -- what Claude Code leaves on disk

    def _folder(self, directory: Directory) -> Path:
        return self._home / directory.path if directory.path else self._home

    def _env(self, directory: Directory) -> dict[str, str]:
        env = {"HOME": str(self._home), "STATUSLINE_API_BASE": self._server.base if self._server else NOWHERE}
        if directory.path:
            env["CLAUDE_CONFIG_DIR"] = str(self._folder(directory))
        if directory.in_keychain:
            env["STATUSLINE_SECURITY_BIN"] = str(self._home / "security")
        return env

    def _write_files(self, directory: Directory) -> None:
        """Write what has changed since the last look, with the times that it would have."""
        marks = directory.login_writes, directory.state_writes
        login, state = self._written.get(directory, (-1, -1))
        if marks[1] != state:
            text = json.dumps(_state(directory))
            path = self._folder(directory) / ".claude.json"
            _write(path, text[:-20] if directory.torn else text, directory.state_at)
        if directory.in_keychain:
            self._write_keychain(directory)
        elif marks[0] != login:
            folder = self._folder(directory) if directory.path else self._home / ".claude"
            _write(folder / ".credentials.json", _login(directory), directory.login_at)
        self._written[directory] = marks

    def _write_keychain(self, directory: Directory) -> None:
        """Put the login where the fake `security` finds it."""
        program = self._home / "security"
        text = _login(directory)
        if text is None:
            program.write_text("#!/bin/sh\nexit 44\n")
        else:
            program.write_text(f"#!/bin/sh\necho '{text}'\n")
        program.chmod(0o755)

    # -- the endpoint

    @contextmanager
    def _endpoint(self, ask: Ask) -> Iterator[None]:
        if self._server is not None:
            self._server.answer_to = lambda request: _answer(ask, request)
            yield
            return
        transport = httpx.MockTransport(lambda request: _response(ask, request))
        with mock.patch.object(endpoint, "_client", return_value=httpx.Client(transport=transport)):
            yield


def _claims(place: str, reason: str, now: float) -> bool:
    """Take the right to start a refresher, as of the virtual time."""
    stamp = place + "/usage.start"
    if not claim(stamp, now, CHANGED_SPACING_S if reason == "changed" else SPACING_S["usage"]):
        return False
    os.utime(stamp, (now, now))
    return True


def _write(path: Path, text: str | None, at: float) -> None:
    if text is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at, at))


def _state(directory: Directory) -> dict[str, Any]:
    """Return the state file's content."""
    state: dict[str, Any] = {"numStartups": directory.state_writes}
    if directory.named is not None:
        uuid, organization = directory.named.key
        state["oauthAccount"] = {"accountUuid": uuid} | ({"organizationUuid": organization} if organization else {})
    if directory.copy is not None:
        stamp = {} if directory.copy.stamp is None else {"accountUuid": directory.copy.stamp}
        at = {"fetchedAtMs": int(directory.copy.fetched_at * 1000), "utilization": directory.copy.body}
        state["cachedUsageUtilization"] = at | stamp
    return state | {"tipsHistory": {"end": 1}}


def _login(directory: Directory) -> str | None:
    """Return the text of the login, None where nobody is signed in."""
    login = directory.login
    if login is None:
        return None
    kind, tier = login.plan
    fields = {
        "accessToken": login.token,
        "refreshToken": "sk-ant-ort01-CANARY",
        "expiresAt": int(login.expires_at * 1000),
        "scopes": SCOPES,
        "subscriptionType": kind,
        "rateLimitTier": tier,
    }
    return json.dumps({"claudeAiOauth": fields})


def _reply(ask: Ask, bearer: str) -> Reply:
    return ask(bearer.removeprefix("Bearer "))


def _response(ask: Ask, request: httpx.Request) -> httpx.Response:
    reply = _reply(ask, request.headers["Authorization"])
    if reply.status == 0:
        raise httpx.ConnectError("nothing there")
    return httpx.Response(reply.status, text=reply.text, headers=_headers(reply))


def _answer(ask: Ask, request: loopback.Request) -> Answer:
    reply = _reply(ask, request.headers["authorization"])
    return Answer(reply.status or 200, reply.text, _headers(reply), cut_at=None if reply.status else 0)


def _headers(reply: Reply) -> dict[str, str]:
    return {} if reply.retry_after_s is None else {"Retry-After": str(reply.retry_after_s)}
