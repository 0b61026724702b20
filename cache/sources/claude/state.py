"""Reads Claude Code's state file: who is signed in, its copy of the usage endpoint's last answer, and the theme."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import msgspec

from cache.model.files import read_file, times_of
from cache.model.windows import CLAUDE
from cache.readings.directory import UNKNOWN
from cache.readings.login import account_id, account_in
from cache.sources.claude.paths import config_directory, home_of
from cache.sources.endpoint.decode import MALFORMED
from cache.sources.endpoint.response import Usage, parse_usage
from cache.work.failures import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

AT_MOST = 16 << 20  # bytes; 70-300 KB is usual


class _Account(msgspec.Struct):
    accountUuid: Any = None  # noqa: N815 - Claude Code's spelling
    organizationUuid: Any = None  # noqa: N815


class _Copy(msgspec.Struct):
    fetchedAtMs: Any = None  # noqa: N815
    accountUuid: Any = None  # noqa: N815
    utilization: msgspec.Raw = msgspec.Raw(b"null")


class _State(msgspec.Struct):
    """The only keys that are parsed: the file has secrets, and nothing else of it may be kept."""

    oauthAccount: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    cachedUsageUtilization: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    theme: Any = None


class ClaudeState(msgspec.Struct, frozen=True):
    """``account`` is the `account_id` of the signed-in account; ``body`` is the copied answer.

    ``theme`` is that of Claude Code's earlier versions, None where there is none; later ones have it in their settings.
    """

    account: str = UNKNOWN
    former_id: str = UNKNOWN  # the id in earlier versions
    has_organization: bool = False
    mark: tuple[int, int] = (0, 0)  # mtime_ns and size, from before the file was read
    body: bytes | None = None
    body_at: int = 0  # epoch seconds
    theme: str | None = None
    torn: bool = False  # it is being written: the account is unknown until the next refresh
    unread: bool = False  # it cannot be read: the account is unknown


def claude_json_file(env: Mapping[str, str]) -> Path:
    """Return where Claude Code keeps its state; a legacy ``.config.json`` wins where it exists."""
    legacy = config_directory(env) / ".config.json"
    if os.path.isfile(legacy):  # unlike Path.is_file, also where the folder is not readable or the name is too long
        return legacy
    return (config_directory(env) if env.get("CLAUDE_CONFIG_DIR") else home_of(env)) / ".claude.json"


def read_claude_state(env: Mapping[str, str]) -> ClaudeState:
    """Return the state in the file, an empty one where there is none.

    It is rewritten constantly: a torn read is tried once more. One that may not be read, that is no regular file or
    larger than `AT_MOST` is ``unread``: it stays so, and nothing waits for what it says.
    """
    path = str(claude_json_file(env))
    for _ in range(2):
        mtime_ns, size = times_of(path)
        data = read_file(path, AT_MOST)
        if data is None:
            return ClaudeState(mark=(mtime_ns, size), unread=(mtime_ns, size) != (0, 0))
        try:
            return _state_in(msgspec.json.decode(data, type=_State), (mtime_ns, size))
        except MALFORMED:
            account = account_in(data)  # which ignores everything around the account
    return ClaudeState(torn=True) if account is None else ClaudeState(account, mark=(mtime_ns, size))


def _state_in(state: _State, mark: tuple[int, int]) -> ClaudeState:
    named = _lenient(state.oauthAccount, _Account)
    uuid, organization = named.accountUuid, named.organizationUuid
    account = account_id(uuid, organization)
    theme = state.theme if isinstance(state.theme, str) else None
    found = ClaudeState(account, former_id(uuid), account != account_id(uuid, None), mark, theme=theme)
    copy = _lenient(state.cachedUsageUtilization, _Copy)
    is_of_other = copy.accountUuid is not None and account_id(copy.accountUuid, organization) != account
    fetched = copy.fetchedAtMs if isinstance(copy.fetchedAtMs, (int, float)) else 0
    if is_of_other or not 0 < fetched < 1e14:
        return found
    return msgspec.structs.replace(found, body=bytes(copy.utilization), body_at=int(fetched / 1000))


def former_id(uuid: object) -> str:
    """Return the short hash under which earlier versions kept an account's numbers, without its organization."""
    if not isinstance(uuid, str) or not uuid:
        return UNKNOWN
    return hashlib.sha256(f"hudline account {uuid}".encode()).hexdigest()[:16]


def _lenient(raw: msgspec.Raw, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except MALFORMED:
        return kind()


def usage_copy(state: ClaudeState) -> tuple[int, Usage] | None:
    """Return the copied answer and its time, None where there is none or it cannot be read."""
    if state.body is None:
        return None
    try:
        return state.body_at, parse_usage(state.body, now=state.body_at, source=CLAUDE)
    except Unreadable:
        return None
