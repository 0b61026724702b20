"""The shape of the program: which file may import which, and how many files a folder holds."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.support.paths import ROOT

HOT = {"statusline", "statusline/segments", "statusline/render", "cache/model", "cache/readings"}
FILES_AT_MOST = 20
SHORT = 25  # lines
# Short files, and why each is one of its own.
SHORT_FOR_A_REASON: dict[str, str] = {}


def files() -> list[Path]:
    return sorted(each for package in ("statusline", "cache") for each in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    """Return the dotted name of a file."""
    where = path.relative_to(ROOT).with_suffix("")
    return ".".join(where.parts[:-1] if where.name == "__init__" else where.parts)


MODULES = {name_of(path): path for path in files()}


def imports_of(path: Path) -> set[str]:
    """Return our modules that a file imports: at once, late, by name (`further_module`), or for its types alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "further_module":
            found |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
    packages = {name_of(path) for path in files() if path.name == "__init__.py"}
    return {name for name in found if name in MODULES and name not in packages}


GRAPH = {name: imports_of(path) for name, path in MODULES.items()}


def circle_from(name: str, path: tuple[str, ...], done: set[str]) -> tuple[str, ...]:
    """Return a circle of imports that is met on the way from a module, empty where there is none."""
    if name in path:
        return (*path[path.index(name) :], name)
    if name in done:
        return ()
    for each in sorted(GRAPH[name]):
        circle = circle_from(each, (*path, name), done)
        if circle:
            return circle
    done.add(name)
    return ()


def test_no_file_imports_itself_by_a_circle() -> None:
    done: set[str] = set()
    circles = {circle for name in sorted(GRAPH) if (circle := circle_from(name, (), done))}
    assert circles == set()


def test_the_cache_does_not_know_what_is_shown() -> None:
    assert {
        (name, each)
        for name, imported in GRAPH.items()
        for each in imported
        if name.startswith("cache") and each.startswith("statusline")
    } == set()


def is_hot(name: str) -> bool:
    return str(MODULES[name].relative_to(ROOT).parent) in HOT


def test_hot_files_import_hot_files_alone() -> None:
    assert {(name, each) for name in GRAPH if is_hot(name) for each in GRAPH[name] if not is_hot(each)} == set()


def test_no_folder_is_crowded() -> None:
    folders = {path.parent for path in files()}
    counts = {str(folder.relative_to(ROOT)): len(list(folder.glob("*.py"))) for folder in folders}
    assert {folder: count for folder, count in counts.items() if count > FILES_AT_MOST} == {}


def test_a_short_file_has_a_reason() -> None:
    short = {
        str(path.relative_to(ROOT))
        for path in files()
        if path.name != "__init__.py" and len(path.read_text(encoding="utf-8").splitlines()) < SHORT
    }
    assert short == set(SHORT_FOR_A_REASON)
