"""Checks the usage endpoint: last request, next request, proxy and log."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cache.model.billing import API_HOST
from cache.model.entry import read_entry
from cache.model.jsonio import mapping, words
from cache.model.layout import USAGE_FILE
from cache.readings.directory import UNKNOWN
from cache.refresh.log import LOG_SUFFIX
from cache.refresh.runner import refresh
from cache.sources.endpoint.proxy import VARIABLES, proxy_for
from cache.sources.endpoint.rate_limit_state import rate_limit_file, read_rate_limit
from cache.work.failures import BY_NAME, BadBase, Failure
from cache.work.request import Request
from cache.work.session_environment import CERTIFICATES, is_certificate_of
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning
from statusline.commands.support.terminal import progress
from statusline.commands.usage_page.format import ago_text

if TYPE_CHECKING:
    from statusline.commands.doctor_checks.context import Context


def endpoint(context: Context) -> Finding:
    """Check the last request; with ``--online`` make one, unless a rate limit is cooling down."""
    name = "endpoint"
    if context.no_request_reason is not None:
        return skipped(name, f"no request made: {context.no_request_reason}")
    if context.online_finding is not None:
        return context.online_finding
    if context.online:
        return _request_now(context)
    account = words(mapping(read_entry(str(context.place / USAGE_FILE)).value).get("account")) or UNKNOWN
    rate_limit = read_rate_limit(rate_limit_file(context.cache, context.place, account))
    if not rate_limit.attempted_at:
        return skipped(name, f"no request to {API_HOST} yet", "Run `statusline doctor --online` to make one.")
    when = (
        f"last request {ago_text(context.now - rate_limit.attempted_at)}, next one not before {rate_limit.next_text()}"
    )
    if rate_limit.problem is None:
        return ok(name, f"ok; {when}")
    problem = BY_NAME.get(rate_limit.problem, Failure)
    how_often = f"{rate_limit.failures} times in a row" if rate_limit.failures > 1 else "once"
    return warning(name, f"{problem.label}, {how_often}; {when}", problem.next_step)


def _request_now(context: Context) -> Finding:
    options = {"oauth": context.config.oauth, "claude-version": context.reported_version or ""}
    with progress("querying the endpoint"):
        outcome = refresh(Request("usage", context.cache, context.config_path, context.env, options, force=True))
    if outcome.problem is None:
        return ok("endpoint", outcome.sentence)
    return failed("endpoint", outcome.sentence, outcome.next_step or Failure.next_step)


def proxy(context: Context) -> Finding:
    """Check the proxy and the certificates for requests."""
    name, address = "proxy", proxy_for(API_HOST, context.env)
    for variable in CERTIFICATES:
        chosen = context.env.get(variable)
        if chosen and is_certificate_of(variable, chosen, *context.session):
            text = f"{variable} names {chosen}, which is in this project, so it is ignored"
            return warning(name, text, f"Move what {variable} names to a folder outside the project.")
        if chosen and not os.access(chosen, os.R_OK):
            return warning(name, f"{variable} names {chosen}, which cannot be read", f"Unset or correct {variable}.")
    if address is None:
        return ok(name, "none")
    try:
        parts = urlsplit(address)
        shown, scheme = f"{parts.hostname}:{parts.port or 80}", parts.scheme.lower()
    except ValueError:
        shown, scheme = "", ""
    if scheme.startswith("socks") and importlib.util.find_spec("socksio") is None:
        step = "Install `httpx[socks]` into hudline's environment, or name an http:// proxy."
        return warning(name, f"{shown} is a SOCKS proxy, which needs another package", step)
    if scheme not in {"http", "https", "socks5", "socks5h"} or shown.startswith("None"):
        chosen = next(each for each in VARIABLES if context.env.get(each, "").strip())
        return warning(name, f"{chosen} is not the URL of a proxy", "Write it as http://host:port.")
    return ok(name, f"through {shown}")


def base(context: Context) -> Finding:
    """Check that the endpoint's address is not changed, which is only for tests."""
    chosen = context.env.get("STATUSLINE_API_BASE")
    if not chosen:
        return ok("base", f"https://{API_HOST}")
    return warning("base", f"STATUSLINE_API_BASE is set to {chosen}", BadBase.next_step)


def log(context: Context) -> Finding:
    """Check that the refresher's log can be written, if there is one."""
    chosen = context.env.get("STATUSLINE_LOG")
    if not chosen:
        return skipped("log", "no log (set STATUSLINE_LOG to write one)")
    if not chosen.endswith(LOG_SUFFIX):
        return warning(
            "log", f"{chosen} is not a *.log file: nothing is written to it", "Name a file that ends in .log."
        )
    path = Path(chosen)
    where = path if path.exists() else path.parent
    if not os.access(where, os.W_OK) or path.is_dir() or path.is_symlink():
        return warning("log", f"{path} cannot be written", "Set STATUSLINE_LOG to a new file in a writable folder.")
    return ok("log", str(path))
