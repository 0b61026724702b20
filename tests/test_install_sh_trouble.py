"""install.sh when something is missing or in the way: what it prints, and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

import pytest

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
from tests.support.unprivileged import AS_NOBODY


@pytest.fixture
def offline(home: Path) -> dict[str, str]:
    """Return an environment in which pip finds no index at all, and does not try for long."""
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    return clean_env(home, **nowhere, HTTPS_PROXY="http://127.0.0.1:9")


def test_another_programs_command_is_named_and_left_unchanged(home: Path, checkout: Path) -> None:
    foreign = home / ".local" / "bin" / "statusline"
    foreign.parent.mkdir(parents=True)
    foreign.symlink_to("/opt/other/statusline")
    ran = install_sh(checkout, clean_env(home), "--dry-run", "--python", sys.executable)
    assert f"Would leave {foreign} unchanged: it already exists and is not hudline's." in ran.stdout
    assert os.readlink(foreign) == "/opt/other/statusline"


def test_a_link_to_an_installation_that_was_moved_is_ours_to_replace(home: Path, checkout: Path) -> None:
    link = home / ".local" / "bin" / "statusline"
    link.parent.mkdir(parents=True)
    link.symlink_to("/gone/.local/share/hudline/venv/bin/statusline")
    ran = install_sh(checkout, clean_env(home), "--dry-run", "--python", sys.executable)
    assert f"Would link {link} to it." in ran.stdout
    ran = install_sh(checkout, clean_env(home), "--uninstall", "--no-settings")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"Removed {link}\n", "")
    assert not link.is_symlink()


def test_an_environment_that_it_did_not_create_is_not_touched(home: Path, checkout: Path) -> None:
    foreign = home / ".local" / "share" / "hudline" / "venv"
    foreign.mkdir(parents=True)
    (foreign / "mine").write_text("mine")
    for words in ([], ["--uninstall"], ["--dry-run"]):
        ran = install_sh(checkout, clean_env(home), *words, "--python", sys.executable)
        assert ran.returncode == 1
        assert "but this script did not create it. Move it away" in ran.stderr
    assert files_below(home) == {".local/share/hudline/venv/mine": b"mine"}


@pytest.mark.parametrize("words", [[], ["--uninstall", "--no-settings"]])
def test_a_link_out_of_its_folder_is_not_followed(home: Path, checkout: Path, words: list[str]) -> None:
    data = home / ".local" / "share"
    (data / "hudline" / "venv.9").mkdir(parents=True)
    (data / "precious").mkdir()
    (data / "precious" / ".hudline-made-from").write_text("x")
    (data / "hudline" / "venv").symlink_to("venv.9/../../precious")
    ran = install_sh(checkout, clean_env(home), *words, "--python", sys.executable)
    assert ran.returncode == 1
    assert "is a link that this script did not create. Move it away" in ran.stderr
    assert (data / "precious" / ".hudline-made-from").exists()


def test_without_a_working_python_it_says_what_to_install(home: Path, checkout: Path, tmp_path: Path) -> None:
    ran = install_sh(checkout, clean_env(home), "--python", str(tmp_path / "none"))
    assert ran.returncode == 1
    assert f"{tmp_path}/none is not a working Python. Pass --python the path of Python 3.10 or later." in ran.stderr
    assert list(home.iterdir()) == []


def python_in_which(folder: Path, code: str) -> Path:
    """Make a real Python that runs some code at its start: another version, or a part missing."""
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python3*/site-packages")
    (site / "oddity.py").write_text(code)
    (site / "oddity.pth").write_text("import oddity\n")  # Debian's Python has its own `sitecustomize`
    return folder / "bin" / "python3"


TOO_OLD = "import sys; sys.version_info = (3, 9, 18, 'final', 0)"
NO_VENV = "import sys; sys.modules['ensurepip'] = None"
# It is taken for itself, not for the Python behind it, which is what it makes environments from all the same.
AS_ITSELF = "import sys\nif '-c' in sys.orig_argv: sys._base_executable = sys.executable\n"
WITHOUT_LIBRARIES = AS_ITSELF + "".join(
    f"sys.modules[{name!r}] = None\n"
    for name in ("fastjsonschema", "filelock", "httpx", "msgspec", "platformdirs", "shtab")
)


@pytest.mark.parametrize(
    ("code", "output"),
    [(TOO_OLD, "is Python 3.9"), (NO_VENV, "has no venv module (on Debian and Ubuntu: sudo apt install python3.")],
)
def test_an_unusable_python_is_named_with_the_next_step(
    home: Path, checkout: Path, tmp_path: Path, code: str, output: str
) -> None:
    bad = python_in_which(tmp_path / "bad", code)
    ran = install_sh(checkout, clean_env(home), "--python", str(bad))
    assert ran.returncode == 1
    assert output in ran.stderr
    assert "Install what is missing, or pass --python PATH, then run this again." in ran.stderr
    assert list(home.iterdir()) == []


def test_an_unusable_python_is_skipped_for_a_usable_one(home: Path, checkout: Path, tmp_path: Path) -> None:
    bad = python_in_which(tmp_path / "bad", TOO_OLD)
    path = tmp_path / "path"
    path.mkdir()
    shim(path / "python3", str(bad))
    shim(path / "python3.14", PYTHON)
    ran = install_sh(checkout, clean_env(home, PATH=f"{path}:/usr/bin:/bin"), "--dry-run")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Python: " in ran.stdout
    assert str(bad) not in ran.stdout


def shim(path: Path, python: str) -> None:
    """Make a script that starts a Python, as pyenv and asdf put them in front of it."""
    path.write_text(f'#!/bin/sh\nexec "{python}" "$@"\n')
    path.chmod(0o755)


def test_the_interpreter_behind_a_shim_is_used_not_the_shim(home: Path, checkout: Path, tmp_path: Path) -> None:
    """The script costs a hundred milliseconds at every start."""
    shim(tmp_path / "python3", PYTHON)
    ran = install_sh(checkout, clean_env(home), "--dry-run", "--python", str(tmp_path / "python3"))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"Python: {PYTHON} " in ran.stdout


def test_without_network_it_fails_clearly_and_leaves_nothing(
    home: Path, checkout: Path, offline: dict[str, str]
) -> None:
    """Not even what an earlier run left that was killed; only one that is still at work keeps its folder."""
    data = home / ".local" / "share" / "hudline"
    alive = data / f"venv.{os.getpid()}"
    alive.mkdir(parents=True)
    (data / "venv.999999999").mkdir()
    ran = install_sh(checkout, offline, "--python", sys.executable)
    assert ran.returncode == 1
    assert "Check the network (or the proxy in HTTPS_PROXY)" in ran.stderr
    assert without_cache(files_below(home)) == {}
    assert list(data.iterdir()) == [alive]


def test_the_pip_of_the_interpreter_is_used_where_the_environment_gets_none(
    home: Path, checkout: Path, tmp_path: Path, offline: dict[str, str]
) -> None:
    """Debian's Python without python3-venv. What there is to install from is another matter."""
    pip = pytest.importorskip("pip", reason="an environment that uv has made has none to lend")
    python = python_in_which(tmp_path / "one", AS_ITSELF + "sys.modules['ensurepip'] = None\n")
    (site,) = tmp_path.glob("one/lib/python3*/site-packages")
    (site / "pip").symlink_to(Path(pip.__file__).parent)
    ran = install_sh(checkout, offline, "--no-lock", "--python", str(python))
    assert "pip could not install hudline and its dependencies" in ran.stderr
    assert without_cache(files_below(home)) == {}


