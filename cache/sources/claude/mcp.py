"""The state of the MCP servers' OAuth logins, by name only; they are in the same text as Claude Code's login."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypedDict

from cache.model.jsonio import mapping, words
from cache.sources.claude.credentials import credentials_text, epoch_s, unwrap
from cache.work.redact import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

State = Literal["ok", "missing", "expired"]

AT_MOST = 64  # servers
LONGEST_NAME = 60  # characters
BEST_FIRST: tuple[State, ...] = ("ok", "expired", "missing")


class McpLogin(TypedDict):
    """One server: its name, its state, and whether Claude Code can renew an expired login by itself."""

    name: str
    state: State
    renews: bool


def mcp_health(text: str, *, now: float) -> list[McpLogin]:
    """Return the servers in a credentials text, in its order; ``now`` is epoch seconds. Malformed entries are left out.

    A server whose settings have changed keeps its old row beside the new one: the better of the two counts.
    """
    found = unwrap(text)
    best: dict[str, McpLogin] = {}
    for login in _logins({} if isinstance(found, str) else found, now):
        known = best.get(login["name"])
        if known is None and len(best) == AT_MOST:
            break
        if known is None or BEST_FIRST.index(login["state"]) < BEST_FIRST.index(known["state"]):
            best[login["name"]] = login
    return list(best.values())


def failing_logins(env: Mapping[str, str], *, now: float) -> dict[str, int]:
    """Return how many servers in the credentials file need a new sign-in, as ``expired`` and ``missing``.

    Expired ones that Claude Code renews by itself do not count; empty where there is nothing to do.
    """
    text = credentials_text(env)
    logins = mcp_health(text.reveal(), now=now) if text else []
    states = [each["state"] for each in logins if each["state"] == "missing" or not each["renews"]]
    return {state: states.count(state) for state in ("expired", "missing") if state in states}


def _logins(found: dict[str, object], now: float) -> Iterator[McpLogin]:
    for key, row in mapping(found.get("mcpOAuth")).items():
        fields = mapping(row)
        name = _name(words(fields.get("serverName")) or key.partition("|")[0])
        if fields and name:
            renews = words(fields.get("refreshToken")) is not None
            yield McpLogin(name=name, state=_state(fields, now), renews=renews)


def _state(fields: dict[str, object], now: float) -> State:
    if words(fields.get("accessToken")) is None:
        return "missing"
    expires_at = epoch_s(fields.get("expiresAt")) or 0  # 0 means unknown
    return "expired" if 0 < expires_at <= now else "ok"


def _name(said: str) -> str:
    """Return a name that is safe to show: of a URL the host, without secrets, control or invisible characters."""
    clean = "".join(each for each in said if each.isprintable())
    if "://" in clean:
        clean = re.split(r"[/?#]", clean.partition("://")[2])[0].rpartition("@")[2]
    return scrub(clean).strip()[:LONGEST_NAME]
