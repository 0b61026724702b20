"""Our line goes into Claude Code's settings file and out of it again; everything else is left as it was."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from statusline.commands.claude_settings.atomic_edit import EditRefused, edit, read
from statusline.commands.claude_settings.settings import (
    NO_FILE,
    backup_of,
    command_of,
    edited_copy_of,
    must_have_home,
    our_line,
    put_back_line,
    set_line,
    settings_file,
)
from statusline.commands.claude_settings.tick_command import tick_command
from tests.support.paths import ROOT
from tests.support.unprivileged import DROP

OURS = tick_command(Path("/a cache"), Path("/config.json"), "/one/python", Path("/package"))
REPAIRED = OURS.replace("/one/python", "/another/python")

TEXTS = {
    "two spaces": b'{\n  "model": "opus",\n  "env": {"statusLine": 1}\n}\n',
    "tabs, no last newline": b'{\n\t"z": [],\n\t"a": {}\n}',
    "CRLF": b'{\r\n    "permissions": {\r\n        "allow": []\r\n    }\r\n}\r\n',
    "byte-order mark": b'\xef\xbb\xbf{\n  "a": 1\n}\n',
    "one line": b'{"a":1,"b":[1,2]}',
    "odd indentation": b'\n{ "a" :1\n     ,"b"\n: 2 , \n"c":3}\n\n',
    "escapes and numbers": b'{"caf\\u00e9": "\\ud83d\\ude00", "n": 1.0, "big": 123456789012345678901234567890}',
    "an old line first": b'{"statusLine": {"type": "command",\n "command": "npx ccstatusline"}, "z": 1}\n',
    "an old line in the middle": b'{\n  "a": 1,\n  "statusLine" : { "command":"~/my line.sh" },\n  "b": 2\n}\n',
    "an old line with an escaped name": rb'{"status\u004cine": null, "b": 2}',
    "nested lines": b'{"x": {"statusLine": {"command": "not this"}}, "hooks": [{"statusLine": 1}]}',
    "empty object": b"{ }\n",
    "empty": b"",
    "blank": b"\n\n",
}


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / ".claude" / "settings.json"


def written(settings: Path, content: bytes) -> Path:
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_bytes(content)
    return settings


def parsed(path: Path) -> dict[str, object]:
    whole = json.loads(path.read_text(encoding="utf-8-sig") or "{}")
    assert isinstance(whole, dict)
    return whole


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_after_uninstall_the_file_is_byte_for_byte_as_before(settings: Path, content: bytes) -> None:
    written(settings, content)
    for _ in range(2):
        set_line(settings, OURS)
        assert parsed(settings)["statusLine"] == {
            "type": "command",
            "command": OURS,
            "padding": 0,
            "refreshInterval": 10,
        }
        assert backup_of(settings).read_bytes() == content
        put_back_line(settings)
        assert settings.read_bytes() == content
        assert names_in(settings.parent) == ["settings.json"]


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_a_second_install_changes_no_byte_and_keeps_the_first_backup(settings: Path, content: bytes) -> None:
    written(settings, content)
    set_line(settings, OURS)
    once, facts = settings.read_bytes(), settings.stat()
    change = set_line(settings, OURS)
    assert change.after == change.before
    assert settings.read_bytes() == once
    assert settings.stat().st_ino == facts.st_ino
    assert backup_of(settings).read_bytes() == content


def test_later_edits_stay_and_only_our_key_is_restored(settings: Path) -> None:
    written(settings, TEXTS["an old line in the middle"])
    set_line(settings, OURS)
    settings.write_bytes(settings.read_bytes().replace(b'"b": 2', b'"b": 3,\n  "new": true'))
    put_back_line(settings)
    assert settings.read_bytes() == TEXTS["an old line in the middle"].replace(b'"b": 2', b'"b": 3,\n  "new": true')


def test_a_rewritten_file_loses_only_our_key(settings: Path) -> None:
    written(settings, b'{"a":1}')
    set_line(settings, OURS)
    settings.write_text(json.dumps({**parsed(settings), "theme": "dark"}, indent=2))
    put_back_line(settings)
    assert settings.read_text() == '{\n  "a": 1,\n  "theme": "dark"\n}'


def test_a_missing_file_is_created_privately_and_removed_again(settings: Path) -> None:
    set_line(settings, OURS)
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600
    assert names_in(settings.parent) == ["settings.json", "settings.json.hudline-backup"]
    assert backup_of(settings).read_text() == NO_FILE
    set_line(settings, REPAIRED)
    put_back_line(settings)
    assert not settings.parent.exists()


@pytest.mark.parametrize("content", [b"{}\n", b"", b'{"statusLine": {"command": "mine"}}'])
def test_without_a_backup_no_file_is_removed(settings: Path, content: bytes) -> None:
    """The backup may have been deleted; that the file was not there before is known only where it says so."""
    written(settings, content)
    set_line(settings, OURS)
    backup_of(settings).unlink()
    put_back_line(settings, dry_run=True)
    put_back_line(settings)
    assert settings.read_bytes() == b"{}\n"
    assert names_in(settings.parent) == ["settings.json"]


def test_without_a_backup_the_other_keys_stay(settings: Path) -> None:
    written(settings, b'{"a": 1,\n "b": 2}')
    set_line(settings, OURS)
    backup_of(settings).unlink()
    put_back_line(settings)
    assert settings.read_bytes() == b'{"a": 1,\n "b": 2}'


def test_a_file_that_two_homes_share_by_links_is_never_removed(tmp_path: Path) -> None:
    """Only the first home has a backup: in the second, the line is hudline's already."""
    real = written(tmp_path / "dotfiles" / "settings.json", b"{}\n")
    homes = [tmp_path / name / ".claude" / "settings.json" for name in "ab"]
    for each, command in zip(homes, (OURS, REPAIRED), strict=True):
        each.parent.mkdir(parents=True)
        each.symlink_to(real)
        set_line(each, command)
    put_back_line(homes[1])
    assert real.read_bytes() == b"{}\n"
    assert all(each.is_symlink() for each in homes)
    assert put_back_line(homes[0]).after == "{}\n"


