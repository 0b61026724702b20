"""Writes the locks that ``install.sh`` installs from: ``python .build/lock.py [--upgrade]``.

``lock.txt`` has the libraries of hudline, ``lock-build.txt`` what builds its wheel: the versions for every Python and
system that hudline supports, with the SHA-256 of their files. They do not say where to get the files. Run this after
every change of dependencies in pyproject.toml; versions that still fit are kept, unless ``--upgrade`` is given.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import tomli

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES, BUILD = ".build/lock.txt", ".build/lock-build.txt"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
SYSTEMS = tuple(f"{cpu}-{rest}" for cpu in ("x86_64", "aarch64") for rest in ("manylinux_2_28", "apple-darwin"))


def main(argv: list[str]) -> int:
    """Write both locks, and check that each Python and system finds wheels in them; return an exit code."""
    parser = argparse.ArgumentParser(prog="lock.py", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    more = ["--upgrade"] if parser.parse_args(argv).upgrade else []
    build = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    try:
        compile_lock(LIBRARIES, ["pyproject.toml", *more])
        compile_lock(BUILD, ["-", *more], "\n".join(build))
        for python in PYTHONS:
            for system in SYSTEMS:
                check(python, system)
    except subprocess.CalledProcessError as error:
        print(f"lock.py: uv failed: {' '.join(error.cmd)}", file=sys.stderr)
        return 1
    return 0


def compile_lock(path: str, words: list[str], given: str = "") -> None:
    """Resolve requirements for all Pythons and systems into a lock; raise CalledProcessError if there is no answer."""
    options = ["--universal", "--generate-hashes", "--no-header", "--python-version", PYTHONS[0]]
    uv(
        "pip",
        "compile",
        *options,
        "--no-python-downloads",
        "--only-binary",
        ":all:",
        "--output-file",
        path,
        *words,
        given=given,
    )


def check(python: str, system: str) -> None:
    """Raise CalledProcessError if a Python on a system would not find wheels for both locks."""
    with tempfile.TemporaryDirectory() as nowhere:
        target = ["--target", nowhere, "--python-version", python, "--python-platform", system]
        options = ["--dry-run", "--require-hashes", "--only-binary", ":all:"]
        uv("pip", "install", *target, *options, "--requirement", LIBRARIES, "--requirement", BUILD)


def uv(*words: str, given: str = "") -> None:
    """Run uv in the checkout."""
    subprocess.run([sys.executable, "-m", "uv", "--quiet", *words], cwd=ROOT, input=given, text=True, check=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
