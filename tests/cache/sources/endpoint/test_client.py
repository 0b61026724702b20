"""One request to servers on loopback that answer well, badly, slowly, or not at all."""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import subprocess
import sys
import threading
import traceback
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from cache.sources.endpoint import client as endpoint
from cache.sources.endpoint.client import AT_MOST, fetch_usage, retry_after
from cache.sources.endpoint.proxy import proxy_for
from cache.sources.endpoint.response import parse_usage
from cache.work import failures as errors
from cache.work.failures import BadBase, Failure, RateLimited, Refused, ServerTrouble, Unreachable, Unreadable
from cache.work.redact import Secret
from tests.support.loopback_server import Answer, Loopback, SeparateLoopback
from tests.support.paths import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "sk-ant-oat01-CANARY-endpoint"
VERSION = "2.1.330"
CAPTURED = (ANSWERS / "captured.json").read_text()
NOW = 1788465600  # 2026-09-03T20:00:00Z


def ask(server: Loopback | SeparateLoopback, **env: str) -> bytes:
    return fetch_usage(Secret(TOKEN), VERSION, {"STATUSLINE_API_BASE": server.base, **env})


# --- the request ---


def test_the_captured_answer_comes_back_byte_for_byte() -> None:
    with Loopback(Answer(body=CAPTURED)) as server:
        assert ask(server) == CAPTURED.encode()


def test_the_request_is_the_one_that_claude_code_makes() -> None:
    with Loopback() as server:
        ask(server)
    (request,) = server.requests
    assert request.line == "GET /api/oauth/usage HTTP/1.1"
    assert request.headers == {
        "host": f"127.0.0.1:{server.port}",
        "authorization": f"Bearer {TOKEN}",
        "anthropic-beta": "oauth-2025-04-20",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": f"claude-code/{VERSION}",
        "connection": "keep-alive",
    }


def test_a_server_in_its_own_process_records_the_same() -> None:
    with SeparateLoopback(Answer(status=500), Answer(body=CAPTURED)) as server:
        with pytest.raises(ServerTrouble):
            ask(server)
        assert ask(server) == CAPTURED.encode()
    assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {TOKEN}"] * 2


@pytest.mark.parametrize("token", ["\r\nX-Evil: 1", "-\u00e4", " ", "\n"])
def test_a_token_that_no_header_may_hold_is_not_sent(token: str) -> None:
    with Loopback() as server, pytest.raises(Refused) as caught:
        fetch_usage(Secret(f"sk-ant-oat01-FAKE{token}"), VERSION, {"STATUSLINE_API_BASE": server.base})
    assert server.requests == []
    assert_tells_nothing(caught.value, "FAKE")


# --- where it may go ---


@pytest.mark.parametrize(
    "base",
    ["https://127.0.0.1:{port}", "http://localhost:{port}", "http://127.0.0.1", "http://127.0.0.1:{port}/",
     "http://127.0.0.1:{port}/x", "http://127.0.0.1:{port}@evil.example", "http://user@127.0.0.1:{port}",
     "http://127.0.0.1:{port}\n", " http://127.0.0.1:{port}", "http://127.1:{port}", "http://0.0.0.0:{port}",
     "http://127.0.0.1:0", "http://127.0.0.1:99999", "http://127.0.0.1:\u0661", "HTTP://127.0.0.1:{port}",
     "http://[::ffff:127.0.0.1]:{port}", "http://[::1%lo]:{port}", "https://api.anthropic.com", "http://evil.example:80"],
)  # fmt: skip
def test_any_other_base_is_refused_without_a_request(base: str) -> None:
    with Loopback() as server, pytest.raises(BadBase):
        fetch_usage(Secret(TOKEN), VERSION, {"STATUSLINE_API_BASE": base.format(port=server.port)})
    assert server.requests == []


def test_a_real_token_does_not_go_to_a_loopback_base() -> None:
    with Loopback() as server, pytest.raises(BadBase) as caught:
        fetch_usage(Secret("sk-ant-oat01-genuine"), VERSION, {"STATUSLINE_API_BASE": server.base})
    assert server.requests == []
    assert_tells_nothing(caught.value, "genuine")


