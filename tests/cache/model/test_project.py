"""Which folders are the session's project: the checkouts around it, too, but never the user's home."""

from __future__ import annotations

from pathlib import Path

import pytest

from cache.model.files import LINKS_AT_MOST
from cache.model.trust import is_of_project, may_be_within, path_outside, project_folders
from tests.support.git_checkouts import checkout, git


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


@pytest.mark.parametrize("path", ["bin/git", "", "C:/bin/git", "/proc/self/cwd/git", "/proc/self/environ"])
def test_a_path_that_depends_on_the_process_may_lead_there(project: Path, path: str) -> None:
    assert may_be_within(path, str(project))


def test_steps_upwards_are_followed(project: Path) -> None:
    (project.parent / "up").symlink_to("project/../other")
    (project.parent / "and-down").symlink_to("other/../project")
    for path in ("up", "project/../other", "and-down/../other"):
        assert not may_be_within(f"{project.parent}/{path}", str(project)), path
    for path in ("and-down", "other/../project/bin", "project/bin/../git"):
        assert may_be_within(f"{project.parent}/{path}", str(project)), path


def test_a_link_of_too_many_may_lead_there(project: Path) -> None:
    for number in range(LINKS_AT_MOST + 1):
        (project.parent / f"link{number}").symlink_to(f"link{number + 1}")
    assert may_be_within(str(project.parent / "link0"), str(project))


@pytest.fixture
def main(tmp_path: Path) -> Path:
    """Return a checkout with one commit."""
    return checkout(tmp_path / "main", one="1\n")


def files_of(tmp_path: Path, *places: Path) -> list[str]:
    """Return which of these files count as the project's, for a session in these places."""
    names = ("main/c.json", "super/c.json", "super/sub/c.json", "elsewhere/c.json", "tree/c.json")
    return [name for name in names if is_of_project(str(tmp_path / name), *map(str, places))]


def test_a_session_in_a_subfolder_is_in_all_of_the_checkout(main: Path, tmp_path: Path) -> None:
    (main / "deep" / "er").mkdir(parents=True)
    for places in ((main,), (main / "deep" / "er",), (tmp_path / "elsewhere", main / "deep"), (main / "not there",)):
        beside = ["elsewhere/c.json"] if len(places) == 2 else []
        assert files_of(tmp_path, *places) == ["main/c.json", *beside], places
    assert files_of(tmp_path, tmp_path / "elsewhere") == ["elsewhere/c.json"]


def test_the_working_directory_itself_is_no_project_beside_one(main: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert files_of(tmp_path, main, tmp_path / "elsewhere") == ["main/c.json"]


def test_without_a_project_the_working_directory_is_one(tmp_path: Path) -> None:
    file = str(tmp_path / "elsewhere" / "c.json")
    assert is_of_project(file, "", str(tmp_path / "elsewhere"))
    assert not is_of_project(file, "", "")
    assert not is_of_project(file, "elsewhere", "")


@pytest.mark.parametrize("where", ["main/.claude/worktrees/tree", "tree"])
def test_the_main_checkout_of_a_linked_worktree_belongs_to_it(main: Path, tmp_path: Path, where: str) -> None:
    git(main, "worktree", "add", "-q", str(tmp_path / where))
    own = ["tree/c.json"] if where == "tree" else []
    assert files_of(tmp_path, tmp_path / where) == ["main/c.json", *own]
    assert files_of(tmp_path, main, tmp_path / where) == ["main/c.json", *own], "a worktree that was entered"


def test_the_superproject_of_a_submodule_belongs_to_it(main: Path, tmp_path: Path) -> None:
    above = checkout(tmp_path / "super", one="1\n")
    git(above, "submodule", "add", "-q", str(main), "sub")
    assert files_of(tmp_path, above / "sub") == ["super/c.json", "super/sub/c.json"]
    git(above / "sub", "worktree", "add", "-q", str(tmp_path / "tree"))
    assert files_of(tmp_path, tmp_path / "tree") == ["super/c.json", "super/sub/c.json", "tree/c.json"]


def test_a_home_that_is_a_checkout_is_no_project(main: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dotfiles: what is in the home is the user's, what is in the project is not."""
    project = checkout(main / "project", one="1\n")
    for home in (main, main / "home"):
        monkeypatch.setattr("cache.model.trust.system_home", lambda home=home: str(home))
        for places in ((project,), (main,), (tmp_path,), (project / "sub", project), (Path("/"),)):
            assert files_of(tmp_path, *places) == [], (home, places)
        assert is_of_project(str(project / "c.json"), str(project / "sub"))
        assert project_folders(str(project)) == [str(project)]
    git(main, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert files_of(tmp_path, tmp_path / "tree") == ["tree/c.json"]


def test_git_files_that_lead_round_or_nowhere_end(tmp_path: Path) -> None:
    for name, link in (("one", "../two/.git"), ("two", "../one/.git"), ("three", "/nowhere"), ("four", "\0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".git").write_text(f"gitdir: {link}\n")
        assert is_of_project(str(tmp_path / name / "c.json"), str(tmp_path / name / "sub")), name


def test_a_path_without_the_folders_of_a_project(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to("/proc/self/cwd")
    path = f"{tmp_path}/bin:/usr/bin:.::bin:/opt/some tool/bin:/proc/self/cwd/bin:{tmp_path}/out/bin:/bin"
    assert path_outside(path, [str(tmp_path)]) == "/usr/bin:/opt/some tool/bin:/bin"
    assert path_outside("/usr/bin:bin", []) == "/usr/bin:bin"
