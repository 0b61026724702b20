"""The command in a shell: for every path that a user may have, and after the program was removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cache.refresh.storage import cache_directory, config_file
from statusline.commands.claude_settings.tick_command import (
    GONE,
    GONE_BEFORE,
    NEXT_STEP,
    BakedPaths,
    NotText,
    is_ours,
    is_whole,
    own_part,
    paths_in_command,
    tick_command,
    update_command,
)

NAMES = [
    "plain",
    "with space",
    "it's",
    'a "quote"',
    "$HOME `id` $(id)",
    "new\nline",
    "-n",
    "日本 ä",
    "a;b&c|d",
    "*?[a]",
    "back\\slash",
]

ECHO = "import sys; print([sys.flags.isolated, sys.flags.no_site, *sys.argv[1:]])\n"


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run it as Claude Code does, after a way through JSON."""
    through = json.loads(json.dumps(command))
    return subprocess.run(["/bin/sh", "-c", through], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("name", NAMES)
def test_the_shell_hands_on_every_path_as_it_is(tmp_path: Path, name: str) -> None:
    package = tmp_path / name
    package.mkdir()
    (package / "__main__.py").write_text(ECHO)
    python = tmp_path / f"python {name}"
    python.symlink_to(sys.executable)
    cache, config = tmp_path / f"cache {name}", tmp_path / f"config {name}"
    ran = shell(tick_command(cache, config, str(python), package))
    assert ran.stdout == f"{[1, 1, '--cache', str(cache), '--config', str(config)]}\n"
    assert (ran.stderr, ran.returncode) == ("", 0)


@pytest.mark.parametrize("gone", ["python", "main", "both"])
def test_a_removed_program_leaves_one_row_with_the_reason(tmp_path: Path, gone: str) -> None:
    """An empty row would take the line away without a word."""
    package = tmp_path / "package"
    if gone == "python":
        package.mkdir()
        (package / "__main__.py").write_text(ECHO)
    python = sys.executable if gone == "main" else str(tmp_path / "no python")
    ran = shell(tick_command(tmp_path, tmp_path, python, package))
    changed = "hudline: install it again (its Python has changed)"
    assert ran.stdout == f"{changed if gone == 'python' else f'{GONE}: {NEXT_STEP}'}\n"
    assert (ran.stderr, ran.returncode) == ("", 0)
    assert len(ran.stdout) < 76  # cells that a terminal of 80 leaves


@pytest.mark.parametrize("home", ["home", "a home", "größe", "it's"])
def test_the_row_names_the_script_that_makes_the_environment_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / home))
    venv = tmp_path / home / "hudline" / "venv"
    (venv / "packages" / "statusline").mkdir(parents=True)
    (venv / "packages" / "statusline" / "__main__.py").write_text(ECHO)
    (venv / "install.sh").write_text("")
    ran = shell(tick_command(tmp_path, tmp_path, str(venv / "bin" / "python"), venv / "packages" / "statusline"))
    script = "~/hudline/venv/install.sh" if home == "home" else f'"{venv}/install.sh"'
    assert (ran.stdout, ran.stderr) == (f"hudline: run sh {script} (its Python has changed)\n", "")


def test_a_relative_path_is_made_absolute(tmp_path: Path) -> None:
    """Claude Code's working directory is not the one that install ran in."""
    command = tick_command(Path("cache"), Path("config.json"))
    assert f"--cache {os.getcwd()}/cache --config {os.getcwd()}/config.json;" in command


def test_a_path_that_json_cannot_hold_is_refused_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(NotText, match=r"caf\\udce9 is not UTF-8.*XDG_CACHE_HOME"):
        tick_command(Path(os.fsdecode(b"/tmp/caf\xe9")), tmp_path)


def test_only_what_we_wrote_is_ours(tmp_path: Path) -> None:
    assert is_ours(tick_command(tmp_path, tmp_path))
    assert not is_ours("npx ccstatusline")
    assert not is_ours("~/.local/bin/statusline")
    assert not is_ours(None)
    assert not is_ours([GONE])


@pytest.mark.parametrize("notice", [GONE, GONE_BEFORE])
def test_an_edited_command_is_ours_by_the_notice_of_any_version(notice: str) -> None:
    assert is_ours(f"my-wrapper || echo '{notice}: {NEXT_STEP}'")


def test_the_paths_in_a_command_of_ours_are_found_again(tmp_path: Path) -> None:
    cache, package = tmp_path / "a 'cache'; fi; echo x", tmp_path / "my package"
    found = paths_in_command(tick_command(cache, tmp_path / "c.json", "/my python", package))
    assert found == BakedPaths(Path("/my python"), package / "__main__.py", cache, tmp_path / "c.json")


@pytest.mark.parametrize("name", NAMES)
def test_our_part_is_separated_from_the_rest_for_every_path(name: str) -> None:
    here = Path("/") / name
    ours = tick_command(here / "cache", here / "c.json", str(here / "python"), here / "package")
    before, behind = "if [ -x a ]; then exec b; fi; ", "; then exec c; fi; echo 'x'"
    part = own_part(before + ours + behind)
    assert part == slice(len(before), len(before + ours))
    assert paths_in_command(before + ours + behind) == paths_in_command(ours)
    assert update_command(before + ours + behind, "true") == f"{before}true{behind}"