# And no pip for new environments, neither in the standard library nor where a distribution keeps it.
OF_VENV = """
import ensurepip, sysconfig
ensurepip.__file__ = '/none/ensurepip.py'
sysconfig.get_config_var = lambda name: None
"""


@pytest.mark.parametrize(
    ("there", "change", "gets_one"),
    [("", "", False), ("", OF_VENV, True), ("__version__ = '22.2.1'", "", True)],
    ids=["no pip", "no pip at all", "an old pip"],
)
def test_the_environment_gets_its_own_pip_only_where_no_other_can_be_used(
    home: Path, checkout: Path, tmp_path: Path, there: str, change: str, gets_one: bool
) -> None:
    """To be quick, it is not made: the Python tells what it is asked for, and ends."""
    tell = "import os\nif 'venv' in sys.orig_argv: os._exit(os.write(2, repr(sys.orig_argv).encode()) and 1)\n"
    python = python_in_which(tmp_path / "one", AS_ITSELF + change + tell)
    (site,) = tmp_path.glob("one/lib/python3*/site-packages")
    if there:
        (site / "pip.py").write_text(there)
    ran = install_sh(checkout, clean_env(home), "--python", str(python))
    without = "" if gets_one else "'--without-pip', "
    assert f"'-m', 'venv', {without}'--prompt', 'hudline'," in ran.stderr
    assert "could not create a virtual environment (see above). Fix that, or pass another Python" in ran.stderr
    assert without_cache(files_below(home)) == {}