@pytest.mark.parametrize("base", ["http://127.0.0.1:1", "http://127.0.0.1:65535", "http://[::1]:8080"])
@pytest.mark.parametrize("token", [TOKEN, "sk-ant-oat01-FAKE"])
def test_both_loopback_addresses_serve_for_test_tokens(base: str, token: str) -> None:
    assert endpoint._base(Secret(token), {"STATUSLINE_API_BASE": base}) == base


def test_without_a_base_there_is_one_host() -> None:
    assert endpoint._base(Secret("any"), {}) == "https://api.anthropic.com"
    assert endpoint._base(Secret("any"), {"ANTHROPIC_BASE_URL": "http://evil.example"}) == "https://api.anthropic.com"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirects_target_sees_nothing(status: int) -> None:
    with Loopback() as target:
        location = {"Location": f"{target.base}/api/oauth/usage"}
        with Loopback(Answer(status=status, headers=location)) as server, pytest.raises(ServerTrouble):
            ask(server)
    assert target.requests == []


# --- what comes back ---

GZIPPED = gzip.compress(b"{}").decode("latin-1")
BOMB = gzip.compress(bytes(64 << 20), compresslevel=1).decode("latin-1")

FAULTS: dict[str, tuple[Answer, type[Failure]]] = {
    "401": (Answer(status=401), Refused),
    "403": (Answer(status=403), Refused),
    "429": (Answer(status=429), RateLimited),
    "500": (Answer(status=500, body="<html>oops</html>"), ServerTrouble),
    "503": (Answer(status=503, headers={"Retry-After": "60"}), ServerTrouble),
    "204": (Answer(status=204, body=""), ServerTrouble),
    "404": (Answer(status=404), ServerTrouble),
    "gzip unasked": (Answer(body=GZIPPED, headers={"Content-Encoding": "gzip"}), Unreadable),
    "a gzip bomb": (Answer(body=BOMB, headers={"Content-Encoding": "gzip"}), Unreadable),
    "two encodings": (Answer(headers={"Content-Encoding": "identity, br"}), Unreadable),
    "10 MB": (Answer(body="x" * 10_000_000), Unreadable),
    "one byte too many": (Answer(body="x" * (AT_MOST + 1)), Unreadable),
    "10 MB in chunks": (
        Answer(
            raw="HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + ("10000\r\n" + "x" * 65536 + "\r\n") * 160
        ),
        Unreadable,
    ),
    "closed in the middle": (Answer(body=CAPTURED, cut_at=100), Unreachable),
    "a length too long": (Answer(body=CAPTURED, length=len(CAPTURED) + 1), Unreachable),
    "a length too short": (Answer(body=CAPTURED, length=100), Unreadable),
    "another protocol": (Answer(raw="SSH-2.0-OpenSSH_9.9\r\n"), Unreachable),
    "an endless head": (Answer(raw="HTTP/1.1 200 OK\r\n" + "X-More: 1\r\n" * 100_000), Unreachable),
    "nothing at all": (Answer(raw="\r\n"), Unreachable),
    "HTML": (Answer(body="<!DOCTYPE html><title>Just a moment</title>"), Unreadable),
    "a list": (Answer(body="[]"), Unreadable),
    "an empty body": (Answer(body=""), Unreadable),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_named_failure_without_secrets(name: str) -> None:
    answer, expected = FAULTS[name]
    with Loopback(answer) as server, pytest.raises(Failure) as caught:
        parse_usage(ask(server), now=NOW)
    assert type(caught.value) is expected
    assert len(server.requests) == 1
    assert_tells_nothing(caught.value, TOKEN)


@pytest.mark.parametrize("name", ["gzip unasked", "a gzip bomb", "two encodings"])
def test_an_encoded_answer_is_refused_before_it_is_decoded(name: str) -> None:
    with Loopback(FAULTS[name][0]) as server, pytest.raises(Unreadable, match="encoded"):
        ask(server)


def test_identity_is_not_an_encoding_and_the_limit_itself_is_allowed() -> None:
    with Loopback(Answer(body="x" * AT_MOST, headers={"Content-Encoding": "Identity"})) as server:
        assert len(ask(server)) == AT_MOST


def test_a_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with pytest.raises(Unreachable, match="refused") as caught:
        fetch_usage(Secret(TOKEN), VERSION, {"STATUSLINE_API_BASE": base})
    assert_tells_nothing(caught.value, TOKEN)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), ("0", None), ("", None), ("soon", None), ("-5", None), ("1.5", None), ("60", 60), (" 3600 ", 3600),
     ("9" * 400, 7200), ("9" * 10, 9999999999), ("0" * 30, 7200), ("\u0663", None),
     ("Thu, 03 Sep 2026 20:10:00 GMT", 600),
     ("Thu, 03 Sep 2026 19:00:00 GMT", None), ("Thu, 03 Sep 2026 20:10:00 -0000", 600),
     ("Thu, 03 Sep 2026 22:10:00 +0200", 600),
     ("Thu, 99 Sep 2026 20:10:00 GMT", None), ("Thu, 03 Sep 99999 20:10:00 GMT", None)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(value: str | None, expected: int | None) -> None:
    assert retry_after(value, NOW) == expected


