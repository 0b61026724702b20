"""Ten secrets in all places where hudline can meet one: none gets into a file, output, arguments or an environment."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.conftest import COMMAND_LINE, RowOf
from tests.support.claude_files import login_text
from tests.support.faults.busy_home import JOBS, BusyHome
from tests.support.faults.kept_files import grow_old, make_due
from tests.support.fork_server import ForkServer
from tests.support.git_checkouts import git
from tests.support.loopback_server import Answer, Request
from tests.support.processes import running
from tests.support.secret_shapes import leaked, leaked_below
from tests.support.tick_world import until
from tests.support.transcript_writer import user_line

if TYPE_CHECKING:
    from typing_extensions import Self

# What tells each apart from the others, behind the shape of its kind.
ACCESS, REFRESH, MCP, KEY, BEARER, HEADER, MESSAGING, REMOTE, SPOKEN, PROXY = (
    f"CANARY{name}q7Zt9xLm3Vb8" for name in ("Aa", "Bb", "Cc", "Dd", "Ee", "Ff", "Gg", "Hh", "Ii", "Jj")
)
SECRETS = (ACCESS, REFRESH, MCP, KEY, BEARER, HEADER, MESSAGING, REMOTE, SPOKEN, PROXY)
COMMANDS = (
    *("usage", "usage --json", "usage --all", "export", "export --format json", "prompt", "preview"),
    *("config show", "config check", "doctor", "doctor --json", "doctor --online"),
    *("refresh --force", "refresh --force --json usage"),
)


class Watcher:
    """Looks at all processes of a home as long as it is open; keeps their arguments and environments by process."""

    def __init__(self, home: Path) -> None:
        self.home, self.seen = home, dict[int, tuple[bytes, bytes]]()
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    self._look(entry)
            self._stopping.wait(0.02)

    def _look(self, process: Path) -> None:
        with contextlib.suppress(OSError):  # it has ended
            words = (process / "cmdline").read_bytes()
            if bytes(self.home) in words:
                self.seen[int(process.name)] = (words, (process / "environ").read_bytes())

    def jobs(self) -> set[str]:
        """Return the jobs whose refreshers were seen."""
        texts = (words.decode("utf-8", "replace") for words, _ in self.seen.values())
        return {found[1] for text in texts if (found := re.search(r"cache/__main__\.py\0(\w+)", text))}

    def leaks(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what each process was, and the secrets in its arguments and its environment.

        The usage job may have a proxy's password in its environment. The environment of a line is the user's own.
        """
        for words, environment in self.seen.values():
            may_have = (PROXY,) if b"cache/__main__.py\0usage" in words else ()
            found = leaked(words, *SECRETS)
            if b"/statusline/" not in words:
                found += leaked(environment, *(set(SECRETS) - set(may_have)))
            yield words.replace(b"\0", b" ").decode("utf-8", "replace")[:200], found


@pytest.fixture
def secretive(busy: BusyHome) -> Iterator[tuple[BusyHome, list[Path]]]:
    """Return a home with a secret wherever there can be one, and the files where they belong."""
    busy.restore()
    home = busy.world.home
    login = home / ".claude" / ".credentials.json"
    servers = {"one": {"accessToken": f"mcp-{MCP}", "expiresAt": 1}}
    text = login_text(f"sk-ant-oat01-{ACCESS}", expires_at=time.time() + 3600, mcp=servers)
    login.write_text(text.replace("sk-ant-ort01-CANARY-refresh", f"sk-ant-ort01-{REFRESH}"))
    git(busy.work, "remote", "add", "origin", f"https://user:{REMOTE}@git.example/x.git")
    with busy.transcript.open("ab") as file:
        file.write(user_line(time.time(), f"My password is {SPOKEN}. ANTHROPIC_API_KEY=sk-ant-api03-{SPOKEN}"))
    before = dict(busy.world.extra)
    busy.world.extra |= {
        "ANTHROPIC_API_KEY": f"sk-ant-api03-{KEY}",
        "ANTHROPIC_AUTH_TOKEN": BEARER,
        "ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {HEADER}",
        "CLAUDE_CODE_MESSAGING_TOKEN": MESSAGING,
        "HTTPS_PROXY": f"http://user:{PROXY}@127.0.0.1:1",
        "STATUSLINE_DEBUG": str(home / "debug.log"),
    }
    yield busy, [login, busy.work / ".git" / "config", busy.transcript]
    busy.world.extra.clear()
    busy.world.extra.update(before)


def echo(request: Request) -> str:
    """Return the headers of a request, as a careless server's error page has them."""
    return json.dumps({"error": {"message": f"no access with {request.headers}"}})


ANSWERS = {
    "an answer": lambda _, busy: Answer(body=json.dumps(busy.answer()), late_s=0.5),
    "401": lambda request, _: Answer(status=401, body=echo(request)),
    "500": lambda request, _: Answer(status=500, body=echo(request)),
    "429": lambda request, _: Answer(status=429, headers={"Retry-After": request.headers["authorization"]}),
    "a redirect": lambda request, _: Answer(status=302, headers={"Location": f"/?{request.headers['authorization']}"}),
    "an echo": lambda request, _: Answer(body=echo(request)),
    "names": lambda request, busy: Answer(body=json.dumps(_named_like(busy, request.headers["authorization"]))),
}


def _named_like(busy: BusyHome, name: str) -> dict[str, object]:
    """Return an answer in which everything that has a name is named by a secret."""
    found = busy.answer()
    found["limits"][0]["scope"]["model"]["display_name"] = name
    return {**found, name: found["five_hour"]}


def test_ten_secrets(row: RowOf, secretive: tuple[BusyHome, list[Path]], commands: ForkServer) -> None:
    busy, homes_of_secrets = secretive
    message = json.dumps(busy.payload(version=None)).encode()
    env = {name: value for name, value in busy.world.env.items() if name != "STATUSLINE_START"}
    with row("secrets") as figures, Watcher(busy.world.home) as watcher:
        for name, answer in ANSWERS.items():
            busy.server.answer_to = lambda request, answer=answer: answer(request, busy)
            make_due(busy.world.cache)
            for _ in range(2):  # not all jobs are started at once
                grow_old(busy.world.cache)
                drawn = busy.ticks.run(
                    busy.world.door, busy.world.command[4:], env, stdins=[message], cwd=busy.world.home
                )
                figures.judge(f"the line, {name}", leaked(drawn.out + drawn.err, *SECRETS))
                until(lambda: not running(busy.world.cache, "cache/__main__.py"))
        for words in COMMANDS:
            ran = commands.run(COMMAND_LINE, words.split(), busy.world.env, cwd=busy.world.home)
            figures.judge(words, leaked(ran.out + ran.err, *SECRETS))
        assert watcher.jobs() >= set(JOBS), watcher.jobs()
        for what, found in watcher.leaks():
            figures.judge(what, found)
        files = leaked_below(busy.world.home, *SECRETS, besides=homes_of_secrets)
        figures.judge("files", [f"{path}: {forms}" for path, forms in files.items()])
    busy.server.answer_to = None
    assert len(busy.server.requests) > len(ANSWERS), "the endpoint was asked"


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_would_be_found_in_any_form(secret: str) -> None:
    import base64  # noqa: PLC0415 - the forms below are made here, by another way than the search

    data = f"before {secret} after".encode()
    for form in (data, data[::-1], data.hex().encode(), base64.b64encode(data), base64.b64encode(b"x" + data)):
        assert leaked(b"..." + form + b"...", *SECRETS)
        assert not leaked(form.replace(b"a", b"").replace(b"Q", b"").replace(b"7", b""), *SECRETS)
