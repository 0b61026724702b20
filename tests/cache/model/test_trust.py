"""What a repository may not decide: Claude Code's theme."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.model.trust import chosen_theme


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ('{"theme": "light"}', "light"),
        ('{"model": "opus", "theme": "dark-daltonized"}', "dark-daltonized"),
        ('{"theme": "auto"}', ""),
        ('{"theme": "custom:mine"}', ""),
        ('{"theme": "no such"}', ""),
        ("{}", None),
        ('{"theme": 5}', None),
        ('{"theme": ""}', None),
        ('{"theme": "light"', None),
        ("[]", None),
        ("", None),
    ],
)
def test_the_theme_is_the_one_in_the_settings(tmp_path: Path, text: str, theme: str | None) -> None:
    file = tmp_path / "settings.json"
    file.write_text(text)
    assert chosen_theme(str(file), "", str(tmp_path), "") == theme


def test_settings_that_are_not_there_or_no_file_have_none(tmp_path: Path) -> None:
    assert chosen_theme(str(tmp_path / "settings.json"), "", str(tmp_path), "") is None
    assert chosen_theme(str(tmp_path), "", str(tmp_path), "") is None


def test_a_config_directory_in_the_project_has_no_theme_of_the_users(tmp_path: Path) -> None:
    home, project, work = tmp_path, tmp_path / "project", tmp_path / "work"
    for folder in (project / "config", work):
        folder.mkdir(parents=True)
        (folder / "settings.json").write_text('{"theme": "light"}')
    (tmp_path / "link").symlink_to(project / "config")

    def theme_of(folder: Path, started_in: Path) -> str | None:
        return chosen_theme(str(folder / "settings.json"), str(folder), str(home), str(started_in))

    assert theme_of(project / "config", project) is None
    assert theme_of(tmp_path / "link", project) is None
    assert theme_of(work, project) == "light"
    assert theme_of(work, home) == "light", "a session in the home directory"