@given(st.text() | st.from_regex(r"\w{3}, \d{1,3} (Jan|Sep) \d{1,6} \d\d:\d\d:\d\d [-+]?\w{0,6}"))
def test_any_retry_after_is_a_wait_or_none(value: str) -> None:
    found = retry_after(value, NOW)
    assert found is None or found > 0


@pytest.mark.parametrize(("header", "expected"), [({"Retry-After": "0"}, None), ({"Retry-After": "1800"}, 1800)])
def test_a_rate_limit_has_the_seconds_of_retry_after(header: dict[str, str], expected: int | None) -> None:
    with Loopback(Answer(status=429, headers=header)) as server, pytest.raises(RateLimited) as caught:
        ask(server)
    assert caught.value.retry_after_s == expected


# --- how long it may take: whole processes, all at once ---

CHILD = """
import os, sys
from cache.work.failures import Failure
from cache.work.redact import Secret
from cache.sources.endpoint.client import fetch_usage
try:
    print(len(fetch_usage(Secret(sys.stdin.read()), "2.1.330", os.environ)), flush=True)
except Failure as failure:
    print(failure.name, failure, flush=True)
os._exit(0)
"""

SLOW = {
    "the head drips": Answer(body=CAPTURED, drips="head"),
    "the body drips": Answer(body=CAPTURED, drips="body"),
    "no answer ever": Answer(silent=True),
}


