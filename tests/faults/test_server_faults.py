"""Whatever the endpoint does, a refresh ends in time, keeps the old numbers, and knows when to try again.

The faults come over real TLS, through a proxy, as in a company's network.
"""

from __future__ import annotations

import email.utils
import gzip
import json
import shutil
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

import pytest
import trustme

from cache.sources.endpoint import client
from tests.faults.conftest import REFRESHER_MODULES, RowOf
from tests.faults.test_refresher import captured
from tests.support.faults.kept_files import make_due, troubles_of
from tests.support.faults.rows import FORM
from tests.support.faults.tls_endpoint import (
    HOST,
    TlsEndpoint,
    Way,
    certificates,
    endless,
    resets,
    sends,
    stalls,
    status,
)
from tests.support.fork_server import ForkServer, Ran
from tests.support.loopback_server import Answer, Loopback
from tests.support.secret_shapes import leaked_below
from tests.support.tick_world import TOKEN, World

SIDE_BY_SIDE = 4
MEMORY_KIB = 80 << 10
LIMITS, SHORTENED_S = ("IN_TOTAL", "PER_READ"), 0.7  # for servers that stall, except in the long form
BOUND_S = 30.0  # far more than a refresh takes on a busy machine, and less than one that waits for a server
ANSWER = captured().encode()
OK = status(200, ANSWER, "Content-Type: application/json")
HEAD = b"HTTP/1.1 200 OK\r\n"
LARGE_GZIP = gzip.compress(b"[" + b" " * (20 << 20) + b"]")

SOON, LATER = (295, 302), (1795, 1802)  # seconds until the next attempt
HOUR = (3595, 3602)
DUE_AGAIN = (295, 664)  # after an answer


class Case(NamedTuple):
    """A way that the request goes, the name of the failure, when the next attempt is, and how many requests arrive."""

    way: Way
    problem: str | None
    wait_s: tuple[int, int] = SOON
    requests: int = 1
    stalls: bool = False  # until our limit


def is_shortened(case: Case) -> bool:
    """Return whether the limits of a request are shortened; the request may not get through then."""
    return case.stalls and FORM != "long"


def _way(**steps: Any) -> Way:
    return Way(**{"answer": OK, **steps})


def _lost(*, stalls: bool = False, **steps: Any) -> Case:
    """Return a case in which no request arrives."""
    return Case(_way(**steps), "unreachable", requests=0, stalls=stalls)


def _answers(answer: Any, problem: str | None, wait_s: tuple[int, int] = SOON) -> Case:
    return Case(_way(answer=answer), problem, wait_s)


def _limited(*headers: str, wait_s: tuple[int, int] = SOON) -> Case:
    return _answers(status(429, b"{}", *headers), "rate_limited", wait_s)


def _date(ahead_s: float) -> str:
    return email.utils.formatdate(time.time() + ahead_s, usegmt=True)


def _chunked(*chunks: bytes) -> bytes:
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


def cases() -> dict[str, Case]:
    """Return all cases by name; dates in them count from now."""
    return {
        "answers": _answers(OK, None, DUE_AGAIN),
        "hints first": _answers(sends(b"HTTP/1.1 103 Hints\r\n\r\n", _whole(ANSWER)), None, DUE_AGAIN),
        "sets a cookie": _answers(status(200, ANSWER, "Set-Cookie: a=b"), None, DUE_AGAIN),
        "prefers HTTP/2": Case(_way(protocols=("h2", "http/1.1")), None, DUE_AGAIN),
        **_before_the_request(),
        **_without_an_end(),
        **_malformed(),
        **_with_a_body(),
        **{f"answers {code}": _answers(status(code), "refused", LATER) for code in (401, 403)},
        **{f"answers {code}": _answers(status(code), "server_trouble") for code in (*TROUBLE, 999)},
        **_redirects(),
        **_rate_limits(),
    }


TROUBLE = (204, 206, 300, 400, 404, 408, 418, 500, 502, 503, 504, 529)


