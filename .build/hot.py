"""Merges the hot files into three modules while the wheel is made: one import instead of a dozen.

``statusline/hot.py`` is what every default line needs, ``statusline/news.py`` what takes in news and starts jobs,
``statusline/further.py`` what richer rows need. The readable files stay the truth: the merged modules are made from
them, have their names in one namespace, and are used only from an installed wheel; a checkout runs the readable files.
"""

from __future__ import annotations

import ast
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # the tests import `merge` alone
    BuildHookInterface = object  # type: ignore[assignment,misc]

LAST = "statusline.tick"
NEWS = (
    *(f"cache.readings.{name}" for name in ("news", "switch", "takeover", "writer")),
    *("cache.model.rfc3339", "statusline.debug", "statusline.spawn"),
)
FURTHER = (
    *("statusline.background", "statusline.config_parse"),
    *(f"statusline.render.{name}" for name in ("graphemes", "powerline", "priority")),
)
TOPICS = ("context", "place", "session", "usage")  # those of the default line; the others are imported when used
PACKAGES = ("statusline", "cache")
SAID = '"""Made from the readable files while the wheel was built; do not edit."""'
# What the first module defines, the others have too; nothing rebinds a name of its own later.
SHARED = """
core = vars(sys.modules["statusline.hot"])
globals().update({name: each for name, each in core.items() if name[:2] != "__"})
"""
# What is looked for before a module is used: one that is cut between two lines is no error of syntax.
ENDS = {"hot": "door = main", "news": "ends = True", "further": "ends = True"}


class HotModule(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the merged module to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the merged module to a temporary folder; an editable install goes without."""
        if version == "editable":
            return
        self.folder = tempfile.mkdtemp()
        for name, source in merge(Path(self.root)).items():
            made = Path(self.folder) / name
            made.write_text(source, encoding="utf-8")
            build_data["force_include"][str(made)] = f"statusline/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Take the temporary folder away again."""
        if version != "editable":
            shutil.rmtree(self.folder)


def merge(root: Path) -> dict[str, str]:
    """Return the sources of the merged modules by file name: ``hot.py``, and two that build on it."""
    groups = merged_groups(root)
    merged = {module: name for name, modules in groups.items() for module in modules}
    owner: dict[str, str] = {}
    sources = {}
    for name, modules in groups.items():
        _check_imports(root, name, merged)
        head = f"MERGED = {merged!r}\n" if name == "hot" else SHARED
        sources[f"{name}.py"] = f"{SAID}\nimport sys\n{head}{_joined(root, modules, owner)}\n{ENDS[name]}\n"
    return sources


def merged_groups(root: Path) -> dict[str, list[str]]:
    """Return which modules each merged module is made of, each behind those it imports."""
    core = hot_modules(root)
    news = _with_imports(root, NEWS, core)
    topics = sorted((root / "statusline" / "segments").glob("[!_]*.py"))
    named = [*(f"statusline.segments.{topic.stem}" for topic in topics), *FURTHER]
    return {"hot": core, "news": news, "further": _with_imports(root, named, [*core, *news])}


def _with_imports(root: Path, named: Iterable[str], others: list[str]) -> list[str]:
    """Return the modules named that exist, with what they import of ours, without those in ``others``."""
    order = list(others)
    for module in named:
        if root.joinpath(*module.split(".")).with_suffix(".py").exists():
            _visit(root, module, order)
    return order[len(others) :]


def _check_imports(root: Path, name: str, merged: dict[str, str]) -> None:
    """Raise ValueError where a module imports one that is merged elsewhere than beside it or in ``hot``."""
    for module in [each for each, group in merged.items() if group == name]:
        for imported in _imports(root, module):
            if merged[imported] not in {name, "hot"}:
                raise ValueError(f"{module} imports {imported} of {merged[imported]}.py; load it when it is needed")


def _joined(root: Path, modules: list[str], owner: dict[str, str]) -> str:
    """Return the code of modules as that of one; ``owner`` gathers which of all of them a name belongs to."""
    body: list[ast.stmt] = []
    for module in modules:
        for node in _kept(root, module):
            for name in _bound(node):
                if owner.setdefault(name, module) != module:
                    raise ValueError(f"{name} is defined in {owner[name]} and in {module}; hot names are unique")
            body.append(node)
    return ast.unparse(ast.Module(body, []))


def hot_modules(root: Path) -> list[str]:
    """Return the names of the modules that the default line needs, each behind those it imports."""
    order: list[str] = []
    for topic in TOPICS:
        if (root / "statusline" / "segments" / f"{topic}.py").exists():
            _visit(root, f"statusline.segments.{topic}", order)
    if (
        root / "statusline" / "render" / "priority.py"
    ).exists():  # imported late, but often: with any limit that is urgent
        _visit(root, "statusline.render.priority", order)
    _visit(root, LAST, order)
    return order


def all_hot_modules(root: Path) -> list[str]:
    """Return the names of all modules that are merged."""
    return [module for modules in merged_groups(root).values() for module in modules]


def _tree(root: Path, module: str) -> ast.Module:
    path = root.joinpath(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(source.read_text(encoding="utf-8"))


def _visit(root: Path, module: str, order: list[str]) -> None:
    """Put a module behind those it imports."""
    if module in order:
        return
    for imported in _imports(root, module):
        _visit(root, imported, order)
    order.append(module)


def _imports(root: Path, module: str) -> list[str]:
    """Return the modules of ours that a module imports when it is loaded."""
    found = [node.module or "" for node in _tree(root, module).body if isinstance(node, ast.ImportFrom)]
    return [each for each in found if _is_ours(each)]


def _is_ours(module: str | None) -> bool:
    return (module or "").split(".")[0] in PACKAGES


def _kept(root: Path, module: str) -> list[ast.stmt]:
    """Return what of a module goes into the merged one: all but docstrings, own imports and types."""
    kept: list[ast.stmt] = []
    for node in _tree(root, module).body:
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module):
            if any(alias.asname for alias in node.names):
                raise ValueError(f"{module} renames what it imports from {node.module}; the merged module cannot")
            continue
        if isinstance(node, ast.Import) and [alias.name for alias in node.names] == ["sys"]:
            continue
        if _is_types_only(node) or _is_docstring(node):
            continue
        kept.append(_Lean().visit(node))
    return kept


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_types_only(node: ast.stmt) -> bool:
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name):
        return node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id in {"TYPE_CHECKING", "__all__"} for target in node.targets
    )


def _bound(node: ast.stmt) -> list[str]:
    """Return the names that a top-level statement binds; an import of the same module twice is no clash."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


class _Lean(ast.NodeTransformer):
    """Drops docstrings and annotations: they are read from disk at every tick and used by nobody."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.generic_visit(node)
        node.returns = None
        every = [
            *node.args.posonlyargs,
            *node.args.args,
            *node.args.kwonlyargs,
            node.args.vararg,
            node.args.kwarg,
        ]
        for argument in every:
            if argument is not None:
                argument.annotation = None
        return _without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        self.generic_visit(node)
        return _without_docstring(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            return ast.Pass()
        return ast.copy_location(ast.Assign([node.target], node.value, lineno=node.lineno), node)


def _without_docstring(node: Any) -> Any:
    if _is_docstring(node.body[0]):
        node.body = node.body[1:] or [ast.Pass()]
    return node


if __name__ == "__main__":
    for file_name, text in merge(Path(__file__).resolve().parents[1]).items():
        Path(sys.argv[1], file_name).write_text(text, encoding="utf-8")
