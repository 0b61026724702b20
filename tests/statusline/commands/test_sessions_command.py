"""``statusline sessions``: what it lists, and to which pane of a real tmux it goes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from statusline.commands.support.sample import sample
from tests.support.git_checkouts import checkout, commit, git
from tests.support.kept_numbers import statusline
from tests.support.programs import program
from tests.support.session_files import WAITING, processes, session_file
from tests.support.tick_world import until

HERE = os.getpid()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".claude" / "sessions"


def answer(session_id: str, model: str = "claude-opus-5-5") -> str:
    """Return a line of a transcript as Claude Code writes it."""
    message = {
        "model": model,
        "usage": {"input_tokens": 12, "cache_read_input_tokens": 84_000, "output_tokens": 500},
    }
    record = {"type": "assistant", "sessionId": session_id, "timestamp": "2026-11-22T04:14:00Z", "message": message}
    return json.dumps(record, separators=(",", ":")) + "\n"


def test_without_sessions_it_says_so(tmp_path: Path) -> None:
    ran = statusline(tmp_path, "sessions")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "No session is running.\n", "")
    assert json.loads(statusline(tmp_path, "sessions", "--json").stdout) == {"sessions": []}


def test_after_a_compaction_the_size_of_the_context_is_not_known(folder: Path, tmp_path: Path) -> None:
    with processes(1) as (one,):
        file = session_file(folder, one, "/elsewhere/docs")
        session_id = json.loads(file.read_text())["sessionId"]
        transcript = tmp_path / ".claude" / "projects" / "-elsewhere-docs" / f"{session_id}.jsonl"
        transcript.parent.mkdir(parents=True)
        transcript.write_text(answer(session_id) + '{"type":"system","subtype":"compact_boundary"}\n{"type":"user"}\n')
        (found,) = json.loads(statusline(tmp_path, "sessions", "--json").stdout)["sessions"]
        assert (found["context_tokens"], found["model"]) == (None, "claude-opus-5-5")
        assert statusline(tmp_path, "sessions").stdout.split()[-1] == "claude-opus-5-5"
        transcript.write_text(transcript.read_text() + answer(session_id))
        (found,) = json.loads(statusline(tmp_path, "sessions", "--json").stdout)["sessions"]
        assert found["context_tokens"] == 84_012


@pytest.mark.parametrize("operation", ["rebase", "bisect", "detached"])
def test_a_session_in_a_rebase_or_a_bisection_has_the_branch_of_the_line(
    folder: Path, tmp_path: Path, operation: str
) -> None:
    work = checkout(tmp_path / "work", one="1\n")
    git(work, "checkout", "-q", "-b", "feat/login")
    commit(work, "second", one="2\n")
    git(work, "checkout", "-q", "main")
    commit(work, "third", one="3\n")
    if operation == "rebase":
        git(work, "rebase", "feat/login", check=False)
    else:
        git(work, "checkout", "-q", "--detach")
    if operation == "bisect":
        git(work, "checkout", "-q", "main")
        git(work, "bisect", "start", "main", "main~1")
        git(work, "checkout", "-q", "--detach")
    expected = git(work, "rev-parse", "HEAD")[:7] if operation == "detached" else "main"
    with processes(1) as (one,):
        session_file(folder, one, str(work))
        (found,) = json.loads(statusline(tmp_path, "sessions", "--json").stdout)["sessions"]
        text = statusline(tmp_path, "sessions").stdout
    assert found["branch"] == expected
    assert text.rstrip().endswith(f"~/work  {expected}")
    drawn = sample({"HOME": str(tmp_path)}, str(work), time.time())
    assert drawn.snapshot.branch == expected, "the preview has it, too"


def test_who_waits_comes_first_with_all_that_is_known(folder: Path, tmp_path: Path) -> None:
    work = checkout(tmp_path / "work" / "api", one="1\n")
    with processes(2) as (one, two):
        session_file(folder, one, "/elsewhere/docs", status="busy", tmux=None)
        file = session_file(folder, two, str(work), **WAITING)
        session_id = json.loads(file.read_text())["sessionId"]
        transcript = tmp_path / ".claude" / "projects" / "-moved-since" / f"{session_id}.jsonl"
        transcript.parent.mkdir(parents=True)
        side = answer(session_id, "claude-haiku-4-5").replace('{"type"', '{"isSidechain":true,"type"')
        transcript.write_text(answer(session_id) + side + '{"type":"user"}\n')
        ran = statusline(tmp_path, "sessions")
        found = json.loads(statusline(tmp_path, "sessions", "--json").stdout)["sessions"]
    first, second = ran.stdout.splitlines()
    assert first.split()[:2] == ["api", "waiting"]
    assert ": permission prompt" in first
    assert first.endswith("~/work/api       main  84k  claude-opus-5-5")
    assert second.split()[0] == "docs"
    assert second.rstrip().endswith("/elsewhere/docs")
    assert found[0] == {
        "name": "api",
        "pid": two,
        "session_id": session_id,
        "folder": str(work),
        "branch": "main",
        "status": "waiting",
        "waiting_for": "permission prompt",
        "since": 1795320600.0,
        "started_at": 1795320000.0,
        "context_tokens": 84_012,
        "model": "claude-opus-5-5",
        "pane": "%1",
    }
    assert (found[1]["branch"], found[1]["model"], found[1]["pane"]) == (None, None, None)


def test_nothing_of_a_session_acts_on_the_terminal(folder: Path, tmp_path: Path) -> None:
    hostile = "\x1b]0;title\x07\u202eevil\n\x9b31m"
    session_file(folder, HERE, f"/w/{hostile}", name=hostile, nameSource="user", status=hostile, waitingFor=hostile)
    for words in ([], ["--go", "x\x1b[2J"], ["--json"]):
        ran = statusline(tmp_path, "sessions", *words, FORCE_COLOR="0")
        text = ran.stdout + ran.stderr
        assert all(char.isprintable() or char == "\n" for char in text)
        assert len(text.splitlines()) == (1 if "--json" not in words else text.count("\n"))


@pytest.mark.parametrize("place", ["a file", "a loop"])
def test_a_folder_that_is_none_fails_in_words_or_has_no_sessions(folder: Path, tmp_path: Path, place: str) -> None:
    folder.parent.mkdir()
    folder.touch() if place == "a file" else folder.symlink_to(folder)
    ran = statusline(tmp_path, "sessions")
    assert "Traceback" not in ran.stderr
    assert ran.returncode == (0 if place == "a file" else 1)


# --- --go -------------------------------------------------------------------------------------------------------------


class Tmux:
    """A tmux server of this test: a person looks at `home`, sessions run in panes of others."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def ask(self, *words: str) -> str:
        start = [program("tmux"), "-f", os.devnull, "-S", str(self.socket)]
        return subprocess.run([*start, *words], capture_output=True, text=True, check=False).stdout.strip()

    def pane(self, name: str) -> tuple[str, int]:
        """Start a process below a shell in a pane; return the pane and the process."""
        self.ask("new-session", "-d", "-s", name, "sh", "-c", "sleep 600 & wait")
        pane, above = self.ask("list-panes", "-t", name, "-F", "#{pane_id} #{pane_pid}").split()
        children = Path(f"/proc/{above}/task/{above}/children")
        found = until(lambda: children.read_text().split() if children.exists() else [above])
        return pane, int(found[0])

    def shown(self) -> str:
        """Return the session that the person looks at."""
        return self.ask("list-clients", "-F", "#{session_name}")


