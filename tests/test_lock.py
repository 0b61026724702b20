"""The lock that install.sh installs from: it fits pyproject.toml, every file has a hash, and no address is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
import tomli
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.package_layout import load_build_script
from tests.support.paths import ROOT

MARKER = r"[a-z_]+ [<>=!]+ '[a-z0-9.]+'"
PIN = rf"[a-z0-9-]+==[0-9][a-z0-9.]*(?: ; {MARKER}(?: and {MARKER})*)? \\"
HASH = r"    --hash=sha256:[0-9a-f]{64}(?: \\)?"
REASON = r"    # via(?: [a-z0-9-]+)?|    #   [a-z0-9-]+|    # +(?:via )?hudline \(pyproject\.toml\)"
LINE = re.compile(f"{PIN}|{HASH}|{REASON}")
SCRIPT = load_build_script("lock")
LOCKS = (SCRIPT.LIBRARIES, SCRIPT.BUILD)
PLACES = [
    {"python_version": python, "python_full_version": f"{python}.1", "sys_platform": system}
    for python, system in product(SCRIPT.PYTHONS, ("linux", "darwin"))
]


class Entry(NamedTuple):
    """One version in a lock, and whether pyproject.toml itself asks for it."""

    pin: Requirement
    direct: bool


def entries(lock: str) -> list[Entry]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    return [
        Entry(Requirement(block.partition(" \\\n")[0]), "hudline (pyproject.toml)" in block or "# via" not in block)
        for block in blocks
    ]


def required(lock: str) -> list[Requirement]:
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] if lock == SCRIPT.LIBRARIES else project["build-system"]["requires"]
    return [Requirement(each) for each in wanted]


def applies(requirement: Requirement, place: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(place)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_versions_hashes_and_reasons_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    assert all("--hash=" in block for block in re.split(r"\n(?=[a-z0-9])", text))
    assert not re.search(r"://|index|find-links|trusted", text)


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place['python_version']}-{place['sys_platform']}")
def test_a_lock_has_one_version_of_each_dependency_that_pyproject_allows(lock: str, place: dict[str, str]) -> None:
    """If this fails, run ``python .build/lock.py`` and commit what it writes."""
    pins = [entry.pin for entry in entries(lock) if applies(entry.pin, place)]
    versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}
    assert len(versions) == len(pins), "pip would refuse two versions"
    for wanted in required(lock):
        if applies(wanted, place):
            assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), wanted


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_no_dependency_that_was_removed_from_pyproject(lock: str) -> None:
    direct = {canonicalize_name(entry.pin.name) for entry in entries(lock) if entry.direct}
    assert direct == {canonicalize_name(wanted.name) for wanted in required(lock)}


def test_the_lock_is_for_every_python_that_the_classifiers_name() -> None:
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert list(SCRIPT.PYTHONS) == named


def test_the_script_takes_over_a_changed_dependency_and_keeps_the_other_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".build").mkdir()
    for lock in LOCKS:
        shutil.copy2(ROOT / lock, tmp_path / lock)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"shtab>=1.9,<2"' in project
    (tmp_path / "pyproject.toml").write_text(project.replace('"shtab>=1.9,<2"', '"shtab>=1.9,<1.10"'))
    monkeypatch.setattr(SCRIPT, "ROOT", tmp_path)
    SCRIPT.compile_lock(SCRIPT.LIBRARIES, ["pyproject.toml"])
    after = re.findall("^[a-z].*==.*", (tmp_path / SCRIPT.LIBRARIES).read_text(), re.MULTILINE)
    before = re.findall("^[a-z].*==.*", (ROOT / SCRIPT.LIBRARIES).read_text(), re.MULTILINE)
    (changed,) = set(after) - set(before)
    assert changed.startswith("shtab==1.9.")
    assert len(after) == len(before)

    SCRIPT.check("3.14", "aarch64-apple-darwin")
    (tmp_path / SCRIPT.BUILD).write_text("pathspec==0.0.99 --hash=sha256:" + "0" * 64)
    with pytest.raises(subprocess.CalledProcessError):
        SCRIPT.check("3.14", "aarch64-apple-darwin")
