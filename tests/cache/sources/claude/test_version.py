"""Programs named `claude` that answer, give wrong output, hang, and refuse to end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cache.sources.claude.version import PLACES, find_version
from cache.work.failures import NoVersion

AT_MOST_S = 60  # until something must have happened


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def says(path: Path, text: str) -> Path:
    return program(path, f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")


def find(home: Path, path: Path | str = "", handed: str | None = None, **env: str) -> str:
    """Look for the version in a world that holds nothing but what the test made."""
    env = {"HOME": str(home), "PATH": f"{path}:/usr/bin:/bin", **env}
    return find_version(handed, env, places=("~/.local/bin", "~/.claude/local"))


def eventually(path: Path) -> str:
    deadline = time.monotonic() + AT_MOST_S
    while not (path.exists() and path.read_text().endswith("\n")):
        assert time.monotonic() < deadline, f"{path.name} was never written"
        time.sleep(0.01)
    return path.read_text().strip()


def test_a_version_on_stdin_is_used_and_no_program_is_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program(tmp_path / "bin" / "claude", f"#!/bin/sh\ntouch '{ran}'\necho '1.1.1 (Claude Code)'\n")
    assert find(tmp_path, tmp_path / "bin", handed="2.1.330") == "2.1.330"
    assert find(tmp_path, tmp_path / "bin", handed="2.2.0-beta.1") == "2.2.0-beta.1"
    assert not ran.exists()


@pytest.mark.parametrize(
    "handed",
    ["", "2.1", "v2.1.3", "2.1.330\r\nX-Evil: 1", "2.1.330\n", "2.1.330 ", "2.1.330.4", "\u0662.1.3", "2.1.330-\u00e4",
     "1.1." + "1" * 6, "2.1.3-" + "a" * 33, "latest"],
)  # fmt: skip
def test_what_no_header_should_hold_is_not_believed(tmp_path: Path, handed: str) -> None:
    says(tmp_path / "bin" / "claude", "2.1.70 (Claude Code)")
    assert find(tmp_path, tmp_path / "bin", handed=handed) == "2.1.70"
    with pytest.raises(NoVersion):
        find(tmp_path, handed=handed)


def linked(home: Path, version: str) -> Path:
    target = program(home / ".local/share/claude/versions" / version, "#!/bin/sh\nexec touch ran-after-all\n")
    link = home / ".local/bin/claude"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    return target


def test_the_installers_link_has_the_version_without_a_run(tmp_path: Path) -> None:
    linked(tmp_path, "2.1.331")
    says(tmp_path / "bin" / "claude", "1.1.1 (Claude Code)")
    assert find(tmp_path, tmp_path / "bin") == "2.1.331"


def test_a_broken_link_gives_no_version(tmp_path: Path) -> None:
    linked(tmp_path, "2.1.331").unlink()
    with pytest.raises(NoVersion):
        find(tmp_path)


def test_a_link_to_something_else_is_asked_like_any_program(tmp_path: Path) -> None:
    target = says(tmp_path / "node_modules/9.9.9", "2.1.70 (Claude Code)")
    link = tmp_path / ".local/bin/claude"
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    assert find(tmp_path) == "2.1.70"


def test_a_program_on_path_is_asked_before_the_known_places(tmp_path: Path) -> None:
    says(tmp_path / ".claude/local/claude", "2.1.71 (Claude Code)")
    assert find(tmp_path) == "2.1.71"
    says(tmp_path / "bin/claude", "2.1.72 (Claude Code)")
    assert find(tmp_path, tmp_path / "bin") == "2.1.72"


def test_the_known_places_are_those_of_the_installers() -> None:
    assert set(PLACES) == {"~/.local/bin", "~/.claude/local", "/opt/homebrew/bin", "/usr/local/bin"}


def test_a_chosen_program_leaves_no_choice(tmp_path: Path) -> None:
    says(tmp_path / "bin/claude", "2.1.72 (Claude Code)")
    chosen = says(tmp_path / "my claude", "2.1.73 (Claude Code)")
    assert find(tmp_path, tmp_path / "bin", STATUSLINE_CLAUDE_BIN=str(chosen)) == "2.1.73"
    with pytest.raises(NoVersion):
        find(tmp_path, tmp_path / "bin", STATUSLINE_CLAUDE_BIN=str(tmp_path / "missing"))


def test_a_chosen_link_gives_the_version_without_a_run(tmp_path: Path) -> None:
    linked(tmp_path, "2.1.331")
    assert find(Path("/nowhere"), STATUSLINE_CLAUDE_BIN=str(tmp_path / ".local/bin/claude")) == "2.1.331"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.1.70 (Claude Code)", "2.1.70"),
        ("2.1.70", "2.1.70"),
        ("v20.11.1 of node is old\n2.1.70 (Claude Code)", "2.1.70"),
        ("(node 18.0.0) warning\n2.1.70-rc.1 (Claude Code)", "2.1.70-rc.1"),
        ("version 2.1.70, fine", "2.1.70"),
    ],
)
def test_the_version_is_found_in_the_output(tmp_path: Path, text: str, expected: str) -> None:
    says(tmp_path / "bin/claude", text)
    assert find(tmp_path, tmp_path / "bin") == expected


@pytest.mark.parametrize("text", ["", "Claude Code", "connect ECONNREFUSED 127.0.0.1:443", "2.1", "x1.2.3y", "\\377"])
def test_output_without_a_version_gives_none(tmp_path: Path, text: str) -> None:
    says(tmp_path / "bin/claude", text)
    with pytest.raises(NoVersion):
        find(tmp_path, tmp_path / "bin")


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\necho 'claude: not found in 1.2.3'\nexit 127\n",
        "#!/nowhere/interpreter\n",
        "\x7fELF",
        "#!/bin/sh\nyes\n",
    ],
    ids=["fails", "no interpreter", "no program", "never stops talking"],
)
def test_a_broken_program_does_not_hide_a_sound_one(tmp_path: Path, text: str) -> None:
    program(tmp_path / "bin/claude", text)
    says(tmp_path / ".claude/local/claude", "2.1.71 (Claude Code)")
    assert find(tmp_path, tmp_path / "bin") == "2.1.71"


def test_a_directory_and_a_file_that_is_not_executable_are_not_programs(tmp_path: Path) -> None:
    (tmp_path / "bin/claude").mkdir(parents=True)
    says(tmp_path / ".claude/local/claude", "2.1.71 (Claude Code)").chmod(0o644)
    with pytest.raises(NoVersion):
        find(tmp_path, tmp_path / "bin")


def test_the_working_directory_chooses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says(tmp_path / "claude", "6.6.6 (Claude Code)")
    monkeypatch.chdir(tmp_path)
    for path in (".", "", ":"):
        with pytest.raises(NoVersion):
            find_version(None, {"PATH": path, "HOME": "/nowhere"}, places=("~/.local/bin",))


def test_a_program_of_the_project_is_not_run(tmp_path: Path) -> None:
    """Nor an interpreter there, which the first line of a script finds on PATH."""
    ran, project = tmp_path / "ran", tmp_path / "project"
    for path in ("bin/claude", "bin/node", "home/.local/bin/claude", "home/.claude/local/claude"):
        program(project / path, f"#!/bin/sh\ntouch '{ran}'\necho '1.1.1 (Claude Code)'\n")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "claude").symlink_to(project / "bin" / "claude")
    program(tmp_path / "own" / "claude", "#!/usr/bin/env node\n")
    for path in (f"{project}/bin", f"{tmp_path}/linked", f"{project}/bin:{tmp_path}/own", "/proc/self/cwd/bin", "bin"):
        env = {"HOME": str(project / "home"), "PATH": f"{path}:/usr/bin:/bin"}
        with pytest.raises(NoVersion):
            find_version(None, env, places=("~/.local/bin", "~/.claude/local"), project=[str(project)])
        assert not ran.exists(), path
    says(tmp_path / "own" / "claude", "2.1.330 (Claude Code)")
    env = {"HOME": str(tmp_path), "PATH": f"{project}/bin:{tmp_path}/own:/usr/bin:/bin"}
    assert find_version(None, env, places=(), project=[str(project)]) == "2.1.330"
    assert not ran.exists()


def test_a_program_that_hangs_gets_term_and_is_not_killed(tmp_path: Path) -> None:
    """A killed `claude` can lose the login; one that has been asked ends in its own way."""
    ended = tmp_path / "ended"
    program(
        tmp_path / "bin/claude",
        f"#!/bin/sh\ntrap 'echo asked >\"{ended}\"; exit 0' TERM\nwhile :; do sleep 0.05; done\n",
    )
    with pytest.raises(NoVersion):
        find(tmp_path, tmp_path / "bin")
    assert eventually(ended) == "asked"


def test_a_program_that_gives_no_version_is_not_one_that_is_missing(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "PATH": str(tmp_path / "bin")}
    with pytest.raises(NoVersion, match="`claude` not found") as missing:
        find_version(None, env, places=())
    assert missing.value.program is None
    path = program(tmp_path / "bin/claude", "#!/bin/sh\nexec /bin/sleep 60\n")
    with pytest.raises(NoVersion, match=r"did not answer within 0\.2 s") as silent:
        find_version(None, env, places=(), seconds=0.2)
    assert silent.value.program == str(path)
    says(path, "no number").write_text("#!/bin/sh\n")
    with pytest.raises(NoVersion, match="was found, but `--version` printed no version"):
        find_version(None, env, places=())


def test_a_slow_program_has_the_time_that_it_is_given(tmp_path: Path) -> None:
    program(tmp_path / "bin/claude", "#!/bin/sh\nsleep 2.5\necho '2.1.70 (Claude Code)'\n")
    env = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    assert find_version(None, env, places=(), seconds=AT_MOST_S) == "2.1.70"
    with pytest.raises(NoVersion):
        find_version(None, env, places=())


def test_a_program_that_ignores_term_is_left_running(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program(tmp_path / "bin/claude", f"#!/bin/sh\ntrap '' TERM\necho $$ >'{pid_file}'\nexec sleep 600\n")
    with pytest.raises(NoVersion):
        find(tmp_path, tmp_path / "bin")
    pid = int(eventually(pid_file))
    os.kill(pid, 0)  # it lives
    os.kill(pid, signal.SIGKILL)


def test_a_grandchild_that_holds_the_pipe_does_not_hide_the_answer(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program(
        tmp_path / "bin/claude",
        f"#!/bin/sh\nsleep 600 &\necho $! >'{pid_file}'\necho '2.1.70 (Claude Code)'\n",
    )
    assert find(tmp_path, tmp_path / "bin") == "2.1.70"
    os.kill(int(eventually(pid_file)), signal.SIGKILL)


CHILD = """
import os
from cache.sources.claude.version import find_version
print(find_version(None, os.environ, places=()))
"""


def test_the_program_gets_no_secrets_and_no_input(tmp_path: Path) -> None:
    told = tmp_path / "told"
    facts = (
        "dict(env=dict(os.environ), argv=sys.argv[1:], cwd=os.getcwd(), stdin=sys.stdin.read(),"
        " leads=os.getsid(0) == os.getpid())"
    )
    program(
        tmp_path / "bin/claude",
        f"#!{sys.executable}\nimport json, os, sys\nopen({str(told)!r}, 'w').write(json.dumps({facts}) + '\\n')\n"
        "print('2.1.70 (Claude Code)')\n",
    )
    world = {
        "HOME": str(tmp_path),
        "PATH": f"{tmp_path}/bin:/usr/bin:/bin",
        "ANTHROPIC_API_KEY": "sk-ant-api03-FAKE",
        "CLAUDE_CODE_MESSAGING_TOKEN": "FAKE",
        "HTTPS_PROXY": "http://user:FAKE@proxy.example",
    }
    asked = subprocess.run(
        [sys.executable, "-c", CHILD],
        check=True,
        input="FAKE",
        env=world,
        capture_output=True,
        text=True,
        timeout=AT_MOST_S,
    )
    assert (asked.stdout, asked.stderr) == ("2.1.70\n", "")
    found = json.loads(eventually(told))
    assert "FAKE" not in json.dumps(found)
    assert found["env"]["HOME"] == str(tmp_path)
    assert (found["argv"], found["cwd"], found["stdin"], found["leads"]) == (["--version"], "/", "", True)


def test_without_a_home_and_a_path_there_is_no_version() -> None:
    with pytest.raises(NoVersion):
        find_version(None, {}, places=("~/.local/bin",))