@pytest.fixture(scope="module")
def tmux() -> Iterator[Tmux]:
    with tempfile.TemporaryDirectory(prefix="tmux-") as place:  # a socket's path is short
        server = Tmux(Path(place) / "socket")
        server.ask("new-session", "-d", "-s", "home", "sleep 600")
        above, below = pty.openpty()
        words = [program("tmux"), "-S", str(server.socket), "attach", "-t", "home"]
        with subprocess.Popen(words, stdin=below, stdout=below, env={**os.environ, "TMUX": "", "TERM": "xterm"}):
            os.close(below)
            until(server.shown)
            yield server
            server.ask("kill-server")
        os.close(above)


def go(home: Path, tmux: Tmux, name: str) -> subprocess.CompletedProcess[str]:
    tmux.ask("switch-client", "-t", "home")
    return statusline(home, "sessions", "--go", name, TMUX=f"{tmux.socket},1,0")


def test_it_goes_to_the_pane_of_the_session(tmux: Tmux, folder: Path, tmp_path: Path) -> None:
    pane, pid = tmux.pane("api")
    session_file(folder, pid, "/w/api", tmux=f"api:@1.{pane}")
    for name in ("api", "api-e7", "ap", str(pid)):
        ran = go(tmp_path, tmux, name)
        assert (ran.returncode, ran.stderr, tmux.shown()) == (0, "", "api")


