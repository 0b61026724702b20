"""What a repository may not decide: which programs lie outside it, and Claude Code's theme."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.model.files import LINKS_AT_MOST
from cache.model.trust import chosen_theme, may_be_within


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


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    (made / "bin").mkdir(parents=True)
    return made


def test_a_path_is_within_a_folder_by_its_name_or_by_a_link(project: Path) -> None:
    (project.parent / "link").symlink_to("project/bin")
    (project.parent / "absolute").symlink_to(project / "bin")
    for path in (project, project / "bin" / "git", project / "not there", project.parent / "link" / "git"):
        assert may_be_within(str(path), str(project)), path
    assert may_be_within(str(project.parent / "absolute"), str(project))
    assert may_be_within(str(project / "bin").upper(), str(project).lower()), "some file systems ignore the case"
    for path in (project.parent, project.parent / "project-2", project.parent / "other"):
        assert not may_be_within(str(path), str(project)), path


def test_a_link_out_of_the_folder_leads_out(project: Path) -> None:
    (project / "out").symlink_to(project.parent)
    assert not may_be_within(str(project / "out" / "other"), str(project))


@pytest.mark.parametrize("path", ["bin/git", "", "/usr/../bin/git"])
def test_a_path_that_is_not_plain_may_lead_there(project: Path, path: str) -> None:
    assert may_be_within(path, str(project))


def test_a_link_upwards_or_one_of_too_many_may_lead_there(project: Path) -> None:
    (project.parent / "up").symlink_to("project/../other")
    assert may_be_within(str(project.parent / "up"), str(project))
    for number in range(LINKS_AT_MOST + 1):
        (project.parent / f"link{number}").symlink_to(f"link{number + 1}")
    assert may_be_within(str(project.parent / "link0"), str(project))
