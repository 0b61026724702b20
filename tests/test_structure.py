"""The shape of the program: which file may import which, and how many files a folder holds."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

from tests.conftest import LONGEST
from tests.support.paths import ROOT

HOT = {"statusline", "statusline/segments", "statusline/render", "cache/model", "cache/readings"}
FILES_AT_MOST = 20  # besides `__init__.py`
SHORT = 25  # lines
# Short files, and why each is not part of another.
SHORT_FOR_A_REASON = {
    "cache/model/version.py": "only a tick whose usage has no version loads it",
    "cache/sources/claude/paths.py": "every reader of Claude Code's files asks it where they are",
    "cache/sources/configuration.py": "readers of the configuration in several folders need it",
    "statusline/__main__.py": "it is compiled at every tick",
    "statusline/commands/config_check/problem.py": "a dry run from a checkout needs it without the check's library",
    "statusline/commands/doctor_checks/prices.py": "one topic of the doctor, as the other files there",
    "statusline/commands/support/branch.py": "commands name a branch as the line does, and it has no other subject",
    "statusline/commands/support/folder.py": "commands of every kind need it, and it has no other subject",
    "statusline/commands/support/plain_text.py": "what every text from outside passes before a command shows it",
    "statusline/readable.py": "the entry point, which is compiled at every tick, leaves it to this",
    "statusline/render/timefmt.py": "every line needs it, while clock.py is loaded only where a time of day is shown",
    "statusline/segments/context.py": "one topic of the segments, loaded alone by the merged module",
}


def files() -> list[Path]:
    return sorted(each for package in ("statusline", "cache") for each in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    """Return the dotted name of a file."""
    where = path.relative_to(ROOT).with_suffix("")
    return ".".join(where.parts[:-1] if where.name == "__init__" else where.parts)


MODULES = {name_of(path): path for path in files()}
PACKAGES = {name for name, path in MODULES.items() if path.name == "__init__.py"}


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
    return {name for name in found if name in MODULES and name not in PACKAGES}


@functools.cache  # not when the tests are collected, which each worker does
def imports() -> dict[str, set[str]]:
    """Return the modules that each module imports."""
    return {name: imports_of(path) for name, path in MODULES.items()}


def circle_from(name: str, path: tuple[str, ...], done: set[str]) -> tuple[str, ...]:
    """Return a circle of imports that is met on the way from a module, empty where there is none."""
    if name in path:
        return (*path[path.index(name) :], name)
    if name in done:
        return ()
    for each in sorted(imports()[name]):
        circle = circle_from(each, (*path, name), done)
        if circle:
            return circle
    done.add(name)
    return ()


def test_no_file_imports_itself_by_a_circle() -> None:
    done: set[str] = set()
    circles = {circle for name in sorted(imports()) if (circle := circle_from(name, (), done))}
    assert circles == set()


def test_the_cache_does_not_know_what_is_shown() -> None:
    assert {
        (name, each)
        for name, imported in imports().items()
        for each in imported
        if name.startswith("cache") and each.startswith("statusline")
    } == set()


def is_hot(name: str) -> bool:
    return str(MODULES[name].relative_to(ROOT).parent) in HOT


def test_hot_files_import_hot_files_alone() -> None:
    assert {(name, each) for name in imports() if is_hot(name) for each in imports()[name] if not is_hot(each)} == set()


def test_no_folder_is_crowded() -> None:
    folders = {path.parent for path in files()}
    counts = {str(folder.relative_to(ROOT)): len(list(folder.glob("[!_]*.py"))) for folder in folders}
    assert {folder: count for folder, count in counts.items() if count > FILES_AT_MOST} == {}


def test_the_longest_files_of_tests_exist() -> None:
    assert {name for name in LONGEST if not list((ROOT / "tests").rglob(name))} == set()


def test_a_short_file_has_a_reason() -> None:
    short = {
        str(path.relative_to(ROOT))
        for path in files()
        if path.name != "__init__.py" and len(path.read_text(encoding="utf-8").splitlines()) < SHORT
    }
    assert short == set(SHORT_FOR_A_REASON)


# Participles say what something is, not what a function does or returns.
PARTICIPLES = {
    *("told", "said", "given", "found", "drawn", "kept", "shown", "made", "seen", "taken", "done", "known", "named"),
    *("painted", "linked", "joined", "opened", "written", "asked", "untold", "silenced", "mended"),
}


def functions() -> list[tuple[str, str]]:
    """Return the file and the name of every function of the program."""
    return [
        (str(path.relative_to(ROOT)), node.name)
        for path in files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def test_a_function_is_named_by_a_verb_or_by_what_it_returns() -> None:
    assert [(file, name) for file, name in functions() if name.strip("_") in PARTICIPLES] == []


# Words and phrases that read as translated; the usual word is in the comment.
QUAINT = {
    r"\banew\b": "again",
    r"\bmend(s|ed|ing)?\b(?!\")(?! +the names)": "fix",  # doctor --json has a key of this name
    r"\b(somebody|nobody)\b": "another process, nothing",
    r"\breckon": "estimate",
    r"\bbe it\b": "whether",
    r"\bcounts for nothing\b": "is ignored",
    r"\bwho calls\b": "the caller",
}


def test_the_program_speaks_plain_english() -> None:
    texts = [*files(), ROOT / "install.sh", ROOT / "README.md", *ROOT.glob(".github/*.md"), *ROOT.glob("*/README.md")]
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {pattern} ({instead})"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for pattern, instead in QUAINT.items()
        if re.search(pattern, line, re.IGNORECASE)
    ]
    assert lines == []
