"""Loads hot files, and functions of hot files, that few ticks need: from a merged module where there is one."""

import sys

from cache.model.files import read_file, times_of

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
    """Return a stand-in that loads a function with its first call; only merged modules use it."""

    def stand_in(*arguments: "Any", **options: "Any") -> "Any":
        return _late_function(group, module, name)(*arguments, **options)

    return stand_in


def _late_function(group: "str", module: "str", name: "str") -> "Any":
    """Return the function from another merged module, or from its readable file if that module is torn or lacks it.

    Raises ImportError if both are torn.
    """
    merged = sys.modules["statusline.hot"]
    names = vars(merged)
    try:
        sys.modules.get(f"statusline.{group}") or _beside(merged, group)
    except Exception:  # noqa: BLE001, S110 - the file may be torn in any way
        pass
    owner, _, method = name.rpartition(".")
    found = _function_in(names, owner, method)
    if found.__name__ == "stand_in":  # the module is torn, or of another version
        found = _with_names(_function_in(vars(_readable(merged, module)), owner, method), names)
        if owner:
            setattr(names[owner], method, found)
        else:
            names[method] = found
    return found


def _function_in(names: "dict[str, Any]", owner: "str", name: "str") -> "Any":
    return vars(names[owner])[name] if owner else names[name]


def _with_names(function: "Any", names: "dict[str, Any]") -> "Any":
    """Return a function that uses these globals: a second copy of its module would have its own classes and lists."""
    made = type(function)(function.__code__, names, function.__name__, function.__defaults__)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _readable(merged: "ModuleType", name: "str") -> "ModuleType":
    """Run the readable file of a merged module; what it imports comes from the first merged module."""
    _alias(merged)
    module = type(sys)(name)
    try:
        _loader_of(merged, name, f"../{name.replace('.', '/')}.py").exec_module(module)
    except Exception as error:
        raise ImportError(name) from error
    return module


def _alias(merged: "ModuleType") -> "None":
    """Let imports of the readable files find the first merged module."""
    sys.modules.update({each: merged for each, where in vars(merged)["MERGED"].items() if where == "hot"})


def _loader_of(merged: "ModuleType", name: "str", file: "str") -> "Any":
    """Return a loader for a module from a file, whose path is given from the folder of the first merged module."""
    # Whoever runs the entry point in a namespace of their own has another loader there, without a path.
    path = getattr(vars(merged)["__loader__"], "path", _loader_of.__code__.co_filename)
    folder = path[: max(path.rfind("/"), path.rfind("\\")) + 1]
    return sys.modules["_frozen_importlib_external"].SourceFileLoader(name, folder + file)


def _code_of(loader: "Any") -> "Any":
    """Return what a loader returns: the bytecode of its file where that is current, else what it compiles.

    The loader's own way takes a twentieth of a millisecond longer for each module: for the three of the preset `full`,
    1.2 % of a start (135 of 11500 microseconds on 3.11).
    """
    import _imp  # noqa: PLC0415 - part of the interpreter, and loaded by its start

    folder, _, file = loader.path.rpartition("/")
    data = read_file(f"{folder}/__pycache__/{file[:-3]}.{sys.implementation.cache_tag}.pyc")
    mtime_ns, size = times_of(loader.path)
    head = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER
    for fact in 0, mtime_ns // 10**9, size:  # PEP 552: no flags, then the source's time and size
        head += (fact & 0xFFFFFFFF).to_bytes(4, "little")
    if data is None or data[:16] != head:
        return loader.get_code(loader.name)
    code = sys.modules["marshal"].loads(data[16:])
    vars(_imp)["_fix_co_filename"](code, loader.path)  # it may have been compiled by another path of the folder
    return code


def _beside(merged: "ModuleType", group: "str") -> "ModuleType":
    """Run another merged module in the namespace of the first, which has what it needs.

    It binds no name of the first again, except the stand-ins that `late` left there.

    To look for it along the path takes a fortieth of a start, to copy the names another one.
    """
    names = vars(merged)
    loader = _loader_of(merged, f"statusline.{group}", f"{group}.py")
    code = _code_of(loader)
    if "ends" not in code.co_names:  # its last line: a file cut off between two lines is valid Python
        raise ImportError(loader.path)
    exec(code, names)  # noqa: S102 - what an import does
    sys.modules[loader.name] = merged
    return merged
