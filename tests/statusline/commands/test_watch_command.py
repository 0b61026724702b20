"""``statusline watch``: what it writes into the configuration, and what the refresher makes of it."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cache.model.windows import Window
from statusline.commands.config_check.config_check import find_problems
from tests.support.kept_numbers import keep, statusline, window
from tests.support.paths import ROOT
from tests.support.tick_world import World, payload, until
from tests.support.unprivileged import DROP

NOTE = 'env | grep "^HUDLINE_" | grep -v TEXT= | sort | paste -sd " " - >> told'  # in the home directory


def watch(home: Path, *words: str) -> str:
    """Run the command; return what it prints."""
    ran = statusline(home, "watch", *words)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def look(home: Path, *windows: Window, **env: Any) -> list[str]:
    """Let the refresher check these windows; return all alerts so far."""
    if windows:
        keep(home / "cache", *windows, due_in_s=-1)
    ran = statusline(home, "refresh", **env)
    assert ran.stderr == ""
    return told(home)


def told(home: Path) -> list[str]:
    file = home / "told"
    return file.read_text().splitlines() if file.exists() else []


def test_a_threshold_triggers_once_per_window(tmp_path: Path) -> None:
    watch(tmp_path, "--at", "80,95", "--command", NOTE)
    first = int(time.time()) + 7200
    assert look(tmp_path, at(79.9, first)) == []
    facts = f"HUDLINE_AT=80 HUDLINE_EVENT=threshold HUDLINE_LABEL=5h HUDLINE_PERCENT=85 HUDLINE_RESETS_AT={first}"
    facts += " HUDLINE_WINDOW=five_hour"
    assert look(tmp_path, at(85.7, first)) == [facts]
    assert look(tmp_path, at(94, first + 60)) == [facts]
    higher = facts.replace("PERCENT=85", "PERCENT=96").replace("HUDLINE_AT=80", "HUDLINE_AT=95")
    assert look(tmp_path, at(96, first)) == [facts, higher]
    assert len(look(tmp_path, at(100, first))) == 2
    assert len(look(tmp_path, at(10, first + 18000))) == 2
    assert len(look(tmp_path, at(81, first + 18000))) == 3


def at(percent: float, resets_at: int) -> Window:
    return Window("five_hour", "5h", percent, resets_at, "oauth", int(time.time()))


def test_an_estimate_triggers_nothing(tmp_path: Path) -> None:
    watch(tmp_path, "--at", "80", "--command", NOTE)
    now = int(time.time())
    rows = [window("five_hour", 99, source="estimate").as_json()]
    estimate: dict[str, Any] = {
        "schema": 1,
        "fetched_at": now,
        "due_at": now + 600,
        "problem": None,
        "failures": 0,
        "watch": {},
    }
    estimate |= {"value": {"account": "3f2a9c0d1e4b5a67", "windows": rows}}
    keep(tmp_path / "cache", window("seven_day", 10), due_in_s=-1)
    (tmp_path / "cache" / "transcripts.json").write_text(json.dumps(estimate))
    assert "~99%" in statusline(tmp_path, "prompt").stdout  # it is shown
    assert look(tmp_path) == []


def test_with_an_api_key_no_plan_limit_triggers(tmp_path: Path) -> None:
    watch(tmp_path, "--at", "80", "--command", NOTE)
    assert look(tmp_path, window("five_hour", 99), ANTHROPIC_API_KEY="sk-ant-api03-FAKE") == []
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text('{"apiKeyHelper": "echo key"}')
    assert look(tmp_path, window("five_hour", 99)) == []


def test_a_session_that_reports_it_is_enough_and_no_secret_gets_there(tmp_path: Path, door: Path) -> None:
    """A tick starts the refresher, which has no login and makes no request; the numbers come from standard input."""
    world = World(tmp_path, door)
    config = tmp_path / ".config" / "hudline" / "config.json"
    watch(tmp_path, "--at", "80", "--command", "env > all; echo $HUDLINE_PERCENT > said; pwd >> said")
    config.parent.mkdir(parents=True)
    (tmp_path / "config.json").rename(config)
    world.extra |= {"GITHUB_TOKEN": "ghp_CANARY", "MY_PASSWORD": "CANARY", "PROJECT": "CANARY", "TZ": "Europe/Vienna"}
    world.cache.mkdir(parents=True)  # there since an earlier tick
    given: dict[str, Any] = payload("oauth-02-after-message-rate-limits", now=time.time())
    given["rate_limits"]["five_hour"]["used_percentage"] = 87.5
    world.line(given)
    until((tmp_path / "said").exists)
    until(lambda: (tmp_path / "said").read_text().endswith(f"{tmp_path}\n"))
    assert (tmp_path / "said").read_text() == f"87\n{tmp_path}\n"
    environment = (tmp_path / "all").read_text()
    assert "CANARY" not in environment
    assert "TZ=Europe/Vienna\n" in environment


def test_a_command_that_hangs_is_ended_with_all_it_has_started(tmp_path: Path) -> None:
    watch(tmp_path, "--at", "80", "--command", "sleep 300 & echo $! $$ > pids; wait")
    keep(tmp_path / "cache", window("five_hour", 85), due_in_s=-1)
    began = time.monotonic()
    statusline(tmp_path, "refresh", STATUSLINE_LOG=str(tmp_path / "x.log"))
    assert time.monotonic() - began > 4.5
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        until(functools.partial(is_gone, pid))
    assert json.loads((tmp_path / "cache" / "usage.json").read_text())["fetched_at"] > 0
    assert "took longer than" in (tmp_path / "x.log").read_text()
    (tmp_path / "pids").unlink()
    statusline(tmp_path, "refresh")
    assert not (tmp_path / "pids").exists()


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"  # not reaped yet
    except (ProcessLookupError, FileNotFoundError):
        return True


def test_a_command_that_takes_the_refresher_with_it_is_not_run_again(tmp_path: Path) -> None:
    watch(tmp_path, "--at", "80", "--command", "echo >> told; kill -KILL $PPID")
    keep(tmp_path / "cache", window("five_hour", 85), due_in_s=-1)
    assert statusline(tmp_path, "refresh").returncode == -signal.SIGKILL
    assert len(told(tmp_path)) == 1
    assert len(look(tmp_path, window("five_hour", 86))) == 1


def test_a_command_that_fails_is_noted_and_costs_nothing(tmp_path: Path) -> None:
    watch(tmp_path, "--at", "80", "--command", "exit 3")
    watch(tmp_path, "--at", "80", "--command", NOTE)
    log = str(tmp_path / "x.log")
    assert len(look(tmp_path, window("five_hour", 85), STATUSLINE_LOG=log)) == 1
    assert "watch failed: command failed: a watch's command exited with 3" in (tmp_path / "x.log").read_text()


@pytest.mark.parametrize("command", ["true \0", "true \ud800"])
def test_a_command_that_no_shell_can_be_given_is_only_noted(tmp_path: Path, command: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"watch": [{"at": [80], "command": command}]}))
    look(tmp_path, window("five_hour", 85), STATUSLINE_LOG=str(tmp_path / "x.log"))
    assert "watch failed: command failed: it could not be started" in (tmp_path / "x.log").read_text()


def test_without_a_watch_nothing_is_kept_for_one(tmp_path: Path) -> None:
    look(tmp_path, window("five_hour", 99))
    assert not list((tmp_path / "cache").glob("watch.*"))


def test_it_is_written_into_the_configuration_as_the_rest_is_written(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{\n    "theme": "mono",\n    "wrap": true\n}\n')
    said = watch(tmp_path, "--at", "95, 80%", "--command", "first")
    assert "80% and 95%: first" in said
    watch(tmp_path, "--at", "50.5", "--command", "second")
    text = config.read_text()
    assert text.startswith('{\n    "theme": "mono",\n    "wrap": true,\n    "watch": [\n')
    assert json.loads(text)["watch"] == [{"at": [80, 95], "command": "first"}, {"at": [50.5], "command": "second"}]
    assert find_problems(text) == []
    watch(tmp_path, "--at", "90", "--command", "first")
    assert json.loads(config.read_text())["watch"][-1] == {"at": [90], "command": "first"}
    assert watch(tmp_path).splitlines()[:2] == ["50.5%: second", "90%: first"]
    watch(tmp_path, "--remove", "--command", "first")
    assert json.loads(config.read_text())["watch"] == [{"at": [50.5], "command": "second"}]
    assert "No watches" in watch(tmp_path, "--remove")
    assert config.read_text() == '{\n    "theme": "mono",\n    "wrap": true\n}\n'
    assert "Nothing to change." in watch(tmp_path, "--remove")
    assert "No watch runs this command." in watch(tmp_path, "--remove", "--command", "first")


def test_a_missing_configuration_is_created_and_valid(tmp_path: Path) -> None:
    assert "No watches" in watch(tmp_path)
    assert not (tmp_path / "config.json").exists()
    watch(tmp_path, "--at", "80", "--command", "first")
    assert json.loads((tmp_path / "config.json").read_text()) == {"watch": [{"at": [80], "command": "first"}]}
    watch(tmp_path, "--remove")
    assert json.loads((tmp_path / "config.json").read_text()) == {}


def test_invalid_watches_in_the_file_are_kept(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"watch": [{"at": "80", "command": "typo"}]}')
    watch(tmp_path, "--at", "80", "--command", "first")
    assert [each["command"] for each in json.loads(config.read_text())["watch"]] == ["typo", "first"]


def test_the_strict_check_knows_a_wrong_watch(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{\n"watch": [{"at": [180], "command": "x"},\n{"at": [80]}]\n}')
    ran = statusline(tmp_path, "config", "check")
    assert ran.returncode == 1
    assert "watch[0].at[0]" in ran.stdout
    assert "watch[1]" in ran.stdout


def test_config_show_lists_the_watches(tmp_path: Path) -> None:
    watch(tmp_path, "--at", "80", "--command", "first")
    shown = json.loads(statusline(tmp_path, "config", "show", "--json").stdout)["settings"]["watch"]
    assert shown["value"] == [{"at": [80], "command": "first"}]


def test_a_configuration_that_is_not_json_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{ // mine\n}")
    ran = statusline(tmp_path, "watch", "--at", "80", "--command", "first")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(
        f"statusline watch: {tmp_path / 'config.json'} is not a JSON object (line 1, column 3: "
    )
    assert ran.stderr.endswith("Fix it, then try again.\n")
    assert (tmp_path / "config.json").read_text() == "{ // mine\n}"


ADDING = (
    """
