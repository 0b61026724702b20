"""Loading hot files late: from a merged module, or from the readable files where it is torn."""

from __future__ import annotations

import marshal
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path
from types import ModuleType

import pytest

from cache.model.lazy import extension_module, further_module
from statusline.commands.support.bytecode import compile_leanly

NAME = "cache.model.version"  # any hot file


@pytest.fixture
def merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a first merged module in a folder, with `NAME` in the second one, ``further``."""
    made = ModuleType("statusline.hot")
    made.__loader__ = SourceFileLoader("statusline.hot", str(tmp_path / "hot.py"))
    vars(made)["MERGED"] = {"cache.model.limits": "hot", NAME: "further"}
    monkeypatch.setitem(sys.modules, "statusline.hot", made)
    for name in ("statusline.further", "cache.model.limits"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "cache.model.limits", ModuleType("before"))
    return made


def test_a_file_that_is_merged_first_is_the_first_module(merged: ModuleType) -> None:
    assert further_module("cache.model.limits") is merged


def test_another_is_loaded_once_from_the_merged_module_beside_it(
    merged: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "statusline.further", None)  # restored at the end of the test
    del sys.modules["statusline.further"]
    (tmp_path / "further.py").write_text("count = [1]\nends = True\n")
    found = further_module(NAME)
    found.count.append(2)
    assert further_module(NAME).count == [1, 2]


@pytest.mark.parametrize("text", ["count = (", "raise OSError", "count = 1  # cut off here\n", None])
def test_where_that_is_torn_the_readable_file_is_loaded_from_then_on(
    merged: ModuleType, tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "further.py").write_text(text)
    assert further_module(NAME).__name__ == NAME
    assert sys.modules["cache.model.limits"] is merged, "what it imports is in the first module"
    (tmp_path / "further.py").write_text("ends = True\n")
    assert further_module(NAME).__name__ == NAME


@pytest.mark.parametrize(
    ("change", "count"), [("", 2), ("the source", 1), ("the folder", 2), ("a byte of the head", 1), ("its end", None)]
)
def test_bytecode_is_used_as_long_as_its_source_is_the_same(
    merged: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, count: int | None
) -> None:
    """The bytecode here has another number, to tell it from the source; where it is torn, the readable file is used."""
    monkeypatch.setitem(sys.modules, "statusline.further", None)  # restored at the end of the test
    del sys.modules["statusline.further"]
    source, place = tmp_path / "further.py", "/elsewhere/further.py" if change == "the folder" else None
    source.write_text("count = 1\nends = True\n")
    compile_leanly(source)
    bytecode = Path(cache_from_source(str(source)))
    code = compile("count = 2\nends = True\n", place or str(source), "exec")
    data = bytecode.read_bytes()[:16] + marshal.dumps(code)
    if change == "the source":
        source.write_text("count = 1  # longer\nends = True\n")
    if change == "a byte of the head":
        data = bytes([data[0] ^ 1]) + data[1:]
    bytecode.write_bytes(data[:-9] if change == "its end" else data)
    found = further_module(NAME)
    assert (found.__name__ == NAME, vars(found).get("count")) == (count is None, count)


def test_a_file_that_is_nowhere_is_an_import_error() -> None:
    with pytest.raises(ImportError, match=r"^statusline\.no_such_file$"):
        further_module("statusline.no_such_file")


@pytest.mark.parametrize("is_found", [True, False])
def test_a_shared_library_is_loaded_from_its_folder_or_as_python_finds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_found: bool
) -> None:
    name = "_bisect"  # whose functions no test needs
    before = extension_module(name)
    monkeypatch.delitem(sys.modules, name)
    path = [each for each in sys.path if is_found or not each.endswith("lib-dynload")]
    empty = tmp_path / "lib-dynload"
    empty.mkdir()
    monkeypatch.setattr(sys, "path", [str(empty), *path])
    if is_found:
        assert extension_module(name).insort_right.__name__ == before.insort_right.__name__
    elif name in sys.builtin_module_names:
        assert extension_module(name).__name__ == name
    else:
        with pytest.raises(ImportError):
            extension_module(name)
