"""What Claude Code writes into its own files: a login and the account of its state."""

from __future__ import annotations

import json
from typing import Any


def login_text(token: str, *, expires_at: float, plan: str = "max", mcp: object = None, **changes: Any) -> str:
    """Return the text of ``.credentials.json``; ``expires_at`` is epoch seconds, ``mcp`` the logins of MCP servers."""
    login = {
        "accessToken": token,
        "refreshToken": "sk-ant-ort01-CANARY-refresh",
        "expiresAt": int(expires_at * 1000),
        "scopes": ["user:inference", "user:profile"],
        "subscriptionType": plan,
        **changes,
    }
    return json.dumps({"claudeAiOauth": login} | ({"mcpOAuth": mcp} if mcp else {}))


def account_state(uuid: str | None, organization: str | None = None, **state: Any) -> dict[str, Any]:
    """Return the value of ``.claude.json`` with this account, None for nobody; ``state`` are its other keys."""
    account = {"accountUuid": uuid} | ({"organizationUuid": organization} if organization else {})
    return {**state, "oauthAccount": account if uuid else None}
