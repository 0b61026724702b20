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
    ("change", "count"),
    [("", 2), ("a link to the folder", 2), ("the source", 1), ("the head", 1), ("the end", 0)],
)
def test_bytecode_is_read_without_the_loader_while_its_source_is_the_same(
    merged: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, count: int
) -> None:
    """The bytecode has another number here, to tell it from the source; where it is torn, the readable file is used."""
    monkeypatch.setitem(sys.modules, "statusline.further", None)  # restored at the end of the test
    del sys.modules["statusline.further"]
    if change == "a link to the folder":
        (tmp_path / "link").symlink_to(tmp_path)
        merged.__loader__ = SourceFileLoader("statusline.hot", str(tmp_path / "link" / "hot.py"))
    source = tmp_path / "further.py"
    source.write_text("count = 1\nends = True\n")
    compile_leanly(source)
    bytecode = Path(cache_from_source(str(source)))
    code = compile("count = 2\ndef place(): pass\nends = True\n", str(source), "exec")
    data = bytecode.read_bytes()[:16] + marshal.dumps(code)
    if change == "the source":
        source.write_text("count = 1  # longer\nends = True\n")
    if change == "the head":
        data = bytes([data[0] ^ 1]) + data[1:]
    bytecode.write_bytes(data[:-9] if change == "the end" else data)
    if count == 2:
        monkeypatch.setattr(SourceFileLoader, "get_code", None, raising=False)
    found = further_module(NAME)
    assert vars(found).get("count", 0) == count
    assert (found.__name__ == NAME) == (count == 0)
    if count == 2:
        assert found.place.__code__.co_filename == vars(merged)["__loader__"].path.replace("hot.py", "further.py")


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
