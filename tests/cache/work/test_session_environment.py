"""What a session's environment may not choose: the settings of its project can set every variable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cache.work.session_environment import (
    CERTIFICATES,
    for_own_command,
    ignore_project,
    is_of_session,
    session_of,
    without_certificates,
)


@pytest.mark.parametrize("name", CERTIFICATES)
def test_certificates_in_the_project_are_ignored(tmp_path: Path, name: str) -> None:
    project = str(tmp_path / "project")
    session, outside = {"CLAUDE_PROJECT_DIR": project}, {name: f"{tmp_path}/ca.pem", "PATH": "/bin"}
    for path in (f"{project}/ca.pem", "ca.pem", "/proc/self/environ", f"{tmp_path}/x/../project/ca.pem"):
        assert without_certificates(session | outside | {name: path}) == session | {"PATH": "/bin"}, path
        assert without_certificates(outside | {name: path}) == outside | {name: path}, "outside of a session"
        env = {name: path, "LANG": "C"}
        ignore_project(env, project, "")
        assert env == {"LANG": "C"}
    assert without_certificates(session | outside) == session | outside
    ignore_project(outside, project, "")
    assert outside[name] == f"{tmp_path}/ca.pem"


def test_each_folder_of_several_counts(tmp_path: Path) -> None:
    session = {"CLAUDE_PROJECT_DIR": str(tmp_path)}
    folders = {"SSL_CERT_DIR": f"/etc/ssl/certs:{tmp_path}/certs"}
    assert without_certificates(session | folders) == session
    folders["SSL_CERT_DIR"] = "/etc/ssl/certs:/opt/certs:"
    assert without_certificates(session | folders) == session | folders


def test_a_session_has_a_project_and_a_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert session_of({}) == ("", "")
    assert session_of({"CLAUDE_PROJECT_DIR": "/repo"}) == ("/repo", os.getcwd())
    assert session_of({"CLAUDECODE": "1"}) == ("", os.getcwd())
    assert not is_of_session(str(tmp_path / "file"), {})
    assert is_of_session(str(tmp_path / "file"), {"CLAUDECODE": "1"})
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert session_of({"CLAUDE_PROJECT_DIR": "/repo"}) == ("/repo", "")


def test_a_command_of_the_user_finds_no_program_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cache.work.session_environment.system_home", lambda: "/home/me")
    project, own = f"{tmp_path}/project", {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin:/usr/bin", "EDITOR": "vi"}
    theirs = own | {"HOME": f"{project}/home", "PATH": f"{project}/bin:.:{tmp_path}/bin:~/bin:/usr/bin"}
    assert for_own_command(theirs, project, "") == own | {"HOME": "/home/me"}
    assert for_own_command(own, project, "") == own
    assert for_own_command(theirs, "", "") == theirs, "outside of a session"
    assert for_own_command({"PATH": f"{project}/bin"}, project, "") == {"PATH": ""}
    assert for_own_command({}, project, "") == {}
