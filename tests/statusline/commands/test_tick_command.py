"""The command string: what a shell makes of it, for every path a person may have, and when the program is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from statusline.commands.tick_command import GONE, Baked, NotText, baked_in, is_ours, mended, own_part, tick_command

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
def test_a_program_that_is_gone_says_so_in_one_row(tmp_path: Path, gone: str) -> None:
    """An empty row would take the line away without a word."""
    package = tmp_path / "package"
    if gone == "python":
        package.mkdir()
        (package / "__main__.py").write_text(ECHO)
    python = sys.executable if gone == "main" else str(tmp_path / "no python")
    ran = shell(tick_command(tmp_path, tmp_path, python, package))
    assert ran.stdout == f"{GONE}: delete statusLine in settings.json\n"
    assert (ran.stderr, ran.returncode) == ("", 0)
    assert len(ran.stdout) < 76  # cells that a terminal of 80 leaves


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
    assert not is_ours(["hudline is not installed any more"])


def test_the_paths_in_a_command_of_ours_are_found_again(tmp_path: Path) -> None:
    cache, package = tmp_path / "a 'cache'; fi; echo x", tmp_path / "my package"
    found = baked_in(tick_command(cache, tmp_path / "c.json", "/my python", package))
    assert found == Baked(Path("/my python"), package / "__main__.py", cache, tmp_path / "c.json")


@pytest.mark.parametrize("name", NAMES)
def test_our_part_is_told_from_what_stands_around_it_for_every_path(name: str) -> None:
    here = Path("/") / name
    ours = tick_command(here / "cache", here / "c.json", str(here / "python"), here / "package")
    before, behind = "if [ -x a ]; then exec b; fi; ", "; then exec c; fi; echo 'x'"
    part = own_part(before + ours + behind)
    assert part == slice(len(before), len(before + ours))
    assert baked_in(before + ours + behind) == baked_in(ours)
    assert mended(before + ours + behind, "true") == f"{before}true{behind}"


@pytest.mark.parametrize("command", ["", f"echo '{GONE}'", f"if true; then exec 'x; fi; echo '{GONE}'"])
def test_a_command_in_another_form_has_no_paths(command: str) -> None:
    assert baked_in(command) is None