def test_a_file_that_we_created_and_that_was_moved_behind_a_link_is_emptied(settings: Path, tmp_path: Path) -> None:
    set_line(settings, OURS)
    settings.rename(tmp_path / "mine.json")
    settings.symlink_to(tmp_path / "mine.json")
    assert put_back_line(settings, dry_run=True).after == "{}\n"
    put_back_line(settings)
    assert settings.is_symlink()
    assert (tmp_path / "mine.json").read_text() == "{}\n"
    assert names_in(settings.parent) == ["settings.json"]


def test_a_file_that_we_created_stays_if_it_has_other_keys(settings: Path) -> None:
    set_line(settings, OURS)
    settings.write_text(json.dumps({**parsed(settings), "theme": "dark"}))
    put_back_line(settings)
    assert settings.read_text() == '{"theme": "dark"}'


def test_values_beside_the_command_are_kept(settings: Path) -> None:
    written(settings, b'{"a": 1}')
    set_line(settings, OURS)
    edited = settings.read_text().replace('"padding": 0', '"padding": 2').replace(": 10", ": 3")
    settings.write_text(edited)
    set_line(settings, REPAIRED)
    assert settings.read_text() == edited.replace("/one/python", "/another/python")
    put_back_line(settings)
    assert settings.read_bytes() == b'{"a": 1}'


OTHER_KEYS = {
    "many lines": (
        '{\n  "statusLine": {\n    "hideVimModeIndicator": true,\n    "command": "mine"\n  }\n}\n',
        '    "refreshInterval": 10,\n    "hideVimModeIndicator": true\n  }\n}\n',
    ),
    "one line": (
        '{"z":1,"statusLine":{"command":"mine","hideVimModeIndicator":true,"padding":2}}',
        '"refreshInterval":10,"hideVimModeIndicator":true}}',
    ),
    "a key of a later version": (
        '{"statusLine": {"type": "command", "new": {"a": [1.50, 1e999]}, "refreshInterval": 1, "b": "\\u00e9"}}',
        '"refreshInterval": 10, "new": {"a": [1.50, 1e999]}, "b": "\\u00e9"}}',
    ),
    "a key twice": ('{"statusLine": {"a": 1, "a": 2, "command": 5}}', '"refreshInterval": 10, "a": 2}}'),
}


