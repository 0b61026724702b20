"""Checks the login for usage requests: source, expiry, scope and who can read it; never shows the token."""

from __future__ import annotations

import os
import shlex
import stat
from typing import TYPE_CHECKING

from cache.model.layout import KEYCHAIN_FILE
from cache.sources.claude.credentials import credentials_file, read_login
from cache.sources.claude.keychain import ask_keychain, cooling_down, has_keychain
from cache.work.failures import Failure, SignedOut
from statusline.commands.doctor_checks.result import Finding, ok, skipped, warning
from statusline.render.timefmt import span_text

if TYPE_CHECKING:
    from cache.sources.claude.credentials import Login
    from statusline.commands.doctor_checks.context import Context

OF = {"file": "Claude Code's credentials file", "keychain": "the Keychain"}


def login(context: Context) -> Finding:
    """Check the login."""
    name, reason = "login", context.no_request_reason
    if reason is not None:
        return skipped(name, f"not read: {reason}")
    try:
        found = read_login(context.env, now=context.now, keychain=lambda: _keychain_login(context), both=True)
    except SignedOut as failure:
        return skipped(name, "none found", failure.next_step)
    except Failure as failure:
        return warning(name, failure.label, failure.next_step)
    text = f"{found.plan or 'unknown plan'}, from {OF[found.from_]}{_expiry_text(found, context.now)}"
    if found.other_differs:
        step = "If the numbers are another account's, sign in again with /login in `claude`."
        return warning(name, f"{text}; the credentials file and the Keychain hold different logins", step)
    return ok(name, text)


def _keychain_login(context: Context) -> Login | None:
    return ask_keychain(context.env, cooldown=context.place / KEYCHAIN_FILE, now=context.now)


def _expiry_text(found: Login, now: float) -> str:
    return "" if found.expires_at is None else f", expires in {span_text(found.expires_at - now)}"


def credentials(context: Context) -> Finding:
    """Check that other users cannot read the credentials file; this checks its mode and does not read it."""
    name, path = "credentials", credentials_file(context.env)
    if os.name == "nt":
        return skipped(name, "not checked on Windows, where files have no mode")
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return skipped(name, f"no {path}")
    if not mode & stat.S_IRWXG and not mode & stat.S_IRWXO:
        return ok(name, f"only you can read {path}")
    text = f"other users can access {path} (mode {mode:04o}): it holds your login, and the secrets of MCP servers"
    return warning(name, text, f"Run `chmod 600 {shlex.quote(str(path))}`.")


def keychain(context: Context) -> Finding:
    """Check whether the Keychain has refused access."""
    name = "keychain"
    if not has_keychain(context.env):
        return skipped(name, "not on this system")
    if context.no_request_reason is not None:
        return skipped(name, f"not used: {context.no_request_reason}")
    past = cooling_down(context.env, cooldown=context.place / KEYCHAIN_FILE, now=context.now)
    if past is None:
        return ok(name, "accessible")
    failure, until = past
    text = f"{failure.label}; next attempt in {span_text(until - context.now)}"
    return warning(name, text, failure.next_step)
