"""Our folders and files: private, replaced atomically, and never another user's."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import time
from pathlib import Path

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from cache.model.osapi import system
from cache.refresh.standard_folders import known_folder
from cache.refresh.storage import LEFTOVER_S, cache_directory, config_file, is_ours, make_ours, write_whole
from cache.work.failures import Unwritable
from tests.support.paths import ROOT
from tests.support.unprivileged import DROP


def test_the_environment_decides_where_or_else_the_platform(tmp_path: Path) -> None:
    assert cache_directory({"STATUSLINE_CACHE_DIR": "/a/b"}) == Path("/a/b")
    assert config_file({"STATUSLINE_CONFIG": "/a/c.json"}) == Path("/a/c.json")
    assert cache_directory({}).name == "hudline"
    assert config_file({}).parts[-2:] == ("hudline", "config.json")


def test_in_a_session_nothing_leads_into_its_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cache.refresh.storage.system_home", lambda: "/home/me")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "repo"))
    env = {"STATUSLINE_CACHE_DIR": f"{tmp_path}/repo/cache", "STATUSLINE_CONFIG": f"{tmp_path}/repo/c.json"}
    session = {**env, "CLAUDE_PROJECT_DIR": str(tmp_path / "repo")}
    assert cache_directory(session) == Path(known_folder("cache", "hudline", {"HOME": "/home/me"}))
    assert config_file(session) == Path(known_folder("config", "hudline", {"HOME": "/home/me"})) / "config.json"
    for given in (env, {**session, "CLAUDE_PROJECT_DIR": str(tmp_path / "another")}):
        assert (str(cache_directory(given)), str(config_file(given))) == tuple(env.values())


@pytest.mark.parametrize("theirs", [Unix, MacOS])
@pytest.mark.parametrize("chosen", [{}, {"XDG_CACHE_HOME": "/x/cache", "XDG_CONFIG_HOME": "/x"}, {"HOME": "/h/"}])
def test_without_platformdirs_the_places_are_the_same(
    theirs: type[Unix | MacOS], chosen: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An `install.sh --uninstall --purge` without the environment removes what the environment has kept."""
    for name, value in {"XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "HOME": "/home/me", **chosen}.items():
        monkeypatch.setenv(name, value)
    folders, platform = theirs("hudline", appauthor=False), "darwin" if theirs is MacOS else "linux"
    assert Path(known_folder("cache", "hudline", platform=platform)) == Path(folders.user_cache_dir)
    assert Path(known_folder("config", "hudline", platform=platform)) == Path(folders.user_config_dir)


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_a_home_in_the_environment_the_users_own_is_used(home: str) -> None:
    own = pwd.getpwuid(os.getuid()).pw_dir
    assert known_folder("config", "hudline", {"HOME": home}, "linux") == f"{own}/.config/hudline"


@pytest.mark.parametrize("by", ["SUDO_UID", "DOAS_USER"])
def test_root_by_sudo_makes_nothing_in_another_users_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 65534, 65534)
    monkeypatch.setattr(system, "geteuid", lambda: 0)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(by, "1000")
    with pytest.raises(Unwritable, match="another user's home"):
        make_ours(tmp_path / "hudline")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("HOME", str(tmp_path / "gone"))
    make_ours(tmp_path / "hudline")
    assert is_ours(tmp_path / "hudline")


def test_a_folder_that_we_make_is_private_and_marked(tmp_path: Path) -> None:
    make_ours(tmp_path / "deep" / "hudline")
    assert is_ours(tmp_path / "deep" / "hudline")
    assert (tmp_path / "deep" / "hudline").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_was_there_keeps_its_rights_and_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o755)
    make_ours(tmp_path / "theirs")
    assert not is_ours(tmp_path / "theirs")
    assert (tmp_path / "theirs").stat().st_mode & 0o777 == 0o755
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    assert not is_ours(tmp_path / "link")


def test_what_cannot_be_a_folder_is_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unwritable, match="file"):
        make_ours(tmp_path / "file" / "hudline")


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    target = tmp_path / "usage.json"
    write_whole(target, "one")
    write_whole(target, "two")
    assert target.read_text() == "two"
    assert target.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["usage.json"]


def test_a_temp_file_in_use_stays_and_an_old_one_is_removed(tmp_path: Path) -> None:
    target, temporary = tmp_path / "usage.json", tmp_path / "usage.json.tmp"
    temporary.write_text("another writer's")
    with pytest.raises(Unwritable):
        write_whole(target, "mine")
    assert temporary.read_text() == "another writer's"
    for stale in (time.time() - LEFTOVER_S - 1, time.time() + LEFTOVER_S + 60):  # or of a clock that was set back
        temporary.write_text("a killed writer's")
        os.utime(temporary, (stale, stale))
        write_whole(target, "mine")
        assert target.read_text() == "mine"


def test_a_link_in_the_place_of_the_temp_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep me")
    (tmp_path / "usage.json.tmp").symlink_to(tmp_path / "precious")
    with pytest.raises(Unwritable):
        write_whole(tmp_path / "usage.json", "mine")
    assert (tmp_path / "precious").read_text() == "keep me"


UNPRIVILEGED = (
    """
import os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from cache.refresh.storage import make_ours, write_whole
from cache.work.failures import Unwritable
"""
    + DROP
    + """
for attempt in (lambda: make_ours(Path("/etc")), lambda: write_whole(Path(sys.argv[2], "usage.json"), "x")):
    try:
        attempt()
    except Unwritable as failure:
        print("refused", failure)
"""
)


def test_a_folder_of_another_user_or_without_rights_is_refused(open_directory: Path) -> None:
    locked = open_directory / "locked"
    locked.mkdir(mode=0o555)
    done = subprocess.run(
        [sys.executable, "-I", "-c", UNPRIVILEGED, str(ROOT), str(locked)],
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = done.stdout.splitlines()
    assert first == "refused /etc belongs to another user"
    assert second.startswith("refused ")
    assert "Permission denied" in second
