"""Starting the refresher where its Python has changed, and on a system without `fork`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cache.model.osapi import system
from statusline.spawn import detach, is_for_this_python, python_has_changed
from tests.support.tick_world import until

MINOR = sys.version_info[1]


@pytest.mark.parametrize(
    ("folder", "is_for_this"),
    [
        (f"/v/lib/python3.{MINOR}/site-packages", True),
        (f"/v/lib/python3.{MINOR}t/site-packages", True),
        (f"/v/lib/python3.{MINOR + 1}/site-packages", False),
        (f"lib/python3.{MINOR - 1}t/site-packages", False),
        ("/home/me/hudline", True),
        ("/home/me/lib/python3.x", True),
        ("/home/me/lib/python4.1/site-packages", True),
    ],
)
def test_the_version_in_the_path_of_the_packages_tells_whose_they_are(
    tmp_path: Path, folder: str, is_for_this: bool
) -> None:
    link = tmp_path / "packages"
    link.symlink_to(folder)
    assert is_for_this_python(str(link)) is is_for_this
    if folder[0] == "/":
        assert is_for_this_python(folder) is is_for_this


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("home/.local/venv", "run sh ~/.local/venv/install.sh"),
        ("opt/hudline", "run sh {}/opt/hudline/install.sh"),
        ("home/my venv", 'run sh "{}/home/my venv/install.sh"'),
        ("home/vénv", 'run sh "{}/home/vénv/install.sh"'),
        ("home/a\nb", "run sh install.sh"),
        ("nowhere", "install it again"),
    ],
)
def test_the_row_names_the_script_in_a_form_that_a_shell_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, says: str
) -> None:
    environment = tmp_path / folder
    if folder != "nowhere":
        environment.mkdir(parents=True)
        (environment / "install.sh").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    said = python_has_changed(str(environment))
    assert said == f"hudline: {says.format(tmp_path)} (its Python has changed)"


def test_without_a_home_the_whole_path_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "install.sh").touch()
    monkeypatch.delenv("HOME")
    assert python_has_changed(str(tmp_path)) == f"hudline: run sh {tmp_path}/install.sh (its Python has changed)"


# The child is left running, as on purpose there.
@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")
def test_where_there_is_no_fork_a_command_without_input_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(system, "fork")
    out = tmp_path / "out"
    words = ["/bin/sh", "-c", 'echo "$NAME" > "$0.new" && mv "$0.new" "$0"', str(out)]
    assert detach(words, {"NAME": "here", "PATH": "/usr/bin:/bin"})
    until(out.exists)
    assert out.read_text() == "here\n"
    assert not detach(words, {}, b"input"), "nothing can hand it on there"
    assert not detach([str(tmp_path / "missing")], {})
