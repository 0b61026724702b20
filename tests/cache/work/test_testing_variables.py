"""The variables that tests set count only in a test, wherever else the environment comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.work.redact import Secret
from cache.work.testing import PROGRAMS, ignore_programs, is_test_address, is_test_token

ADDRESS = {"STATUSLINE_API_BASE": "http://127.0.0.1:8080"}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize(
    ("env", "program", "project", "counts"),
    [
        (ADDRESS, "/bin/echo", "", True),
        (ADDRESS, "/bin/echo", "/repository", True),
        ({}, "/bin/echo", "", False),
        ({"STATUSLINE_API_BASE": "https://api.anthropic.com"}, "/bin/echo", "", False),
        ({"STATUSLINE_API_BASE": "http://127.0.0.1.evil.example:80"}, "/bin/echo", "", False),
        (ADDRESS, "echo", "", False),
        (ADDRESS, "bin/echo", "/", False),
        (ADDRESS, "", "", False),
        (ADDRESS, "/repository/bin/echo", "/repository", False),
        (ADDRESS, "/other/../repository/echo", "/repository", False),
        (ADDRESS, "/repository-2/echo", "/repository", True),
    ],
)
def test_a_program_counts_only_in_a_test_and_outside_the_project(
    name: str,
    env: dict[str, str],
    program: str,
    project: str,
    counts: bool,
) -> None:
    given = {**env, name: program, "PATH": "/bin"}
    ignore_programs(given, project)
    assert given == {**env, "PATH": "/bin"} | ({name: program} if counts else {})


def test_a_link_into_the_project_is_in_the_project(tmp_path: Path) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    (project / "program").touch()
    outside.symlink_to(project / "program")
    given = {**ADDRESS, "STATUSLINE_CLAUDE_BIN": str(outside)}
    ignore_programs(given, str(project))
    assert given == ADDRESS


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://[::1]:65535"])
def test_a_port_of_this_machine_is_a_tests_address(address: str) -> None:
    assert is_test_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://127.0.0.1",
        "https://127.0.0.1:1",
        "http://127.0.0.1:65536",
        "http://localhost:1",
        "http://127.0.0.1:1/x",
    ],
)
def test_no_other_address_is(address: str) -> None:
    assert not is_test_address(address)


def test_only_a_token_that_begins_like_one_of_a_test_is_one() -> None:
    assert is_test_token(Secret("sk-ant-oat01-CANARYx"))
    assert is_test_token(Secret("sk-ant-oat01-FAKE"))
    for token in ("sk-ant-oat01-aB3FAKEaB3", "sk-ant-oat01-aCANARY", "FAKE", " sk-ant-oat01-FAKE", ""):
        assert not is_test_token(Secret(token))