def _whole(body: bytes) -> bytes:
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _before_the_request() -> dict[str, Case]:
    bad = ("of another host", "of an unknown authority", "expired", "not yet valid")
    return {
        "stalls at connect": _lost(connects=stalls(), stalls=True),
        "resets at connect": _lost(connects=resets),
        "stalls in TLS": _lost(greets=stalls(), stalls=True),
        "resets in TLS": _lost(greets=resets),
        "has no TLS": _lost(greets=sends(b"HTTP/1.1 400 no TLS here\r\n\r\n", pause_s=0.2)),
        "has old TLS": _lost(newest=ssl.TLSVersion.TLSv1_1),
        **{f"proxy answers {code}": _lost(tunnels=status(code, b"")) for code in (302, 403, 407, 502)},
        "proxy answers nonsense": _lost(tunnels=sends(b"\0\1\2 nonsense\r\n\r\n")),
        **{f"certificate {name}": _lost(certificate=name) for name in bad},
    }


def _without_an_end() -> dict[str, Case]:
    """Return the cases that only our own limits end."""
    slow = {
        "stalls before its answer": stalls(),
        "stalls in its head": stalls(HEAD + b"X-A"),
        "stalls in its body": stalls(HEAD + b"Content-Length: 500\r\n\r\n{"),
        "drips its head": sends(HEAD, *[b"y"] * 100, pause_s=0.3),
        "drips its body": sends(HEAD + b"Content-Length: 500\r\n\r\n", *[b" "] * 100, pause_s=0.3),
        "goes on hinting": sends(*[b"HTTP/1.1 103 Hints\r\n\r\n"] * 100, pause_s=0.3),
        "hints without end": endless(b"", b"HTTP/1.1 103 Hints\r\nLink: </x>; rel=preload\r\n\r\n" * 50),
        "sends headers without end": endless(HEAD, b"X-A: yyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 50),
    }
    large = {"sends a body without end": endless(_chunked(), b"10000\r\n" + b" " * 65536 + b"\r\n")}
    large["sends 10 MB"] = endless(HEAD + b"Content-Length: 10000000\r\n\r\n[", b" " * 65536)
    return {
        **{name: Case(_way(answer=each), "unreachable", stalls=True) for name, each in slow.items()},
        **{name: _answers(each, "unreadable") for name, each in large.items()},
    }


def _malformed() -> dict[str, Case]:
    broken = {
        "closes before its answer": sends(),
        "resets before its answer": resets,
        "closes in its head": sends(HEAD + b"X-"),
        "ends too soon": sends(HEAD + b"Content-Length: 9999\r\n\r\n" + ANSWER),
        "tells two lengths": sends(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}"),
        "tells a negative length": sends(HEAD + b"Content-Length: -1\r\n\r\n{}"),
        "sends a bad chunk": sends(_chunked(b"zz\r\n{}\r\n")),
        "cuts a chunk": sends(_chunked(b"ff\r\n{}")),
        "has a status of four digits": sends(b"HTTP/1.1 1000 X\r\n\r\n"),
        "is of HTTP/0.9": sends(b"hello"),
        "is of HTTP/2": sends(b"\0\0\x12\4\0\0\0\0\0" + b"\0" * 18),
        "has a NUL in its head": sends(HEAD + b"X: a\0b\r\n\r\n{}"),
    }
    return {name: _answers(each, "unreachable") for name, each in broken.items()}


def _with_a_body() -> dict[str, Case]:
    bodies = {
        "HTML": b"<html>Sign in to the network</html>",
        "nothing": b"",
        "a list": b"[]",
        "null": b"null",
        "a number": b"1e400",
        "text": b'"x"',
        "wrong types": b'{"five_hour":"x","seven_day":[1],"limits":{"a":1}}',
        "NaN": b'{"five_hour":{"utilization":NaN}}',
        "deep JSON": b"[" * 100_000 + b"]" * 100_000,
        "half of it": ANSWER[:200],
        "UTF-16": ANSWER.decode().encode("utf-16"),
    }
    encoded = {
        "gzip": _coded("gzip", gzip.compress(ANSWER)),
        "a gzip bomb": _coded("gzip", LARGE_GZIP),
        "cut gzip": _coded("gzip", gzip.compress(ANSWER)[:50]),
        "br": _coded("br", ANSWER),
        "gzip without saying so": _whole(gzip.compress(ANSWER)),
    }
    found = {f"sends {name}": _answers(status(200, each), "unreadable") for name, each in bodies.items()}
    return found | {f"sends {name}": _answers(sends(each), "unreadable") for name, each in encoded.items()}


def _coded(name: str, body: bytes) -> bytes:
    return HEAD + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (name.encode(), len(body)) + body


def _redirects() -> dict[str, Case]:
    to = {
        301: f"https://{HOST}/api/oauth/usage2",
        302: "https://evil.example/",
        307: "//evil.example/",
        308: "http://x/",
    }
    return {
        f"redirects with {code}": _answers(status(code, b"", f"Location: {place}"), "server_trouble")
        for code, place in to.items()
    }


def _rate_limits() -> dict[str, Case]:
    as_usual = ("0", "-1", "1.5", "soon", "٣٠٠", "Wed, 21 Oct 2015 07:28:00 GMT")
    an_hour = ("86400", "1000000000", "9" * 30, "Fri, 31 Dec 9999 23:59:59 GMT")
    return {
        "answers 429": _limited(),
        **{f"answers 429, retry after {each}": _limited(f"Retry-After: {each}") for each in as_usual},
        **{f"answers 429, retry after {each}": _limited(f"Retry-After: {each}", wait_s=HOUR) for each in an_hour},
        "answers 429, retry after 400": _limited("Retry-After: 400", wait_s=(395, 402)),
        "answers 429, retry at a time": _limited(f"Retry-After: {_date(700)}", wait_s=(600, 702)),
        "answers 429, retry after twice": _limited("Retry-After: 400", "Retry-After: 500", wait_s=(295, 502)),
    }


@dataclass
class Machine:
    """A person behind the proxy whose cache holds the captured numbers, and a process that becomes refreshers."""

    world: World
    refreshers: ForkServer
    kept: Path
    certificates: dict[str, trustme.LeafCert]

    def refresh(self, case: Case) -> tuple[Ran, TlsEndpoint]:
        """Refresh over a way that may be bad."""
        shutil.rmtree(self.world.cache)
        shutil.copytree(self.kept, self.world.cache)
        cache = str(self.world.cache)
        argv = ["usage", "--cache", cache, "--oauth", "auto", "--claude-version", "2.1.330"]
        patches = {f"{client.__name__}.{name}": SHORTENED_S for name in LIMITS if is_shortened(case)}
        door = self.world.door.parents[1] / "cache" / "__main__.py"
        with TlsEndpoint(case.way, self.certificates) as endpoint:
            env = {**self.world.env, "HTTPS_PROXY": endpoint.proxy}
            return self.refreshers.run(door, argv, env, patches=patches), endpoint

    def troubles(self, case: Case) -> list[str]:
        """Return what did not hold."""
        ran, endpoint = self.refresh(case)
        if ran.code not in {0, 1} or ran.out or ran.err:
            return [str(ran)]
        entry = self.world.kept()
        ahead_s, (least, most) = entry["due_at"] - time.time(), case.wait_s
        holds = {
            f"took {ran.took_s:.1f} s": ran.took_s < BOUND_S,
            f"had {ran.peak_kib >> 10} MB": ran.peak_kib <= MEMORY_KIB,
            f"problem {entry['problem']}": entry["problem"] == case.problem,
            f"the next attempt in {ahead_s:.0f} s": least - ran.took_s - 5 <= ahead_s <= most,
            f"{len(endpoint.requests)} requests": len(endpoint.requests) == case.requests or is_shortened(case),
            f"keeps {self.world.windows()}": _numbers(self.world) == KNOWN,
            "the token was told to the proxy": TOKEN.encode() not in b"".join(endpoint.tunnels),
        }
        return [text for text, is_so in holds.items() if not is_so] + troubles_of(self.world.cache) + self._leaks()

    def _leaks(self) -> list[str]:
        return [f"the token is in {path}" for path in leaked_below(self.world.cache, TOKEN)]


KNOWN = {"five_hour": 24, "seven_day": 83, "seven_day:fable": 36}


def _numbers(world: World) -> dict[str, float]:
    return {id_: each["percent"] for id_, each in world.windows().items()}


@pytest.fixture
def machines(door: Path, system_calls: Path, tmp_path: Path) -> Iterator[list[Machine]]:
    """Return machines for use side by side: many cases only wait."""
    known = certificates(tmp_path)
    made = []
    for number in range(SIDE_BY_SIDE):
        home = tmp_path / f"home-{number}"
        home.mkdir()
        world = World(home, door, extra={"SSL_CERT_FILE": str(tmp_path / "authority.pem")})
        world.extra["STATUSLINE_LOG"] = str(world.cache / "hudline.log")
        world.sign_in()
        server = ForkServer(door.parents[1], REFRESHER_MODULES).__enter__()
        machine = Machine(world, server, tmp_path / f"kept-{number}", known)
        made.append(machine)
        world.cache.mkdir(parents=True)
        machine.kept.mkdir()
        ran, _ = machine.refresh(cases()["answers"])
        assert (ran.code, _numbers(world)) == (0, KNOWN), ran
        make_due(world.cache)
        shutil.rmtree(machine.kept)
        shutil.copytree(world.cache, machine.kept)
    yield made
    for each in made:
        each.refreshers.__exit__()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_faults_of_a_server_over_tls(row: RowOf, machines: list[Machine]) -> None:
    free: SimpleQueue[Machine] = SimpleQueue()
    for each in machines:
        free.put(each)

    def troubles(case: Case) -> list[str]:
        machine = free.get()
        try:
            return machine.troubles(case)
        finally:
            free.put(machine)

    with row("server faults over TLS") as figures, ThreadPoolExecutor(len(machines)) as pool:
        for number in range(figures.count):
            now = cases()
            for name, found in zip(now, pool.map(troubles, now.values()), strict=True):
                figures.judge(f"{name} ({number})", found)


# --- after a fault; through `statusline refresh`, from a server without TLS ---


@pytest.fixture
def world(door: Path, tmp_path: Path) -> Iterator[World]:
    """Give a person whose cache holds the captured numbers; the server is about to misbehave."""
    world = World(tmp_path, door)
    world.sign_in()
    with Loopback(Answer(body=captured())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        assert world.refresh("--force", "--json").returncode == 0
        yield world


def misbehave(world: World, *answers: Answer) -> dict[str, object]:
    """Ask a server that answers so; return the entry, having seen that the old numbers are in it."""
    with Loopback(*answers) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        done = world.refresh("--force", "--json")
        assert done.returncode == 1, done.stdout + done.stderr
        assert TOKEN not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert len(server.requests) == 1
    assert _numbers(world) == KNOWN
    return world.kept()


def wait_s(entry: dict[str, object]) -> int:
    due_at = entry["due_at"]
    assert isinstance(due_at, int)
    return due_at - int(time.time())


def test_failures_in_a_row_wait_longer_up_to_half_an_hour(world: World) -> None:
    waits = [wait_s(misbehave(world, Answer(status=503))) for _ in range(5)]
    assert [round(each / 300) for each in waits] == [1, 2, 4, 6, 6]


def test_a_cool_down_is_not_shortened_even_by_force(world: World) -> None:
    misbehave(world, Answer(status=429, headers={"Retry-After": "900"}))
    with Loopback(Answer(body=captured())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        done = world.refresh("--force", "--json")
        assert done.returncode == 1
        assert server.requests == []
    assert world.kept()["problem"] == "rate_limited"
    assert 880 < wait_s(world.kept()) <= 902


def test_a_success_after_failures_forgets_them(world: World) -> None:
    misbehave(world, Answer(status=500))
    with Loopback(Answer(body=captured())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        assert world.refresh("--force").returncode == 0
    entry = world.kept()
    assert (entry["problem"], entry["failures"]) == (None, 0)
    assert 295 <= wait_s(entry) <= 362


def test_without_force_nothing_is_asked_before_it_is_time(world: World) -> None:
    with Loopback(Answer(body=captured())) as server:
        world.extra["STATUSLINE_API_BASE"] = server.base
        done = world.refresh("--json")
        assert done.returncode == 0
        assert server.requests == []
    assert "not due" in json.dumps(json.loads(done.stdout))


def test_nobody_signed_in_is_said_with_the_next_step(world: World) -> None:
    (world.home / ".claude" / ".credentials.json").unlink()
    done = world.refresh("--force")
    assert done.returncode == 1
    assert "/login" in done.stdout + done.stderr
    assert world.windows()["five_hour"]["percent"] == 24