def test_a_failed_upgrade_leaves_the_old_one_working(
    installed: Home, checkout: Path, tmp_path: Path, offline: dict[str, str]
) -> None:
    home = Path(offline["HOME"])
    data = home / ".local" / "share" / "hudline"
    shutil.copytree(installed.venv, data / "venv", symlinks=True)
    before = files_below(data)
    newer = tmp_path / "newer"
    shutil.copytree(checkout, newer)
    (newer / "statusline" / "__init__.py").write_text('"""Newer."""\n\n__version__ = "9.9.9"\n')
    ran = install_sh(newer, offline, "--python", sys.executable)
    assert ran.returncode == 1
    assert "pip found no file that is in hudline's lock" in ran.stderr
    assert files_below(data) == before


@pytest.mark.thorough
@pytest.mark.parametrize(("lock", "package"), [("lock-build.txt", "pluggy"), ("lock.txt", "h11")])
def test_a_wrong_hash_in_the_lock_stops_it_and_changes_nothing(
    installed: Home, checkout: Path, home: Path, tmp_path: Path, scratch: Path, lock: str, package: str
) -> None:
    data = home / ".local" / "share" / "hudline"
    shutil.copytree(installed.venv, data / "venv", symlinks=True)
    before = files_below(home)
    source = tmp_path / "source"
    shutil.copytree(checkout, source)
    path = source / ".build" / lock
    entry = re.search(rf"^{package}==.*\n(?:    --hash=.*\n)+", path.read_text(), re.MULTILINE)
    assert entry is not None
    wrong = re.sub(r"sha256:\w+", "sha256:" + "0" * 64, entry[0])
    path.write_text(path.read_text().replace(entry[0], wrong))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    env = clean_env(home, TMPDIR=str(temporary)) | pip_env(scratch)
    ran = install_sh(source, env, "--python", sys.executable)
    assert ran.returncode == 1
    assert "\ninstall.sh: pip got a file whose SHA-256 is not in hudline's lock (see above)" in ran.stderr
    assert package in ran.stderr
    assert "Nothing was installed." in ran.stderr
    assert "--no-lock" not in ran.stderr, "a file that may have been changed is no reason to stop checking"
    assert files_below(home) == before
    assert list(temporary.iterdir()) == []


def test_where_no_file_of_the_lock_fits_it_says_so_and_offers_to_do_without(
    home: Path, checkout: Path, tmp_path: Path
) -> None:
    """As for a Python or a C library for which a library has no wheel: here the index is a folder without any."""
    env = clean_env(home, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path), PIP_CONFIG_FILE=os.devnull)
    ran = install_sh(checkout, env, "--python", sys.executable)
    assert ran.returncode == 1
    version = ".".join(map(str, sys.version_info[:3]))
    assert f"pip found no file that is in hudline's lock and fits Python {version}" in ran.stderr
    assert "or add --no-lock: pip then chooses the versions, and no hashes are checked." in ran.stderr
    assert without_cache(files_below(home)) == {}


