"""Which paths may lead into the project: what is there can come from a repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.model.files import LINKS_AT_MOST
from cache.model.trust import may_be_within


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
