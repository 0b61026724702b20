"""Checks the program: interpreter, installed files and bytecode."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import statusline
from statusline.commands.claude_settings.settings import set_line
from statusline.commands.claude_settings.tick_command import tick_command
from statusline.commands.claude_settings.trial import run
from statusline.commands.doctor_checks.context import AT_MOST_S, TRIES
from statusline.commands.doctor_checks.result import Finding, failed, ok, skipped, warning
from statusline.commands.install import compile_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from statusline.commands.claude_settings.tick_command import BakedPaths
    from statusline.commands.doctor_checks.context import Context

OLDEST = (3, 10)
SHORTEST = "import sys; print(*sys.version_info[:3], sep='.')"
AGAIN = "Install hudline again: `./install.sh`, `pipx reinstall hudline`, or `uv tool install --reinstall hudline`."
REWRITE = "Run `statusline doctor --fix` or `statusline install`: both rewrite the command."


def interpreter(context: Context) -> Finding:
    """Check the Python that runs the line, and measure its bare start."""
    name, python = "interpreter", sys.executable
    if context.missing_file is not None:
        text = f"{context.missing_file}, which the configured command needs, does not exist"
        return failed(name, text, how_to_cure(context), blank=True, fix=cure(context))
    if context.paths and not context.is_this:
        return _another(context, context.paths)
    tried = run([python, "-I", "-S", "-c", SHORTEST], "", context.env, tries=TRIES, within_s=AT_MOST_S)
    version = tried.out.strip()
    if tried.code != 0:
        return failed(name, f"{python} does not run: {tried.err.strip()}", AGAIN, blank=True)
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        return failed(name, f"{python} is Python {version}; hudline needs 3.10 or later", AGAIN, blank=True)
    return ok(name, f"Python {version} ({python}), starts in {tried.seconds * 1000:.0f} ms")


def _another(context: Context, baked: BakedPaths) -> Finding:
    """Return a finding about a command that starts a different program, which is not run."""
    name = "interpreter"
    if context.own_paths is None or os.path.realpath(baked.main) != os.path.realpath(context.own_paths.main):
        text = f"the configured command starts another installation: {baked.main} with {baked.python}. It was not run"
        return warning(
            name, text, "Run `statusline doctor` of that installation, or `statusline install` to use this one."
        )
    kind = "a wrapper script for Python" if _is_script(baked.python) else "not this installation's Python"
    text = f"{baked.python}, which the configured command starts, is {kind}. It was not run"
    return warning(name, text, how_to_cure(context), fix=cure(context))


def _is_script(python: Path) -> bool:
    """Return whether it is a script such as a shim of pyenv or asdf, which adds 100 ms to every start."""
    if not python.is_file():
        return False
    with python.open("rb") as file:
        return file.read(2) == b"#!"


def cure(context: Context) -> Callable[[], object] | None:
    """Return a fix that writes the paths of this installation into the command, and keeps cache and configuration.

    None if the command is not in the user's settings: those of a project or an administrator are never changed.
    """
    scope = context.line
    if scope is None or not scope.trusted or scope.name != "user":
        return None
    return lambda: set_line(scope.path, tick_command(context.cache, context.config_path))


def how_to_cure(context: Context) -> str:
    """Return the next step for a command with wrong paths."""
    return (
        REWRITE
        if cure(context)
        else "Ask your administrator to run `statusline install` again and to copy the resulting command."
    )


def package(context: Context) -> Path:
    """Return the folder of the `statusline` package that draws the line."""
    own = Path(statusline.__file__ or "").parent
    return context.paths.main.parent if context.paths and context.paths.main.exists() else own


def files(context: Context) -> Finding:
    """Check that the installed files, including the merged modules, are unchanged."""
    name, site = "files", package(context).parent
    record = next(iter(sorted(site.glob("hudline-*.dist-info/RECORD"))), None)
    if record is None or not any(row[0].startswith("statusline/") for row in _rows(record)):
        return skipped(name, "running from a checkout: nothing to verify")
    odd = [where for where, digest in _recorded_files(record) if _digest(site / where) != digest]
    if odd:
        return warning(name, f"{', '.join(odd[:3])} in {site} missing or changed since it was installed", AGAIN)
    version = record.parent.name.removeprefix("hudline-").removesuffix(".dist-info")
    other = "" if site.samefile(Path(statusline.__file__ or "").parents[1]) else ", a different installation"
    return ok(name, f"hudline {version} in {site}{other}")


def _recorded_files(record: Path) -> Iterator[tuple[str, str]]:
    """Yield path and sha256 of our packages' files, as recorded by the wheel."""
    for where, digest, *_ in _rows(record):
        if where.startswith(("statusline/", "cache/")) and digest.startswith("sha256="):
            yield where, digest.removeprefix("sha256=")


def _rows(record: Path) -> list[list[str]]:
    with record.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(file) if len(row) >= 2]


def _digest(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError:
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def bytecode(context: Context) -> Finding:
    """Check that the tick's modules are compiled: a tick has no time for that."""
    name, folder = "bytecode", package(context)
    merged = folder / "hot.py"
    if not merged.exists():
        return skipped(name, "not needed in a checkout")
    if _is_compiled(merged):
        return ok(name, f"{merged.name} is compiled")
    if folder.resolve() != Path(statusline.__file__ or "").parent.resolve():
        return warning(name, f"{merged} is not compiled", "Run `statusline doctor --fix` of that installation.")
    step = "Run `statusline doctor --fix` to compile it." if os.access(folder, os.W_OK) else AGAIN
    return warning(name, f"{merged} is not compiled", step, fix=compile_packages)


def _is_compiled(source: Path) -> bool:
    """Return whether the bytecode matches this source. Its header: magic, flags, mtime, size; 4 bytes each."""
    try:
        header = Path(importlib.util.cache_from_source(str(source))).read_bytes()[:16]
        facts = source.stat()
    except OSError:
        return False
    if header[:4] != importlib.util.MAGIC_NUMBER:
        return False
    flags = int.from_bytes(header[4:8], "little")
    times = (int(facts.st_mtime) & 0xFFFFFFFF, facts.st_size & 0xFFFFFFFF)
    return bool(flags) or times == (int.from_bytes(header[8:12], "little"), int.from_bytes(header[12:16], "little"))