@pytest.mark.parametrize(("content", "ends"), OTHER_KEYS.values(), ids=OTHER_KEYS)
def test_what_the_previous_line_says_beside_its_command_stays(settings: Path, content: str, ends: str) -> None:
    """Such as that Claude Code's own sign for the vim mode is hidden; command, padding and interval are ours."""
    written(settings, content.encode())
    text = set_line(settings, OURS).after or ""
    assert text.endswith(ends)
    line = parsed(settings)["statusLine"]
    assert isinstance(line, dict)
    assert {name: line[name] for name in ("type", "command", "padding", "refreshInterval")} == our_line(OURS)
    put_back_line(settings)
    assert settings.read_text() == content


def commanded(settings: Path, command: str) -> str:
    """Write another command into the line, as a user would; return the whole text."""
    whole = parsed(settings)
    whole["statusLine"] = {**whole["statusLine"], "command": command}  # type: ignore[dict-item]  # an object, as we wrote
    settings.write_text(json.dumps(whole))
    return settings.read_text()


def test_text_around_our_command_survives_another_install(settings: Path) -> None:
    """A switch before it, a script behind it that has the words of ours in it."""
    set_line(settings, OURS)
    around = "export STATUSLINE_OAUTH=off; if [ -x /a ]; then /a; fi; {}; my-own-script; fi; echo ' '"
    commanded(settings, around.format(OURS))
    assert set_line(settings, OURS).after == settings.read_text()
    set_line(settings, REPAIRED)
    assert command_of(settings.read_text()) == around.format(REPAIRED)


@pytest.mark.parametrize(
    "edit", [("exec", "STATUSLINE_OAUTH=off exec"), (" --config", " --more --config"), ("/config", "'/'config")]
)
def test_an_edit_within_our_command_is_never_lost(settings: Path, edit: tuple[str, str]) -> None:
    """While it starts the right program nothing needs to be done; if that has moved, the user decides."""
    set_line(settings, OURS)
    before = commanded(settings, OURS.replace(*edit))
    assert set_line(settings, OURS).after == before
    with pytest.raises(EditRefused, match=r"was edited, .* keep a copy of your edits, then try"):
        set_line(settings, REPAIRED)
    assert settings.read_text() == before


@pytest.mark.parametrize("around", ["export STATUSLINE_OAUTH=off; {}", "{}; my-own-script"])
def test_edits_of_our_command_are_kept_in_a_copy(settings: Path, around: str) -> None:
    written(settings, b'{"a": 1}')
    set_line(settings, OURS)
    edited = commanded(settings, around.format(OURS))
    put_back_line(settings, dry_run=True)
    assert settings.read_text() == edited
    for _ in range(2):  # the newest edit is the one that counts
        put_back_line(settings)
        assert settings.read_text() == '{"a": 1}'
        assert edited_copy_of(settings).read_text() == edited
        assert stat.S_IMODE(edited_copy_of(settings).stat().st_mode) == 0o600
        set_line(settings, OURS)
        edited = commanded(settings, around.format(OURS) + "; echo 2")


def test_a_line_that_took_our_place_is_the_new_old_line(settings: Path) -> None:
    written(settings, b'{"statusLine": {"command": "first"}}')
    set_line(settings, OURS)
    settings.write_bytes(b'{"statusLine": {"command": "second"}}')
    set_line(settings, OURS)
    put_back_line(settings)
    assert settings.read_bytes() == b'{"statusLine": {"command": "second"}}'


