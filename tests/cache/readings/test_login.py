"""Which account is signed in, as the tick reads it from Claude Code's state file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from cache.readings.directory import UNKNOWN, Directory, Owners
from cache.readings.login import STATE_AT_MOST, account_id, account_in, login_file, state_file, update_login
from cache.sources.claude.credentials import credentials_file
from cache.sources.claude.state import claude_json_file, read_claude_state

ADA, TEAM = "aaaaaaaa-0000-4000-8000-000000000001", "cccccccc-0000-4000-8000-000000000003"
NOW = 1_795_320_000.0


def state(**fields: Any) -> bytes:
    return json.dumps({"numStartups": 3, **fields, "projects": {"/a": {"history": ["x" * 1000]}}}).encode()


def test_the_account_is_that_of_the_state_file_and_its_organization() -> None:
    alone, team = {"accountUuid": ADA}, {"accountUuid": ADA, "organizationUuid": TEAM}
    assert account_in(state(oauthAccount=alone)) == account_id(ADA, None)
    assert account_in(state(oauthAccount=team)) == account_id(ADA, TEAM)
    assert len({account_id(ADA, None), account_id(ADA, TEAM), account_id(TEAM, ADA), UNKNOWN}) == 4
    assert account_id(ADA, TEAM).isalnum()
    assert ADA[:8] not in account_id(ADA, TEAM)


@pytest.mark.parametrize("blank", [None, "", "  ", "\t\n", 7, [], {}])
def test_a_blank_id_is_unknown(blank: object) -> None:
    assert account_in(state(oauthAccount={"accountUuid": blank, "organizationUuid": TEAM})) == UNKNOWN
    assert account_in(state(oauthAccount={"accountUuid": ADA, "organizationUuid": blank})) == account_id(ADA, None)


@pytest.mark.parametrize("data", [b"{}", state(), state(oauthAccount=None), state(oauthAccount=[]), b"[]", b"3"])
def test_a_whole_file_without_an_account_names_none(data: bytes) -> None:
    assert account_in(data) == UNKNOWN


def test_a_torn_file_gives_no_account() -> None:
    whole = state(oauthAccount={"accountUuid": ADA})
    end = whole.index(b"}", whole.index(b"oauthAccount"))
    for cut in range(len(whole) - 1):
        assert account_in(whole[:cut]) == (account_id(ADA, None) if cut > end else None), cut


def test_the_key_in_a_text_or_twice_in_the_file_is_parsed_correctly() -> None:
    ours = {"accountUuid": ADA}
    data = state(oauthAccount=ours, tip='say "oauthAccount": {"accountUuid": "x"}', other={"oauthAccount": {}})
    assert account_in(data) == account_id(ADA, None)
    assert account_in(state(other={"oauthAccount": {}, "x": {"oauthAccount": 1}})) == UNKNOWN
    assert account_in("é".encode() * 50 + b'{"oauthAccount"') is None


@pytest.mark.parametrize("odd", [{"é": "ü" * 99}, {"\ud800": 1}, {}])
def test_both_halves_name_an_account_alike(tmp_path: Path, odd: dict[str, Any]) -> None:
    data = state(**odd, oauthAccount={"accountUuid": f" {ADA} ", "organizationUuid": TEAM})
    (tmp_path / ".claude.json").write_bytes(data)
    assert read_claude_state({"HOME": str(tmp_path)}).account == account_in(data)


@pytest.mark.parametrize(
    "variables",
    [
        {"HOME": "/h"},
        {"HOME": "/h/", "CLAUDE_CONFIG_DIR": ""},
        {"HOME": "/h", "CLAUDE_CONFIG_DIR": "/c"},
        {"CLAUDE_CONFIG_DIR": "/c", "CLAUDE_SECURESTORAGE_CONFIG_DIR": "/s"},
        {"HOME": "/h", "CLAUDE_SECURESTORAGE_CONFIG_DIR": "/s"},
        {"USERPROFILE": "/u"},
    ],
)
def test_both_halves_look_at_the_same_files(variables: dict[str, str]) -> None:
    def read(name: str) -> str:
        return variables.get(name, "")

    assert Path(login_file(read)) == credentials_file(variables)
    assert Path(state_file(read)) == claude_json_file(variables)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    return str(tmp_path / "login"), str(tmp_path / "state")


def write(path: str, data: bytes, at: float) -> None:
    Path(path).write_bytes(data)
    os.utime(path, (at, at))


def test_a_state_file_that_changes_without_another_account_is_not_a_switch(files: tuple[str, str]) -> None:
    directory = Directory(Owners())
    for second in range(5):
        write(files[1], state(oauthAccount={"accountUuid": ADA}, count=second), NOW + second)
        assert not update_login(directory, *files, NOW + second)
    assert (directory.account, directory.switched_at) == (account_id(ADA, None), None)


def test_a_torn_state_is_looked_at_again_and_no_switch(files: tuple[str, str]) -> None:
    directory = Directory(Owners())
    write(files[1], state(oauthAccount={"accountUuid": ADA}), NOW)
    update_login(directory, *files, NOW)
    write(files[1], b'{"numStartups": 4, "oau', NOW + 1)
    assert not update_login(directory, *files, NOW + 1)
    assert directory.is_unread
    write(files[1], state(oauthAccount={"accountUuid": TEAM}), NOW + 2)
    assert update_login(directory, *files, NOW + 2)
    assert directory.formers == [account_id(ADA, None)]


def test_a_state_too_large_for_a_tick_is_left_to_the_refresher(files: tuple[str, str]) -> None:
    directory = Directory(Owners())
    write(files[1], b" " * STATE_AT_MOST + state(oauthAccount={"accountUuid": ADA}), NOW)
    assert not update_login(directory, *files, NOW)
    assert directory.is_unread
    assert directory.account is None


def test_without_a_home_nothing_is_looked_at() -> None:
    directory = Directory(Owners())
    assert not update_login(directory, "", "", NOW)
    assert directory.account is None
    assert not directory.is_unread
