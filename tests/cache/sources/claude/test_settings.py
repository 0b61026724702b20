"""Whether Claude Code's settings name an apiKeyHelper; it is never run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cache.sources.claude.settings import AT_MOST, api_key_helper, managed_folder

HELPER = "touch {home}/was-run; echo sk-ant-api03-CANARY"


class Settings:
    """A home, a project and an administrator's folder."""

    def __init__(self, home: Path) -> None:
        self.home, self.project, self.managed = home, home / "project", home / "managed"
        self.env = {"HOME": str(home)}

    def put(self, path: str, value: object = HELPER, **more: object) -> None:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"apiKeyHelper": value, **more}).replace("{home}", str(self.home)))

    def found(self, *, in_project: bool = False) -> str:
        return api_key_helper(self.env, str(self.project) if in_project else None, self.managed)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def test_without_any_settings_there_is_none(settings: Settings) -> None:
    assert settings.found() == ""
    assert settings.found(in_project=True) == ""
    assert api_key_helper({"HOME": str(settings.home)}) in {"", "managed"}  # this machine's own folder


def test_the_users_settings_concern_all_sessions(settings: Settings) -> None:
    settings.put(".claude/settings.json", model="opus")
    assert settings.found() == settings.found(in_project=True) == "user"
    assert not (settings.home / "was-run").exists()


def test_the_users_settings_are_those_of_the_config_directory(settings: Settings) -> None:
    settings.put(".claude/settings.json")
    settings.env["CLAUDE_CONFIG_DIR"] = str(settings.home / "work")
    assert settings.found() == ""
    settings.put("work/settings.json")
    assert settings.found() == "user"


@pytest.mark.parametrize("file", ["managed-settings.json", "managed-settings.d/50-keys.json"])
def test_an_administrators_settings_come_first(settings: Settings, file: str) -> None:
    settings.put(".claude/settings.json")
    settings.put(f"managed/{file}")
    assert settings.found() == "managed"


@pytest.mark.parametrize("file", ["managed-settings.d/.hidden.json", "managed-settings.d/keys.json.bak"])
def test_other_files_beside_an_administrators_settings_say_nothing(settings: Settings, file: str) -> None:
    settings.put(f"managed/{file}")
    assert settings.found() == ""


@pytest.mark.parametrize("file", ["settings.json", "settings.local.json"])
def test_a_projects_settings_concern_its_own_sessions_only(settings: Settings, file: str) -> None:
    settings.put(f"project/.claude/{file}")
    assert settings.found() == ""
    assert settings.found(in_project=True) == "project"
    settings.put(".claude/settings.json")
    assert settings.found(in_project=True) == "user"


@pytest.mark.parametrize("value", [None, "", "  \n", 5, True, ["x"], {"command": "x"}])
def test_a_value_that_is_not_a_command_is_ignored(settings: Settings, value: object) -> None:
    settings.put(".claude/settings.json", value)
    assert settings.found() == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '"apiKeyHelper"', "\xff", '{"apiKeyHelper": ', "[" * 100_000])
def test_a_file_that_cannot_be_understood_names_none(settings: Settings, text: str) -> None:
    file = settings.home / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_bytes(text.encode("latin-1"))
    assert settings.found() == ""


def test_a_byte_order_mark_hides_nothing(settings: Settings) -> None:
    file = settings.home / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_text('\ufeff{"apiKeyHelper": "x"}')
    assert settings.found() == "user"


def test_a_path_that_is_not_a_regular_file_does_not_block(settings: Settings) -> None:
    folder = settings.home / ".claude"
    folder.mkdir()
    os.mkfifo(folder / "settings.json")
    assert settings.found() == ""
    (folder / "settings.json").unlink()
    (folder / "settings.json").mkdir()
    assert settings.found() == ""
    (folder / "settings.json").rmdir()
    settings.put(".claude/settings.json", padding=" " * AT_MOST)
    assert settings.found() == ""
    assert api_key_helper(settings.env, "/a\0b", settings.managed) == ""
    settings.env["CLAUDE_CONFIG_DIR"] = "/" + "x" * 300
    assert settings.found() == ""


def test_an_administrators_folder_is_where_claude_code_has_it() -> None:
    assert managed_folder("linux") == Path("/etc/claude-code")
    assert managed_folder("darwin") == Path("/Library/Application Support/ClaudeCode")