def test_a_pane_that_holds_another_process_is_not_shown(tmux: Tmux, folder: Path, tmp_path: Path) -> None:
    pane, _ = tmux.pane("other")
    for claim in (f"other:@1.{pane}", "other:@1.%99999"):
        session_file(folder, HERE, tmux=claim)
        ran = go(tmp_path, tmux, "api")
        assert (ran.returncode, tmux.shown()) == (1, "home")
        assert ran.stderr == "statusline sessions: cannot go to api: its tmux pane is not on this tmux server.\n"


@pytest.mark.parametrize("pane", ["%0; kill-server", "-t", "#(touch here)", "%0\nkill-server", None])
def test_what_is_no_pane_never_reaches_tmux(tmux: Tmux, folder: Path, tmp_path: Path, pane: Any) -> None:
    session_file(folder, HERE, tmux=pane and f"x:@0.{pane}")
    ran = go(tmp_path, tmux, "api")
    assert (ran.returncode, ran.stderr) == (1, "statusline sessions: api does not run in tmux.\n")
    assert tmux.shown() == "home"


def test_an_ambiguous_name_lists_the_candidates(tmux: Tmux, folder: Path, tmp_path: Path) -> None:
    with processes(3) as (one, two, three):
        session_file(folder, one, "/a/api", name="api-11")
        session_file(folder, two, "/b/api", name="api-22")
        session_file(folder, three, "/b/docs", name="docs-33")
        for name, listed in (("api", "api-11, api-22"), ("api-", "api-11, api-22")):
            ran = go(tmp_path, tmux, name)
            assert ran.returncode == 1
            assert ran.stderr.startswith(f"statusline sessions: {name} is ambiguous: ")
            assert sorted(ran.stderr.rstrip(".\n").rpartition(": ")[2].split(", ")) == listed.split(", ")
        ran = go(tmp_path, tmux, "web")
        assert ran.returncode == 1
        assert "no running session is called web; there are " in ran.stderr


def test_two_sessions_of_one_name_are_told_by_their_processes(folder: Path, tmp_path: Path) -> None:
    with processes(2) as pids:
        for pid in pids:
            session_file(folder, pid, "/a/api", name="api", nameSource="user")
        ran = statusline(tmp_path, "sessions", "--go", "api")
    assert ran.returncode == 1
    assert all(f"api ({pid})" in ran.stderr for pid in pids)


def test_without_tmux_the_message_says_what_is_missing(folder: Path, tmp_path: Path) -> None:
    session_file(folder, HERE)
    ran = statusline(tmp_path, "sessions", "--go", "api", PATH="/nowhere")
    assert (ran.returncode, ran.stderr) == (1, "statusline sessions: cannot go to api: tmux was not found on PATH.\n")