def start(base: str, **env: str) -> subprocess.Popen[str]:
    """Make a request from a separate process; the token is passed through its stdin."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"STATUSLINE_API_BASE": base, "PATH": os.environ["PATH"], **env},
    )
    assert child.stdin is not None
    child.stdin.write(TOKEN)
    child.stdin.close()
    child.stdin = None
    return child


@pytest.fixture(scope="module")
def slow() -> Iterator[dict[str, subprocess.Popen[str]]]:
    servers = {name: Loopback(answer) for name, answer in SLOW.items()}
    for server in servers.values():
        server.__enter__()
    children = {name: start(server.base) for name, server in servers.items()}
    yield children
    for child in children.values():
        child.kill()
        child.communicate()
    for server in servers.values():
        server.__exit__()


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_answer_is_unreachable_and_the_process_ends(slow: dict[str, subprocess.Popen[str]], name: str) -> None:
    out, err = slow[name].communicate(timeout=60)
    assert out.startswith("unreachable ")
    assert err == ""
    assert slow[name].returncode == 0


def test_whatever_blocks_is_given_up() -> None:
    """A name look-up that never answers blocks like this: no signal and no timeout of httpx reaches into it."""
    release = threading.Event()
    with pytest.raises(Unreachable, match="within"):
        endpoint._within(0.05, lambda: b"late" if release.wait(60) else b"")
    release.set()


def test_an_unexpected_error_keeps_its_words_to_itself() -> None:
    def fail() -> bytes:
        raise RuntimeError(f"Illegal header value: Bearer {TOKEN}")

    with pytest.raises(Unreachable, match=r"^RuntimeError$") as caught:
        endpoint._within(60, fail)
    assert_tells_nothing(caught.value, TOKEN)


@pytest.mark.parametrize(
    ("error", "cause", "says"),
    [
        (httpx.ConnectError(f"to {TOKEN}"), socket.gaierror(-2, "Name or service not known"), "name.* was not found"),
        (httpx.ReadTimeout(f"for {TOKEN}"), TimeoutError(), "no data for"),
        (httpx.ReadError(f"of {TOKEN}"), ConnectionResetError(104, "Connection reset by peer"), "reset by peer"),
        (httpx.RemoteProtocolError(f"in {TOKEN}"), ValueError(TOKEN), "the connection was lost"),
    ],
)
def test_what_went_wrong_is_named_from_the_cause(error: httpx.HTTPError, cause: Exception, says: str) -> None:
    def fail() -> bytes:
        raise error from cause

    with pytest.raises(Unreachable, match=says) as caught:
        endpoint._within(60, fail)
    assert_tells_nothing(caught.value, TOKEN)


# --- proxies and certificates ---


def test_a_loopback_request_goes_through_no_proxy() -> None:
    names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"]
    with Loopback() as proxy, Loopback(Answer(body=CAPTURED)) as server:
        out, err = start(server.base, **dict.fromkeys(names, proxy.base)).communicate(timeout=60)
    assert (out, err) == (f"{len(CAPTURED)}\n", "")
    assert proxy.requests == []


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    return {"SSL_CERT_FILE": str(tmp_path / "authority.pem")}


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_the_real_host_is_asked_through_https_proxy_and_the_proxy_learns_no_token(
    authority: trustme.CA, trusted: dict[str, str]
) -> None:
    with (
        Loopback(Answer(body=CAPTURED), tls=certified(authority, "api.anthropic.com")) as server,
        Loopback(tunnel_to=server.port) as proxy,
    ):
        env = trusted | {
            "HTTPS_PROXY": proxy.base,
            "HTTP_PROXY": "http://127.0.0.1:1",
            "ALL_PROXY": "http://127.0.0.1:1",
        }
        assert fetch_usage(Secret(TOKEN), VERSION, env) == CAPTURED.encode()
    (connect,) = proxy.requests
    assert connect.line == "CONNECT api.anthropic.com:443 HTTP/1.1"
    assert TOKEN not in repr(connect)
    assert "authorization" not in connect.headers
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["host"] == "api.anthropic.com"


def test_a_proxys_own_credentials_go_to_the_proxy_and_into_no_message(
    authority: trustme.CA, trusted: dict[str, str]
) -> None:
    with Loopback(Answer(status=407)) as proxy:
        env = trusted | {"https_proxy": f"user:hunter2@127.0.0.1:{proxy.port}"}
        with pytest.raises(Unreachable, match="proxy refused") as caught:
            fetch_usage(Secret(TOKEN), VERSION, env)
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic dXNlcjpodW50ZXIy"
    assert "authorization" not in proxy.requests[0].headers
    assert "hunter2" not in repr(caught.value)
    assert_tells_nothing(caught.value, TOKEN)


@pytest.mark.parametrize("name", ["api.anthropic.com", "evil.example"])
def test_a_certificate_that_does_not_fit_ends_it_before_the_token_is_sent(
    authority: trustme.CA, trusted: dict[str, str], name: str
) -> None:
    """The right name from an unknown authority, or the wrong name from a known one."""
    known = trusted if name == "evil.example" else {}
    with (
        Loopback(tls=certified(authority, name)) as server,
        Loopback(tunnel_to=server.port) as proxy,
        pytest.raises(Unreachable, match="certificate is not trusted") as caught,
    ):
        fetch_usage(Secret(TOKEN), VERSION, known | {"HTTPS_PROXY": proxy.base})
    assert len(proxy.requests) == 1
    assert server.requests == []
    assert_tells_nothing(caught.value, TOKEN)


@pytest.mark.parametrize("way", ["http://127.0.0.1:1", "https://127.0.0.1:1", None])
def test_no_variable_has_the_keys_of_a_connection_written_down(
    monkeypatch: pytest.MonkeyPatch, trusted: dict[str, str], tmp_path: Path, way: str | None
) -> None:
    """Seen where Python itself would obey it: without -I, as a person runs a refresh."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert ssl.create_default_context().keylog_filename == str(tmp_path / "keys")
    (tmp_path / "keys").unlink()
    for env in ({}, trusted, {"SSL_CERT_DIR": str(tmp_path)}):
        context = endpoint._trust(env)
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        endpoint._client(way, env).close()
    assert not (tmp_path / "keys").exists()


