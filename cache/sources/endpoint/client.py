"""Requests the usage: one GET with the login's token, to one host, within five seconds."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import time
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import certifi
import httpx
import truststore

from cache.model.billing import API_HOST
from cache.model.entry import FAR
from cache.sources.endpoint.proxy import proxy_for
from cache.work.failures import BadBase, Failure, RateLimited, Refused, ServerTrouble, Unreachable, Unreadable
from cache.work.session_environment import without_certificates
from cache.work.testing import is_test_address, is_test_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cache.work.redact import Secret

BASE = f"https://{API_HOST}"
PATH = "/api/oauth/usage"

PER_READ = 5.0  # seconds for each connect, write and read, so that an abandoned request ends at some time
IN_TOTAL = 5.0  # seconds for everything, with the DNS lookup
AT_MOST = 256 * 1024  # bytes of the body; captured ones have 2,000

ANOTHER_AUTHORITY = (
    "your company's authority can be named in NODE_EXTRA_CA_CERTS, SSL_CERT_FILE or SSL_CERT_DIR, or installed in the "
    "system's certificate store"
)

_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


def fetch_usage(token: Secret, version: str, env: Mapping[str, str]) -> bytes:
    """Return the raw body of a 200 answer; ``env`` is the user's environment.

    Raises BadBase without a request; Refused for 401 and 403, RateLimited for 429, ServerTrouble for every other
    status; Unreadable for an encoded or too large body; Unreachable where no complete answer came within
    `IN_TOTAL`. No failure has the token, the request or the exception of httpx in it.

    The request runs in a daemon thread, because nothing else can end a hanging DNS lookup or a slow answer. After
    `Unreachable` that thread may still wait for the network: the process exits with ``os._exit``, which does not wait.
    """
    base = _base(token, env)
    proxy = proxy_for(API_HOST, env) if base == BASE else None
    return _within(IN_TOTAL, lambda: _ask(base, proxy, token, version, env))


def _base(token: Secret, env: Mapping[str, str]) -> str:
    """Return the base URL; a real token is sent to the real host only."""
    base = env.get("STATUSLINE_API_BASE")
    if not base:
        return BASE
    if not is_test_address(base):
        raise BadBase("STATUSLINE_API_BASE is neither http://127.0.0.1:PORT nor http://[::1]:PORT")
    if not is_test_token(token):
        raise BadBase("STATUSLINE_API_BASE is set, but the login's token is not a test token")
    return base


def _within(seconds: float, work: Callable[[], bytes]) -> bytes:
    """Return what ``work`` returns or raise its failure; Unreachable if it is not done in time."""
    outcome: list[bytes | Failure] = []
    thread = threading.Thread(target=lambda: outcome.append(_outcome(work)), daemon=True)
    try:
        thread.start()
    except RuntimeError:
        raise Unreachable("no more threads can be started") from None
    thread.join(seconds)
    if not outcome:
        raise Unreachable(f"no complete answer within {seconds:g} s")
    if isinstance(outcome[0], Failure):
        raise outcome[0]
    return outcome[0]


def _outcome(work: Callable[[], bytes]) -> bytes | Failure:
    """Return the failure instead of raising it, without frames and causes, which have the request's headers."""
    try:
        return work()
    except Failure as failure:
        failure.__cause__ = failure.__context__ = None
        return failure.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - Python prints exceptions of threads, and the text may quote a header
        return Unreachable(_reason(error))


def _ask(base: str, proxy: str | None, token: Secret, version: str, env: Mapping[str, str]) -> bytes:
    headers = _headers(token, version)
    with _client(proxy, env) as client, client.stream("GET", base + PATH, headers=headers) as response:
        _check_status(response)
        return _body(response)


def _headers(token: Secret, version: str) -> dict[str, str]:
    bearer = token.reveal()
    if not _HEADER_SAFE.fullmatch(bearer):
        raise Refused("the login's token has characters that are not allowed in a header")
    return {
        "Authorization": f"Bearer {bearer}",
        "anthropic-beta": "oauth-2025-04-20",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"claude-code/{version}",
    }


def _client(proxy: str | None, env: Mapping[str, str]) -> httpx.Client:
    """Return a client that ignores the environment and follows no redirects; raise Unreachable for a bad proxy."""
    trust = _trust(env)
    try:
        # Without a context, httpx creates one for a TLS proxy; for a plain proxy none is allowed.
        way = proxy and httpx.Proxy(proxy, ssl_context=trust if proxy.lower().startswith("https:") else None)
        return httpx.Client(
            verify=trust, proxy=way or None, trust_env=False, follow_redirects=False, timeout=httpx.Timeout(PER_READ)
        )
    except ImportError:
        step = "install httpx[socks] into hudline's environment, or name an http:// proxy"
        raise Unreachable(f"the proxy is a SOCKS proxy, which needs another package: {step}") from None
    except (ValueError, httpx.InvalidURL):
        raise Unreachable("HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy, such as http://host:port") from None