def test_uninstall_leaves_a_line_alone_that_is_not_ours_and_keeps_the_backup(settings: Path) -> None:
    written(settings, b'{"statusLine": {"command": "first"}}')
    set_line(settings, OURS)
    settings.write_bytes(b'{"statusLine": {"command": "second"}}')
    change = put_back_line(settings)
    assert change.after == change.before
    assert settings.read_bytes() == b'{"statusLine": {"command": "second"}}'
    assert backup_of(settings).read_bytes() == b'{"statusLine": {"command": "first"}}'


def test_a_dry_run_writes_nothing(settings: Path) -> None:
    change = set_line(settings, OURS, dry_run=True)
    assert change.before is None
    assert change.after is not None
    assert not settings.parent.exists()
    written(settings, b'{"a": 1}')
    set_line(settings, OURS, dry_run=True)
    assert settings.read_bytes() == b'{"a": 1}'
    assert names_in(settings.parent) == ["settings.json"]
    set_line(settings, OURS)
    before = settings.read_bytes()
    put_back_line(settings, dry_run=True)
    assert settings.read_bytes() == before


def test_the_mode_of_the_file_stays_and_the_backup_is_private(settings: Path) -> None:
    written(settings, b"{}").chmod(0o644)
    set_line(settings, OURS)
    assert stat.S_IMODE(settings.stat().st_mode) == 0o644
    assert stat.S_IMODE(backup_of(settings).stat().st_mode) == 0o600


def test_a_link_stays_a_link_and_the_file_behind_it_changes(settings: Path, tmp_path: Path) -> None:
    """As dotfile managers make them; the chain of links may be longer, and the backup stays out of their folder."""
    real = tmp_path / "dotfiles" / "claude.json"
    written(real, b'{"a": 1}')
    (tmp_path / "middle").symlink_to(real)
    settings.parent.mkdir()
    settings.symlink_to("../middle")
    set_line(settings, OURS)
    assert settings.is_symlink()
    assert set(parsed(real)) == {"a", "statusLine"}
    assert names_in(real.parent) == ["claude.json"]
    assert backup_of(settings).read_bytes() == b'{"a": 1}'
    put_back_line(settings)
    assert os.readlink(settings) == "../middle"
    assert real.read_bytes() == b'{"a": 1}'


