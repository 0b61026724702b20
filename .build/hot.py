"""Merges the hot files into nine modules while the wheel is made: one import instead of thirty.

``statusline/hot.py`` is what every default line needs, ``news.py`` what takes in news and starts jobs, ``settings.py``
what reads a configuration file, ``urgent.py`` what a limit that warns, an old number, an operation of git or hints
need, ``wide.py`` what the default row has in wide terminals alone, ``special.py`` what wide letters, times of day,
other signs, the powerline theme and chosen colors need, ``full.py`` what the preset of that name has besides, and
``further.py`` the other functions of its files. Functions of ``hot.py``'s files that few ticks call are moved out of
it: to the module of the one kind of tick that calls them, else to ``seldom.py``. `late.py` lists them. A checkout has
none of these modules and runs the readable files; both do the same.
``python .build/hot.py FOLDER`` writes them to a folder.
"""

from __future__ import annotations

import ast
import shutil
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # the tests import `merge` alone
    BuildHookInterface = object  # type: ignore[assignment,misc]

LAST = "statusline.tick"
NEWS = (
    *(f"cache.readings.{name}" for name in ("news", "switch", "takeover", "writer")),
    *("cache.model.rfc3339", "cache.model.version", "statusline.debug", "statusline.spawn"),
)
SETTINGS = ("statusline.config_parse", "statusline.render.own_steps")
WIDE = tuple(f"statusline.segments.{name}" for name in ("host", "money", "spent", "tokens"))
URGENT = (
    *("statusline.render.priority", "statusline.render.unusual_rows"),
    *("cache.model.git_operation", "statusline.context_steps"),
)
SPECIAL = (
    "cache.model.clock",
    *(f"statusline.render.{name}" for name in ("chosen_colors", "graphemes", "other_glyphs", "powerline")),
    "statusline.segments.working_week",
)
FULL = ("statusline.account_names", "statusline.background")
SELDOM = ("cache.model.trust",)
SPLIT = ("hot", "full")  # merged modules without the functions that `late.py` lists
TOPICS = ("context", "place", "session", "usage")  # of the default line; the others are imported when used
PACKAGES = ("statusline", "cache")
DOCSTRING = '"""Generated from the readable files while the wheel was built; do not edit."""'
# The last lines of each module. A file that is cut off between two lines is still valid Python. Without these lines
# `hot.py` draws nothing, and `_beside` in `cache/model/lazy.py` refuses the others.
ENDS = {
    "hot": """sys.modules["statusline.hot"] = sys.modules[__name__]
if __name__ == "__main__":
    main(sys.argv[1:])""",
    "news": "ends = True",
    "settings": "ends = True",
    "urgent": "ends = True",
    "wide": "ends = True",
    "special": "ends = True",
    "full": "ends = True",
    "further": "ends = True",
    "seldom": "ends = True",
}


class HotModule(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the merged modules to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the merged modules to a temporary folder; an editable install has none."""
        if version == "editable":
            return
        self.folder = tempfile.mkdtemp()
        for name, source in merge(Path(self.root)).items():
            path = Path(self.folder) / name
            path.write_text(source, encoding="utf-8")
            build_data["force_include"][str(path)] = f"statusline/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the temporary folder."""
        if version != "editable":
            shutil.rmtree(self.folder)


def merge(root: Path) -> dict[str, str]:
    """Return the sources of the merged modules by file name: ``hot.py``, and those that run in its namespace."""
    groups = merged_groups(root)
    merged = {module: name for name, modules in groups.items() for module in modules}
    owner: dict[str, str] = {}
    bodies = {name: _join(root, modules, owner) for name, modules in groups.items()}
    late = late_functions(root, owner)
    moved: dict[str, list[ast.stmt]] = {}
    for name in SPLIT:
        for group, statements in _take_out(bodies[name], late, owner).items():
            if name != "hot" and (group in moved or bodies[group]):
                raise ValueError(
                    f"{group}.py has functions of another module than {name}.py, whose names they may miss"
                )
            moved.setdefault(group, []).extend(statements)
    sources = {}
    for name, body in bodies.items():
        _check_imports(root, name, merged)
        head = f"MERGED = {merged!r}\n" if name == "hot" else ""
        text = ast.unparse(ast.Module([*moved.get(name, []), *body], []))
        sources[f"{name}.py"] = f"{DOCSTRING}\nimport sys\n{head}{text}\n{ENDS[name]}\n"
    return sources


def late_functions(root: Path, owner: dict[str, str]) -> dict[str, str]:
    """Return the merged module of each function that ``late.txt`` lists, if its file defines it."""
    file = root / ".build" / "late.txt"
    text = file.read_text(encoding="utf-8") if file.exists() else ""  # the small trees of tests have none
    groups = {}
    for line in text.splitlines():
        group, module, *names = line.split()
        groups.update({name: group for name in names if owner.get(name.partition(".")[0]) == module})
    return groups


def functions_of(root: Path, module: str) -> list[str]:
    """Return the names of a module's functions and methods that could be loaded with their first call."""
    return [name for statement in _tree(root, module).body for name, _ in _movable(statement)]


def _movable(node: ast.stmt) -> list[tuple[str, ast.FunctionDef]]:
    """Return the functions and methods that a top-level statement defines, without decorated ones."""
    if isinstance(node, ast.FunctionDef):
        return [] if node.decorator_list else [(node.name, node)]
    if not isinstance(node, ast.ClassDef):
        return []
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef) and not each.decorator_list]
    return [(f"{node.name}.{each.name}", each) for each in methods if not _needs_class(each)]