def test_a_host_that_no_proxy_names_is_asked_directly(authority: trustme.CA, trusted: dict[str, str]) -> None:
    with Loopback(Answer(body=CAPTURED), tls=certified(authority, "localhost")) as server, Loopback() as proxy:
        env = trusted | {"HTTPS_PROXY": proxy.base, "NO_PROXY": "localhost"}
        base = f"https://localhost:{server.port}"
        way = proxy_for("localhost", env, port=server.port)
        assert endpoint._ask(base, way, Secret(TOKEN), VERSION, env) == CAPTURED.encode()
    assert proxy.requests == []


PEM = Encoding.PEM
YESTERDAY = datetime.now(timezone.utc) - timedelta(days=1)
PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, None),
        ({"ALL_PROXY": PROXY, "all_proxy": PROXY}, None),
        ({"HTTP_PROXY": PROXY}, PROXY),
        ({"HTTPS_PROXY": " ", "http_proxy": PROXY}, PROXY),
        ({"http_proxy": "http://other.example", "HTTPS_PROXY": PROXY}, PROXY),
        ({"HTTP_PROXY": PROXY, "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": "proxy.example:3128"}, PROXY),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://other.example"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "localhost, API.Anthropic.com"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ".anthropic.com"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*.anthropic.com"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "anthropic.com"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "anthropic.com:443"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "anthropic.com:80"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "thropic.com, , com.example .,"}, PROXY),
    ],
)
def test_which_proxy_the_real_host_is_asked_through(env: dict[str, str], expected: str | None) -> None:
    assert proxy_for("api.anthropic.com", env) == expected


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("socks5://user:hunter2@127.0.0.1:1", "SOCKS proxy"),
        ("ftp://user:hunter2@127.0.0.1:1", "not the URL of a proxy"),
        ("http://user:hunter2@127.0.0.1:port", "not the URL of a proxy"),
        ("http://user:hunter2@127.0.0.1:1", "refused"),
    ],
)
def test_an_unusable_proxy_is_reported_without_its_password(proxy: str, says: str) -> None:
    with pytest.raises(Unreachable, match=says) as caught:
        fetch_usage(Secret(TOKEN), VERSION, {"HTTPS_PROXY": proxy})
    assert "hunter2" not in repr(caught.value)
    assert_tells_nothing(caught.value, TOKEN)


