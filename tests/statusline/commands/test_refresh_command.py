"""``statusline refresh``: one refresh now, and in a line what happened."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.support.claude_files import login_text
from tests.support.loopback_server import Answer, Loopback
from tests.support.paths import ROOT
from tests.support.warm_command import run_command

TOKEN = "sk-ant-oat01-CANARY-refresh-command"


class Shell:
    """A user's shell: a home with a login, and its environment."""

    def __init__(self, home: Path, base: str) -> None:
        self.home, self.cache = home, home / "cache"
        program = home / "claude"
        program.write_text("#!/bin/sh\necho '2.1.330 (Claude Code)'\n")
        program.chmod(0o755)
        folder = home / ".claude"
        folder.mkdir()
        (folder / ".credentials.json").write_text(login_text(TOKEN, expires_at=time.time() + 9000))
        self.env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
        self.env |= {"STATUSLINE_CACHE_DIR": str(self.cache), "STATUSLINE_CONFIG": str(home / "config.json")}
        self.env |= {"STATUSLINE_CLAUDE_BIN": str(program), "STATUSLINE_API_BASE": base}

    def refresh(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        done = run_command("refresh", *words, env={**self.env, **env}, cwd=self.home)
        assert TOKEN not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done


def body() -> str:
    soon = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 7200))
    return json.dumps({"five_hour": {"utilization": 24.0, "resets_at": soon}})


@pytest.fixture
def server() -> Any:
    with Loopback(Answer(body=body())) as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path, server: Loopback) -> Shell:
    return Shell(tmp_path, server.base)


def test_a_refresh_prints_when_the_next_one_is_due(shell: Shell, server: Loopback) -> None:
    done = shell.refresh()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: refreshed; due again at ")
    assert done.stdout.count("\n") == 1
    assert len(server.requests) == 1


def test_a_second_one_is_not_due_and_a_forced_one_asks_again(shell: Shell, server: Loopback) -> None:
    shell.refresh()
    done = shell.refresh()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: not due before ")
    assert len(server.requests) == 1
    assert shell.refresh("--force").returncode == 0
    assert len(server.requests) == 2


def test_each_kind_has_its_line_and_its_object(shell: Shell) -> None:
    lines = shell.refresh("transcripts", "usage", "usage").stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["transcripts", "usage"]
    found = json.loads(shell.refresh("--json", "usage", "transcripts").stdout)
    assert list(found) == ["usage", "transcripts"]
    assert found["usage"]["state"] == "not due"
    assert found["usage"]["due_at"] > time.time()
    assert set(found["usage"]) == {"state", "sentence", "problem", "next_step", "due_at"}
    said = shell.refresh("--help").stdout
    assert [name for name in found["usage"] if name not in said] == []


def test_a_failure_has_a_next_step_and_exits_with_1(tmp_path: Path) -> None:
    with Loopback(Answer(status=401)) as server:
        shell = Shell(tmp_path, server.base)
        done = shell.refresh()
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.startswith("usage: failed: login refused")
        assert done.stdout.endswith("Run `claude` and, if it asks, sign in again with /login.\n")
        found = json.loads(shell.refresh("--force", "--json").stdout)["usage"]
        assert (found["state"], found["problem"]) == ("failed", "refused")


def test_a_refresh_that_is_not_due_prints_the_last_failure(shell: Shell, server: Loopback) -> None:
    (shell.home / ".claude" / ".credentials.json").unlink()
    shell.refresh()
    found = json.loads(shell.refresh("--json").stdout)["usage"]
    assert (found["state"], found["problem"]) == ("not due", "signed_out")
    assert "/login" in found["next_step"]
    assert "(last attempt: signed out). Run `claude` and sign in" in shell.refresh().stdout
    assert server.requests == []


def test_one_that_is_under_way_elsewhere_exits_with_3(shell: Shell, server: Loopback) -> None:
    shell.cache.mkdir()
    with FileLock(shell.cache / "usage.lock"):
        done = shell.refresh()
    assert done.returncode == 3
    assert done.stdout == "usage: busy: another refresh is running. Wait a few seconds and try again.\n"
    assert server.requests == []


def test_of_several_the_worst_is_the_exit_code(tmp_path: Path) -> None:
    with Loopback(Answer(status=500)) as server:
        shell = Shell(tmp_path, server.base)
        shell.cache.mkdir()
        with FileLock(shell.cache / "transcripts.lock"):
            assert shell.refresh("transcripts").returncode == 3
            assert shell.refresh("usage", "transcripts").returncode == 1


@pytest.mark.parametrize(
    ("env", "config", "problem"),
    [
        ({"STATUSLINE_OAUTH": "off"}, "{}", "off"),
        ({}, '{"oauth": "off"}', "off"),
        ({"ANTHROPIC_API_KEY": "sk-ant-api03-FAKE"}, "{}", "api_key"),
        ({"ANTHROPIC_BASE_URL": "https://gate.example"}, "{}", "gateway"),
        ({"CLAUDE_CODE_USE_VERTEX": "true"}, "{}", "cloud_provider"),
    ],
)
def test_where_the_endpoint_is_not_to_be_asked_it_is_not(
    shell: Shell, server: Loopback, env: dict[str, str], config: str, problem: str
) -> None:
    (shell.home / "config.json").write_text(config)
    done = shell.refresh("--force", "--json", **env)
    assert done.returncode == 1
    assert json.loads(done.stdout)["usage"]["problem"] == problem
    assert server.requests == []


def test_an_unknown_kind_is_a_usage_error(shell: Shell, server: Loopback) -> None:
    done = shell.refresh("weather")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'weather' is not one of usage, transcripts" in done.stderr
    assert server.requests == []


def test_a_closed_pipe_is_no_traceback(shell: Shell) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m statusline.commands.cli refresh --json | true"],
        cwd=shell.home, env={**shell.env, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
