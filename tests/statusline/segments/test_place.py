"""Where the session works: paths, branches, the checkout, its pull request."""

from __future__ import annotations

import pytest

from statusline.segments.segment import WARN
from tests.support.segment_scene import forms, said, segment, snapshot

HOME = snapshot(home="/home/user")


def at(path: str, start: str = "") -> dict[str, object]:
    return {"workspace": {"current_dir": path, "project_dir": start}}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/home/user", "~"),
        ("/home/user/", "~"),
        ("/home/user/project", "~/project"),
        ("/home/user/work/.hidden/sub.dir/project", "~/w/.h/s/project"),
        ("/home/username/project", "/h/u/project"),
        ("/", "/"),
        ("/srv", "/srv"),
        ("relative", "relative"),
        ("C:\\Users\\me\\project", "C/U/m/project"),
        ("/srv/we\\ird/bel\\ow", "/s/w/bel\\ow"),
        ("/home/user/we\\ird", "~/we\\ird"),
    ],
)
def test_a_directory_is_shortened_as_fish_does(path: str, text: str) -> None:
    assert said("directory", at(path), HOME) == text


@pytest.mark.parametrize(("style", "text"), [("full", "~/code/project"), ("name", "project"), ("odd", "~/c/project")])
def test_a_directory_is_said_as_wished(style: str, text: str) -> None:
    assert said("directory", at("/home/user/code/project"), HOME, {"style": style}) == text


def test_the_name_of_a_directory_is_its_short_form() -> None:
    assert forms(segment("directory", at("/home/user/code/project"), HOME)) == ["~/c/project"]


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_a_directory_that_cannot_be_is_silent(path: str) -> None:
    assert said("directory", at(path), HOME) is None
    assert said("project", at(path), HOME) is None


@pytest.mark.parametrize(
    ("path", "start", "text"),
    [
        ("/home/user/project", "/home/user/project", "project"),
        ("/home/user/project/", "/home/user/project", "project"),
        ("/home/user/project/src/parts", "/home/user/project", "project/s/parts"),
        ("/home/user/projects", "/home/user/project", "projects"),
        ("/somewhere/else", "/home/user/project", "else"),
        ("/home/user/notes", "/home/user", "notes"),
        ("/home/user", "/home/user", "~"),
        ("/srv/www", "/", "www"),
        ("/srv/we\\ird", "", "we\\ird"),
        ("/srv/ends\\", "", "ends\\"),
        ("/srv/we\\ird/src", "/srv/we\\ird", "we\\ird/src"),
        ("C:\\work\\project", "C:\\work\\project", "project"),
        ("C:\\work\\project\\src\\parts", "C:\\work\\project", "project/s/parts"),
        ("/srv/www", "", "www"),
    ],
)
def test_a_project_tells_where_in_it_the_session_works(path: str, start: str, text: str) -> None:
    assert said("project", at(path, start), HOME) == text


@pytest.mark.parametrize(
    ("dirs", "text"), [(["/a"], "+1 dir"), (["/a", "/b"], "+2 dirs"), ([], None), ({}, None), ([None, 5, ""], None)]
)
def test_added_folders_are_counted(dirs: object, text: str | None) -> None:
    assert said("added_dirs", {"workspace": {"added_dirs": dirs}}) == text


def test_changes_are_told_by_kind() -> None:
    found = segment("git_changes", known=snapshot(git={"staged": 12, "untracked": 3}))
    assert forms(found) == ["+12 ?3"]
    assert found is not None
    assert found.level is None


def test_changed_files_are_counted_together() -> None:
    git = {"staged": 12, "modified": 1, "untracked": 3, "conflicts": 1, "ahead": 4, "stash": 5}
    assert said("changed_files", known=snapshot(git=git)) == "*17"
    assert said("changed_files", known=snapshot(git={"ahead": 4, "stash": 5})) is None


def test_a_file_that_is_staged_and_modified_is_one_changed_file() -> None:
    assert said("changed_files", known=snapshot(git={"staged": 1, "modified": 1, "twice": 1})) == "*1"
    assert said("changed_files", known=snapshot(git={"staged": 3, "modified": 2, "twice": 1, "untracked": 1})) == "*5"
    assert said("changed_files", known=snapshot(git={"twice": 2})) is None


