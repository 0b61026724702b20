"""install.sh with a release: read from a pipe, the archive checked; and settings restored exactly."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from statusline.commands.claude_settings.tick_command import GONE
from tests.support.examples import trials
from tests.support.installed_home import WITHIN_S, Home, clean_env, files_below, install_sh, pip_env, without_cache
from tests.support.paths import ROOT


@pytest.fixture(scope="session")
def release(scratch: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a release as it is published: the sdist, with its SHA-256 beside it."""
    out = tmp_path_factory.mktemp("release")
    build = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (archive,) = out.glob("hudline-*.tar.gz")
    write_digest(archive, hashlib.sha256(archive.read_bytes()).hexdigest())
    return archive


def write_digest(archive: Path, digest: str) -> None:
    Path(f"{archive}.sha256").write_text(f"{digest}  {archive.name}\n")


def run_from_pipe(env: dict[str, str], *words: str, script: bytes | None = None) -> subprocess.CompletedProcess[str]:
    """Run the script as ``curl ... | sh -s -- WORDS`` does."""
    given = (ROOT / "install.sh").read_bytes() if script is None else script
    argv = ["/bin/sh", "-s", "--", *words]
    ran = subprocess.run(
        argv, input=given, capture_output=True, check=False, cwd=env["HOME"], env=env, timeout=WITHIN_S
    )
    return subprocess.CompletedProcess(argv, ran.returncode, ran.stdout.decode(), ran.stderr.decode())


@pytest.mark.thorough
def test_a_release_is_installed_from_a_pipe_and_uninstalled_without_a_trace(
    home: Path, release: Path, scratch: Path
) -> None:
    env = clean_env(home, TMPDIR=str(home)) | pip_env(scratch)
    before = b'{"theme":"dark"}'
    person = Home(home, clean_env(home), home / ".local" / "share" / "hudline" / "venv")
    person.settings.parent.mkdir()
    person.settings.write_bytes(before)
    (home / "statusline").mkdir()  # a folder of that name is not a checkout
    (home / "statusline" / "__init__.py").write_text("raise SystemExit('decoy')")
    ran = run_from_pipe(env, "--python", sys.executable, "--from", f"file://{release}")
    assert ran.returncode == 0, ran.stderr
    assert "\nThis is your line, with example numbers:\n\nOpus 5.5" in ran.stdout
    assert (
        f"is the one in file://{release}.sha256: the archive is complete. This does not prove who made it" in ran.stdout
    )
    assert not list(home.glob("hudline.*"))
    assert "Opus" in person.tick('{"model": {"display_name": "Opus"}}').stdout

    goes = ["/bin/sh", str(person.venv / "install.sh"), "--uninstall", "--purge"]
    dry = person.started([*goes, "--dry-run"], "", None, {})
    assert f"{person.cache} would be removed" in dry.stdout
    assert f"Would remove {person.venv}" in dry.stdout
    assert GONE in person.settings.read_text()
    gone = person.started(goes, "", None, {})
    assert (gone.returncode, gone.stderr) == (0, "")
    assert files_below(home) == {
        ".claude/settings.json": before,
        "statusline/__init__.py": b"raise SystemExit('decoy')",
    }
    assert not (home / ".local" / "share" / "hudline").exists()


def check_refused(env: dict[str, str], output: str, *words: str) -> None:
    """Check that nothing is installed, and that this reason is given."""
    ran = run_from_pipe(env, "--python", sys.executable, *words)
    assert ran.returncode == 1
    assert output in ran.stderr
    assert "Nothing was installed." in ran.stderr
    assert list(Path(env["HOME"]).iterdir()) == []


def test_without_a_checkout_or_release_it_says_what_to_do(home: Path) -> None:
    check_refused(clean_env(home), "pass a release with --from")


def test_an_archive_that_does_not_match_its_digest_is_not_used(home: Path, release: Path, tmp_path: Path) -> None:
    env = clean_env(home, TMPDIR=str(tmp_path))
    check_refused(env, "SHA-256 mismatch", "--from", str(release), "--sha256", "0" * 64)
    damaged = tmp_path / "hudline-9.tar.gz"
    damaged.write_bytes(release.read_bytes()[:5000])
    check_refused(env, f"{damaged}.sha256 cannot be read", "--from", str(damaged))
    write_digest(damaged, hashlib.sha256(release.read_bytes()).hexdigest())
    check_refused(env, "The file is damaged or not the one you meant", "--from", str(damaged))
    Path(f"{damaged}.sha256").write_text("")
    check_refused(env, "expected one in the .sha256 file", "--from", str(damaged))
    write_digest(damaged, hashlib.sha256(damaged.read_bytes()).hexdigest())
    check_refused(env, "The archive cannot be unpacked", "--from", str(damaged))
    assert sorted(each.name for each in tmp_path.iterdir() if each != home) == [damaged.name, f"{damaged.name}.sha256"]