def test_a_version_without_a_lock_is_installed_only_if_asked(home: Path, checkout: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(checkout, source)
    (source / ".build" / "lock.txt").unlink()
    ran = install_sh(source, clean_env(home), "--python", sys.executable)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "has no lock of its libraries. To let pip choose them, add --no-lock. Nothing was installed." in ran.stderr
    assert without_cache(files_below(home)) == {}


@pytest.mark.lengthy
def test_settings_that_cannot_be_edited_stop_a_first_install_before_anything_is_in_place(
    home: Path, checkout: Path, scratch: Path
) -> None:
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text("{,}")
    ran = install_sh(checkout, clean_env(home) | pip_env(scratch), "--python", sys.executable)
    assert ran.returncode == 1
    assert "is not a JSON object (line 1, column 2" in ran.stderr
    assert "Nothing was installed. To install without them, add --no-settings." in ran.stderr
    assert without_cache(files_below(home)) == {".claude/settings.json": b"{,}"}


def test_a_dry_run_names_settings_that_would_stop_it(home: Path, checkout: Path, tmp_path: Path) -> None:
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text("{,}")
    bare = python_in_which(tmp_path / "bare", WITHOUT_LIBRARIES)
    ran = install_sh(checkout, clean_env(home), "--dry-run", "--python", str(bare))
    assert ran.returncode == 1
    assert "is not a JSON object (line 1, column 2" in ran.stderr
    assert "Would set statusLine" not in ran.stdout
    assert files_below(home) == {".claude/settings.json": b"{,}"}


@pytest.mark.parametrize("busy", ["home/.local/share/hudline/venv.[0-9]*/pyvenv.cfg", "temporary/hudline.*/pip-*"])
def test_an_interrupt_leaves_nothing(tmp_path: Path, checkout: Path, scratch: Path, busy: str) -> None:
    """Ctrl-C while the environment is being made: the terminal signals every process of the group."""
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    env = clean_env(home, TMPDIR=str(temporary)) | pip_env(scratch)
    argv = ["/bin/sh", str(checkout / "install.sh"), "--python", sys.executable]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, where a shell has started us in the background
    with subprocess.Popen(argv, env=env, cwd=home, start_new_session=True, stdout=-1, stderr=-1) as started:
        data = home / ".local" / "share" / "hudline"
        end = time.monotonic() + 60
        while not list(tmp_path.glob(busy)) and time.monotonic() < end:
            time.sleep(0.02)
        os.killpg(started.pid, signal.SIGINT)
        started.communicate(timeout=60)
    assert started.returncode != 0
    assert without_cache(files_below(home)) == {}
    assert not data.exists()
    assert list(temporary.iterdir()) == []


def test_a_home_that_is_not_writable_is_named(open_directory: Path, checkout: Path) -> None:
    source = copy_checkout(open_directory / "checkout")
    home = open_directory / "home"
    home.mkdir()
    home.chmod(0o555)
    env = clean_env(home, LD_LIBRARY_PATH=str(open_directory / "python" / "lib"))
    argv = ["/bin/sh", str(source / "install.sh"), "--python", python_for_any_user(open_directory / "python")]
    for words in ([], ["--dry-run"]):
        ran = subprocess.run(
            [*argv, *words],
            env=env,
            cwd=open_directory,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            **AS_NOBODY,
        )
        assert ran.returncode == 1
        assert f"{home} is not writable. Fix its permissions" in ran.stderr
        assert list(home.iterdir()) == []


def python_for_any_user(folder: Path) -> str:
    """Return a Python that an ordinary user can start: root's may be in root's home, and is copied as a last resort."""
    for python in (PYTHON, "/usr/bin/python3", "/usr/local/bin/python3"):
        if starts_for_any_user(python).returncode == 0:
            return python
    return copy_python(folder)


def starts_for_any_user(python: str, **env: str) -> subprocess.CompletedProcess[str]:
    words = ["/bin/sh", "-c", 'exec "$0" -I -c "import ensurepip, venv"', python]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=env, **AS_NOBODY)


