"""Homes that people have: a Python that changes, `sudo`, a file system without rights, another locale."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from statusline.commands.claude_settings.atomic_edit import edit
from statusline.commands.claude_settings.tick_command import GONE
from tests.support.installed_home import (
    PYTHON,
    Home,
    clean_env,
    copy_checkout,
    files_below,
    install_sh,
    pip_env,
    without_cache,
)
from tests.support.paths import ROOT

PAYLOAD = json.dumps({"model": {"display_name": "Opus"}, "cwd": "/"})
VERSION = f"python3.{sys.version_info[1]}"


# --- Python changes underneath ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, scratch: Path) -> Home:
    """Return a home whose environment was made with the Python behind a link, as distributions have it."""
    top = tmp_path_factory.mktemp("people")
    home = top / "home"
    home.mkdir()
    (top / "bin").mkdir()
    (top / "bin" / "python3").symlink_to(PYTHON)
    source = copy_checkout(top / "checkout")
    ran = install_sh(source, clean_env(home) | pip_env(scratch), "--python", str(top / "bin" / "python3"))
    assert ran.returncode == 0, ran.stderr
    shutil.rmtree(source)
    return Home(home, clean_env(home, NO_COLOR="1"), home / ".local" / "share" / "hudline" / "venv")


@pytest.fixture
def upgraded(made: Home) -> Iterator[Home]:
    """Return that home as if its Python had become another version, for which the environment has no libraries."""
    shutil.rmtree(made.cache, ignore_errors=True)  # so that a refresh is due
    folder, packages = made.venv / "lib" / VERSION, made.venv / "packages"
    other = folder.with_name("python3.99")
    folder.rename(other)
    packages.unlink()
    packages.symlink_to("lib/python3.99/site-packages")
    yield made
    if other.exists():
        other.rename(folder)
        packages.unlink()
        packages.symlink_to(f"lib/{VERSION}/site-packages")


@pytest.fixture
def removed(made: Home) -> Iterator[Home]:
    """Return that home after its Python was removed."""
    python = made.home.parent / "bin" / "python3"
    python.rename(python.with_name("kept"))
    yield made
    python.with_name("kept").rename(python)


@pytest.mark.thorough
def test_a_sound_environment_says_nothing_of_its_python(made: Home) -> None:
    assert made.tick(PAYLOAD).stdout.startswith("Opus")
    assert "install.sh" not in made.tick(PAYLOAD).stdout


def test_after_an_upgrade_of_python_the_line_goes_on_and_says_what_to_run(upgraded: Home) -> None:
    first, second = upgraded.tick(PAYLOAD).stdout.splitlines()
    assert first.startswith("Opus")
    assert second == "hudline: run sh ~/.local/share/hudline/venv/install.sh (its Python has changed)"


@pytest.mark.parametrize("words", [["doctor"], ["usage"], ["--help"], ["uninstall"]])
def test_after_an_upgrade_of_python_every_command_says_what_to_run(upgraded: Home, words: list[str]) -> None:
    ran = upgraded.run(*words)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"statusline: the Python of hudline has changed. Run: sh {upgraded.venv}/install.sh\n"


def test_without_its_python_the_row_and_every_command_say_what_to_run(removed: Home) -> None:
    ran = removed.tick(PAYLOAD)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "hudline: run sh ~/.local/share/hudline/venv/install.sh (its Python has changed)\n"
    ran = removed.run("doctor")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"statusline: the Python of hudline is gone. Run: sh {removed.venv}/install.sh\n"


@pytest.mark.parametrize("state", ["upgraded", "removed"])
def test_the_installed_script_uninstalls_with_another_python(request: pytest.FixtureRequest, state: str) -> None:
    person: Home = request.getfixturevalue(state)
    script = ["/bin/sh", str(person.venv / "install.sh"), "--uninstall", "--dry-run", "--python", PYTHON]
    ran = person.started(script, "", None, {})
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"would be removed from {person.settings}" in ran.stdout or "would be removed: hudline had" in ran.stdout


def test_a_home_that_was_moved_says_what_to_do(made: Home) -> None:
    moved = made.home.with_name("moved")
    command = made.command
    made.home.rename(moved)
    try:
        ran = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True, input=PAYLOAD)
        assert ran.stdout.startswith(f"{GONE}: install it again")
    finally:
        moved.rename(made.home)


def test_another_run_keeps_the_python_of_the_environment(made: Home) -> None:
    ran = made.started(["/bin/sh", str(made.venv / "install.sh"), "--dry-run"], "", None, {"PATH": "/usr/bin:/bin"})
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"Python: {made.home.parent}/bin/python3 " in ran.stdout


@pytest.mark.lengthy
def test_the_installed_script_installs_again_for_the_new_python(upgraded: Home, scratch: Path) -> None:
    """The last test of this home: afterwards it is as new."""
    script = ["/bin/sh", str(upgraded.venv / "install.sh"), "--python", PYTHON]
    ran = upgraded.started(script, "", None, pip_env(scratch))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert upgraded.tick(PAYLOAD).stdout.startswith("Opus")
    assert "install.sh" not in upgraded.tick(PAYLOAD).stdout
    assert "The line works" in upgraded.run("doctor").stdout
    ran = upgraded.started(["/bin/sh", str(upgraded.venv / "install.sh"), "--uninstall", "--purge"], "", None, {})
    assert (ran.returncode, ran.stderr) == (0, "")
    assert files_below(upgraded.home) == {}


def call(function: str, *given: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Call a function of install.sh; the last line of that script, which starts it, is left out."""
    functions = (ROOT / "install.sh").read_text().rpartition("\nmain ")[0]
    words = ["/bin/sh", "-c", f'{functions}\n{function} "$@"', "sh", *given]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=clean_env(Path("/home/a"), **env))