def test_a_digest_that_the_user_passes_is_the_one_that_counts(home: Path, release: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(release.read_bytes()).hexdigest()
    alone = tmp_path / "hudline-9.tar.gz"
    alone.write_bytes(release.read_bytes())
    words = ["--from", str(alone), "--sha256", digest.upper(), "--dry-run", "--python", sys.executable]
    ran = run_from_pipe(clean_env(home), *words)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"The SHA-256 of {alone} is the one that you passed.\n")


@pytest.mark.parametrize("kind", ["link", "above", "absolute", "other"])
def test_an_archive_with_links_or_outside_paths_is_not_used(home: Path, tmp_path: Path, kind: str) -> None:
    archive = tmp_path / "hudline-9.tar.gz"
    with tarfile.open(archive, "w:gz") as made:
        member = tarfile.TarInfo({"above": "x/../../y", "absolute": f"{tmp_path}/y"}.get(kind, "x/y"))
        if kind == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        made.addfile(member)
    write_digest(archive, hashlib.sha256(archive.read_bytes()).hexdigest())
    reason = "is not a release of hudline" if kind == "other" else "something other than plain files"
    check_refused(clean_env(home, TMPDIR=str(tmp_path)), reason, "--from", str(archive))


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/hudline-1.tar.gz", "ftp://host/x", "file://host/x"])
def test_an_address_without_tls_is_not_used(home: Path, address: str) -> None:
    check_refused(clean_env(home), "neither a file nor an https:// URL", "--from", address)


def test_an_address_that_does_not_answer_is_named(home: Path) -> None:
    check_refused(clean_env(home), "could not be downloaded", "--from", "https://127.0.0.1:9/hudline-1.tar.gz")


def test_the_environment_can_name_the_release(home: Path) -> None:
    check_refused(clean_env(home, HUDLINE_RELEASE="/nowhere.tar.gz"), "/nowhere.tar.gz cannot be read")


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.999])
def test_a_partly_downloaded_script_does_nothing(home: Path, release: Path, part: float) -> None:
    whole = (ROOT / "install.sh").read_bytes()
    run_from_pipe(clean_env(home), "--from", str(release), script=whole[: int(len(whole) * part)])
    assert list(home.iterdir()) == []


# --- settings as people have them ------------------------------------------------------------------------------------

SETTINGS = {
    "odd indentation": b'{ "z":1\n   ,"permissions"  : {"allow": [ ]}\n ,"a":2}\n\n',
    "CRLF": b'{\r\n\t"model": "opus"\r\n}\r\n',
    "byte-order mark": b'\xef\xbb\xbf{\n  "a": 1\n}\n',
    "an existing line": b'{\n  "statusLine" : { "command":"~/my line.sh" },\n  "b": 2\n}\n',
    "none at all": None,
}


@pytest.mark.thorough
@pytest.mark.parametrize("before", SETTINGS.values(), ids=SETTINGS)
def test_after_five_installs_and_uninstalls_the_settings_are_as_before(
    installed: Home, checkout: Path, tmp_path: Path, before: bytes | None
) -> None:
    """With an existing environment, because the script has tests for the rest; the last time with the script."""
    home = installed.home
    env = clean_env(home, CLAUDE_CONFIG_DIR=str(tmp_path / "claude"))
    real, settings = tmp_path / "dotfiles" / "settings.json", tmp_path / "claude" / "settings.json"
    if before is not None:
        real.parent.mkdir()
        real.write_bytes(before)
        settings.parent.mkdir()
        settings.symlink_to(real)  # as dotfile managers make it
    times = trials(5, fewest=2)
    for again in range(times):
        if again == times - 1:
            ran = install_sh(checkout, env, "--python", sys.executable)
        else:
            ran = installed.run("install", CLAUDE_CONFIG_DIR=str(tmp_path / "claude"))
        assert (ran.returncode, ran.stderr) == (0, "")
        assert GONE in json.loads(settings.read_text(encoding="utf-8-sig"))["statusLine"]["command"]
        ran = installed.run("uninstall", CLAUDE_CONFIG_DIR=str(tmp_path / "claude"))
        assert (ran.returncode, ran.stderr) == (0, "")
        assert (settings.exists(), settings.is_symlink()) == (before is not None, before is not None)
        assert before is None or real.read_bytes() == before
    assert [each for each in files_below(tmp_path) if "backup" in each] == []
    assert without_cache(files_below(tmp_path)).keys() <= {"dotfiles/settings.json", "claude/settings.json"}