@pytest.mark.parametrize("command", ["", f"echo '{GONE}'", f"if true; then exec 'x; fi; echo '{GONE}'"])
def test_a_command_in_another_form_has_no_paths(command: str) -> None:
    assert paths_in_command(command) is None


# --- our part is recognized by its structure -------------------------------------------------------------------------

OURS = tick_command(Path("/c"), Path("/c.json"), "/py", Path("/p/statusline"))
PATHS = BakedPaths(Path("/py"), Path("/p/statusline/__main__.py"), Path("/c"), Path("/c.json"))
PROGRAM = "/p/statusline/__main__.py"


@pytest.mark.parametrize(
    "said",
    ["'another notice'", '"another notice"', "another notice", "''", "'it'\"'\"'s gone'", f"'{GONE}: and then some'"],
)
def test_the_text_after_echo_does_not_matter(said: str) -> None:
    start = OURS.partition("; elif ")[0]
    former = f"{start}; fi; echo {said}"
    for command in (former, f"{start}; elif [ -r {PROGRAM} ]; then echo {said}; else echo {said} again; fi"):
        assert paths_in_command(command) == PATHS
        assert is_whole(command)
        assert is_ours(command)
        assert update_command(command, "true") == "true"


@pytest.mark.parametrize("flags", ["-I -S ", "-S -I ", "-I ", "-S ", ""])
@pytest.mark.parametrize("options", [" --cache /c --config /c.json", " --cache /c", " --config /c.json", ""])
@pytest.mark.parametrize("guard", [f"[ -x /py ] && [ -r {PROGRAM} ]", "[ -x /py ]"])
@pytest.mark.parametrize("behind", ["; echo gone", ""])
def test_older_forms_are_ours_and_mean_the_usual_paths(flags: str, options: str, guard: str, behind: str) -> None:
    command = f"if {guard}; then exec /py {flags}{PROGRAM}{options}; fi{behind}"
    found = paths_in_command(command)
    assert found is not None
    assert (found.python, found.main) == (PATHS.python, PATHS.main)
    assert found.cache == (Path("/c") if "--cache" in options else cache_directory())
    assert found.config == (Path("/c.json") if "--config" in options else config_file())
    assert update_command(f"a; {command}; b", OURS) == f"a; {OURS}; b"


@pytest.mark.parametrize(
    "command",
    [
        OURS.replace("exec /py", "exec /other"),
        OURS.replace(f"-r {PROGRAM}", "-r /p/other"),
        OURS.replace("-x /py", "-x py").replace("exec /py", "exec py"),
        OURS.replace("/py", "$(touch x)"),
        OURS.replace("/py", "`touch x`"),
        OURS.replace("/py", '"/py"'),
        OURS.replace("/c.json", "$HOME/c.json"),
        OURS.replace(" --cache", " --more --cache"),
        OURS.replace("; then exec", "; then X=1 exec"),
        OURS.replace("; fi", " & fi"),
        OURS.replace(f"elif [ -r {PROGRAM} ]", "elif [ -r /p/other ]"),
        OURS.replace("; then echo", "; then touch x; echo"),
        OURS.replace("; else echo", "; else touch"),
        f"el{OURS}",
        f"'{OURS}",
        f"if [ -x /bin/x ]; then exec /bin/x /my/__main__.py; fi; echo {GONE}",
        f"echo x # {GONE}",
    ],
)
def test_what_is_not_our_very_structure_has_no_paths(command: str) -> None:
    assert paths_in_command(command) is None
    assert own_part(command) is None
    assert not is_whole(command)


@pytest.mark.parametrize("around", ["{}; rm x", "rm x; {}", "{} | sh", "{}$(rm x)", "{} $(rm x)", "{} >x", "{} 2>x"])
def test_text_around_our_part_is_not_ours(around: str) -> None:
    for ours in (OURS, f"{OURS.partition('; elif ')[0]}; fi; echo gone"):
        command = around.format(ours)
        assert not is_whole(command)
        assert paths_in_command(command) == PATHS
        new = update_command(command, "OURS")
        assert new is not None
        assert new.startswith(around.partition("{}")[0] + "OURS")
        assert new.endswith(around.partition("{}")[2])


def test_a_custom_command_that_starts_hudline_is_ours() -> None:
    """An install must not take it for the line from before hudline."""
    command = f"nice /py -I -S {PROGRAM} --cache /c --config /c.json"
    assert is_ours(command)
    assert update_command(command, OURS) == command
    assert update_command(command, OURS.replace("/py", "/other")) is None


def test_a_long_command_is_parsed_quickly() -> None:
    """Nothing is tried twice: each of these would take hours otherwise."""
    for unit in ("if [ -x ", "if [ -x /a ] && [ -r /b ]; then exec /a ", "'", "a", "; echo a", "/a -I -S /b --cache "):
        assert own_part("if [ -x " + unit * 20_000) is None
        assert own_part(OURS + unit * 20_000) is not None
