"""A real HTTP server on loopback that misbehaves as told and records every request; in a thread or a process.

In a test: ``with Loopback(Answer(status=429)) as server: ... server.base ... server.requests``.
From a shell: ``python -m tests.support.loopback_server '{"status": 429}'`` prints its port, then
each request as a line of JSON.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Self

DRIP_S = 1.0  # seconds between two bytes of what drips


@dataclass(frozen=True)
class Answer:
    """What one request gets. ``body`` is bytes told as latin-1 text, so that an answer fits into JSON."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    drips: str = ""  # "head" or "body": that part leaves one byte at a time
    length: int | None = None  # the Content-Length told, where it is not the true one
    cut_at: int | None = None  # the connection ends after so many bytes of the body
    silent: bool = False  # the request is read and never answered
    late_s: float = 0.0  # seconds before the answer
    raw: str = ""  # sent instead of all this

    @property
    def head(self) -> bytes:
        told = len(self.body) if self.length is None else self.length
        lines = {"Content-Type": "application/json", "Content-Length": str(told), "Connection": "close"} | self.headers
        rows = [f"HTTP/1.1 {self.status} Whatever", *(f"{name}: {value}" for name, value in lines.items())]
        return "\r\n".join([*rows, "", ""]).encode("latin-1")


@dataclass(frozen=True)
class Request:
    """What came: the request line, and the headers with their names in lower case."""

    line: str
    headers: dict[str, str]


class Loopback:
    """A server on 127.0.0.1; the n-th request gets the n-th answer, the last one serves for all further ones.

    ``tunnel_to`` makes it a proxy that answers CONNECT, whatever the host, with a tunnel to that port on loopback.
    ``tls`` makes it an https server. ``answers`` may be replaced while it runs (not in a separate process).
    """

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None, tunnel_to: int | None = None) -> None:
        self.answers = list(answers) or [Answer()]
        self.requests: list[Request] = []
        self.happens: Callable[[], None] | None = None  # once, between the next request and its answer
        self.answer_to: Callable[[Request], Answer] | None = None  # instead of the answers in turn
        self.errors: list[OSError] = []  # such as a TLS handshake that the client refused
        self._tls, self._tunnel_to = tls, tunnel_to
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._socket.getsockname()[1]

    @property
    def base(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            pass  # wakes the thread that waits in accept
        self._socket.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with plain:
            try:
                connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
                with connection:
                    self._answer(connection)
            except OSError as error:
                self.errors.append(error)

    def _answer(self, connection: socket.socket) -> None:
        request = _read_request(connection)
        if request is None:
            return
        with self._lock:
            in_turn = self.answers[min(len(self.requests), len(self.answers) - 1)]
            self.requests.append(request)
        answer = in_turn if self.answer_to is None else self.answer_to(request)
        if self._tunnel_to is not None and request.line.startswith("CONNECT "):
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _join(connection, self._tunnel_to)
        else:
            self._send(connection, answer)

    def _send(self, connection: socket.socket, answer: Answer) -> None:
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()
        self._stopping.wait(3600 if answer.silent else answer.late_s)
        if answer.silent:
            return
        if answer.raw:
            connection.sendall(answer.raw.encode("latin-1"))
            return
        self._let_out(connection, answer.head, drips=answer.drips == "head")
        body = answer.body.encode("latin-1")[: answer.cut_at]
        self._let_out(connection, body, drips=answer.drips == "body")

    def _let_out(self, connection: socket.socket, data: bytes, *, drips: bool) -> None:
        if not drips:
            connection.sendall(data)
            return
        for byte in data:
            connection.sendall(bytes([byte]))
            if self._stopping.wait(DRIP_S):
                return


def _read_request(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    line, *rows = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    pairs = (row.partition(":") for row in rows)
    return Request(line, {name.strip().lower(): value.strip() for name, _, value in pairs})


def _join(connection: socket.socket, port: int) -> None:
    """Carry bytes both ways until one side ends."""
    with socket.create_connection(("127.0.0.1", port)) as far:
        threading.Thread(target=_carry, args=(connection, far), daemon=True).start()
        _carry(far, connection)


def _carry(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class SeparateLoopback:
    """The same server in a process of its own, so that what is measured beside it has an interpreter to itself."""

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[Request] = []
        self._words = [json.dumps(asdict(answer)) for answer in answers]

    def __enter__(self) -> Self:
        command = [sys.executable, __file__, *self._words]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self.port = int(self._output.readline())
        self.base = f"http://127.0.0.1:{self.port}"
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the server by ending its stdin; after that, all requests that it saw are in ``requests``."""
        self._input.close()
        self._reader.join(60)
        self._output.close()
        self._process.wait(60)

    def _collect(self) -> None:
        for line in self._output:
            self.requests.append(Request(**json.loads(line)))


def _new(server: Loopback) -> Iterator[Request]:
    """Give each request as it comes, until stdin ends."""
    waiting, told = threading.Thread(target=sys.stdin.read, daemon=True), 0
    waiting.start()
    while waiting.is_alive() or told < len(server.requests):
        for request in server.requests[told:]:
            told += 1
            yield request
        time.sleep(0.01)


def main() -> None:
    """Serve the answers given as JSON objects until stdin ends."""
    with Loopback(*(Answer(**json.loads(word)) for word in sys.argv[1:])) as server:
        print(server.port, flush=True)
        for request in _new(server):
            print(json.dumps(asdict(request)), flush=True)


if __name__ == "__main__":
    main()
