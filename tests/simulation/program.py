"""The real program as a driver, in this process: a scratch home with files of virtual times, its tick, its refresher.

This is the one file that knows the program's entry points. Requests go through the program's own client, whose
transport ends in the simulated endpoint; with a server they go to that, on loopback.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx

from cache.jobs import usage
from cache.model import entry
from cache.model.staleness import UNFINISHED, reason_to_refresh
from cache.model.stdin_limits import reported_limits
from cache.model.windows import ESTIMATE
from cache.readings import writer as recording
from cache.readings.snapshot import is_stale, place_of, process_key, save_news
from cache.refresh import runner as refresh_module
from cache.refresh.runner import refresh
from cache.sources.endpoint import client as endpoint
from cache.usage import accounts
from cache.work.request import Request
from statusline.claims import claim
from statusline.spawn import CHANGED_SPACING_S, SPACING_S
from tests.simulation.driver import Drawn, Shown
from tests.support.claude_files import account_state, login_text
from tests.support.kept_readings import saved_snapshot
from tests.support.loopback_server import Answer, Loopback

if TYPE_CHECKING:
    from typing_extensions import Self

    from cache.model.windows import Window
    from tests.simulation.driver import Ask, Directory, Reply
    from tests.support import loopback_server as loopback

NOWHERE = "http://127.0.0.1:9"  # a base is needed for test tokens; nothing is sent there
SCOPES = ["user:inference", "user:profile"]
PIECES = 7  # a torn state file ends after some of them


class Program:
    """hudline with a folder for its home and its cache, to be used as a context.

    Unless it is ``whole``, what takes long and decides nothing here is left out or replaced (`SHORT_CUTS`).
    """

    def __init__(
        self, root: Path, *, may_ask: bool = True, server: Loopback | None = None, whole: bool = False
    ) -> None:
        self._home, self._cache, self._server = root / "home", root / "cache", server
        self._oauth = "auto" if may_ask else "off"
        self._whole, self._patches = whole, ExitStack()
        self._ask: Ask
        self._written: dict[Directory, tuple[int, int]] = {}
        self._variables: dict[Directory, dict[str, str]] = {}

    def purge(self) -> None:
        shutil.rmtree(self._cache)

    # -- the two doors

    def tick(
        self, session_id: str, pid: int, limits: Mapping[str, Any] | None, directory: Directory, now: float
    ) -> Drawn:
        self._write_files(directory)
        variables = self._env(directory) | {"CLAUDE_PID": str(pid)}

        def read(name: str) -> str:
            return variables.get(name, "")

        reported = reported_limits(limits, now)
        snapshot = saved_snapshot(str(self._cache), process_key(read, session_id), reported, now, read=read)
        windows = {id_: _shown(each, now) for id_, each in snapshot.windows.items() if each.source != ESTIMATE}
        reason = reason_to_refresh(snapshot.entry, now, self._oauth, "", snapshot.wanted)
        starts = bool(reason) and self._claims(directory, reason, now)
        save_news(str(self._cache), snapshot, now)  # again, as a tick does: there may have been no cache directory
        return Drawn(windows, starts)

    def refresh(self, directory: Directory, now: float, ask: Ask) -> bool:
        self._write_files(directory)
        random.seed(now)  # the program's own jitter
        options = {"claude-version": "2.1.332", "oauth": self._oauth}
        env = self._env(directory)
        request = Request("usage", self._cache, self._home / "none", env, options, monotonic=lambda: now)
        self._ask = ask
        outcome = refresh(request, lambda: now)
        assert outcome.problem not in UNFINISHED, outcome.sentence
        return outcome.state != "not due"

    def _claims(self, directory: Directory, reason: str, now: float) -> bool:
        """Take the right to start a refresher, as of the virtual time."""
        stamp = place_of(str(self._cache), self._env(directory).get("CLAUDE_CONFIG_DIR", "")) + "/usage.start"
        if not claim(stamp, now, CHANGED_SPACING_S if reason == "changed" else SPACING_S["usage"]):
            return False
        os.utime(stamp, (now, now))
        return True

    # -- what Claude Code leaves on disk

    def _env(self, directory: Directory) -> dict[str, str]:
        if directory not in self._variables:
            base = self._server.base if self._server else NOWHERE
            made = self._variables[directory] = {"HOME": str(self._home), "STATUSLINE_API_BASE": base}
            made["SSL_CERT_DIR"] = str(self._home)  # to load the usual authorities takes longest of a request
            if directory.path:
                made["CLAUDE_CONFIG_DIR"] = str(self._home / directory.path)
            if directory.in_keychain:
                made["STATUSLINE_SECURITY_BIN"] = str(self._home / "security")
        return self._variables[directory]

    def _write_files(self, directory: Directory) -> None:
        """Write what has changed since the last look, with the times that it would have."""
        login, state = self._written.get(directory, (-1, -1))
        folder = self._home / directory.path if directory.path else self._home
        if directory.state_writes != state:
            text = json.dumps(_state(directory))
            end = len(text) * (state % PIECES) // PIECES if directory.torn else len(text)
            _write(folder / ".claude.json", text[:end], directory.state_at)
        if directory.in_keychain:
            self._write_keychain(directory)
        elif directory.login_writes != login:
            folder = folder if directory.path else folder / ".claude"
            _write(folder / ".credentials.json", _login(directory), directory.login_at)
        self._written[directory] = directory.login_writes, directory.state_writes

    def _write_keychain(self, directory: Directory) -> None:
        """Put the login where the program finds it in place of `/usr/bin/security`."""
        text = _login(directory)
        script = "exit 44" if text is None else f"echo '{text}'"
        (self._home / "security").write_text(f"#!/bin/sh\n{script}\n")
        (self._home / "security").chmod(0o755)

    # -- the endpoint, and what is left out

    def _client(self, *_: object) -> httpx.Client:
        """Return a client whose requests end in the simulated endpoint."""
        return httpx.Client(transport=httpx.MockTransport(lambda request: _response(self._ask, request)))

    def __enter__(self) -> Self:
        if self._server is not None:
            self._server.answer_to = lambda request: _answer(self._ask, request)
        else:
            self._patches.enter_context(mock.patch.object(endpoint, "_client", self._client))
        for module, name, value in () if self._whole else SHORT_CUTS:
            self._patches.enter_context(mock.patch.object(module, name, value))
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.close()


def _record_nothing(*_: object) -> None:
    """Leave the history alone: two thirds of a refresh."""


def _no_samples(*_: object) -> list[object]:
    return []


def _hold_nothing(_: Path) -> nullcontext[None]:
    """Take no lock: nothing runs side by side here."""
    return nullcontext()


def _dump_fast(value: object) -> str:
    """Write JSON by the standard library: the program's own writer needs no import, but a third of a tick's time."""
    return json.dumps(value, separators=(",", ":"))


SHORT_CUTS = (
    (usage, "record", _record_nothing),
    (usage, "samples", _no_samples),
    (accounts, "hold_lock", _hold_nothing),
    (refresh_module, "hold_lock", _hold_nothing),
    (entry, "dump_json", _dump_fast),
    (recording, "dump_json", _dump_fast),
)


def _shown(window: Window, now: float) -> Shown:
    """Return a window as the line shows it, with its age where that is told."""
    age_s = now - window.observed_at if is_stale(window, now) else None
    return Shown(window.percent, age_s, window.age_known, window.resets_at)


def _write(path: Path, text: str | None, at: float) -> None:
    if text is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at, at))


def _state(directory: Directory) -> dict[str, Any]:
    """Return what the state file says; the account is the last key, so that a torn file tells none of it."""
    uuid, organization = (None, None) if directory.named is None else directory.named.key
    state: dict[str, Any] = {"numStartups": directory.state_writes}
    if directory.copy is not None:
        stamp = {} if directory.copy.stamp is None else {"accountUuid": directory.copy.stamp}
        copy = {"fetchedAtMs": int(directory.copy.fetched_at * 1000), "utilization": directory.copy.body}
        state["cachedUsageUtilization"] = copy | stamp
    return account_state(uuid, organization, **state)


def _login(directory: Directory) -> str | None:
    """Return the text of the login, None where nobody is signed in."""
    login = directory.login
    if login is None:
        return None
    kind, tier = login.plan
    return login_text(login.token, expires_at=login.expires_at, plan=kind, scopes=SCOPES, rateLimitTier=tier)


def _reply(ask: Ask, bearer: str) -> Reply:
    return ask(bearer.removeprefix("Bearer "))


def _response(ask: Ask, request: httpx.Request) -> httpx.Response:
    reply = _reply(ask, request.headers["Authorization"])
    if reply.status == 0:
        raise httpx.ConnectError("nothing there")
    return httpx.Response(reply.status, content=iter([reply.text.encode()]), headers=_headers(reply))


def _answer(ask: Ask, request: loopback.Request) -> Answer:
    reply = _reply(ask, request.headers["authorization"])
    is_cut = reply.status == 0
    return Answer(
        reply.status or 200, reply.text, _headers(reply), cut_at=0 if is_cut else None, length=1 if is_cut else None
    )


def _headers(reply: Reply) -> dict[str, str]:
    return {} if reply.retry_after_s is None else {"Retry-After": str(reply.retry_after_s)}
