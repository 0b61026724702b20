"""The lean bytecode is what Python takes for its own, and an error in it is still an error."""

from __future__ import annotations

import importlib.util
import marshal
import os
import subprocess
import sys
from pathlib import Path

from statusline.commands.support.bytecode import compile_leanly

SOURCE = """
class Trouble(Exception):
    pass
def fail():
    try:
        raise Trouble("inner")
    except Trouble as trouble:
        raise ValueError("outer") from trouble
def count():
    return [each for each in range(3)]
"""

USE = """
import sys
sys.path.insert(0, sys.argv[1])
import hot
try:
    hot.fail()
except ValueError as error:
    print(error, "from", error.__cause__, hot.count(), hot.fail.__code__.co_linetable)
"""


def test_python_loads_it_and_errors_are_caught_as_ever(tmp_path: Path) -> None:
    source = tmp_path / "hot.py"
    source.write_text(SOURCE)
    compile_leanly(source)
    done = subprocess.run([sys.executable, "-I", "-c", USE, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "outer from inner [0, 1, 2] b''\n"


def test_it_holds_no_line_tables(tmp_path: Path) -> None:
    source = tmp_path / "hot.py"
    source.write_text(SOURCE)
    compile_leanly(source)
    code = marshal.loads(  # noqa: S302 - our own file
        Path(importlib.util.cache_from_source(str(source))).read_bytes()[16:]
    )
    assert code.co_linetable == b""
    assert [each.co_linetable for each in code.co_consts if hasattr(each, "co_linetable")] == [b"", b"", b""]


def test_a_changed_source_is_compiled_again(tmp_path: Path) -> None:
    source = tmp_path / "hot.py"
    source.write_text(SOURCE)
    compile_leanly(source)
    source.write_text(SOURCE.replace("range(3)", "range(5)"))
    os.utime(source, (1, 1))
    done = subprocess.run([sys.executable, "-I", "-c", USE, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "[0, 1, 2, 3, 4]" in done.stdout


def test_a_folder_that_cannot_be_written_is_left_to_python(tmp_path: Path) -> None:
    source = tmp_path / "hot.py"
    source.write_text(SOURCE)
    (tmp_path / "__pycache__").write_text("no folder")
    compile_leanly(source)
    assert (tmp_path / "__pycache__").read_text() == "no folder"