def test_a_linked_settings_folder_works_too(settings: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    settings.parent.symlink_to(tmp_path / "dotfiles")
    set_line(settings, OURS)
    put_back_line(settings)
    assert settings.parent.is_symlink()
    assert names_in(tmp_path / "dotfiles") == []


REFUSED = {
    "not JSON": (b'{"a": 1,}', "Fix it"),
    "with comments": (b'{ // mine\n "a": 1}', "Fix it"),
    "a list": (b"[1]", "not a JSON object"),
    "not UTF-8": (b'{"a": "\xff"}', "Save it as UTF-8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "Save it as UTF-8"),
    "two lines": (b'{"statusLine": 1, "statusLine": 2}', "Remove all but one"),
}


@pytest.mark.parametrize(("content", "next_step"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_edited_safely_is_refused_with_a_next_step(
    settings: Path, content: bytes, next_step: str
) -> None:
    written(settings, content)
    with pytest.raises(EditRefused, match=next_step):
        set_line(settings, OURS)
    with pytest.raises(EditRefused, match=next_step):
        put_back_line(settings)
    assert settings.read_bytes() == content
    assert names_in(settings.parent) == ["settings.json"]


def test_a_folder_a_pipe_and_a_giant_are_no_settings_file(settings: Path) -> None:
    settings.mkdir(parents=True)
    with pytest.raises(EditRefused, match="not a regular file"):
        set_line(settings, OURS)
    settings.rmdir()
    os.mkfifo(settings)
    with pytest.raises(EditRefused, match="not a regular file"):
        set_line(settings, OURS)
    settings.unlink()
    with settings.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(EditRefused, match="not a regular file"):
        set_line(settings, OURS)


def test_a_link_to_nothing_is_refused_and_named(settings: Path) -> None:
    settings.parent.mkdir()
    settings.symlink_to("/nowhere/settings.json")
    with pytest.raises(EditRefused, match=r"is a link to /nowhere/settings\.json, which does not exist"):
        set_line(settings, OURS)
    settings.unlink()
    settings.symlink_to(settings.name)
    with pytest.raises(EditRefused, match="cannot be read"):
        set_line(settings, OURS)


DAMAGED_BACKUPS = {
    "torn": (b'{"a": ', "is not a JSON object"),
    "not UTF-8": (b"\xff", "is not UTF-8"),
    "two lines": (b'{"statusLine": 1, "statusLine": 2}', "2 times"),
}


@pytest.mark.parametrize(("content", "what"), DAMAGED_BACKUPS.values(), ids=DAMAGED_BACKUPS)
def test_a_damaged_backup_is_refused_with_the_way_on(settings: Path, content: bytes, what: str) -> None:
    """Claude Code never reads it, so nothing needs to be repaired there."""
    written(settings, b'{"a": 1}')
    set_line(settings, OURS)
    before, backup = settings.read_bytes(), backup_of(settings)
    backup.write_bytes(content)
    with pytest.raises(EditRefused) as refused:
        put_back_line(settings)
    said = str(refused.value)
    assert said.startswith(f"{backup} ")
    assert what in said
    assert "cannot read it either" not in said
    assert "move it away and try again: `uninstall` then only removes statusLine." in said
    assert settings.read_bytes() == before
    backup.unlink()
    put_back_line(settings)
    assert settings.read_bytes() == b'{"a": 1}'


def test_a_damaged_backup_does_not_matter_where_the_line_is_not_ours(settings: Path) -> None:
    written(settings, b'{"a": 1}')
    backup_of(settings).write_text("junk")
    assert put_back_line(settings).after == '{"a": 1}'
    set_line(settings, OURS)
    assert backup_of(settings).read_bytes() == b'{"a": 1}'


def test_a_folder_in_place_of_the_backup_is_named(settings: Path) -> None:
    written(settings, b'{"a": 1}')
    backup_of(settings).mkdir()
    for dry_run in (True, False):
        with pytest.raises(EditRefused, match=r"hudline-backup, .* is a folder\. Move it away"):
            set_line(settings, OURS, dry_run=dry_run)
    assert settings.read_bytes() == b'{"a": 1}'


def test_a_change_made_while_we_write_is_not_lost(settings: Path) -> None:
    """Somebody else saves between our reading and our replacing: we start over with their text."""
    written(settings, b'{"a": 1}')
    rounds = []

    def they_save(text: str | None) -> None:
        rounds.append(text)
        if len(rounds) == 1:
            settings.write_text('{"a": 2}')

    edit(settings, lambda text: (text or "").replace("}", ', "ours": 0}'), they_save)
    assert rounds == ['{"a": 1}', '{"a": 2}']
    assert settings.read_text() == '{"a": 2, "ours": 0}'


def test_a_file_that_never_rests_is_left_to_its_writer(settings: Path) -> None:
    written(settings, b"0")

    def they_save(text: str | None) -> None:
        settings.write_text(str(int(text or "") + 1))

    with pytest.raises(EditRefused, match="keeps changing"):
        edit(settings, lambda text: f"ours instead of {text}", they_save)
    assert names_in(settings.parent) == ["settings.json"]


def test_many_installs_at_once_leave_one_sound_file(settings: Path) -> None:
    written(settings, TEXTS["two spaces"])
    refused: list[EditRefused] = []

    def install() -> None:
        try:
            set_line(settings, OURS)
        except EditRefused as error:
            refused.append(error)

    threads = [threading.Thread(target=install) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) < len(threads)
    assert read(backup_of(settings)) == TEXTS["two spaces"].decode()
    put_back_line(settings)
    assert settings.read_bytes() == TEXTS["two spaces"]
    assert names_in(settings.parent) == ["settings.json"]


@pytest.mark.parametrize("stale", [0, 4e9], ids=["old", "of a clock that was set back"])
def test_a_staged_file_of_a_killed_install_is_no_obstacle(settings: Path, stale: float) -> None:
    staged = settings.with_name("settings.json.hudline-new")
    written(settings, b"{}")
    staged.write_text("torn")
    with pytest.raises(EditRefused, match="in progress"):
        set_line(settings, OURS)
    os.utime(staged, (stale, stale))
    set_line(settings, OURS)
    assert names_in(settings.parent) == ["settings.json", "settings.json.hudline-backup"]


WITHOUT_RIGHTS = (
    """
import os, sys
from pathlib import Path
from statusline.commands.claude_settings.atomic_edit import EditRefused
from statusline.commands.claude_settings.settings import put_back_line, set_line
"""
    + DROP
    + """
for act in (lambda path: set_line(path, sys.argv[2]), put_back_line):
    try:
        act(Path(sys.argv[1]))
        print("done")
    except EditRefused as error:
        print("refused:", error)
"""
)


def as_unprivileged_user(settings: Path) -> str:
    """Set the line and put it back as an ordinary user; return what was said."""
    argv = [sys.executable, "-c", WITHOUT_RIGHTS, str(settings), OURS]
    ran = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60)
    return ran.stdout


@pytest.fixture
def reachable(open_directory: Path) -> Path:
    """Return a settings path in a folder that an ordinary user may enter."""
    folder = open_directory / ".claude"
    folder.mkdir()
    folder.chmod(0o777)
    return folder / "settings.json"


def test_an_ordinary_user_can_do_both(reachable: Path) -> None:
    assert as_unprivileged_user(reachable) == "done\ndone\n"


def test_a_read_only_folder_is_refused_and_the_setting_is_printed(reachable: Path) -> None:
    written(reachable, b'{"a": 1}').chmod(0o644)
    reachable.parent.chmod(0o555)
    said = as_unprivileged_user(reachable)
    assert "cannot be written (Permission denied); nothing was changed. Make it writable" in said
    assert '"refreshInterval": 10' in said
    assert reachable.read_bytes() == b'{"a": 1}'
    assert names_in(reachable.parent) == ["settings.json"]


def test_the_printed_setting_has_what_the_previous_line_says_too(reachable: Path) -> None:
    written(reachable, b'{"statusLine": {"command": "mine", "hideVimModeIndicator": true}}').chmod(0o644)
    reachable.parent.chmod(0o555)
    printed = as_unprivileged_user(reachable).partition("this setting:\n")[2].partition("\n}\n")[0] + "}"
    assert json.loads(printed) == {"statusLine": {**our_line(OURS), "hideVimModeIndicator": True}}


def test_a_file_behind_a_link_in_a_read_only_folder_is_refused_and_nothing_is_left_behind(
    reachable: Path, open_directory: Path
) -> None:
    """As Nix's home-manager makes them."""
    store = open_directory / "store"
    written(store / "settings.json", b"{}").chmod(0o444)
    store.chmod(0o555)
    reachable.symlink_to(store / "settings.json")
    assert "cannot be written" in as_unprivileged_user(reachable)
    assert names_in(reachable.parent) == ["settings.json"]
    store.chmod(0o755)


def test_an_unreadable_file_is_refused(reachable: Path) -> None:
    written(reachable, b"{}").chmod(0o000)
    assert "cannot be read (Permission denied). Fix its permissions" in as_unprivileged_user(reachable)


def test_the_scopes_have_the_files_that_claude_code_reads(tmp_path: Path) -> None:
    env = {"HOME": "/home/me"}
    assert settings_file("user", env, tmp_path) == Path("/home/me/.claude/settings.json")
    assert settings_file("user", {**env, "CLAUDE_CONFIG_DIR": "/other"}, tmp_path) == Path("/other/settings.json")
    assert settings_file("project", env, tmp_path) == tmp_path / ".claude/settings.json"
    assert settings_file("local", env, tmp_path) == tmp_path / ".claude/settings.local.json"


@pytest.mark.parametrize("home", ["", "relative"])
def test_a_relative_home_is_refused_with_the_next_step(home: str) -> None:
    """Claude Code's settings and our cache would be looked for in different places."""
    with pytest.raises(EditRefused, match="Set it to your home directory, then try again"):
        must_have_home({"HOME": home})
    must_have_home({"HOME": "/home/me"})
    must_have_home({})  # the system knows it
