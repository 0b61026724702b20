"""An installation with a mistake in it: one function raises as soon as it is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path

from tests.support.package_layout import hot_builder

SECRET = "sk-ant-oat01-CANARY-in-a-message"
MISTAKE = f"raise ValueError({SECRET!r})"


def functions_in(file: Path) -> list[str]:
    """Return the names of the functions and methods in a file, each once."""
    nodes = ast.walk(ast.parse(file.read_text()))
    return list(dict.fromkeys(node.name for node in nodes if isinstance(node, ast.FunctionDef)))


@contextmanager
def broken(door: Path, name: str, function: str, mistake: str = MISTAKE) -> Iterator[None]:
    """Put a mistake at the beginning of a function in a file of the packages that a door belongs to, for a while.

    ``name`` is the file's path from the packages' folder. Where there is a merged module, it is made again.
    """
    file = door.parents[1] / name
    whole = file.read_text()
    nodes = [node for node in ast.walk(ast.parse(whole)) if isinstance(node, ast.FunctionDef)]
    starts = [node.body[0] for node in nodes if node.name == function]
    assert starts, f"{name} has no {function}"
    lines = whole.splitlines(keepends=True)
    for first in sorted(starts, key=lambda node: node.lineno, reverse=True):
        lines.insert(first.lineno - 1, f"{' ' * first.col_offset}{mistake}\n")
    _rewrite({file: "".join(lines)})
    merged = hot_builder().merge(door.parents[1]) if (door.parent / "hot.py").exists() else {}
    made = {door.parent / name: source for name, source in merged.items()}
    before = {file: whole, **{path: path.read_text() for path in made}}
    _rewrite(made)
    try:
        yield
    finally:
        _rewrite(before)


def _rewrite(files: dict[Path, str]) -> None:
    """Write files, and remove their bytecode: it is known to be old by second and size alone."""
    for file, text in files.items():
        file.write_text(text)
        Path(cache_from_source(str(file))).unlink(missing_ok=True)
