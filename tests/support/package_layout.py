"""The packages laid out as an installed wheel has them, with the merged module, but without pip."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

from tests.support.paths import ROOT

# As `install` does it, in the interpreter that is to run it.
COMPILE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from statusline.commands.support.bytecode import compile_package
compile_package(Path(sys.argv[1], sys.argv[2]))
"""


def load_build_script(name: str) -> ModuleType:
    """Return a script in ``.build`` as a module; its folder is no package."""
    spec = importlib.util.spec_from_file_location(f"{name}_script", ROOT / ".build" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def hot_builder() -> ModuleType:
    """Return the module that merges the hot files."""
    return load_build_script("hot")


def lay_out(folder: Path, python: str, *, merged: bool = True) -> Path:
    """Copy the packages into a folder, with bytecode; return the door."""
    for package in ("statusline", "cache"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    if merged:
        for name, source in hot_builder().merge(ROOT).items():
            (folder / "statusline" / name).write_text(source, encoding="utf-8")
    for package in ("statusline", "cache"):
        subprocess.run([python, "-I", "-c", COMPILE, str(folder), package], check=True)
    return folder / "statusline" / "__main__.py"


def copy_layout(door: Path, folder: Path) -> Path:
    """Copy what has been laid out to a folder that may be changed; return the door there."""
    shutil.copytree(door.parents[1], folder)
    return folder / "statusline" / "__main__.py"
