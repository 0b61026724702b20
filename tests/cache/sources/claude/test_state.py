"""Claude Code's state file is found where it is, and malformed content is not an error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cache.readings.directory import UNKNOWN
from cache.readings.login import account_id
from cache.sources.claude.credentials import credentials_file
from cache.sources.claude.paths import config_directory, home_of
from cache.sources.claude.state import (
    AT_MOST,
    ClaudeState,
    claude_json_file,
    read_claude_state,
    usage_copy,
)
from tests.support.paths import ROOT
from tests.support.unprivileged import DROP

UUID = "aaaaaaaa-0000-4000-8000-000000000001"
DEEP = "[" * 100_000 + "]" * 100_000  # more than any interpreter goes down


def read(home: Path, text: str) -> ClaudeState:
    (home / ".claude.json").write_text(text)
    return read_claude_state({"HOME": str(home)})


def test_its_files_are_in_the_home_or_in_the_configured_folder(tmp_path: Path) -> None:
    at_home, chosen = {"HOME": "/h", "CLAUDE_CONFIG_DIR": ""}, {"HOME": "/h", "CLAUDE_CONFIG_DIR": "/c"}
    assert claude_json_file(at_home) == Path("/h/.claude.json")
    assert claude_json_file(chosen) == Path("/c/.claude.json")
    assert (config_directory(at_home), config_directory(chosen)) == (Path("/h/.claude"), Path("/c"))
    for file in (claude_json_file, credentials_file):
        assert file({"USERPROFILE": "/u"}).is_relative_to("/u"), "where there is no HOME"
    assert home_of({}).is_absolute()
    (tmp_path / ".config.json").touch()
    assert claude_json_file({"CLAUDE_CONFIG_DIR": str(tmp_path)}) == tmp_path / ".config.json"


def test_an_account_is_named_by_a_short_hash(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps({"oauthAccount": {"accountUuid": UUID}}))
    assert found.account == account_id(UUID, None)
    assert not found.has_organization
    assert UUID[:8] not in found.account


@pytest.mark.parametrize("text", ["", "{", DEEP, f'{{"other":{DEEP}}}', '{"oauthAccount": {"acc'], ids=range(5))
def test_what_cannot_be_understood_is_torn(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == ClaudeState(torn=True)


@pytest.mark.parametrize("part", ["3", "[]", '{"accountUuid":7}', f'{{"accountUuid":{DEEP}}}'], ids=range(4))
def test_an_odd_account_is_an_unknown_one(tmp_path: Path, part: str) -> None:
    assert read(tmp_path, f'{{"oauthAccount":{part}}}').account == UNKNOWN


def test_a_malformed_copy_is_ignored(tmp_path: Path) -> None:
    for body in (DEEP, "[]", '"x"'):
        copy = f'{{"fetchedAtMs":1795320000000,"utilization":{body}}}'
        found = read(tmp_path, f'{{"oauthAccount":{{"accountUuid":"{UUID}"}},"cachedUsageUtilization":{copy}}}')
        assert usage_copy(found) is None


def test_an_unreadable_state_file_leaves_the_account_unknown(tmp_path: Path) -> None:
    assert read_claude_state({"HOME": str(tmp_path)}) == ClaudeState()
    (tmp_path / ".claude.json").mkdir()
    assert read_claude_state({"HOME": str(tmp_path)}).unread
    with (tmp_path / ".config.json").open("wb") as file:
        file.truncate(AT_MOST + 1)
    assert read_claude_state({"CLAUDE_CONFIG_DIR": str(tmp_path)}).unread
    for odd in ("/" + "x" * 300, "/a\0b"):
        assert read_claude_state({"CLAUDE_CONFIG_DIR": odd}) == ClaudeState()


UNPRIVILEGED = (
    """
import os, sys
sys.path.insert(0, sys.argv[1])
from cache.sources.claude.state import ClaudeState, read_claude_state
"""
    + DROP
    + """
print(read_claude_state({"CLAUDE_CONFIG_DIR": sys.argv[2] + "/below"}) == ClaudeState())
"""
)


def test_a_folder_without_permission_is_not_an_error(open_directory: Path) -> None:
    (open_directory / "locked").mkdir(mode=0o000)
    words = [sys.executable, "-I", "-c", UNPRIVILEGED, str(ROOT), str(open_directory / "locked")]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "True\n"