def _needs_class(method: ast.FunctionDef) -> bool:
    """Return whether a method works only inside its class: it uses ``super()``, ``__class__`` or ``self.__x``."""
    used = {getattr(each, "id", getattr(each, "attr", "")) for each in ast.walk(method)}
    return any(name in {"super", "__class__"} or (name[:2] == "__" and name[-2:] != "__") for name in used)


def _take_out(body: list[ast.stmt], groups: dict[str, str], owner: dict[str, str]) -> dict[str, list[ast.stmt]]:
    """Replace the listed functions by stand-ins that load them; return those functions by merged module.

    The bytecode that every tick loads gets 16 % smaller by this (on 3.11: 168 to 141 kB), and that of `full.py` 45 %
    (23 to 13 kB).
    """
    moved: dict[str, list[ast.stmt]] = {}
    for number, node in enumerate(body):
        for name, function in _movable(node):
            if name not in groups:
                continue
            statements, group = moved.setdefault(groups[name], []), groups[name]
            stub = ast.parse(f"{function.name} = late({group!r}, {owner[name.partition('.')[0]]!r}, {name!r})").body[0]
            if isinstance(node, ast.ClassDef):
                node.body[node.body.index(function)] = stub
                function.name = name.replace(".", "__")
                statements += [function, ast.parse(f"{name} = {function.name}").body[0]]
            else:
                body[number] = stub
                statements.append(function)
    return moved


def merged_groups(root: Path) -> dict[str, list[str]]:
    """Return the modules in each merged module, each after those it imports."""
    core = hot_modules(root)
    news = _with_imports(root, NEWS, core)
    topics = sorted((root / "statusline" / "segments").glob("[!_]*.py"))
    named = [*(f"statusline.segments.{topic.stem}" for topic in topics), *FULL]
    settings = _with_imports(root, SETTINGS, [*core, *news])
    urgent = _with_imports(root, URGENT, [*core, *news, *settings])
    wide = _with_imports(root, WIDE, [*core, *news, *settings, *urgent])
    special = _with_imports(root, SPECIAL, [*core, *news, *settings, *urgent, *wide])
    full = _with_imports(root, named, [*core, *news, *settings, *urgent, *wide, *special])
    seldom = _with_imports(root, SELDOM, [*core, *news, *settings, *urgent, *wide, *special, *full])
    return {
        "hot": core,
        "news": news,
        "settings": settings,
        "urgent": urgent,
        "wide": wide,
        "special": special,
        "full": full,
        "further": [],
        "seldom": seldom,
    }


def _with_imports(root: Path, named: Iterable[str], others: list[str]) -> list[str]:
    """Return the named modules that exist, with our modules that they import, without those in ``others``."""
    order = list(others)
    for module in named:
        if root.joinpath(*module.split(".")).with_suffix(".py").exists():
            _visit(root, module, order)
    return order[len(others) :]


def _check_imports(root: Path, name: str, merged: dict[str, str]) -> None:
    """Raise ValueError if a module imports one that is merged into neither the same module nor ``hot``."""
    for module in [member for member, group in merged.items() if group == name]:
        for imported in _imports(root, module):
            if merged[imported] not in {name, "hot"}:
                raise ValueError(f"{module} imports {imported} of {merged[imported]}.py; load it when it is needed")


def _join(root: Path, modules: list[str], owner: dict[str, str]) -> list[ast.stmt]:
    """Return the statements of modules as one; ``owner`` collects which module defines each name."""
    body: list[ast.stmt] = []
    for module in modules:
        portable = _Portable(_source(root, module))
        for node in _kept_statements(root, module):
            for name in _bound_names(node):
                if owner.setdefault(name, module) != module:
                    raise ValueError(f"{name} is defined in {owner[name]} and in {module}; hot names are unique")
            body.append(portable.visit(_as_function(node)))
    return body


