"""Loads hot files that the default line does without, as one merged module where there is one."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def further_module(name: "str") -> "ModuleType":
    """Import a hot file that the default line does without.

    In an installed wheel most of them are one module. One that is not finds what it imports under the names of the
    readable files, which then all stand for the merged one. Those are also what is left where the one module is torn.
    Raises ImportError where the file that is needed is torn as well, or gone.
    """
    merged = sys.modules.get("statusline.hot")
    if merged is not None:
        if name in vars(merged)["MERGED"]:
            return merged
        if name in vars(merged)["FURTHER"]:
            try:
                return sys.modules.get("statusline.further") or _beside(merged)
            except Exception:  # noqa: BLE001 - torn in any way
                vars(merged)["FURTHER"] = ()
        sys.modules.update(dict.fromkeys(vars(merged)["MERGED"], merged))
    try:
        return __import__(name, fromlist=("*",))
    except Exception as error:
        raise ImportError(name) from error


def _beside(merged: "ModuleType") -> "ModuleType":
    """Load the other merged module as the first one was: to look for it along the path takes a fortieth of a start."""
    first = vars(merged)["__loader__"]
    loader = first.__class__("statusline.further", first.path[: -len("hot.py")] + "further.py")
    further = type(sys)(loader.name)
    further.__file__ = loader.path
    loader.exec_module(further)
    if "further_ends" in vars(further):
        sys.modules[loader.name] = further
        return further
    raise ImportError(loader.path)