import sys
sys.path.insert(0, sys.argv[1])
from statusline.commands.cli import load_command, main
load_command("watch")
"""
    + DROP
    + """
sys.exit(main(["watch", "--at", "80", "--command", "first"]))
"""
)


def test_a_folder_that_may_not_be_written_to_is_told(open_directory: Path) -> None:
    """As an ordinary user: root may write anywhere."""
    config = open_directory / "hudline" / "config.json"
    config.parent.mkdir()
    config.parent.chmod(0o555)
    words, env = [sys.executable, "-c", ADDING, str(ROOT)], {"STATUSLINE_CONFIG": str(config)}
    ran = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    said = f"{config} cannot be written (Permission denied). Fix its permissions, then try again."
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", f"statusline watch: {said}\n")


def test_of_several_keys_of_that_name_none_is_left(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"watch": [{"at": [80], "command": "first"}], "watch": [{"at": [80], "command": "second"}]}')
    assert "No watches" in watch(tmp_path, "--remove", "--command", "second")
    assert json.loads(config.read_text()) == {}


def test_there_are_only_so_many(tmp_path: Path) -> None:
    many = [{"at": [80], "command": str(number)} for number in range(8)]
    (tmp_path / "config.json").write_text(json.dumps({"watch": many}))
    ran = statusline(tmp_path, "watch", "--at", "80", "--command", "ninth")
    assert ran.returncode == 1
    assert "Remove one first" in ran.stderr
    watch(tmp_path, "--at", "81", "--command", "3")


@pytest.mark.parametrize(
    "words",
    [
        ["--at", "80"],
        ["--command", "x"],
        ["--at", "0", "--command", "x"],
        ["--at", "101", "--command", "x"],
        ["--at", "eighty", "--command", "x"],
        ["--at", "", "--command", "x"],
        ["--at", "nan", "--command", "x"],
        ["--at", "1,2,3,4,5,6,7,8,9", "--command", "x"],
        ["--at", "80", "--command", " "],
        ["--at", "80", "--command", "x", "--remove"],
        ["--remove", "--try"],
        ["--try", "--at", "80", "--command", "x"],
        ["--try", "--command", "x"],
    ],
)
def test_a_mistake_in_the_words_changes_nothing(tmp_path: Path, words: list[str]) -> None:
    ran = statusline(tmp_path, "watch", *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "statusline watch" in ran.stderr
    assert not (tmp_path / "config.json").exists()


def test_trying_runs_each_now_with_made_up_facts(tmp_path: Path) -> None:
    watch(tmp_path, "--at", "80,90", "--command", NOTE)
    ran = statusline(tmp_path, "watch", "--try", MY_TOKEN="CANARY")
    assert (ran.returncode, ran.stdout) == (0, f"done: {NOTE}\n")
    assert "HUDLINE_PERCENT=90" in told(tmp_path)[0]
    watch(tmp_path, "--at", "80", "--command", "exit 3")
    ran = statusline(tmp_path, "watch", "--try")
    assert ran.returncode == 1
    assert "exited with 3: exit 3" in ran.stdout
    assert len(told(tmp_path)) == 2