def copy_python(folder: Path) -> str:
    """Copy our Python with its libraries, which it may know only by LD_LIBRARY_PATH; return the copy's path."""
    library = Path(sysconfig.get_path("stdlib")).relative_to(sys.base_prefix)
    unused = shutil.ignore_patterns("site-packages", "dist-packages", "test", "config-*", "__pycache__")
    shutil.copytree(sys.base_prefix / library, folder / library, ignore=unused)
    for shared in Path(sys.base_prefix, "lib").glob("libpython3*"):
        shutil.copy(shared, folder / "lib")
    (folder / "bin").mkdir()
    return shutil.copy(os.path.realpath(PYTHON), str(folder / "bin"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a Python that others cannot start")
def test_a_copied_python_starts_for_any_user(open_directory: Path) -> None:
    """What the test above falls back to where every Python is in root's home."""
    copied = copy_python(open_directory / "python")
    ran = starts_for_any_user(copied, LD_LIBRARY_PATH=str(open_directory / "python" / "lib"))
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("words", [["--frob"], ["--python"], ["now"]])
def test_an_unknown_argument_exits_with_2(home: Path, checkout: Path, words: list[str]) -> None:
    ran = install_sh(checkout, clean_env(home), *words)
    assert ran.returncode == 2
    assert "usage: ./install.sh" in ran.stderr


def test_help_lists_the_options(home: Path, checkout: Path) -> None:
    ran = install_sh(checkout, clean_env(home), "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    for option in ("--dry-run", "--no-settings", "--no-lock", "--python PATH", "--uninstall"):
        assert option in ran.stdout


def test_without_a_home_it_says_so(checkout: Path, home: Path) -> None:
    ran = install_sh(checkout, clean_env(home, HOME=""), cwd=home)
    assert ran.returncode == 1
    assert "HOME is not a directory" in ran.stderr


def test_uninstall_restores_the_settings_even_if_the_environment_is_broken(
    installed: Home, checkout: Path, home: Path
) -> None:
    """The interpreter was upgraded away, say: any Python and this checkout can still do it."""
    (home / ".claude").mkdir()
    settings = home / ".claude" / "settings.json"
    settings.write_text('{"a": 1}')
    person = Home(home, clean_env(home), installed.venv, warm=True)
    assert person.run("install").returncode == 0
    broken = home / ".local" / "share" / "hudline" / "venv"
    broken.mkdir(parents=True)
    (broken / ".hudline-made-from").write_text("gone")
    shutil.copytree(installed.main.parent, broken / "packages" / "statusline")
    settings.write_text(settings.read_text().replace(str(installed.venv), str(broken)))
    ran = install_sh(checkout, clean_env(home), "--uninstall", "--python", sys.executable)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert settings.read_text() == '{"a": 1}'
    assert not broken.exists()


def test_a_later_purge_works_without_the_environment(
    installed: Home, checkout: Path, home: Path, tmp_path: Path
) -> None:
    """As the uninstall itself advises where there is a checkout; the environment's own script has gone with it."""
    venv_copy = home / ".local" / "share" / "hudline" / "venv"
    shutil.copytree(installed.venv, venv_copy, symlinks=True)
    cache, config = home / ".cache" / "hudline", home / ".config" / "hudline" / "config.json"
    for each in (cache / ".hudline", config):
        each.parent.mkdir(parents=True)
        each.touch()
    ran = install_sh(venv_copy, clean_env(home), "--uninstall", "--no-settings")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"Your cache and configuration were kept. You can delete them:\n{cache}\n{config}\n" in ran.stdout
    bare = python_in_which(tmp_path / "bare", WITHOUT_LIBRARIES)
    for words, verb in ((["--dry-run"], "would be"), (["--no-settings", "--dry-run"], "would be"), ([], "was")):
        ran = install_sh(checkout, clean_env(home), "--uninstall", "--purge", *words, "--python", str(bare))
        assert (ran.returncode, ran.stderr) == (0, "")
        assert f"{cache} {verb} removed.\n{config} {verb} removed.\n" in ran.stdout
    assert files_below(home) == {}


def test_uninstall_keeps_the_program_if_the_settings_cannot_be_restored(
    installed: Home, checkout: Path, home: Path
) -> None:
    data = home / ".local" / "share" / "hudline"
    shutil.copytree(installed.venv, data / "venv", symlinks=True)
    (home / ".claude").mkdir()
    (home / ".claude" / "settings.json").write_text(json.dumps([GONE]))
    ran = install_sh(checkout, clean_env(home), "--uninstall")
    assert ran.returncode == 1
    assert "is not a JSON object" in ran.stderr
    assert "the program was not removed" in ran.stderr
    assert (data / "venv" / ".hudline-made-from").exists()
