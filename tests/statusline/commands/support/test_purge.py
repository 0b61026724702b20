"""`statusline uninstall --purge`: what is hudline's goes, and nothing else."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from cache.model.layout import SLOT_FILES
from statusline.commands.support.purge import purge
from tests.support.installed_home import Home, files_below
from tests.support.processes import running
from tests.support.tick_world import until

if TYPE_CHECKING:
    from pathlib import Path

DATABASES = [f"{name}.sqlite3{rest}" for name in ("history", "transcripts") for rest in ("", "-journal", ".broken")]
KEPT = (
    "usage.json",
    "usage.lock",
    "usage.start",
    "readings.json.tmp",
    "usage.start.tmp",
    "context.json",
    "context.json.tmp",
    "hint.json",
    "hint.json.tmp",
    "hint.lock",
    "transcripts.sqlite3-wal",
    *DATABASES,
)


def made(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in (".hudline", *names):
        (folder / name).write_text("")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache with all that can be in one."""
    top = made(tmp_path / "hudline", *KEPT)
    for name in SLOT_FILES:
        (top / name).write_text("")
    for name in ("slot-1.tmp", "report.html", "report.html.x2_y.tmp"):
        (top / name).write_text("")
    made(top / "git", "%2Fhome%2Fme.json", "%2Fhome%2Fme.lock")
    made(top / "sessions", "0000-11.state")
    made(top / "dirs" / "%2Fwork", *KEPT)
    made(top / "dirs" / "%2Fwork" / "commands", "jobs.json.tmp")
    return top


def test_a_cache_of_ours_goes_whole(cache: Path) -> None:
    assert purge([cache, cache], []) == [f"{cache} was removed."]
    assert not cache.exists()


def test_a_dry_run_removes_nothing(cache: Path) -> None:
    before = files_below(cache)
    assert purge([cache], [], dry_run=True) == [f"{cache} would be removed."]
    assert files_below(cache) == before


@pytest.mark.parametrize(
    "where", ["mine.txt", "notes.json", "dirs/mine", "git/a b.json", "dirs/%2Fwork/mine", "git/x/y"]
)
def test_foreign_files_stay_with_their_folders(cache: Path, where: str) -> None:
    mine = cache / where
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    (said,) = purge([cache], [])
    assert said.startswith(f"{cache} was not removed: {cache}/")
    assert said.endswith(" is not hudline's.")
    assert [name for name in files_below(cache) if not name.endswith(".hudline")] == [where]


def test_a_link_in_the_cache_is_not_followed(cache: Path, tmp_path: Path) -> None:
    precious = made(tmp_path / "precious", "usage.json")
    (cache / "commands").symlink_to(precious)
    (cache / "usage.json").unlink()
    (cache / "usage.json").symlink_to(precious / "usage.json")
    assert "was not removed" in purge([cache], [])[0]
    assert set(files_below(precious)) == {".hudline", "usage.json"}


def test_a_folder_without_our_marker_stays_as_it_is(cache: Path) -> None:
    (cache / ".hudline").unlink()
    before = files_below(cache)
    assert purge([cache], []) == [f"{cache} was not removed: hudline did not create it (it has no .hudline)."]
    assert files_below(cache) == before


def test_a_configuration_goes_from_its_own_folder_alone(tmp_path: Path) -> None:
    own = tmp_path / "hudline" / "config.json"
    own.parent.mkdir()
    own.write_text("{}")
    other = tmp_path / "dotfiles.json"
    other.write_text("{}")
    said = purge([], [own, other, tmp_path / "none"])
    assert said == [
        f"{own} was removed.",
        f"{other} was not removed: STATUSLINE_CONFIG points to it.",
    ]
    assert not own.parent.exists()
    assert other.exists()


def test_a_configuration_that_is_a_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("{}")
    (tmp_path / "hudline").mkdir()
    link = tmp_path / "hudline" / "config.json"
    link.symlink_to(tmp_path / "real.json")
    assert purge([], [link]) == [f"{link} was not removed: it is a link to another file."]
    assert link.is_symlink()


def test_after_real_use_nothing_is_left_but_what_was_there_before(person: Home) -> None:
    """Every job of the refresher, in two config directories: a name that is new to `purge` would stay here."""
    config = person.home / ".config" / "hudline" / "config.json"
    config.parent.mkdir(parents=True)
    rows = [["model", "branch", "git_changes", "last_tool", {"segment": "command", "name": "jobs"}]]
    config.write_text(json.dumps({"rows": rows, "commands": {"jobs": {"command": "echo 3"}}}))
    project = person.home / "project"
    (project / ".git").mkdir(parents=True)
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    transcript = person.home / "t.jsonl"
    transcript.write_text("{}\n")
    windows = {"five_hour": {"used_percentage": 12.5, "resets_at": int(time.time()) + 7200}}
    payload = {"session_id": "s-1", "cwd": str(project), "transcript_path": str(transcript), "rate_limits": windows}
    directories = ("", str(person.home / "work"))

    def has_all() -> bool:
        """Tick again: all slots may have been taken, and a job waits for the next tick of its directory."""
        for chosen in directories:
            assert person.tick(json.dumps(payload), cwd=project, CLAUDE_CONFIG_DIR=chosen).returncode == 0
        return {"usage.json", "readings.json", "dirs", "git", "sessions", "commands"} <= set(os.listdir(person.cache))

    until(has_all, seen=lambda: files_below(person.cache))
    for chosen in directories:
        person.run("usage", CLAUDE_CONFIG_DIR=chosen)
    person.run("doctor")
    until(lambda: not running(person.cache, "__main__.py"))
    ran = person.run("uninstall", "--purge")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[1:] == [f"{person.cache} was removed.", f"{config} was removed."]
    assert set(files_below(person.home)) == {"project/.git/HEAD", "t.jsonl"}
    assert person.run("uninstall", "--purge").stdout.splitlines()[1:] == ["There is no cache and no configuration."]


def test_purge_without_settings_leaves_them_alone(person: Home) -> None:
    before = person.settings.read_bytes()
    until(lambda: not running(person.cache, "__main__.py"))
    ran = person.run("uninstall", "--purge", "--no-settings")
    assert ran.stdout == f"{person.cache} was removed.\n"
    assert person.settings.read_bytes() == before