@pytest.mark.parametrize(
    ("env", "vanishes"),
    [
        ({}, False),
        ({"VIRTUAL_ENV": "/env"}, True),
        ({"VIRTUAL_ENV": "/other"}, False),
        ({"CONDA_PREFIX": "/env", "CONDA_DEFAULT_ENV": "work"}, True),
        ({"CONDA_PREFIX": "/env", "CONDA_DEFAULT_ENV": "base"}, False),
        ({"XDG_CACHE_HOME": "/env"}, True),
    ],
)
def test_a_python_of_an_environment_is_one_that_may_vanish(env: dict[str, str], vanishes: bool) -> None:
    assert (call("may_vanish", "/env/bin/python3", **env).returncode == 0) == vanishes
    assert call("may_vanish", "/home/a/.cache/uv/x/bin/python", **env).returncode == ("XDG_CACHE_HOME" in env)
    assert call("may_vanish", "/nix/store/x/bin/python3", **env).returncode == 0


def test_a_python_that_may_vanish_is_better_than_none(home: Path, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "env" / "bin" / "python3").symlink_to(PYTHON)
    env = clean_env(home, PATH=f"{tmp_path}/env/bin:/usr/bin:/bin", CONDA_PREFIX=str(tmp_path / "env"))
    ran = install_sh(checkout, env, "--dry-run")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\nPython: " in f"\n{ran.stdout}"


@pytest.mark.parametrize("slow_is", ["first", "second", "both"])
def test_a_python_that_starts_clearly_quicker_is_preferred(tmp_path: Path, slow_is: str) -> None:
    """Among equal ones the first is used."""
    slow = tmp_path / "slow"
    slow.write_text(f'#!/bin/sh\nsleep 0.1\nexec "{PYTHON}" "$@"\n')
    slow.chmod(0o755)
    also = tmp_path / "also slow"  # it is never the quicker one, however busy the machine is
    also.write_text(slow.read_text().replace("0.1", "0.3"))
    also.chmod(0o755)
    pythons = {"first": f"{slow}\n{PYTHON}", "second": f"{PYTHON}\n{slow}", "both": f"{slow}\n{also}"}
    ran = call("quickest_python", pythons[slow_is])
    assert ran.stdout == f"{slow if slow_is == 'both' else PYTHON}\n"


@pytest.mark.parametrize(("version", "is_taken"), [((3, 9), False), ((*sys.version_info[:2],), True), ((3, 99), True)])
def test_a_quicker_python_is_not_preferred_if_it_is_older(
    tmp_path: Path, version: tuple[int, int], is_taken: bool
) -> None:
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    slow.write_text(f'#!/bin/sh\nsleep 0.1\nexec "{PYTHON}" "$@"\n')
    change = f"import sys; sys.version_info = {version}; exec(sys.argv.pop(1))"
    quick.write_text(f'#!/bin/sh\n[ "$4" = pass ] || exec "{PYTHON}" -I -S -c "{change}" "$4"\n')
    for each in (slow, quick):
        each.chmod(0o755)
    ran = call("quickest_python", f"{slow}\n{quick}")
    assert ran.stdout == f"{quick if is_taken else slow}\n"


# --- installers that stop half-way -----------------------------------------------------------------------------------


def need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away and mount file systems")


@pytest.mark.parametrize("words", [[], ["--uninstall"], ["--dry-run"]])
@pytest.mark.parametrize("by", [{"SUDO_UID": "1234"}, {"DOAS_USER": "anna"}])
def test_root_does_not_work_in_another_persons_home(
    home: Path, checkout: Path, words: list[str], by: dict[str, str]
) -> None:
    need_root()
    os.chown(home, 1234, 1234)
    ran = install_sh(checkout, clean_env(home, **by), *words, "--python", PYTHON)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"install.sh: you are root, but {home} is another user's home. Run this without sudo. Nothing was changed.\n"
    )
    assert files_below(home) == {}


def test_the_command_does_not_work_in_another_persons_home_either(home: Path, installed: Home) -> None:
    need_root()
    os.chown(home, 1234, 1234)
    visitor = Home(home, clean_env(home, SUDO_UID="1234"), installed.venv, warm=True)
    for words in (["install"], ["uninstall"]):
        ran = visitor.run(*words)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert "Run this without sudo. Nothing was changed." in ran.stderr
    assert files_below(home) == {}