def test_a_list_that_was_cut_off_is_said_to_hold_more() -> None:
    """Git lists untracked files last: the other counts are exact if there is one."""
    long = {"staged": 2, "modified": 3, "untracked": 20000, "cut": True}
    assert said("changed_files", known=snapshot(git=long)) == "*20005+"
    assert said("git_changes", known=snapshot(git=long)) == "+2 ~3 ?20000+"
    tracked = {"staged": 2, "modified": 30000, "untracked": 0, "cut": True}
    assert said("changed_files", known=snapshot(git=tracked)) == "*30002+"
    assert said("git_changes", known=snapshot(git=tracked)) == "+2+ ~30000+"
    for odd in (1, "yes", None, False):
        assert said("changed_files", known=snapshot(git={"untracked": 3, "cut": odd})) == "*3"


def test_conflicts_are_a_warning() -> None:
    found = segment("git_changes", known=snapshot(git={"conflicts": 2}))
    assert found is not None
    assert found.level == WARN
    assert forms(found, marked=True)[0] == "×2"


@pytest.mark.parametrize(
    "git", [{}, {"staged": 0}, {"staged": "2"}, {"staged": True}, {"staged": -1}, {"staged": 1e12}]
)
def test_counts_that_cannot_be_are_silent(git: dict[str, object]) -> None:
    assert said("git_changes", known=snapshot(git=git)) is None


@pytest.mark.parametrize(
    ("git", "text"), [({"ahead": 2}, "↑2"), ({"behind": 3}, "↓3"), ({"ahead": 0, "behind": 0}, None), ({}, None)]
)
def test_only_the_side_that_has_commits_is_told(git: dict[str, object], text: str | None) -> None:
    assert said("git_sync", known=snapshot(git=git)) == text


def test_any_linked_worktree_is_told() -> None:
    assert said("worktree", {"workspace": {"git_worktree": "feat-y"}}) == "wt feat-y"
    assert said("worktree", {"workspace": {"git_worktree": "feat-y"}, "worktree": {"name": "feat-x"}}) == "wt feat-x"


@pytest.mark.parametrize(
    ("host", "link"),
    [
        ("github.com", "https://github.com/owner/name"),
        ("git.example-host.org", "https://git.example-host.org/owner/name"),
        (None, ""),
        ("user@evil.example", ""),
        ("evil.example/github.com?", ""),
    ],
)
def test_a_repository_is_linked_only_where_its_host_is_one(host: object, link: str) -> None:
    found = segment("repo", {"workspace": {"repo": {"host": host, "owner": "owner", "name": "name"}}})
    assert found is not None
    assert found.link == link
    assert forms(found) == ["owner/name"]


def test_a_repository_without_owner_or_name_is_silent() -> None:
    assert said("repo", {"workspace": {"repo": {"host": "github.com", "owner": None, "name": "name"}}}) is None


@pytest.mark.parametrize(
    ("pr", "text", "level"),
    [
        ({"number": 7}, "#7", None),
        ({"number": 7, "review_state": "draft"}, "#7 draft", None),
        ({"number": 7, "review_state": "changes_requested"}, "#7 changes", WARN),
        ({"number": 7, "review_state": "pending", "kind": "mr"}, "!7 review", None),
        ({"number": 7, "review_state": None, "kind": 5}, "#7", None),
    ],
)
def test_a_pull_request_has_its_review(pr: dict[str, object], text: str, level: str | None) -> None:
    found = segment("pr", {"pr": pr})
    assert found is not None
    assert (forms(found)[0], found.level) == (text, level)


@pytest.mark.parametrize("number", [None, 0, -3, "seven", True, [7], 10**12])
def test_a_pull_request_without_a_number_is_silent(number: object) -> None:
    assert said("pr", {"pr": {"number": number}}) is None


@pytest.mark.parametrize(
    "url",
    ["http://github.com/o/n/pull/7", "javascript:alert(1)", "https://a b", "https://a\x1b]8;;", "https://é", 5, None],
)
def test_only_a_clean_https_address_is_linked(url: object) -> None:
    found = segment("pr", {"pr": {"number": 7, "url": url}})
    assert found is not None
    assert not found.link
