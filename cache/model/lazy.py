"""Loads hot files that the default line does not need, from a merged module where there is one."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any


namespace: "Any" = type(sys.implementation)  # `types.SimpleNamespace`, without importing `types`


def extension_module(name: "str") -> "ModuleType":
    """Import a module that is part of the interpreter, or a shared library beside its others.

    To search the path for the library takes 2 % of a start (155 of 8300 microseconds for ``_json`` on 3.11).
    """
    if name not in sys.modules and name not in sys.builtin_module_names:
        import _imp  # noqa: PLC0415 - part of the interpreter, and loaded by its start

        for folder in [each for each in sys.path if each.endswith("lib-dynload")]:
            try:
                origin = f"{folder}/{name}{_imp.extension_suffixes()[0]}"
                module = _imp.create_dynamic(namespace(name=name, origin=origin))
                _imp.exec_dynamic(module)
                sys.modules[name] = module
                break
            except ImportError:
                continue  # a build that keeps it elsewhere
    return __import__(name)


def further_module(name: "str") -> "ModuleType":
    """Import a hot file that the default line does not need.

    In an installed wheel most of them are in one of the merged modules. Any other finds its imports under the names of
    the readable files, which are all aliases of the first merged module. The readable files are also used where a
    merged module is torn. Raises ImportError where the readable file is torn or missing, too.
    """
    merged = sys.modules.get("statusline.hot")
    if merged is not None:
        group_of = vars(merged)["MERGED"]
        group = group_of.get(name)
        if group == "hot":
            return merged
        if group is not None:
            try:
                return sys.modules.get(f"statusline.{group}") or _beside(merged, group)
            except Exception:  # noqa: BLE001 - the file may be torn in any way
                vars(merged)["MERGED"] = {each: where for each, where in group_of.items() if where != group}
        _alias(merged)
    try:
        return __import__(name, fromlist=("*",))
    except Exception as error:
        raise ImportError(name) from error


def late(group: "str", module: "str", name: "str") -> "Callable[..., Any]":
    """Return a function of a hot file that is loaded with its first call; only merged modules use this.

    It is in another merged module, or in the readable file where that one is torn. Calling it raises ImportError where
    both are.
    """

    def call(*arguments: "Any", **options: "Any") -> "Any":
        merged = sys.modules["statusline.hot"]
        try:
            found = sys.modules.get(f"statusline.{group}") or _beside(merged, group)
        except Exception:  # noqa: BLE001 - the file may be torn in any way
            found = _readable(merged, module)
        owner, _, method = name.rpartition(".")
        function = getattr(vars(found)[owner], method) if owner else vars(found)[method]
        return function(*arguments, **options)

    return call


def _readable(merged: "ModuleType", name: "str") -> "ModuleType":
    """Run the readable file of a module that is merged; what it imports is merged."""
    _alias(merged)
    first = vars(merged)["__loader__"]
    module = type(sys)(name)
    try:
        first.__class__(name, f"{_folder_of(first.path)}../{name.replace('.', '/')}.py").exec_module(module)
    except Exception as error:
        raise ImportError(name) from error
    return module


def _alias(merged: "ModuleType") -> "None":
    """Let imports of the readable files find the first merged module."""
    sys.modules.update({each: merged for each, where in vars(merged)["MERGED"].items() if where == "hot"})


def _folder_of(path: "str") -> "str":
    return path[: max(path.rfind("/"), path.rfind("\\")) + 1]


def _beside(merged: "ModuleType", group: "str") -> "ModuleType":
    """Run another merged module in the namespace of the first, which has what it needs; no name is bound in both.

    To look for it along the path takes a fortieth of a start, to copy the names another one.
    """
    names = vars(merged)
    first = names["__loader__"]
    loader = first.__class__(f"statusline.{group}", f"{_folder_of(first.path)}{group}.py")
    code = loader.get_code(loader.name)
    if "ends" not in code.co_names:  # its last line: a file cut off between two lines is valid Python
        raise ImportError(loader.path)
    exec(code, names)  # noqa: S102 - what an import does
    sys.modules[loader.name] = merged
    return merged