def test_root_leaves_no_cache_in_another_persons_home(home: Path, installed: Home) -> None:
    need_root()
    os.chown(home, 1234, 1234)
    visitor = Home(home, clean_env(home, SUDO_UID="1234", STATUSLINE_OAUTH="off"), installed.venv, warm=True)
    for words in ([], ["prompt"], ["refresh"], ["usage", "--refresh"]):
        visitor.run(*words)
    main = [str(visitor.python), "-I", "-S", str(visitor.main), "--cache", str(visitor.cache)]
    assert "Opus" in visitor.started(main, PAYLOAD, None, {}).stdout
    assert files_below(home) == {}
    assert not visitor.cache.exists()


def test_root_works_in_its_own_home_by_sudo_too(home: Path, checkout: Path) -> None:
    need_root()
    ran = install_sh(checkout, clean_env(home, SUDO_UID="1234"), "--dry-run", "--python", PYTHON)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("noexec", "its file system is probably mounted noexec. Set XDG_DATA_HOME to a folder elsewhere"),
        ("size=2m", "No space left on device"),
        ("nr_inodes=3", "cannot be written to: its disk is probably full. Make space, or set XDG_DATA_HOME"),
    ],
)
def test_a_file_system_that_does_not_do_is_named_and_left_empty(
    home: Path, checkout: Path, scratch: Path, options: str, says: str
) -> None:
    need_root()
    data = home / ".local" / "share"
    data.mkdir(parents=True)
    script = f"mount -t tmpfs -o {options} none '{data}' && '{checkout}/install.sh' --python '{PYTHON}'; code=$?"
    told = subprocess.run(
        ["unshare", "--mount", "/bin/sh", "-c", f"{script}; find '{data}' -mindepth 1; exit $code"],
        env=clean_env(home) | pip_env(scratch),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert told.returncode == 1
    assert says in told.stderr
    assert "Nothing was installed." in told.stderr
    assert str(data) not in told.stdout.replace(f"in {data}", ""), "nothing is left there"
    assert without_cache(files_below(home)) == {}


def test_a_home_that_is_not_utf8_is_named(tmp_path: Path, checkout: Path) -> None:
    home = tmp_path / "Jos\udce9"  # é in ISO-8859-1
    try:
        home.mkdir()
    except OSError:
        pytest.skip("this file system has only names in UTF-8")
    for words in ([], ["--dry-run"]):
        argv = ["/bin/sh", str(checkout / "install.sh"), *words, "--python", PYTHON]
        ran = subprocess.run(argv, env=clean_env(home), capture_output=True, check=False)
        assert ran.returncode == 1
        assert b"is not UTF-8. Set XDG_DATA_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME to folders elsewhere" in ran.stderr
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("before", ["", '{"model": "opus"}'])
def test_settings_are_written_where_no_rights_can_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    """As on CIFS, or on a drive of Windows in WSL."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", refuse)
    monkeypatch.setattr(os, "fchown", refuse)
    path = tmp_path / "settings.json"
    if before:
        path.write_text(before)
    edit(path, lambda _: "{}")
    assert path.read_text() == "{}"
    assert os.listdir(tmp_path) == ["settings.json"]


def test_an_edit_that_cannot_be_written_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    (tmp_path / "settings.json").write_text("{}")
    with pytest.raises(OSError, match="No space"):
        edit(tmp_path / "settings.json", lambda _: '{"a": 1}')
    assert os.listdir(tmp_path) == ["settings.json"]
    assert (tmp_path / "settings.json").read_text() == "{}"


# --- the end ---------------------------------------------------------------------------------------------------------


def test_where_nothing_is_installed_uninstall_needs_no_python(home: Path, checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("uname", "dirname", "readlink", "grep", "id", "rm", "rmdir"):
        (tools / name).symlink_to(shutil.which(name) or pytest.fail(name))
    for settings in (None, "{}"):
        if settings:
            (home / ".claude").mkdir()
            (home / ".claude" / "settings.json").write_text(settings)
        ran = install_sh(checkout, {"HOME": str(home), "PATH": str(tools)}, "--uninstall")
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.startswith("hudline is not installed here: ")


def test_uninstall_names_what_only_the_person_can_remove(home: Path, installed: Home) -> None:
    visitor = Home(home, clean_env(home), installed.venv, warm=True)
    assert "yourself" not in visitor.run("uninstall").stdout
    (home / ".bashrc").write_text('x\neval "$(statusline completion bash)"\n# statusline in general\n')
    (home / ".zfunc").mkdir()
    (home / ".zfunc" / "_statusline").write_text("")
    said = visitor.run("uninstall").stdout
    assert said.endswith(
        "You may have added these yourself; remove them if you no longer use hudline:\n"
        f"  {home}/.zfunc/_statusline\n  {home}/.bashrc, line 2\n"
    )


def test_a_person_who_types_statusline_alone_is_told_what_to_do(home: Path, installed: Home) -> None:
    visitor = Home(home, clean_env(home, STATUSLINE_START="off"), installed.venv, warm=True)
    assert visitor.run().stdout == (
        "hudline knows no numbers yet: start Claude Code, or run `statusline usage --refresh`\n"
    )