def _trust(env: Mapping[str, str]) -> ssl.SSLContext:
    """Return the TLS context that trusts whom Claude Code trusts; raise Unreachable for unreadable certificates.

    These are the authorities in SSL_CERT_FILE and SSL_CERT_DIR; where neither is set, those of the system and of
    Mozilla, as CLAUDE_CODE_CERT_STORE says; in both cases those in NODE_EXTRA_CA_CERTS, too.

    Not from ``ssl.create_default_context``, which lets SSLKEYLOGFILE record the keys of the connection, and from 3.13
    on refuses authorities of companies that Claude Code accepts. Those in the session's project are ignored: with a
    proxy that the project has chosen, too, they would give it the token.
    """
    env = without_certificates(env)
    file, directory = env.get("SSL_CERT_FILE") or None, env.get("SSL_CERT_DIR") or None
    stores = (env.get("CLAUDE_CODE_CERT_STORE") or "bundled,system").lower().replace(" ", "").split(",")
    if file or directory or "system" not in stores:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificates and host names, TLS 1.2 or later
    else:
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if file or directory:
            context.load_verify_locations(file, directory)
        elif "bundled" in stores:
            context.load_verify_locations(certifi.where())
    except OSError:
        raise Unreachable("SSL_CERT_FILE or SSL_CERT_DIR has no readable certificates") from None
    if env.get("NODE_EXTRA_CA_CERTS"):
        with contextlib.suppress(OSError):  # as Node.js does; if one of them is needed, the certificate is not trusted
            context.load_verify_locations(env["NODE_EXTRA_CA_CERTS"])
    _load_client_certificate(context, env)
    return context


def _load_client_certificate(context: ssl.SSLContext, env: Mapping[str, str]) -> None:
    """Load the certificate with which Claude Code identifies itself, if there is one; raise Unreachable."""
    file, key = env.get("CLAUDE_CODE_CLIENT_CERT"), env.get("CLAUDE_CODE_CLIENT_KEY")
    if not file:
        return
    try:
        context.load_cert_chain(file, key or None, password=_no_password)
    except (OSError, ValueError):
        why = "cannot be loaded; a key with a passphrase is not supported"
        raise Unreachable(f"the certificate of CLAUDE_CODE_CLIENT_CERT and CLAUDE_CODE_CLIENT_KEY {why}") from None


def _no_password() -> str:
    """Raise ValueError in place of OpenSSL's question on the terminal: a passphrase is a secret that we do not get."""
    raise ValueError("encrypted")


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in (401, 403):
        raise Refused(f"the endpoint answered {status}")
    if status == 429:
        raise RateLimited("the endpoint answered 429", retry_after(response.headers.get("Retry-After"), time.time()))
    if status != 200:
        raise ServerTrouble(f"the endpoint answered {status}")


def _body(response: httpx.Response) -> bytes:
    """Return the raw bytes: a small body could decode to 64 MiB."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise Unreadable("the answer is encoded, although identity was requested")
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > AT_MOST:
            raise Unreadable(f"the answer is larger than {AT_MOST // 1024} KiB")
    return bytes(body)


def retry_after(value: str | None, now: float) -> int | None:
    """Return the seconds of a Retry-After header, a number or a date; None for 0, a past date, or anything else."""
    text = (value or "").strip()
    if re.fullmatch("[0-9]+", text):
        return (int(text) if len(text) < 20 else FAR) or None
    try:
        moment = parsedate_to_datetime(text)
        at = moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return int(at - now) if at - now >= 1 else None


def _reason(error: BaseException) -> str:
    """Return why there was no answer, without the text of httpx, which could quote a header or a URL."""
    if isinstance(error, httpx.TimeoutException):
        return f"no data for {PER_READ:g} s"
    if isinstance(error, httpx.ProxyError):
        return "the proxy refused; check HTTPS_PROXY and HTTP_PROXY"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is not trusted ({cause.verify_message}); {ANOTHER_AUTHORITY}"
        if isinstance(cause, socket.gaierror):
            return "the host name, or that of the proxy, was not found"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return "the connection was lost" if isinstance(error, httpx.HTTPError) else type(error).__name__
