"""The proxy for the real host, from the variables that Claude Code uses: HTTPS_PROXY, HTTP_PROXY and NO_PROXY."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


VARIABLES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY")  # the first that is set counts


def proxy_for(host: str, env: Mapping[str, str], *, port: int = 443) -> str | None:
    """Return the URL of the proxy for an https host, or None for none.

    Used instead of httpx's own detection, which takes HTTP_PROXY for http hosts only, and would send a loopback request
    with its token through it. The URL may have credentials, so it must not appear in a message.
    """
    proxy = next((env[name].strip() for name in VARIABLES if env.get(name, "").strip()), "")
    if not proxy or _exempt(host.lower(), port, env.get("no_proxy") or env.get("NO_PROXY") or ""):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _exempt(host: str, port: int, rules: str) -> bool:
    return any(_matches(rule, host, port) for rule in rules.lower().replace(",", " ").split())


def _matches(rule: str, host: str, port: int) -> bool:
    """Return whether ``*``, ``name``, ``.name``, ``*.name`` or one of these with ``:port`` matches this host."""
    name, _, only_port = rule.partition(":")
    if only_port and only_port != str(port):
        return False
    name = name.removeprefix("*").removeprefix(".") if name != "*" else name
    return name == "*" or (name != "" and (host == name or host.endswith(f".{name}")))
