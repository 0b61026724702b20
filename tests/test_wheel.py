"""What is built is whole: a careless ignore rule once dropped a package from a wheel without a word."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    out = tmp_path_factory.mktemp("wheel")
    built = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(built, check=True, capture_output=True)
    (wheel,) = out.glob("hudline-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_file_of_both_packages(names: set[str]) -> None:
    expected = {
        str(path.relative_to(ROOT))
        for package in ("statusline", "cache")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".typed"}
    }
    assert expected <= names
    assert {"cache/refresh/runner.py", "cache/sources/endpoint/client.py", "statusline/tick.py"} <= names


def test_the_wheel_holds_the_merged_module_and_nothing_foreign(names: set[str]) -> None:
    assert {"statusline/hot.py", "statusline/further.py"} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"statusline", "cache", "hudline"}


def test_the_checkout_has_no_merged_module_that_could_grow_old() -> None:
    assert not {"hot.py", "further.py"} & {path.name for path in (ROOT / "statusline").iterdir()}
