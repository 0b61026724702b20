"""Who pays for a session, as the refresher finds out: what the tick handed over, and Claude Code's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.billing import EVERYWHERE, KEYED_AT_MOST
from cache.model.jsonio import mapping
from cache.sources.claude.settings import api_key_helper

if TYPE_CHECKING:
    from cache.model.entry import Entry
    from cache.work.request import Request


def payer_of(request: Request) -> str:
    """Return what pays instead of a plan for the session that asks, as `billing.BILLINGS`; empty for a plan.

    A session whose stdin had the plan's limits (``proved``) is the plan's, whatever the settings say.
    """
    if request.billing or request.options.get("proved") == "yes":
        return request.billing
    return "api_key" if api_key_helper(request.env, request.options.get("project")) else ""


def api_key_projects(request: Request, before: Entry) -> list[str]:
    """Return for which projects an ``apiKeyHelper`` holds, as `billing.is_keyed` reads it; the latest comes last.

    All that were noted are looked at again, so that a note ends with the setting.
    """
    if api_key_helper(request.env):
        return [EVERYWHERE]
    noted = mapping(before.value).get("keyed")
    known = [each for each in noted if isinstance(each, str)] if isinstance(noted, list) else []
    projects = dict.fromkeys([*known, request.options.get("project", "")])
    return [each for each in projects if each and api_key_helper(request.env, each)][-KEYED_AT_MOST:]
