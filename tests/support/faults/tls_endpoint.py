"""The real host as a refresher sees it through a proxy: TLS with an authority of the test's own, and every fault.

``HTTPS_PROXY`` leads to it, and ``SSL_CERT_FILE`` names the authority. Loopback addresses that tests may use otherwise
are without TLS.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from typing_extensions import Self

HOST = "api.anthropic.com"
STALLS_S = 60  # longer than any limit of ours

Connection = socket.socket


@dataclass(frozen=True)
class Way:
    """How one connection goes: each step gets the socket; those that are left out go well."""

    answer: Callable[[Connection], None]
    connects: Callable[[Connection], None] | None = None  # instead of reading the CONNECT
    tunnels: Callable[[Connection], None] | None = None  # instead of the answer to CONNECT, and of all that follows
    greets: Callable[[Connection], None] | None = None  # instead of the TLS handshake
    certificate: str = "good"
    newest: ssl.TLSVersion | None = None
    protocols: tuple[str, ...] = ()


@dataclass
class TlsEndpoint:
    """``requests`` are the heads that came through TLS, ``tunnels`` those of CONNECT."""

    way: Way
    certificates: dict[str, trustme.LeafCert]
    requests: list[bytes] = field(default_factory=list)
    tunnels: list[bytes] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stopping, self._tls = threading.Event(), self._context()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.proxy = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            socket.create_connection(self._socket.getsockname(), 1).close()  # wakes the thread that waits in accept
        self._socket.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection, contextlib.suppress(OSError, ValueError):  # the other side gives up
            if self.way.connects:
                self.way.connects(connection)
                return
            self.tunnels.append(_head(connection))
            if self.way.tunnels:
                self.way.tunnels(connection)
                return
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if self.way.greets:
                self.way.greets(connection)
            else:
                self._answer(connection)

    def _answer(self, connection: Connection) -> None:
        with self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as inner:
            inner.do_handshake()
            if head := _head(inner):
                self.requests.append(head)
                self.way.answer(inner)

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificates[self.way.certificate].configure_cert(context)
        if self.way.protocols:
            context.set_alpn_protocols(list(self.way.protocols))
        if self.way.newest:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = self.way.newest
        return context


def _head(connection: Connection) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and (more := connection.recv(65536)):
        data += more
    return data


def certificates(folder: Path) -> dict[str, trustme.LeafCert]:
    """Return certificates for the host by what is wrong with them; write that of the known authority to a folder."""
    known, unknown = trustme.CA(), trustme.CA()
    known.cert_pem.write_to_path(str(folder / "authority.pem"))
    past = datetime.now(timezone.utc) - timedelta(days=2)
    future = past + timedelta(days=9)
    return {
        "good": known.issue_cert(HOST),
        "of another host": known.issue_cert(f"{HOST}.evil.example"),
        "of an unknown authority": unknown.issue_cert(HOST),
        "expired": known.issue_cert(HOST, not_before=past - timedelta(days=9), not_after=past),
        "not yet valid": known.issue_cert(HOST, not_before=future, not_after=future + timedelta(days=9)),
    }


# --- what an answer can be ---


def sends(*parts: bytes, pause_s: float = 0) -> Callable[[Connection], None]:
    """Return an answer of these bytes, with a pause after each part."""

    def answer(connection: Connection) -> None:
        for part in parts:
            connection.sendall(part)
            if pause_s:
                threading.Event().wait(pause_s)

    return answer


def stalls(*parts: bytes) -> Callable[[Connection], None]:
    """Return an answer that begins so and then hangs."""
    return sends(*parts[:-1], *parts[-1:], pause_s=STALLS_S) if parts else sends(b"", pause_s=STALLS_S)


def status(code: int, body: bytes = b'{"error":{}}', *headers: str) -> Callable[[Connection], None]:
    """Return a complete answer."""
    lines = [f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", *headers]
    return sends("\r\n".join([*lines, "", ""]).encode() + body)


def endless(head: bytes, part: bytes) -> Callable[[Connection], None]:
    """Return an answer without an end."""

    def answer(connection: Connection) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(part)

    return answer


def resets(connection: Connection) -> None:
    """Close the connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
