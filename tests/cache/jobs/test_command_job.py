"""Configured commands: where and with what they run, for how long, and what is kept of their output."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from cache.jobs.command import LIMIT_S, collect, first_line, parse_order
from cache.model.entry import NOTHING_YET, Entry, has_changed, is_due
from cache.work.request import Request
from tests.support.processes import running, sleep_in
from tests.support.tick_world import until

NOW = 1_800_000_000.0


def order(folder: Path, command: str, **more: Any) -> bytes:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **more.pop("environment", {})}
    return json.dumps(
        {"command": command, "directory": str(folder), "environment": environment, "payload": {"n": 1}, **more}
    ).encode()


def collected(given: bytes, before: Entry = NOTHING_YET) -> Entry:
    entry, failure = collect(Request("command", Path("/nowhere"), Path(), env={}, stdin=given), before, NOW)
    assert entry.problem == (failure.name if failure else None)
    return entry


def said(folder: Path, command: str, **more: Any) -> Any:
    entry = collected(order(folder, command, **more))
    assert entry.problem is None
    return (entry.value or {})["text"]


def test_it_runs_in_the_sessions_directory_by_the_shell(tmp_path: Path) -> None:
    assert said(tmp_path, "pwd") == str(tmp_path)
    assert said(tmp_path, "echo $((6 * 7)) | tr 4 5") == "52"


def test_it_finds_the_payload_on_its_standard_input(tmp_path: Path) -> None:
    payload = {"session_id": "s", "model": {"display_name": "Größe ⎇ \ud800"}, "n": [1, 2.5, None, True]}
    found = json.loads(said(tmp_path, "cat", payload=payload))
    assert found == {**payload, "model": {"display_name": "Größe ⎇ ?"}}
    assert said(tmp_path, "wc -l") == "1"
    assert said(tmp_path, "exec <&-; echo deaf", payload={"x": "y" * 200_000}) == "deaf"


def test_it_has_the_persons_environment_less_the_secrets(tmp_path: Path) -> None:
    environment = {
        "EDITOR": "vi",
        "ANTHROPIC_API_KEY": "sk-ant-api03-CANARY",
        "CLAUDE_CODE_MESSAGING_TOKEN": "CANARY",
        "INNOCENT": "sk-ant-oat01-CANARY",
        "PROXY": "http://user:CANARY@host",
    }
    entry = collected(order(tmp_path, "env | tr '\\n' ' '", environment=environment))
    text = (entry.value or {})["text"]
    assert isinstance(text, str)
    assert "EDITOR=vi" in text
    assert f"HOME={tmp_path}" in text
    assert "CANARY" not in text


def test_a_command_that_ends_with_an_error_leaves_its_last_good_output(tmp_path: Path) -> None:
    before = Entry({"text": "good"}, int(NOW) - 60, 0)
    entry = collected(order(tmp_path, "echo bad; exit 3", every=30), before)
    assert (entry.value, entry.fetched_at, entry.problem) == ({"text": "good"}, NOW - 60, "command_failed")
    assert (entry.failures, entry.due_at) == (1, NOW + 30)


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    sleep, began = sleep_in(tmp_path), time.monotonic()
    entry = collected(order(tmp_path, f"{sleep} 983 & {sleep} 983", timeout=1))
    assert entry.problem == "overdue"
    assert time.monotonic() - began < 30
    until(lambda: not running(tmp_path))


@pytest.mark.parametrize("timeout", [600, 0, -1, "x", None, True])
def test_no_timeout_exceeds_that_of_the_job(tmp_path: Path, timeout: object) -> None:
    found = parse_order(order(tmp_path, "true", timeout=timeout))
    assert found is not None
    assert found.timeout_s < LIMIT_S


def test_it_is_due_again_when_the_person_wants_it(tmp_path: Path) -> None:
    entry = collected(order(tmp_path, "true", every=90))
    assert (entry.fetched_at, entry.due_at) == (NOW, NOW + 90)
    assert not is_due(collected(order(tmp_path, "true", every=86400)), NOW + 7000)
    assert not has_changed(entry)


@pytest.mark.parametrize(
    "given",
    [
        *(b"", b"{", b"null", b"[]", b"{}", b'{"command":"true"}', b'{"command":3,"directory":"/"}', b"[" * 100_000),
        *(b'{"command":"true","directory":"relative"}', b'{"command":"true","directory":"/not/there"}', b"\xff"),
        *(b'{"command":"true","directory":"/","environment":{"a=b":"c"}}', b'{"command":"a\\u0000b","directory":"/"}'),
    ],
)
def test_an_order_that_makes_no_sense_is_a_failure_with_a_name(given: bytes) -> None:
    assert collected(given).problem == "command_failed"


def test_endless_output_is_cut(tmp_path: Path) -> None:
    assert said(tmp_path, "yes") == "y"
    assert len(said(tmp_path, "yes | tr -d '\\n'")) == 400


def test_what_it_leaves_running_does_not_stay(tmp_path: Path) -> None:
    assert said(tmp_path, f"{sleep_in(tmp_path)} 982 & echo done") == "done"
    until(lambda: not running(tmp_path))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("one\ntwo\n", "one"),
        ("\n  \n\t three \n", "three"),
        ("", ""),
        ("\r\nwindows\r\n", "windows"),
        ("\x1b[1;31mred\x1b[0m and \x1b[38;5;200mpink\x1b[m", "red and pink"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://host/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\sixel", "sixel"),
        ("\x9b31mc1\x9d0;t\x07x", "c1x"),
        ("\x1b(Bcharset\x1b7", "charset"),
        ("\x1b]0;never ends", ""),
        ("a\x1b", "a"),
        ("a\tb\x07c\x7f", "a b c"),
        ("\u202eevil\u200b\u2028here", "evil here"),
        ("größe ⎇ 日本", "größe ⎇ 日本"),
    ],
)
def test_the_first_line_is_kept_without_what_a_terminal_would_act_on(output: str, expected: str) -> None:
    assert first_line(output.encode()) == expected


def test_output_that_is_not_text_is_decoded_anyway() -> None:
    assert first_line(b"\xff\xfe\x00x") == "\ufffd\ufffd x"
    assert first_line(os.urandom(10_000)).isprintable()