def test_unreadable_certificates_are_reported(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for file in ("missing.pem", "empty.pem"):
        with pytest.raises(Unreachable, match="SSL_CERT_FILE"):
            fetch_usage(Secret(TOKEN), VERSION, {"SSL_CERT_FILE": str(tmp_path / file), "HTTPS_PROXY": "127.0.0.1:1"})


def test_the_users_certificates_replace_the_usual_ones(tmp_path: Path, trusted: dict[str, str]) -> None:
    assert len(endpoint._trust(trusted).get_ca_certs()) == 1
    assert endpoint._trust({"SSL_CERT_DIR": str(tmp_path)}).get_ca_certs() == []
    assert len(endpoint._trust({"CLAUDE_CODE_CERT_STORE": "bundled"}).get_ca_certs()) > 50
    assert endpoint._trust({}).verify_mode is ssl.CERT_REQUIRED


def ask_through(proxy_of: str, server: ssl.SSLContext, env: dict[str, str]) -> bytes:
    """Ask the real host, whose place a server with this certificate takes behind a proxy."""
    with Loopback(Answer(body=CAPTURED), tls=server) as target, Loopback(tunnel_to=target.port) as proxy:
        return fetch_usage(Secret(TOKEN), VERSION, env | {proxy_of: proxy.base})


@pytest.mark.parametrize("proxy_of", ["HTTPS_PROXY", "HTTP_PROXY"])
def test_a_companys_authority_is_added_as_claude_code_adds_it(
    authority: trustme.CA, trusted: dict[str, str], proxy_of: str
) -> None:
    server, named = certified(authority, "api.anthropic.com"), {"NODE_EXTRA_CA_CERTS": trusted["SSL_CERT_FILE"]}
    assert ask_through(proxy_of, server, named) == CAPTURED.encode()
    usual = {"CLAUDE_CODE_CERT_STORE": "bundled"}
    assert len(endpoint._trust(usual | named).get_ca_certs()) == len(endpoint._trust(usual).get_ca_certs()) + 1
    for unreadable in ("/nowhere.pem", "/", __file__):
        with pytest.raises(Unreachable, match="NODE_EXTRA_CA_CERTS, SSL_CERT_FILE or SSL_CERT_DIR"):
            ask_through(proxy_of, server, {"NODE_EXTRA_CA_CERTS": unreadable})


def test_the_systems_authorities_are_trusted_unless_claude_code_is_told_otherwise(
    authority: trustme.CA, trusted: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process's variable changes where OpenSSL looks for the system's authorities."""
    monkeypatch.setenv("SSL_CERT_FILE", trusted["SSL_CERT_FILE"])
    server = certified(authority, "api.anthropic.com")
    for stores in ("", "system", "bundled, System"):
        assert ask_through("HTTPS_PROXY", server, {"CLAUDE_CODE_CERT_STORE": stores}) == CAPTURED.encode()
    for stores in ("bundled", "nonsense"):
        with pytest.raises(Unreachable, match="certificate is not trusted"):
            ask_through("HTTPS_PROXY", server, {"CLAUDE_CODE_CERT_STORE": stores})


def plain_certificate(name: str, key: Any, issuer: str, issuer_key: Any, *extensions: x509.ExtensionType) -> bytes:
    """Return a certificate as PEM that has only these extensions."""
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, each)]) for each in (name, issuer)]
    builder = x509.CertificateBuilder(names[1], names[0], key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(YESTERDAY).not_valid_after(YESTERDAY + timedelta(days=30))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer_key, SHA256()).public_bytes(PEM)


def test_an_authority_that_only_the_strictest_check_refuses_is_accepted(tmp_path: Path) -> None:
    """As companies have them: without the identifiers that newer versions of Python ask for."""
    own, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.BasicConstraints(ca=True, path_length=None)
    (tmp_path / "ca.pem").write_bytes(plain_certificate("Company", own, "Company", own, authority))
    host = x509.SubjectAlternativeName([x509.DNSName("api.anthropic.com")])
    issued = plain_certificate("server", server_key, "Company", own, host)
    (tmp_path / "server.pem").write_bytes(issued + server_key.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "server.pem")
    env = {"NODE_EXTRA_CA_CERTS": str(tmp_path / "ca.pem")}
    assert ask_through("HTTPS_PROXY", server, env) == CAPTURED.encode()


def test_a_server_that_asks_for_a_client_certificate_gets_it(
    authority: trustme.CA, trusted: dict[str, str], tmp_path: Path
) -> None:
    server = certified(authority, "api.anthropic.com")
    server.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server)
    issued = authority.issue_cert("client.example")
    issued.private_key_pem.write_to_path(str(tmp_path / "client.key"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    names = {"CLAUDE_CODE_CLIENT_CERT": "client.pem", "CLAUDE_CODE_CLIENT_KEY": "client.key"}
    env = trusted | {name: str(tmp_path / file) for name, file in names.items()}
    assert ask_through("HTTPS_PROXY", server, env) == CAPTURED.encode()
    encrypted = tmp_path / "encrypted.key"
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    encrypted.write_bytes(key.private_bytes(PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2")))
    for unusable in (str(encrypted), "/nowhere.key", trusted["SSL_CERT_FILE"]):
        with pytest.raises(Unreachable, match="CLAUDE_CODE_CLIENT_KEY cannot be loaded"):
            ask_through("HTTPS_PROXY", server, env | {"CLAUDE_CODE_CLIENT_KEY": unusable})


def assert_tells_nothing(failure: BaseException, secret: str) -> None:
    """Whatever a log could get hold of: words, causes, and the locals of every frame that the failure names."""
    assert failure.__cause__ is None
    assert failure.__context__ is None
    told = traceback.TracebackException.from_exception(failure, capture_locals=True)
    ours = Path(errors.__file__).parents[1]
    frames = [entry for entry in told.stack if Path(entry.filename).is_relative_to(ours) and entry.locals]
    assert frames
    assert secret not in str([repr(failure), failure.__dict__, *(entry.locals for entry in frames)])
