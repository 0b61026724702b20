"""What pays for a session, from what the tick passed on and from Claude Code's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cache.model.billing import EVERYWHERE, KEYED_AT_MOST
from cache.model.jsonio import mapping
from cache.sources.claude.settings import api_key_helper

if TYPE_CHECKING:
    from cache.model.entry import Entry
    from cache.work.request import Request


def payer_of(request: Request) -> str:
    """Return what pays for the session instead of a plan, one of `billing.BILLINGS`; empty for a plan.

    A session whose stdin had the plan's limits (``proved``) is paid by the plan, whatever the settings are.
    """
    if request.billing or request.options.get("proved") == "yes":
        return request.billing
    return "api_key" if api_key_helper(request.env, request.options.get("project")) else ""


def api_key_projects(request: Request, before: Entry) -> list[str]:
    """Return the projects with an ``apiKeyHelper``, as `billing.is_keyed` reads them; the latest comes last.

    The former ones are checked again, so that they leave with the setting.
    """
    if api_key_helper(request.env):
        return [EVERYWHERE]
    noted = mapping(before.value).get("keyed")
    known = [each for each in noted if isinstance(each, str)] if isinstance(noted, list) else []
    projects = dict.fromkeys([*known, request.options.get("project", "")])
    return [each for each in projects if each and api_key_helper(request.env, each)][-KEYED_AT_MOST:]