def hot_modules(root: Path) -> list[str]:
    """Return the names of the modules that the default line needs, each after those it imports."""
    order: list[str] = []
    for topic in TOPICS:
        if (root / "statusline" / "segments" / f"{topic}.py").exists():
            _visit(root, f"statusline.segments.{topic}", order)
    _visit(root, LAST, order)
    return order


def all_hot_modules(root: Path) -> list[str]:
    """Return the names of all modules that are merged."""
    return [module for modules in merged_groups(root).values() for module in modules]


def _tree(root: Path, module: str) -> ast.Module:
    return ast.parse(_source(root, module))


def _source(root: Path, module: str) -> str:
    path = root.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text(encoding="utf-8")


def _visit(root: Path, module: str, order: list[str]) -> None:
    """Append a module after those it imports."""
    if module in order:
        return
    for imported in _imports(root, module):
        _visit(root, imported, order)
    order.append(module)


def _imports(root: Path, module: str) -> tuple[str, ...]:
    """Return our modules that a module imports when it is loaded."""
    return _imports_in(_source(root, module))


@cache
def _imports_in(source: str) -> tuple[str, ...]:
    imported = [node.module or "" for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
    return tuple(name for name in imported if _is_ours(name))


def _is_ours(module: str | None) -> bool:
    return (module or "").split(".")[0] in PACKAGES


def _kept_statements(root: Path, module: str) -> list[ast.stmt]:
    """Return the statements of a module that are merged: all but docstrings, imports of ours and types."""
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


def _bound_names(node: ast.stmt) -> list[str]:
    """Return the names that a top-level statement binds; importing the same module twice is not a clash."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


class _Lean(ast.NodeTransformer):
    """Drops docstrings and annotations: every tick would read them from disk, and nothing uses them."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.generic_visit(node)
        node.returns = None
        arguments = [
            *node.args.posonlyargs,
            *node.args.args,
            *node.args.kwonlyargs,
            node.args.vararg,
            node.args.kwarg,
        ]
        for argument in arguments:
            if argument is not None:
                argument.annotation = None
        return _without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        node.body = [each for each in node.body if not _is_declaration(each)] or [ast.Pass()]
        self.generic_visit(node)
        return _without_docstring(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            return ast.Pass()
        return ast.copy_location(ast.Assign([node.target], node.value, lineno=node.lineno), node)


class _Portable(ast.NodeTransformer):
    """Fixes the text of what ``ast.unparse`` writes differently in each Python.

    So a wheel is the same whichever Python builds it, and runs in all of them: for an f-string, Python 3.12 and later
    choose quotes that are an error in earlier ones. A ``Name`` is written as it is, whatever its text.
    """

    def __init__(self, source: str) -> None:
        self.lines = source.encode().splitlines(keepends=True)  # columns are counted in bytes

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        lines = self.lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        text = b"".join(lines).decode()
        return ast.Name(f"({text})" if "\n" in text else text)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        # Which characters `repr` escapes depends on the version of Unicode.
        return ast.Name(ascii(node.value)) if isinstance(node.value, str) else node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.generic_visit(node)
        has_arguments = ast.unparse(node.args) != ""
        return node if has_arguments else ast.Name(f"(lambda: {ast.unparse(node.body)})")

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            return node
        return ast.Name(f"({', '.join(ast.unparse(each) for each in node.elts)},)", node.ctx)


def _as_function(node: ast.stmt) -> ast.stmt:
    """Return a class that only holds values as a function that makes a namespace: a class takes 0.2 % of a start."""
    if not isinstance(node, ast.ClassDef) or len(node.body) != 1:
        return node
    method = node.body[0]
    if not isinstance(method, ast.FunctionDef) or method.name != "__init__":
        return node
    method.name = node.name
    del method.args.args[0]
    made = ast.parse("type(sys.implementation)()", mode="eval").body  # a `types.SimpleNamespace`
    begun = ast.Assign([ast.Name("self")], made, lineno=node.lineno)
    method.body = [begun, *method.body, ast.Return(ast.Name("self"))]
    return method


def _is_declaration(node: ast.stmt) -> bool:
    """Return whether a statement of a class only declares its attributes: making slots takes 0.6 % of a start."""
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    return isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__slots__"


def _without_docstring(node: Any) -> Any:
    if _is_docstring(node.body[0]):
        node.body = node.body[1:] or [ast.Pass()]
    return node


if __name__ == "__main__":
    for file_name, text in merge(Path(__file__).resolve().parents[1]).items():
        Path(sys.argv[1], file_name).write_text(text, encoding="utf-8")
